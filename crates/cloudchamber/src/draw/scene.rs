//! A molecule within a window of the page: what is where, how deep, and in which order it is painted.

use std::collections::BTreeSet;
use std::fmt::Write;

use matter::{Bond, BondOrder, Element, Molecule};

use super::colours::{ball, colour, hex};
use super::sticks::{End, Half};
use super::view::{View, finite, magnification};
use crate::plot::svg::{Canvas, num};

/// Share of the page's white in what is farthest away.
const FOG: f64 = 0.55;
/// Steps of fog, so that balls can share their shading.
const STEPS: f64 = 10.0;
/// Depth over which fog is complete in Angstrom at least; flat molecules are in one light.
const DEPTH: f64 = 5.0;

/// Radius of the ball of an element in Angstrom.
pub(super) fn radius(element: Element) -> f64 {
    0.13 + 0.33 * element.covalent_radius()
}

/// A molecule seen from somewhere.
pub(super) struct Scene {
    atoms: Vec<(End, Element)>,
    halves: Vec<Half>,
    /// Atoms that are nowhere.
    pub lost: usize,
    front: f64,
    back: f64,
}

impl Scene {
    pub fn new(molecule: &Molecule, bonds: &[Bond], view: &View) -> Scene {
        let mut places = Vec::new();
        let mut atoms = Vec::new();
        for (&element, position) in molecule.elements.iter().zip(&molecule.positions) {
            let end = End { place: view.place(position), radius: radius(element), colour: colour(element) };
            places.push(finite(position).then_some(end));
            if finite(position) {
                atoms.push((end, element));
            }
        }
        let mut halves = Vec::new();
        for bond in bonds {
            let [a, b] = bond.atoms.map(|i| places.get(i).copied().flatten());
            if let (Some(a), Some(b)) = (a, b) {
                let side = ring_side(bond, bonds, &places);
                // Seen from the other end, left is right.
                let ends = [(a, b, side), (b, a, -side)];
                halves.extend(ends.map(|(from, to, side)| Half { from, to, order: bond.order, side }));
            }
        }
        let depths = || atoms.iter().map(|(end, _)| end.place[2]);
        let (front, back) = (depths().fold(f64::MIN, f64::max), depths().fold(f64::MAX, f64::min));
        Scene { lost: places.len() - atoms.len(), atoms, halves, front, back }
    }

    /// Half the width and half the height that show everything in Angstrom.
    pub fn extent(&self) -> [f64; 2] {
        let reach = |k: usize| {
            let edge = |(end, _): &(End, Element)| (end.place[k].abs() + end.radius) * magnification(end.place[2]);
            self.atoms.iter().map(edge).fold(0.0, f64::max)
        };
        [reach(0), reach(1)]
    }

    /// Fog at a depth, from 0 at the front, in steps.
    fn fog(&self, z: f64) -> f64 {
        let depth = (self.front - z) / (self.front - self.back).max(DEPTH);
        FOG * (STEPS * depth.clamp(0.0, 1.0)).round() / STEPS
    }

    /// Paints it from back to front about the middle of a window, at so many pixels per Angstrom.
    pub fn draw(&self, c: &mut Canvas, [x, y, width, height]: [f64; 4], scale: f64) {
        let page = |p: [f64; 3]| {
            let m = scale * magnification(p[2]);
            [x + 0.5 * width + m * p[0], y + 0.5 * height - m * p[1]]
        };
        c.open_window([x, y, width, height]);
        self.shadings(c);
        enum Thing<'a> {
            Ball(&'a End),
            Stick(&'a Half),
        }
        let mut things: Vec<(f64, Thing)> =
            self.atoms.iter().map(|(end, _)| (end.place[2], Thing::Ball(end))).collect();
        things.extend(self.halves.iter().map(|half| (half.depth(), Thing::Stick(half))));
        things.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (depth, thing) in things {
            let fog = self.fog(depth);
            match thing {
                Thing::Stick(half) => half.draw(c, &page, scale, fog),
                Thing::Ball(end) => {
                    let [px, py] = page(end.place);
                    let r = end.radius * scale * magnification(depth);
                    let edge = hex(ball(end.colour, fog)[3]);
                    let width = num((0.02 * scale).clamp(0.4, 1.2));
                    let style = format!("fill=\"url(#{})\" stroke=\"{edge}\" stroke-width=\"{width}\"", name(end, fog));
                    c.circle(px, py, r, &style);
                }
            }
        }
        c.close_window();
    }

    /// Gradients of the balls. Their names say what they are, so that several pictures on one page may repeat them.
    fn shadings(&self, c: &mut Canvas) {
        let mut known = BTreeSet::new();
        let mut text = String::from("<defs>");
        for (end, _) in &self.atoms {
            let fog = self.fog(end.place[2]);
            let name = name(end, fog);
            if known.insert(name.clone()) {
                let [light, middle, dark, _] = ball(end.colour, fog).map(hex);
                // Writing to a string cannot fail.
                let _ = write!(
                    text,
                    "<radialGradient id=\"{name}\" cx=\".5\" cy=\".5\" r=\".56\" fx=\".34\" fy=\".3\">\
                     <stop offset=\"0\" stop-color=\"{light}\"/><stop offset=\".42\" stop-color=\"{middle}\"/>\
                     <stop offset=\"1\" stop-color=\"{dark}\"/></radialGradient>"
                );
            }
        }
        text.push_str("</defs>");
        c.raw(&text);
    }
}

/// On which side of an aromatic bond, going from its first atom, its ring is on the page: where its aromatic neighbours are.
fn ring_side(bond: &Bond, bonds: &[Bond], places: &[Option<End>]) -> f64 {
    let place = |i: usize| places.get(i).copied().flatten().map(|end| end.place);
    let [a, b] = bond.atoms;
    let (Some(p), Some(q)) = (place(a), place(b)) else { return 1.0 };
    if bond.order != BondOrder::Aromatic {
        return 1.0;
    }
    let beyond = bonds.iter().filter(|other| other.order == BondOrder::Aromatic && other.atoms != bond.atoms);
    let far = beyond.filter_map(|other| match other.atoms {
        [x, y] if x == a || x == b => place(y),
        [x, y] if y == a || y == b => place(x),
        _ => None,
    });
    let left = far.map(|f| (q[0] - p[0]) * (f[1] - p[1]) - (q[1] - p[1]) * (f[0] - p[0])).sum::<f64>();
    if left < 0.0 { -1.0 } else { 1.0 }
}

fn name(end: &End, fog: f64) -> String {
    format!("ball{}f{}", &hex(end.colour)[1..], (100.0 * fog).round())
}
