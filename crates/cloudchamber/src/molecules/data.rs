//! Molecules to learn from, in memory, encoded.

use std::path::Path;

use matter::{Element, Molecule};
use tables::TableReader;

use super::encoding::{MoleculeEncoding, MoleculeRow};
use super::recipe::MoleculeRecipe;
use crate::Error;
use crate::train::Rows;

/// Rows read at a time.
const BLOCK: usize = 16_384;

/// Encoded molecules: those for training, then those for validation.
pub struct MoleculeRows {
    /// The encoding, fitted to the training molecules.
    pub encoding: MoleculeEncoding,
    rows: Vec<MoleculeRow>,
    training: usize,
}

impl MoleculeRows {
    /// The molecules of a recipe's files.
    ///
    /// # Errors
    /// Those of reading; [`Error::Content`] if there are no molecules, or one for validation has an element that none for training has.
    pub fn read(recipe: &MoleculeRecipe) -> Result<MoleculeRows, Error> {
        let (mut training, mut validation) = (Vec::new(), Vec::new());
        for file in recipe.files() {
            let molecules = read(&file)?;
            let kept = recipe.data.limit.unwrap_or(usize::MAX).min(molecules.len());
            // Evenly from all over the file: it may be sorted.
            let place = |i: usize, of: usize, among: usize| i * among / of;
            let aside = ((kept as f64 * recipe.data.validation).ceil() as usize).min(kept.saturating_sub(1));
            let mut apart = vec![false; kept];
            (0..aside).for_each(|i| apart[place(i, aside, kept)] = true);
            for (i, apart) in apart.into_iter().enumerate() {
                let molecule = molecules[place(i, kept, molecules.len())].clone();
                if apart { validation.push(molecule) } else { training.push(molecule) }
            }
        }
        let wrong = |found: String| Error::Content {
            path: recipe.source.clone(),
            found,
            expected: "files with molecules to learn from".into(),
        };
        let encoding = MoleculeEncoding::fit(&recipe.encoding, training.iter());
        let encoding = encoding.ok_or_else(|| wrong("no atoms in data.files".into()))?;
        let unknown = |element: Element| wrong(format!("{element} only among the molecules for validation"));
        let encode = |molecule: &Molecule| encoding.encode(molecule).map_err(unknown);
        let rows =
            training.iter().chain(&validation).filter(|m| !m.is_empty()).map(encode).collect::<Result<_, _>>()?;
        let training = training.iter().filter(|m| !m.is_empty()).count();
        Ok(MoleculeRows { encoding, rows, training })
    }
}

impl Rows<MoleculeRow> for MoleculeRows {
    fn training(&self) -> usize {
        self.training
    }

    fn validation(&self) -> usize {
        self.rows.len() - self.training
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<MoleculeRow>, Error> {
        Ok(numbers.iter().map(|&number| self.rows[number].clone()).collect())
    }
}

/// The molecules of a table with the columns `atomic_numbers` and `pos_1e4A`.
fn read(path: &Path) -> Result<Vec<Molecule>, Error> {
    let mut reader = TableReader::open(path)?.select(&["atomic_numbers", "pos_1e4A"])?;
    let mut molecules = Vec::new();
    while let Some(block) = reader.next_block(BLOCK)? {
        let (numbers, places) = (block.numbers::<u8>("atomic_numbers")?, block.numbers::<i32>("pos_1e4A")?);
        for row in 0..block.rows() {
            let elements = numbers[block.place(0, row)].iter().filter_map(|&z| Element::from_number(z)).collect();
            let position = |x: &[i32]| [0, 1, 2].map(|k| f64::from(x[k]) * 1e-4);
            let positions = places[block.place(1, row)].chunks_exact(3).map(position).collect();
            molecules.push(Molecule { elements, positions, ..Molecule::default() });
        }
    }
    Ok(molecules)
}
