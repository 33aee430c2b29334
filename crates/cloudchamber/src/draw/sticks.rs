//! Bonds: sticks of two colours, two or three side by side for double and triple bonds, dashes beside a stick for aromatic ones.

use std::fmt::Write;

use matter::BondOrder;

use super::colours::{Colour, hex, stick};
use super::view::magnification;
use crate::plot::svg::{Canvas, num};

/// Half widths in Angstrom and places beside the axis of the sticks of a bond.
fn sticks(order: BondOrder) -> (&'static [f64], f64) {
    match order {
        BondOrder::Single => (&[0.0], 0.095),
        BondOrder::Double => (&[-0.115, 0.115], 0.062),
        BondOrder::Triple => (&[-0.17, 0.0, 0.17], 0.05),
        BondOrder::Aromatic => (&[-0.115, 0.115], 0.062),
    }
}

/// One end of a bond in the page's axes in Angstrom: where the atom is, its radius, its colour.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub place: [f64; 3],
    pub radius: f64,
    pub colour: Colour,
}

/// Half of a bond: from the ball of `from` to the middle of the way to `to`.
pub(super) struct Half {
    pub from: End,
    pub to: End,
    pub order: BondOrder,
    /// On which side of the way from `from` to `to` the dashes of an aromatic bond are, 1 or -1: within the ring.
    pub side: f64,
}

impl Half {
    /// Depth by which it is put among the others.
    pub fn depth(&self) -> f64 {
        0.75 * self.from.place[2] + 0.25 * self.to.place[2]
    }

    /// Draws it; `page` maps a place to the page, `scale` is pixels per Angstrom.
    pub fn draw(&self, c: &mut Canvas, page: &dyn Fn([f64; 3]) -> [f64; 2], scale: f64, fog: f64) {
        let (a, b) = (self.from.place, self.to.place);
        let along = [0, 1, 2].map(|k| b[k] - a[k]);
        let length = along.iter().map(|x| x * x).sum::<f64>().sqrt();
        let flat = along[0].hypot(along[1]);
        if length < 1e-6 {
            return;
        }
        // Beside the axis on the page, so that several sticks never hide each other.
        let beside = if flat > 1e-6 { [-along[1] / flat, along[0] / flat, 0.0] } else { [0.0, 1.0, 0.0] };
        let (offsets, width) = sticks(self.order);
        let [body, light, edge] = stick(self.from.colour, fog).map(hex);
        let thick = 2.0 * width * scale * magnification(0.5 * (a[2] + b[2]));
        let (mut solid, mut dashed) = (String::new(), String::new());
        for (k, &offset) in offsets.iter().enumerate() {
            // Where the stick leaves the ball, and half the way.
            let inside = (self.from.radius.powi(2) - (offset.abs() + 0.5 * width).powi(2)).max(0.0).sqrt();
            let start = (inside / length).min(0.5);
            let at = |share: f64| [0, 1, 2].map(|i| a[i] + share * along[i] + self.side * offset * beside[i]);
            let (p, q) = (page(at(start)), page(at(0.5)));
            let path = if self.order == BondOrder::Aromatic && k == 1 { &mut dashed } else { &mut solid };
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}L{} {}", num(p[0]), num(p[1]), num(q[0]), num(q[1]));
        }
        let rim = (0.022 * scale).clamp(0.5, 1.6);
        let dash = format!(" stroke-dasharray=\"{} {}\"", num(0.14 * scale), num(0.1 * scale));
        for (d, dash) in [(&solid, ""), (&dashed, dash.as_str())] {
            for (colour, width) in [(&edge, thick), (&body, thick - rim), (&light, 0.26 * thick)] {
                // What is thinner cannot be seen.
                if width > 0.6 {
                    c.path(d, &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"{dash}", num(width)));
                }
            }
        }
    }
}
