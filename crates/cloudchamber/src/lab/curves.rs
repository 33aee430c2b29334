//! What the figures of a comparison look like against network evaluations: distances, with their floors, and likelihoods.
//!
//! Methods with the same goal share frames, as long as their colours differ; those in other frames are faint behind them.

use std::fmt::Write;

use super::compare::{Entry, Mean};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, num, picture};

/// Frames in a row, and the size of one with its numbers.
const COLUMNS: usize = 3;
const SIZE: [f64; 2] = [400.0, 318.0];
/// Left, top, right and bottom of the frame in there; the legend is below it.
const MARGIN: [f64; 4] = [58.0, 26.0, 12.0, 88.0];
/// Floors beyond which a distance is nothing but far; curves leave the frame there.
const FAR: f64 = 50.0;
/// Nats below the target's own within which likelihoods are shown.
const DEPTH: f64 = 2.0;

/// What is drawn of a method: its curve, if it has one.
type Curve = fn(&Entry) -> Option<&[(usize, Mean)]>;

struct Plot<'a> {
    title: &'a str,
    name: &'a str,
    curve: Curve,
    y: Axis,
    /// Where a band lies behind the curves, and what it is called.
    band: Option<(Mean, &'a str)>,
}

/// Wasserstein-2 distances, on logarithmic axes, with the floor of each goal as a band.
pub fn distances(entries: &[Entry]) -> String {
    let mut frames = Vec::new();
    for goal in goals(entries) {
        let of_goal: Vec<&Entry> = entries.iter().filter(|e| e.measured.goal == goal).collect();
        let floor = of_goal[0].measured.floor;
        let values = of_goal.iter().flat_map(|e| &e.measured.distances).map(|(_, m)| m.value).chain([floor.value]);
        let (lo, hi) = bounds(values.filter(|v| *v > 0.0));
        let y = Axis { lo: lo / 1.3, hi: 1.3 * hi.min(FAR * floor.value), log: true, labels: 6 };
        let title = format!("Distance to {goal}");
        let curve: Curve = |e| Some(&e.measured.distances);
        let plot = Plot { title: &title, name: "*W*_{2}", curve, y, band: Some((floor, "floor")) };
        frames.extend(plot.frames(entries, &of_goal));
    }
    arrange("Distance against evaluations", &frames)
}

/// Mean log-likelihoods in nats, with that of the target itself as a band; nothing if no method has one.
pub fn likelihoods(entries: &[Entry], own: Option<Mean>) -> Option<String> {
    let curve: Curve = |e| e.measured.log_likelihood.as_deref();
    let able: Vec<&Entry> = entries.iter().filter(|e| curve(e).is_some()).collect();
    let values = able.iter().filter_map(|e| curve(e)).flatten().map(|(_, m)| m.value);
    let (lo, hi) = bounds(values.chain(own.map(|m| m.value)));
    let hi = if hi.is_finite() { hi } else { return None };
    // Too few steps give densities that do not integrate to one, on either side; only what is near the truth is worth a look.
    let top = own.map_or(hi, |m| m.value);
    let y = Axis { lo: lo.max(top - DEPTH) - 0.1, hi: hi.min(top + 0.5 * DEPTH) + 0.1, log: false, labels: 6 };
    let plot = Plot {
        title: "Log-likelihood of the target’s points",
        name: "nats",
        curve,
        y,
        band: own.map(|own| (own, "the target’s own")),
    };
    (!able.is_empty()).then(|| arrange("Log-likelihood against evaluations", &plot.frames(entries, &able)))
}

/// Goals in order of appearance.
fn goals(entries: &[Entry]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for entry in entries {
        if !all.contains(&entry.measured.goal.as_str()) {
            all.push(&entry.measured.goal);
        }
    }
    all
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
}

fn arrange(title: &str, frames: &[String]) -> String {
    let mut c = Canvas::default();
    for (i, frame) in frames.iter().enumerate() {
        let (x, y) = (SIZE[0] * (i % COLUMNS) as f64, SIZE[1] * (i / COLUMNS) as f64);
        c.raw(&format!("<g transform=\"translate({} {})\">{frame}</g>", num(x), num(y)));
    }
    let columns = frames.len().clamp(1, COLUMNS);
    picture(SIZE[0] * columns as f64, SIZE[1] * frames.len().div_ceil(COLUMNS) as f64, title, c)
}

impl Plot<'_> {
    /// As many frames as it takes for no colour to appear twice in one; colours are those that methods have among all.
    fn frames(&self, all: &[Entry], shown: &[&Entry]) -> Vec<String> {
        let evaluations = shown.iter().filter_map(|e| (self.curve)(e)).flatten().map(|(n, _)| *n as f64);
        let (lo, hi) = bounds(evaluations);
        let x = Axis { lo: lo / 1.15, hi: hi * 1.15, log: true, labels: 6 };
        let mut frames: Vec<Vec<(&Entry, &str)>> = Vec::new();
        for entry in shown {
            let colour = palette::category(all.iter().position(|e| std::ptr::eq(e, *entry)).unwrap_or(0));
            match frames.iter_mut().find(|frame| frame.iter().all(|(_, taken)| *taken != colour)) {
                Some(frame) => frame.push((entry, colour)),
                None => frames.push(vec![(entry, colour)]),
            }
        }
        frames.iter().map(|few| self.frame(x, shown, few)).collect()
    }

    fn frame(&self, x: Axis, all: &[&Entry], few: &[(&Entry, &str)]) -> String {
        let [left, top, right, bottom] = MARGIN;
        let frame = Frame { left, top, width: SIZE[0] - left - right, height: SIZE[1] - top - bottom, x, y: self.y };
        let mut c = Canvas::default();
        c.text(left, top - 9.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, self.title);
        c.open_window(frame.window());
        if let Some((band, name)) = self.band {
            let (high, low) = (frame.py(band.value + band.error), frame.py(band.value - band.error));
            c.rect([left, high, frame.width, (low - high).max(1.0)], "fill=\"#dcdcdc\"");
            c.text(left + 6.0, high - 4.0, Type { fill: FAINT, ..Type::new(10.0, Anchor::Start) }, name);
        }
        for entry in all {
            self.line(&mut c, &frame, entry, "stroke=\"#ccc\" stroke-width=\".8\"");
        }
        for (k, (entry, colour)) in few.iter().enumerate() {
            self.line(&mut c, &frame, entry, &format!("stroke=\"{colour}\" stroke-width=\"1.6\""));
            for (n, mean) in (self.curve)(entry).into_iter().flatten() {
                c.circle(frame.px(*n as f64), frame.py(mean.value), 2.4, &format!("fill=\"{colour}\""));
            }
            let (x, y) = (left + 170.0 * (k % 2) as f64, top + frame.height + 48.0 + 14.0 * (k / 2) as f64);
            c.close_window();
            c.path(&format!("M{} {}h18", num(x), num(y - 3.5)), &format!("stroke=\"{colour}\" stroke-width=\"1.6\""));
            c.text(x + 23.0, y, Type::new(10.5, Anchor::Start), &entry.measured.name);
            c.open_window(frame.window());
        }
        c.close_window();
        frame.draw(&mut c, Labels { x_numbers: true, y_numbers: true, x: "evaluations", y: self.name });
        c.finish()
    }

    fn line(&self, c: &mut Canvas, frame: &Frame, entry: &Entry, style: &str) {
        let mut line = String::new();
        for (k, (n, mean)) in (self.curve)(entry).into_iter().flatten().enumerate() {
            let mark = if k == 0 { "M" } else { "L" };
            let _ = write!(line, "{mark}{} {}", num(frame.px(*n as f64)), num(frame.py(mean.value)));
        }
        c.path(&line, &format!("fill=\"none\" {style}"));
    }
}
