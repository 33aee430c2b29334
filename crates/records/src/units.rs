//! The units of HepMC files (U line) and their factors to GeV and mm.

use crate::error::Fault;
use crate::tokens::Tokens;

/// Divisor of momenta and factor of lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Units {
    /// 1000 for MeV: dividing rounds once, multiplying by 0.001 twice.
    momentum: f64,
    length: f64,
}

impl Units {
    /// The words after `U`.
    pub(crate) fn parse(tokens: &mut Tokens) -> Result<Units, Fault> {
        let momentum = match tokens.word().unwrap_or_default() {
            b"GEV" => 1.0,
            b"MEV" => 1000.0,
            other => return Err(Fault::text("a momentum unit, GEV or MEV", other)),
        };
        let length = match tokens.word().unwrap_or_default() {
            b"MM" => 1.0,
            b"CM" => 10.0,
            other => return Err(Fault::text("a length unit, MM or CM", other)),
        };
        Ok(Units { momentum, length })
    }

    #[inline]
    pub(crate) fn momentum<const N: usize>(self, numbers: [f64; N]) -> [f64; N] {
        if self.momentum == 1.0 { numbers } else { numbers.map(|x| x / self.momentum) }
    }

    #[inline]
    pub(crate) fn length(self, position: [f64; 4]) -> [f64; 4] {
        position.map(|x| x * self.length)
    }
}
