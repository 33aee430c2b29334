//! Draws a panel: distributions above, their ratio below, on one horizontal axis.
//!
//! Real jets are the grey area with its outline, generated jets the coloured steps in their statistical band. In the ratio
//! the grey band is the statistical error of the real jets and the bars are that of the generated ones.

use super::hist::ratio;
use super::panel::{Filled, Panel};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::histogram::{band, ratio_range, steps, with_room};
use crate::plot::label;
use crate::plot::palette::{REAL_FILL, REAL_LINE};
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, num};
use std::fmt::Write;

/// Size of a panel in user units.
pub(super) const WIDTH: f64 = 340.0;
pub(super) const HEIGHT: f64 = 306.0;
const MAIN: [f64; 4] = [54.0, 22.0, 272.0, 170.0];
const RATIO: [f64; 2] = [198.0, 64.0];
/// Fractions of the main frame that the legend takes.
const LEGEND: [f64; 2] = [0.40, 0.34];

/// Draws a panel with its upper left corner at (x, y).
pub(super) fn draw(c: &mut Canvas, panel: &Panel, x: f64, y: f64) {
    let [left, top, width, height] = MAIN;
    let Some(f) = &panel.filled else {
        let empty = Axis { lo: 0.0, hi: 1.0, log: false, labels: 5 };
        let frame =
            Frame { left: x + left, top: y + top, width, height: RATIO[0] + RATIO[1] - top, x: empty, y: empty };
        frame.draw(c, Labels { x: &panel.x_label, ..Labels::default() });
        c.text(
            x + left + width / 2.0,
            y + 140.0,
            Type { fill: FAINT, ..Type::new(13.0, Anchor::Middle) },
            "no entries",
        );
        c.text(x + left + 8.0, y + top + 16.0, Type { bold: true, ..Type::new(11.5, Anchor::Start) }, &panel.tag);
        return;
    };
    let edges = &f.bins.edges;
    let x_axis = Axis { lo: edges[0], hi: edges[f.bins.len()], log: panel.log_x, labels: 6 };
    let real: Vec<_> = (0..f.bins.len()).map(|b| f.real.density(&f.bins, b)).collect();
    let generated: Vec<_> = (0..f.bins.len()).map(|b| f.generated.density(&f.bins, b)).collect();
    let tops: Vec<f64> = real.iter().zip(&generated).map(|(r, g)| r.0.max(g.0 + g.1)).collect();
    let highest = tops.iter().copied().fold(0.0, f64::max);
    let lowest = real.iter().map(|r| r.0).filter(|&r| r > 0.0).fold(highest, f64::min);
    let (y_axis, corner) = with_room(&x_axis, edges, &tops, lowest, panel.log_y, LEGEND);
    let frame = Frame { left: x + left, top: y + top, width, height, x: x_axis, y: y_axis };

    let outline = steps(&frame, edges, |b| real[b].0);
    let floor = num(frame.top + frame.height);
    c.path(&format!("{outline}V{floor}H{}z", num(frame.left)), &format!("fill=\"{REAL_FILL}\""));
    let band = band(&frame, edges, |b| (generated[b].0 - generated[b].1, generated[b].0 + generated[b].1));
    c.path(&band, &format!("fill=\"{}\" fill-opacity=\".3\"", panel.colour));
    c.path(&outline, &format!("fill=\"none\" stroke=\"{REAL_LINE}\" stroke-width=\"1\""));
    if f.generated.entries > 0.0 {
        let line = steps(&frame, edges, |b| generated[b].0);
        c.path(&line, &format!("fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\"", panel.colour));
    }
    frame.draw(c, Labels { y_numbers: true, y: &panel.y_label, ..Labels::default() });
    legend(c, panel, f, &frame, corner);
    remarks(c, f, &frame);
    draw_ratio(c, panel, f, &real, &generated, Frame { top: y + RATIO[0], height: RATIO[1], ..frame });
}

fn legend(c: &mut Canvas, panel: &Panel, f: &Filled, frame: &Frame, corner: f64) {
    let inner = 0.03 * frame.width;
    let wide = 22.0 + ["Generated", &panel.tag].map(|t| label::width(t, 11.0)).into_iter().fold(0.0, f64::max);
    let x = frame.left + inner + corner * (frame.width - 2.0 * inner - wide.min(LEGEND[0] * frame.width));
    let y = frame.top + 17.0;
    c.text(x, y, Type { bold: true, ..Type::new(11.5, Anchor::Start) }, &panel.tag);
    c.rect([x, y + 7.5, 16.0, 9.0], &format!("fill=\"{REAL_FILL}\" stroke=\"{REAL_LINE}\""));
    let none = |n: f64| if n > 0.0 { "" } else { " (no entries)" };
    c.text(x + 22.0, y + 16.0, Type::new(11.0, Anchor::Start), &format!("Real{}", none(f.real.entries)));
    c.rect([x, y + 22.5, 16.0, 9.0], &format!("fill=\"{}\" fill-opacity=\".3\"", panel.colour));
    c.path(&format!("M{} {}h16", num(x), num(y + 27.0)), &format!("stroke=\"{}\" stroke-width=\"1.4\"", panel.colour));
    c.text(x + 22.0, y + 31.0, Type::new(11.0, Anchor::Start), &format!("Generated{}", none(f.generated.entries)));
}

fn remarks(c: &mut Canvas, f: &Filled, frame: &Frame) {
    let mut remarks = Vec::new();
    let (r, g) = (100.0 * f.real.outside(), 100.0 * f.generated.outside());
    if r.max(g) >= 0.05 {
        remarks.push(format!("outside: {r:.1} % real, {g:.1} % gen."));
    }
    let invalid = f.real.invalid + f.generated.invalid;
    if invalid > 0 {
        remarks.push(format!("{invalid} not numbers"));
    }
    if let Some((chi, n)) = f.chi_square {
        remarks.push(format!("*χ*^{{2}}/bins = {chi:.0}/{n}"));
    }
    let style = Type { fill: FAINT, ..Type::new(9.5, Anchor::End) };
    c.text(frame.left + frame.width, frame.top - 6.0, style, &remarks.join("  ·  "));
}

fn draw_ratio(c: &mut Canvas, panel: &Panel, f: &Filled, real: &[(f64, f64)], generated: &[(f64, f64)], frame: Frame) {
    let ratios: Vec<_> = (0..f.bins.len()).map(|b| ratio(generated[b], real[b])).collect();
    let known: Vec<_> = ratios.iter().flatten().map(|r| (r.0, r.1.hypot(r.2))).collect();
    let (lo, hi) = ratio_range(&known);
    let frame = Frame { y: Axis { lo, hi, log: false, labels: 3 }, ..frame };
    let errors = band(&frame, &f.bins.edges, |b| {
        let relative = if real[b].0 > 0.0 { real[b].1 / real[b].0 } else { 0.0 };
        (1.0 - relative, 1.0 + relative)
    });
    c.path(&errors, &format!("fill=\"{REAL_FILL}\""));
    let one = num(frame.py(1.0));
    let style = format!("stroke=\"{REAL_LINE}\" stroke-width=\".8\" stroke-dasharray=\"3 2\"");
    c.path(&format!("M{} {one}h{}", num(frame.left), num(frame.width)), &style);
    let (mut bars, mut beyond) = (String::new(), String::new());
    c.raw(&format!("<g fill=\"{}\">", panel.colour));
    for (b, point) in ratios.iter().enumerate() {
        let Some((value, error, _)) = *point else { continue };
        let x = (frame.px(f.bins.edges[b]) + frame.px(f.bins.edges[b + 1])) / 2.0;
        if value > hi || value < lo {
            // An arrow head at the border stands for a point beyond it.
            let (y, tip) = if value > hi { (frame.top + 5.5, -4.0) } else { (frame.top + frame.height - 5.5, 4.0) };
            let _ = write!(beyond, "M{} {}h4.4l-2.2 {}z", num(x - 2.2), num(y), num(tip));
        } else {
            c.circle(x, frame.py(value), 1.7, "");
        }
        let (a, z) = (frame.py(value * (1.0 - error)), frame.py(value * (1.0 + error)));
        if a - z > 0.01 {
            let _ = write!(bars, "M{} {}V{}", num(x), num(a), num(z));
        }
    }
    c.path(&beyond, "");
    c.raw("</g>");
    c.path(&bars, &format!("stroke=\"{}\" stroke-width=\"1\"", panel.colour));
    frame.draw(c, Labels { x_numbers: true, y_numbers: true, x: &panel.x_label, y: "" });
    let style = Type { upright: true, ..Type::new(10.5, Anchor::Middle) };
    c.text(frame.left - 40.0, frame.top + frame.height / 2.0, style, "Gen. / Real");
}
