//! Trains methods on one target, two at a time, and measures their distance to it against network evaluations.

use diffusion::Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::goal::Goal;
use super::method::Trained;
use super::recipe::LabRecipe;
use super::transport::wasserstein2;
use super::{Point, Target};
use crate::{Error, interrupt};

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
    /// What its samples are compared with.
    pub goal: String,
    /// The distance between two real samples of that.
    pub floor: Mean,
    /// Network evaluations and the Wasserstein-2 distance to the goal with them.
    pub distances: Vec<(usize, Mean)>,
    /// Network evaluations and the mean log-likelihood of points of the target in nats; none for methods without a density.
    pub log_likelihood: Option<Vec<(usize, Mean)>>,
}

/// A trained method with its figures.
pub struct Entry {
    /// The method.
    pub trained: Trained,
    /// What its samples are compared with.
    pub goal: Goal,
    /// Its figures.
    pub measured: Measured,
}

/// The name of a method that failed, and why.
pub type Failure = (String, Error);

impl Comparison {
    /// A real sample.
    pub fn truth(&self, goal: &Goal, seed: u64) -> Vec<Point> {
        goal.sample(&self.target, &mut Rng::new(seed).stream(0x7275), self.points)
    }

    /// The real samples that those of a method are compared with.
    fn held_out(&self, goal: &Goal, k: u64) -> Vec<Point> {
        self.truth(goal, self.seed + 1000 + k)
    }

    /// The samples of a method, by number.
    fn numbers(&self) -> std::ops::Range<u64> {
        0..self.repeats as u64
    }

    /// The distance between two real samples: what no method can fall below but by chance.
    pub fn floor(&self, goal: &Goal) -> Mean {
        let one = |k: u64| wasserstein2(&self.truth(goal, self.seed + k), &self.held_out(goal, k));
        mean(&self.numbers().into_par_iter().map(one).collect::<Vec<_>>())
    }

    /// The mean log density of the points whose likelihood is asked, in nats: minus the target's entropy, which no method exceeds but by
    /// chance. None where the density is not known.
    pub fn negative_entropy(&self) -> Option<Mean> {
        let one = |k: u64| {
            let points = self.held_out(&Goal::Target, k);
            let logs: Option<f64> = points.iter().map(|p| self.target.density(*p).map(f64::ln)).sum();
            logs.map(|sum| sum / points.len() as f64)
        };
        let values: Option<Vec<f64>> = self.numbers().map(one).collect();
        values.map(|values| mean(&values))
    }

    /// Trains and measures all recipes; `say` hears when a method begins and ends. Those that fail do not cost the others their results: they
    /// come second, by name, with what went wrong.
    ///
    /// # Errors
    /// A goal that the target does not have; interruption.
    pub fn run(&self, recipes: &[LabRecipe], say: &(dyn Fn(&str) + Sync)) -> Result<(Vec<Entry>, Vec<Failure>), Error> {
        // What cannot be asked is refused before anything is trained.
        let mut floors: Vec<(Goal, Mean)> = Vec::new();
        for recipe in recipes {
            let goal = Goal::of(recipe, &self.target)?;
            if floors.iter().all(|(known, _)| *known != goal) {
                floors.push((goal, self.floor(&goal)));
            }
        }
        // A teacher must be there before its pupils: first those without one.
        let (pupils, masters): (Vec<_>, Vec<_>) = recipes.iter().partition(|r| r.teacher.is_some());
        let (mut entries, mut failures): (Vec<Entry>, Vec<Failure>) = (Vec::new(), Vec::new());
        for generation in [masters, pupils] {
            let fresh: Vec<Result<Entry, Error>> =
                generation.par_iter().map(|recipe| self.entry(recipe, &floors, &entries, say)).collect();
            interrupt::check()?;
            for (recipe, result) in generation.iter().zip(fresh) {
                match result {
                    Ok(entry) => entries.push(entry),
                    Err(error) => failures.push((recipe.name.clone(), error)),
                }
            }
        }
        entries.sort_by_key(|e| recipes.iter().position(|r| r.name == e.measured.name));
        Ok((entries, failures))
    }

    fn entry(
        &self,
        recipe: &LabRecipe,
        floors: &[(Goal, Mean)],
        known: &[Entry],
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Entry, Error> {
        let goal = Goal::of(recipe, &self.target)?;
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
        // While it waits for another pool, a thread of this one would begin with the next method; it waits for a thread instead.
        let trained = std::thread::scope(|scope| {
            let work = scope.spawn(|| alone.map_or_else(|_| train(), |pool| pool.install(train)));
            work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        let draws = |goal: &Goal| -> Vec<Vec<Point>> { self.numbers().map(|k| self.held_out(goal, k)).collect() };
        let (truths, real) = (draws(&goal), draws(&Goal::Target));
        let mut distances = Vec::new();
        let mut log_likelihood = Vec::new();
        for &evaluations in &recipe.evaluations {
            interrupt::check()?;
            let one = |(k, truth): (u64, &Vec<Point>)| {
                let samples = trained.samples(evaluations, self.seed + k, self.points)?;
                Ok(trained.distance(&samples, truth))
            };
            let values: Result<Vec<f64>, Error> = self.numbers().zip(&truths).map(one).collect();
            distances.push((evaluations, mean(&values?)));
            if evaluations < 2 {
                continue; // A likelihood takes at least one step of Heun's method.
            }
            let one = |points: &Vec<Point>| {
                let logs = trained.log_densities(evaluations, points)?;
                Ok(logs.map(|logs| logs.iter().sum::<f64>() / logs.len() as f64))
            };
            let values: Result<Option<Vec<f64>>, Error> = real.iter().map(one).collect();
            log_likelihood.extend(values?.map(|values| (evaluations, mean(&values))));
        }
        say(&format!("{}: trained in {:.0} s", recipe.name, trained.seconds));
        let floor = floors.iter().find(|(known, _)| *known == goal).map_or_else(Mean::default, |(_, floor)| *floor);
        let measured = Measured {
            name: recipe.name.clone(),
            seconds: trained.seconds,
            goal: goal.describe(),
            floor,
            distances,
            log_likelihood: (!log_likelihood.is_empty()).then_some(log_likelihood),
        };
        Ok(Entry { trained, goal, measured })
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
