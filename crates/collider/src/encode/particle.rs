//! Encoding of one particle: `asinh(etarel / s)`, `asinh(phirel / s)`, `ln(ptrel + e)`, each standardised.
//!
//! The inverse hyperbolic sine is linear in the core (soft, collinear structure at angles below `s`) and logarithmic in the
//! tail (relative pseudorapidities up to 3), so relative precision is the same at every angle.

use serde::{Deserialize, Serialize};

/// Angle at which the encoding turns from linear to logarithmic; makes pooled angles of all five classes nearly normal.
const ANGLE: f64 = 0.03;
/// Added to ptrel under the logarithm: some MeV in a TeV jet, below which a constituent carries no information.
const SOFT: f64 = 2e-5;

/// Means and standard deviations of the three transformed features.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParticleScale {
    mean: [f64; 3],
    deviation: [f64; 3],
}

fn transform([eta, phi, pt]: [f32; 3]) -> [f64; 3] {
    [(f64::from(eta) / ANGLE).asinh(), (f64::from(phi) / ANGLE).asinh(), (f64::from(pt) + SOFT).ln()]
}

impl ParticleScale {
    /// Fits means and deviations to the particles of a sample; `None` without at least two different ones per feature.
    pub fn fit<'a>(particles: impl Iterator<Item = &'a [f32; 3]>) -> Option<ParticleScale> {
        let (mut n, mut sum, mut square) = (0.0, [0.0; 3], [0.0; 3]);
        for particle in particles {
            n += 1.0;
            for (f, value) in transform(*particle).into_iter().enumerate() {
                sum[f] += value;
                square[f] += value * value;
            }
        }
        let mean = sum.map(|s| s / n);
        let deviation = std::array::from_fn(|f| (square[f] / n - mean[f] * mean[f]).max(0.0).sqrt());
        let scale = ParticleScale { mean, deviation };
        (n > 1.0 && scale.is_valid()).then_some(scale)
    }

    /// Whether means are finite and deviations positive; a scale read from a file may not be.
    pub fn is_valid(&self) -> bool {
        self.mean.iter().all(|m| m.is_finite()) && self.deviation.iter().all(|d| d.is_finite() && *d > 1e-6)
    }

    /// (etarel, phirel, ptrel) to three numbers of zero mean and unit spread.
    pub fn encode(&self, particle: [f32; 3]) -> [f32; 3] {
        let raw = transform(particle);
        std::array::from_fn(|f| ((raw[f] - self.mean[f]) / self.deviation[f]) as f32)
    }

    /// Three numbers back to (etarel, phirel, ptrel); ptrel is at least `1e-7`, and angles and momenta stay physical
    /// (|angle| at most 5, ptrel at most 2) whatever a network has produced.
    pub fn decode(&self, code: [f32; 3]) -> [f32; 3] {
        let raw: [f64; 3] = std::array::from_fn(|f| f64::from(code[f]) * self.deviation[f] + self.mean[f]);
        let angle = |u: f64| (ANGLE * u.clamp(-20.0, 20.0).sinh()).clamp(-5.0, 5.0) as f32;
        [angle(raw[0]), angle(raw[1]), (raw[2].min(1.0).exp() - SOFT).clamp(1e-7, 2.0) as f32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_survive_the_round_trip() {
        let particles: Vec<[f32; 3]> = (0..2000)
            .map(|i| {
                let x = (i as f32 * 0.37).sin();
                [x.powi(9) * 3.0, (i as f32 * 0.11).cos() * 0.2, 10f32.powf(-4.5 * (i as f32 / 2000.0))]
            })
            .collect();
        let scale = ParticleScale::fit(particles.iter()).unwrap();
        for particle in &particles {
            let back = scale.decode(scale.encode(*particle));
            for f in 0..3 {
                // Codes are single precision: an absolute error of 1e-6 in an O(1) code is relative in the decoded value.
                assert!((back[f] - particle[f]).abs() < 2e-5 * particle[f].abs() + 2e-7, "{particle:?} -> {back:?}");
            }
        }
        let codes: Vec<[f32; 3]> = particles.iter().map(|p| scale.encode(*p)).collect();
        for f in 0..3 {
            let mean = codes.iter().map(|c| f64::from(c[f])).sum::<f64>() / codes.len() as f64;
            assert!(mean.abs() < 1e-5);
        }
    }

    #[test]
    fn whatever_a_network_says_decodes_to_a_particle() {
        let scale = ParticleScale { mean: [0.0; 3], deviation: [1.0; 3] };
        for code in [[1e30, -1e30, 1e30], [0.0, 0.0, -1e30]] {
            let [eta, phi, pt] = scale.decode(code);
            assert!(eta.abs() <= 5.0 && phi.abs() <= 5.0 && (1e-7..=2.0).contains(&pt));
        }
    }
}
