//! Which distance is clustered by: the generalised kT family,
//!
//! ```text
//! d_ij = min(pT_i^2p, pT_j^2p) Delta R_ij^2 / R^2,    d_iB = pT_i^2p,    Delta R^2 = (y_i - y_j)^2 + (phi_i - phi_j)^2
//! ```
//!
//! with p = 1 for kT (hep-ph/9305266), 0 for Cambridge/Aachen (hep-ph/9707323, hep-ph/9907280), -1 for anti-kT (arXiv:0802.1189).

use crate::Error;

/// The largest radius: at R = 1000 no particle of finite rapidity goes to the beam before all have merged.
pub const MAX_RADIUS: f64 = 1000.0;

/// A member of the generalised kT family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Algorithm {
    /// p = -1: circular jets around hard particles.
    AntiKt,
    /// p = 1: undoes a shower in the order of relative transverse momentum.
    Kt,
    /// p = 0: undoes a shower in the order of angles.
    CambridgeAachen,
    /// Any exponent.
    GenKt {
        /// The exponent of pT^2.
        p: f64,
    },
}

impl Algorithm {
    /// pT^2p, kept below 1e300 so that products with distances stay finite.
    #[inline(always)]
    pub(crate) fn factor(&self, pt2: f64) -> f64 {
        let factor = match self {
            Algorithm::AntiKt => 1.0 / pt2,
            Algorithm::Kt => pt2,
            Algorithm::CambridgeAachen => 1.0,
            Algorithm::GenKt { p } => pt2.powf(*p),
        };
        if factor < 1e300 { factor } else { 1e300 }
    }
}

/// How the momentum of two becomes that of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recombination {
    /// Four-momenta add (the E scheme).
    #[default]
    EScheme,
    /// pT adds; rapidity, azimuth and mass are those of the harder in pT (winner takes all, arXiv:1310.7584).
    WinnerTakesAll,
}

/// An algorithm with its radius and recombination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JetDefinition {
    /// The distance.
    pub algorithm: Algorithm,
    /// R, in (0, 1000].
    pub radius: f64,
    /// How momenta are combined.
    pub recombination: Recombination,
}

impl JetDefinition {
    /// An algorithm at a radius, in the E scheme.
    pub fn new(algorithm: Algorithm, radius: f64) -> JetDefinition {
        JetDefinition { algorithm, radius, recombination: Recombination::EScheme }
    }

    /// Without a beam, for reclustering all of a jet: the radius is [`MAX_RADIUS`].
    pub fn whole(algorithm: Algorithm) -> JetDefinition {
        JetDefinition::new(algorithm, MAX_RADIUS)
    }

    /// An error that names the parameter out of its range.
    pub fn validate(&self) -> Result<(), Error> {
        if !(self.radius > 0.0 && self.radius <= MAX_RADIUS) {
            return Err(Error::Parameter { name: "the radius", value: self.radius, expected: "in (0, 1000]" });
        }
        match self.algorithm {
            Algorithm::GenKt { p } if !p.is_finite() => {
                Err(Error::Parameter { name: "the exponent p", value: p, expected: "finite" })
            }
            _ => Ok(()),
        }
    }
}
