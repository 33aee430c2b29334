//! A square window on the plane: density as shade, samples as points, a field as arrows, trajectories as lines.

use std::fmt::Write;

use super::Point;
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, Type, num};

/// Width of a scene, numbers included, in user units.
pub const WIDTH: f64 = 236.0;
/// Height of a scene, title and numbers included.
pub const HEIGHT: f64 = 246.0;
/// Room left of the frame for numbers, above it for the title, right of it for nothing.
const MARGIN: [f64; 3] = [30.0, 24.0, 6.0];
/// Side of the frame.
const FRAME: f64 = WIDTH - MARGIN[0] - MARGIN[2];
/// Pixels of a density map in each direction.
const PIXELS: usize = 64;
/// Shades between white and the darkest.
const SHADES: f64 = 16.0;

/// A vector at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// Where it starts.
    pub at: Point,
    /// Its components.
    pub field: Point,
}

/// A density in a window, drawn once in a page and shown in many scenes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shade {
    /// Half the side of the window, and its centre.
    pub window: (f64, Point),
    /// Values on a square grid of cells, row by row from the bottom.
    pub density: Vec<f64>,
}

/// What is drawn, from the back to the front.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Above the frame.
    pub title: String,
    /// Half the side of the window, and its centre.
    pub window: (f64, Point),
    /// Name under which the page defines the [`Shade`] behind everything; none if empty.
    pub shade: String,
    /// Arrows; the longest is drawn as long as the arrows are apart.
    pub arrows: Vec<Arrow>,
    /// Lines from noise to data; their ends are marked.
    pub trajectories: Vec<Vec<Point>>,
    /// Samples.
    pub points: Vec<Point>,
    /// Category of the palette for points and lines.
    pub colour: usize,
}

impl Shade {
    /// A density known as a function.
    pub fn of(window: (f64, Point), density: impl Fn(Point) -> f64) -> Shade {
        Shade { window, density: Scene::grid(window, PIXELS).into_iter().map(density).collect() }
    }

    /// The density of samples, as a histogram.
    pub fn histogram(window: (f64, Point), samples: &[Point]) -> Shade {
        let (half, centre) = window;
        let mut counts = vec![0.0; PIXELS * PIXELS];
        for x in samples {
            let cell = |axis: usize| ((x[axis] - centre[axis] + half) / (2.0 * half) * PIXELS as f64).floor();
            let (i, j) = (cell(0), cell(1));
            if (0.0..PIXELS as f64).contains(&i) && (0.0..PIXELS as f64).contains(&j) {
                counts[j as usize * PIXELS + i as usize] += 1.0;
            }
        }
        Shade { window, density: counts }
    }

    /// An invisible picture that defines the shade under `name`, for scenes of the same page.
    pub(crate) fn define(&self, name: &str) -> String {
        format!("<svg width=\"0\" height=\"0\" style=\"position:absolute\"><defs>{}</defs></svg>", self.group(name))
    }

    /// The shade as a group called `name`, its upper left corner at the origin. Runs of equal shade are one rectangle; the
    /// root keeps faint parts visible.
    pub(crate) fn group(&self, name: &str) -> String {
        let mut c = Canvas::default();
        c.raw(&format!("<g id=\"{name}\">"));
        let top = self.density.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let cell = FRAME / PIXELS as f64;
        let shade = |v: f64| (SHADES * (v / top).max(0.0).sqrt() + 0.5).floor();
        for (row, values) in self.density.chunks(PIXELS).enumerate() {
            let y = FRAME - (row + 1) as f64 * cell;
            let mut start = 0;
            for run in values.chunk_by(|a, b| shade(*a) == shade(*b)) {
                if shade(run[0]) > 0.0 {
                    let fill = palette::real_density(shade(run[0]) / SHADES);
                    // A sliver of overlap hides the seams between cells.
                    let area = [start as f64 * cell, y, run.len() as f64 * cell + 0.3, cell + 0.3];
                    c.rect(area, &format!("fill=\"{fill}\""));
                }
                start += run.len();
            }
        }
        c.raw("</g>");
        c.finish()
    }
}

impl Scene {
    /// Centres of the cells of a grid of `n` x `n`, row by row from the bottom.
    pub fn grid(window: (f64, Point), n: usize) -> Vec<Point> {
        let (half, centre) = window;
        let at = |i: usize, axis: usize| centre[axis] - half + 2.0 * half * (i as f64 + 0.5) / n as f64;
        (0..n * n).map(|k| [at(k % n, 0), at(k / n, 1)]).collect()
    }

    /// Draws the scene with its upper left corner at (`left`, `top`); [`WIDTH`] by [`HEIGHT`].
    pub(crate) fn draw(&self, c: &mut Canvas, left: f64, top: f64) {
        let (half, centre) = self.window;
        let axis = |k: usize| Axis { lo: centre[k] - half, hi: centre[k] + half, log: false, labels: 5 };
        let frame =
            Frame { left: left + MARGIN[0], top: top + MARGIN[1], width: FRAME, height: FRAME, x: axis(0), y: axis(1) };
        c.text(frame.left, top + MARGIN[1] - 8.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, &self.title);
        if !self.shade.is_empty() {
            let [x, y, ..] = frame.window();
            c.raw(&format!("<use href=\"#{}\" x=\"{}\" y=\"{}\"/>", self.shade, num(x), num(y)));
        }
        c.open_window(frame.window());
        self.draw_arrows(c, &frame);
        self.draw_trajectories(c, &frame);
        let mut dots = String::new();
        for p in self.points.iter().filter(|p| self.shows(p)) {
            let _ = write!(dots, "M{} {}h0", num(frame.px(p[0])), num(frame.py(p[1])));
        }
        let colour = palette::category(self.colour);
        c.path(
            &dots,
            &format!(
                "fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.9\" stroke-linecap=\"round\" stroke-opacity=\".7\""
            ),
        );
        c.close_window();
        frame.draw(c, Labels { x_numbers: true, y_numbers: true, ..Labels::default() });
    }

    fn shows(&self, p: &Point) -> bool {
        let (half, centre) = self.window;
        p.iter().zip(centre).all(|(p, c)| (p - c).abs() <= half)
    }

    fn draw_arrows(&self, c: &mut Canvas, frame: &Frame) {
        let length = |a: &Arrow| a.field[0].hypot(a.field[1]);
        let longest = self.arrows.iter().map(length).filter(|l| l.is_finite()).fold(0.0, f64::max);
        if longest == 0.0 {
            return;
        }
        let spacing = frame.width / (self.arrows.len() as f64).sqrt();
        let mut lines = String::new();
        for arrow in self.arrows.iter().filter(|a| length(a).is_finite() && length(a) > 0.0) {
            // Long fields span decades: the root shows directions everywhere and still orders the lengths.
            let drawn = 0.95 * spacing * (length(arrow) / longest).sqrt();
            let (dx, dy) = (arrow.field[0] / length(arrow), -arrow.field[1] / length(arrow));
            let (x, y) = (frame.px(arrow.at[0]), frame.py(arrow.at[1]));
            let (x, y) = (x - 0.5 * drawn * dx, y - 0.5 * drawn * dy);
            let (tip_x, tip_y) = (x + drawn * dx, y + drawn * dy);
            let head = 0.35 * drawn.min(7.0);
            let barb = |s: f64| [-head * (dx + 0.6 * s * dy), -head * (dy - 0.6 * s * dx)];
            let ([ax, ay], [bx, by]) = (barb(1.0), barb(-1.0));
            let _ = write!(
                lines,
                "M{} {}L{} {}m{} {}l{} {}l{} {}",
                num(x),
                num(y),
                num(tip_x),
                num(tip_y),
                num(ax),
                num(ay),
                num(-ax),
                num(-ay),
                num(bx),
                num(by)
            );
        }
        c.path(&lines, "fill=\"none\" stroke=\"#333\" stroke-width=\".8\" stroke-linejoin=\"round\"");
    }

    fn draw_trajectories(&self, c: &mut Canvas, frame: &Frame) {
        let inside = |p: &Point| p.iter().all(|v| v.is_finite());
        // Lines may leave the window: their coordinates are not clamped, the window cuts them.
        let place = |p: &Point| {
            let x = frame.left + frame.width * frame.x.unit(p[0]);
            let y = frame.top + frame.height * (1.0 - frame.y.unit(p[1]));
            (num(x), num(y))
        };
        let (mut lines, mut starts, mut ends) = (String::new(), String::new(), String::new());
        for line in &self.trajectories {
            for (i, p) in line.iter().filter(|p| inside(p)).enumerate() {
                let (x, y) = place(p);
                let _ = write!(lines, "{}{x} {y}", if i == 0 { "M" } else { "L" });
            }
            for (marks, end) in [(&mut starts, line.first()), (&mut ends, line.last())] {
                if let Some(p) = end.filter(|p| inside(p)) {
                    let (x, y) = place(p);
                    let _ = write!(marks, "M{x} {y}h0");
                }
            }
        }
        let colour = palette::category(self.colour);
        c.path(&lines, &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\".8\" stroke-opacity=\".8\""));
        c.path(&starts, "stroke=\"#333\" stroke-width=\"2.6\" stroke-linecap=\"round\"");
        c.path(&ends, &format!("stroke=\"{colour}\" stroke-width=\"3.6\" stroke-linecap=\"round\""));
    }
}
