//! The table of all observables of a generator beside the floor.

use std::fmt::Write;

use super::observable;
use crate::events::judge::Judgement;
use crate::events::judge::distribution::Distribution;
use crate::plot::label::html as rich;

/// One row per observable: deviation, chi-square, largest pull.
pub(super) fn table(judged: &Judgement, floor: Option<&Judgement>) -> String {
    let mut out = String::from(
        "<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>Observable</th><th>Median deviation</th><th>floor</th>\
         <th><i>χ</i><sup>2</sup>/bins</th><th>floor</th><th>Largest pull</th><th>floor</th></tr></thead><tbody>",
    );
    for d in &judged.distributions {
        let floor = floor.and_then(|f| f.distribution(&d.observable));
        let cell = |text: &dyn Fn(&Distribution) -> String| {
            format!("<td>{}</td><td>{}</td>", text(d), floor.map_or("–".into(), text)).replace('-', "\u{2212}")
        };
        let _ = write!(out, "<tr><th>{}</th>", rich(observable(&d.observable).label));
        out += &cell(&|d| format!("{:.2} %", 100.0 * d.deviation));
        out += &cell(&|d| format!("{:.0}/{}", d.chi_square, d.pulls));
        out += &cell(&|d| format!("{:+.1}", d.largest_pull));
        out += "</tr>";
    }
    out + "</tbody></table></div>\n"
}
