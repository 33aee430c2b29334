//! A proxy of strain that costs no energy calculation: how unusual the lengths and angles of a molecule are.
//!
//! z = (x - mean) / deviation, where mean and deviation are those of the type of bond or angle in a reference sample; the strain of a molecule is the
//! root of the mean of z^2. Over the reference sample itself the mean of z^2 is 1. It is no energy: soft and stiff bonds count alike,
//! torsions and contacts not at all, and a sound molecule of a rare kind (a small ring) is unusual too.

use std::collections::BTreeMap;

use super::{AngleKind, BondKind, Shapes, angles, lengths};
use crate::{Bond, Molecule};

/// Mean and spread of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Root of the mean of the squares of deviations.
    pub deviation: f64,
    /// How many numbers.
    pub count: usize,
}

impl Spread {
    /// Mean and spread of numbers, none if there are none.
    pub fn of(numbers: &[f64]) -> Option<Spread> {
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        (!numbers.is_empty()).then_some(Spread { mean, deviation: variance.sqrt(), count: numbers.len() })
    }
}

/// What is typical of a sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typical {
    /// Lengths of bonds in Angstrom.
    pub lengths: BTreeMap<BondKind, Spread>,
    /// Angles in degrees.
    pub angles: BTreeMap<AngleKind, Spread>,
}

/// How unusual a molecule is, in deviations of the reference sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strain {
    /// Root of the mean of z^2 over lengths; 0 if none is of a known type.
    pub lengths: f64,
    /// The same over angles.
    pub angles: f64,
    /// Bonds and angles of types that the reference does not know.
    pub unknown: usize,
}

impl Typical {
    /// Of types that a sample has at least `least` times (and at least two different values of); 30 make a deviation good to 13 %.
    pub fn of(shapes: &Shapes, least: usize) -> Typical {
        fn spreads<K: Copy + Ord>(all: &BTreeMap<K, Vec<f64>>, least: usize) -> BTreeMap<K, Spread> {
            let known = |(kind, numbers): (&K, &Vec<f64>)| Some((*kind, Spread::of(numbers)?));
            all.iter().filter_map(known).filter(|(_, s)| s.count >= least && s.deviation > 0.0).collect()
        }
        Typical { lengths: spreads(&shapes.lengths, least), angles: spreads(&shapes.angles, least) }
    }

    /// Strain of a molecule with these bonds.
    pub fn strain(&self, molecule: &Molecule, bonds: &[Bond]) -> Strain {
        let mut unknown = 0;
        let mut root = |squares: Vec<Option<f64>>| {
            let known: Vec<f64> = squares.iter().copied().flatten().collect();
            unknown += squares.len() - known.len();
            (known.iter().sum::<f64>() / known.len().max(1) as f64).sqrt()
        };
        let square = |spread: &Spread, x: f64| ((x - spread.mean) / spread.deviation).powi(2);
        let of_lengths =
            lengths(molecule, bonds).into_iter().map(|(kind, x)| Some(square(self.lengths.get(&kind)?, x)));
        let of_angles = angles(molecule, bonds).into_iter().map(|(kind, x)| Some(square(self.angles.get(&kind)?, x)));
        let (lengths, angles) = (root(of_lengths.collect()), root(of_angles.collect()));
        Strain { lengths, angles, unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::super::measure::tests::{methane, qm9};
    use super::*;

    #[test]
    fn the_reference_has_strain_one_and_distortion_adds_to_it() {
        let (shapes, all) = qm9();
        let typical = Typical::of(&shapes, 2);
        // Mean of z^2 over all bonds of known types.
        let (mut sum, mut count) = (0.0, 0);
        for (molecule, bonds) in &all {
            let known = lengths(molecule, bonds).iter().filter(|(kind, _)| typical.lengths.contains_key(kind)).count();
            sum += typical.strain(molecule, bonds).lengths.powi(2) * known as f64;
            count += known;
        }
        assert!((sum / count as f64 - 1.0).abs() < 1e-9, "{}", sum / count as f64);
        // Stretched by 5 %, every length is several deviations off, and no angle.
        let median = |stretch: f64| {
            let strains = all.iter().map(|(molecule, bonds)| {
                let mut molecule = molecule.clone();
                molecule.positions.as_flattened_mut().iter_mut().for_each(|x| *x *= stretch);
                typical.strain(&molecule, bonds)
            });
            let mut strains: Vec<Strain> = strains.collect();
            strains.sort_by(|a, b| a.lengths.total_cmp(&b.lengths));
            strains[strains.len() / 2]
        };
        let (as_it_is, stretched) = (median(1.0), median(1.05));
        assert!(as_it_is.lengths < 1.2 && stretched.lengths > 4.0, "{as_it_is:?} {stretched:?}");
    }

    #[test]
    fn strain_is_the_root_mean_square_of_deviations() {
        let mut shapes = Shapes::default();
        for length in [1.0, 1.2] {
            let (molecule, bonds) = methane(length);
            shapes.add(&molecule, &bonds);
        }
        let typical = Typical::of(&shapes, 8);
        let (molecule, bonds) = methane(1.4);
        // Mean 1.1, deviation 0.1; all angles are the same, so that none is typical.
        let strain = typical.strain(&molecule, &bonds);
        assert!((strain.lengths - 3.0).abs() < 1e-9 && strain.angles == 0.0, "{strain:?}");
        assert!(strain.unknown == 6 || strain.unknown == 0);
        assert_eq!(Typical::of(&shapes, 9), Typical { angles: typical.angles.clone(), ..Typical::default() });
        assert_eq!(Spread::of(&[]), None);
    }
}
