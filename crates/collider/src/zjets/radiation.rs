//! A muon and the jet that it radiated, as the muon before and the jet around the muon after.
//!
//! The three-momenta add, `P = p_muon + p_jet`; the dressed muon has the momentum `P` and a muon's mass. Given `P`, the jet's transverse momentum and the differences
//! `d eta`, `d phi` of jet and muon, both are known: across the beams the triangle of `P_T`, `p_T(jet)` and the angle `d phi` has one solution where `P_T > p_T(jet)`,
//!
//! ```text
//! a = -b cos(d phi) + sqrt(P_T^2 - b^2 sin^2(d phi))        a the muon's, b the jet's transverse momentum,
//! ```
//!
//! and along the beams `a sinh(eta) + b sinh(eta + d eta) = R sinh(eta + d) = P_z` with `R^2 = a^2 + 2 a b cosh(d eta) + b^2`, `tanh d = b sinh(d eta)/(a + b cosh(d eta))`.

use super::coordinates::MUON_MASS;
use super::event::Object;
use crate::fourvector::wrap_phi;

/// Least transverse momentum that is left to a muon \[GeV\]: where numbers demand less, there is no such event.
pub const LEAST: f64 = 1e-6;

/// The muon before it radiated the jet.
pub fn dressed(muon: &Object, jet: &Object) -> Object {
    let (m, j) = (muon.momentum(), jet.momentum());
    let (x, y, z) = (m.px + j.px, m.py + j.py, m.pz + j.pz);
    let pt = x.hypot(y).max(LEAST);
    Object { pt, eta: (z / pt).asinh(), phi: y.atan2(x), mass: MUON_MASS }
}

/// The muon after, and pseudorapidity and azimuth of a jet of transverse momentum `b` at `[d eta, d phi]` from it, the inverse of [`dressed`]. Where the dressed muon
/// has less transverse momentum than the jet, the muon is left with [`LEAST`].
pub fn undressed(dressed: &Object, b: f64, [eta, phi]: [f64; 2]) -> (Object, [f64; 2]) {
    let (sin, cos) = phi.sin_cos();
    let a = (dressed.pt * dressed.pt - b * b * sin * sin).max(0.0).sqrt() - b * cos;
    let a = a.max(LEAST);
    // From the direction of the sum: the jet's component across it is b sin(d phi - turn) = a sin(turn).
    let turn = (b * sin).atan2(a + b * cos);
    let (along, across) = (a + b * eta.cosh(), b * eta.sinh());
    let rest = (a * a + 2.0 * a * b * eta.cosh() + b * b).sqrt();
    let muon_eta = (dressed.pt * dressed.eta.sinh() / rest).asinh() - (across / along).atanh();
    let muon = Object { pt: a, eta: muon_eta, phi: wrap_phi(dressed.phi - turn), mass: MUON_MASS };
    (muon, [muon_eta + eta, wrap_phi(muon.phi + phi)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(pt: f64, eta: f64, phi: f64) -> Object {
        Object { pt, eta, phi, mass: MUON_MASS }
    }

    #[test]
    fn muon_and_jet_come_back_from_their_sum() {
        for i in 0..2000 {
            let u = |k: f64| f64::from(i) * k % 1.0;
            let muon = object(0.1 + 60.0 * u(0.618_034), 5.0 * (u(0.754_878) - 0.5), 6.0 * u(0.569_84) - 3.0);
            let [eta, phi] = [u(0.819_173) - 0.5, u(0.671_044) - 0.5];
            let jet = Object { mass: 2.0, ..object(20.0 + 40.0 * u(0.549_7), muon.eta + eta, muon.phi + phi) };
            let sum = dressed(&muon, &jet);
            assert!(sum.pt > jet.pt, "{muon:?} {jet:?}");
            let (back, [jet_eta, jet_phi]) = undressed(&sum, jet.pt, [eta, phi]);
            let off = [back.pt / muon.pt - 1.0, back.eta - muon.eta, wrap_phi(back.phi - muon.phi), jet_eta - jet.eta];
            assert!(off.iter().all(|x| x.abs() < 1e-7), "{muon:?} {jet:?} {off:?}");
            assert!(wrap_phi(jet_phi - jet.phi).abs() < 1e-7);
        }
    }

    #[test]
    fn a_muon_that_gives_more_than_it_has_keeps_almost_nothing() {
        let (muon, direction) = undressed(&object(25.0, 1.0, 0.0), 30.0, [0.1, 0.05]);
        assert!(muon.pt == LEAST && muon.is_valid() && direction.iter().all(|x| x.is_finite()));
    }
}
