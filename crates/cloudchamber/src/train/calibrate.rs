//! Calibrations at the end of each stage: a network's own draws against the training jets, in one dimension at a time.

use burn::tensor::Device;
use collider::encode::{Encoding, RankCalibration};
use collider::model::{JetModel, Plan, TILE};
use collider::networks::Networks;
use diffusion::Rng;
use rayon::prelude::*;

use super::cache::Cache;
use super::stream;
use super::trainer::Rows;
use crate::model::{Model, cloud_network};
use crate::recipe::Recipe;
use crate::sample::SampleOptions;
use crate::{Error, interrupt};

/// Jet-level draws per class: quantiles out to the last knot of the maps.
const LEVEL_DRAWS: usize = 51_200;
/// Jets per draw of the jet-level network.
const BLOCK: usize = 512;
/// Tiles of clouds per class: ten thousand jets, of which each rank gives one value.
const CLOUD_TILES: u64 = 80;
/// Training jets per class that generated clouds are compared with.
const TRAINING_JETS: usize = 50_000;

/// The encoding with the jet-level calibration of every class, fitted to the network's own draws.
pub fn jet_levels(recipe: &Recipe, encoding: &Encoding, table: nets::ResidualMlp) -> Result<Encoding, Error> {
    let device = Device::flex();
    let model = JetModel {
        encoding: encoding.clone(),
        networks: Networks::new(table, cloud_network(recipe, encoding, &device), &device),
        path: recipe.path.build()?,
        target: recipe.objective.target(),
        step_length: recipe.network.step_length,
        device,
    };
    let mut calibrated = encoding.clone();
    for class in 0..encoding.classes.len() {
        interrupt::check()?;
        let blocks: Vec<Vec<[f64; 8]>> = (0..LEVEL_DRAWS / BLOCK)
            .into_par_iter()
            .map(|block| {
                let key = |s| Rng::new(recipe.train.seed).stream(stream::CALIBRATION + s).at((block * BLOCK) as u64);
                model.jet_level_outputs(&[class; BLOCK], &mut key(0), &mut key(1))
            })
            .collect();
        if let Some(level) = encoding.levels[class].calibrated(&blocks.concat()) {
            calibrated.levels[class] = level;
        }
    }
    Ok(calibrated)
}

/// Calibrations of the cloud network, one per class, as it is sampled by default.
pub fn ranks(model: &Model, cache: &Cache, device: &Device) -> Result<Vec<RankCalibration>, Error> {
    let generator = model.generator(device)?;
    let mut training: Vec<Vec<Vec<[f32; 3]>>> = vec![Vec::new(); cache.encoding.classes.len()];
    for number in 0..cache.training() {
        let row = cache.rows(&[number])?.remove(0);
        if training[row.class].len() < TRAINING_JETS {
            training[row.class].push(row.particles[..row.count].to_vec());
        }
    }
    let mut calibrations = Vec::new();
    for (&class, training) in cache.encoding.classes.iter().zip(training) {
        let options = SampleOptions { class: Some(class), ..SampleOptions::for_model(model) };
        // Another seed than any that a user will choose: these events must not come back in a sample.
        let plan = Plan { seed: model.recipe.train.seed ^ (stream::CALIBRATION << 48), ..options.plan(model)? };
        let tiles = CLOUD_TILES.min((training.len() / TILE).max(1) as u64);
        let clouds = |tile: u64| -> Result<Vec<Vec<[f32; 3]>>, Error> {
            interrupt::check()?;
            Ok(generator.codes(&plan, tile, &mut |_| {}).clouds)
        };
        let generated: Vec<Vec<Vec<[f32; 3]>>> = (0..tiles).into_par_iter().map(clouds).collect::<Result<_, _>>()?;
        calibrations.push(RankCalibration::fit(generated.concat(), training));
    }
    Ok(calibrations)
}
