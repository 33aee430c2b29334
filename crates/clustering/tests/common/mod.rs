//! Random events, and clustering by the definition alone: all pairs, all distances, again at every step.
#![allow(dead_code)]

use clustering::{Algorithm, FourVector, JetDefinition};
use std::f64::consts::PI;

/// Numbers of a fixed sequence (a linear congruential generator).
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A particle with a falling spectrum of pT, some with mass, anywhere on the cylinder.
    pub fn particle(&mut self) -> FourVector {
        let pt = 0.3 / (1.0 - self.uniform()).powf(0.8);
        let mass = if self.uniform() < 0.5 { 0.0 } else { 0.1396 };
        FourVector::from_pt_eta_phi_mass(pt, self.between(-4.5, 4.5), self.between(-PI, PI), mass)
    }

    /// Particles of a soft background and of a few collimated jets, one of them across phi = pi.
    pub fn event(&mut self, n: usize) -> Vec<FourVector> {
        let axes: Vec<[f64; 2]> =
            (0..4).map(|k| [self.between(-3.0, 3.0), if k == 0 { PI } else { self.between(-PI, PI) }]).collect();
        (0..n)
            .map(|k| {
                if k % 3 == 0 {
                    return self.particle();
                }
                let axis = axes[k % 4];
                let angle = self.between(0.0, 2.0 * PI);
                let reach = 0.6 * self.uniform().powi(2);
                let pt = 0.5 / (1.0 - self.uniform()).powf(1.2);
                FourVector::massless([axis[0] + reach * angle.cos(), axis[1] + reach * angle.sin(), pt])
            })
            .collect()
    }
}

pub const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::AntiKt,
    Algorithm::Kt,
    Algorithm::CambridgeAachen,
    Algorithm::GenKt { p: 0.5 },
    Algorithm::GenKt { p: -0.3 },
];

/// A step of the reference: distance, and the sets of particles that took part.
pub struct ReferenceStep {
    pub d: f64,
    pub sets: Vec<Vec<usize>>,
}

/// O(N^3), in the E scheme.
pub fn brute_force(definition: &JetDefinition, particles: &[FourVector]) -> Vec<ReferenceStep> {
    let exponent = match definition.algorithm {
        Algorithm::AntiKt => -1.0,
        Algorithm::Kt => 1.0,
        Algorithm::CambridgeAachen => 0.0,
        Algorithm::GenKt { p } => p,
    };
    let weigh = |p: &FourVector| (p.rapidity(), p.phi(), p.pt().powf(2.0 * exponent));
    let mut left: Vec<_> = particles.iter().enumerate().map(|(k, &p)| (p, weigh(&p), vec![k])).collect();
    let mut steps = Vec::new();
    while !left.is_empty() {
        let mut best = (f64::INFINITY, 0, None);
        for i in 0..left.len() {
            let (y, phi, weight) = left[i].1;
            if weight < best.0 {
                best = (weight, i, None);
            }
            for (j, &(_, (y2, phi2, weight2), _)) in left[..i].iter().enumerate() {
                let dphi = clustering::fourvector::wrap_phi(phi - phi2);
                let r2 = (y - y2).powi(2) + dphi * dphi;
                let d = weight.min(weight2) * r2 / definition.radius.powi(2);
                if d < best.0 {
                    best = (d, i, Some(j));
                }
            }
        }
        let (d, i, j) = best;
        let (p, _, mut set) = left.remove(i);
        let mut sets = vec![set.clone()];
        if let Some(j) = j {
            let (q, _, other) = left.remove(j);
            sets.push(other.clone());
            set.extend(other);
            set.sort_unstable();
            left.push((p + q, weigh(&(p + q)), set));
        }
        sets.sort();
        steps.push(ReferenceStep { d, sets });
    }
    steps
}
