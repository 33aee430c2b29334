//! Runge-Kutta methods by tableau, in both directions of time.

use diffusion::exact::{Component, Gaussian, Mixture};
use diffusion::flow::RungeKutta;
use diffusion::*;

type State = Vec<f64>;

/// Each method with two numbers of steps between the asymptotic regime's beginning and rounding.
const METHODS: [(&str, RungeKutta, [usize; 2]); 5] = [
    ("midpoint", RungeKutta::MIDPOINT, [64, 256]),
    ("heun", RungeKutta::HEUN, [64, 256]),
    ("kutta3", RungeKutta::KUTTA3, [64, 256]),
    ("rk4", RungeKutta::RK4, [64, 256]),
    ("dopri5", RungeKutta::DOPRI5, [32, 64]),
];

/// `n` steps of the Karras grid between `sigma/alpha` 3 and 0.2, towards the data or away from it.
fn carry(method: &RungeKutta, model: &dyn Denoise<State>, x: State, n: usize, to_data: bool) -> State {
    let mut times = Grid::karras(model.path(), 0.2, 3.0, 7.0, n + 1).unwrap().times().to_vec();
    if !to_data {
        times.reverse();
    }
    let mut rng = Rng::new(0);
    times.windows(2).fold(x, |x, w| method.step(model, x, w[0], w[1], &mut (), &mut rng))
}

fn distance(a: &[State], b: &[State]) -> f64 {
    let squares: f64 = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}

#[test]
fn methods_have_their_order_in_both_directions() {
    for name in ["vp", "linear", "cosine"] {
        let path: AnyPath = name.parse().unwrap();
        let part = |weight, mean: [f64; 2], std| Component { weight, mean: mean.to_vec(), std };
        let parts = vec![part(0.4, [1.0, 0.5], 0.7), part(0.6, [-0.8, 0.0], 0.9)];
        let model = Mixture::new(path.clone(), parts).unwrap();
        let sigma = path.at(path.time(-(3f64.ln()))).sigma;
        let far: Vec<State> = Rng::new(21).normal_f64(6, 2).chunks(2).map(|z| z.to_vec().scale(sigma)).collect();
        let run = |method: RungeKutta, n: usize, to_data: bool, from: &[State]| -> Vec<State> {
            from.iter().map(|x| carry(&method, &model, x.clone(), n, to_data)).collect()
        };
        let near = run(RungeKutta::DOPRI5, 1000, true, &far);
        for (method_name, method, steps) in METHODS {
            for (to_data, from, to) in [(true, &far, &near), (false, &near, &far)] {
                let errors = steps.map(|n| distance(&run(method, n, to_data, from), to));
                let slope = (errors[0] / errors[1]).ln() / (steps[1] as f64 / steps[0] as f64).ln();
                let claimed = f64::from(method.order);
                assert!((slope - claimed).abs() < 0.15, "{method_name} on {name}, {to_data}: {slope}, {errors:?}");
            }
        }
    }
}

#[test]
fn the_flow_of_a_normal_is_followed_to_rounding() {
    for name in ["edm", "vp", "linear", "cosine", "ve"] {
        let path: AnyPath = name.parse().unwrap();
        let model = Gaussian::new(path.clone(), vec![0.5, -1.0], vec![0.6, 0.3]).unwrap();
        let (noise, data) = (path.time(-(3f64.ln())), path.time(-(0.2f64.ln())));
        let x = vec![0.9, -1.3].scale(path.at(noise).sigma);
        let there = carry(&RungeKutta::DOPRI5, &model, x.clone(), 400, true);
        // Both ends of the same curve flow to the same data.
        assert!(distance(&[model.flow(&there, data)], &[model.flow(&x, noise)]) < 1e-11, "{name}");
        assert!(distance(&[carry(&RungeKutta::DOPRI5, &model, there, 400, false)], &[x]) < 1e-11, "{name}");
    }
}

#[test]
fn heun_as_a_tableau_is_heun_the_sampler() {
    let model = Mixture::ring(VpLinear::default(), 8, 2.0, 0.3).unwrap();
    let (x, mut rng) = (vec![0.3, -1.1], Rng::new(0));
    let one = RungeKutta::HEUN.step(&model, x.clone(), 0.6, 0.5, &mut (), &mut rng);
    let other = Heun.step(&model, x, 0.6, 0.5, &mut (), &mut rng);
    assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-14));
}
