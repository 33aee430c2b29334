//! Angles between bonds, and how unusual lengths and angles are, of generated beside real molecules.

use matter::geometry::{Shapes, Strain, Typical};
use matter::{Bond, Molecule};
use rayon::prelude::*;
use serde::Serialize;

/// Least number of a kind of bonds or angles among the real molecules that says what is typical: a deviation good to 13 %.
const TYPICAL: usize = 30;
/// Kinds of angles that are shown, the most frequent of the real molecules.
const KINDS: usize = 6;
/// Least number of angles of a kind in each sample for that.
const FEWEST: usize = 50;

/// A median over molecules.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Median {
    /// The median.
    pub value: f64,
    /// Its standard error: half the distance of the values `sqrt(n)/2` ranks before and behind.
    pub error: f64,
}

impl Median {
    /// Of numbers; not numbers if there are none.
    pub fn of(mut numbers: Vec<f64>) -> Median {
        numbers.sort_by(f64::total_cmp);
        let n = numbers.len() as f64;
        let at = |rank: f64| numbers.get((rank.max(0.0) as usize).min(numbers.len().saturating_sub(1)));
        let [low, value, high] =
            [-0.5, 0.0, 0.5].map(|side| at(0.5 * n + side * n.sqrt()).copied().unwrap_or(f64::NAN));
        Median { value, error: 0.5 * (high - low) }
    }
}

/// Strain of the molecules of a sample ([`Typical::strain`]), in deviations of the real ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Strains {
    /// Of lengths of bonds.
    pub lengths: Median,
    /// Of angles between bonds.
    pub angles: Median,
}

/// Angles of one kind in degrees, real and generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Angles {
    /// The kind, such as "H-C-H".
    pub kind: String,
    /// The angles.
    pub values: [Vec<f32>; 2],
}

/// A molecule and its bonds.
pub type Bonded<'a> = (&'a Molecule, &'a [Bond]);

/// Lengths and angles of a sample.
pub fn shapes(sample: &[Bonded]) -> Shapes {
    let mut shapes = Shapes::default();
    sample.iter().for_each(|(molecule, bonds)| shapes.add(molecule, bonds));
    shapes
}

/// Strains of samples by what is typical of the real molecules' shapes.
pub fn strains(samples: [&[Bonded]; 2], real: &Shapes) -> [Strains; 2] {
    let typical = Typical::of(real, TYPICAL);
    samples.map(|sample| {
        let all: Vec<Strain> = sample.par_iter().map(|(molecule, bonds)| typical.strain(molecule, bonds)).collect();
        // A molecule of no known kind has no strain.
        let of = |one: fn(&Strain) -> f64| Median::of(all.iter().map(one).filter(|strain| *strain > 0.0).collect());
        Strains { lengths: of(|strain| strain.lengths), angles: of(|strain| strain.angles) }
    })
}

/// Angles of the real molecules' most frequent kinds.
pub fn of_angles(generated: &Shapes, real: &Shapes) -> Vec<Angles> {
    let kinds = real.angles.iter().filter_map(|(kind, theirs)| Some((kind, theirs, generated.angles.get(kind)?)));
    let mut kinds: Vec<_> = kinds.filter(|(_, theirs, ours)| theirs.len().min(ours.len()) >= FEWEST).collect();
    kinds.sort_by_key(|(_, theirs, _)| std::cmp::Reverse(theirs.len()));
    kinds.truncate(KINDS);
    let narrow = |values: &Vec<f64>| values.iter().map(|v| *v as f32).collect();
    let angles = kinds
        .into_iter()
        .map(|(kind, theirs, ours)| Angles { kind: kind.to_string(), values: [theirs, ours].map(narrow) });
    angles.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_within_its_errors_as_often_as_it_should() {
        let mut rng = diffusion::Rng::new(7);
        let (samples, n) = (2000, 400);
        let pulls: Vec<f64> = (0..samples)
            .map(|_| Median::of(rng.normal(1, n).into_iter().map(f64::from).collect()))
            .map(|m| m.value / m.error)
            .collect();
        // The median of a standard normal law has the standard error sqrt(pi/(2 n)); 68.3 % within one, give or take 1 % each and the error's own scatter.
        let within = pulls.iter().filter(|pull| pull.abs() < 1.0).count() as f64 / f64::from(samples);
        assert!((within - 0.683).abs() < 0.04, "{within}");
        let spread = Median::of(rng.normal(1, 90_000).into_iter().map(f64::from).collect());
        let expected = (std::f64::consts::PI / 2.0 / 90_000.0).sqrt();
        // The error's own relative scatter is about 1/sqrt(2 sqrt(n)) = 4 %.
        assert!((spread.error / expected - 1.0).abs() < 0.2, "{spread:?} {expected}");
        assert!(Median::of(vec![]).value.is_nan() && Median::of(vec![3.0]) == Median { value: 3.0, error: 0.0 });
    }
}
