//! Where the classifier's weights are extreme: each cluster in words, and all of them as a table of colours.

use std::fmt::Write;

use super::observable;
use crate::events::judge::Judgement;
use crate::events::judge::tails::{Cluster, Shift, Side, Tail};
use crate::plot::document::figure;
use crate::plot::label::html as rich;
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, FAINT, INK, Type, picture};

const CELL: [f64; 2] = [38.0, 22.0];
const LEFT: f64 = 210.0;
const TOP: f64 = 92.0;
/// Shift, in standard deviations, of the darkest colours.
const REACH: f64 = 2.5;

/// Words and picture; a sentence where the samples are too small.
pub(super) fn html(judged: &Judgement) -> String {
    let tails = &judged.classifier.tails;
    if tails.is_empty() {
        return "<p class=\"none\">Too few events to look at the tails of the weights.</p>\n".into();
    }
    let mut out = String::new();
    for tail in tails {
        let (side, what) = match tail.side {
            Side::Surplus => ("&lt;", "generated events with the lowest weights: <b>too many</b> are made there"),
            Side::Lack => ("&gt;", "true events with the highest weights: <b>too few</b> are made there"),
        };
        let _ = writeln!(out, "<p>The {} {what} (<i>w</i> {side} {:.3}).</p><ul>", tail.events, tail.threshold);
        for cluster in &tail.clusters {
            let words: Vec<String> = cluster.furthest(3).iter().map(words).collect();
            let _ = writeln!(
                out,
                "<li>{:.0} % of them, <i>w</i> about {:.3}: {}</li>",
                100.0 * cluster.share,
                cluster.weight,
                words.join("; ")
            );
        }
        out += "</ul>\n";
    }
    out + &figure(
        &table(tails),
        "Mean shift of each cluster from all events of its sample, in standard deviations of these (of the logarithm for transverse momenta and \
         masses). Clusters by k-means over all observables of the 2 % of the tested events, at least 60, with the most extreme weights.",
    )
}

/// An observable's shift in words.
fn words(shift: &Shift) -> String {
    let observable = observable(shift.observable);
    let unit = if observable.unit.is_empty() { String::new() } else { format!(" {}", observable.unit) };
    format!("{} {} <i>σ</i> (median {}{unit})", rich(observable.label), signed(shift.deviations), number(shift.median))
}

fn signed(x: f64) -> String {
    if x.abs() < 0.05 { "0".into() } else { format!("{x:+.1}").replace('-', "\u{2212}") }
}

fn number(x: f64) -> String {
    let decimals = if x.abs() < 10.0 { 2 } else { 0 };
    format!("{x:.decimals$}").replace('-', "\u{2212}")
}

/// A row for each cluster, a column for each observable.
fn table(tails: &[Tail]) -> String {
    let rows: Vec<(Side, &Cluster)> =
        tails.iter().flat_map(|tail| tail.clusters.iter().map(|cluster| (tail.side, cluster))).collect();
    let columns: Vec<&str> = rows.first().map_or(Vec::new(), |(_, c)| c.shifts.iter().map(|s| s.observable).collect());
    let mut c = Canvas::default();
    for (k, name) in columns.iter().enumerate() {
        let x = LEFT + CELL[0] * (k as f64 + 0.5) + 4.0;
        let style = Type { upright: true, ..Type::new(11.0, Anchor::Start) };
        c.text(x, TOP - 6.0, style, observable(name).label);
    }
    for (r, (side, cluster)) in rows.iter().enumerate() {
        let y = TOP + CELL[1] * r as f64 + if *side == Side::Lack { 6.0 } else { 0.0 };
        let name = if *side == Side::Surplus { "too many" } else { "too few" };
        let text = format!("{name}: {:.0} %, *w* ≈ {:.2}", 100.0 * cluster.share, cluster.weight);
        c.text(LEFT - 8.0, y + 15.0, Type::new(11.0, Anchor::End), &text);
        for (k, name) in columns.iter().enumerate() {
            let Some(shift) = cluster.shifts.iter().find(|s| s.observable == *name) else { continue };
            let u = 0.5 + 0.5 * (shift.deviations / REACH).clamp(-1.0, 1.0);
            let cell = [LEFT + CELL[0] * k as f64, y, CELL[0], CELL[1]];
            c.rect(cell, &format!("fill=\"{}\" stroke=\"#fff\"", palette::diverging(u)));
            let dark = (u - 0.5).abs() > 0.35;
            let fill = if dark {
                "#ffffff"
            } else if shift.deviations.abs() < 0.3 {
                FAINT
            } else {
                INK
            };
            let style = Type { fill, ..Type::new(10.0, Anchor::Middle) };
            c.text(cell[0] + CELL[0] / 2.0, y + 15.0, style, &signed(shift.deviations));
        }
    }
    let height = TOP + CELL[1] * rows.len() as f64 + 10.0;
    picture(LEFT + CELL[0] * columns.len() as f64 + 8.0, height, "Clusters of extreme weights", c)
}
