//! The sampling engine: tiles of events over threads, delivered in event order with bounded memory.

use std::sync::mpsc;
use std::time::Instant;

use burn::tensor::Device;
use collider::model::{JetModel, Plan, TILE, Tile};
use collider::{JetClass, Jets};
use diffusion::Sampler;
use kernels::Precision;

use crate::Error;
use crate::model::Model;

/// Where finished jets go, with their classes; an error ends the sampling.
pub type Sink<'a> = dyn FnMut(&Jets, &[JetClass]) -> Result<(), Error> + 'a;

/// A caption, and the particles (etarel, phirel, ptrel) of one moment.
pub type Frame = (String, Vec<[f32; 3]>);

/// Which events to generate, and how.
#[derive(Clone, Debug)]
pub struct SampleOptions {
    /// Number of events.
    pub n: u64,
    /// Number of the first event.
    pub first: u64,
    /// Seed.
    pub seed: u64,
    /// Class of all events; drawn per event if absent.
    pub class: Option<JetClass>,
    /// Sampler; the model's if absent.
    pub sampler: Option<Sampler>,
    /// Steps; the model's if absent.
    pub steps: Option<usize>,
    /// Strength of classifier-free guidance; 1 is none.
    pub guidance: f64,
    /// Threads; 0 for all cores.
    pub threads: usize,
    /// Device of the networks.
    pub device: Device,
    /// Precision of the cloud network's products on the CPU.
    pub precision: Precision,
}

impl SampleOptions {
    /// No events yet, with the model's own guidance, on the CPU.
    pub fn for_model(model: &Model) -> SampleOptions {
        SampleOptions {
            n: 0,
            first: 0,
            seed: 1,
            class: None,
            sampler: None,
            steps: None,
            guidance: model.recipe.sample.guidance,
            threads: 0,
            device: Device::flex(),
            precision: Precision::Single,
        }
    }

    /// The generator where these options want it.
    pub(crate) fn generator(&self, model: &Model) -> Result<JetModel, Error> {
        let mut generator = model.generator(&self.device)?;
        generator.networks = generator.networks.with_precision(self.precision);
        Ok(generator)
    }

    /// The generator's plan for these options.
    pub(crate) fn plan(&self, model: &Model) -> Result<Plan, Error> {
        let section = &model.recipe.sample;
        let path = model.recipe.path.build()?;
        let sampler = section.sampler()?;
        if let Some(asked) = self.sampler.filter(|asked| model.recipe.distil.is_some() && *asked != sampler) {
            let expected = format!("{}: this model was distilled to its steps", section.sampler);
            return Err(Error::argument("--sampler", asked, expected));
        }
        Ok(Plan {
            seed: self.seed,
            class: self.class,
            sampler: self.sampler.unwrap_or(sampler),
            grid: model.recipe.grid(&path, self.steps.unwrap_or(section.steps))?,
            guidance: self.guidance,
        })
    }
}

/// What a sampling run cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleStats {
    /// Jets delivered.
    pub jets: u64,
    /// Wall-clock time.
    pub seconds: f64,
    /// Evaluations of the cloud network per jet.
    pub evaluations: usize,
}

/// Generates events `first .. first + n` and hands them to `sink` in order, tile by tile.
///
/// Every thread computes whole tiles by itself, so neither the number of threads nor the range asked for changes a jet. At most
/// two finished tiles per thread wait for their turn: memory does not grow with `n`.
pub fn sample(
    model: &Model,
    options: &SampleOptions,
    sink: &mut Sink,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<SampleStats, Error> {
    let start = Instant::now();
    let plan = options.plan(model)?;
    let generator = options.generator(model)?;
    let end = options.first + options.n;
    let tiles = options.first / TILE as u64..end.div_ceil(TILE as u64);
    let mut stats = SampleStats { jets: 0, seconds: 0.0, evaluations: 0 };
    let mut deliver = |number: u64, tile: Tile| -> Result<(), Error> {
        let from = options.first.saturating_sub(number * TILE as u64) as usize;
        let to = (end - number * TILE as u64).min(TILE as u64) as usize;
        sink(&tile.jets.slice(from..to), &tile.classes[from..to])?;
        stats.evaluations = tile.evaluations;
        stats.jets += (to - from) as u64;
        progress(stats.jets, options.n);
        Ok(())
    };
    let workers = workers(options);
    std::thread::scope(|scope| -> Result<(), Error> {
        let (generator, plan) = (&generator, &plan);
        let queues: Vec<mpsc::Receiver<Tile>> = (0..workers)
            .map(|worker| {
                let (send, receive) = mpsc::sync_channel(2);
                let mine = tiles.clone().skip(worker).step_by(workers);
                scope.spawn(move || {
                    let work = || mine.map(|tile| generator.generate(plan, tile, &mut |_| {}));
                    // One thread per tile: the tensor library's own parallelism would only get in the way.
                    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
                    let mut tiles = work();
                    loop {
                        let next = match &alone {
                            Ok(pool) => pool.install(|| tiles.next()),
                            Err(_) => tiles.next(),
                        };
                        // The receiver is gone if the sink has failed: nobody wants the rest.
                        if next.is_none_or(|tile| send.send(tile).is_err()) {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        for (number, queue) in tiles.clone().zip((0..workers).cycle()) {
            let tile = queues[queue].recv().expect("a worker ends only after its last tile");
            deliver(number, tile)?;
        }
        Ok(())
    })?;
    stats.seconds = start.elapsed().as_secs_f64();
    Ok(stats)
}

/// One worker on a GPU, which is parallel by itself.
fn workers(options: &SampleOptions) -> usize {
    let threads = if options.threads == 0 { rayon::current_num_threads() } else { options.threads };
    if options.device == Device::flex() { threads } else { 1 }
}

/// Steps of a trajectory that is shown: more than sampling needs, so that there is a state near every wanted noise level.
const TRAJECTORY_STEPS: usize = 48;

/// Snapshots of one event on its way from noise to a jet, at `frames - 1` evenly spaced shares of noise in the state, and the
/// finished jet; each with a caption.
pub fn trajectory(model: &Model, class: JetClass, seed: u64, event: u64, frames: usize) -> Result<Vec<Frame>, Error> {
    // A model of few steps has no others.
    let steps = model.recipe.distil.is_none().then_some(TRAJECTORY_STEPS);
    let options =
        SampleOptions { n: 1, first: event, seed, class: Some(class), steps, ..SampleOptions::for_model(model) };
    let plan = options.plan(model)?;
    let generator = model.generator(&options.device)?;
    let share = |t: f64| {
        let coef = diffusion::Path::at(&generator.path, t);
        coef.sigma / coef.alpha.hypot(coef.sigma)
    };
    let times = plan.grid.times();
    let count = frames.max(2) - 1;
    let wanted: Vec<usize> = (0..count)
        .map(|k| {
            let level = 1.0 - k as f64 / count as f64;
            let distance = |i: &usize| (share(times[*i]) - level).abs();
            (0..times.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
        })
        .collect();
    let row = (event % TILE as u64) as usize;
    let mut snapshots = Vec::new();
    let tile = generator.generate(&plan, event / TILE as u64, &mut |trajectory| {
        if wanted.contains(&trajectory.progress.index) {
            let percent = 100.0 * share(trajectory.progress.t);
            snapshots.push((format!("{percent:.0} % noise"), trajectory.particles(row)));
        }
    });
    snapshots.push(("jet".to_string(), tile.jets.particles_of(row).to_vec()));
    Ok(snapshots)
}
