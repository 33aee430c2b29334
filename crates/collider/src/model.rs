//! Two-stage generation of jets: (pT, eta, mass, multiplicity, ...) given the class, then the cloud given those.
//!
//! Both stages are denoisers of the diffusion core, so nothing of a test sample enters generation. Two-stage generation of jets
//! follows FPCD (arXiv:2304.01266) and PC-Droid (arXiv:2307.06836).
//!
//! Events are generated in tiles of [`TILE`] consecutive event numbers, always whole tiles: a matrix product may round differently
//! for another number of rows, so only a fixed tiling makes event `i` of a seed the same to the last bit in every call.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::distil::{AlongGrid, step_length};
use diffusion::{
    AnyPath, Cloud, Denoise, Edm, Extrapolate, Grid, Interval, Path, Preconditioned, Progress, Rng, Sampler, Target,
};
use nets::host;

use crate::encode::{Encoding, QUANTITIES};
use crate::networks::{Networks, with_lengths};
use crate::{JetClass, Jets};

/// Events per tile.
pub const TILE: usize = 128;

/// Streams of a seed's random numbers.
mod stream {
    pub const CLASS: u64 = 1;
    pub const JET: u64 = 2;
    pub const JET_STEPS: u64 = 3;
    pub const CLOUD: u64 = 4;
    pub const CLOUD_STEPS: u64 = 5;
}

/// Steps of the jet-level stage (DPM-Solver++(2M) on EDM's grid); its network is small, so these cost little.
const JET_STEPS: usize = 16;

/// The jet-level stage is always EDM's denoiser of standard normal variables.
pub fn jet_level_path() -> AnyPath {
    AnyPath::Edm(Edm::default())
}

/// What the jet-level network's output means.
pub const JET_LEVEL_TARGET: Target = Target::Edm { sigma_data: 1.0 };

/// A two-stage generator with its networks on one device.
pub struct JetModel {
    /// Between jets and tensors.
    pub encoding: Encoding,
    /// The jet-level network, conditional on the class, and the cloud network, conditional on class and jet-level codes.
    pub networks: Networks,
    /// Path that the cloud network was trained on.
    pub path: AnyPath,
    /// What the cloud network's output means.
    pub target: Target,
    /// Whether the cloud network is told the length of each step, in a last condition; its sampler must be DDIM then.
    pub step_length: bool,
    /// Where the networks live.
    pub device: Device,
}

/// How clouds are sampled.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of the events.
    pub seed: u64,
    /// Class of all events; a class drawn per event if absent.
    pub class: Option<JetClass>,
    /// Sampler of the cloud.
    pub sampler: Sampler,
    /// Times of the cloud's sampler.
    pub grid: Grid,
    /// Strength of classifier-free guidance; 1 is none and costs no second evaluation.
    pub guidance: f64,
}

/// The generated jets of a tile.
pub struct Tile {
    /// The jets, in the order of their event numbers.
    pub jets: Jets,
    /// Their classes.
    pub classes: Vec<JetClass>,
    /// Evaluations of the cloud network per jet.
    pub evaluations: usize,
}

/// What the networks give for a tile, before decoding.
pub struct Codes {
    /// Class of each event, by its index in the encoding.
    pub classes: Vec<usize>,
    /// Calibrated jet-level codes.
    pub levels: Vec<[f64; 8]>,
    /// Codes of the particles.
    pub clouds: Vec<Vec<[f32; 3]>>,
    /// Evaluations of the cloud network per jet.
    pub evaluations: usize,
}

impl JetModel {
    /// Generates tile number `tile`: events `tile * TILE .. (tile + 1) * TILE` of the plan's seed.
    ///
    /// `observe` is called at every step of the cloud's sampler.
    pub fn generate(&self, plan: &Plan, tile: u64, observe: &mut dyn FnMut(&Trajectory)) -> Tile {
        let codes = self.codes(plan, tile, observe);
        let mut jets = Jets::new(self.encoding.capacity);
        for (i, cloud) in codes.clouds.iter().enumerate() {
            let (jet, particles) = self.encoding.decode(codes.classes[i], &codes.levels[i], cloud);
            jets.push(jet, &particles).expect("counts are capped at the capacity");
        }
        let classes = codes.classes.iter().map(|&c| self.encoding.classes[c]).collect();
        Tile { jets, classes, evaluations: codes.evaluations }
    }

    /// The codes of a tile as the networks give them: [`JetModel::generate`] before decoding.
    pub fn codes(&self, plan: &Plan, tile: u64, observe: &mut dyn FnMut(&Trajectory)) -> Codes {
        let first = tile * TILE as u64;
        let rng = |stream| Rng::new(plan.seed).stream(stream).at(first);
        let classes = self.classes_of(plan, rng(stream::CLASS));
        let levels = self.jet_levels(&classes, &mut rng(stream::JET), &mut rng(stream::JET_STEPS));
        let capacity = self.encoding.capacity;
        let count =
            |(level, &class): (&[f64; 8], &usize)| self.encoding.levels[class].decode(level, capacity)[3] as usize;
        let counts: Vec<usize> = levels.iter().zip(&classes).map(count).collect();
        let shown = self.cloud_model(plan, &classes, &levels, &counts, false);
        let model: Box<dyn Denoise<Cloud>> = if plan.guidance == 1.0 {
            shown
        } else {
            let hidden = self.cloud_model(plan, &classes, &levels, &counts, true);
            Box::new(Extrapolate { conditional: shown, unconditional: hidden, weight: Interval::always(plan.guidance) })
        };
        let zero =
            Cloud { x: Tensor::zeros([TILE, capacity, 3], &self.device), mask: mask(&counts, capacity, &self.device) };
        let start = plan.grid.prior(&self.path, &zero, &mut rng(stream::CLOUD));
        let mut watch = |progress: &Progress<Cloud>| {
            observe(&Trajectory { encoding: &self.encoding, path: &self.path, counts: &counts, progress });
        };
        let sampled = plan.sampler.run(&*model, &plan.grid, start, &mut rng(stream::CLOUD_STEPS), &mut watch);
        let rows = host(sampled.x.x);
        let cloud = |(rows, &n): (&[f32], &usize)| rows.chunks_exact(3).take(n).map(|c| [c[0], c[1], c[2]]).collect();
        let clouds = rows.chunks_exact(3 * capacity).zip(&counts).map(cloud).collect();
        let per_event = if plan.guidance == 1.0 { 1 } else { 2 };
        Codes { classes, levels, clouds, evaluations: per_event * sampled.evaluations }
    }

    /// Codes of `classes.len()` jet-level draws, calibrated, keyed by the generators' first sample.
    pub fn jet_levels(&self, classes: &[usize], start: &mut Rng, steps: &mut Rng) -> Vec<[f64; 8]> {
        let output = self.jet_level_outputs(classes, start, steps);
        output.iter().zip(classes).map(|(row, &class)| self.encoding.levels[class].calibrate(row)).collect()
    }

    /// The jet-level network's own codes, before calibration.
    pub fn jet_level_outputs(&self, classes: &[usize], start: &mut Rng, steps: &mut Rng) -> Vec<[f64; 8]> {
        let path = jet_level_path();
        let grid = Grid::edm(&path, JET_STEPS).expect("EDM's grid on EDM's path");
        let condition = class_condition(classes, self.encoding.classes.len(), &self.device);
        let network = |x: Tensor<2>, noise: f64| self.networks.table(x, noise, &condition);
        let model = Preconditioned { path: path.clone(), target: JET_LEVEL_TARGET, network };
        let zero = Tensor::<2>::zeros([classes.len(), QUANTITIES.len()], &self.device);
        let start = grid.prior(&path, &zero, start);
        let sampled = Sampler::DpmSolverPp2M.run(&model, &grid, start, steps, &mut |_| {});
        host(sampled.x).chunks_exact(8).map(|row| std::array::from_fn(|q| f64::from(row[q]))).collect()
    }

    fn classes_of(&self, plan: &Plan, mut rng: Rng) -> Vec<usize> {
        let known = &self.encoding.classes;
        let fixed = plan.class.and_then(|class| known.iter().position(|c| *c == class));
        let drawn = rng.uniform(TILE, 1);
        drawn.into_iter().map(|u| fixed.unwrap_or((u * known.len() as f64) as usize)).collect()
    }

    fn cloud_model<'a>(
        &'a self,
        plan: &'a Plan,
        classes: &[usize],
        levels: &[[f64; 8]],
        counts: &[usize],
        hidden: bool,
    ) -> Box<dyn Denoise<Cloud> + 'a> {
        let batch = classes.len();
        let mut condition = Vec::with_capacity(batch * self.encoding.cloud_conditions());
        for i in 0..batch {
            let level = levels[i].map(|u| u as f32);
            self.encoding.push_cloud_condition(&mut condition, classes[i], &level, counts[i], hidden);
        }
        let shape = [batch, self.encoding.cloud_conditions()];
        let condition = Tensor::<2>::from_data(TensorData::new(condition, shape), &self.device);
        let told = move |condition: Tensor<2>| {
            let network = move |cloud: Cloud, noise: f64| self.networks.cloud(cloud, &vec![noise; batch], &condition);
            Preconditioned { path: self.path.clone(), target: self.target, network }
        };
        if !self.step_length {
            return Box::new(told(condition));
        }
        let jump = move |x: &Cloud, t: f64, s: f64| {
            told(with_lengths(&condition, &vec![step_length(&self.path, t, s); batch])).denoise(x, t)
        };
        Box::new(AlongGrid { path: self.path.clone(), grid: &plan.grid, jump })
    }
}

/// One-hot classes, `[B, known]`: the condition of the jet-level network.
pub fn class_condition(classes: &[usize], known: usize, device: &Device) -> Tensor<2> {
    let data: Vec<f32> =
        classes.iter().flat_map(|&class| (0..known).map(move |c| if c == class { 1.0 } else { 0.0 })).collect();
    Tensor::from_data(TensorData::new(data, [classes.len(), known]), device)
}

/// 1 for a particle and 0 for padding, `[B, P, 1]`, of clouds with these numbers of particles.
pub fn mask(counts: &[usize], capacity: usize, device: &Device) -> Tensor<3> {
    let data: Vec<f32> =
        counts.iter().flat_map(|&n| (0..capacity).map(move |p| if p < n { 1.0 } else { 0.0 })).collect();
    Tensor::from_data(TensorData::new(data, [counts.len(), capacity, 1]), device)
}

/// A step of a tile's sampling trajectory.
pub struct Trajectory<'a> {
    encoding: &'a Encoding,
    path: &'a AnyPath,
    counts: &'a [usize],
    /// The core's account of the step: its number, its time, the noisy state and the estimate of the data.
    pub progress: &'a Progress<'a, Cloud>,
}

impl Trajectory<'_> {
    /// The noisy state of the tile's event `i` as particles, at unit variance (so that pure noise still fits a picture).
    pub fn particles(&self, i: usize) -> Vec<[f32; 3]> {
        let capacity = self.encoding.capacity;
        let coef = self.path.at(self.progress.t);
        let scale = 1.0 / coef.alpha.hypot(coef.sigma) as f32;
        let codes = host(self.progress.x.x.clone());
        codes[3 * capacity * i..]
            .chunks_exact(3)
            .take(self.counts[i])
            .map(|c| self.encoding.particles.decode([c[0] * scale, c[1] * scale, c[2] * scale]))
            .collect()
    }
}
