//! SDF and molfiles (BIOVIA, "CTfile formats", 2020): three header lines, a table of atoms and bonds as V2000 or V3000, data, `$$$$`.
//!
//! Read are elements, positions, formal charges, bonds of types 1 to 4, title and data. Isotopes, radicals, stereo marks, atom maps and groups are
//! passed over; query atoms and query bonds are errors, since they are not molecules.

mod read;
mod v2000;
mod v3000;
mod write;

pub(super) use read::read;
pub(super) use write::write;

use crate::{Bond, BondOrder, Element, Molecule};

/// The line between records.
const SEPARATOR: &str = "$$$$";

/// Most atoms or bonds that the three digits of V2000 count.
const MOST: usize = 999;

/// Order of a bond type.
fn order(kind: &str) -> Option<BondOrder> {
    match kind {
        "1" => Some(BondOrder::Single),
        "2" => Some(BondOrder::Double),
        "3" => Some(BondOrder::Triple),
        "4" => Some(BondOrder::Aromatic),
        _ => None,
    }
}

/// The type of a bond.
fn kind(order: BondOrder) -> u8 {
    match order {
        BondOrder::Single => 1,
        BondOrder::Double => 2,
        BondOrder::Triple => 3,
        BondOrder::Aromatic => 4,
    }
}

fn element(symbol: &str) -> Result<Element, String> {
    super::xyz::element(symbol)
        .map_err(|_| format!("expected the symbol of an element, found {}", super::error::quote(symbol)))
}

/// A bond of two atoms of the molecule, by their places in it.
fn bond(molecule: &Molecule, ends: [usize; 2], kind: &str) -> Result<Bond, String> {
    let [a, b] = ends;
    // Files count from 1, and number 0 has wrapped around.
    let written = |atom: usize| atom.wrapping_add(1);
    if a == b || a.max(b) >= molecule.len() {
        return Err(format!(
            "expected a bond of two of the {} atoms, found one of {} and {}",
            molecule.len(),
            written(a),
            written(b)
        ));
    }
    let order = order(kind);
    let order =
        order.ok_or_else(|| format!("expected a bond type from 1 to 4, found {}", super::error::quote(kind)))?;
    Ok(Bond { atoms: [a.min(b), a.max(b)], order })
}

/// Two bonds of the same atoms, if there are any.
fn twice(bonds: &[Bond]) -> Option<[usize; 2]> {
    let mut ends: Vec<_> = bonds.iter().map(|b| b.atoms).collect();
    ends.sort_unstable();
    ends.windows(2).find(|w| w[0] == w[1]).map(|w| w[0])
}
