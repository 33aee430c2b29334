use diffusion::Rng;
use diffusion::manifold::{Manifold, Sphere, Torus, flow_matching};

fn manifolds() -> [Box<dyn Manifold>; 4] {
    [
        Box::new(Torus::new(3, 1.0).unwrap()),
        Box::new(Torus::new(2, std::f64::consts::TAU).unwrap()),
        Box::new(Sphere::new(3).unwrap()),
        Box::new(Sphere::new(5).unwrap()),
    ]
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn gap(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Ten pairs of random points.
fn pairs(m: &dyn Manifold) -> Vec<(Vec<f64>, Vec<f64>)> {
    let points = m.uniform(&mut Rng::new(1), 20);
    points.chunks(2 * m.width()).map(|p| (p[..m.width()].to_vec(), p[m.width()..].to_vec())).collect()
}

#[test]
fn the_exponential_and_the_logarithm_are_inverse() {
    for m in manifolds() {
        for (x, y) in pairs(&*m) {
            let v = m.log(&x, &y);
            assert!(gap(&m.exp(&x, &v), &y) < 1e-12);
            assert!(gap(&m.log(&x, &m.exp(&x, &v)), &v) < 1e-12);
            assert!(gap(&m.project(&x, &v), &v) < 1e-12, "logarithms are tangent");
            assert!((m.distance(&x, &y) - m.distance(&y, &x)).abs() < 1e-12);
            assert!(gap(&m.exp(&x, &vec![0.0; x.len()]), &x) < 1e-15);
        }
    }
}

#[test]
fn parallel_transport_keeps_inner_products_and_turns_geodesics_round() {
    for m in manifolds() {
        for (x, y) in pairs(&*m) {
            let noise = Rng::new(2).normal_f64(2, m.width());
            let [v, w] = [0, 1].map(|i| m.project(&x, &noise[i * m.width()..(i + 1) * m.width()]));
            let [tv, tw] = [&v, &w].map(|v| m.transport(&x, &y, v));
            assert!((dot(&tv, &tw) - dot(&v, &w)).abs() < 1e-11);
            assert!(gap(&m.project(&y, &tv), &tv) < 1e-11, "transported vectors are tangent");
            let there: Vec<f64> = m.transport(&x, &y, &m.log(&x, &y)).iter().map(|v| -v).collect();
            assert!(gap(&there, &m.log(&y, &x)) < 1e-11);
        }
    }
}

#[test]
fn conditional_velocities_are_derivatives_of_geodesics() {
    for m in manifolds() {
        for (data, noise) in pairs(&*m) {
            assert!(gap(&flow_matching(&*m, &data, &noise, 0.0).0, &data) < 1e-12);
            assert!(gap(&flow_matching(&*m, &data, &noise, 1.0).0, &noise) < 1e-12);
            for t in [0.2, 0.5, 0.9] {
                let (x, u) = flow_matching(&*m, &data, &noise, t);
                let h = 1e-5;
                let [before, after] = [t - h, t + h].map(|t| m.log(&x, &flow_matching(&*m, &data, &noise, t).0));
                let difference: Vec<f64> = after.iter().zip(&before).map(|(a, b)| (a - b) / (2.0 * h)).collect();
                assert!(gap(&difference, &u) < 1e-8);
                assert!((dot(&u, &u).sqrt() - m.distance(&data, &noise)).abs() < 1e-12, "constant speed");
                // Moving on along u for the remaining time arrives at the noise.
                let rest: Vec<f64> = u.iter().map(|u| (1.0 - t) * u).collect();
                assert!(gap(&m.exp(&x, &rest), &noise) < 1e-11);
            }
        }
    }
}

#[test]
fn the_cut_locus_gives_one_of_the_shortest_geodesics() {
    let sphere = Sphere::new(3).unwrap();
    let (x, y) = (vec![0.0, 0.6, 0.8], vec![0.0, -0.6, -0.8]);
    let v = sphere.log(&x, &y);
    assert!((dot(&v, &v).sqrt() - std::f64::consts::PI).abs() < 1e-12 && dot(&v, &x).abs() < 1e-12);
    assert!(gap(&sphere.exp(&x, &v), &y) < 1e-12);
    let turned = sphere.transport(&x, &y, &v);
    assert!(gap(&turned, &v.iter().map(|v| -v).collect::<Vec<_>>()) < 1e-12);
    // Just short of the antipode the way there is known, and the transport must follow it and not another one.
    for short in [1e-4, 1e-7, 1e-9] {
        let (sin, cos) = (std::f64::consts::PI - short).sin_cos();
        let y: Vec<f64> = [[1.0, 0.0], [0.0, 0.6], [0.0, 0.8]].iter().map(|[e, x]| sin * e + cos * x).collect();
        let turned = sphere.transport(&x, &y, &sphere.log(&x, &y));
        assert!(gap(&turned, &sphere.log(&y, &x).iter().map(|v| -v).collect::<Vec<_>>()) < 1e-6, "{short}");
        assert!(gap(&sphere.transport(&x, &y, &[0.0, 0.8, -0.6]), &[0.0, 0.8, -0.6]) < 1e-6, "{short}");
    }
    let torus = Torus::new(1, 1.0).unwrap();
    assert_eq!(torus.log(&[0.25], &[0.75]), [-0.5]);
    assert!(torus.wrap(-1e-20) < 1.0);
}

#[test]
fn uniform_noise_has_the_moments_of_the_uniform_law_within_five_sigmas() {
    let n = 40_000;
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / f64::from(n);
    let root = f64::from(n).sqrt();
    let sphere = Sphere::new(3).unwrap().uniform(&mut Rng::new(3), n as usize);
    // On the sphere z is uniform in [-1, 1] (Archimedes): E z = 0, E z² = 1/3, E z⁴ = 1/5, so Var z² = 4/45.
    for axis in 0..3 {
        let z = || sphere.chunks(3).map(move |p| p[axis]);
        assert!(mean(&mut z()).abs() * root < 5.0 * (1f64 / 3.0).sqrt());
        assert!((mean(&mut z().map(|z| z * z)) - 1.0 / 3.0).abs() * root < 5.0 * (4f64 / 45.0).sqrt());
    }
    let torus = Torus::new(2, 2.0).unwrap().uniform(&mut Rng::new(4), n as usize);
    assert!(torus.iter().all(|x| (0.0..2.0).contains(x)));
    for axis in 0..2 {
        let cosine = mean(&mut torus.chunks(2).map(|p| (std::f64::consts::PI * p[axis]).cos()));
        assert!(cosine.abs() * root < 5.0 * 0.5f64.sqrt());
    }
}

#[test]
fn dimensions_and_periods_outside_their_range_are_refused() {
    assert!(Sphere::new(1).is_err() && Torus::new(2, 0.0).is_err() && Torus::new(2, f64::NAN).is_err());
}
