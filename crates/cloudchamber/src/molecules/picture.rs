//! Pictures of generated molecules: a sheet of the first ones, and one on its way out of the noise.

use matter::Molecule;
use matter::bonds::{BondTable, Stability, perceive, stability};
use matter::geometry::formula;

use super::generate::MoleculeGenerator;
use crate::draw::{Tile, sheet_svg, strip_svg};

/// Molecules of a sheet.
const SHEET: usize = 24;
const COLUMNS: usize = 6;
const SIDE: f64 = 150.0;
/// Moments of a strip.
const MOMENTS: usize = 8;

/// A molecule with the bonds that its distances say, and its formula below; told where it is not stable.
fn tile(molecule: &Molecule) -> Tile {
    let bonds = perceive(molecule, BondTable::edm());
    let Stability { stable_atoms, atoms, stable_molecule } = stability(molecule, BondTable::edm());
    let mut caption = String::new();
    let mut digits = false;
    for c in formula(molecule).chars() {
        match (c.is_ascii_digit(), digits) {
            (true, false) => caption.push_str("_{"),
            (false, true) => caption.push('}'),
            _ => {}
        }
        digits = c.is_ascii_digit();
        caption.push(c);
    }
    if digits {
        caption.push('}');
    }
    if !stable_molecule {
        caption.push_str(&format!(", {stable_atoms} of {atoms} stable"));
    }
    Tile { molecule: molecule.clone(), bonds, caption }
}

/// The first molecules, SVG.
pub fn sheet(molecules: &[Molecule]) -> String {
    let tiles: Vec<Tile> = molecules.iter().take(SHEET).map(tile).collect();
    sheet_svg("Generated molecules", &tiles, COLUMNS, SIDE)
}

/// Molecule `number` at several moments between noise and data, brought to one size, SVG; none if it failed.
pub fn strip(generator: &MoleculeGenerator, number: u64) -> Option<String> {
    let frames = generator.trajectory(number, MOMENTS);
    let tiles: Option<Vec<Tile>> = frames
        .into_iter()
        .map(|(noise, molecule)| {
            let tile = tile(&molecule?);
            // While it is noise, elements and bonds mean nothing.
            let caption = if noise > 0.0 { format!("σ/α = {}", short(noise)) } else { tile.caption };
            Some(Tile { caption, ..tile })
        })
        .collect();
    tiles.map(|tiles| strip_svg("From noise to a molecule", &tiles, SIDE))
}

/// A noise level to two digits.
pub fn short(noise: f64) -> String {
    match noise {
        n if n >= 10.0 => format!("{n:.0}"),
        n if n >= 1.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}
