//! What the samples of a method should be distributed as: the target, one of its classes, or what a measurement leaves of it.

use diffusion::Rng;

use super::condition::MeasurementSection;
use super::recipe::{Kind, LabRecipe};
use super::{Point, Target};
use crate::Error;

/// Points drawn to see whether a measurement is possible, and the least part of them that must survive it.
const TRIED: usize = 20_000;
const SURVIVORS: f64 = 1e-3;
/// Streams of the recipe's seed: the point that is measured, and that test.
const MEASURED: u64 = 0x6d65;
const TRIAL: u64 = 0x7472;

/// A distribution to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// The target.
    Target,
    /// A class of the target.
    Class(usize),
    /// The target given `value = along . data + sigma n`.
    Posterior {
        /// The row that is measured.
        along: Point,
        /// The outcome.
        value: f64,
        /// Standard deviation of the noise.
        sigma: f64,
    },
}

impl Goal {
    /// What the samples of a recipe should be.
    ///
    /// # Errors
    /// A class that the target does not have, a measurement that it cannot give.
    pub fn of(recipe: &LabRecipe, target: &Target) -> Result<Goal, Error> {
        match recipe.kind {
            Kind::ClassifierGuidance | Kind::ClassifierFree => {
                let (class, classes) = (recipe.guidance.class, target.classes());
                let place = format!("guidance.class of {}", recipe.name);
                if classes < 2 {
                    let expected =
                        "a target with classes: one of those by name, or a file with a third column that names them";
                    return Err(Error::argument(&place, "a target without classes", expected));
                }
                if class >= classes {
                    return Err(Error::argument(&place, class, format!("a class of the target, 0 to {}", classes - 1)));
                }
                Ok(Goal::Class(class))
            }
            Kind::Posterior => posterior(recipe, &recipe.measurement, target),
            _ => Ok(Goal::Target),
        }
    }

    /// `n` exact samples.
    pub fn sample(&self, target: &Target, rng: &mut Rng, n: usize) -> Vec<Point> {
        match self {
            Goal::Target => target.sample(rng, n).into_iter().map(|(p, _)| p).collect(),
            Goal::Class(class) => target.sample_class(rng, n, *class),
            Goal::Posterior { .. } => {
                // Rejection: a point survives with the likelihood of the outcome, relative to the largest there is.
                let mut kept = Vec::new();
                while kept.len() < n {
                    let (drawn, dice) = (target.sample(rng, TRIED), rng.uniform(TRIED, 1));
                    let survivors = drawn.into_iter().zip(dice).filter(|((p, _), u)| *u < self.likelihood(*p));
                    kept.extend(survivors.map(|((p, _), _)| p));
                }
                kept.truncate(n);
                kept
            }
        }
    }

    /// A density up to a constant; none where the target's is not known.
    pub fn density(&self, target: &Target, x: Point) -> Option<f64> {
        match self {
            Goal::Target => target.density(x),
            Goal::Class(class) => target.class_density(x, *class),
            Goal::Posterior { .. } => Some(target.density(x)? * self.likelihood(x)),
        }
    }

    /// In a few words.
    pub fn describe(&self) -> String {
        match self {
            Goal::Target => "the target".into(),
            Goal::Class(class) => format!("class {class}"),
            Goal::Posterior { along: [a, b], value, sigma } => {
                format!("the posterior of {a} x + {b} y = {value:.2} ± {sigma}")
            }
        }
    }

    /// `exp(-(value - along . x)²/(2 sigma²))`, at most 1.
    fn likelihood(&self, x: Point) -> f64 {
        match self {
            Goal::Posterior { along, value, sigma } => (-0.5 * ((value - dot(*along, x)) / sigma).powi(2)).exp(),
            _ => 1.0,
        }
    }
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn posterior(recipe: &LabRecipe, section: &MeasurementSection, target: &Target) -> Result<Goal, Error> {
    let MeasurementSection { along, sigma, .. } = *section;
    let value = section.value.unwrap_or_else(|| {
        let mut rng = Rng::new(recipe.train.seed).stream(MEASURED);
        let (point, _) = target.sample(&mut rng, 1)[0];
        dot(along, point) + sigma * rng.normal_f64(1, 1)[0]
    });
    let goal = Goal::Posterior { along, value, sigma };
    let tried = target.sample(&mut Rng::new(recipe.train.seed).stream(TRIAL), TRIED);
    let survivors: f64 = tried.iter().map(|(p, _)| goal.likelihood(*p)).sum();
    if survivors < SURVIVORS * TRIED as f64 {
        let all = tried.iter().map(|(p, _)| dot(along, *p));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), y| (lo.min(y), hi.max(y)));
        let expected = format!(
            "an outcome that the target can give (without noise {low:.2} to {high:.2}), or a larger measurement.sigma \
             than {sigma}: of {TRIED} points {survivors:.1} agree with it"
        );
        return Err(Error::argument(&format!("measurement.value of {}", recipe.name), value, expected));
    }
    Ok(goal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(kind: Kind) -> LabRecipe {
        LabRecipe { name: "toy".into(), kind, ..LabRecipe::default() }
    }

    /// Given x = 3 ± 0.4, a ring's component k of variance v has weight w_k ~ N(3; m_k, v + 0.16) and mean m_k + v/(v + 0.16) (3 - m_k):
    /// means and shares of the accepted points agree within 4 standard errors.
    #[test]
    fn surviving_points_are_the_posterior_of_a_mixture() {
        let goal = Goal::Posterior { along: [1.0, 0.0], value: 3.0, sigma: 0.4 };
        let n = 20_000;
        let points = goal.sample(&Target::EightGaussians, &mut Rng::new(3), n);
        let v = 0.1f64.sqrt();
        let centres: Vec<f64> = (0..8).map(|k| 5.0 * (std::f64::consts::TAU * f64::from(k) / 8.0).cos()).collect();
        let weights: Vec<f64> = centres.iter().map(|m| (-0.5 * (3.0 - m).powi(2) / (v + 0.16)).exp()).collect();
        let means = centres.iter().map(|m| m + v / (v + 0.16) * (3.0 - m));
        let mean = weights.iter().zip(means).map(|(w, m)| w * m).sum::<f64>() / weights.iter().sum::<f64>();
        let found = points.iter().map(|p| p[0]).sum::<f64>() / n as f64;
        let spread = points.iter().map(|p| (p[0] - found).powi(2)).sum::<f64>() / n as f64;
        assert!((found - mean).abs() < 4.0 * (spread / n as f64).sqrt(), "{found} instead of {mean}");
        // By symmetry half of them are above the axis.
        let above = points.iter().filter(|p| p[1] > 0.0).count() as f64;
        assert!((above - 0.5 * n as f64).abs() < 4.0 * (0.25 * n as f64).sqrt());
    }

    #[test]
    fn an_impossible_measurement_and_a_missing_class_are_refused_with_the_remedy() {
        let far = MeasurementSection { value: Some(40.0), ..MeasurementSection::default() };
        let asked = LabRecipe { measurement: far, ..recipe(Kind::Posterior) };
        let message = Goal::of(&asked, &Target::EightGaussians).unwrap_err().to_string();
        assert!(
            ["measurement.value of toy", "found 40", "measurement.sigma"].iter().all(|w| message.contains(w)),
            "{message}"
        );

        let plain = Target::Points(vec![[0.0, 0.0], [1.0, 1.0]].into());
        let message = Goal::of(&recipe(Kind::ClassifierFree), &plain).unwrap_err().to_string();
        assert!(message.contains("third column"), "{message}");
        let mut asked = recipe(Kind::ClassifierGuidance);
        asked.guidance.class = 2;
        let message = Goal::of(&asked, &Target::Moons).unwrap_err().to_string();
        assert!(message.contains("0 to 1") && message.contains("found 2"), "{message}");
        assert_eq!(Goal::of(&asked, &Target::Rings).unwrap(), Goal::Class(2));
    }

    #[test]
    fn an_outcome_that_is_not_given_is_that_of_a_point_of_the_target() {
        for name in Target::NAMES {
            let target = Target::find(name).unwrap();
            let Ok(Goal::Posterior { value, .. }) = Goal::of(&recipe(Kind::Posterior), &target) else {
                panic!("{name} has no posterior")
            };
            let (half, centre) = target.window();
            assert!((value - centre[0]).abs() < half + 2.0);
        }
    }
}
