//! Guided denoisers: by a classifier, by the same network without the class, by a worse version of the model.
//!
//! With weight `w`, all of them extrapolate beyond what was learnt, so that none of their samples has a known distribution for `w > 1`:
//!
//! 1. classifier: `D + w (sigma²/alpha) grad ln p(class | x_t)`, arXiv:2105.05233
//! 2. classifier-free: `D_all + w (D_class - D_all)`, arXiv:2207.12598; in an interval of noise only, arXiv:2404.07724
//! 3. autoguidance: `D_bad + w (D_good - D_bad)`, arXiv:2406.02507

use burn::tensor::{Device, Tensor};
use diffusion::{AnyPath, ClassifierGuided, Denoise, Extrapolate, Grid, Interval, Path, Rng, Sampler, velocity};

use super::conditional::Conditional;
use super::denoiser::{Denoiser, unit};
use super::judge::Judge;
use super::recipe::Kind;
use super::student::{Lesson, Student};
use super::walk::{affordable, priced, walk};
use crate::Error;
use crate::recipe::SampleSection;

/// Weights that are shown side by side.
const WEIGHTS: [f64; 4] = [0.0, 1.0, 2.0, 4.0];

/// A model, what guides it, and how strongly.
pub struct Guided {
    pair: Pair,
    class: usize,
    weight: Interval,
    sample: SampleSection,
}

enum Pair {
    Classifier(Denoiser, Judge),
    Free(Conditional),
    Auto { good: Denoiser, bad: Denoiser },
}

impl Guided {
    /// Trains the part that the recipe adds: the classifier, the conditional model, the worse model.
    ///
    /// # Errors
    /// A teacher that is missing or on another path, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Guided, Error> {
        let recipe = lesson.recipe;
        let learned = || lesson.teacher().map(|teacher| teacher.with_network(teacher.network()));
        let pair = match recipe.kind {
            Kind::ClassifierGuidance => {
                let denoiser = learned()?;
                let judge = Judge::train(lesson, &denoiser)?;
                Pair::Classifier(denoiser, judge)
            }
            Kind::Autoguidance => {
                let good = learned()?;
                if recipe.path.build()? != good.path {
                    let expected = format!("the path of its teacher, {:?}", good.path);
                    return Err(Error::argument(
                        &format!("path of {}", recipe.name),
                        format!("{:?}", recipe.path),
                        expected,
                    ));
                }
                Pair::Auto { good, bad: Denoiser::train(lesson)? }
            }
            _ => Pair::Free(Conditional::train(lesson)?),
        };
        let section = recipe.guidance;
        Ok(Guided { pair, class: section.class, weight: section.interval(), sample: recipe.sample.clone() })
    }

    fn path(&self) -> &AnyPath {
        match &self.pair {
            Pair::Classifier(denoiser, _) => &denoiser.path,
            Pair::Free(conditional) => &conditional.path,
            Pair::Auto { good, .. } => &good.path,
        }
    }

    /// The guided model.
    fn model(&self, weight: Interval) -> Box<dyn Denoise<Tensor<2>> + '_> {
        match &self.pair {
            Pair::Classifier(model, judge) => {
                let gradient = |x: &Tensor<2>, t: f64| judge.gradient(x, t, self.class);
                Box::new(ClassifierGuided { model, gradient, weight })
            }
            Pair::Free(model) => {
                Box::new(Extrapolate { conditional: model.of(Some(self.class)), unconditional: model.of(None), weight })
            }
            Pair::Auto { good, bad } => Box::new(Extrapolate { conditional: good, unconditional: bad, weight }),
        }
    }

    /// Networks that one evaluation asks.
    fn price(&self, weight: Interval, lambda: f64) -> usize {
        let acting = (weight.lambda_min..=weight.lambda_max).contains(&lambda) && weight.weight != 0.0;
        let spared = !matches!(self.pair, Pair::Classifier(..)) && weight.weight == 1.0;
        if acting && !spared { 2 } else { 1 }
    }

    fn run(
        &self,
        weight: Interval,
        evaluations: usize,
        rng: &mut Rng,
        n: usize,
        see: &mut dyn FnMut(&Tensor<2>),
    ) -> Result<Tensor<2>, Error> {
        let path = self.path();
        let cost = |sampler: &Sampler, grid: &Grid| priced(sampler, path, grid, &|lambda| self.price(weight, lambda));
        let (sampler, grid) = affordable(&self.sample, path, evaluations, &cost)?;
        let like = Tensor::zeros([n, 2], &Device::flex());
        Ok(walk(&*self.model(weight), &sampler, &grid, &like, rng, see))
    }
}

impl Student for Guided {
    fn walk(
        &self,
        evaluations: usize,
        rng: &mut Rng,
        n: usize,
        see: &mut dyn FnMut(&Tensor<2>),
    ) -> Result<Tensor<2>, Error> {
        self.run(self.weight, evaluations, rng, n, see)
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let t = self.path().time(-level.ln());
        velocity(&*self.model(self.weight), &x.mul_scalar(unit(self.path(), t)), t).neg()
    }

    fn exhibits(&self, evaluations: usize, rng: &Rng, n: usize) -> Result<Vec<(String, Tensor<2>)>, Error> {
        let one = |w: f64| {
            let weight = Interval { weight: w, ..self.weight };
            Ok((format!("*w* = {w}"), self.run(weight, evaluations, &mut rng.clone(), n, &mut |_| {})?))
        };
        WEIGHTS.into_iter().map(one).collect()
    }
}
