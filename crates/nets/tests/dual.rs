//! Tangents carried forward, against central differences; losses on tangents, against differences in the weights.

use burn::module::Module;
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use nets::*;

fn wave(n: usize, phase: f64) -> Vec<f64> {
    (0..n).map(|i| ((i as f64) * 1.3 + phase).sin()).collect()
}

fn tensor<const D: usize>(values: &[f64], shape: [usize; D], dtype: DType, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (device, dtype))
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

/// The derivative at 0 of a function of one number, with an error of order `h^4`.
fn derivative(h: f64, f: impl Fn(f64) -> Vec<f64>) -> Vec<f64> {
    let [a, b, c, d] = [f(-2.0 * h), f(-h), f(h), f(2.0 * h)];
    (0..a.len()).map(|i| (8.0 * (c[i] - b[i]) - (d[i] - a[i])) / (12.0 * h)).collect()
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let scale = expected.iter().fold(1e-3, |a: f64, b| a.max(b.abs()));
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "{what}, entry {i}: {a} against {b}, scale {scale}");
    }
}

#[test]
fn tangents_of_functions_are_central_differences() {
    type Function = fn(Dual<2>) -> Dual<2>;
    let functions: [(&str, Function); 20] = [
        ("exp", Dual::exp),
        ("log", |x| x.add_scalar(3.0).log()),
        ("sqrt", |x| x.add_scalar(3.0).sqrt()),
        ("sin", Dual::sin),
        ("cos", Dual::cos),
        ("tanh", Dual::tanh),
        ("sigmoid", Dual::sigmoid),
        ("silu", Dual::silu),
        ("softplus", Dual::softplus),
        ("relu", Dual::relu),
        ("hard swish", |x| x.mul_scalar(5.0).hard_swish()),
        ("softmax over rows", |x| x.softmax(1)),
        ("softmax over columns", |x| x.softmax(0)),
        ("layer norm", Dual::layer_norm),
        ("masked softmax", |x| {
            let bias = Tensor::from_data([[0.0f64, -1e4, 0.0, -1e4]], (&x.primal.device(), DType::F64));
            (x + bias).softmax(1)
        }),
        ("masked pooling", |x| {
            let mask = Tensor::<2>::from_data([[1.0f64], [0.0], [1.0]], (&x.primal.device(), DType::F64));
            let sum = (x * mask.clone()).sum_dim(0);
            (sum.clone() * sum) / mask.sum_dim(0)
        }),
        ("reshape, swap and slice", |x| x.exp().reshape([2, 3, 2]).swap_dims(0, 2).reshape([4, 3]).slice([1..3, 0..2])),
        ("concatenation with a constant", |x| Dual::cat(vec![x.clone().sin(), x.primal.clone().into(), x.exp()], 1)),
        ("activations by name", |x| {
            Smooth::Silu.value(x.clone()) + Smooth::Tanh.value(x.clone()) * Smooth::Softplus.value(x)
        }),
        ("their slopes", |x| Smooth::Silu.slope(x.clone()) + Smooth::Tanh.slope(x.clone()) * Smooth::Softplus.slope(x)),
    ];
    let device = Device::flex();
    let (x, v) = (wave(12, 0.3), wave(12, 2.0));
    for (name, function) in functions {
        let at = |h: f64| -> Tensor<2> {
            let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
            tensor(&moved, [3, 4], DType::F64, &device)
        };
        let (value, change) = function(Dual::new(at(0.0), tensor(&v, [3, 4], DType::F64, &device))).parts();
        assert_close(name, &host(value), &host(function(at(0.0).into()).primal), 1e-14);
        assert!(function(at(0.0).into()).tangent.is_none(), "{name}: a constant changes");
        let difference = if name.starts_with("concat") {
            // The part that is declared constant does not move.
            let all = derivative(1e-3, |h| host(function(at(h).into()).primal));
            all.iter().enumerate().map(|(i, d)| if (4..8).contains(&(i % 12)) { 0.0 } else { *d }).collect()
        } else {
            derivative(1e-3, |h| host(function(at(h).into()).primal))
        };
        assert_close(name, &host(change), &difference, 1e-9);
    }
}

#[test]
fn tangents_of_sums_products_and_quotients_broadcast_like_their_values() {
    type Operation = fn(Dual<2>, Dual<2>) -> Dual<2>;
    let operations: [(&str, Operation); 4] =
        [("+", |a, b| a + b), ("-", |a, b| a - b), ("*", |a, b| a * b), ("/", |a, b| a / b.add_scalar(3.0))];
    let device = Device::flex();
    let check = |name: &str, operation: Operation, left: [usize; 2], right: [usize; 2], moves: (f64, f64)| {
        let number = |shape: [usize; 2]| shape[0] * shape[1];
        let (a, b) = (wave(number(left), 0.3), wave(number(right), 1.0));
        let (da, db) = (wave(number(left), 2.0), wave(number(right), 3.0));
        let part = |x: &[f64], d: &[f64], shape, h: f64| -> Tensor<2> {
            let moved: Vec<f64> = x.iter().zip(d).map(|(x, d)| x + h * d).collect();
            tensor(&moved, shape, DType::F64, &device)
        };
        let dual = |x: &[f64], d: &[f64], shape, moves: f64| {
            let primal = part(x, d, shape, 0.0);
            if moves == 0.0 { primal.into() } else { Dual::new(primal, tensor(d, shape, DType::F64, &device)) }
        };
        let found = operation(dual(&a, &da, left, moves.0), dual(&b, &db, right, moves.1));
        assert_eq!(found.tangent.as_ref().map(Tensor::dims), Some(found.dims()), "{name}");
        let difference = derivative(1e-3, |h| {
            let (a, b) = (part(&a, &da, left, h * moves.0), part(&b, &db, right, h * moves.1));
            host(operation(a.into(), b.into()).primal)
        });
        assert_close(name, &host(found.parts().1), &difference, 1e-9);
    };
    for moves in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)] {
        for (name, operation) in operations {
            for (left, right) in [([3, 4], [3, 4]), ([3, 4], [1, 4]), ([3, 1], [3, 4]), ([3, 1], [1, 4])] {
                check(name, operation, left, right, moves);
            }
        }
        check("matrix product", |a, b| a.matmul(b), [3, 4], [4, 2], moves);
    }
}

/// The output, with its rate of change, for weights and a point on a device; and how to read the weights' gradients.
type Run = dyn Fn(&[f32], Point, &Device) -> (Dual<1>, Box<Read>);
type Read = dyn Fn(&Gradients) -> Vec<f32>;

/// A network seen as a function of one flat state, one noise level per row, and its weights.
struct Subject {
    name: &'static str,
    weights: Vec<f32>,
    run: Box<Run>,
}

#[derive(Clone)]
struct Point {
    x: Vec<f64>,
    v: Vec<f64>,
    noise: Vec<f64>,
    dnoise: Vec<f64>,
}

const ROWS: usize = 3;

fn subject<M: Module + 'static>(
    name: &'static str,
    net: M,
    run: impl Fn(&M, Point, &Device) -> Dual<1> + 'static,
) -> Subject {
    // Away from zero-initialised layers, and small, so that hard swish stays between its kinks.
    let weights: Vec<f32> = (0..values(&net).len()).map(|i| 0.3 * ((i as f32) * 0.7 + 0.2).sin()).collect();
    let run = Box::new(move |weights: &[f32], point: Point, device: &Device| {
        let net = load(net.clone(), weights);
        let net = if device.is_autodiff() { net.fork(device).train() } else { net };
        let output = run(&net, point, device);
        let read: Box<Read> = Box::new(move |g| gradients(&net, g));
        (output, read)
    });
    Subject { name, weights, run }
}

fn dual<const D: usize>(x: &[f64], v: &[f64], shape: [usize; D], device: &Device) -> Dual<D> {
    Dual::new(tensor(x, shape, DType::F32, device), tensor(v, shape, DType::F32, device))
}

fn flat<const D: usize>(x: Dual<D>) -> Dual<1> {
    let n = x.dims().iter().product();
    x.reshape([n])
}

/// Every network on its own small input: number of state coordinates per row, and the network.
fn subjects() -> Vec<(usize, Subject)> {
    let device = Device::flex();
    let mut all = Vec::new();
    for (name, activation) in [("silu", Smooth::Silu), ("tanh", Smooth::Tanh), ("softplus", Smooth::Softplus)] {
        let config = ToyMlpConfig::new(2).with_hidden(8, 2).with_frequencies(2).with_activation(activation);
        all.push((
            2,
            subject(name, config.init(&device), |net: &ToyMlp, p, device| {
                flat(net.jvp(dual(&p.x, &p.v, [ROWS, 2], device), dual(&p.noise, &p.dnoise, [ROWS, 1], device)))
            }),
        ));
        all.push((
            2,
            subject(name, config.init_energy(&device), |net: &EnergyMlp, p, device| {
                flat(net.jvp(dual(&p.x, &p.v, [ROWS, 2], device), dual(&p.noise, &p.dnoise, [ROWS, 1], device)))
            }),
        ));
    }
    let residual = ResidualMlpConfig { features: 3, conditions: 2, width: 8, layers: 2 };
    all.push((
        3,
        subject("residual", residual.init(&device), |net: &ResidualMlp, p, device| {
            let noise = dual(&p.noise, &p.dnoise, [ROWS, 1], device);
            // Conditions that change too, as MeanFlow's second time does.
            let condition = Dual::cat(vec![noise.clone().sin(), noise.clone().mul_scalar(2.0)], 1);
            flat(net.jvp(dual(&p.x, &p.v, [ROWS, 3], device), noise, condition))
        }),
    ));
    let shape = CloudShape { features: 3, conditions: 2 };
    let epic = EpicConfig { shape, width: 8, global: 4, layers: 2 };
    let transformer = ParticleTransformerConfig { shape, width: 8, heads: 2, layers: 2, global: 4 };
    let clouds =
        [("epic", AnyCloudNet::epic(&epic, &device)), ("transformer", AnyCloudNet::transformer(&transformer, &device))];
    for (name, net) in clouds {
        all.push((
            12,
            subject(name, net, |net: &AnyCloudNet, p, device| {
                let mask: Vec<f64> = (0..4 * ROWS).map(|i| if i % 4 <= i / 4 + 1 { 1.0 } else { 0.0 }).collect();
                let mask: Tensor<3> = tensor(&mask, [ROWS, 4, 1], DType::F32, device);
                let x = dual(&p.x, &p.v, [ROWS, 4, 3], device) * mask.clone();
                let condition: Tensor<2> = tensor(&wave(2 * ROWS, 0.9), [ROWS, 2], DType::F32, device);
                flat(net.jvp(x, mask, dual(&p.noise, &p.dnoise, [ROWS, 1], device), condition.into()))
            }),
        ));
    }
    all
}

fn point(size: usize, state: f64, noise: f64) -> Point {
    let scaled = |x: Vec<f64>, a: f64| x.into_iter().map(|x| a * x).collect();
    Point {
        x: wave(size * ROWS, 0.1),
        v: scaled(wave(size * ROWS, 1.7), state),
        noise: scaled(wave(ROWS, 0.5), 0.5),
        dnoise: scaled(wave(ROWS, 2.5), noise),
    }
}

#[test]
fn tangents_of_networks_are_central_differences_in_state_and_noise_level() {
    let device = Device::flex();
    for (size, subject) in subjects() {
        for (state, noise) in [(1.0, 0.0), (0.0, 1.0), (1.0, -0.7)] {
            let start = point(size, state, noise);
            let (value, change) = (subject.run)(&subject.weights, start.clone(), &device).0.parts();
            let at = |h: f64| {
                let moved = |x: &[f64], d: &[f64]| x.iter().zip(d).map(|(x, d)| x + h * d).collect();
                let x = moved(&start.x, &start.v);
                let noise = moved(&start.noise, &start.dnoise);
                host((subject.run)(&subject.weights, Point { x, noise, ..start.clone() }, &device).0.primal)
            };
            assert_eq!(host(value), at(0.0));
            // Single precision: rounding is 1e-7/h, the error of the stencil h^4 32^5/30 at the fastest Fourier feature.
            assert_close(subject.name, &host(change), &derivative(3e-3, at), 2e-3);
        }
    }
}

#[test]
fn weights_learn_from_losses_on_tangents() {
    let device = Device::flex();
    let tracked = device.clone().autodiff();
    for (size, subject) in subjects() {
        let start = point(size, 1.0, 0.4);
        let loss = |output: Dual<1>| {
            let (value, change) = output.parts();
            (change.clone() * change + value).sum()
        };
        let (output, read) = (subject.run)(&subject.weights, start.clone(), &tracked);
        let tape: Vec<f64> = read(&loss(output).backward()).into_iter().map(f64::from).collect();
        assert_eq!(tape.len(), subject.weights.len());
        let picked: Vec<usize> = (0..tape.len()).step_by(tape.len() / 25 + 1).collect();
        let difference: Vec<f64> = picked
            .iter()
            .map(|&i| {
                let at = |h: f64| {
                    let mut weights = subject.weights.clone();
                    weights[i] += h as f32;
                    host(loss((subject.run)(&weights, start.clone(), &device).0))
                };
                derivative(1e-2, at)[0]
            })
            .collect();
        let scale = tape.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        for (i, d) in picked.iter().zip(difference) {
            assert!((tape[*i] - d).abs() < 3e-3 * scale, "{}, weight {i}: {} against {d}", subject.name, tape[*i]);
        }
    }
}

#[test]
fn the_written_out_gradient_of_a_network_is_that_of_reverse_mode() {
    let device = Device::flex();
    let tracked = device.clone().autodiff();
    for activation in [Smooth::Silu, Smooth::Tanh, Smooth::Softplus] {
        let config = ToyMlpConfig::new(2).with_hidden(16, 3).with_activation(activation);
        let x: Tensor<2> = tensor(&wave(10, 0.4), [5, 2], DType::F32, &device);
        let noise: Tensor<2> = tensor(&wave(5, 0.8), [5, 1], DType::F32, &device);
        let leaf = x.clone().autodiff().require_grad();
        let gradient = |f: Tensor<2>| host(leaf.grad(&f.sum().backward()).unwrap());

        let net = config.init_energy(&tracked);
        let reverse = gradient(net.log_density(leaf.clone(), noise.clone().autodiff()));
        assert_close("energy", &host(net.valid().forward(x.clone(), noise.clone())), &reverse, 1e-5);

        let net = config.init(&tracked);
        let cotangent: Tensor<2> = tensor(&wave(10, 1.9), [5, 2], DType::F32, &device);
        let reverse = gradient(net.forward(leaf.clone(), noise.clone().autodiff()) * cotangent.clone().autodiff());
        let (value, pullback) = net.valid().vjp(x.clone().into(), noise.clone().into(), cotangent);
        assert_close("pullback", &host(pullback.primal), &reverse, 1e-5);
        assert_close("value", &host(value.primal), &host(net.valid().forward(x, noise)), 1e-6);
    }
}

#[test]
fn the_jacobian_of_an_energy_network_is_symmetric() {
    let device = Device::flex();
    let net = ToyMlpConfig::new(3).with_hidden(16, 2).init_energy(&device);
    let x: Tensor<2> = tensor(&wave(12, 0.2), [4, 3], DType::F32, &device);
    let noise = Tensor::<2>::zeros([4, 1], &device);
    let column = |i: usize| {
        let v: Vec<f64> = (0..12).map(|k| f64::from(u8::from(k % 3 == i))).collect();
        host(net.jvp(Dual::new(x.clone(), tensor(&v, [4, 3], DType::F32, &device)), noise.clone().into()).parts().1)
    };
    let columns = [0, 1, 2].map(column);
    for row in 0..4 {
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let (a, b) = (columns[j][3 * row + i], columns[i][3 * row + j]);
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}
