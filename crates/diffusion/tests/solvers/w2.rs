//! The distances of the solvers from the data at equal numbers of evaluations, against figures found independently.

#[path = "../../examples/w2_table/w2.rs"]
mod table;

use diffusion::*;
use table::{Line, exact_w2, law_w2, quantiles};

#[test]
fn the_mixture_has_the_entropy_of_its_table() {
    // -∫ p ln p by the trapezoidal rule, exact to rounding for a density that vanishes at both ends.
    let model = Line::new();
    let h = 1e-3;
    let entropy: f64 =
        (-6000..6000).map(|i| model.0.log_density(&[f64::from(i) * h], 1e-9)).map(|log| -h * log * log.exp()).sum();
    assert!((entropy - 1.411880).abs() < 1e-6, "{entropy}");
}

#[test]
fn solvers_are_as_far_from_the_data_as_they_should_be() {
    // Computed with another implementation (M quantiles through each solver, EDM's grid 80 -> 0.002 -> 0, rho = 7), to the
    // digits given; a figure of two digits allows half a unit of its last one.
    const NFE: [usize; 6] = [8, 12, 18, 24, 36, 64];
    let rows: [(&str, [f64; 6]); 6] = [
        ("euler", [0.5056, 0.3531, 0.2505, 0.1962, 0.1392, 0.0850]),
        ("ddim", [0.5056, 0.3531, 0.2505, 0.1962, 0.1392, 0.0850]),
        ("dpmpp2m", [0.3546, 0.1588, 0.0541, 0.0274, 0.0119, 0.0039]),
        ("unipc2", [0.725, 0.221, 0.055, 0.027, 0.0092, 0.0018]),
        ("unipc3", [0.712, 0.504, 0.046, 0.014, 0.0020, 0.0001]),
        ("adams2-edm", [0.1331, 0.0774, 0.0412, 0.0258, 0.0126, 0.0043]),
    ];
    let (noise, data) = (quantiles(1000, 80.0), quantiles(1000, 0.0));
    for (name, row) in rows {
        let sampler: Sampler = name.parse().unwrap();
        for (nfe, expected) in NFE.into_iter().zip(row) {
            let w2 = exact_w2(&sampler, nfe, &noise, &data);
            let digit = if name.starts_with("unipc") && expected > 0.01 { 1e-3 } else { 1e-4 };
            assert!((w2 - expected).abs() < 0.02 * expected + 0.5 * digit, "{name} at {nfe}: {w2} against {expected}");
        }
    }
    // Heun's method: n steps cost 2 n - 1 evaluations. The table's columns 18, 36, 64 are 9, 18 and 32 steps.
    let heun: Vec<f64> = [9, 18, 32].iter().map(|n| exact_w2(&Sampler::Heun, *n, &noise, &data)).collect();
    for (w2, expected) in heun.iter().zip([0.2204, 0.0582, 0.0194]) {
        assert!((w2 / expected - 1.0).abs() < 0.02, "Heun: {w2} against {expected}");
    }
}

#[test]
fn the_edm_prediction_is_the_better_one_at_few_evaluations() {
    let (noise, data) = (quantiles(1000, 80.0), quantiles(1000, 0.0));
    let w2 = |name: &str, n: usize| exact_w2(&name.parse().unwrap(), n, &noise, &data);
    for n in [8, 12, 18, 24, 36] {
        assert!(w2("unipc2-edm", n) < 0.6 * w2("unipc2", n), "{n} evaluations");
        assert!(w2("unipc2-edm", n) < 0.5 * w2("dpmpp2m", n), "{n} evaluations");
    }
}

#[test]
fn ancestral_sampling_is_as_far_from_the_data_as_it_should_be() {
    // An independent implementation found 0.430, 0.150, 0.045 at 16, 64, 256 steps with 10^5 samples. Their own distance from
    // their law: a weight of standard error sqrt(0.25/10^5) misplaced by about 2.5 is a W2 of 2.5 sqrt(0.0016) = 0.1 at one
    // sigma, added in squares.
    let (noise, data) = (quantiles(400, 80.0), quantiles(400, 0.0));
    for (steps, expected) in [(16, 0.430f64), (64, 0.150)] {
        let w2 = law_w2(&Ddim { eta: 1.0 }, steps, &noise, &data);
        assert!(w2.hypot(0.1) > expected && w2 < expected + 0.02, "{steps} steps: {w2} against {expected}");
        let same = law_w2(&DdpmAncestral { variance: Variance::Posterior }, steps, &noise, &data);
        assert!((same - w2).abs() < 1e-9);
    }
}

#[test]
fn the_law_without_noise_is_the_deterministic_samplers() {
    let (noise, data) = (quantiles(400, 80.0), quantiles(400, 0.0));
    let law = law_w2(&Ddim { eta: 0.0 }, 18, &noise, &data);
    let exact = exact_w2(&Sampler::Ddim { eta: 0.0 }, 18, &noise, &data);
    assert!((law - exact).abs() < 1e-9, "{law} {exact}");
}
