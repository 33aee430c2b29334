//! Random directions with `E v v^T = I`: what traces and projections of a Jacobian are estimated by.
//!
//! `E[v . J v] = tr J` for each law. With `S` the symmetric part of `J` and `F` numbers per sample the variance is
//!
//! 1. Rademacher: `2 sum_{i != j} S_ij^2`, none at all if `J` is diagonal
//! 2. Gaussian: `2 |S|^2`
//! 3. Sphere: `2 (F |S|^2 - (tr S)^2)/(F + 2)`, none at all if `J` is a multiple of the identity
//!
//! Hutchinson, Commun. Stat. Simul. Comput. 18 (1989) 1059.

use crate::{Rng, Rows};

/// A law of random directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probe {
    /// Independent signs.
    #[default]
    Rademacher,
    /// Independent standard normals.
    Gaussian,
    /// Uniform on the sphere of radius `sqrt(F)`.
    Sphere,
}

impl Probe {
    /// One direction for each sample of a batch like `like`; row `r` is keyed by sample `rng.first + r`. Uses up one draw.
    pub fn draw<X: Rows>(&self, like: &X, rng: &mut Rng) -> X {
        let noise = like.randn_like(rng);
        match self {
            Probe::Rademacher => noise.signs(),
            Probe::Gaussian => noise,
            Probe::Sphere => {
                let length = |n: &usize| (*n as f64).sqrt();
                let squares = noise.dot(&noise).into_iter();
                // A sample of padding alone is zero already.
                let scale: Vec<f64> = squares
                    .zip(&noise.numbers())
                    .map(|(q, n)| if q > 0.0 { length(n) / q.sqrt() } else { 0.0 })
                    .collect();
                noise.clone().axpby_rows(&scale, &vec![0.0; scale.len()], &noise)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Samples;

    #[test]
    fn traces_have_the_mean_and_the_variance_of_their_law_within_five_sigmas() {
        // S = [[2, 1, 0], [1, -1, 0.5], [0, 0.5, 1]]: tr S = 2, |S|² = 6 + 2.5, off the diagonal 2.5.
        let quadratic = |v: &Vec<f64>| 2.0 * v[0] * v[0] - v[1] * v[1] + v[2] * v[2] + 2.0 * v[0] * v[1] + v[1] * v[2];
        let n = 40_000;
        for (law, variance) in
            [(Probe::Rademacher, 5.0), (Probe::Gaussian, 17.0), (Probe::Sphere, 2.0 * (25.5 - 4.0) / 5.0)]
        {
            let traces: Vec<f64> =
                law.draw(&Samples(vec![vec![0.0; 3]; n]), &mut Rng::new(3)).0.iter().map(quadratic).collect();
            let mean = |power: i32| traces.iter().map(|t| (t - 2.0).powi(power)).sum::<f64>() / n as f64;
            assert!(mean(1).abs() < 5.0 * (variance / n as f64).sqrt(), "{law:?}: {}", mean(1));
            let error = ((mean(4) - mean(2).powi(2)) / n as f64).sqrt();
            assert!((mean(2) - variance).abs() < 5.0 * error, "{law:?}: {} {variance}", mean(2));
        }
    }

    #[test]
    fn samples_without_numbers_have_a_direction_without_numbers() {
        let like = Samples(vec![vec![], vec![0.0; 2]]);
        for law in [Probe::Rademacher, Probe::Gaussian, Probe::Sphere] {
            let v = law.draw(&like, &mut Rng::new(1)).0;
            assert!(v[0].is_empty() && v[1].iter().all(|v| v.is_finite()));
        }
    }
}
