//! What guided methods are asked for, as sections of a recipe: a class and how strongly, or a measurement.

use diffusion::Interval;
use serde::{Deserialize, Serialize};

use super::Point;

/// `[guidance]`: towards what, how strongly, and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuidanceSection {
    /// The class that is asked for, from 0.
    pub class: usize,
    /// 1 for the model as it is, more for guidance.
    pub weight: f64,
    /// Least and most noise `sigma/alpha` at which the weight acts; everywhere if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
}

/// `[measurement]`: `value = along . data + sigma n`, with `n` standard normal, and how the data are sampled that it leaves possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeasurementSection {
    /// How the posterior is sampled.
    pub method: PosteriorKind,
    /// The row that is measured.
    pub along: Point,
    /// The outcome; that of one draw from the target if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Standard deviation of the noise.
    pub sigma: f64,
    /// Strength of diffusion posterior sampling; the others have none.
    pub strength: f64,
}

/// Posterior samplers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PosteriorKind {
    /// Diffusion posterior sampling.
    Dps,
    /// Pseudoinverse-guided diffusion.
    Pigdm,
    /// Moment-matching posterior sampling.
    Mmps,
}

impl Default for GuidanceSection {
    fn default() -> Self {
        GuidanceSection { class: 1, weight: 2.0, interval: None }
    }
}

impl Default for MeasurementSection {
    fn default() -> Self {
        MeasurementSection { method: PosteriorKind::Mmps, along: [1.0, 0.0], value: None, sigma: 0.5, strength: 1.0 }
    }
}

/// A key, the value that stands there and what is allowed.
pub type Refused = (&'static str, String, &'static str);

impl GuidanceSection {
    /// The key that is out of range, if one is.
    pub fn refused(&self) -> Option<Refused> {
        if !self.weight.is_finite() {
            return Some(("guidance.weight", self.weight.to_string(), "a finite number"));
        }
        match self.interval {
            Some([low, high]) if !(low > 0.0 && high > low) => {
                Some(("guidance.interval", format!("[{low}, {high}]"), "two increasing numbers above 0"))
            }
            _ => None,
        }
    }

    /// The weight and when it acts.
    pub fn interval(&self) -> Interval {
        match self.interval {
            Some([low, high]) => Interval::between(self.weight, low, high),
            None => Interval::always(self.weight),
        }
    }
}

impl MeasurementSection {
    /// The key that is out of range, if one is.
    pub fn refused(&self) -> Option<Refused> {
        let [a, b] = self.along;
        if !(a.is_finite() && b.is_finite() && self.along != [0.0, 0.0]) {
            return Some(("measurement.along", format!("[{a}, {b}]"), "two finite numbers, not both 0"));
        }
        if self.value.is_some_and(|y| !y.is_finite()) {
            return Some(("measurement.value", format!("{:?}", self.value), "a finite number"));
        }
        let positive = |key, number: f64| {
            (!(number.is_finite() && number > 0.0)).then(|| (key, number.to_string(), "a finite number above 0"))
        };
        positive("measurement.sigma", self.sigma).or_else(|| positive("measurement.strength", self.strength))
    }
}
