//! The five jet classes of JetNet (Kansal et al., arXiv:2106.11535): the parton that started the jet, named as in the file names `g.hdf5` ... `z.hdf5`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The parton (or boson) from which a jet grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JetClass {
    /// Gluon.
    G,
    /// Light quark (u, d, s).
    Q,
    /// Top quark, W -> qq.
    T,
    /// W boson -> qq.
    W,
    /// Z boson -> qq.
    Z,
}

impl JetClass {
    /// All classes, in the order of their index.
    pub const ALL: [JetClass; 5] = [JetClass::G, JetClass::Q, JetClass::T, JetClass::W, JetClass::Z];

    /// Index 0..5 in [`JetClass::ALL`]; the number stored as `jet_type` in files that mix classes.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The class with this index, if there is one.
    pub fn from_index(index: usize) -> Option<JetClass> {
        Self::ALL.get(index).copied()
    }

    /// The letter of the file name: "g", "q", "t", "w", "z".
    pub fn letter(self) -> &'static str {
        ["g", "q", "t", "w", "z"][self.index()]
    }

    /// The name for people: "gluon", "light quark", "top", "W", "Z".
    pub fn name(self) -> &'static str {
        ["gluon", "light quark", "top", "W", "Z"][self.index()]
    }
}

impl fmt::Display for JetClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

impl FromStr for JetClass {
    type Err = Error;

    /// Accepts the letter or the name, in any case; anything else is [`Error::UnknownClass`].
    fn from_str(s: &str) -> Result<JetClass, Error> {
        JetClass::ALL
            .into_iter()
            .find(|c| s.eq_ignore_ascii_case(c.letter()) || s.eq_ignore_ascii_case(c.name()))
            .ok_or_else(|| Error::UnknownClass { name: s.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_names_and_indices_lead_back_to_the_class() {
        for (i, c) in JetClass::ALL.into_iter().enumerate() {
            assert_eq!(c.letter().parse::<JetClass>().unwrap(), c);
            assert_eq!(c.name().parse::<JetClass>().unwrap(), c);
            assert_eq!(c.letter().to_uppercase().parse::<JetClass>().unwrap(), c);
            assert_eq!(JetClass::from_index(i), Some(c));
            assert_eq!(c.index(), i);
        }
        assert_eq!(JetClass::from_index(5), None);
    }

    #[test]
    fn an_unknown_class_is_answered_with_the_choices() {
        let message = "b".parse::<JetClass>().unwrap_err().to_string();
        assert!(message.contains("\"b\"") && message.contains("g, q, t, w, z"), "{message}");
    }
}
