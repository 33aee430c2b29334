//! Every path against finite differences, its own inverse, its ends, and the other form of the same path.

use diffusion::*;

fn all() -> Vec<(&'static str, AnyPath)> {
    AnyPath::NAMES.iter().map(|name| (*name, name.parse().unwrap())).collect()
}

/// Interior times, none of them on a knot of the thousand-entry table.
fn times(path: &dyn Path) -> Vec<f64> {
    let (start, end) = path.span();
    [0.0123, 0.0505, 0.2505, 0.5005, 0.7505, 0.9505, 0.9905].iter().map(|u| start + u * (end - start)).collect()
}

#[test]
fn derivatives_agree_with_central_differences() {
    for (name, path) in all() {
        for t in times(&path) {
            let h = 1e-6 * t;
            let (c, before, after) = (path.at(t), path.at(t - h), path.at(t + h));
            let slope = |a: f64, b: f64| (a - b) / (2.0 * h);
            for (exact, measured, size) in [
                (c.dalpha, slope(after.alpha, before.alpha), c.alpha),
                (c.dsigma, slope(after.sigma, before.sigma), c.sigma),
            ] {
                // Rounding of a difference over 2h: about 1e-16 size/h.
                let tolerance = 1e-8 * exact.abs() + 1e-15 * size / h;
                assert!((exact - measured).abs() <= tolerance, "{name} at {t}: {exact} against {measured}");
            }
        }
    }
}

#[test]
fn time_inverts_lambda_and_lambda_decreases() {
    for (name, path) in all() {
        let mut last = f64::INFINITY;
        for t in times(&path) {
            let lambda = path.at(t).lambda();
            assert!(lambda < last, "{name}: lambda rises at {t}");
            last = lambda;
            assert!((path.time(lambda) - t).abs() < 1e-10 * t, "{name}: {t} became {}", path.time(lambda));
        }
    }
}

#[test]
fn every_path_leads_from_data_to_noise() {
    for (name, path) in all() {
        let (start, end) = path.span();
        let (data, noise) = (path.at(start), path.at(end));
        assert!(data.alpha > 0.9999 && data.sigma < 0.0101, "{name} starts at {data:?}");
        assert!(noise.sigma / noise.alpha > 49.0, "{name} ends at {noise:?}");
        if !["edm", "ve"].contains(&name) {
            assert!((noise.sigma - 1.0).abs() < 1e-4, "{name} ends at {noise:?}");
        }
    }
}

#[test]
fn everything_is_finite_in_single_precision_at_both_ends() {
    for (name, path) in all() {
        for t in [path.span().0, path.span().1] {
            let c = path.at(t);
            let mut numbers = vec![c.alpha, c.sigma, c.dalpha, c.dsigma, c.noise_level()];
            for target in Target::NAMES {
                let row = target.parse::<Target>().unwrap().row(c);
                numbers.extend([row.skip, row.out, row.input, row.noise]);
            }
            assert!(numbers.iter().all(|v| (*v as f32).is_finite()), "{name} at {t}: {numbers:?}");
            assert!(c.noise_level().abs() <= 3.0);
            assert!(path.time(20.0).is_finite() && path.time(-20.0).is_finite());
        }
    }
}

#[test]
fn variance_preserving_paths_preserve_the_variance() {
    for (name, path) in all().into_iter().filter(|(name, _)| ["vp", "cosine", "ddpm"].contains(name)) {
        for t in times(&path) {
            let c = path.at(t);
            assert!((c.alpha.hypot(c.sigma) - 1.0).abs() < 1e-14, "{name}");
            assert!((c.alpha * c.dalpha + c.sigma * c.dsigma).abs() < 1e-13, "{name}");
        }
    }
}

#[test]
fn the_table_is_the_product_of_its_betas() {
    let betas: Vec<f64> = (0..50).map(|i| 0.001 + 0.002 * f64::from(i)).collect();
    let table = DdpmTable::new(&betas).unwrap();
    let mut signal = 1.0;
    for (k, beta) in betas.iter().enumerate() {
        signal *= 1.0 - beta;
        let c = table.at((k + 1) as f64 / 50.0);
        assert!((c.alpha * c.alpha - signal).abs() < 1e-13 && (c.sigma * c.sigma - (1.0 - signal)).abs() < 1e-13);
    }
}

#[test]
fn the_papers_table_is_the_linear_beta_path_up_to_its_step() {
    // -ln(1 - b) = b + b²/2 + ..: the table's ln alpha² is below the integral by sum b²/2 = 1000 (0.02²/3)/2 = 0.067 at most,
    // and the first beta of step k is that of its right end: again a relative 1/k.
    let (table, path) = (DdpmTable::default(), VpLinear::default());
    for k in [50, 200, 500, 999] {
        let t = f64::from(k) / 1000.0;
        assert!((table.at(t).lambda() - path.at(t).lambda()).abs() < 0.035, "step {k}");
    }
}

#[test]
fn the_cosine_table_is_the_cosine_path_where_it_is_not_clipped() {
    let table = DdpmTable::cosine(1000).unwrap();
    for k in [1, 10, 500, 990, 999] {
        let t = f64::from(k) / 1000.0;
        assert!((table.at(t).lambda() - Cosine.at(t).lambda()).abs() < 1e-9, "step {k}");
    }
    // The first beta is 1 - cos²(a + d)/cos²(a) = sin(d) sin(2a + d)/cos²(a), a = (pi/2) 0.008/1.008, d = (pi/2)/1008.
    let (a, d) = (std::f64::consts::FRAC_PI_2 * 0.008 / 1.008, std::f64::consts::FRAC_PI_2 / 1008.0);
    let first = d.sin() * (2.0 * a + d).sin() / a.cos().powi(2);
    assert!((table.at(0.001).sigma.powi(2) / first - 1.0).abs() < 1e-10);
    assert!((first - 4.13e-5).abs() < 1e-7);
}

#[test]
fn impossible_paths_and_grids_are_refused_with_their_values() {
    assert!(matches!(VpLinear::new(0.1, 0.05), Err(Error::Parameter { value: 0.05, .. })));
    assert!(matches!(Ve::new(1.0, f64::NAN), Err(Error::Parameter { .. })));
    assert!(matches!(Edm::new(-1.0, 2.0), Err(Error::Parameter { value: -1.0, .. })));
    assert!(matches!(DdpmTable::new(&[0.1, 1.0]), Err(Error::Parameter { value: 1.0, .. })));
    // A beta of 1e-17 beside a noise of 0.1 is lost to rounding.
    assert!(matches!(DdpmTable::new(&[0.1, 1e-17]), Err(Error::Parameter { value: 1e-17, .. })));
    assert!(matches!(DdpmTable::cosine(0), Err(Error::Length { got: 0, .. })));
    assert!(matches!(Grid::new(vec![1.0, 0.5, 0.5]), Err(Error::Grid { index: 2, .. })));
    assert!(matches!(Grid::new(vec![f64::NAN]), Err(Error::Grid { index: 0, .. })));
    assert!(Grid::uniform_t(&Linear, 0).is_err() && Grid::edm(&Edm::default(), 0).is_err());
    assert!(matches!("vpp".parse::<AnyPath>(), Err(Error::Name { .. })));
    // Two times beyond the noisy end of the path would be the same time.
    assert!(Grid::karras(&VpLinear::default(), 0.01, 1e6, 7.0, 100).is_err());
}

#[test]
fn grids_visit_the_noise_levels_they_are_named_after() {
    for (name, path) in all() {
        for grid in [Grid::karras(&path, 0.02, 40.0, 7.0, 9), Grid::uniform_lambda(&path, 0.02, 40.0, 9)] {
            let grid = grid.unwrap();
            let noise = |i: usize| (-path.at(grid.times()[i]).lambda()).exp();
            assert!((noise(0) / 40.0 - 1.0).abs() < 1e-8 && (noise(8) / 0.02 - 1.0).abs() < 1e-8, "{name}");
        }
        assert_eq!(Grid::uniform_t(&path, 1000).unwrap().steps(), 1000);
        assert_eq!(Grid::edm(&path, 40).unwrap().steps(), 40, "{name}");
    }
    let halves = Grid::uniform_lambda(&Edm::default(), 0.25, 4.0, 5).unwrap();
    assert!(halves.times().iter().zip([4.0, 2.0, 1.0, 0.5, 0.25]).all(|(t, s)| (t - s).abs() < 1e-12));
}
