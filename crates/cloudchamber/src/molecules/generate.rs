//! Molecules out of a model: tiles of consecutive numbers, each molecule by its seed and number alone.
//!
//! The kernels compute every molecule by itself to the last bit, and its noise is keyed by its number, so neither tiles nor threads
//! are seen in the results.

use std::time::Instant;

use burn::tensor::Device;
use diffusion::{AnyPath, Centred, Denoise, Extrapolate, Grid, Interval, Path, Progress, Rng, Sampler};
use kernels::CloudKernel;
use matter::Molecule;

use super::autoencoder::Coder;
use super::denoiser::MoleculeDenoiser;
use super::encoding::MoleculeEncoding;
use super::layout::Layout;
use super::model::MoleculeModel;
use super::question;
use crate::Error;

/// Most molecules of a tile.
const TILE: u64 = 32;

/// Streams of a seed's random numbers.
mod stream {
    pub const SIZE: u64 = 1;
    pub const START: u64 = 2;
    pub const STEPS: u64 = 3;
}

/// Which molecules to generate, and how.
#[derive(Clone, Debug, Default)]
pub struct MoleculeOptions {
    /// Number of molecules.
    pub n: u64,
    /// Number of the first.
    pub first: u64,
    /// Seed.
    pub seed: u64,
    /// Atoms of all molecules; drawn as in the training data if absent.
    pub atoms: Option<usize>,
    /// Sampler; the model's if absent.
    pub sampler: Option<Sampler>,
    /// Steps; the model's if absent.
    pub steps: Option<usize>,
    /// Path from noise to molecule; the model's if absent. Another one needs a network with the target "edm", which only sees noise levels.
    pub path: Option<AnyPath>,
    /// Properties that all molecules should have, by name.
    pub properties: Vec<(String, f64)>,
    /// Strength of classifier-free guidance by the properties; the model's if absent, 1 is none.
    pub guidance: Option<f64>,
}

/// What generating cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MoleculeStats {
    /// Molecules delivered.
    pub molecules: u64,
    /// Wall-clock time.
    pub seconds: f64,
    /// Network evaluations per molecule.
    pub evaluations: usize,
    /// Numbers of the molecules whose coordinates left the finite numbers; they are not delivered.
    pub failed: Vec<u64>,
}

/// A model ready to generate on the CPU.
pub struct MoleculeGenerator {
    encoding: MoleculeEncoding,
    layout: Layout,
    coder: Option<Coder>,
    kernel: CloudKernel,
    path: AnyPath,
    targets: [diffusion::Target; 3],
    sampler: Sampler,
    grid: Grid,
    /// Values of the model's properties, as far as they are given.
    properties: Vec<Option<f64>>,
    guidance: f64,
    options: MoleculeOptions,
}

impl MoleculeGenerator {
    /// The model's network, with the sampler and steps asked for.
    ///
    /// # Errors
    /// Of a sampler or grid that does not fit the model; [`Error::Argument`] for molecules without atoms.
    pub fn new(model: &MoleculeModel, options: &MoleculeOptions) -> Result<MoleculeGenerator, Error> {
        if options.atoms == Some(0) {
            return Err(Error::argument("--atoms", 0, "at least 1: a molecule has atoms"));
        }
        let (recipe, encoding, layout) = (&model.recipe, &model.meta.encoding, model.layout());
        let section = &recipe.sample;
        let path = recipe.objective.sampled_on(options.path.as_ref(), &recipe.path)?;
        let mut properties = vec![None; encoding.properties.len()];
        for (name, value) in &options.properties {
            let names = encoding.properties.iter().map(|p| p.name.as_str());
            match names.clone().position(|known| known == name) {
                Some(place) => properties[place] = Some(*value),
                None => return Err(Error::unknown("property", name, format!("model {}", model.meta.name), names)),
            }
        }
        let guidance = options.guidance.unwrap_or(section.guidance);
        let dropout = recipe.objective.label_dropout;
        if guidance != 1.0 && (properties.iter().all(Option::is_none) || dropout == 0.0) {
            let expected = "1: guidance needs a property to be led to, and a model trained with label_dropout";
            return Err(Error::argument("--guidance", guidance, expected));
        }
        if let Some(place) = properties.iter().position(Option::is_none).filter(|_| dropout == 0.0) {
            let name = &encoding.properties[place].name;
            return Err(Error::argument(
                "--property",
                "nothing",
                format!("{name}=VALUE: this model always has to be told"),
            ));
        }
        Ok(MoleculeGenerator {
            encoding: encoding.clone(),
            kernel: CloudKernel::egnn(&model.net()),
            targets: layout.spread.map(|spread| question::target(recipe, spread)),
            layout,
            coder: model.coder(),
            sampler: options.sampler.map_or_else(|| section.sampler(), Ok)?,
            grid: section.grid(&path, options.steps.unwrap_or(section.steps))?,
            path,
            properties,
            guidance,
            options: options.clone(),
        })
    }

    /// Network evaluations per molecule.
    pub fn evaluations(&self) -> usize {
        self.sampler.evaluations(&self.grid) * if self.guidance == 1.0 { 1 } else { 2 }
    }

    /// Sizes of the molecules with numbers `first .. first + n`.
    fn sizes(&self, first: u64, n: usize) -> Vec<usize> {
        let drawn = Rng::new(self.options.seed).stream(stream::SIZE).at(first).uniform(n, 1);
        drawn.into_iter().map(|u| self.options.atoms.unwrap_or_else(|| self.encoding.size(u))).collect()
    }

    /// Molecules `first .. first + n`, none for those that failed; `observe` sees every step of the sampler.
    pub fn molecules(
        &self,
        first: u64,
        n: usize,
        observe: &mut dyn FnMut(&Progress<Centred>),
    ) -> Vec<Option<Molecule>> {
        let sizes = self.sizes(first, n);
        let start = self.noise(first, &sizes);
        self.decoded(self.codes(first, &sizes, start, observe))
    }

    /// The molecules of these codes, or latents; none where numbers are not finite.
    fn decoded(&self, codes: Vec<Vec<f32>>) -> Vec<Option<Molecule>> {
        let codes = match &self.coder {
            Some(coder) => coder.decode(&codes),
            None => codes,
        };
        codes.into_iter().map(|codes| self.encoding.decode(&codes)).collect()
    }

    /// Molecule `number` at so many moments of its sampling, evenly over the steps, and the noise level sigma/alpha there, 0 at the end. States
    /// are brought to unit spread by the network's input factor.
    pub fn trajectory(&self, number: u64, moments: usize) -> Vec<(f64, Option<Molecule>)> {
        let mut frames = Vec::new();
        let spread = self.layout.spread[0];
        let finished = self.molecules(number, 1, &mut |p| {
            if !is_due(p, frames.len(), moments) {
                return;
            }
            let coef = self.path.at(p.t);
            let scale = spread / (coef.alpha * spread).hypot(coef.sigma);
            let [_, capacity, columns] = p.x.cloud.x.dims();
            let mask = nets::host(p.x.cloud.mask.clone());
            let atoms = mask[..capacity].iter().filter(|m| **m != 0.0).count();
            let state: Vec<f32> = nets::host(p.x.cloud.x.clone().mul_scalar(scale));
            let decoded = self.decoded(vec![state[..atoms * columns].to_vec()]);
            frames.extend(decoded.into_iter().map(|molecule| (coef.sigma / coef.alpha, molecule)));
        });
        frames.extend(finished.into_iter().map(|molecule| (0.0, molecule)));
        frames
    }

    /// The noise that molecules of these sizes begin with; always with as many paddings, for sums over them may round differently.
    pub(super) fn noise(&self, first: u64, sizes: &[usize]) -> Centred {
        let capacity = sizes.iter().copied().fold(self.encoding.largest(), usize::max);
        let shape = [sizes.len(), capacity, self.layout.columns()];
        let mask = question::mask(sizes, capacity);
        let zero = question::cloud(vec![0.0; shape.iter().product()], &mask, shape, &Device::flex());
        self.grid.prior(&self.path, &zero, &mut Rng::new(self.options.seed).stream(stream::START).at(first))
    }

    /// The network asked of molecules like these, told these properties.
    fn denoiser(&self, like: &Centred, properties: &[Option<f64>]) -> MoleculeDenoiser<'_> {
        let mut condition = Vec::new();
        let rows = like.cloud.x.dims()[0];
        (0..rows).for_each(|_| self.encoding.push_condition(&mut condition, |i| properties[i]));
        MoleculeDenoiser {
            kernel: &self.kernel,
            layout: &self.layout,
            path: &self.path,
            targets: self.targets,
            mask: nets::host(like.cloud.mask.clone()),
            condition,
        }
    }

    /// The codes of each molecule that the sampler makes of this noise.
    pub(super) fn codes(
        &self,
        first: u64,
        sizes: &[usize],
        start: Centred,
        observe: &mut dyn FnMut(&Progress<Centred>),
    ) -> Vec<Vec<f32>> {
        let told = self.denoiser(&start, &self.properties);
        let model: Box<dyn Denoise<Centred>> = if self.guidance == 1.0 {
            Box::new(told)
        } else {
            let untold = self.denoiser(&start, &vec![None; self.properties.len()]);
            Box::new(Extrapolate { conditional: told, unconditional: untold, weight: Interval::always(self.guidance) })
        };
        let [_, capacity, columns] = start.cloud.x.dims();
        let mut rng = Rng::new(self.options.seed).stream(stream::STEPS).at(first);
        let sampled = self.sampler.run(&*model, &self.grid, start, &mut rng, observe);
        let codes = nets::host(sampled.x.cloud.x);
        let row = |(row, &n): (&[f32], &usize)| row[..n * columns].to_vec();
        codes.chunks_exact(capacity * columns).zip(sizes).map(row).collect()
    }
}

/// Whether a state on its way is the next of so many frames, evenly over the steps, the last of which is the end.
pub(crate) fn is_due<X>(p: &Progress<X>, taken: usize, moments: usize) -> bool {
    taken + 1 < moments && p.index >= taken * p.total / (moments - 1)
}

/// Where finished molecules go, with the number of the first; none where one has failed. An error ends the sampling.
pub type Sink<'a> = dyn FnMut(u64, &[Option<Molecule>]) -> Result<(), Error> + 'a;

/// Generates molecules `first .. first + n` and hands them to `sink` in order, with the number of the first of them; memory does not grow
/// with `n`.
///
/// # Errors
/// Those of the sink, and of [`MoleculeGenerator::new`].
pub fn generate(
    model: &MoleculeModel,
    options: &MoleculeOptions,
    sink: &mut Sink,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<MoleculeStats, Error> {
    let start = Instant::now();
    let generator = MoleculeGenerator::new(model, options)?;
    let mut stats = MoleculeStats { evaluations: generator.evaluations(), ..MoleculeStats::default() };
    // Each thread computes whole tiles by itself, in a pool of its own.
    let threads = rayon::current_num_threads();
    let pools: Vec<_> = (0..threads).flat_map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build()).collect();
    let workers = pools.len().max(1) as u64;
    let tile = TILE.min(options.n.div_ceil(workers)).max(1);
    let (mut next, end) = (options.first, options.first + options.n);
    while next < end {
        let firsts: Vec<u64> = (0..workers).map(|w| next + w * tile).filter(|first| *first < end).collect();
        let size = |first: u64| (end - first).min(tile) as usize;
        let work = |worker: usize| {
            let make = || generator.molecules(firsts[worker], size(firsts[worker]), &mut |_| {});
            pools.get(worker).map_or_else(make, |alone| alone.install(make))
        };
        let parts: Vec<Vec<Option<Molecule>>> = std::thread::scope(|scope| {
            let work = &work;
            let handles: Vec<_> = (0..firsts.len()).map(|worker| scope.spawn(move || work(worker))).collect();
            handles.into_iter().map(|h| h.join().expect("a tile does not panic")).collect()
        });
        for (&first, molecules) in firsts.iter().zip(&parts) {
            sink(first, molecules)?;
            let failed = molecules.iter().enumerate().filter(|(_, m)| m.is_none());
            stats.failed.extend(failed.map(|(i, _)| first + i as u64));
            stats.molecules += molecules.iter().flatten().count() as u64;
        }
        next = firsts.last().map_or(end, |first| first + size(*first) as u64);
        progress(next - options.first, options.n);
    }
    stats.seconds = start.elapsed().as_secs_f64();
    Ok(stats)
}
