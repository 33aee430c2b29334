//! Events out of a model: tiles of consecutive event numbers, so that an event depends on its seed and number alone.

use std::time::Instant;

use collider::zjets::{Event, EventEncoding, LEAST_MUON_PT, PairWeights, STAGES, Topology};
use diffusion::{Rng, Sampler};

use super::maker::{self, Maker, Solver};
use super::model::EventModel;
use super::recipe::{Edge, Symmetry};
use crate::Error;

/// Events per tile.
pub const TILE: usize = 1024;
/// How often the events of a tile that break the cuts are made anew; later ones are given weight zero.
const ATTEMPTS: u64 = 50;

/// Streams of a seed's random numbers; those of a stage follow one another.
mod stream {
    pub const TOPOLOGY: u64 = 1;
    pub const TURN: u64 = 2;
    pub const IMAGE: u64 = 3;
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
    /// Draws of a Bayesian model's weights; the recipe's number if absent.
    pub draws: Option<u32>,
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
    /// Events made again because they broke the cuts.
    pub rejected: u64,
    /// Those among the delivered for which that never ended: their weight is zero.
    pub failed: u64,
}

/// A model ready to generate on the CPU.
pub struct EventGenerator {
    encoding: EventEncoding,
    /// The chain's networks for each draw of the weights.
    draws: Vec<Vec<Maker>>,
    solver: Option<Solver>,
    edge: Edge,
    symmetries: Vec<Symmetry>,
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
        let solver = || -> Result<Solver, Error> {
            let (section, path) = (&recipe.sample, recipe.path()?);
            Ok(Solver {
                target: recipe.objective.target(),
                sampler: options.sampler.map_or_else(|| section.sampler(), Ok)?,
                grid: section.grid(&path, options.steps.unwrap_or(section.steps))?,
                path,
            })
        };
        let draws = match &recipe.bayes {
            Some(bayes) => options.draws.unwrap_or(bayes.draws).max(1),
            None => 1,
        };
        let chain = |draw| {
            let networks = maker::parameters(model, options.seed, draw);
            networks.iter().enumerate().map(|(stage, flat)| Maker::new(recipe, encoding, stage, flat)).collect()
        };
        Ok(EventGenerator {
            encoding: encoding.clone(),
            draws: (0..draws).map(chain).collect(),
            solver: (!recipe.network.has_likelihood()).then(solver).transpose()?,
            edge: recipe.data.edge,
            symmetries: recipe.data.symmetries.clone(),
        })
    }

    /// Codes of the events of a tile that are still `wanted`, by the chain `makers`; the others stay empty.
    fn codes(
        &self,
        makers: &[Maker],
        rng: &dyn Fn(u64) -> Rng,
        kinds: &[Topology],
        wanted: &[bool],
    ) -> Result<(Vec<Vec<f64>>, usize), Error> {
        let mut codes: Vec<Vec<f64>> = vec![Vec::new(); kinds.len()];
        let mut evaluations = 0;
        for (stage, what) in STAGES.iter().enumerate() {
            let who: Vec<usize> = (0..kinds.len()).filter(|&i| wanted[i] && kinds[i].jets >= what.jets).collect();
            if who.is_empty() {
                break;
            }
            let mut conditions = Vec::new();
            who.iter().for_each(|&i| self.encoding.push_condition(&mut conditions, stage, &kinds[i], &codes[i]));
            let (rows, used) = makers[stage].make(self.solver.as_ref(), conditions, who.len(), &rng(stage as u64))?;
            evaluations = used;
            for (i, row) in who.into_iter().zip(rows.chunks_exact(what.features)) {
                codes[i].extend(row.iter().map(|&c| f64::from(c)));
            }
        }
        Ok((codes, evaluations))
    }

    fn tile(&self, options: &EventOptions, number: u64) -> Result<Tile, Error> {
        let first = number * TILE as u64;
        let rng = |stream| Rng::new(options.seed).stream(stream).at(first);
        let lots: Vec<f64> = rng(stream::TOPOLOGY).uniform(TILE, 1);
        let kinds: Vec<Topology> = lots.into_iter().map(|lot| self.encoding.draw(lot, options.jets)).collect();
        let turns: Vec<f64> = rng(stream::TURN).uniform(TILE, 1);
        let images: Vec<f64> = rng(stream::IMAGE).uniform(TILE, self.symmetries.len());
        let draw = number % self.draws.len() as u64;
        let mut events: Vec<Option<Event>> = vec![None; TILE];
        let mut wanted = vec![true; TILE];
        let mut tile = Tile { events: Vec::new(), evaluations: 0, rejected: 0, failed: 0 };
        for attempt in 0..ATTEMPTS {
            let key = |stage: u64| rng(stream::STAGES + stage + STAGES.len() as u64 * attempt);
            let (codes, evaluations) = self.codes(&self.draws[draw as usize], &key, &kinds, &wanted)?;
            tile.evaluations = evaluations;
            for i in (0..TILE).filter(|&i| wanted[i]).collect::<Vec<_>>() {
                let mut event = self.event(&codes[i], &kinds[i], turns[i], &images[i * self.symmetries.len()..]);
                event.draw = draw as u32;
                if self.breaks_cuts(&event) {
                    tile.rejected += 1;
                    if attempt + 1 < ATTEMPTS {
                        continue;
                    }
                    (event.weight, tile.failed) = (0.0, tile.failed + 1);
                }
                (events[i], wanted[i]) = (Some(event), false);
            }
            if wanted.iter().all(|wanted| !wanted) {
                break;
            }
        }
        tile.events = events.into_iter().flatten().collect();
        Ok(tile)
    }

    /// The event of these codes, or its image under each symmetry whose lot falls into the upper half.
    fn event(&self, codes: &[f64], kind: &Topology, turn: f64, lots: &[f64]) -> Event {
        let mut event = self.encoding.decode(codes, kind, std::f64::consts::TAU * turn);
        for (symmetry, lot) in self.symmetries.iter().zip(lots) {
            if *lot > 0.5 {
                event = symmetry.of(&event);
            }
        }
        event.jets.sort_by(|a, b| b.pt.total_cmp(&a.pt));
        if self.edge == Edge::Weights {
            event.weight = PairWeights::generated(&event, &self.encoding.cuts);
        }
        event
    }

    /// Whether an event is to be made again: its jets break the cuts, or one has more momentum than the muon that was to radiate it. Weights speak of
    /// distances themselves.
    fn breaks_cuts(&self, event: &Event) -> bool {
        let cuts = &self.encoding.cuts;
        let far = event.jets.iter().any(|jet| jet.eta.abs() > cuts.jet_eta);
        let spent = event.muons.iter().any(|muon| muon.pt <= LEAST_MUON_PT);
        far || spent || (self.edge == Edge::Reject && event.closest_jets() < cuts.separation)
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
    // As many tiles at a time as keep all threads busy; each thread computes whole tiles by itself, in a pool of its own: the tensor
    // library's parallelism would only get in the way.
    let threads = rayon::current_num_threads();
    let pools: Vec<_> = (0..threads).flat_map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build()).collect();
    let workers = pools.len().max(1);
    for wave in tiles.chunks(2 * workers) {
        let mine = |worker: usize| wave.iter().skip(worker).step_by(workers);
        let work = |worker: usize| -> Vec<Result<Tile, Error>> {
            let tiles = || mine(worker).map(|&number| generator.tile(options, number)).collect();
            pools.get(worker).map_or_else(tiles, |alone| alone.install(tiles))
        };
        let mut parts: Vec<_> = std::thread::scope(|scope| {
            let work = &work;
            let handles: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
            handles.into_iter().map(|h| h.join().expect("a tile does not panic").into_iter()).collect()
        });
        let done = (0..wave.len()).filter_map(|place| parts[place % workers].next());
        for (&number, tile) in wave.iter().zip(done) {
            let tile = tile?;
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
