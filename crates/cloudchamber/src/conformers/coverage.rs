//! Coverage against the distance below which a conformer counts as covered.

use matter::Coverage;

use super::page::OfMolecule;
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, Type, num, picture};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 300.0;
/// Largest distance shown, in Angstrom, and points of a curve.
const FARTHEST: f64 = 2.0;
const POINTS: usize = 100;

/// Both coverages as curves, SVG.
pub fn coverage_svg(all: &[OfMolecule]) -> String {
    let mut nearest: [Vec<f64>; 2] = Default::default();
    for [rows, columns] in all.iter().filter_map(|one| Coverage::nearest(one.distances.as_ref()?)) {
        nearest[0].extend(rows);
        nearest[1].extend(columns);
    }
    let axis = |hi: f64| Axis { lo: 0.0, hi, log: false, labels: 5 };
    let frame =
        Frame { left: 58.0, top: 14.0, width: WIDTH - 76.0, height: HEIGHT - 56.0, x: axis(FARTHEST), y: axis(100.0) };
    let mut c = Canvas::default();
    for (k, (name, mut values)) in ["COV-R", "COV-P"].into_iter().zip(nearest).enumerate() {
        values.sort_by(f64::total_cmp);
        let colour = palette::category(2 * k);
        let point = |i: usize| {
            let delta = FARTHEST * i as f64 / POINTS as f64;
            let share = values.partition_point(|v| *v <= delta) as f64 / values.len().max(1) as f64;
            format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, num(frame.px(delta)), num(frame.py(100.0 * share)))
        };
        let curve: String = (0..=POINTS).map(point).collect();
        c.path(&curve, &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linejoin=\"round\""));
        let (x, y) = (frame.left + frame.width - 92.0, frame.top + frame.height - 34.0 + 16.0 * k as f64);
        c.path(&format!("M{} {}h18", num(x), num(y - 4.0)), &format!("stroke=\"{colour}\" stroke-width=\"1.8\""));
        c.text(x + 24.0, y, Type::new(11.0, Anchor::Start), name);
    }
    frame.draw(&mut c, Labels { x_numbers: true, y_numbers: true, x: "Distance [Å]", y: "Covered [%]" });
    picture(WIDTH, HEIGHT, "Coverage against distance", c)
}
