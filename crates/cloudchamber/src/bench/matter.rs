//! How fast models of molecules and conformers generate.

use std::time::Instant;

use serde::Serialize;

use super::median;
use crate::conformers::generate::{ConformerGenerator, ConformerOptions};
use crate::conformers::{ConformerModel, Ensemble};
use crate::molecules::MoleculeModel;
use crate::molecules::generate::{MoleculeOptions, generate};
use crate::{Error, interrupt};

/// The molecule whose conformers are made: of 14 atoms, two bonds of which turn.
const SMILES: &str = "CC(O)CC=O";

/// The speed of one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatterSpeed {
    /// Name of the model.
    pub model: String,
    /// What it makes.
    pub makes: String,
    /// Evaluations each.
    pub evaluations: usize,
    /// Molecules or conformers per second, the median of the repetitions.
    pub per_second: f64,
    /// Largest and least of the repetitions, as parts of the median.
    pub spread: [f64; 2],
}

/// Samples `n` molecules of all sizes, `repeats` times. Writing files is not part of it.
///
/// # Errors
/// What sampling says; [`Error::Interrupted`].
pub fn molecule_speed(
    model: &MoleculeModel,
    steps: Option<usize>,
    n: u64,
    repeats: usize,
) -> Result<MatterSpeed, Error> {
    let options = MoleculeOptions { n, seed: 1, steps, ..MoleculeOptions::default() };
    let (mut rates, mut evaluations) = (Vec::new(), 0);
    for _ in 0..repeats.max(1) {
        let stats = generate(model, &options, &mut |_, _| interrupt::check(), &mut |_, _| {})?;
        evaluations = stats.evaluations;
        rates.push(stats.molecules as f64 / stats.seconds);
    }
    let (per_second, spread) = median(rates);
    Ok(MatterSpeed { model: model.meta.name.clone(), makes: "molecules".into(), evaluations, per_second, spread })
}

/// Samples `n` conformers of one molecule, `repeats` times.
///
/// # Errors
/// As [`molecule_speed`].
pub fn conformer_speed(
    model: &ConformerModel,
    steps: Option<usize>,
    n: u64,
    repeats: usize,
) -> Result<MatterSpeed, Error> {
    let molecule = Ensemble::of_smiles(SMILES)?;
    let generator =
        ConformerGenerator::new(model, &ConformerOptions { seed: 1, steps, ..ConformerOptions::default() })?;
    let mut rates = Vec::new();
    for _ in 0..repeats.max(1) {
        let started = Instant::now();
        generator.conformers(&molecule, 0, 0, n as usize)?;
        rates.push(n as f64 / started.elapsed().as_secs_f64());
    }
    let (per_second, spread) = median(rates);
    let (model, makes) = (model.meta.name.clone(), format!("conformers of {SMILES}"));
    Ok(MatterSpeed { model, makes, evaluations: generator.evaluations(), per_second, spread })
}
