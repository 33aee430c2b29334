//! What the metrics look at: computed once per sample, used for the value and for the floor.

use collider::features::{features, round_to_bits};
use collider::observables::relative_mass;
use collider::{Jets, efp};
use metrics::{Matrix, Pool};
use rayon::prelude::*;

use crate::Error;

/// Mantissa bits of the particle features in the reference files: without rounding, a classifier would recognise real jets by their zeros.
const DATA_BITS: u32 = 12;

/// The features of one sample.
#[derive(Clone, Debug)]
pub struct Features {
    /// The jets themselves, for the energy mover's distance.
    pub jets: Jets,
    /// Mass of the particles of each jet, in units of the jet's pT.
    pub mass: Vec<f64>,
    /// 36 energy-flow polynomials of each jet.
    pub efps: Matrix,
    /// Names of the columns of `observables`.
    pub names: Vec<String>,
    /// Observables for the classifier test, of jets with rounded particle features.
    pub observables: Matrix,
}

impl Features {
    /// Computes all features of `jets`.
    pub fn of(jets: &Jets) -> Result<Features, Error> {
        let mass = (0..jets.len()).into_par_iter().map(|i| relative_mass(jets.particles_of(i))).collect();
        let efps = Matrix::new(jets.len(), efp::COUNT, efp::efps(jets.len(), |i| jets.particles_of(i)))?;
        let (names, observables) = features(&round_to_bits(jets, DATA_BITS))?;
        Ok(Features { jets: jets.clone(), mass, efps, names, observables })
    }

    /// The features of some of the jets.
    pub fn select(&self, rows: &[u32]) -> Features {
        let numbers: Vec<usize> = rows.iter().map(|&i| i as usize).collect();
        Features {
            jets: self.jets.select(&numbers),
            mass: numbers.iter().map(|&i| self.mass[i]).collect(),
            efps: self.efps.select(rows),
            names: self.names.clone(),
            observables: self.observables.select(rows),
        }
    }

    /// The real particles of each jet.
    pub fn clouds(&self) -> Vec<&[[f32; 3]]> {
        (0..self.jets.len()).map(|i| self.jets.particles_of(i)).collect()
    }

    /// One of the three particle features of all particles, pooled by jet.
    pub fn particles(&self, column: usize) -> Result<Pool, Error> {
        let of = |i: usize| self.jets.particles_of(i).iter().map(move |p| (f64::from(p[column]), i as u32));
        Ok(Pool::new(self.jets.len(), (0..self.jets.len()).flat_map(of).collect())?)
    }

    /// The column of `observables` with this name, if there is one.
    pub fn observable(&self, name: &str) -> Option<Vec<f32>> {
        let column = self.names.iter().position(|n| n == name)?;
        Some(self.observables.column(column).map(|v| v as f32).collect())
    }
}
