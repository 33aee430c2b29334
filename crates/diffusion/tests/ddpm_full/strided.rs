//! Strided sampling against the paper's respaced betas.

use diffusion::exact::Gaussian;
use diffusion::*;

#[test]
fn strided_steps_follow_the_papers_respaced_betas() {
    // Nichol & Dhariwal, section 4: beta_i = 1 - bar(S_i)/bar(S_(i-1)), beta-tilde_i = (1 - bar(S_(i-1)))/(1 - bar(S_i)) beta_i,
    // then Ho et al.'s posterior mean, eq. 7, of N(0, s²) data.
    let (total, s) = (1000, 0.5f64);
    let beta = |t: usize| 1e-4 + (0.02 - 1e-4) * (t - 1) as f64 / (total - 1) as f64;
    let mut bar = vec![1.0; total + 1];
    for t in 1..=total {
        bar[t] = bar[t - 1] * (1.0 - beta(t));
    }
    let path = DdpmTable::default();
    let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    for (n, kept) in [(4, vec![1000, 667, 334, 1]), (3, vec![1000, 501, 1])] {
        let grid = Grid::strided(&path, n).unwrap();
        for (number, w) in kept.windows(2).enumerate() {
            let (t, u) = (w[0], w[1]);
            let respaced = 1.0 - bar[t] / bar[u];
            let gain = bar[t].sqrt() * s * s / (bar[t] * s * s + 1.0 - bar[t]);
            let mean = bar[u].sqrt() * respaced / (1.0 - bar[t]) * gain
                + (1.0 - respaced).sqrt() * (1.0 - bar[u]) / (1.0 - bar[t]);
            for (variance, added) in
                [(Variance::Forward, respaced), (Variance::Posterior, (1.0 - bar[u]) / (1.0 - bar[t]) * respaced)]
            {
                let go = |x: f64| {
                    let (from, to) = (grid.times()[number], grid.times()[number + 1]);
                    DdpmAncestral { variance }.step(&model, vec![x], from, to, &mut (), &mut Rng::new(7))[0]
                };
                let z = Rng::new(7).normal_f64(1, 1)[0];
                assert!(((go(1.0) - go(0.0)) / mean - 1.0).abs() < 1e-9, "{n} steps, {t} -> {u}");
                assert!(((go(0.0) / z).powi(2) / added - 1.0).abs() < 1e-9, "{n} steps, {t} -> {u}, {variance:?}");
            }
        }
    }
    let (all, uniform) = (Grid::strided(&path, 1000).unwrap(), Grid::uniform_t(&path, 1000).unwrap());
    assert!(all.times().iter().zip(uniform.times()).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!(Grid::strided(&path, 0).is_err() && Grid::strided(&path, 1001).is_err());
}
