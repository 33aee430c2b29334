//! Any of the paths, chosen by name.

use std::str::FromStr;

use super::{Coef, Cosine, DdpmTable, Edm, Linear, Path, Polynomial, SubVp, Trig, Ve, VpLinear};
use crate::error::{Error, unknown};

/// A path as a value; parsing a name gives the path with its paper's constants.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyPath {
    /// See [`VpLinear`].
    VpLinear(VpLinear),
    /// See [`Cosine`].
    Cosine(Cosine),
    /// See [`Ve`].
    Ve(Ve),
    /// See [`Edm`].
    Edm(Edm),
    /// See [`Linear`].
    Linear(Linear),
    /// See [`DdpmTable`].
    DdpmTable(DdpmTable),
    /// See [`SubVp`].
    SubVp(SubVp),
    /// See [`Trig`].
    Trig(Trig),
    /// See [`Polynomial`].
    Polynomial(Polynomial),
}

impl AnyPath {
    /// The names that parse.
    pub const NAMES: [&str; 9] = ["vp", "cosine", "ve", "edm", "linear", "ddpm", "sub-vp", "trig", "polynomial"];

    fn path(&self) -> &dyn Path {
        match self {
            AnyPath::VpLinear(path) => path,
            AnyPath::Cosine(path) => path,
            AnyPath::Ve(path) => path,
            AnyPath::Edm(path) => path,
            AnyPath::Linear(path) => path,
            AnyPath::DdpmTable(path) => path,
            AnyPath::SubVp(path) => path,
            AnyPath::Trig(path) => path,
            AnyPath::Polynomial(path) => path,
        }
    }
}

impl FromStr for AnyPath {
    type Err = Error;

    fn from_str(name: &str) -> Result<AnyPath, Error> {
        Ok(match name {
            "vp" => AnyPath::VpLinear(VpLinear::default()),
            "cosine" => AnyPath::Cosine(Cosine),
            "ve" => AnyPath::Ve(Ve::default()),
            "edm" => AnyPath::Edm(Edm::default()),
            "linear" => AnyPath::Linear(Linear),
            "ddpm" => AnyPath::DdpmTable(DdpmTable::default()),
            "sub-vp" => AnyPath::SubVp(SubVp::default()),
            "trig" => AnyPath::Trig(Trig),
            "polynomial" => AnyPath::Polynomial(Polynomial::default()),
            _ => return Err(unknown("path", name, &AnyPath::NAMES)),
        })
    }
}

impl Path for AnyPath {
    fn at(&self, t: f64) -> Coef {
        self.path().at(t)
    }

    fn time(&self, lambda: f64) -> f64 {
        self.path().time(lambda)
    }

    fn span(&self) -> (f64, f64) {
        self.path().span()
    }
}
