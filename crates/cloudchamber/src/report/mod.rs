//! The report: how generated jets compare with real ones, as one self-contained HTML page with inline SVG.
//!
//! Fill a [`Report`] and [`write()`] it. Labels use three marks: `*x*` is italic, `_{x}` a subscript, `^{x}` a superscript.
//!
//! | function | makes |
//! |---|---|
//! | [`html`], [`write()`] | the page |
//! | [`panels`], [`panel_svg`], [`panel_grid_svg`] | distributions with ratios |
//! | [`displays_svg`], [`strip_svg`] | jets as discs; a jet condensing out of noise |
//! | [`loss_svg`] | loss curves |
//!
//! Nothing here fails on bad numbers: what cannot be shown is counted or shown as "no entries".

mod curves;
mod display;
mod hist;
mod images;
mod observables;
mod page;
mod panel;
mod panel_svg;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod tests;

pub use curves::loss_svg;
pub use display::{JET_RADIUS, displays_svg, strip_svg};
pub use observables::{column_panels, panels, relative_mass};
pub use page::{html, panel_grid_svg, panel_svg};
pub use panel::Panel;
pub use table::Standing;

use collider::{JetClass, Jets};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything a report shows. Empty parts are left out of the page.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Heading.
    pub title: String,
    /// One sentence below it, such as the model's name and its hardware.
    pub subtitle: String,
    /// What was done, in pairs: samples, batches, seeds, clipping, origin of conditions, sampler, steps, evaluations, jets
    /// per second, hardware.
    pub protocol: Vec<(String, String)>,
    /// Jets and metrics by class.
    pub classes: Vec<ClassReport>,
    /// Jets on their way from noise to data.
    pub trajectories: Vec<Trajectory>,
    /// Loss curves.
    pub training: Vec<Curve>,
    /// Last line: version, command, date.
    pub footer: String,
}

/// Real and generated jets of one class.
#[derive(Clone, Debug, Default)]
pub struct ClassReport {
    /// Name of the class, as in "top" jets.
    pub label: String,
    /// Index into the palette.
    pub colour: usize,
    /// The reference sample.
    pub real: Jets,
    /// The sample to be judged.
    pub generated: Jets,
    /// Figures of merit.
    pub metrics: Vec<MetricRow>,
    /// More observables, one number for each jet, computed by the caller.
    pub columns: Vec<Column>,
}

impl ClassReport {
    /// Jets of a class under its name and in its colour, without metrics and columns.
    pub fn new(class: JetClass, real: Jets, generated: Jets) -> ClassReport {
        let colour = class.index();
        ClassReport { label: class.name().to_string(), colour, real, generated, ..ClassReport::default() }
    }
}

/// What a good value of a metric is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// The smaller the better (distances).
    #[default]
    Small,
    /// The larger the better (coverage).
    Large,
    /// The closer to this value the better (0.5 for the area under a classifier's curve).
    Near(f64),
}

/// A metric and its floor, the same metric between two independent real samples. NaN stands for "not known".
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MetricRow {
    /// Short name, in the notation of labels; rows of different classes with one name share a row of the summary.
    pub name: String,
    /// Real against generated.
    pub value: f64,
    /// Standard error of the value.
    pub error: f64,
    /// Real against real.
    pub floor: f64,
    /// Standard error of the floor.
    pub floor_error: f64,
    /// Unit in which the numbers are shown, such as 1e-3.
    pub scale: f64,
    /// What a good value is.
    pub goal: Goal,
    /// What the metric measures, in one sentence.
    pub explanation: String,
}

impl MetricRow {
    /// A metric of unknown value and floor, unit 1, the smaller the better.
    pub fn new(name: &str) -> MetricRow {
        let unknown = f64::NAN;
        MetricRow {
            name: name.to_string(),
            value: unknown,
            error: unknown,
            floor: unknown,
            floor_error: unknown,
            scale: 1.0,
            goal: Goal::Small,
            explanation: String::new(),
        }
    }
}

/// An observable with one value for each real and each generated jet.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Name, in the notation of labels.
    pub label: String,
    /// Unit, or nothing.
    pub unit: String,
    /// Values of the real jets.
    pub real: Vec<f32>,
    /// Values of the generated jets.
    pub generated: Vec<f32>,
    /// Logarithmic horizontal axis.
    pub log_x: bool,
    /// Logarithmic vertical axis.
    pub log_y: bool,
    /// Whole numbers: bins are centred on them.
    pub integer: bool,
}

/// One jet along the path from noise to data.
#[derive(Clone, Debug, Default)]
pub struct Trajectory {
    /// What it is, such as "top jet, 20 steps".
    pub label: String,
    /// Six to eight states with their names, from noise to data: (etarel, phirel, ptrel) of each particle.
    pub frames: Vec<(String, Vec<[f32; 3]>)>,
}

/// The loss of a training run.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// Name of the run.
    pub label: String,
    /// (step, training loss, validation loss); NaN where one was not measured.
    pub points: Vec<(f64, f64, f64)>,
}

/// Writes the page to a file, which appears whole or not at all.
///
/// # Errors
/// Those of creating, writing and renaming a file in the folder of `path`.
pub fn write(report: &Report, path: &Path) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    std::fs::write(&partial, html(report))?;
    std::fs::rename(&partial, path)
}

/// The real particles of a jet; none where the record contradicts itself.
fn particles(jets: &Jets, i: usize) -> &[[f32; 3]] {
    let start = i * jets.capacity;
    let count = jets.count.get(i).map_or(0, |&n| usize::from(n));
    jets.particles.get(start..start + count).unwrap_or(&[])
}
