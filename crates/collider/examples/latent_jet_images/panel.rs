//! A panel: a quantity of real, decoded and generated images above, the ratio to the real ones below.

use std::fmt::Write;

use super::Sample;
use super::images::{Image, profile};

/// Width of a column of panels.
pub const COLUMN: f64 = 360.0;
/// Room for the numbers left of a panel.
pub const LEFT: f64 = 54.0;
/// Colour of lines around things.
pub const OUTLINE: &str = "#7a7a7a";
const REAL: &str = "#dcdcdc";
const DECODED: &str = "#555555";

/// Words at a place.
pub fn text(out: &mut String, x: f64, y: f64, style: &str, words: &str) {
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{words}</text>");
}

/// A quantity as mean and standard error per bin: real, decoded, generated.
pub struct Panel<'a> {
    edges: Vec<f64>,
    log_x: bool,
    log_y: bool,
    x_label: &'a str,
    y_label: &'a str,
    values: [Vec<(f64, f64)>; 3],
}

impl Panel<'_> {
    /// What `entries` (value, weight) of each image make of the bins; axes are logarithmic in x, y.
    pub fn new<'a>(
        sample: &Sample,
        edges: Vec<f64>,
        [log_x, log_y]: [bool; 2],
        [x_label, y_label]: [&'a str; 2],
        entries: impl Fn(&Image) -> Vec<(f64, f64)>,
    ) -> Panel<'a> {
        let values = [&sample.real, &sample.decoded, &sample.generated].map(|i| profile(i, &edges, &entries));
        Panel { edges, log_x, log_y, x_label, y_label, values }
    }

    /// Draws it with the upper left corner of its frame at a place.
    pub fn draw(&self, out: &mut String, [left, top]: [f64; 2], tint: &str) {
        let (width, height, low, ratio) = (COLUMN - LEFT - 24.0, 130.0, top + 138.0, 54.0);
        let bins = self.edges.len() - 1;
        let scale = |v: f64| if self.log_x { v.ln() } else { v };
        let (from, to) = (scale(self.edges[0]), scale(self.edges[bins]));
        let px = |v: f64| left + width * (scale(v) - from) / (to - from);
        let middle = |b: usize| 0.5 * (px(self.edges[b]) + px(self.edges[b + 1]));
        let highest = self.values.iter().flatten().map(|v| v.0).fold(0.0, f64::max);
        let lowest = self.values.iter().flatten().map(|v| v.0).filter(|v| *v > 0.0).fold(highest, f64::min);
        let floor = if self.log_y { lowest.max(1e-5 * highest).log10().floor() } else { 0.0 };
        let roof = if self.log_y { (2.0 * highest).log10() } else { 1.15 * highest };
        let level = |v: f64| if self.log_y { v.max(1e-300).log10() } else { v };
        let py = |v: f64| top + height * (1.0 - ((level(v) - floor) / (roof - floor)).clamp(0.0, 1.0));

        let steps = |values: &[(f64, f64)]| {
            let mut d = format!("M{:.1} {:.1}", left, top + height);
            for (b, v) in values.iter().enumerate() {
                let _ = write!(d, "V{:.1}H{:.1}", py(v.0), px(self.edges[b + 1]));
            }
            d
        };
        let [real, decoded, generated] = &self.values;
        let _ =
            writeln!(out, "<path d=\"{}V{:.1}z\" fill=\"{REAL}\" stroke=\"{OUTLINE}\"/>", steps(real), top + height);
        let dashed = format!("fill=\"none\" stroke=\"{DECODED}\" stroke-dasharray=\"3 2\"");
        let _ = writeln!(out, "<path d=\"{}\" {dashed}/>", steps(decoded));
        let _ =
            writeln!(out, "<path d=\"{}\" fill=\"none\" stroke=\"{tint}\" stroke-width=\"1.5\"/>", steps(generated));

        let part = |value: f64| low + ratio * (1.0 - ((value - 0.5) / 1.0).clamp(0.0, 1.0));
        for b in 0..bins {
            let (l, r) = (px(self.edges[b]), px(self.edges[b + 1]));
            let (mean, error) = real[b];
            if mean <= 0.0 {
                continue;
            }
            let (high, deep) = (part(1.0 + error / mean), part(1.0 - error / mean));
            let _ = writeln!(
                out,
                "<rect x=\"{l:.1}\" y=\"{high:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{REAL}\"/>",
                r - l,
                deep - high
            );
            let _ = writeln!(out, "<path d=\"M{l:.1} {:.1}H{r:.1}\" {dashed}/>", part(decoded[b].0 / mean));
            let (value, error) = (generated[b].0 / mean, generated[b].1 / mean);
            let (a, z) = (part(value + error), part(value - error));
            let x = middle(b);
            let _ = writeln!(out, "<path d=\"M{x:.1} {a:.1}V{z:.1}\" stroke=\"{tint}\"/>");
            if (0.5..=1.5).contains(&value) {
                let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"1.8\" fill=\"{tint}\"/>", part(value));
            } else {
                // An arrow at the border stands for a point beyond it.
                let (y, tip) = if value > 1.5 { (low + 6.0, -5.0) } else { (low + ratio - 6.0, 5.0) };
                let _ = writeln!(out, "<path d=\"M{:.1} {y:.1}h5l-2.5 {tip}z\" fill=\"{tint}\"/>", x - 2.5);
            }
        }
        let _ = writeln!(
            out,
            "<path d=\"M{left} {:.1}h{width}\" stroke=\"{OUTLINE}\" stroke-dasharray=\"1 2\"/>",
            part(1.0)
        );
        for (y, h) in [(top, height), (low, ratio)] {
            let _ = writeln!(
                out,
                "<rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{h}\" fill=\"none\" stroke=\"#333\"/>"
            );
        }
        for v in self.ticks() {
            text(out, px(v), low + ratio + 13.0, "class=\"n\" text-anchor=\"middle\"", &number(v));
            let _ = writeln!(
                out,
                "<path d=\"M{0:.1} {1:.1}v-4M{0:.1} {2:.1}v-4\" stroke=\"#333\"/>",
                px(v),
                top + height,
                low + ratio
            );
        }
        let heights: Vec<f64> = if self.log_y {
            (floor as i32..=roof.floor() as i32).map(|e| 10f64.powi(e)).collect()
        } else {
            let step = nice(highest / 3.5);
            (0..5).map(|k| step * f64::from(k)).filter(|v| *v < roof).collect()
        };
        for v in heights {
            text(out, left - 4.0, py(v) + 3.5, "class=\"n\" text-anchor=\"end\"", &number(v));
            let _ = writeln!(out, "<path d=\"M{left} {:.1}h4\" stroke=\"#333\"/>", py(v));
        }
        for v in [0.5, 1.0] {
            text(out, left - 4.0, part(v) + 3.5, "class=\"n\" text-anchor=\"end\"", &number(v));
        }
        text(out, left + width, low + ratio + 27.0, "text-anchor=\"end\"", self.x_label);
        text(out, left, top - 5.0, "", self.y_label);
    }

    fn ticks(&self) -> Vec<f64> {
        let end = self.edges[self.edges.len() - 1];
        if self.log_x {
            return (-6..=0)
                .map(|e| 10f64.powi(e))
                .filter(|v| *v >= 0.999 * self.edges[0] && *v <= 1.001 * end)
                .collect();
        }
        let step = nice(end / 4.0);
        (0..6).map(|k| step * f64::from(k)).filter(|v| *v <= 1.001 * end).collect()
    }
}

/// 1, 2 or 5 times a power of ten, near `v`.
fn nice(v: f64) -> f64 {
    let unit = 10f64.powf(v.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|m| *m >= 0.99 * v).unwrap_or(10.0 * unit)
}

fn number(v: f64) -> String {
    if v != 0.0 && !(1e-2..1e4).contains(&v) {
        return format!("10<tspan dy=\"-4\" font-size=\"8\">{}</tspan>", v.log10().round());
    }
    format!("{v:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}
