//! The points that a linear measurement leaves possible, sampled with a learned denoiser as the prior.
//!
//! DPS, arXiv:2209.14687; Pi-GDM (Song et al., ICLR 2023); MMPS, arXiv:2405.13712. Evaluations count passes through the network, there and
//! back.

use burn::tensor::Tensor;
use diffusion::inverse::{Dps, Matrix, Measurement, Mmps, PiGdm};
use diffusion::{Ddim, Denoise, Grid, Reverse, Rng, Sampler, Vjp, sample};

use super::condition::{MeasurementSection, PosteriorKind};
use super::denoiser::Denoiser;
use super::goal::Goal;
use super::student::{Lesson, See, Student};
use super::walk::{affordable, shown, towards, walk};
use crate::Error;
use crate::recipe::SampleSection;

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

    /// The prior, guided.
    fn model(&self) -> Box<dyn Denoise<Tensor<2>> + '_> {
        guided(self.section.method, Reverse(&self.prior), self.measured.clone())
    }
}

/// Passes through the network that a step costs: the estimate, its pullbacks, and what these have to compute anew.
fn passes(method: PosteriorKind) -> usize {
    match method {
        PosteriorKind::Pigdm => 2,
        PosteriorKind::Dps => 3,
        PosteriorKind::Mmps => 4,
    }
}

/// The guided estimate; that of DPS, which guides steps, is the likelihood that it argues with.
fn guided<'a, M: Vjp<Tensor<2>> + 'a>(
    method: PosteriorKind,
    prior: M,
    measured: Measurement<Matrix>,
) -> Box<dyn Denoise<Tensor<2>> + 'a> {
    let spread = match method {
        PosteriorKind::Mmps => return Box::new(Mmps::new(prior, measured)),
        PosteriorKind::Pigdm => 1.0,
        PosteriorKind::Dps => 0.0,
    };
    Box::new(PiGdm::new(prior, measured, spread).expect("a laboratory's measurement has noise"))
}

impl Student for Posterior {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let (path, method) = (&self.prior.path, self.section.method);
        let cost = |sampler: &Sampler, grid: &Grid| passes(method) * sampler.evaluations(grid);
        let (sampler, grid) = affordable(&self.sample, path, evaluations, &cost)?;
        if method != PosteriorKind::Dps {
            return Ok(walk(&*self.model(), &sampler, &grid, like, rng, see));
        }
        let (prior, inner) = (Reverse(&self.prior), Ddim { eta: 1.0 });
        let steps = Dps { prior, measured: self.measured.clone(), inner, zeta: self.section.strength };
        let start = grid.prior(path, like, rng);
        Ok(sample(&prior, &steps, &grid, start, rng, &mut shown(path, see)).x)
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        towards(&*self.model(), x, level)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use burn::tensor::Device;
    use diffusion::{Edm, Path, Pullback, Space, Step};

    use super::*;

    /// The model of standard normal data, with the passes that a network on a tape would have made: a tape is walked back once, and
    /// recorded anew for every further pullback.
    struct Counted<'a>(Edm, &'a Cell<usize>);

    impl Counted<'_> {
        fn add(&self, passes: usize) {
            self.1.set(self.1.get() + passes);
        }
    }

    impl Denoise<Tensor<2>> for Counted<'_> {
        fn path(&self) -> &dyn Path {
            &self.0
        }

        fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
            self.add(1);
            x.clone().scale(1.0 / (1.0 + t * t))
        }
    }

    impl Vjp<Tensor<2>> for Counted<'_> {
        fn vjp<'a>(&'a self, x: &Tensor<2>, t: f64) -> (Tensor<2>, Pullback<'a, Tensor<2>>) {
            let fresh = Cell::new(true);
            let pullback = move |v: &Tensor<2>| {
                self.add(if fresh.replace(false) { 1 } else { 2 });
                v.clone().scale(1.0 / (1.0 + t * t))
            };
            (self.denoise(x, t), Box::new(pullback))
        }
    }

    #[test]
    fn a_step_costs_the_passes_that_it_is_charged_for() {
        let x = Tensor::<2>::ones([3, 2], &Device::flex());
        let measured = Measurement::new(Matrix::new(vec![vec![1.0, 0.5]]).unwrap(), vec![0.3], 0.2).unwrap();
        let count = Cell::new(0);
        let model = || Counted(Edm::default(), &count);
        for method in [PosteriorKind::Pigdm, PosteriorKind::Mmps] {
            guided(method, model(), measured.clone()).denoise(&x, 0.7);
            assert_eq!(count.replace(0), passes(method), "{method:?}");
        }
        let step = Dps { prior: model(), measured, inner: Ddim { eta: 1.0 }, zeta: 0.3 };
        step.step(&model(), x, 0.7, 0.5, &mut Default::default(), &mut Rng::new(1));
        assert_eq!(count.get(), passes(PosteriorKind::Dps));
    }
}
