//! Jets as pictures: every particle a disc whose area is proportional to its share of the jet's transverse momentum,
//! in the plane of relative pseudorapidity and azimuth; the dashed circle is the cone of the clustering.

use super::{ClassReport, Trajectory};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::heat::colour_bar;
use crate::plot::label;
use crate::plot::palette::{self, REAL_LINE};
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, picture};

/// Radius of the clustering cone of JetNet's jets (anti-k_T).
pub const JET_RADIUS: f64 = 0.4;

const SIDE: f64 = 150.0;
/// Half the width of a display of a finished jet.
const VIEW: f64 = 0.46;
const STEP: f64 = SIDE + 8.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 30.0;
/// Radius of the disc of a particle that carries all the momentum.
const DISC: f64 = 0.19 * SIDE;
/// Ends of the logarithmic colour scale of relative transverse momentum.
const COLOUR: [f64; 2] = [2e-3, 0.5];

fn colour(pt: f64) -> String {
    let u = (pt.max(1e-9) / COLOUR[0]).ln() / (COLOUR[1] / COLOUR[0]).ln();
    palette::sequential(0.2 + 0.75 * u.clamp(0.0, 1.0))
}

fn frame(x: f64, y: f64, half: f64) -> Frame {
    let axis = Axis { lo: -half, hi: half, log: false, labels: 5 };
    Frame { left: x, top: y, width: SIDE, height: SIDE, x: axis, y: axis }
}

/// Draws one jet and returns how many of its particles lie outside the frame.
fn jet(c: &mut Canvas, frame: &Frame, particles: &[[f32; 3]], first: bool, last: bool) -> usize {
    c.open_window(frame.window());
    let unit = frame.width / (frame.x.hi - frame.x.lo);
    let (cx, cy) = (frame.px(0.0), frame.py(0.0));
    let cone = format!("fill=\"none\" stroke=\"{REAL_LINE}\" stroke-width=\".8\" stroke-dasharray=\"3 2.5\"");
    c.circle(cx, cy, JET_RADIUS * unit, &cone);
    let mut order: Vec<[f64; 3]> =
        particles.iter().map(|p| p.map(f64::from)).filter(|p| p.iter().all(|v| v.is_finite())).collect();
    let mut outside = particles.len() - order.len();
    order.sort_by(|a, b| b[2].total_cmp(&a[2]));
    c.raw("<g fill-opacity=\".88\" stroke=\"#fff\" stroke-width=\".4\">");
    for [eta, phi, pt] in order {
        let (u, v) = (frame.x.unit(eta), frame.y.unit(phi));
        outside += usize::from(!(0.0..=1.0).contains(&u) || !(0.0..=1.0).contains(&v));
        let (x, y) = (frame.left + u * SIDE, frame.top + (1.0 - v) * SIDE);
        let r = (DISC * pt.clamp(0.0, 1.5).sqrt()).max(0.8);
        c.circle(x, y, r, &format!("fill=\"{}\"", colour(pt)));
    }
    c.raw("</g>");
    c.close_window();
    let y = if first { "*φ*^{rel}" } else { "" };
    let x = if last { "*η*^{rel}" } else { "" };
    frame.draw(c, Labels { x_numbers: true, y_numbers: first, x, y });
    outside
}

fn momentum_bar(c: &mut Canvas, x: f64, y: f64) {
    let axis = Axis { lo: COLOUR[0], hi: COLOUR[1], log: true, labels: 5 };
    colour_bar(c, [x, y, SIDE], axis, "*p*_{T}^{rel}", |u| palette::sequential(0.2 + 0.75 * u));
}

/// A row of `count` real or generated jets of a class with its upper left corner at (x, y), from the first on.
fn draw_row(c: &mut Canvas, class: &ClassReport, generated: bool, count: usize, x: f64, y: f64) {
    let jets = if generated { &class.generated } else { &class.real };
    let shown = jets.len().min(count);
    let left = x + LEFT;
    let colour = if generated { palette::category(class.colour) } else { REAL_LINE };
    c.rect([left, y + 4.0, STEP * count as f64 - 8.0, 2.5], &format!("fill=\"{colour}\""));
    c.text(left, y + 22.0, Type { bold: true, ..Type::new(13.0, Anchor::Start) }, &head(class, generated));
    if shown == 0 {
        c.text(left + 4.0, y + 100.0, Type { fill: FAINT, ..Type::new(13.0, Anchor::Start) }, "no entries");
    }
    for i in 0..shown {
        let frame = frame(left + STEP * i as f64, y + TOP, VIEW);
        jet(c, &frame, super::particles(jets, i), i == 0, i + 1 == shown);
    }
    momentum_bar(c, left + STEP * count as f64 + 2.0, y + TOP);
}

fn head(class: &ClassReport, generated: bool) -> String {
    format!("{} {} jets", if generated { "Generated" } else { "Real" }, class.label)
}

fn row_width(count: usize) -> f64 {
    LEFT + STEP * count as f64 + 46.0
}

const ROW_HEIGHT: f64 = TOP + SIDE + 38.0;

/// A row of `count` real or generated jets of a class, from the first on, without selection.
pub(super) fn row(class: &ClassReport, generated: bool, count: usize) -> String {
    let mut c = Canvas::default();
    draw_row(&mut c, class, generated, count, 0.0, 0.0);
    picture(row_width(count), ROW_HEIGHT, &head(class, generated), c)
}

/// The first `count` real jets of a class and, below, the first `count` generated ones, as one picture.
pub fn displays_svg(class: &ClassReport, count: usize) -> String {
    let mut c = Canvas::default();
    draw_row(&mut c, class, false, count, 0.0, 0.0);
    draw_row(&mut c, class, true, count, 0.0, ROW_HEIGHT);
    picture(row_width(count), 2.0 * ROW_HEIGHT, &format!("Real and generated {} jets", class.label), c)
}

/// The strip of a sampling trajectory: the same particles at decreasing noise.
///
/// All frames have one scale, wide enough for most of the first frame; what lies outside is counted in the frame.
pub fn strip_svg(trajectory: &Trajectory) -> String {
    let frames = &trajectory.frames;
    let mut spread: Vec<f64> = frames
        .first()
        .map(|f| f.1.iter().flat_map(|p| [p[0], p[1]]).map(|v| f64::from(v).abs()).filter(|v| v.is_finite()).collect())
        .unwrap_or_default();
    spread.sort_by(f64::total_cmp);
    let reach = spread.get(spread.len() * 9 / 10).copied().unwrap_or(0.5);
    // Half-widths whose numbers stay clear of the corners.
    let half = [0.5, 0.7, 0.9, 1.2].into_iter().find(|&h| h >= reach).unwrap_or(1.5);
    let mut c = Canvas::default();
    for (i, (text, particles)) in frames.iter().enumerate() {
        let frame = frame(LEFT + STEP * i as f64, TOP, half);
        c.text(frame.left + SIDE / 2.0, 22.0, Type::new(11.5, Anchor::Middle), text);
        let outside = jet(&mut c, &frame, particles, i == 0, i + 1 == frames.len());
        if outside > 0 {
            let style = Type { fill: FAINT, ..Type::new(9.0, Anchor::End) };
            c.text(frame.left + SIDE - 7.0, TOP + SIDE - 8.0, style, &format!("{outside} outside"));
        }
    }
    if frames.is_empty() {
        c.text(LEFT, 100.0, Type { fill: FAINT, ..Type::new(13.0, Anchor::Start) }, "no entries");
    }
    let end = LEFT + STEP * frames.len().max(1) as f64;
    momentum_bar(&mut c, end + 2.0, TOP);
    picture(end + 46.0, ROW_HEIGHT, &format!("{}: a jet condenses out of noise", label::plain(&trajectory.label)), c)
}
