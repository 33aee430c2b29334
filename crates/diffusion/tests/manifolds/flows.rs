use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use diffusion::Rows;
use diffusion::manifold::{Geodesic, Manifold, Sphere, Torus, flow_matching, flow_matching_rows, integrate};

fn times(from: f64, to: f64, n: usize) -> Vec<f64> {
    (0..=n).map(|i| from + (to - from) * i as f64 / n as f64).collect()
}

/// The order in which the error at `n` and `2 n` steps falls.
fn order(error: impl Fn(usize) -> f64) -> f64 {
    (error(40) / error(80)).log2()
}

#[test]
fn geodesic_integrators_have_their_orders_on_a_turning_sphere() {
    // x' = (1 + 2t) axis × x turns every point by the angle t + t² about the axis.
    let sphere = Sphere::new(3).unwrap();
    let field = |x: &[f64], t: f64| vec![-(1.0 + 2.0 * t) * x[1], (1.0 + 2.0 * t) * x[0], 0.0];
    let start = vec![0.48, 0.36, 0.8];
    let (sin, cos) = 2f64.sin_cos();
    let exact = [cos * start[0] - sin * start[1], sin * start[0] + cos * start[1], start[2]];
    for (method, claimed) in [(Geodesic::Euler, 1.0), (Geodesic::Midpoint, 2.0)] {
        let error =
            |n| sphere.distance(&integrate(&sphere, &field, method, &times(0.0, 1.0, n), start.clone()), &exact);
        assert!((order(error) - claimed).abs() < 0.15, "{method:?}: {}", order(error));
    }
}

#[test]
fn geodesic_integrators_have_their_orders_on_a_circle() {
    // x' = sin(2 pi x)/(2 pi) has tan(pi x(t)) = tan(pi x(0)) exp(t).
    use std::f64::consts::{PI, TAU};
    let torus = Torus::new(1, 1.0).unwrap();
    let field = |x: &[f64], _: f64| vec![(TAU * x[0]).sin() / TAU];
    let exact = ((PI * 0.1).tan() * 2f64.exp()).atan() / PI;
    for (method, claimed) in [(Geodesic::Euler, 1.0), (Geodesic::Midpoint, 2.0)] {
        let error = |n| torus.distance(&integrate(&torus, &field, method, &times(0.0, 2.0, n), vec![0.1]), &[exact]);
        assert!((order(error) - claimed).abs() < 0.15, "{method:?}: {}", order(error));
    }
}

/// The marginal velocity of flow matching from uniform noise to `atoms` with `weights`: each atom's conditional velocity,
/// `-log(x, atom)/t`, weighted by the density of `x_t` given the atom. An atom that cannot have reached `x` counts nothing.
fn marginal(
    m: &dyn Manifold,
    atoms: &[(f64, Vec<f64>)],
    density: impl Fn(&[f64], f64) -> f64,
    x: &[f64],
    t: f64,
) -> Vec<f64> {
    let logs: Vec<Vec<f64>> = atoms.iter().map(|(_, atom)| m.log(x, atom)).collect();
    let mut shares: Vec<f64> = atoms.iter().zip(&logs).map(|((w, _), log)| w * density(log, t)).collect();
    let total: f64 = shares.iter().sum();
    if total == 0.0 {
        // Between two times a point may fall out of every atom's reach: the nearest one claims it.
        let length = |i: &usize| logs[*i].iter().map(|v| v * v).sum::<f64>();
        let nearest = (0..atoms.len()).min_by(|a, b| length(a).total_cmp(&length(b))).unwrap();
        shares[nearest] = 1.0;
    }
    let total: f64 = shares.iter().sum();
    let component = |j: usize| shares.iter().zip(&logs).map(|(s, log)| -s * log[j] / (t * total)).sum();
    (0..x.len()).map(component).collect()
}

/// How many of `n` uniform points the exact field carries to each atom; all end near one.
fn carried(m: &dyn Manifold, atoms: &[(f64, Vec<f64>)], density: impl Fn(&[f64], f64) -> f64, n: usize) -> Vec<f64> {
    let field = |x: &[f64], t: f64| marginal(m, atoms, &density, x, t);
    let mut counts = vec![0.0; atoms.len()];
    for start in m.uniform(&mut Rng::new(7), n).chunks(m.width()) {
        let end = integrate(m, &field, Geodesic::Midpoint, &times(1.0, 0.02, 60), start.to_vec());
        let hit = atoms.iter().position(|(_, atom)| m.distance(&end, atom) < 0.15).expect("an atom nearby");
        counts[hit] += 1.0;
    }
    counts
}

#[test]
fn the_exact_field_on_the_sphere_carries_uniform_noise_to_the_weights_of_its_atoms() {
    // The angle phi between noise and atom has density sin(phi)/2; x_t is at theta = t phi, hence per unit of area
    // sin(theta/t)/(4 pi t sin theta) within theta < pi t.
    let density = |log: &[f64], t: f64| {
        let theta = log.iter().map(|v| v * v).sum::<f64>().sqrt();
        if theta >= std::f64::consts::PI * t { 0.0 } else { (theta / t).sin() / (t * theta.sin().max(1e-12)) }
    };
    let atoms = [(0.2, vec![1.0, 0.0, 0.0]), (0.5, vec![0.0, 0.6, 0.8]), (0.3, vec![0.0, -0.6, -0.8])];
    let n = 1500;
    let counts = carried(&Sphere::new(3).unwrap(), &atoms, density, n);
    for ((w, _), count) in atoms.iter().zip(&counts) {
        let sigma = (n as f64 * w * (1.0 - w)).sqrt();
        assert!((count - n as f64 * w).abs() < 4.0 * sigma, "{counts:?}");
    }
    // With them the mean direction, sum of w_k atom_k, is right.
    let direction = |j: usize| atoms.iter().zip(&counts).map(|((_, a), c)| a[j] * c).sum::<f64>() / n as f64;
    for (j, exact) in [0.2, 0.12, 0.16].into_iter().enumerate() {
        assert!((direction(j) - exact).abs() < 4.0 / (n as f64).sqrt());
    }
}

#[test]
fn the_exact_field_on_the_torus_carries_uniform_noise_to_the_weights_of_its_atoms() {
    // Noise is uniform within half a period of the atom in each coordinate, so x_t is uniform within t/2.
    let density = |log: &[f64], t: f64| if log.iter().all(|v| v.abs() <= 0.5 * t) { t.powi(-2) } else { 0.0 };
    let atoms = [(0.35, vec![0.1, 0.9]), (0.65, vec![0.5, 0.4])];
    let n = 1500;
    let counts = carried(&Torus::new(2, 1.0).unwrap(), &atoms, density, n);
    let sigma = (n as f64 * 0.35 * 0.65).sqrt();
    assert!((counts[0] - 0.35 * n as f64).abs() < 4.0 * sigma, "{counts:?}");
}

#[test]
fn a_batch_of_tensors_has_the_targets_of_its_points() {
    let torus = Torus::new(2, 1.0).unwrap();
    let device = Device::flex();
    let data = Tensor::<3>::from_data([[[0.1, 0.9], [0.3, 0.2]], [[0.7, 0.5], [0.99, 0.01]]], &device);
    let noise = Tensor::<3>::from_data([[[0.8, 0.1], [0.4, 0.6]], [[0.2, 0.9], [0.03, 0.5]]], &device);
    let t = [0.3, 0.8];
    let (x, u) = flow_matching_rows(&torus, &data, &noise, &t).unwrap();
    let (data, noise) = (data.to_host().concat(), noise.to_host().concat());
    for i in 0..4 {
        let point = 2 * i..2 * i + 2;
        let (one_x, one_u) = flow_matching(&torus, &data[point.clone()], &noise[point.clone()], t[i / 2]);
        for (batch, one) in [(&x, one_x), (&u, one_u)] {
            assert!(batch.to_host().concat()[point.clone()].iter().zip(&one).all(|(a, b)| (a - b).abs() < 1e-6));
        }
    }
}
