//! Histograms in a frame: step lines, bands, room for a legend, and the range of a ratio.

use super::frame::{Axis, Frame};
use super::svg::num;
use std::fmt::Write;

/// A step line through bins with these edges, from the foot of the frame.
pub(crate) fn steps(frame: &Frame, edges: &[f64], value: impl Fn(usize) -> f64) -> String {
    let mut d = format!("M{} {}", num(frame.left), num(frame.top + frame.height));
    for b in 0..edges.len() - 1 {
        let _ = write!(d, "V{}H{}", num(frame.py(value(b))), num(frame.px(edges[b + 1])));
    }
    d
}

/// A step line through the bins that have a value, with gaps at the others.
pub(crate) fn broken_steps(frame: &Frame, edges: &[f64], value: impl Fn(usize) -> Option<f64>) -> String {
    let mut d = String::new();
    let mut drawing = false;
    for b in 0..edges.len() - 1 {
        let Some(y) = value(b).map(|v| num(frame.py(v))) else {
            drawing = false;
            continue;
        };
        let _ = match drawing {
            true => write!(d, "V{y}"),
            false => write!(d, "M{} {y}", num(frame.px(edges[b]))),
        };
        let _ = write!(d, "H{}", num(frame.px(edges[b + 1])));
        drawing = true;
    }
    d
}

/// A box from low to high in every bin.
pub(crate) fn band(frame: &Frame, edges: &[f64], range: impl Fn(usize) -> (f64, f64)) -> String {
    let mut d = String::new();
    for b in 0..edges.len() - 1 {
        let (lo, hi) = range(b);
        let (l, r) = (frame.px(edges[b]), frame.px(edges[b + 1]));
        let (lo, hi) = (frame.py(lo), frame.py(hi));
        if lo - hi > 0.01 {
            let _ = write!(d, "M{} {}H{}V{}H{}z", num(l), num(lo), num(r), num(hi), num(l));
        }
    }
    d
}

/// The vertical range that leaves room for a legend in the corner where that costs least; the corner is 0 (left) to 1 (right).
///
/// `tops` are the highest values of the bins, `lowest` the least that a logarithmic axis must show, `legend` the fractions of the frame that the
/// legend takes.
pub(crate) fn with_room(
    x: &Axis,
    edges: &[f64],
    tops: &[f64],
    lowest: f64,
    log: bool,
    legend: [f64; 2],
) -> (Axis, f64) {
    let highest = tops.iter().copied().fold(0.0, f64::max);
    if highest <= 0.0 {
        return (Axis { lo: 0.0, hi: 1.0, log: false, labels: 5 }, 1.0);
    }
    let lo = if log { (0.5 * lowest).max(1e-7 * highest).min(0.1 * highest) } else { 0.0 };
    let mut best = (f64::INFINITY, 1.0);
    for corner in [1.0, 0.0, 0.5] {
        let (from, to) = (corner * (1.0 - legend[0]), corner * (1.0 - legend[0]) + legend[0]);
        let under = (0..tops.len())
            .filter(|&b| x.unit(edges[b + 1]) > from && x.unit(edges[b]) < to)
            .map(|b| tops[b])
            .fold(lo, f64::max);
        let reach = |value: f64, room: f64| {
            if log { lo * (value / lo).powf(1.0 / room) } else { value / room }
        };
        let needed = reach(highest, 0.93).max(reach(under, 1.0 - legend[1]));
        if needed < best.0 * 0.999 {
            best = (needed, corner);
        }
    }
    (Axis { lo, hi: best.0, log, labels: 5 }, best.1)
}

/// The narrowest of three ranges that holds nineteen in twenty of the ratios (value, relative error) known to better than 25 %; the first
/// only where nearly all ratios are known well, lest the others litter the frame.
pub(crate) fn ratio_range(ratios: &[(f64, f64)]) -> (f64, f64) {
    let known: Vec<f64> = ratios.iter().filter(|r| r.1 < 0.25).map(|r| r.0).collect();
    let precise = ratios.iter().filter(|r| r.1 < 0.12).count();
    for (lo, hi) in [(0.75, 1.25), (0.4, 1.6)] {
        let inside = known.iter().filter(|&&r| r > lo && r < hi).count();
        if 20 * inside >= 19 * known.len() && !known.is_empty() && (lo < 0.5 || 10 * precise >= 9 * ratios.len()) {
            return (lo, hi);
        }
    }
    (-0.15, 2.35)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_range_widens_with_the_disagreement_but_not_with_unknown_points() {
        let good = vec![(1.01, 0.03); 40];
        assert_eq!(ratio_range(&good), (0.75, 1.25));
        let mut noisy = good.clone();
        noisy.extend([(5.0, 1.3); 30]);
        assert_eq!(ratio_range(&noisy), (0.4, 1.6));
        assert_eq!(ratio_range(&[(1.4, 0.03); 9]), (0.4, 1.6));
        assert_eq!(ratio_range(&[(1.9, 0.03); 9]), (-0.15, 2.35));
    }

    #[test]
    fn the_legend_stands_where_the_data_are_low_and_nothing_reaches_it() {
        let edges: Vec<f64> = (0..=50).map(|b| f64::from(b) / 50.0).collect();
        let x = Axis { lo: 0.0, hi: 1.0, log: false, labels: 5 };
        let legend = [0.4, 0.34];
        for log in [false, true] {
            let falling: Vec<f64> = (0..50).map(|b| 10.0 * (-0.1 * f64::from(b)).exp()).collect();
            let (y, corner) = with_room(&x, &edges, &falling, falling[49], log, legend);
            assert_eq!(corner, 1.0);
            assert!(y.unit(falling[0]) <= 0.94 && y.unit(falling[30]) <= 1.0 - legend[1] + 1e-9);
            let rising: Vec<f64> = falling.iter().rev().copied().collect();
            assert_eq!(with_room(&x, &edges, &rising, rising[0], log, legend).1, 0.0);
        }
    }

    #[test]
    fn a_broken_line_begins_anew_behind_each_gap() {
        let axis = Axis { lo: 0.0, hi: 4.0, log: false, labels: 4 };
        let frame = Frame { left: 0.0, top: 0.0, width: 4.0, height: 4.0, x: axis, y: axis };
        let line = broken_steps(&frame, &[0.0, 1.0, 2.0, 3.0, 4.0], |b| (b != 2).then_some(b as f64));
        assert_eq!(line, "M0 4H1V3H2M3 1H4");
    }
}
