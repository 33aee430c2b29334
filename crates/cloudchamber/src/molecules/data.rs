//! Molecules to learn from, in memory, encoded.

use std::path::Path;

use matter::files::{Reader, Skipped};
use matter::{Element, Molecule};

use super::autoencoder::Coder;
use super::encoding::{MoleculeEncoding, MoleculeRow, Property};
use super::recipe::MoleculeRecipe;
use crate::Error;
use crate::recipe::FileRecipe;
use crate::train::Rows;
use crate::ui::TrainUi;

/// Encoded molecules: those for training, then those for validation.
pub struct MoleculeRows {
    /// The encoding, fitted to the training molecules.
    pub encoding: MoleculeEncoding,
    rows: Vec<MoleculeRow>,
    training: usize,
}

impl MoleculeRows {
    /// The molecules of a recipe's files; records that cannot be read are told to `ui` and left out.
    ///
    /// # Errors
    /// Those of reading; [`Error::Content`] if there are no molecules, or one for validation has an element that none for training has.
    pub fn read(recipe: &MoleculeRecipe, ui: &mut dyn TrainUi) -> Result<MoleculeRows, Error> {
        let (mut training, mut validation) = (Vec::new(), Vec::new());
        for file in recipe.files() {
            let (mut molecules, skipped) = read(&file, &recipe.data.properties)?;
            if skipped.count > 0 {
                ui.say(&format!("{}: {skipped}", file.display()));
            }
            molecules.retain(|(molecule, _)| !molecule.is_empty());
            let kept = recipe.data.limit.unwrap_or(usize::MAX).min(molecules.len());
            // Evenly from all over the file: it may be sorted.
            let place = |i: usize, of: usize, among: usize| i * among / of;
            let aside = ((kept as f64 * recipe.data.validation).ceil() as usize).min(kept.saturating_sub(1));
            let mut apart = vec![false; kept];
            (0..aside).for_each(|i| apart[place(i, aside, kept)] = true);
            for (i, apart) in apart.into_iter().enumerate() {
                let molecule: Known = molecules[place(i, kept, molecules.len())].clone();
                if apart { validation.push(molecule) } else { training.push(molecule) }
            }
        }
        let wrong = |found: String| Error::Content {
            path: recipe.source.clone(),
            found,
            expected: "files with molecules to learn from".into(),
        };
        let encoding = MoleculeEncoding::fit(&recipe.encoding, training.iter().map(|(molecule, _)| molecule));
        let mut encoding = encoding.ok_or_else(|| wrong("no atoms in data.files".into()))?;
        for (i, name) in recipe.data.properties.iter().enumerate() {
            let values: Vec<f64> = training.iter().map(|(_, values)| values[i]).collect();
            let property = Property::fit(name, &values);
            encoding.properties.push(property.ok_or_else(|| wrong(format!("{name} is the same for all molecules")))?);
        }
        let unknown = |element: Element| wrong(format!("{element} only among the molecules for validation"));
        let encode = |(molecule, values): &Known| -> Result<MoleculeRow, Error> {
            let row = encoding.encode(molecule).map_err(unknown)?;
            Ok(MoleculeRow { properties: values.clone(), ..row })
        };
        let rows = training.iter().chain(&validation).map(encode).collect::<Result<_, _>>()?;
        let training = training.len();
        Ok(MoleculeRows { encoding, rows, training })
    }

    /// Those for training.
    pub fn of_training(&self) -> &[MoleculeRow] {
        &self.rows[..self.training]
    }

    /// At most so many of those for validation, evenly from all over them; of those for training if there are none.
    pub fn held_out(&self, most: usize) -> Vec<MoleculeRow> {
        let held_out = &self.rows[self.training..];
        let among = if held_out.is_empty() { self.of_training() } else { held_out };
        let count = among.len().min(most);
        (0..count).map(|i| among[i * among.len() / count].clone()).collect()
    }

    /// The same molecules in latents.
    pub fn encoded(self, coder: &Coder) -> MoleculeRows {
        MoleculeRows { rows: coder.encode(&self.rows), ..self }
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

/// A molecule and the values of its properties.
type Known = (Molecule, Vec<f64>);

/// The molecules of a file with these properties, and remarks on records that were left out.
fn read(path: &Path, properties: &[String]) -> Result<(Vec<Known>, Skipped), Error> {
    let (mut molecules, mut skipped) = (Vec::new(), Skipped::default());
    for record in Reader::open(path)? {
        let record = match record {
            Ok(record) => record,
            Err(broken) => {
                skipped.add(broken);
                continue;
            }
        };
        let value = |name: &String| {
            let text = record.field(name);
            let number = text.and_then(|text| text.trim().parse::<f64>().ok()).filter(|value| value.is_finite());
            number.ok_or_else(|| Error::Content {
                path: path.to_path_buf(),
                found: format!("molecule {} has {name} = {}", molecules.len() + 1, text.unwrap_or("nothing")),
                expected: format!("a number {name} with every molecule, as data.properties says"),
            })
        };
        let values = properties.iter().map(value).collect::<Result<_, _>>()?;
        molecules.push((record.molecule, values));
    }
    Ok((molecules, skipped))
}
