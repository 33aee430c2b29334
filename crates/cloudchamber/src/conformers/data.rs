//! Molecules with their conformers, from Parquet or from files of molecules with bonds.
//!
//! A Parquet file of conformers has a molecule per row: `qm9_index`, a number of the molecule; `num_conf`; `atomic_numbers`, hydrogens included; `bonds`, three
//! numbers each, two atoms and 1 to 3 or 4 for aromatic; and `pos_1e4A`, the positions of one conformer after the other in units of 1e-4
//! Angstrom.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use matter::files::{Format, Reader};
use matter::{Bond, BondOrder, Element, Graph, Molecule};
use nets::Links;
use tables::TableReader;

use super::description::Description;
use super::{ATOM_KINDS, FAR};
use crate::Error;

/// Rows read at a time.
const ROWS: usize = 256;
const COLUMNS: [&str; 5] = ["qm9_index", "num_conf", "atomic_numbers", "bonds", "pos_1e4A"];

/// A molecule and its conformers.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// A number of the molecule, if it has one.
    pub index: Option<u64>,
    /// What it is called: its file's name for it, or its SMILES.
    pub name: String,
    /// Its graph, hydrogens as atoms.
    pub graph: Graph,
    /// Every pair of its atoms and the pair's kind.
    pub(super) pairs: Vec<([usize; 2], usize)>,
    /// What the equivariant network is told of it.
    pub(super) description: Description,
    /// Positions of its atoms in each conformer, in Angstrom.
    pub conformers: Vec<Vec<[f64; 3]>>,
}

impl Ensemble {
    /// A connected molecule without conformers; hydrogens that are only counted become atoms behind the others.
    ///
    /// # Errors
    /// What was found instead: pieces that nothing says the distance of, or a single atom.
    pub fn new(name: &str, graph: &Graph) -> Result<Ensemble, String> {
        let graph = graph.with_hydrogens();
        if graph.components().iter().any(|&c| c > 0) {
            return Err("expected one connected molecule, found several pieces".into());
        }
        if graph.len() < 2 {
            return Err(format!("expected a molecule of at least two atoms, found {}", graph.len()));
        }
        let name = if name.is_empty() { graph.without_hydrogens().canonical_smiles() } else { name.to_string() };
        let description = Description::of(&graph);
        Ok(Ensemble { index: None, name, pairs: pairs(&graph), description, graph, conformers: vec![] })
    }

    /// A molecule without conformers.
    ///
    /// # Errors
    /// [`Error::Argument`] if the text is no SMILES of a molecule, or one of several pieces.
    pub fn of_smiles(smiles: &str) -> Result<Ensemble, Error> {
        let refuse = |found: String| Error::argument("--smiles", found, "the SMILES of one connected molecule");
        let graph = Graph::from_smiles(smiles).map_err(|e| refuse(format!("{smiles:?} ({e})")))?;
        Ensemble::new("", &graph).map_err(|why| refuse(format!("{smiles:?}: {why}")))
    }

    /// The molecules of any file that says bonds, and the reasons why records were left out: conformers in Parquet, or SDF, where records of one name
    /// and graph that follow each other are conformers of one molecule.
    ///
    /// # Errors
    /// Those of opening it; [`Error::Content`] if no molecule can be read.
    pub fn read_any(path: &Path) -> Result<(Vec<Ensemble>, Vec<String>), Error> {
        let (molecules, skipped) = match Reader::open(path)?.format() {
            Format::Parquet => Ensemble::read(path)?,
            _ => Ensemble::read_records(path)?,
        };
        if molecules.is_empty() {
            return Err(Error::Content {
                path: path.into(),
                found: skipped.into_iter().next().unwrap_or_else(|| "no molecules".into()),
                expected: "at least one connected molecule with its bonds, in SDF or Parquet".into(),
            });
        }
        Ok((molecules, skipped))
    }

    fn read_records(path: &Path) -> Result<(Vec<Ensemble>, Vec<String>), Error> {
        let (mut molecules, mut skipped) = (Vec::<Ensemble>::new(), vec![]);
        for (number, record) in (1..).zip(Reader::open(path)?) {
            let record = match record {
                Ok(record) => record,
                Err(broken) => {
                    skipped.push(broken.to_string());
                    continue;
                }
            };
            let molecule = record.molecule;
            let made = Graph::from_molecule(&molecule).map_err(|e| e.to_string());
            let made = match made.and_then(|graph| Ensemble::new(molecule.name.trim(), &graph)) {
                Ok(made) => made,
                Err(why) => {
                    skipped.push(format!("record {number}: {why}"));
                    continue;
                }
            };
            // Hydrogens that the record does not place have no positions.
            let complete = made.graph.len() == molecule.positions.len();
            let same = |last: &Ensemble| last.name == made.name && last.graph == made.graph;
            if !molecules.last().is_some_and(same) {
                molecules.push(made);
            }
            if let (true, Some(last)) = (complete, molecules.last_mut()) {
                last.conformers.push(molecule.positions);
            }
        }
        Ok((molecules, skipped))
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
                    Ok(molecule) => molecules.push(Ensemble { index: u64::try_from(index[k]).ok(), ..molecule }),
                    Err(why) => skipped.push(format!("row {row}: {why}")),
                }
                row += 1;
            }
        }
        Ok((molecules, skipped))
    }

    /// The molecule with these positions.
    pub fn placed(&self, positions: Vec<[f64; 3]>) -> Molecule {
        Molecule {
            elements: self.graph.atoms().iter().map(|a| a.element).collect(),
            positions,
            charges: self.graph.atoms().iter().map(|a| a.charge).collect(),
            bonds: Some(self.graph.edges().iter().map(|e| Bond { atoms: e.atoms, order: e.kekule }).collect()),
            name: self.name.clone(),
        }
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
    let molecule = Ensemble::new("", &graph)?;
    let (atoms, expected) = (numbers.len(), usize::from(count) * numbers.len() * 3);
    if positions.len() != expected {
        return Err(format!("expected {expected} coordinates of {atoms} atoms, found {}", positions.len()));
    }
    let xyz = |c: &[i32]| [c[0], c[1], c[2]].map(|v| f64::from(v) * 1e-4);
    let conformers = positions.chunks(3 * atoms).map(|all| all.chunks(3).map(xyz).collect()).collect();
    Ok(Ensemble { conformers, ..molecule })
}

/// A conformer of a molecule.
#[derive(Clone, Debug)]
pub struct Conformer {
    /// The molecule.
    pub molecule: Arc<Ensemble>,
    /// Number of its conformer.
    pub number: usize,
}

impl Conformer {
    /// Number of atoms.
    pub fn atoms(&self) -> usize {
        self.molecule.graph.len()
    }

    /// Positions, in Angstrom.
    pub fn positions(&self) -> &[[f64; 3]] {
        &self.molecule.conformers[self.number]
    }

    /// Positions about their mean.
    pub fn centred(&self) -> Vec<[f64; 3]> {
        let x = self.positions();
        let mean = [0, 1, 2].map(|k| x.iter().map(|x| x[k]).sum::<f64>() / x.len() as f64);
        x.iter().map(|x| [0, 1, 2].map(|k| x[k] - mean[k])).collect()
    }
}

/// All pairs of atoms of several molecules as one graph, and to which each belongs.
pub struct Packed {
    /// The graph.
    pub links: Links,
    /// Ends of each pair among the atoms of its molecule.
    pub ends: Vec<[usize; 2]>,
    /// Molecule of each pair.
    pub molecule: Vec<usize>,
}

impl Packed {
    /// The graph of some molecules, one after the other.
    pub fn new<'a>(molecules: impl IntoIterator<Item = &'a Ensemble>, device: &Device) -> Packed {
        let (mut atoms, mut links, mut ends, mut molecule) = (vec![], vec![], vec![], vec![]);
        for (m, one) in molecules.into_iter().enumerate() {
            let first = atoms.len();
            for &([i, j], kind) in &one.pairs {
                links.push((first + i, first + j, kind));
                ends.push([i, j]);
                molecule.push(m);
            }
            atoms.extend(one.kinds());
        }
        Packed { links: Links::new(&atoms, &links, device), ends, molecule }
    }
}

/// Every pair of atoms, the smaller number first, and its kind: that of its link, or [`FAR`].
fn pairs(graph: &Graph) -> Vec<([usize; 2], usize)> {
    let near: BTreeMap<[usize; 2], usize> = graph.links().into_iter().map(|(ends, link)| (ends, link.kind())).collect();
    let all = (0..graph.len()).flat_map(|i| (i + 1..graph.len()).map(move |j| [i, j]));
    all.map(|ends| (ends, near.get(&ends).copied().unwrap_or(FAR))).collect()
}
