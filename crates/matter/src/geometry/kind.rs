//! Types of bonds and angles.

use std::fmt;

use crate::{Bond, BondOrder, Element, Molecule};

/// Type of a bond: two elements and an order, written `C-H`, `C=O`, `C#N`, `C:C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BondKind {
    /// The elements: carbon first, hydrogen last, the lighter first among others.
    pub elements: [Element; 2],
    /// Order.
    pub order: BondOrder,
}

/// Type of an angle between two bonds of an atom, of any order: `H-C-H`, `C-C-O`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AngleKind {
    /// The atom at the vertex.
    pub centre: Element,
    /// The others, in the order of [`BondKind::elements`].
    pub ends: [Element; 2],
}

/// Carbon before all, hydrogen behind all.
fn sorted(mut elements: [Element; 2]) -> [Element; 2] {
    elements.sort_by_key(|&e| match e {
        Element::C => 0,
        Element::H => u8::MAX,
        other => other.number(),
    });
    elements
}

impl BondKind {
    /// A type; the order of the elements does not matter.
    pub fn new(elements: [Element; 2], order: BondOrder) -> BondKind {
        BondKind { elements: sorted(elements), order }
    }

    /// Type of a bond of a molecule, none if its atoms are not there.
    pub fn of(molecule: &Molecule, bond: &Bond) -> Option<BondKind> {
        let [a, b] = bond.atoms.map(|i| molecule.elements.get(i).copied());
        Some(BondKind::new([a?, b?], bond.order))
    }
}

impl AngleKind {
    /// A type; the order of the ends does not matter.
    pub fn new(centre: Element, ends: [Element; 2]) -> AngleKind {
        AngleKind { centre, ends: sorted(ends) }
    }
}

impl fmt::Display for BondKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.order {
            BondOrder::Single => '-',
            BondOrder::Double => '=',
            BondOrder::Triple => '#',
            BondOrder::Aromatic => ':',
        };
        write!(f, "{}{sign}{}", self.elements[0], self.elements[1])
    }
}

impl fmt::Display for AngleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.ends[0], self.centre, self.ends[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_chemists() {
        let kind = |a, b, order| BondKind::new([a, b], order).to_string();
        assert_eq!(kind(Element::H, Element::C, BondOrder::Single), "C-H");
        assert_eq!(kind(Element::O, Element::C, BondOrder::Double), "C=O");
        assert_eq!(kind(Element::N, Element::C, BondOrder::Triple), "C#N");
        assert_eq!(kind(Element::H, Element::O, BondOrder::Single), "O-H");
        assert_eq!(kind(Element::O, Element::N, BondOrder::Aromatic), "N:O");
        assert_eq!(AngleKind::new(Element::O, [Element::H, Element::C]).to_string(), "C-O-H");
    }
}
