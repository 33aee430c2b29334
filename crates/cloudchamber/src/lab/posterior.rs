//! The points that a linear measurement leaves possible, sampled with a learned denoiser as the prior.
//!
//! DPS, arXiv:2209.14687; Pi-GDM (Song et al., ICLR 2023); MMPS, arXiv:2405.13712. Evaluations count passes through the network, there and
//! back.

use burn::tensor::{Device, Tensor};
use diffusion::inverse::{Dps, Matrix, Measurement, Mmps, PiGdm};
use diffusion::{Ddim, Denoise, Path, Reverse, Rng, sample, velocity};

use super::condition::{MeasurementSection, PosteriorKind};
use super::denoiser::{Denoiser, unit};
use super::goal::Goal;
use super::student::{Lesson, Student};
use super::walk::{affordable, walk};
use crate::Error;
use crate::recipe::SampleSection;

type Prior<'a> = Reverse<&'a Denoiser>;

/// A prior, a measurement and a method.
pub struct Posterior {
    prior: Denoiser,
    measured: Measurement<Matrix>,
    section: MeasurementSection,
    sample: SampleSection,
}

impl Posterior {
    /// The lesson's teacher as the prior, and the goal's measurement in standardised units. Nothing is trained.
    ///
    /// # Errors
    /// A teacher that is missing, a goal that is no posterior.
    pub fn new(lesson: &Lesson) -> Result<Posterior, Error> {
        let (recipe, standard, teacher) = (lesson.recipe, lesson.standard, lesson.teacher()?);
        let Goal::Posterior { along, value, sigma } = Goal::of(recipe, lesson.target)? else {
            return Err(Error::argument("kind", format!("{:?}", recipe.kind), "posterior"));
        };
        // With data = centre + spread z: (value - along . centre)/spread = along . z + (sigma/spread) n.
        let shifted = value - along[0] * standard.centre[0] - along[1] * standard.centre[1];
        let matrix = Matrix::new(vec![along.to_vec()])?;
        let measured = Measurement::new(matrix, vec![shifted / standard.spread], sigma / standard.spread)?;
        let prior = teacher.with_network(teacher.network());
        Ok(Posterior { prior, measured, section: recipe.measurement, sample: recipe.sample.clone() })
    }

    /// Passes through the network that a step costs: the estimate, its pullbacks, and what these have to compute anew.
    fn passes(&self) -> usize {
        match self.section.method {
            PosteriorKind::Pigdm => 2,
            PosteriorKind::Dps => 3,
            PosteriorKind::Mmps => 4,
        }
    }

    fn pigdm<'a>(&'a self, prior: Prior<'a>, spread: f64) -> PiGdm<Prior<'a>, Matrix> {
        PiGdm { prior, measured: self.measured.clone(), spread }
    }

    /// The guided estimate; that of DPS, which guides steps, is the likelihood that it argues with.
    fn model<'a>(&'a self, prior: Prior<'a>) -> Box<dyn Denoise<Tensor<2>> + 'a> {
        match self.section.method {
            PosteriorKind::Mmps => Box::new(Mmps::new(prior, self.measured.clone())),
            PosteriorKind::Pigdm => Box::new(self.pigdm(prior, 1.0)),
            PosteriorKind::Dps => Box::new(self.pigdm(prior, 0.0)),
        }
    }

    fn run(
        &self,
        prior: Prior,
        evaluations: usize,
        rng: &mut Rng,
        n: usize,
        see: &mut dyn FnMut(&Tensor<2>),
    ) -> Result<Tensor<2>, Error> {
        let path = &self.prior.path;
        let like = Tensor::zeros([n, 2], &Device::flex());
        let (sampler, grid) = affordable(&self.sample, path, evaluations, &|s, g| self.passes() * s.evaluations(g))?;
        if self.section.method != PosteriorKind::Dps {
            return Ok(walk(&*self.model(prior), &sampler, &grid, &like, rng, see));
        }
        let inner = Ddim { eta: 1.0 };
        let steps = Dps { prior, measured: self.measured.clone(), inner, zeta: self.section.strength };
        let start = grid.prior(path, &like, rng);
        let mut show = |p: &diffusion::Progress<Tensor<2>>| see(&p.x.clone().mul_scalar(1.0 / unit(path, p.t)));
        Ok(sample(&prior, &steps, &grid, start, rng, &mut show).x)
    }
}

impl Student for Posterior {
    fn walk(
        &self,
        evaluations: usize,
        rng: &mut Rng,
        n: usize,
        see: &mut dyn FnMut(&Tensor<2>),
    ) -> Result<Tensor<2>, Error> {
        self.run(Reverse(&self.prior), evaluations, rng, n, see)
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let t = self.prior.path.time(-level.ln());
        let model = self.model(Reverse(&self.prior));
        velocity(&*model, &x.mul_scalar(unit(&self.prior.path, t)), t).neg()
    }
}
