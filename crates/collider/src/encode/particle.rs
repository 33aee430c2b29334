//! Encoding of one particle: `asinh(etarel / s)`, `asinh(phirel / s)`, `ln(ptrel + e)`, each standardised.
//!
//! The inverse hyperbolic sine is linear inside the jet, where absolute angles make mass and substructure, and logarithmic in
//! the tail (soft massive hadrons of forward jets have relative pseudorapidities up to 3).
//!
//! A jet ends at its radius: a hard edge that no smooth model has. Decoded particles beyond the largest angle at which training
//! jets have particles of that ptrel are moved onto it.

use serde::{Deserialize, Serialize};

/// Angle at which the encoding turns from linear to logarithmic: inside R = 0.4, an error of the code is an error of the angle.
const ANGLE: f64 = 0.1;
/// Added to ptrel under the logarithm: some MeV in a TeV jet, below which a constituent carries no information.
const SOFT: f64 = 2e-5;
/// Intervals in ln(ptrel), each this wide, from `ln SOFT` on, for which the edge is known.
const EDGE_STEP: f64 = 0.5;
/// Number of intervals: up to ptrel = 1.
const EDGES: usize = 22;
/// Part of the particles of an interval inside its edge; one in ten thousand may be a rare accident.
const INSIDE: f64 = 0.9999;

/// Means and standard deviations of the three transformed features, and the edge of the jet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParticleScale {
    mean: [f64; 3],
    deviation: [f64; 3],
    /// Largest angle to the jet axis by interval of ln(ptrel).
    edge: [f32; EDGES],
}

fn interval(pt: f32) -> usize {
    (((f64::from(pt) + SOFT) / SOFT).ln() / EDGE_STEP).clamp(0.0, (EDGES - 1) as f64) as usize
}

fn transform([eta, phi, pt]: [f32; 3]) -> [f64; 3] {
    [(f64::from(eta) / ANGLE).asinh(), (f64::from(phi) / ANGLE).asinh(), (f64::from(pt) + SOFT).ln()]
}

impl ParticleScale {
    /// Fits the scale to the particles of a sample; `None` without at least two different ones per feature.
    pub fn fit<'a>(particles: impl Iterator<Item = &'a [f32; 3]>) -> Option<ParticleScale> {
        let (mut n, mut sum, mut square) = (0.0, [0.0; 3], [0.0; 3]);
        let mut angles = vec![Vec::new(); EDGES];
        for particle in particles {
            n += 1.0;
            for (f, value) in transform(*particle).into_iter().enumerate() {
                sum[f] += value;
                square[f] += value * value;
            }
            angles[interval(particle[2])].push(particle[0].hypot(particle[1]));
        }
        let mean = sum.map(|s| s / n);
        let deviation = std::array::from_fn(|f| (square[f] / n - mean[f] * mean[f]).max(0.0).sqrt());
        let edge = std::array::from_fn(|k| {
            let here = &mut angles[k];
            let last = here.len().saturating_sub(1);
            let place = (last as f64 * INSIDE).ceil() as usize;
            // Without particles of that ptrel nothing is known: no edge.
            if here.is_empty() { f32::MAX } else { *here.select_nth_unstable_by(place, f32::total_cmp).1 }
        });
        let scale = ParticleScale { mean, deviation, edge };
        (n > 1.0 && scale.is_valid()).then_some(scale)
    }

    /// Whether means are finite and deviations positive; a scale read from a file may not be.
    pub fn is_valid(&self) -> bool {
        self.mean.iter().all(|m| m.is_finite())
            && self.deviation.iter().all(|d| d.is_finite() && *d > 1e-6)
            && self.edge.iter().all(|e| *e >= 0.0)
    }

    /// (etarel, phirel, ptrel) to three numbers of zero mean and unit spread.
    pub fn encode(&self, particle: [f32; 3]) -> [f32; 3] {
        let raw = transform(particle);
        std::array::from_fn(|f| ((raw[f] - self.mean[f]) / self.deviation[f]) as f32)
    }

    /// Three numbers back to (etarel, phirel, ptrel), inside the edge of the jet; ptrel lies in 1e-7 ..= 2 whatever a network
    /// has produced.
    pub fn decode(&self, code: [f32; 3]) -> [f32; 3] {
        let raw: [f64; 3] = std::array::from_fn(|f| f64::from(code[f]) * self.deviation[f] + self.mean[f]);
        let angle = |u: f64| (ANGLE * u.clamp(-6.0, 6.0).sinh()) as f32;
        let (eta, phi) = (angle(raw[0]), angle(raw[1]));
        let pt = (raw[2].min(1.0).exp() - SOFT).clamp(1e-7, 2.0) as f32;
        let shrink = (self.edge[interval(pt)] / eta.hypot(phi)).min(1.0);
        [eta * shrink, phi * shrink, pt]
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
        // All but the rare ones beyond the edge, which are those that decoding moves.
        for particle in particles.iter().filter(|p| p[0].hypot(p[1]) <= scale.edge[interval(p[2])]) {
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
        let scale = ParticleScale { mean: [0.0; 3], deviation: [1.0; 3], edge: [0.5; EDGES] };
        for code in [[1e30, -1e30, 1e30], [0.0, 0.0, -1e30], [3.0, 0.1, 0.0]] {
            let [eta, phi, pt] = scale.decode(code);
            assert!(eta.hypot(phi) <= 0.5001 && (1e-7..=2.0).contains(&pt), "{eta} {phi} {pt}");
        }
    }
}
