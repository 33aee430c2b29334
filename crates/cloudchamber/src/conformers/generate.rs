//! Conformers of a molecule: tiles of consecutive numbers, each conformer by its seed, molecule and number alone.
//!
//! A tile is always computed whole, so that neither the number of conformers asked for nor threads are seen in the results.

use burn::tensor::{Device, Tensor};
use diffusion::score::{AnnealedLangevin, Langevin, Ncsn};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Edm, Grid, Path, Progress, Rng, Sampler, Space, Target};
use kernels::CloudKernel;
use nets::DistanceScore;
use rayon::prelude::*;

use super::data::Ensemble;
use super::denoiser::ConformerDenoiser;
use super::field::DistanceField;
use super::model::{ConformerModel, ConformerNet};
use super::recipe::DistanceSection;
use crate::molecules::generate::is_due;
use crate::{Error, interrupt};

/// Conformers of a tile.
pub(super) const TILE: u64 = 8;

/// How conformers are drawn where it is not as the model's recipe says.
#[derive(Clone, Debug, Default)]
pub struct ConformerOptions {
    /// Seed.
    pub seed: u64,
    /// Sampler of the core.
    pub sampler: Option<Sampler>,
    /// Its steps.
    pub steps: Option<usize>,
    /// Path from noise to conformers; another than the model's needs a network with the target "edm", which only sees noise levels.
    pub path: Option<AnyPath>,
}

/// A model ready to generate on the CPU.
pub struct ConformerGenerator {
    asked: Asked,
    spread: f64,
    seed: u64,
    path: AnyPath,
    way: Way,
}

/// A noise level sigma/alpha, and positions in Angstrom.
pub type Frame = (f64, Vec<[f64; 3]>);

/// The network, and what it was trained for.
enum Asked {
    /// The equivariant one, for a target of the core at noisy positions.
    Positions(Box<CloudKernel>, Target),
    /// The one of distances.
    Distances(Box<DistanceScore>),
}

/// How positions are drawn.
enum Way {
    Sampler(Sampler, Grid),
    /// Annealed Langevin dynamics, in units of the spread.
    Langevin(DistanceSection),
}

impl ConformerGenerator {
    /// The model's network, with the sampler and steps asked for. A model of noisy distances is sampled by annealed Langevin dynamics, unless a sampler
    /// is named; that begins at the largest noise that the network knows.
    ///
    /// # Errors
    /// Of a sampler or grid that does not fit the model.
    pub fn new(model: &ConformerModel, options: &ConformerOptions) -> Result<ConformerGenerator, Error> {
        let recipe = &model.recipe;
        let spread = model.meta.spread;
        let mut section = recipe.sample.clone();
        let (path, way) = match &recipe.distances {
            Some(noise) => {
                if let Some(path) = &options.path {
                    let expected = "no other path: this model was trained with noise on distances";
                    return Err(Error::argument("--path", format!("{path:?}"), expected));
                }
                let [sigma_min, sigma_max] = [noise.sigma_min, noise.sigma_max].map(|sigma| sigma / spread);
                let path = AnyPath::Edm(Edm { sigma_min, sigma_max });
                let way = match options.sampler {
                    None => {
                        let mut noise = DistanceSection { sigma_min, sigma_max, ..noise.clone() };
                        noise.steps = options.steps.unwrap_or(noise.steps);
                        Way::Langevin(noise)
                    }
                    Some(sampler) => {
                        section.sigma_min = Some(section.sigma_min.unwrap_or(sigma_min));
                        section.sigma_max = Some(section.sigma_max.unwrap_or(sigma_max));
                        Way::Sampler(sampler, section.grid(&path, options.steps.unwrap_or(section.steps))?)
                    }
                };
                (path, way)
            }
            None => {
                let path = recipe.objective.sampled_on(options.path.as_ref(), &recipe.path)?;
                let sampler = options.sampler.map_or_else(|| section.sampler(), Ok)?;
                let grid = section.grid(&path, options.steps.unwrap_or(section.steps))?;
                (path, Way::Sampler(sampler, grid))
            }
        };
        let asked = match model.net() {
            ConformerNet::Positions(net) => {
                Asked::Positions(Box::new(CloudKernel::egnn(&net)), recipe.objective.target())
            }
            ConformerNet::Distances(net) => Asked::Distances(net),
        };
        Ok(ConformerGenerator { asked, spread, seed: options.seed, path, way })
    }

    /// How positions are drawn, in words.
    pub fn way(&self) -> String {
        match &self.way {
            Way::Sampler(sampler, grid) => format!("{sampler}, {} steps", grid.steps()),
            Way::Langevin(d) => format!("annealed Langevin dynamics, {} steps at each of {} levels", d.steps, d.levels),
        }
    }

    /// Network evaluations per conformer.
    pub fn evaluations(&self) -> usize {
        match &self.way {
            Way::Sampler(sampler, grid) => sampler.evaluations(grid),
            Way::Langevin(d) => d.levels * d.steps + d.still,
        }
    }

    /// Conformers `first .. first + n` of a molecule, the `which`-th of its seed, in Angstrom; none where coordinates left the finite numbers.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn conformers(
        &self,
        molecule: &Ensemble,
        which: u64,
        first: u64,
        n: usize,
    ) -> Result<Vec<Option<Vec<[f64; 3]>>>, Error> {
        let end = first + n as u64;
        let tiles: Vec<u64> = (first / TILE..end.div_ceil(TILE)).collect();
        let made: Vec<Vec<Vec<[f64; 3]>>> = tiles
            .par_iter()
            .map(|tile| self.tile(molecule, which, tile * TILE, &mut |_| {}))
            .collect::<Result<_, Error>>()?;
        let skipped = (first % TILE) as usize;
        let finite = |x: Vec<[f64; 3]>| x.iter().flatten().all(|v| v.is_finite()).then_some(x);
        Ok(made.into_iter().flatten().skip(skipped).take(n).map(finite).collect())
    }

    /// Conformer `number` at so many moments of its sampling, evenly over the steps, and the noise level sigma/alpha there, 0 at the end; states are
    /// brought to unit spread by the network's input factor. Nothing but the end of Langevin dynamics.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn trajectory(
        &self,
        molecule: &Ensemble,
        which: u64,
        number: u64,
        moments: usize,
    ) -> Result<Vec<Frame>, Error> {
        let place = (number % TILE) as usize;
        let mut frames = vec![];
        let mut finished = self.tile(molecule, which, number - number % TILE, &mut |p| {
            if !is_due(p, frames.len(), moments) {
                return;
            }
            let coef = self.path.at(p.t);
            let scale = 1.0 / coef.alpha.hypot(coef.sigma);
            frames.push((coef.sigma / coef.alpha, self.positions(&p.x.clone().scale(scale)).swap_remove(place)));
        })?;
        frames.push((0.0, finished.swap_remove(place)));
        Ok(frames)
    }

    /// Positions of each conformer, in Angstrom.
    fn positions(&self, x: &Centred) -> Vec<Vec<[f64; 3]>> {
        let atoms = x.cloud.x.dims()[1];
        let values = nets::host(x.cloud.x.clone());
        let atom = |c: &[f32]| [c[0], c[1], c[2]].map(|v| f64::from(v) * self.spread);
        values.chunks(3 * atoms).map(|all| all.chunks(3).map(atom).collect()).collect()
    }

    fn tile(
        &self,
        molecule: &Ensemble,
        which: u64,
        first: u64,
        observe: &mut dyn FnMut(&Progress<Centred>),
    ) -> Result<Vec<Vec<[f64; 3]>>, Error> {
        interrupt::check()?;
        let (count, atoms, device) = (TILE as usize, molecule.graph.len(), Device::flex());
        let field: Box<dyn Denoise<Centred>> = match &self.asked {
            Asked::Positions(kernel, target) => {
                Box::new(ConformerDenoiser::new(kernel, molecule, count, &self.path, *target))
            }
            Asked::Distances(net) => Box::new(DistanceField::new(net, molecule, count, &self.path)),
        };
        let mask = Tensor::<3>::ones([count, atoms, 1], &device);
        let zeros = Centred { cloud: Cloud { x: Tensor::zeros([count, atoms, 3], &device), mask }, columns: 3 };
        let rng = |stream: u64| Rng::new(self.seed).stream(2 * which + stream).at(first);
        let (mut start, mut steps) = (rng(0), rng(1));
        let x = match &self.way {
            Way::Sampler(sampler, grid) => {
                let noise = grid.prior(&self.path, &zeros, &mut start);
                sampler.run(&*field, grid, noise, &mut steps, observe).x
            }
            Way::Langevin(noise) => self.anneal(noise, &*field, zeros.randn_like(&mut start), &mut steps)?,
        };
        Ok(self.positions(&x))
    }

    /// ConfGF's `x <- x + a s + sqrt(2 a) z` with `a = eps (sigma/sigma_min)^2`, eps = 2.4e-6 A^2 (arXiv:2105.03902, algorithm 1), which is
    /// [`AnnealedLangevin`] of step `2 eps/sigma_min^2` = 0.048. The sum of the scores of an atom's many distances is steeper than a score of one
    /// position at noise sigma, so there is no last step to the "clean" estimate, only steps without noise.
    fn anneal(
        &self,
        noise: &DistanceSection,
        field: &dyn Denoise<Centred>,
        start: Centred,
        rng: &mut Rng,
    ) -> Result<Centred, Error> {
        // As published the first positions have unit spread in Angstrom, far less than the first noise.
        let mut x = start.scale(1.0 / self.spread);
        let dynamics = AnnealedLangevin::new(noise.step, noise.steps, 1.0)?;
        for &level in Ncsn::geometric(noise.sigma_max, noise.sigma_min, noise.levels)?.levels() {
            interrupt::check()?;
            x = dynamics.run(field, &Grid::new(vec![level])?.without_clean_step(), x, rng).x;
        }
        let quiet = Langevin::new(noise.step * noise.sigma_min.powi(2), noise.still, 0.0)?;
        Ok(quiet.run(field, x, noise.sigma_min, rng))
    }
}
