//! A method trained on one target: its samples, its way from noise to data, and its field.

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use nets::{DeepEquilibrium, EnergyMlp};

use super::average::AverageVelocity;
use super::consistency::Consistency;
use super::data_flow::DataFlow;
use super::denoiser::Denoiser;
use super::discrete::Discrete;
use super::guided::Guided;
use super::interpolant::Stochastic;
use super::likelihood::log_densities;
use super::posterior::Posterior;
use super::progressive::Progressive;
use super::recipe::{Kind, LabRecipe};
use super::score::Score;
use super::special::Special;
use super::standard::{Standard, rows};
use super::student::{Lesson, Student};
use super::torus::{Chart, OnTorus};
use super::transport::wasserstein2;
use super::{Point, Target};
use crate::Error;

/// Streams of the seed's random numbers.
pub(super) const SCALE: u64 = 1;
const SAMPLES: u64 = 3;

/// A trained method.
pub struct Trained {
    /// What it was trained by.
    pub recipe: LabRecipe,
    /// Training time, s; its teacher's is its own.
    pub seconds: f64,
    standard: Standard,
    chart: Option<Chart>,
    student: Box<dyn Student>,
}

impl Trained {
    /// Trains by a recipe; `teacher` is the trained method that the recipe names.
    ///
    /// # Errors
    /// Impossible constants in the recipe, divergence, interruption, a teacher that is missing.
    pub fn new(recipe: &LabRecipe, target: &Target, teacher: Option<&Trained>) -> Result<Trained, Error> {
        let started = Instant::now();
        let device = Device::flex();
        let standard = Standard::of(target, &mut Rng::new(recipe.train.seed).stream(SCALE));
        let teacher = teacher.and_then(|t| t.student.denoiser());
        let lesson = Lesson { recipe, target, standard, teacher, device };
        let student: Box<dyn Student> = match recipe.kind {
            Kind::Regression | Kind::Reflow => Box::new(Denoiser::train(&lesson)?),
            Kind::ImplicitScore | Kind::SlicedScore | Kind::DenoisingScore | Kind::Ncsn => {
                Box::new(Score::train(&lesson)?)
            }
            Kind::ConsistencyTraining | Kind::ConsistencyDistillation => Box::new(Consistency::train(&lesson)?),
            Kind::Progressive => Box::new(Progressive::train(&lesson)?),
            Kind::MeanFlow | Kind::Shortcut => Box::new(AverageVelocity::train(&lesson)?),
            Kind::ClassifierGuidance | Kind::ClassifierFree | Kind::Autoguidance => Box::new(Guided::train(&lesson)?),
            Kind::Posterior => Box::new(Posterior::new(&lesson)?),
            Kind::DataToData => Box::new(DataFlow::train(&lesson)?),
            Kind::StochasticInterpolant => Box::new(Stochastic::train(&lesson)?),
            Kind::Energy => Box::new(Special::<EnergyMlp>::train(&lesson)?),
            Kind::DeepEquilibrium => Box::new(Special::<DeepEquilibrium>::train(&lesson)?),
            Kind::TorusFlow | Kind::TorusScore => Box::new(OnTorus::train(&lesson)?),
            Kind::AbsorbingTokens | Kind::UniformTokens => Box::new(Discrete::train(&lesson)?),
        };
        let chart = Chart::of_recipe(recipe, target);
        Ok(Trained { recipe: recipe.clone(), seconds: started.elapsed().as_secs_f64(), standard, chart, student })
    }

    /// Wasserstein-2 distance of two samples where the method lives: in the plane, or around the torus of the target's window.
    pub fn distance(&self, a: &[Point], b: &[Point]) -> f64 {
        self.chart.map_or_else(|| wasserstein2(a, b), |chart| chart.wasserstein2(a, b))
    }

    /// `n` samples of `seed` with at most `evaluations` of the network each.
    ///
    /// # Errors
    /// A recipe whose grid is impossible.
    pub fn samples(&self, evaluations: usize, seed: u64, n: usize) -> Result<Vec<Point>, Error> {
        let mut rng = Rng::new(seed).stream(SAMPLES);
        Ok(self.standard.points(&self.student.walk(evaluations, &like(n), &mut rng, &mut |_| {})?))
    }

    /// `n` ways from noise to data; every state is divided by `alpha + sigma` of its time.
    ///
    /// # Errors
    /// A recipe whose grid is impossible.
    pub fn trajectories(&self, evaluations: usize, seed: u64, n: usize) -> Result<Vec<Vec<Point>>, Error> {
        let mut way: Vec<Vec<Point>> = Vec::new();
        let mut rng = Rng::new(seed).stream(SAMPLES);
        let last = self.student.walk(evaluations, &like(n), &mut rng, &mut |x| way.push(self.standard.points(x)))?;
        way.push(self.standard.points(&last));
        let one = |i: usize| -> Vec<Point> { way.iter().map(|states| states[i]).collect() };
        let shown = |i| self.chart.map_or_else(|| one(i), |chart| chart.unrolled(one(i)));
        Ok((0..n).map(shown).collect())
    }

    /// What else a method has to show, with titles: `n` samples each of `seed`.
    ///
    /// # Errors
    /// A recipe whose grid is impossible.
    pub fn exhibits(&self, evaluations: usize, seed: u64, n: usize) -> Result<Vec<(String, Vec<Point>)>, Error> {
        let shown = self.student.exhibits(evaluations, &like(n), &Rng::new(seed).stream(SAMPLES))?;
        Ok(shown.into_iter().map(|(title, x)| (title, self.standard.points(&x))).collect())
    }

    /// `ln p` of each point in nats by the probability flow, with about `evaluations` of the network; none if the method has no such flow.
    ///
    /// # Errors
    /// A grid that the path does not have.
    pub fn log_densities(&self, evaluations: usize, points: &[Point]) -> Result<Option<Vec<f64>>, Error> {
        let Some(model) = self.student.denoiser() else { return Ok(None) };
        let x = self.standard.tensor(points, &Device::flex());
        // Points are centre + spread z, so their density is that of z over spread².
        let volume = 2.0 * self.standard.spread.ln();
        Ok(Some(log_densities(model, evaluations, x)?.into_iter().map(|l| l - volume).collect()))
    }

    /// The directions from points of the plane towards the data, at noise `sigma/alpha = level` in units of the target's spread.
    pub fn field(&self, points: &[Point], level: f64) -> Vec<Point> {
        let x = self.standard.tensor(points, &Device::flex());
        rows(&self.student.direction(x, level))
    }
}

/// The shape of `n` points.
fn like(n: usize) -> Tensor<2> {
    Tensor::zeros([n, 2], &Device::flex())
}
