//! The symmetries of the E(n)-equivariant network, which hold to rounding whatever its weights are.

use burn::tensor::{Device, Tensor, TensorData};
use nets::{Atoms, CloudShape, Egnn, EgnnAutoencoderConfig, EgnnConfig, Spline, gradients, load, values};

const BATCH: usize = 2;
const ATOMS: usize = 6;
const FEATURES: usize = 5;
const COUNTS: [usize; BATCH] = [6, 4];
/// Some distances lie beyond its end.
const SPLINE: Option<Spline> = Some(Spline { knots: 5, reach: 1.5 });

/// The published network and the one with splines and without perceptrons of its own for the movements, with weights that are far from
/// those of a fresh one, which hardly moves anything.
fn networks(device: &Device) -> [Egnn; 2] {
    let shape = CloudShape { features: FEATURES, conditions: 2 };
    [(None, false), (SPLINE, true)].map(|(spline, shared)| {
        let net = EgnnConfig { shape, width: 16, layers: 3, global: 8, neighbours: 5.0, spline, kinds: 1, shared }
            .init(device);
        let flat: Vec<f32> = (0..values(&net).len()).map(|i| 0.4 * (0.7 * i as f32 + 0.2).sin()).collect();
        load(net, &flat)
    })
}

fn wave(n: usize, phase: f32) -> Vec<f32> {
    (0..n).map(|i| (1.3 * i as f32 + phase).sin()).collect()
}

/// Positions and features of all atoms, `ATOMS` per sample, padding included.
#[derive(Clone)]
struct Molecules {
    positions: Vec<[f32; 3]>,
    features: Vec<[f32; FEATURES]>,
}

fn molecules() -> Molecules {
    let (x, h) = (wave(BATCH * ATOMS * 3, 0.1), wave(BATCH * ATOMS * FEATURES, 0.6));
    Molecules {
        positions: x.chunks(3).map(|c| [c[0], c[1], c[2]]).collect(),
        features: h.chunks(FEATURES).map(|c| std::array::from_fn(|k| c[k])).collect(),
    }
}

fn run(net: &Egnn, molecules: &Molecules) -> Molecules {
    let device = Device::flex();
    let tensor = |data: Vec<f32>, last| Tensor::<3>::from_data(TensorData::new(data, [BATCH, ATOMS, last]), &device);
    let mask = (0..BATCH * ATOMS).map(|i| if i % ATOMS < COUNTS[i / ATOMS] { 1.0 } else { 0.0 }).collect();
    let atoms = Atoms {
        positions: tensor(molecules.positions.concat(), 3),
        features: tensor(molecules.features.concat(), FEATURES),
    };
    let rows = |n, phase| Tensor::<2>::from_data(TensorData::new(wave(BATCH * n, phase), [BATCH, n]), &device);
    let out = net.forward(atoms, tensor(mask, 1), rows(1, 0.5), rows(2, 0.9));
    let host = |t: Tensor<3>| t.into_data().try_to_vec::<f32>().unwrap();
    let (x, h) = (host(out.positions), host(out.features));
    Molecules {
        positions: x.chunks(3).map(|c| [c[0], c[1], c[2]]).collect(),
        features: h.chunks(FEATURES).map(|c| std::array::from_fn(|k| c[k])).collect(),
    }
}

fn close<const N: usize>(a: &[[f32; N]], b: &[[f32; N]]) {
    let size = a.concat().iter().map(|v| v.abs()).fold(0.0, f32::max);
    assert!(size > 0.05, "everything is about zero: {size}");
    for (a, b) in a.concat().iter().zip(b.concat()) {
        assert!((a - b).abs() < 2e-5 * size, "{a} against {b}");
    }
}

/// A rotation, and with `mirrored` a reflection besides.
fn turned(x: [f32; 3], mirrored: bool) -> [f32; 3] {
    let [(s, c), (t, d)] = [0.8f32.sin_cos(), (-1.9f32).sin_cos()];
    let [x, y, z] = x;
    let [x, y, z] = [c * x - s * y, s * x + c * y, z];
    let z = if mirrored { -z } else { z };
    [x, d * y - t * z, t * y + d * z]
}

#[test]
fn movements_turn_with_the_molecule_and_features_do_not() {
    let plain = molecules();
    for (net, mirrored) in networks(&Device::flex()).iter().flat_map(|net| [(net, false), (net, true)]) {
        let expected = run(net, &plain);
        let turn = |m: &Molecules| Molecules {
            positions: m.positions.iter().map(|x| turned(*x, mirrored)).collect(),
            ..m.clone()
        };
        let found = run(net, &turn(&plain));
        close(&found.positions, &turn(&expected).positions);
        close(&found.features, &expected.features);
    }
}

#[test]
fn a_shift_of_the_molecule_changes_nothing_and_the_centre_stays() {
    let plain = molecules();
    let shifted = Molecules {
        positions: plain.positions.iter().map(|[x, y, z]| [x + 1.5, y - 0.7, z + 0.4]).collect(),
        ..plain.clone()
    };
    for net in networks(&Device::flex()) {
        let (expected, found) = (run(&net, &plain), run(&net, &shifted));
        close(&found.positions, &expected.positions);
        close(&found.features, &expected.features);
        for sample in found.positions.chunks(ATOMS) {
            for k in 0..3 {
                assert!(sample.iter().map(|x| x[k]).sum::<f32>().abs() < 1e-5);
            }
        }
    }
}

#[test]
fn atoms_in_another_order_move_the_same_and_padding_does_not_matter() {
    let plain = molecules();
    let order = [2, 0, 3, 1];
    // The first four atoms of each sample change places; the second sample has no others.
    let shuffle = |m: &Molecules| {
        let mut other = m.clone();
        for sample in 0..BATCH {
            for (to, from) in order.iter().enumerate() {
                other.positions[sample * ATOMS + to] = m.positions[sample * ATOMS + from];
                other.features[sample * ATOMS + to] = m.features[sample * ATOMS + from];
            }
        }
        other
    };
    let mut shuffled = shuffle(&plain);
    shuffled.positions[BATCH * ATOMS - 1] = [50.0, -20.0, 3.0];
    shuffled.features[BATCH * ATOMS - 1] = [9.0; FEATURES];
    for net in networks(&Device::flex()) {
        let (found, wanted) = (run(&net, &shuffled), shuffle(&run(&net, &plain)));
        close(&found.positions, &wanted.positions);
        close(&found.features, &wanted.features);
        assert_eq!(found.positions[BATCH * ATOMS - 1], [0.0; 3]);
        assert_eq!(found.features[BATCH * ATOMS - 1], [0.0; FEATURES]);
    }
}

#[test]
fn gradients_are_finite_where_two_atoms_meet() {
    let device = Device::flex().autodiff();
    for net in networks(&device) {
        let positions = Tensor::<3>::zeros([1, 3, 3], &device);
        let atoms = Atoms { positions, features: Tensor::ones([1, 3, FEATURES], &device) };
        let [one, two] = [1, 2].map(|n| Tensor::<2>::ones([1, n], &device));
        let out = net.forward(atoms, Tensor::ones([1, 3, 1], &device), one, two);
        let loss = out.positions.sum() + out.features.sum();
        let flat = gradients(&net, &loss.backward());
        assert!(flat.iter().all(|g| g.is_finite()) && flat.iter().any(|g| *g != 0.0));
    }
}

#[test]
fn a_fresh_network_moves_atoms_a_thousandth_of_their_distances() {
    let shape = CloudShape { features: FEATURES, conditions: 2 };
    let device = Device::flex();
    for (spline, shared) in [(None, false), (SPLINE, true), (SPLINE, false)] {
        let config = EgnnConfig { shape, width: 32, layers: 4, global: 16, neighbours: 5.0, spline, kinds: 1, shared };
        device.seed(4);
        let net = config.init(&device);
        assert_eq!(net.config(), config);
        let out = run(&net, &molecules());
        assert!(out.positions.concat().iter().all(|x| x.abs() < 0.02));
        assert!(out.features.concat().iter().any(|h| h.abs() > 0.02));
    }
}

#[test]
fn latent_points_turn_and_shift_with_the_molecule_and_so_does_what_is_decoded() {
    let device = Device::flex();
    let shape = CloudShape { features: FEATURES, conditions: 0 };
    let config =
        EgnnConfig { shape, width: 16, layers: 1, global: 8, neighbours: 5.0, spline: SPLINE, kinds: 1, shared: true };
    let tensor = |data: Vec<f32>, last| Tensor::<3>::from_data(TensorData::new(data, [BATCH, ATOMS, last]), &device);
    let mask = || tensor((0..BATCH * ATOMS).map(|i| (i % ATOMS < COUNTS[i / ATOMS]).into()).collect(), 1);
    let host = |t: Tensor<3>| t.into_data().try_to_vec::<f32>().unwrap();
    let order = [2, 0, 3, 1, 4, 5];
    let shuffle = |x: &[f32]| -> Vec<f32> {
        let width = x.len() / (BATCH * ATOMS);
        let place = |i: usize| i / ATOMS * ATOMS + order[i % ATOMS];
        (0..BATCH * ATOMS).flat_map(|i| x[place(i) * width..(place(i) + 1) * width].to_vec()).collect()
    };
    type Map<'a> = &'a dyn Fn(&[f32]) -> Vec<f32>;
    let points =
        |f: &dyn Fn([f32; 3]) -> [f32; 3], x: &[f32]| x.chunks(3).flat_map(|c| f([c[0], c[1], c[2]])).collect();
    // Fewer and more latent features than the molecule has.
    for latent in [2, FEATURES + 2] {
        let net = EgnnAutoencoderConfig { network: config, latent, encoder_layers: 1, decoder_layers: 3 }.init(&device);
        let flat: Vec<f32> = (0..values(&net).len()).map(|i| 0.4 * (0.7 * i as f32 + 0.2).sin()).collect();
        let net = load(net, &flat);
        let run = |x: Vec<f32>, h: Vec<f32>| {
            let code = net.encode(Atoms { positions: tensor(x, 3), features: tensor(h, FEATURES) }, mask());
            let back = net.decode(code.clone(), mask());
            assert_eq!((code.features.dims()[2], back.features.dims()[2]), (latent, FEATURES));
            [code.positions, code.features, back.positions, back.features].map(host)
        };
        let (x, h) = (wave(BATCH * ATOMS * 3, 0.1), wave(BATCH * ATOMS * FEATURES, 0.6));
        let plain = run(x.clone(), h.clone());
        let agree = |found: [Vec<f32>; 4], of_points: Map, of_features: Map| {
            for (i, (found, plain)) in found.iter().zip(&plain).enumerate() {
                let expected = if i % 2 == 0 { of_points(plain) } else { of_features(plain) };
                // Padding stays where it was put.
                let real = |x: &[f32]| x[..4 * x.len() / (BATCH * ATOMS)].to_vec();
                let (found, expected) = (real(found), real(&expected));
                let off = found.iter().zip(&expected).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
                let size = expected.iter().map(|b| b * b).sum::<f32>().sqrt();
                assert!(size > 0.1 && off < 1e-5 * size, "output {i}, {latent} features: {off} of {size}");
            }
        };
        let same: Map = &|x| x.to_vec();
        for mirrored in [false, true] {
            let turn: Map = &|x| points(&|c| turned(c, mirrored), x);
            agree(run(turn(&x), h.clone()), turn, same);
        }
        let shift: Map = &|x| points(&|[x, y, z]| [x + 0.5, y - 0.7, z + 0.4], x);
        agree(run(shift(&x), h.clone()), shift, same);
        agree(run(shuffle(&x), shuffle(&h)), &shuffle, &shuffle);
        // The centre stays.
        for k in 0..3 {
            let of = |x: &[f32]| -> Vec<f32> { x.iter().skip(k).step_by(3).take(ATOMS).copied().collect() };
            for after in [&plain[0], &plain[2]].map(|x| of(x)) {
                let size = after.iter().map(|x| x.abs()).sum::<f32>();
                assert!((after.iter().sum::<f32>() - of(&x).iter().sum::<f32>()).abs() < 1e-6 * size.max(1.0));
            }
        }
    }
}
