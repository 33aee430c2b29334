//! Four-momenta in the (+,-,-,-) metric, with the coordinates of hadron colliders.
//!
//! pT = |(px, py)|, pseudorapidity eta = asinh(pz / pT), rapidity y = atanh(pz / E), phi = atan2(py, px) in (-pi, pi];
//! eta = y for massless momenta. Units are those of the caller (GeV for absolute, 1 for relative coordinates).

use std::f64::consts::PI;
use std::iter::Sum;
use std::ops::{Add, Mul, Neg, Sub};

/// A four-momentum (E, px, py, pz).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FourVector {
    /// Energy.
    pub e: f64,
    /// Momentum along x.
    pub px: f64,
    /// Momentum along y.
    pub py: f64,
    /// Momentum along the beam.
    pub pz: f64,
}

impl FourVector {
    /// From Cartesian components.
    pub fn new(e: f64, px: f64, py: f64, pz: f64) -> FourVector {
        FourVector { e, px, py, pz }
    }

    /// From transverse momentum, pseudorapidity, azimuth and mass.
    pub fn from_pt_eta_phi_mass(pt: f64, eta: f64, phi: f64, mass: f64) -> FourVector {
        let p = pt * eta.cosh();
        FourVector::new(p.hypot(mass), pt * phi.cos(), pt * phi.sin(), pt * eta.sinh())
    }

    /// A massless momentum from (eta, phi, pT), the order of JetNet's columns.
    pub fn massless([eta, phi, pt]: [f64; 3]) -> FourVector {
        FourVector::new(pt * eta.cosh(), pt * phi.cos(), pt * phi.sin(), pt * eta.sinh())
    }

    /// Transverse momentum.
    pub fn pt(&self) -> f64 {
        self.px.hypot(self.py)
    }

    /// Magnitude of the three-momentum.
    pub fn p(&self) -> f64 {
        self.pt().hypot(self.pz)
    }

    /// Azimuth in (-pi, pi].
    pub fn phi(&self) -> f64 {
        self.py.atan2(self.px)
    }

    /// Pseudorapidity; infinite along the beam, 0 for a vanishing momentum.
    pub fn eta(&self) -> f64 {
        if self.pz == 0.0 { 0.0 } else { (self.pz / self.pt()).asinh() }
    }

    /// Rapidity y = ln((E + |pz|) / m_T), with the sign of pz; infinite for massless momenta along the beam.
    pub fn rapidity(&self) -> f64 {
        let transverse = (self.mass2().max(0.0) + self.px * self.px + self.py * self.py).sqrt();
        let y = if self.pz == 0.0 { 0.0 } else { ((self.e + self.pz.abs()) / transverse).ln() };
        y.copysign(self.pz)
    }

    /// Squared invariant mass E^2 - p^2.
    pub fn mass2(&self) -> f64 {
        let p = self.p();
        (self.e - p) * (self.e + p)
    }

    /// Invariant mass; 0 where rounding makes the square of a massless system negative.
    pub fn mass(&self) -> f64 {
        self.mass2().max(0.0).sqrt()
    }

    /// Minkowski product.
    pub fn dot(&self, other: &FourVector) -> f64 {
        self.e * other.e - self.px * other.px - self.py * other.py - self.pz * other.pz
    }

    /// Velocity p / E, in units of c.
    pub fn velocity(&self) -> [f64; 3] {
        [self.px / self.e, self.py / self.e, self.pz / self.e]
    }

    /// The momentum seen after boosting by the velocity `beta` (|beta| < 1): a particle at rest then moves with `beta`.
    pub fn boost(&self, beta: [f64; 3]) -> FourVector {
        let b2 = beta.iter().map(|b| b * b).sum::<f64>();
        let gamma = 1.0 / (1.0 - b2).sqrt();
        let along = beta[0] * self.px + beta[1] * self.py + beta[2] * self.pz;
        // gamma^2 / (1 + gamma) equals (gamma - 1) / beta^2 without dividing by zero at rest.
        let k = gamma * gamma / (1.0 + gamma) * along + gamma * self.e;
        FourVector::new(gamma * (self.e + along), self.px + k * beta[0], self.py + k * beta[1], self.pz + k * beta[2])
    }

    /// Distance in pseudorapidity and azimuth, with the azimuth wrapped.
    pub fn delta_r(&self, other: &FourVector) -> f64 {
        (self.eta() - other.eta()).hypot(wrap_phi(self.phi() - other.phi()))
    }
}

/// The same angle in (-pi, pi].
pub fn wrap_phi(phi: f64) -> f64 {
    let wrapped = phi - 2.0 * PI * (phi / (2.0 * PI)).round();
    if wrapped <= -PI { wrapped + 2.0 * PI } else { wrapped }
}

impl Add for FourVector {
    type Output = FourVector;
    fn add(self, o: FourVector) -> FourVector {
        FourVector::new(self.e + o.e, self.px + o.px, self.py + o.py, self.pz + o.pz)
    }
}

impl Sub for FourVector {
    type Output = FourVector;
    fn sub(self, o: FourVector) -> FourVector {
        self + -o
    }
}

impl Neg for FourVector {
    type Output = FourVector;
    fn neg(self) -> FourVector {
        self * -1.0
    }
}

impl Mul<f64> for FourVector {
    type Output = FourVector;
    fn mul(self, k: f64) -> FourVector {
        FourVector::new(self.e * k, self.px * k, self.py * k, self.pz * k)
    }
}

impl Sum for FourVector {
    fn sum<I: Iterator<Item = FourVector>>(iter: I) -> FourVector {
        iter.fold(FourVector::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs())), "{a} is not {b}");
    }

    fn examples() -> Vec<FourVector> {
        [(1.0, 0.3, 2.0, 0.0), (50.0, -2.5, -3.0, 80.4), (0.2, 4.0, 0.0, 0.1396), (700.0, 0.0, 3.1, 173.0)]
            .map(|(pt, eta, phi, m)| FourVector::from_pt_eta_phi_mass(pt, eta, phi, m))
            .to_vec()
    }

    #[test]
    fn collider_coordinates_lead_back_to_the_momentum() {
        for v in examples() {
            // The mass of a fast particle is a difference of large numbers: relative precision E^2/m^2 * 2^-53.
            let tolerance = 1e-12 * (1.0 + v.e * v.e);
            assert!((FourVector::from_pt_eta_phi_mass(v.pt(), v.eta(), v.phi(), v.mass()).e - v.e).abs() < tolerance);
        }
        let v = FourVector::from_pt_eta_phi_mass(50.0, -2.5, -3.0, 80.4);
        close(v.pt(), 50.0);
        close(v.eta(), -2.5);
        close(v.phi(), -3.0);
        close(v.mass(), 80.4);
    }

    #[test]
    fn rapidity_is_the_inverse_hyperbolic_tangent_of_the_longitudinal_velocity() {
        for v in examples() {
            close(v.rapidity(), (v.pz / v.e).atanh());
        }
        let light = FourVector::massless([-1.7, 0.4, 3.0]);
        close(light.rapidity(), light.eta());
        close(light.eta(), -1.7);
    }

    #[test]
    fn two_massless_momenta_have_the_textbook_mass() {
        // m^2 = 2 pT1 pT2 (cosh(eta1 - eta2) - cos(phi1 - phi2)).
        let (a, b) = ([0.7, 0.1, 3.0], [-0.2, 2.0, 5.0]);
        let m2: f64 = 2.0 * 3.0 * 5.0 * ((0.9f64).cosh() - (1.9f64).cos());
        close((FourVector::massless(a) + FourVector::massless(b)).mass(), m2.sqrt());
        assert!(FourVector::massless(a).mass2() < 1e-12);
    }

    #[test]
    fn boosts_keep_products_and_compose_with_their_inverse() {
        let beta = [0.6, -0.3, 0.55];
        let v = examples();
        for a in &v {
            let back = a.boost(beta).boost(beta.map(|b| -b));
            close(back.e, a.e);
            close(back.pz, a.pz);
            for b in &v {
                let (x, y) = (a.dot(b), a.boost(beta).dot(&b.boost(beta)));
                assert!((x - y).abs() < 1e-11 * a.e * b.e, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_boost_by_its_own_velocity_brings_a_particle_from_rest_and_back() {
        let v = FourVector::from_pt_eta_phi_mass(50.0, -1.2, 1.0, 80.4);
        let moving = FourVector::new(80.4, 0.0, 0.0, 0.0).boost(v.velocity());
        close(moving.e, v.e);
        close(moving.px, v.px);
        let rest = v.boost(v.velocity().map(|b| -b));
        close(rest.e, 80.4);
        assert!(rest.p() < 1e-12 * v.e);
    }

    #[test]
    fn longitudinal_boosts_shift_the_rapidity() {
        let v = FourVector::from_pt_eta_phi_mass(20.0, 0.8, 1.0, 5.0);
        close(v.boost([0.0, 0.0, 0.9]).rapidity(), v.rapidity() + 0.9f64.atanh());
    }

    #[test]
    fn wrapped_angles_lie_in_the_half_open_circle_and_differ_by_full_turns() {
        for k in -50..=50 {
            let phi = 0.37 * f64::from(k);
            let w = wrap_phi(phi);
            assert!(w > -PI && w <= PI);
            close(w.cos(), phi.cos());
            close(w.sin(), phi.sin());
            assert_eq!(wrap_phi(w), w);
        }
        assert_eq!(wrap_phi(-PI), PI);
        assert_eq!(wrap_phi(PI), PI);
        let (a, b) = (FourVector::massless([0.0, 3.1, 1.0]), FourVector::massless([0.0, -3.1, 1.0]));
        close(a.delta_r(&b), 2.0 * PI - 6.2);
    }
}
