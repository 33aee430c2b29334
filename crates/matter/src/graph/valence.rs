//! Allowed valences and implicit hydrogens.
//!
//! An ion may have the valences of the neutral element with as many electrons (N+ as carbon, O+ as nitrogen, B- as carbon): The RDKit Book,
//! "Valence calculation and allowed valences". Negative phosphorus and sulphur beyond their row's halogen keep their own, less the charge.

use super::{Graph, Invalid};
use crate::{BondOrder, Element};

/// What an atom may have: these valences, and any greater one if `free`.
struct Allowed {
    list: &'static [u32],
    shift: u32,
    free: bool,
}

/// Valences by atomic number; none for those of which anything goes (metals of the middle of the table).
fn listed(number: i32) -> (&'static [u32], bool) {
    match number {
        2 | 10 | 18 | 36 => (&[0], false),
        1 | 9 | 17 | 35 | 55 => (&[1], false),
        3 | 11 | 19 | 37 => (&[1], true),
        4 => (&[2], false),
        12 | 20 | 38 | 56 => (&[2], true),
        5 | 13 | 31 | 49 => (&[3], false),
        6 | 14 | 32 => (&[4], false),
        7 => (&[3], false),
        8 => (&[2], false),
        15 | 33 | 51 => (&[3, 5], false),
        16 | 34 | 52 => (&[2, 4, 6], false),
        50 => (&[2, 4], false),
        53 => (&[1, 3, 5], false),
        54 => (&[0, 2, 4, 6], false),
        _ => (&[], true),
    }
}

fn allowed(element: Element, charge: i8) -> Allowed {
    let number = i32::from(element.number());
    let electrons = number - i32::from(charge);
    let hypervalent = (matches!(number, 15 | 16) && electrons > 16) || (matches!(number, 33 | 34) && electrons > 34);
    if hypervalent && electrons > number {
        let (list, free) = listed(number);
        return Allowed { list, shift: u32::from(charge.unsigned_abs()), free };
    }
    let (list, free) = listed(electrons);
    Allowed { list, shift: 0, free }
}

impl Allowed {
    fn valences(&self) -> impl Iterator<Item = u32> {
        self.list.iter().filter_map(|v| v.checked_sub(self.shift))
    }
}

/// The smallest allowed valence that is at least `used`; none if nothing or anything is allowed above it.
pub(crate) fn smallest_valence(element: Element, charge: i8, used: u32) -> Option<u32> {
    allowed(element, charge).valences().find(|&v| v >= used)
}

/// Hydrogens that an atom of this sum of bond orders needs to reach the smallest allowed valence.
pub(crate) fn fewest_hydrogens(element: Element, charge: i8, used: u32) -> u8 {
    smallest_valence(element, charge, used).map_or(0, |v| (v - used) as u8)
}

/// Electrons in the outer shell of the neutral atom; 0 where nobody asks.
pub(super) fn outer_electrons(element: Element) -> i32 {
    match element.number() {
        1 | 3 | 11 | 19 => 1,
        2 | 4 | 12 | 20 => 2,
        z @ 5..=10 => i32::from(z) - 2,
        z @ 13..=18 => i32::from(z) - 10,
        z @ 31..=36 => i32::from(z) - 28,
        z @ 49..=54 => i32::from(z) - 46,
        _ => 0,
    }
}

/// The smallest listed valence of the neutral element.
pub(super) fn default_valence(element: Element) -> Option<u32> {
    listed(i32::from(element.number())).0.first().copied()
}

/// Electron pairs of a bond in one Kekulé structure.
pub(super) fn pairs(order: BondOrder) -> u32 {
    match order {
        BondOrder::Single | BondOrder::Aromatic => 1,
        BondOrder::Double => 2,
        BondOrder::Triple => 3,
    }
}

impl Graph {
    /// Sum of the orders of an atom's bonds and of its hydrogens.
    pub(super) fn valence(&self, atom: usize) -> u32 {
        u32::from(self.atoms[atom].hydrogens) + self.bonded(atom)
    }

    /// Sum of the orders of an atom's bonds.
    pub(crate) fn bonded(&self, atom: usize) -> u32 {
        self.neighbours[atom].iter().map(|&(_, e)| pairs(self.edges[e].kekule)).sum()
    }

    pub(super) fn check_valences(&self) -> Result<(), Invalid> {
        for (i, atom) in self.atoms.iter().enumerate() {
            let valence = self.valence(i);
            let may = allowed(atom.element, atom.charge);
            if !may.free && may.valences().all(|v| v < valence) {
                let list: Vec<String> = may.valences().map(|v| v.to_string()).collect();
                let allowed = if list.is_empty() {
                    "no bonds at all".into()
                } else {
                    format!("at most {}", list[list.len() - 1])
                };
                return Err(Invalid::Valence { atom: i, element: atom.element, charge: atom.charge, valence, allowed });
            }
        }
        Ok(())
    }

    /// Unpaired electrons of an atom that has fewer bonds than its shell asks for.
    pub(super) fn radicals(&self, i: usize) -> i32 {
        let atom = &self.atoms[i];
        let (outer, valence) = (outer_electrons(atom.element), self.valence(i) as i32);
        let full = if atom.element.number() <= 2 { 2 } else { 8 };
        let missing = (full - outer - valence + i32::from(atom.charge)).max(0);
        let left = outer - valence - i32::from(atom.charge);
        if left >= 0 { missing.min(left) } else { missing }
    }
}
