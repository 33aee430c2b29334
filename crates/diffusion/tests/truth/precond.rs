//! Every parametrisation against its own definition, and every weight against its identity.

use diffusion::*;

/// A thousand random coefficients, data and noise: `(coef, data, noise, sigma_data)`.
fn cases() -> Vec<(Coef, f64, f64, f64)> {
    let (u, z) = (Rng::new(1).uniform(1000, 5), Rng::new(2).normal_f64(1000, 2));
    let case = |(u, z): (&[f64], &[f64])| {
        let c = Coef { alpha: 0.05 + u[0], sigma: 0.05 + 2.0 * u[1], dalpha: -u[2], dsigma: 0.1 + u[3] };
        (c, z[0], z[1], 0.1 + 2.0 * u[4])
    };
    u.chunks(5).zip(z.chunks(2)).map(case).collect()
}

/// What each network is defined to return, written out from the definitions.
fn definitions(c: Coef, data: f64, noise: f64, s: f64) -> [(Target, f64); 6] {
    // EDM in its own units, x/alpha with noise sigma/alpha: F = (data - c_skip x)/c_out (Karras et al., table 1).
    let (x, sigma) = ((c.alpha * data + c.sigma * noise) / c.alpha, c.sigma / c.alpha);
    let (c_skip, c_out) = (s * s / (sigma * sigma + s * s), sigma * s / (sigma * sigma + s * s).sqrt());
    [
        (Target::Data, data),
        (Target::Noise, noise),
        (Target::V, c.alpha * noise - c.sigma * data),
        (Target::Velocity, c.dalpha * data + c.dsigma * noise),
        (Target::Score, -noise / c.sigma),
        (Target::Edm { sigma_data: s }, (data - c_skip * x) / c_out),
    ]
}

#[test]
fn every_row_recovers_the_data_from_its_own_definition() {
    for (c, data, noise, s) in cases() {
        let x = c.alpha * data + c.sigma * noise;
        for (target, output) in definitions(c, data, noise, s) {
            let row = target.row(c);
            let scale = data.abs() + (row.skip * x).abs() + (row.out * output).abs();
            let error = (row.skip * x + row.out * output - data).abs() / scale;
            assert!(error < 1e-12, "{target:?} at {c:?}: {error}");
            let (a, b) = target.mixture(c);
            let scale = (a * data).abs() + (b * noise).abs();
            assert!((a * data + b * noise - output).abs() < 1e-11 * scale.max(output.abs()), "{target:?} at {c:?}");
        }
    }
}

#[test]
fn the_edm_row_has_unit_variance_in_and_out() {
    for (c, _, _, s) in cases() {
        let target = Target::Edm { sigma_data: s };
        let (row, (a, b)) = (target.row(c), target.mixture(c));
        let input = row.input.powi(2) * ((c.alpha * s).powi(2) + c.sigma.powi(2));
        assert!((input - 1.0).abs() < 1e-12 && ((a * s).powi(2) + b * b - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_weights_are_one_where_their_papers_say_so() {
    for (c, _, _, s) in cases() {
        let edm = Target::Edm { sigma_data: s };
        assert!((Weight::Edm { sigma_data: s }.of_output(c, &edm.row(c)) - 1.0).abs() < 1e-12);
        assert!((Weight::Snr.of_output(c, &Target::Noise.row(c)) - 1.0).abs() < 1e-12);
        assert_eq!(Weight::Data.of_output(c, &Target::Data.row(c)), 1.0);
        // min-SNR of the noise estimate is min(snr, gamma)/snr, of the data estimate min(snr, gamma) (Hang et al., section 3.4).
        let (gamma, snr) = (Weight::MinSnr { gamma: 5.0 }, (c.alpha / c.sigma).powi(2));
        assert!((gamma.of_output(c, &Target::Noise.row(c)) - 1f64.min(5.0 / snr)).abs() < 1e-12);
        assert!((gamma.of_output(c, &Target::Data.row(c)) - snr.min(5.0)).abs() < 1e-12);
        let flat = Weight::Flat.of_estimate(c, &edm.row(c));
        assert!((flat / Weight::Edm { sigma_data: s }.of_estimate(c, &edm.row(c)) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_likelihood_weight_integrates_to_the_mutual_information() {
    // Guo, Shamai & Verdu: d I/d snr = mmse/2. For N(0, s²): I = ln(1 + s² snr)/2.
    let s = 0.7;
    for name in ["vp", "cosine", "linear", "edm", "ve"] {
        let path: AnyPath = name.parse().unwrap();
        let model = exact::Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
        let (from, to) = (path.time(2.0), path.time(-3.0));
        let n = 20_000;
        let width = (to - from) / f64::from(n);
        let loss = |i: i32| {
            let t = from + (f64::from(i) + 0.5) * width;
            let row = Target::Data.row(path.at(t));
            Weight::Likelihood.of_estimate(path.at(t), &row) * model.posterior_variance(t)[0] * width
        };
        let information = |lambda: f64| 0.5 * (s * s * (2.0 * lambda).exp()).ln_1p();
        let total: f64 = (0..n).map(loss).sum();
        assert!((total - (information(2.0) - information(-3.0))).abs() < 1e-5, "{name}: {total}");
    }
}

#[test]
fn score_and_velocity_are_those_of_a_normal() {
    // p_t = N(alpha m, q²): score -(x - alpha m)/q²; the flow keeps (x - alpha m)/q, so dx/dt = alpha' m + (q'/q)(x - alpha m).
    let (m, s, x, t) = (0.4, 0.7, vec![1.3], 0.37);
    for name in AnyPath::NAMES {
        let path: AnyPath = name.parse().unwrap();
        let model = exact::Gaussian::isotropic(path.clone(), 1, m, s).unwrap();
        let c = path.at(t);
        let variance = (c.alpha * s).powi(2) + c.sigma.powi(2);
        let slope = c.alpha * c.dalpha * s * s + c.sigma * c.dsigma;
        let centred = x[0] - c.alpha * m;
        let scale = 1.0 + centred.abs() / variance + c.dsigma / c.sigma;
        assert!((score(&model, &x, t)[0] + centred / variance).abs() < 1e-12 * scale, "{name}");
        let field = c.dalpha * m + slope / variance * centred;
        assert!((velocity(&model, &x, t)[0] - field).abs() < 1e-12 * scale, "{name}");
    }
}
