//! Closure: a generated cloud is brought onto the jet-level quantities it was conditioned on.
//!
//! Three one-parameter maps, in this order: momenta are scaled to the sum of ptrel, the cloud is shifted to its centre, and
//! its angles are dilated about the centre until its mass is right (monotone in the dilation; secant steps). Close to the
//! identity for a good network, exact conservation for any: mass and momentum then have the jet-level model's accuracy.

use crate::fourvector::FourVector;

/// Sum of ptrel, mass over the jet's pT, and ptrel-weighted centre (eta, phi) of a cloud.
pub(super) fn moments(particles: &[[f32; 3]]) -> [f64; 4] {
    let mut total = FourVector::default();
    let (mut sum, mut eta, mut phi) = (0.0, 0.0, 0.0);
    for particle in particles {
        let [e, p, z] = particle.map(f64::from);
        total = total + FourVector::massless([e, p, z]);
        sum += z;
        eta += z * e;
        phi += z * p;
    }
    [sum, total.mass(), eta / sum.max(1e-12), phi / sum.max(1e-12)]
}

/// The quantities that a cloud is brought onto.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closure {
    /// Sum of ptrel.
    pub sum: f64,
    /// Mass of the constituents over the jet's pT.
    pub mass: f64,
    /// ptrel-weighted mean of (etarel, phirel).
    pub centre: [f64; 2],
}

impl Closure {
    /// Dilations beyond this factor (and its inverse) are not applied: such a cloud is the network's error, and moving it
    /// further would only hide that.
    pub const LARGEST_DILATION: f64 = 2.0;

    /// The quantities of a cloud as they are.
    pub fn of(particles: &[[f32; 3]]) -> Closure {
        let [sum, mass, eta, phi] = moments(particles);
        Closure { sum, mass, centre: [eta, phi] }
    }

    /// Brings `particles` onto the quantities and returns the dilation that was needed.
    pub fn apply(&self, particles: &mut [[f32; 3]]) -> f64 {
        let [sum, _, eta, phi] = moments(particles);
        let scale = self.sum / sum.max(1e-12);
        let placed = |dilation: f64, [e, p, z]: [f32; 3]| -> [f32; 3] {
            let e = self.centre[0] + dilation * (f64::from(e) - eta);
            let p = self.centre[1] + dilation * (f64::from(p) - phi);
            [e as f32, p as f32, (f64::from(z) * scale) as f32]
        };
        let original = particles.to_vec();
        let mass = |dilation: f64| {
            let cloud: Vec<[f32; 3]> = original.iter().map(|p| placed(dilation, *p)).collect();
            moments(&cloud)[1]
        };
        let dilation = if particles.len() > 1 && self.mass > 0.0 { self.dilation(mass) } else { 1.0 };
        for (particle, old) in particles.iter_mut().zip(&original) {
            *particle = placed(dilation, *old);
        }
        dilation
    }

    /// Root of `mass(dilation) = self.mass`: the mass of a narrow cloud is proportional to the dilation, so the fixed point
    /// `dilation <- dilation * target / mass` converges fast.
    fn dilation(&self, mass: impl Fn(f64) -> f64) -> f64 {
        let mut dilation = 1.0;
        for _ in 0..12 {
            let now = mass(dilation);
            if now <= 0.0 {
                return 1.0;
            }
            let ratio = self.mass / now;
            dilation = (dilation * ratio).clamp(1.0 / Self::LARGEST_DILATION, Self::LARGEST_DILATION);
            if (ratio - 1.0).abs() < 1e-6 {
                break;
            }
        }
        dilation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(phase: f32) -> Vec<[f32; 3]> {
        (0..30)
            .map(|i| {
                let x = i as f32 + phase;
                [0.2 * (x * 1.7).sin(), 0.15 * (x * 2.3).cos(), 0.3 * (-0.2 * i as f32).exp()]
            })
            .collect()
    }

    #[test]
    fn a_cloud_closes_onto_the_moments_of_another() {
        let target = Closure::of(&cloud(0.4));
        let mut other = cloud(2.1);
        target.apply(&mut other);
        let reached = Closure::of(&other);
        assert!((reached.sum / target.sum - 1.0).abs() < 1e-5);
        assert!((reached.mass / target.mass - 1.0).abs() < 1e-4, "{} against {}", reached.mass, target.mass);
        for k in 0..2 {
            assert!((reached.centre[k] - target.centre[k]).abs() < 1e-6);
        }
    }

    #[test]
    fn a_cloud_that_closes_already_is_left_as_it_is() {
        let before = cloud(0.4);
        let mut after = before.clone();
        let dilation = Closure::of(&before).apply(&mut after);
        assert!((dilation - 1.0).abs() < 1e-6);
        for (a, b) in before.iter().flatten().zip(after.iter().flatten()) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn degenerate_clouds_stay_finite() {
        let target = Closure { sum: 0.9, mass: 0.1, centre: [0.0, 0.0] };
        for mut cloud in [vec![], vec![[0.1, 0.1, 0.5]], vec![[0.1, 0.1, 0.5]; 3], vec![[0.0, 0.0, 0.0]; 2]] {
            target.apply(&mut cloud);
            assert!(cloud.iter().flatten().all(|v| v.is_finite()));
        }
    }
}
