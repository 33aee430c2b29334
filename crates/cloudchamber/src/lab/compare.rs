//! Trains methods on one target, two at a time, and measures their distance to it against network evaluations.

use std::sync::Mutex;

use diffusion::Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::method::Trained;
use super::recipe::LabRecipe;
use super::transport::wasserstein2;
use super::{Point, Target};
use crate::Error;

/// What to compare on.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The target.
    pub target: Target,
    /// Points of each sample.
    pub points: usize,
    /// Seeds of the samples: each gives a distance and a floor.
    pub repeats: usize,
    /// First of these seeds.
    pub seed: u64,
}

/// A mean over repeats and its standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error, from the spread of the repeats; zero for one.
    pub error: f64,
}

/// What was measured of a method.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Its recipe's name.
    pub name: String,
    /// Training time, s.
    pub seconds: f64,
    /// Network evaluations and the Wasserstein-2 distance to the target with them.
    pub distances: Vec<(usize, Mean)>,
}

/// A trained method with its figures.
pub struct Entry {
    /// The method.
    pub trained: Trained,
    /// Its figures.
    pub measured: Measured,
}

impl Comparison {
    /// A real sample of the target.
    pub fn truth(&self, seed: u64) -> Vec<Point> {
        self.target.sample(&mut Rng::new(seed).stream(0x7275), self.points).into_iter().map(|(p, _)| p).collect()
    }

    /// The distance between two real samples: what no method can fall below but by chance.
    pub fn floor(&self) -> Mean {
        let seeds: Vec<u64> = (0..self.repeats as u64).collect();
        let one = |k: &u64| wasserstein2(&self.truth(self.seed + k), &self.truth(self.seed + 1000 + k));
        mean(&seeds.par_iter().map(one).collect::<Vec<_>>())
    }

    /// Trains and measures all recipes; `say` hears when a method begins and ends.
    ///
    /// # Errors
    /// A teacher that is not among the recipes, and whatever a method fails with.
    pub fn run(&self, recipes: &[LabRecipe], say: &(dyn Fn(&str) + Sync)) -> Result<Vec<Entry>, Error> {
        // A teacher must be there before its pupils: first those without one.
        let (pupils, masters): (Vec<_>, Vec<_>) = recipes.iter().partition(|r| r.teacher.is_some());
        let done: Mutex<Vec<Entry>> = Mutex::default();
        for generation in [masters, pupils] {
            let fresh: Result<Vec<Entry>, Error> = {
                let ready = done.lock().unwrap_or_else(|e| e.into_inner());
                let known: &[Entry] = &ready;
                generation.par_iter().map(|recipe| self.entry(recipe, known, say)).collect()
            };
            done.lock().unwrap_or_else(|e| e.into_inner()).extend(fresh?);
        }
        let mut entries = done.into_inner().unwrap_or_else(|e| e.into_inner());
        entries.sort_by_key(|e| recipes.iter().position(|r| r.name == e.measured.name));
        Ok(entries)
    }

    fn entry(&self, recipe: &LabRecipe, known: &[Entry], say: &(dyn Fn(&str) + Sync)) -> Result<Entry, Error> {
        let teacher = match &recipe.teacher {
            None => None,
            Some(name) => {
                let found = known.iter().find(|e| e.measured.name == *name).map(|e| &e.trained);
                let names = known.iter().map(|e| e.measured.name.as_str());
                Some(found.ok_or_else(|| Error::unknown("teacher", name, recipe.name.clone(), names))?)
            }
        };
        say(&format!("{}: training", recipe.name));
        // One thread each: the tensor library's own threads would only get into each other's way.
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let train = || Trained::new(recipe, &self.target, teacher);
        let trained = alone.map_or_else(|_| train(), |pool| pool.install(train))?;
        let mut distances = Vec::new();
        for &evaluations in &recipe.evaluations {
            let one = |k: u64| {
                let samples = trained.samples(evaluations, self.seed + k, self.points)?;
                Ok(trained.distance(&samples, &self.truth(self.seed + 1000 + k)))
            };
            let values: Result<Vec<f64>, Error> = (0..self.repeats as u64).map(one).collect();
            distances.push((evaluations, mean(&values?)));
        }
        say(&format!("{}: trained in {:.0} s", recipe.name, trained.seconds));
        let measured = Measured { name: recipe.name.clone(), seconds: trained.seconds, distances };
        Ok(Entry { trained, measured })
    }
}

fn mean(values: &[f64]) -> Mean {
    let n = values.len() as f64;
    let value = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - value).powi(2)).sum();
    Mean { value, error: if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { 0.0 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_standard_error_of_its_values() {
        // Variance of 1, 2, 3, 4 is 5/3; over 4 values the standard error is sqrt(5/12).
        let m = mean(&[1.0, 2.0, 3.0, 4.0]);
        assert!((m.value - 2.5).abs() < 1e-12 && (m.error - (5.0f64 / 12.0).sqrt()).abs() < 1e-12);
        assert_eq!(mean(&[2.0]), Mean { value: 2.0, error: 0.0 });
    }
}
