//! A particle or a sum of particles, with the coordinates in which distances are measured.
//!
//! The rapidity is y = ln((E + |pz|) / mT) with the sign of pz and mT^2 = max(m^2, 0) + pT^2. Where mT vanishes (along the beam) y has no
//! finite value; then 10^5 + |pz| with the sign of pz stands for it, as in FastJet (arXiv:1111.6097): such particles are far
//! from all others and from those of another pz. A vanishing four-momentum counts as one along +z.

use crate::FourVector;

/// The rapidity given to momenta along the beam, before |pz| is added.
pub const BEAM_RAPIDITY: f64 = 1e5;

/// No pseudojet.
pub(crate) const NONE: u32 = u32::MAX;

/// A particle or what particles have merged into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PseudoJet {
    /// Four-momentum.
    pub momentum: FourVector,
    /// Rapidity y; finite for momenta along the beam too (see the module's head).
    pub rapidity: f64,
    /// Azimuth in (-pi, pi].
    pub phi: f64,
    /// Squared transverse momentum.
    pub pt2: f64,
    pub(crate) parents: [u32; 2],
    /// Step that ended it.
    pub(crate) end: u32,
}

impl PseudoJet {
    /// A momentum with its coordinates.
    #[inline(always)]
    pub fn new(momentum: FourVector) -> PseudoJet {
        let [rapidity, phi, pt2] = coordinates(&momentum);
        PseudoJet { momentum, rapidity, phi, pt2, parents: [NONE; 2], end: NONE }
    }

    /// The winner takes all: pT adds, the rest is the harder one's; of two equally hard ones the first wins.
    pub(crate) fn winner_takes_all(a: &PseudoJet, b: &PseudoJet) -> PseudoJet {
        let hard = if b.pt2 > a.pt2 { b } else { a };
        let (pt, hard_pt) = (a.pt2.sqrt() + b.pt2.sqrt(), hard.pt2.sqrt());
        if hard_pt == 0.0 {
            return PseudoJet::new(a.momentum + b.momentum);
        }
        let m2 = hard.momentum.mass2().max(0.0);
        let mt = (pt * pt + m2).sqrt();
        let (px, py) = (hard.momentum.px / hard_pt * pt, hard.momentum.py / hard_pt * pt);
        let momentum = FourVector::new(mt * hard.rapidity.cosh(), px, py, mt * hard.rapidity.sinh());
        PseudoJet { momentum, pt2: pt * pt, parents: [NONE; 2], end: NONE, ..*hard }
    }

    /// Transverse momentum.
    pub fn pt(&self) -> f64 {
        self.pt2.sqrt()
    }

    /// Squared distance (y_i - y_j)^2 + (phi_i - phi_j)^2, with the azimuth wrapped.
    pub fn distance2(&self, other: &PseudoJet) -> f64 {
        distance2(self.rapidity, self.phi, other.rapidity, other.phi)
    }
}

/// Squared distance of two points whose azimuths lie in an interval of length 2 pi.
#[inline(always)]
pub(crate) fn distance2(y1: f64, phi1: f64, y2: f64, phi2: f64) -> f64 {
    use std::f64::consts::PI;
    let (dy, dphi) = (y1 - y2, PI - (PI - (phi1 - phi2).abs()).abs());
    dy * dy + dphi * dphi
}

/// Rapidity, azimuth, pT^2.
#[inline(always)]
fn coordinates(p: &FourVector) -> [f64; 3] {
    let pt2 = p.px * p.px + p.py * p.py;
    let m2 = (p.e + p.pz) * (p.e - p.pz) - pt2;
    let mt2 = pt2 + m2.max(0.0);
    let longitudinal = p.pz.abs();
    let sum = p.e + longitudinal;
    let y = if mt2 > 0.0 && sum > 0.0 { 0.5 * (sum * sum / mt2).ln() } else { BEAM_RAPIDITY + longitudinal };
    let phi = if pt2 > 0.0 { p.py.atan2(p.px) } else { 0.0 };
    // atan2 gives -pi for py = -0; the interval is half open.
    let phi = if phi <= -std::f64::consts::PI { std::f64::consts::PI } else { phi };
    [if p.pz < 0.0 { -y } else { y }, phi, pt2]
}
