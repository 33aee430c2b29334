//! Molecules with their conformers.
//!
//! A Parquet file has a molecule per row: `qm9_index`, a number of the molecule; `num_conf`; `atomic_numbers`, hydrogens included; `bonds`, three
//! numbers each, two atoms and 1 to 3 or 4 for aromatic; and `pos_1e4A`, the positions of one conformer after the other in units of 1e-4
//! Angstrom.

use std::path::Path;

use burn::tensor::Device;
use matter::{Bond, BondOrder, Element, Graph};
use nets::Links;
use tables::TableReader;

use super::ATOM_KINDS;
use crate::Error;

/// Rows read at a time.
const ROWS: usize = 256;
const COLUMNS: [&str; 5] = ["qm9_index", "num_conf", "atomic_numbers", "bonds", "pos_1e4A"];

/// A molecule and its conformers.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// A number of the molecule, 0 if it has none.
    pub index: i64,
    /// Its graph, hydrogens as atoms.
    pub graph: Graph,
    /// Positions of its atoms in each conformer, in Angstrom.
    pub conformers: Vec<Vec<[f64; 3]>>,
}

impl Ensemble {
    /// A molecule without conformers.
    ///
    /// # Errors
    /// [`Error::Argument`] if the text is no SMILES of a molecule, or one of several pieces.
    pub fn of_smiles(smiles: &str) -> Result<Ensemble, Error> {
        let refuse = |found: String, expected: &str| Error::Argument {
            argument: "--smiles".into(),
            found,
            expected: expected.into(),
        };
        let graph = Graph::from_smiles(smiles).map_err(|e| refuse(e.to_string(), "the SMILES of a molecule"))?;
        if graph.components().iter().any(|&c| c > 0) {
            let found = format!("{smiles:?} of several pieces");
            return Err(refuse(found, "one connected molecule: nothing says where its pieces are to each other"));
        }
        Ok(Ensemble { index: 0, graph: graph.with_hydrogens(), conformers: vec![] })
    }

    /// All molecules of a file, and the reasons why others were left out, with their rows.
    ///
    /// # Errors
    /// [`Error::Content`] if the file has no such columns.
    pub fn read(path: &Path) -> Result<(Vec<Ensemble>, Vec<String>), Error> {
        let refuse = |error: tables::Error| Error::Content {
            path: path.into(),
            found: error.to_string(),
            expected: format!("columns {}", COLUMNS.join(", ")),
        };
        let mut reader = TableReader::open(path).and_then(|r| r.select(&COLUMNS)).map_err(refuse)?;
        let (mut molecules, mut skipped, mut row) = (vec![], vec![], 0);
        while let Some(block) = reader.next_block(ROWS).map_err(refuse)? {
            let index = block.numbers::<i64>("qm9_index").map_err(refuse)?;
            let counts = block.numbers::<u8>("num_conf").map_err(refuse)?;
            let numbers = block.numbers::<u8>("atomic_numbers").map_err(refuse)?;
            let bonds = block.numbers::<u8>("bonds").map_err(refuse)?;
            let positions = block.numbers::<i32>("pos_1e4A").map_err(refuse)?;
            let place = |name: &str, k| {
                let column = block.schema().names().iter().position(|n| *n == name).expect("the column was read");
                block.place(column, k)
            };
            for k in 0..block.rows() {
                let [a, b, p] = ["atomic_numbers", "bonds", "pos_1e4A"].map(|name| place(name, k));
                match ensemble(counts[k], &numbers[a], &bonds[b], &positions[p]) {
                    Ok(molecule) => molecules.push(Ensemble { index: index[k], ..molecule }),
                    Err(why) => skipped.push(format!("row {row}: {why}")),
                }
                row += 1;
            }
        }
        Ok((molecules, skipped))
    }

    /// Number of the kind of each atom.
    pub fn kinds(&self) -> Vec<usize> {
        self.graph
            .atoms()
            .iter()
            .map(|a| usize::from(a.element.number()))
            .map(|z| if z < ATOM_KINDS { z } else { 0 })
            .collect()
    }
}

fn ensemble(count: u8, numbers: &[u8], bonds: &[u8], positions: &[i32]) -> Result<Ensemble, String> {
    let element = |&z: &u8| Element::from_number(z).ok_or_else(|| format!("expected atomic numbers, found {z}"));
    let elements = numbers.iter().map(element).collect::<Result<Vec<_>, _>>()?;
    let order = |number: u8| match number {
        1 => Ok(BondOrder::Single),
        2 => Ok(BondOrder::Double),
        3 => Ok(BondOrder::Triple),
        4 => Ok(BondOrder::Aromatic),
        other => Err(format!("expected bond orders from 1 to 4, found {other}")),
    };
    let bond = |b: &[u8]| Ok::<Bond, String>(Bond { atoms: [b[0].into(), b[1].into()], order: order(b[2])? });
    let bonds = bonds.chunks_exact(3).map(bond).collect::<Result<Vec<_>, _>>()?;
    let graph = Graph::new(&elements, &[], &bonds).map_err(|e| e.to_string())?;
    // Charges are not in the file: where they are missed, a hydrogen would be filled in.
    if let Some(atom) = graph.atoms().iter().position(|a| a.hydrogens > 0) {
        return Err(format!("expected a neutral molecule with all its hydrogens, found too few bonds at atom {atom}"));
    }
    if graph.components().iter().any(|&c| c > 0) {
        return Err("expected one connected molecule, found several pieces".into());
    }
    let (atoms, expected) = (numbers.len(), usize::from(count) * numbers.len() * 3);
    if positions.len() != expected || atoms < 2 {
        return Err(format!(
            "expected {expected} coordinates of at least two atoms, found {} of {atoms}",
            positions.len()
        ));
    }
    let xyz = |c: &[i32]| [c[0], c[1], c[2]].map(|v| f64::from(v) * 1e-4);
    let conformers = positions.chunks(3 * atoms).map(|all| all.chunks(3).map(xyz).collect()).collect();
    Ok(Ensemble { index: 0, graph, conformers })
}

/// Links of several molecules as one graph, and where each one's atoms and links end.
pub struct Packed {
    /// The graph.
    pub links: Links,
    /// Ends of the links of each molecule, from 0.
    pub ends: Vec<[usize; 2]>,
    /// Molecule of each link.
    pub molecule: Vec<usize>,
}

impl Packed {
    /// The graph of some molecules, one after the other.
    pub fn new(molecules: &[&Ensemble], device: &Device) -> Packed {
        let (mut atoms, mut links, mut ends, mut molecule) = (vec![], vec![], vec![], vec![]);
        for (m, one) in molecules.iter().enumerate() {
            for ([i, j], link) in one.graph.links() {
                links.push((atoms.len() + i, atoms.len() + j, link.kind()));
                ends.push([i, j]);
                molecule.push(m);
            }
            atoms.extend(one.kinds());
        }
        Packed { links: Links::new(&atoms, &links, device), ends, molecule }
    }
}
