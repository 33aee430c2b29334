//! Values of arguments that are names: classes and samplers, with their choices shown in the help and the nearest one suggested.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use collider::JetClass;

use kernels::Precision;

use crate::Error;

/// Accepts a class by its letter or its name; see [`class`].
#[derive(Clone, Copy, Debug)]
pub struct ClassParser;

/// Accepts a class by its letter or its name.
pub fn class() -> ClassParser {
    ClassParser
}

impl TypedValueParser for ClassParser {
    type Value = JetClass;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<JetClass, clap::Error> {
        let text = value.to_string_lossy();
        text.replace('-', " ").parse().map_err(|_| {
            let names =
                JetClass::ALL.iter().flat_map(|c| [c.letter(), c.name()]).filter(|name| !["W", "Z"].contains(name));
            clap::Error::raw(ErrorKind::InvalidValue, format!("{}\n", Error::unknown("class", &text, "--class", names)))
                .with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(JetClass::ALL.into_iter().map(|c| PossibleValue::new(c.letter()).help(c.name()))))
    }
}

/// A distance in Angstrom.
///
/// # Errors
/// What is expected of any other text.
pub fn distance(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|d: &f64| d.is_finite() && *d > 0.0);
    parsed.ok_or_else(|| "expected a distance in Angstrom, more than 0".into())
}

/// Accepts the name of a sampler, with its noise behind a colon if it has any; see [`sampler`].
#[derive(Clone, Copy, Debug)]
pub struct SamplerParser;

/// Accepts the name of a sampler, with its noise behind a colon if it has any.
pub fn sampler() -> SamplerParser {
    SamplerParser
}

impl TypedValueParser for SamplerParser {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, _: Option<&clap::Arg>, value: &OsStr) -> Result<String, clap::Error> {
        let text = value.to_string_lossy();
        match text.parse::<diffusion::Sampler>() {
            Ok(_) => Ok(text.into_owned()),
            Err(_) => {
                let refused = Error::sampler(&text, "--sampler");
                Err(clap::Error::raw(ErrorKind::InvalidValue, format!("{refused}\n")).with_cmd(command))
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(diffusion::Sampler::NAMES.iter().map(|&name| PossibleValue::new(name))))
    }
}

/// Accepts the name of a precision.
pub fn precision() -> impl TypedValueParser<Value = Precision> {
    let single = PossibleValue::new("single").help("24 bits");
    let bf16 =
        PossibleValue::new("bf16").help("8 bits, sums in 24: faster where the processor has AMX or AVX-512 BF16");
    PossibleValuesParser::new([single, bf16])
        .map(|name| if name == "bf16" { Precision::Bf16 } else { Precision::Single })
}

/// Accepts the name of a path.
pub fn path() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(diffusion::AnyPath::NAMES.iter().map(|&name| PossibleValue::new(name)))
}
