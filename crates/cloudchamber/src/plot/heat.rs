//! Maps of cells in colour, and the scale of their colours.

use super::frame::{Axis, Frame, Labels};
use super::svg::{Anchor, Canvas, Type, num};
use std::fmt::Write;

/// Colours of a map; a cell takes the nearest.
const LEVELS: usize = 40;

/// Fills a rectangle with rows of cells, the first row at its foot; values from 0 to 1 become colours, white is left out.
pub(crate) fn cells(
    c: &mut Canvas,
    [x, y, w, h]: [f64; 4],
    columns: usize,
    values: &[f64],
    colour: &dyn Fn(f64) -> String,
) {
    let rows = values.len() / columns;
    let mut levels: Vec<String> = vec![String::new(); LEVELS + 1];
    for (i, value) in values.iter().enumerate() {
        let level = (value.clamp(0.0, 1.0) * LEVELS as f64).round() as usize;
        let _ = write!(levels[level], "M{} {}h1v1h-1z", i % columns, rows - 1 - i / columns);
    }
    let (sx, sy) = (w / columns as f64, h / rows as f64);
    let scale = if (sx - sy).abs() < 1e-9 { num(sx) } else { format!("{} {}", num(sx), num(sy)) };
    c.raw(&format!("<g transform=\"translate({} {}) scale({scale})\" shape-rendering=\"crispEdges\">", num(x), num(y)));
    for (level, squares) in levels.iter().enumerate() {
        let colour = colour(level as f64 / LEVELS as f64);
        if colour != "#ffffff" {
            c.path(squares, &format!("fill=\"{colour}\""));
        }
    }
    c.raw("</g>");
}

/// A vertical colour scale with its name above.
pub(crate) fn colour_bar(c: &mut Canvas, [x, y, h]: [f64; 3], axis: Axis, name: &str, colour: impl Fn(f64) -> String) {
    const STRIPES: usize = 40;
    for i in 0..STRIPES {
        let top = y + h * i as f64 / STRIPES as f64;
        let u = 1.0 - (i as f64 + 0.5) / STRIPES as f64;
        c.rect([x, top, 10.0, h / STRIPES as f64 + 0.3], &format!("fill=\"{}\"", colour(u)));
    }
    let frame = Frame {
        left: x,
        top: y,
        width: 10.0,
        height: h,
        x: Axis { log: false, lo: 0.0, hi: f64::NAN, labels: 1 },
        y: axis,
    };
    frame.draw(c, Labels::default());
    let ticks = axis.ticks();
    for (&value, text) in ticks.major.iter().zip(&ticks.labels) {
        c.text(x + 14.0, frame.py(value) + 3.5, Type::new(10.0, Anchor::Start), text);
    }
    c.text(x, y - 8.0, Type::new(11.0, Anchor::Start), name);
}
