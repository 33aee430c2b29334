//! Observables of a jet's constituents, in relative coordinates (etarel, phirel, z = ptrel); all are 0 for a jet without constituents.
//!
//! * angularities lambda^kappa_beta = sum_i z_i^kappa theta_i^beta (arXiv:1408.3122, eq. 1.1, R0 = 1): girth, width, pT dispersion;
//! * energy correlation functions e_N, summed over N-tuples, and D2 = e3 / e2^3 (arXiv:1305.0007, arXiv:1409.6298);
//! * the mass of massless constituents, in units of the jet's pT, as in JetNet's evaluation (arXiv:2106.11535).

use crate::fourvector::{FourVector, wrap_phi};

/// One constituent: etarel, phirel, ptrel.
pub type Particle = [f32; 3];

/// The same constituent in double precision.
pub(crate) fn wide(p: &Particle) -> [f64; 3] {
    p.map(f64::from)
}

/// Sum of the constituents as massless four-momenta relative to the jet axis, in units of the jet's pT.
pub fn momentum(particles: &[Particle]) -> FourVector {
    particles.iter().map(|p| FourVector::massless(wide(p))).sum()
}

/// Invariant mass of the constituents over the jet's pT.
pub fn relative_mass(particles: &[Particle]) -> f64 {
    momentum(particles).mass()
}

/// Scalar sum of the constituents' ptrel.
pub fn sum_pt(particles: &[Particle]) -> f64 {
    particles.iter().map(|p| f64::from(p[2])).sum()
}

/// Angularity: sum of z^kappa theta^beta with z = ptrel / sum ptrel and theta the distance to the jet axis.
pub fn angularity(particles: &[Particle], kappa: f64, beta: f64) -> f64 {
    let total = sum_pt(particles);
    if total <= 0.0 {
        return 0.0;
    }
    let term = |p: &Particle| {
        let [eta, phi, pt] = wide(p);
        power(pt / total, kappa) * power((eta * eta + phi * phi).sqrt(), beta)
    };
    particles.iter().map(term).sum()
}

/// Girth: pT-weighted mean distance to the jet axis, lambda^1_1.
pub fn girth(particles: &[Particle]) -> f64 {
    angularity(particles, 1.0, 1.0)
}

/// Width: pT-weighted mean squared distance to the jet axis, lambda^1_2.
pub fn width(particles: &[Particle]) -> f64 {
    angularity(particles, 1.0, 2.0)
}

/// pT dispersion sqrt(sum pT^2) / sum pT: 1 for a single constituent, 1 / sqrt(n) for n equal ones.
pub fn pt_dispersion(particles: &[Particle]) -> f64 {
    angularity(particles, 2.0, 0.0).sqrt()
}

/// Energy correlations of two and three constituents, normalised by the summed pT.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Correlations {
    /// e2 = sum over pairs of z_i z_j theta_ij^beta.
    pub e2: f64,
    /// e3 = sum over triples of z_i z_j z_k (theta_ij theta_jk theta_ki)^beta.
    pub e3: f64,
}

impl Correlations {
    /// From the definition, in O(n^3); `beta` weighs the angles.
    pub fn of(particles: &[Particle], beta: f64) -> Correlations {
        let (n, total) = (particles.len(), sum_pt(particles));
        if total <= 0.0 {
            return Correlations::default();
        }
        let z: Vec<f64> = particles.iter().map(|p| f64::from(p[2]) / total).collect();
        let mut angle = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..i {
                let theta = distance(wide(&particles[i]), wide(&particles[j]));
                angle[i * n + j] = power(theta, beta);
            }
        }
        let (mut e2, mut e3) = (0.0, 0.0);
        for i in 0..n {
            let row_i = &angle[i * n..i * n + i];
            for j in 0..i {
                let pair = z[i] * z[j] * row_i[j];
                let row_j = &angle[j * n..j * n + j];
                let third: f64 = row_i.iter().zip(row_j).zip(&z).map(|((a, b), z)| a * b * z).sum();
                e2 += pair;
                e3 += pair * third;
            }
        }
        Correlations { e2, e3 }
    }

    /// D2 = e3 / e2^3, small for two-pronged jets; 0 where e2 vanishes.
    pub fn d2(&self) -> f64 {
        ratio(self.e3, self.e2.powi(3))
    }

    /// C2 = e3 / e2^2; 0 where e2 vanishes.
    pub fn c2(&self) -> f64 {
        ratio(self.e3, self.e2.powi(2))
    }
}

/// Distance in the (eta, phi) plane with the azimuth wrapped.
pub(crate) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (eta, phi) = (a[0] - b[0], wrap_phi(a[1] - b[1]));
    (eta * eta + phi * phi).sqrt()
}

/// `x^exponent`, without the power function for the usual exponents.
pub(crate) fn power(x: f64, exponent: f64) -> f64 {
    match exponent {
        0.0 => 1.0,
        0.5 => x.sqrt(),
        1.0 => x,
        2.0 => x * x,
        _ => x.powf(exponent),
    }
}

/// A quotient that is 0 where the denominator is.
pub(crate) fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * a.abs().max(b.abs()), "{a} is not {b}");
    }

    /// A jet with a spread of `size`, without regularity.
    fn jet(n: usize, size: f32) -> Vec<Particle> {
        let wave = |k: usize, f: f32| (f * k as f32 + 0.3).sin();
        (0..n).map(|k| [size * wave(k, 1.7), size * wave(k, 2.9), 1.0 / (k + 1) as f32]).collect()
    }

    #[test]
    fn a_jet_without_constituents_has_zero_observables() {
        let none: [Particle; 0] = [];
        let c = Correlations::of(&none, 1.0);
        for value in [relative_mass(&none), girth(&none), width(&none), pt_dispersion(&none), c.e2, c.d2(), c.c2()] {
            assert_eq!(value, 0.0);
        }
    }

    #[test]
    fn two_equal_constituents_have_the_mass_of_the_textbook() {
        // m^2 = 2 z^2 (cosh(eta1 - eta2) - cos(phi1 - phi2)) with z = 1/2, eta = +-0.25, phi = 0.
        let pair = [[0.25, 0.0, 0.5], [-0.25, 0.0, 0.5]];
        close(relative_mass(&pair).powi(2), 0.5 * (0.5f64.cosh() - 1.0), 1e-12);
        close(girth(&pair), 0.25, 1e-12);
        close(width(&pair), 0.0625, 1e-12);
        close(pt_dispersion(&pair), 0.5f64.sqrt(), 1e-12);
    }

    #[test]
    fn pt_dispersion_of_n_equal_constituents_is_one_over_root_n() {
        for n in [1, 4, 9] {
            close(pt_dispersion(&vec![[0.1, 0.2, 0.3]; n]), 1.0 / (n as f64).sqrt(), 1e-12);
        }
    }

    #[test]
    fn the_squared_mass_approaches_the_pair_correlation_with_squared_angles() {
        // 2 (cosh x - cos y) = x^2 + y^2 + O(x^4 - y^4): the relative difference falls with the square of the size.
        let difference = |size: f32| {
            let p = jet(8, size);
            let e2 = Correlations::of(&p, 2.0).e2 * sum_pt(&p).powi(2);
            (relative_mass(&p).powi(2) / e2 - 1.0).abs()
        };
        let (wide, narrow) = (difference(0.4), difference(0.1));
        assert!(wide < 0.02, "{wide}");
        assert!(wide / narrow > 14.0 && wide / narrow < 18.0, "{wide} {narrow}");
    }

    #[test]
    fn correlations_equal_the_sums_over_ordered_tuples() {
        for beta in [0.5, 1.0, 2.0] {
            let p = jet(6, 0.4);
            let total = sum_pt(&p);
            let (mut e2, mut e3) = (0.0, 0.0);
            for a in &p {
                for b in &p {
                    let z = |q: &Particle| f64::from(q[2]) / total;
                    let t =
                        |q: &Particle, r: &Particle| f64::from(q[0] - r[0]).hypot(f64::from(q[1] - r[1])).powf(beta);
                    e2 += z(a) * z(b) * t(a, b) / 2.0;
                    for c in &p {
                        e3 += z(a) * z(b) * z(c) * t(a, b) * t(b, c) * t(c, a) / 6.0;
                    }
                }
            }
            let fast = Correlations::of(&p, beta);
            // Differences of single-precision coordinates above are rounded once more.
            close(fast.e2, e2, 1e-6);
            close(fast.e3, e3, 1e-6);
        }
    }

    #[test]
    fn three_equal_constituents_on_an_equilateral_triangle_have_d2_of_one() {
        // e2 = 3 (1/9) s and e3 = (1/27) s^3 give D2 = (1/27) / (1/27) = 1 for every side s.
        let h = 0.75f64.sqrt() as f32;
        let p = [[0.0, 0.0, 0.2], [0.3, 0.0, 0.2], [0.15, 0.3 * h, 0.2]];
        close(Correlations::of(&p, 1.0).d2(), 1.0, 1e-6);
        assert_eq!(Correlations::of(&p[..2], 1.0).d2(), 0.0);
    }

    #[test]
    fn observables_do_not_care_about_the_unit_of_pt() {
        let p = jet(7, 0.3);
        let double: Vec<Particle> = p.iter().map(|q| [q[0], q[1], 2.0 * q[2]]).collect();
        close(relative_mass(&double), 2.0 * relative_mass(&p), 1e-12);
        close(girth(&double), girth(&p), 1e-12);
        close(Correlations::of(&double, 1.0).d2(), Correlations::of(&p, 1.0).d2(), 1e-12);
    }
}
