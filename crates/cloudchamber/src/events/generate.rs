//! Events out of a model: tiles of consecutive event numbers, so that an event depends on its seed and number alone.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use collider::zjets::{Event, EventEncoding, PairWeights, STAGES};
use diffusion::{AnyPath, Grid, Preconditioned, Rng, Sampler, Target};
use kernels::{TableBatch, TableKernel};
use nets::host;
use rayon::prelude::*;

use super::model::{EventModel, network};
use super::recipe::Edge;
use crate::Error;

/// Events per tile.
pub const TILE: usize = 1024;
/// How often the events of a tile whose jets are too close are made anew; later ones are given weight zero.
const ATTEMPTS: u64 = 50;

/// Streams of a seed's random numbers; those of a stage follow one another.
mod stream {
    pub const COUNT: u64 = 1;
    pub const TURN: u64 = 2;
    pub const STAGES: u64 = 16;
}

/// Which events to generate, and how.
#[derive(Clone, Debug)]
pub struct EventOptions {
    /// Number of events.
    pub n: u64,
    /// Number of the first event.
    pub first: u64,
    /// Seed.
    pub seed: u64,
    /// Number of jets of all events; drawn as in the training data if absent.
    pub jets: Option<usize>,
    /// Sampler; the model's if absent.
    pub sampler: Option<Sampler>,
    /// Steps; the model's if absent.
    pub steps: Option<usize>,
}

impl EventOptions {
    /// `n` events of a seed, as the model does it.
    pub fn new(n: u64, seed: u64) -> EventOptions {
        EventOptions { n, first: 0, seed, jets: None, sampler: None, steps: None }
    }
}

/// What generating cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventStats {
    /// Events delivered.
    pub events: u64,
    /// Wall-clock time.
    pub seconds: f64,
    /// Network evaluations per event and network.
    pub evaluations: usize,
    /// Events made again because two jets were too close.
    pub rejected: u64,
    /// Those among the delivered for which that never ended: their weight is zero.
    pub failed: u64,
}

/// A model ready to generate on the CPU.
pub struct EventGenerator {
    encoding: EventEncoding,
    kernels: Vec<TableKernel>,
    path: AnyPath,
    target: Target,
    edge: Edge,
    sampler: Sampler,
    grid: Grid,
}

/// The events of a tile.
struct Tile {
    events: Vec<Event>,
    evaluations: usize,
    rejected: u64,
    failed: u64,
}

impl EventGenerator {
    /// The model's networks, with the sampler and steps asked for.
    pub fn new(model: &EventModel, options: &EventOptions) -> Result<EventGenerator, Error> {
        let (recipe, encoding) = (&model.recipe, &model.meta.encoding);
        let path = recipe.path.build()?;
        let kernel = |(stage, flat): (usize, &Vec<f32>)| {
            TableKernel::new(&nets::load(network(recipe, encoding, stage, &Device::flex()), flat))
        };
        Ok(EventGenerator {
            encoding: encoding.clone(),
            kernels: model.networks.iter().enumerate().map(kernel).collect(),
            target: recipe.objective.target(),
            edge: recipe.data.edge,
            sampler: options.sampler.map_or_else(|| recipe.sample.sampler(), Ok)?,
            grid: recipe.sample.grid(&path, options.steps.unwrap_or(recipe.sample.steps))?,
            path,
        })
    }

    /// Codes of one stage for the events of a tile named by `rows`, told `condition`; evaluations.
    fn stage(&self, stage: usize, key: impl Fn(u64) -> Rng, condition: &[f32], rows: usize) -> (Vec<f32>, usize) {
        let (features, device) = (STAGES[stage].features, Device::flex());
        let network = |x: Tensor<2>, noise: f64| {
            let batch = TableBatch { x: &host(x), noise: &vec![noise as f32; rows], condition };
            Tensor::from_data(TensorData::new(self.kernels[stage].forward(&batch), [rows, features]), &device)
        };
        let model = Preconditioned { path: self.path.clone(), target: self.target, network };
        let zero = Tensor::<2>::zeros([rows, features], &device);
        let start = self.grid.prior(&self.path, &zero, &mut key(0));
        let sampled = self.sampler.run(&model, &self.grid, start, &mut key(1), &mut |_| {});
        (host(sampled.x), sampled.evaluations)
    }

    /// The chain for all events of a tile, in whole tiles for every stage: rows of a product may round differently in another number.
    fn chain(&self, seed: u64, first: u64, attempt: u64, counts: &[usize]) -> (Vec<Vec<f64>>, usize) {
        let mut codes: Vec<Vec<f64>> = vec![Vec::new(); counts.len()];
        let mut evaluations = 0;
        let most = counts.iter().copied().max().unwrap_or(0);
        for (stage, what) in STAGES.iter().enumerate().take(most) {
            let mut condition = Vec::new();
            let who: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] >= what.jets).collect();
            for i in 0..counts.len() {
                // Events without this jet are asked about too, as if they were the first that has it: their answers are not used.
                let i = if counts[i] >= what.jets { i } else { who[0] };
                self.encoding.push_condition(&mut condition, stage, counts[i], &codes[i]);
            }
            let key = |part: u64| {
                let stream = stream::STAGES + 2 * (stage as u64 + STAGES.len() as u64 * attempt) + part;
                Rng::new(seed).stream(stream).at(first)
            };
            let (rows, used) = self.stage(stage, key, &condition, counts.len());
            evaluations = used;
            for i in who {
                let row = &rows[i * what.features..(i + 1) * what.features];
                codes[i].extend(row.iter().map(|&c| f64::from(c)));
            }
        }
        (codes, evaluations)
    }

    fn tile(&self, options: &EventOptions, number: u64) -> Tile {
        let first = number * TILE as u64;
        let rng = |stream| Rng::new(options.seed).stream(stream).at(first);
        let counts: Vec<usize> =
            rng(stream::COUNT).uniform(TILE, 1).into_iter().map(|u| self.count(options, u)).collect();
        let turns: Vec<f64> = rng(stream::TURN).uniform(TILE, 1);
        let cuts = self.encoding.cuts;
        let mut events: Vec<Option<Event>> = vec![None; TILE];
        let mut tile = Tile { events: Vec::new(), evaluations: 0, rejected: 0, failed: 0 };
        for attempt in 0..ATTEMPTS {
            let (codes, evaluations) = self.chain(options.seed, first, attempt, &counts);
            tile.evaluations = evaluations;
            for (i, codes) in codes.iter().enumerate().filter(|(i, _)| events[*i].is_none()).collect::<Vec<_>>() {
                let mut event = self.encoding.decode(codes, std::f64::consts::TAU * turns[i]);
                event.jets.sort_by(|a, b| b.pt.total_cmp(&a.pt));
                match self.edge {
                    Edge::Weights => event.weight = PairWeights::generated(&event, &cuts),
                    Edge::Reject if event.closest_jets() < cuts.separation => {
                        tile.rejected += 1;
                        if attempt + 1 < ATTEMPTS {
                            continue;
                        }
                        (event.weight, tile.failed) = (0.0, tile.failed + 1);
                    }
                    Edge::Reject => {}
                }
                events[i] = Some(event);
            }
            if events.iter().all(Option::is_some) {
                break;
            }
        }
        tile.events = events.into_iter().flatten().collect();
        tile
    }

    fn count(&self, options: &EventOptions, u: f64) -> usize {
        let shares = self.encoding.multiplicity;
        let drawn = || {
            if u < shares[0] {
                1
            } else if u < shares[0] + shares[1] {
                2
            } else {
                3
            }
        };
        options.jets.unwrap_or_else(drawn).min(self.encoding.stages())
    }
}

/// Generates events `first .. first + n` and hands them to `sink` in order; memory does not grow with `n`.
///
/// # Errors
/// Those of the sink, and of a sampler or grid that does not fit the model.
pub fn generate(
    model: &EventModel,
    options: &EventOptions,
    sink: &mut dyn FnMut(&[Event]) -> Result<(), Error>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<EventStats, Error> {
    let start = Instant::now();
    let generator = EventGenerator::new(model, options)?;
    let end = options.first + options.n;
    let tiles: Vec<u64> = (options.first / TILE as u64..end.div_ceil(TILE as u64)).collect();
    let mut stats = EventStats::default();
    // As many tiles at a time as keep all threads busy; each thread computes whole tiles by itself.
    for wave in tiles.chunks(2 * rayon::current_num_threads()) {
        let alone = || rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let work = |&number: &u64| match alone() {
            Ok(pool) => pool.install(|| generator.tile(options, number)),
            Err(_) => generator.tile(options, number),
        };
        let done: Vec<Tile> = wave.par_iter().map(work).collect();
        for (&number, tile) in wave.iter().zip(done) {
            let from = options.first.saturating_sub(number * TILE as u64) as usize;
            let to = (end - number * TILE as u64).min(TILE as u64) as usize;
            sink(&tile.events[from..to])?;
            stats.events += (to - from) as u64;
            stats.evaluations = tile.evaluations;
            stats.rejected += tile.rejected;
            stats.failed += tile.failed;
            progress(stats.events, options.n);
        }
    }
    stats.seconds = start.elapsed().as_secs_f64();
    Ok(stats)
}
