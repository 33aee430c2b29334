//! One comparison of a real and a generated distribution: what a panel shows, before it is drawn.

use super::hist::{Bins, Hist, Sample, Scale, chi_square};

/// A panel: two histograms in common bins, and how to draw them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Short name by which a caller finds it (`mass`, `pt_sum`, ...; a column's label for columns).
    pub key: String,
    /// Class of jets written into the panel.
    pub tag: String,
    /// Name of the horizontal axis with its unit.
    pub x_label: String,
    /// Logarithmic vertical axis.
    pub log_y: bool,
    pub(super) y_label: String,
    pub(super) log_x: bool,
    pub(super) colour: &'static str,
    pub(super) filled: Option<Filled>,
}

/// The histograms of a panel that has entries.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    pub bins: Bins,
    pub real: Hist,
    pub generated: Hist,
    /// Chi-square and number of bins, where bins are independent.
    pub chi_square: Option<(f64, usize)>,
}

/// What is to be compared.
pub(super) struct Spec<'a> {
    pub key: &'a str,
    pub tag: &'a str,
    pub colour: &'static str,
    pub label: &'a str,
    pub unit: &'a str,
    pub scale: Scale,
    pub log_y: bool,
}

impl Panel {
    pub(super) fn new(spec: &Spec, real: &Sample, generated: &Sample) -> Panel {
        let filled = Bins::choose(real, spec.scale).or_else(|| Bins::choose(generated, spec.scale)).map(|bins| {
            let (real_hist, generated_hist) = (Hist::fill(&bins, real), Hist::fill(&bins, generated));
            let chi_square = (real.per_jet.is_none() && real_hist.entries > 0.0 && generated_hist.entries > 0.0)
                .then(|| chi_square(&bins, &real_hist, &generated_hist))
                .filter(|(_, n)| *n > 0);
            Filled { bins, real: real_hist, generated: generated_hist, chi_square }
        });
        let name = match (real.per_jet.is_some(), spec.scale) {
            (true, _) => "Particle density per jet",
            (false, Scale::Integer) => "Probability",
            (false, _) => "Probability density",
        };
        let (unit, inverse) = if spec.unit.is_empty() {
            (String::new(), String::new())
        } else {
            (format!(" [{}]", spec.unit), format!(" [{}^{{\u{2212}1}}]", spec.unit))
        };
        Panel {
            key: spec.key.to_string(),
            tag: spec.tag.to_string(),
            x_label: format!("{}{unit}", spec.label),
            y_label: format!("{name}{inverse}"),
            log_x: spec.scale == Scale::Log,
            log_y: spec.log_y,
            colour: spec.colour,
            filled,
        }
    }
}
