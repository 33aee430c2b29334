//! Metrics of all classes beside their floors, the value the same metric takes between two independent real samples.

use super::{ClassReport, Goal, MetricRow};
use crate::plot::label::{escape, html};
use std::fmt::Write;

/// How a value stands to its floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Within 1.5 times the floor, or within two standard errors of it.
    AtFloor,
    /// Within 3 times the floor.
    Near,
    /// Beyond.
    Far,
    /// Value or floor is missing.
    Unknown,
}

impl Standing {
    fn class(self) -> &'static str {
        match self {
            Standing::AtFloor => "at",
            Standing::Near => "near",
            Standing::Far => "far",
            Standing::Unknown => "unknown",
        }
    }

    fn glyph(self) -> &'static str {
        match self {
            Standing::AtFloor => "●",
            Standing::Near => "◐",
            Standing::Far => "○",
            Standing::Unknown => "·",
        }
    }
}

impl MetricRow {
    /// How many times worse than the floor the value is, 1 at the floor: value / floor, floor / value, or the ratio of the
    /// distances to a target. `None` where that has no meaning.
    pub fn excess(&self) -> Option<f64> {
        let excess = match self.goal {
            Goal::Small => self.value / self.floor,
            Goal::Large => self.floor / self.value,
            Goal::Near(target) => (self.value - target).abs() / (self.floor - target).abs().max(self.floor_error),
        };
        (excess.is_finite() && excess >= 0.0).then_some(excess)
    }

    /// How the value stands to its floor.
    pub fn standing(&self) -> Standing {
        if !self.value.is_finite() || !self.floor.is_finite() {
            return Standing::Unknown;
        }
        let finite = |x: f64| if x.is_finite() { x } else { 0.0 };
        let error = finite(self.error).hypot(finite(self.floor_error));
        let worse = match self.goal {
            Goal::Small => self.value - self.floor,
            Goal::Large => self.floor - self.value,
            Goal::Near(target) => (self.value - target).abs() - (self.floor - target).abs(),
        };
        match self.excess() {
            _ if worse <= 2.0 * error => Standing::AtFloor,
            Some(x) if x <= 1.5 => Standing::AtFloor,
            Some(x) if x <= 3.0 => Standing::Near,
            _ => Standing::Far,
        }
    }
}

/// A number with its error, both in units of `scale`, the error to two digits; HTML.
pub(crate) fn measured(value: f64, error: f64, scale: f64) -> String {
    let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
    let (v, e) = (value / scale, error / scale);
    if !v.is_finite() {
        return "–".to_string();
    }
    let known = e.is_finite() && e > 0.0;
    let largest = v.abs().max(if known { e } else { 0.0 });
    let power = if largest > 0.0 && !(1e-2..1e5).contains(&largest) { largest.log10().floor() as i32 } else { 0 };
    let unit = 10f64.powi(power);
    let (v, e) = (v / unit, e / unit);
    let digits =
        if known { 1.0 - e.log10().floor() } else { 2.0 - largest.max(1e-300).log10().floor() + f64::from(power) };
    let decimals = digits.clamp(0.0, 6.0) as usize;
    let mut out = format!("{v:.decimals$}").replace('-', "\u{2212}");
    if known {
        let _ = write!(out, " ± {e:.decimals$}");
    }
    if power != 0 {
        if known {
            out = format!("({out})");
        }
        let _ = write!(out, " × 10<sup>{}</sup>", power.to_string().replace('-', "\u{2212}"));
    }
    out
}

fn power_of_ten(scale: f64) -> String {
    let exponent = scale.log10();
    if scale == 1.0 || !exponent.is_finite() {
        String::new()
    } else if (exponent - exponent.round()).abs() < 1e-9 {
        format!(" <small>[10<sup>{}</sup>]</small>", format!("{exponent:.0}").replace('-', "\u{2212}"))
    } else {
        format!(" <small>[{scale}]</small>")
    }
}

/// The summary: a row for each metric, a column for each class.
pub(crate) fn summary(classes: &[ClassReport]) -> String {
    let mut names: Vec<&MetricRow> = Vec::new();
    for row in classes.iter().flat_map(|c| &c.metrics) {
        if !names.iter().any(|n| n.name == row.name) {
            names.push(row);
        }
    }
    if names.is_empty() {
        return "<p class=\"none\">no entries</p>".to_string();
    }
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"summary\"><thead><tr><th scope=\"col\">Metric</th>");
    for class in classes {
        let colour = crate::plot::palette::category(class.colour);
        let _ = write!(
            out,
            "<th scope=\"col\"><span class=\"chip\" style=\"background:{colour}\"></span>{}</th>",
            escape(&super::page::capital(&class.label))
        );
    }
    out.push_str("<th scope=\"col\"></th></tr></thead><tbody>");
    for name in names {
        let _ = write!(out, "<tr><th scope=\"row\">{}{}</th>", html(&name.name), power_of_ten(name.scale));
        for class in classes {
            match class.metrics.iter().find(|m| m.name == name.name) {
                Some(metric) => out.push_str(&cell(metric, name.scale)),
                None => out.push_str("<td></td>"),
            }
        }
        let _ = write!(out, "<td class=\"why\">{}</td></tr>", html(&name.explanation));
    }
    out.push_str("</tbody></table></div>");
    out.push_str(
        "<p class=\"key\"><b>value ± error</b>, below it the floor: the same metric between two independent real samples. \
         <span class=\"at\"><span class=\"glyph\">●</span> within 1.5 × the floor, or within two standard errors of it</span> \
         <span class=\"near\"><span class=\"glyph\">◐</span> within 3 ×</span> <span class=\"far\"><span class=\"glyph\">○</span> beyond</span></p>",
    );
    out
}

fn cell(metric: &MetricRow, scale: f64) -> String {
    let standing = metric.standing();
    let mut out = format!(
        "<td class=\"{}\"><span class=\"value\"><span class=\"glyph\">{}</span> {}</span>",
        standing.class(),
        standing.glyph(),
        measured(metric.value, metric.error, scale)
    );
    if metric.floor.is_finite() {
        let _ = write!(out, "<span class=\"floor\">floor {}", measured(metric.floor, metric.floor_error, scale));
        if let (Some(x), Goal::Small) = (metric.excess(), metric.goal) {
            let _ = write!(out, " · {}", if x < 99.5 { format!("{x:.1} ×") } else { "&gt; 99 ×".to_string() });
        }
        out.push_str("</span>");
    }
    out + "</td>"
}

/// Names and their values, as a list in columns.
pub(crate) fn protocol(pairs: &[(String, String)]) -> String {
    let mut out = String::from("<dl class=\"protocol\">");
    for (key, value) in pairs {
        let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", html(key), html(value));
    }
    out + "</dl>"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, error: f64, floor: f64, goal: Goal) -> MetricRow {
        MetricRow { value, error, floor, floor_error: 0.0, goal, ..MetricRow::new("x") }
    }

    #[test]
    fn errors_have_two_digits_and_values_as_many_decimals() {
        assert_eq!(measured(0.38e-3, 0.041e-3, 1e-3), "0.380 ± 0.041");
        assert_eq!(measured(-12.345, 1.5, 1.0), "\u{2212}12.3 ± 1.5");
        assert_eq!(measured(1234.0, 56.0, 1.0), "1234 ± 56");
        assert_eq!(measured(0.5123, f64::NAN, 1.0), "0.512");
        assert_eq!(measured(4.1e-6, 2e-7, 1.0), "(4.10 ± 0.20) × 10<sup>\u{2212}6</sup>");
        assert_eq!(measured(f64::NAN, 1.0, 1.0), "–");
        assert_eq!(measured(0.0, 0.0, 1.0), "0.000000");
    }

    #[test]
    fn standing_follows_the_ratio_to_the_floor_unless_the_errors_cover_the_difference() {
        assert_eq!(row(1.4, 0.0, 1.0, Goal::Small).standing(), Standing::AtFloor);
        assert_eq!(row(2.0, 0.1, 1.0, Goal::Small).standing(), Standing::Near);
        assert_eq!(row(2.0, 0.6, 1.0, Goal::Small).standing(), Standing::AtFloor);
        assert_eq!(row(4.0, 0.1, 1.0, Goal::Small).standing(), Standing::Far);
        assert_eq!(row(0.5, 0.1, -0.1, Goal::Small).standing(), Standing::Far);
        assert_eq!(row(0.2, 0.01, 0.5, Goal::Large).standing(), Standing::Near);
        assert_eq!(row(0.52, 0.0, 0.505, Goal::Near(0.5)).standing(), Standing::Far);
        assert_eq!(row(0.51, 0.0, 0.505, Goal::Near(0.5)).standing(), Standing::Near);
        assert_eq!(row(f64::NAN, 0.1, 1.0, Goal::Small).standing(), Standing::Unknown);
    }
}
