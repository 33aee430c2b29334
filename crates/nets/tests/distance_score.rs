//! Scores of distances: the chain rule to positions, symmetries, and gradients, against finite differences and autodiff.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use nets::{DistanceScore, DistanceScoreConfig, Links, gradients, host, load, values};

const ATOMS: [usize; 5] = [0, 1, 1, 2, 0];
const LINKS: [(usize, usize, usize); 8] =
    [(0, 1, 0), (1, 2, 1), (2, 3, 0), (3, 4, 0), (0, 2, 2), (1, 3, 2), (2, 4, 2), (0, 3, 3)];

fn wave(n: usize, phase: f32) -> Vec<f32> {
    (0..n).map(|i| (1.3 * i as f32 + phase).sin()).collect()
}

fn matrix(values: Vec<f32>, columns: usize) -> Tensor<2> {
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn links() -> Links {
    Links::new(&ATOMS, &LINKS, &Device::flex())
}

fn network() -> DistanceScore {
    let config = DistanceScoreConfig { atoms: 3, links: 4, width: 12, layers: 3, knots: 6, reach: 3.0 };
    let net = config.init(&Device::flex());
    let flat: Vec<f32> = (0..values(&net).len()).map(|i| 0.35 * (0.7 * i as f32 + 0.2).sin()).collect();
    load(net, &flat)
}

/// The same noise level for all links.
fn noise(device: &Device) -> Tensor<2> {
    Tensor::full([LINKS.len(), 1], -0.3, device)
}

/// Pulls on positions, `[N, 3]`, at a noise.
fn scores(net: &DistanceScore, links: &Links, positions: &Tensor<2>) -> Vec<f32> {
    let (_, distances) = links.apart(positions);
    host(links.chain(positions, net.forward(links, distances, noise(&Device::flex()))))
}

/// `sum_e k_e (d_e - 1)^2 / 2` has slopes `k_e (d_e - 1)`; its derivatives by positions, in double precision by central differences.
#[test]
fn slopes_by_distances_become_slopes_by_positions() {
    let positions = wave(15, 0.4);
    let stiffness: Vec<f64> = (0..LINKS.len()).map(|e| 0.5 + 0.3 * e as f64).collect();
    let length = |x: &[f64], (i, j, _): (usize, usize, usize)| {
        (0..3).map(|k| (x[3 * i + k] - x[3 * j + k]).powi(2)).sum::<f64>().sqrt()
    };
    let energy = |x: &[f64]| -> f64 {
        LINKS.iter().zip(&stiffness).map(|(&link, k)| 0.5 * k * (length(x, link) - 1.0).powi(2)).sum()
    };
    let exact: Vec<f64> = positions.iter().map(|&x| f64::from(x)).collect();
    let slopes = LINKS.iter().zip(&stiffness).map(|(&link, k)| (k * (length(&exact, link) - 1.0)) as f32).collect();
    let found = host(links().chain(&matrix(positions, 3), matrix(slopes, 1)));
    for (k, found) in found.iter().enumerate() {
        let moved = |step: f64| {
            energy(&exact.iter().enumerate().map(|(i, x)| if i == k { x + step } else { *x }).collect::<Vec<_>>())
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((slope - f64::from(*found)).abs() < 1e-5, "{slope} {found}");
    }
}

#[test]
fn scores_turn_with_the_molecule() {
    let (net, links) = (network(), links());
    let positions = wave(15, 0.4);
    let (sin, cos) = 0.8f32.sin_cos();
    for mirror in [1.0, -1.0] {
        // About the z axis, mirrored in it, and along all.
        let turn = |x: &[f32]| vec![cos * x[0] - sin * x[1], sin * x[0] + cos * x[1], mirror * x[2]];
        let turned = positions.chunks(3).flat_map(|x| turn(x).into_iter().map(|v| v + 0.7)).collect();
        let (plain, moved) =
            (scores(&net, &links, &matrix(positions.clone(), 3)), scores(&net, &links, &matrix(turned, 3)));
        let expected: Vec<f32> = plain.chunks(3).flat_map(turn).collect();
        let size = plain.iter().fold(0f32, |m, v| m.max(v.abs()));
        assert!(size > 0.05, "{size}");
        assert!(expected.iter().zip(&moved).all(|(a, b)| (a - b).abs() < 2e-5 * size), "{expected:?} {moved:?}");
        // No force and no torque on the whole.
        for k in 0..3 {
            assert!(plain.iter().skip(k).step_by(3).sum::<f32>().abs() < 1e-4 * size);
        }
    }
}

#[test]
fn scores_are_renumbered_with_the_atoms() {
    let (net, positions) = (network(), wave(15, 0.4));
    let plain = scores(&net, &links(), &matrix(positions.clone(), 3));
    let places = [3, 0, 4, 1, 2];
    let (mut atoms, mut moved) = ([0; 5], vec![0.0; 15]);
    for (i, &p) in places.iter().enumerate() {
        atoms[p] = ATOMS[i];
        moved[3 * p..3 * p + 3].copy_from_slice(&positions[3 * i..3 * i + 3]);
    }
    // Ends swapped and links in another order.
    let renumbered: Vec<_> = LINKS.iter().rev().map(|&(i, j, k)| (places[j], places[i], k)).collect();
    let found = scores(&net, &Links::new(&atoms, &renumbered, &Device::flex()), &matrix(moved, 3));
    for (i, &p) in places.iter().enumerate() {
        assert!((0..3).all(|k| (plain[3 * i + k] - found[3 * p + k]).abs() < 1e-5));
    }
}

#[test]
fn gradients_of_the_weights_are_slopes_of_the_output() {
    let device = Device::flex().autodiff();
    let net = network();
    let flat = values(&net);
    let distances = wave(LINKS.len(), 0.9);
    let sum = |flat: &[f32]| {
        let out = load(network(), flat).forward(&links(), matrix(distances.clone(), 1), noise(&Device::flex()));
        host(out).iter().map(|v| f64::from(*v)).sum::<f64>()
    };
    let tape = net.fork(&device).train();
    let links = Links::new(&ATOMS, &LINKS, &device);
    let input = Tensor::<2>::from_data(TensorData::new(distances.clone(), [LINKS.len(), 1]), &device);
    let found = gradients(&tape, &tape.forward(&links, input, noise(&device)).sum().backward());
    let mut checked = 0;
    for k in (0..flat.len()).step_by(37) {
        let moved = |step: f32| {
            sum(&flat.iter().enumerate().map(|(i, p)| if i == k { p + step } else { *p }).collect::<Vec<_>>())
        };
        let [wide, narrow] = [4e-3f32, 2e-3].map(|h| (moved(h) - moved(-h)) / (2.0 * f64::from(h)));
        // Across a kink of the rectifiers the two differ.
        if (wide - narrow).abs() < 2e-3 {
            assert!((narrow - f64::from(found[k])).abs() < 5e-3, "{k}: {narrow} {}", found[k]);
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}
