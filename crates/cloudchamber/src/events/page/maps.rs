//! A pair of observables as three maps: true events, generated events, and their difference in units of its error.

use super::observable;
use crate::events::judge::correlation::{Correlation, Map};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::heat::{cells, colour_bar};
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, picture};

const SIDE: f64 = 150.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 44.0;
const GAP: f64 = 12.0;
/// Decades below the fullest cell.
const DECADES: f64 = 3.0;
const PULL: f64 = 5.0;

/// The three maps with both rank correlations.
pub(super) fn svg(correlation: &Correlation) -> String {
    let map = &correlation.map;
    let [x, y] = correlation.pair.map(observable);
    let fullest = map.truth.iter().chain(&map.generated).copied().fold(0.0, f64::max);
    let share = Axis { lo: fullest * 10f64.powf(-DECADES), hi: fullest, log: true, labels: 4 };
    let pull = Axis { lo: -PULL, hi: PULL, log: false, labels: 5 };
    let shares = |v: &[f64]| -> Vec<f64> { v.iter().map(|s| share.unit(*s).max(0.0)).collect() };
    let pulls: Vec<f64> = map.pull.iter().map(|p| p.map_or(0.5, |p| pull.unit(p))).collect();
    let mut c = Canvas::default();
    let lefts = [LEFT, LEFT + SIDE + GAP, LEFT + 2.0 * SIDE + GAP + 72.0];
    let rank = |[r, e]: [f64; 2]| format!("rank correlation {r:.3} ± {e:.3}").replace('-', "\u{2212}");
    let [difference, error] = correlation.difference();
    let heads = [
        ("True", rank(correlation.truth)),
        ("Generated", rank(correlation.generated)),
        ("(Generated − true) / *σ*", format!("{difference:+.3} ± {error:.3}").replace('-', "\u{2212}")),
    ];
    for (k, (name, below)) in heads.iter().enumerate() {
        let (values, colour): (Vec<f64>, &dyn Fn(f64) -> String) = match k {
            0 => (shares(&map.truth), &palette::sequential),
            1 => (shares(&map.generated), &palette::sequential),
            _ => (pulls.clone(), &palette::diverging),
        };
        cells(&mut c, [lefts[k], TOP, SIDE, SIDE], map.edges[0].len() - 1, &values, colour);
        let unit = |o: &collider::zjets::observables::Observable| match o.unit {
            "" => o.label.to_string(),
            unit => format!("{} [{unit}]", o.label),
        };
        let frame = Frame { left: lefts[k], top: TOP, width: SIDE, height: SIDE, x: axis(map, 0), y: axis(map, 1) };
        let y = if k == 0 { unit(y) } else { String::new() };
        frame.draw(&mut c, Labels { x_numbers: true, y_numbers: k == 0, x: &unit(x), y: &y });
        c.text(lefts[k], TOP - 22.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, name);
        c.text(lefts[k], TOP - 8.0, Type { fill: FAINT, ..Type::new(9.5, Anchor::Start) }, below);
    }
    colour_bar(&mut c, [lefts[1] + SIDE + 8.0, TOP, SIDE], share, "share", palette::sequential);
    colour_bar(&mut c, [lefts[2] + SIDE + 8.0, TOP, SIDE], pull, "", palette::diverging);
    picture(lefts[2] + SIDE + 46.0, TOP + SIDE + 38.0, &format!("{} and {}", x.label, y.label), c)
}

fn axis(map: &Map, k: usize) -> Axis {
    let edges = &map.edges[k];
    Axis { lo: edges[0], hi: edges[edges.len() - 1], log: map.logarithmic[k], labels: 5 }
}
