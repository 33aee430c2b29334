//! Values of arguments that are names: classes and samplers, with their choices shown in the help and the nearest one suggested.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use collider::JetClass;

/// Accepts a class by its letter or its name.
pub fn class() -> impl TypedValueParser<Value = JetClass> {
    let values = JetClass::ALL.map(|c| {
        let value = PossibleValue::new(c.letter()).help(c.name());
        match c {
            JetClass::G => value.alias("gluon"),
            JetClass::Q => value.alias("light-quark"),
            JetClass::T => value.alias("top"),
            JetClass::W => value.alias("W"),
            JetClass::Z => value.alias("Z"),
        }
    });
    PossibleValuesParser::new(values).try_map(|text| text.parse::<JetClass>().or_else(|_| text.replace('-', " ").parse()))
}

/// Accepts the name of a sampler.
pub fn sampler() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(diffusion::Sampler::NAMES.iter().map(|&name| PossibleValue::new(name)))
}

/// The name of a sampler, as [`sampler`] accepts it.
pub fn sampler_name(sampler: &diffusion::Sampler) -> &'static str {
    let same = |name: &&&str| name.parse::<diffusion::Sampler>().as_ref() == Ok(sampler);
    diffusion::Sampler::NAMES.iter().find(same).copied().unwrap_or("custom")
}
