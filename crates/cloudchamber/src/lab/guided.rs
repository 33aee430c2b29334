//! Guided denoisers: by a classifier, by the same network without the class, by a worse version of the model.
//!
//! With weight `w`, all of them extrapolate beyond what was learnt, so that none of their samples has a known distribution for `w > 1`:
//!
//! 1. classifier: `D + w (sigma²/alpha) grad ln p(class | x_t)`, arXiv:2105.05233
//! 2. classifier-free: `D_all + w (D_class - D_all)`, arXiv:2207.12598; in an interval of noise only, arXiv:2404.07724
//! 3. autoguidance: `D_bad + w (D_good - D_bad)`, arXiv:2406.02507

use burn::tensor::Tensor;
use diffusion::{AnyPath, ClassifierGuided, Denoise, Extrapolate, Grid, Interval, Rng, Sampler};

use super::conditional::Conditional;
use super::denoiser::Denoiser;
use super::judge::Judge;
use super::recipe::Kind;
use super::student::{Lesson, See, Student};
use super::walk::{affordable, priced, towards, walk};
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
        like: &Tensor<2>,
        rng: &mut Rng,
        see: See,
    ) -> Result<Tensor<2>, Error> {
        let path = self.path();
        let cost = |sampler: &Sampler, grid: &Grid| priced(sampler, path, grid, &|lambda| self.price(weight, lambda));
        let (sampler, grid) = affordable(&self.sample, path, evaluations, &cost)?;
        Ok(walk(&*self.model(weight), &sampler, &grid, like, rng, see))
    }
}

impl Student for Guided {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        self.run(self.weight, evaluations, like, rng, see)
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        towards(&*self.model(self.weight), x, level)
    }

    fn exhibits(&self, evaluations: usize, like: &Tensor<2>, rng: &Rng) -> Result<Vec<(String, Tensor<2>)>, Error> {
        let one = |w: f64| {
            let weight = Interval { weight: w, ..self.weight };
            Ok((format!("*w* = {w}"), self.run(weight, evaluations, like, &mut rng.clone(), &mut |_| {})?))
        };
        WEIGHTS.into_iter().map(one).collect()
    }
}
