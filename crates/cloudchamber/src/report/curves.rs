//! Loss against step, on logarithmic axes where the numbers allow it.

use super::Curve;
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::label;
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, num, picture};
use std::fmt::Write;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 300.0;

/// The training loss as a thin line and the validation loss as points on a line.
pub fn loss_svg(curve: &Curve) -> String {
    let mut c = Canvas::default();
    let points: Vec<[f64; 3]> = curve.points.iter().map(|&(s, t, v)| [s, t, v]).filter(|p| p[0].is_finite()).collect();
    let (x, y) = (range(points.iter().map(|p| p[0]), 1.0), range(points.iter().flat_map(|p| [p[1], p[2]]), 1.06));
    let (Some(x), Some(y)) = (x, y) else {
        c.text(60.0, 60.0, Type { fill: FAINT, ..Type::new(13.0, Anchor::Start) }, "no entries");
        return picture(WIDTH, 90.0, &curve.label, c);
    };
    let frame = Frame { left: 58.0, top: 24.0, width: WIDTH - 76.0, height: HEIGHT - 66.0, x, y };
    for (k, name) in [(1, "Training"), (2, "Validation")] {
        let colour = palette::category(if k == 1 { 0 } else { 2 });
        let (mut d, mut pen) = (String::new(), 'M');
        let mut dots = Vec::new();
        for p in points.iter().filter(|p| p[k].is_finite() && (!y.log || p[k] > 0.0) && (!x.log || p[0] > 0.0)) {
            let (px, py) = (frame.px(p[0]), frame.py(p[k]));
            let _ = write!(d, "{pen}{} {}", num(px), num(py));
            pen = 'L';
            dots.push((px, py));
        }
        let (stroke, opacity) = if k == 1 { (0.9, 0.8) } else { (1.4, 1.0) };
        let style = format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"{stroke}\" stroke-opacity=\"{opacity}\" stroke-linejoin=\"round\""
        );
        c.path(&d, &style);
        if k == 2 && dots.len() <= 60 {
            dots.iter().for_each(|&(px, py)| c.circle(px, py, 2.2, &format!("fill=\"{colour}\"")));
        }
        let (lx, ly) = (frame.left + frame.width - 92.0, frame.top + 4.0 + 15.0 * k as f64);
        if !dots.is_empty() {
            c.path(
                &format!("M{} {}h18", num(lx), num(ly - 4.0)),
                &format!("stroke=\"{colour}\" stroke-width=\"{}\"", stroke + 0.3),
            );
            c.text(lx + 24.0, ly, Type::new(11.0, Anchor::Start), name);
        }
    }
    frame.draw(&mut c, Labels { x_numbers: true, y_numbers: true, x: "Step", y: "Loss" });
    c.text(frame.left, 17.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, &curve.label);
    picture(WIDTH, HEIGHT, &format!("Loss of {}", label::plain(&curve.label)), c)
}

/// The range of values: logarithmic if it can be, that is if none is negative and the largest is several times the smallest positive one.
fn range(values: impl Iterator<Item = f64>, margin: f64) -> Option<Axis> {
    let values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    let lo = values.iter().copied().reduce(f64::min)?;
    let hi = values.iter().copied().reduce(f64::max)?;
    let positive = values.iter().copied().filter(|&v| v > 0.0).reduce(f64::min);
    Some(match positive {
        Some(smallest) if lo >= 0.0 && hi > 1.3 * smallest => {
            Axis { lo: smallest / margin, hi: hi * margin, log: true, labels: 6 }
        }
        _ => {
            let pad = if hi > lo { 0.05 * (hi - lo) } else { 0.5 * hi.abs().max(1e-3) };
            Axis { lo: lo - pad, hi: hi + pad, log: false, labels: 6 }
        }
    })
}
