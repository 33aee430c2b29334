//! Jets as rows of numbers, for a classifier that tries to tell generated jets from real ones.
//!
//! Both samples need the same rounding first: files that keep few mantissa bits ([`round_to_bits`]) are otherwise
//! recognised by their last digits.

use metrics::Matrix;
use rayon::prelude::*;

use crate::observables::{Correlations, angularity, girth, pt_dispersion, relative_mass, sum_pt, width};
use crate::subjettiness::{Recombination, Subjettiness};
use crate::{Error, Jets};

/// Leading particles whose coordinates are features.
pub const LEADING: usize = 10;

const NAMES: [&str; 16] = [
    "jet pt",
    "jet eta",
    "jet mass",
    "particles",
    "sum ptrel",
    "relative mass",
    "girth",
    "width",
    "pt dispersion",
    "LHA",
    "tau1",
    "tau2",
    "tau3",
    "tau21",
    "tau32",
    "D2",
];

/// Names and values \[N, 46\]: 16 jet observables, then (etarel, phirel, ptrel) of the ten leading particles, zero where there are fewer.
///
/// LHA is the Les Houches angularity lambda^1_0.5. Energy-flow polynomials may be added as further columns.
pub fn features(jets: &Jets) -> Result<(Vec<String>, Matrix), Error> {
    if jets.is_empty() {
        return Err(Error::Empty { what: "the sample".to_string() });
    }
    let mut names: Vec<String> = NAMES.map(str::to_string).to_vec();
    for k in 1..=LEADING {
        names.extend(["etarel", "phirel", "ptrel"].map(|name| format!("{name} {k}")));
    }
    let values: Vec<f64> = (0..jets.len()).into_par_iter().flat_map_iter(|i| row(jets, i)).collect();
    let matrix = Matrix::new(jets.len(), names.len(), values)?;
    Ok((names, matrix))
}

fn row(jets: &Jets, i: usize) -> Vec<f64> {
    let particles = jets.particles_of(i);
    let [pt, eta, mass, _] = jets.jet[i].map(f64::from);
    let s = Subjettiness::of(particles, Recombination::Sum, 1.0);
    let mut row = vec![pt, eta, mass, particles.len() as f64, sum_pt(particles), relative_mass(particles)];
    row.extend([girth(particles), width(particles), pt_dispersion(particles), angularity(particles, 1.0, 0.5)]);
    row.extend(s.tau);
    row.extend([s.tau21(), s.tau32(), Correlations::of(particles, 1.0).d2()]);
    row.extend(particles.iter().take(LEADING).flatten().map(|&v| f64::from(v)));
    row.resize(NAMES.len() + 3 * LEADING, 0.0);
    row
}

/// The jets with particle features rounded to `bits` explicit mantissa bits (relative precision 2^-(bits + 1)); jet features keep theirs.
pub fn round_to_bits(jets: &Jets, bits: u32) -> Jets {
    let mut out = jets.clone();
    out.particles.par_iter_mut().flatten().for_each(|value| *value = round(*value, bits));
    out
}

/// Rounds to the nearest number with `bits` explicit mantissa bits, ties to even.
fn round(value: f32, bits: u32) -> f32 {
    let dropped = 23u32.saturating_sub(bits);
    if dropped == 0 || !value.is_finite() {
        return value;
    }
    let (pattern, half) = (value.to_bits(), (1u32 << (dropped - 1)) - 1);
    let even = (pattern >> dropped) & 1;
    f32::from_bits((pattern + half + even) & !((1 << dropped) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(n: usize, particles: usize) -> Jets {
        let mut jets = Jets::new(particles);
        for i in 0..n {
            let wave = |k: usize, f: f32| ((i * 31 + k) as f32 * f).sin();
            let count = 1 + i % particles;
            let p: Vec<_> =
                (0..count).map(|k| [0.3 * wave(k, 1.7), 0.3 * wave(k, 2.3), 0.5 / (k + 1) as f32]).collect();
            jets.push([1000.0 + i as f32, wave(0, 0.7), 80.0, count as f32], &p).unwrap();
        }
        jets
    }

    #[test]
    fn every_feature_has_a_name_and_a_finite_value() {
        let jets = sample(40, 12);
        let (names, matrix) = features(&jets).unwrap();
        assert_eq!((matrix.rows(), matrix.cols()), (40, 46));
        assert_eq!(names.len(), 46);
        assert!(matrix.data().iter().all(|v| v.is_finite()));
        let column = |name: &str| names.iter().position(|n| n == name).unwrap();
        for i in [0, 7, 39] {
            assert_eq!(matrix.row(i)[column("particles")], f64::from(jets.count[i]));
            assert_eq!(matrix.row(i)[column("ptrel 1")], f64::from(jets.particles_of(i)[0][2]));
            assert_eq!(matrix.row(i)[column("relative mass")], relative_mass(jets.particles_of(i)));
        }
        assert_eq!(matrix.row(0)[column("ptrel 2")], 0.0);
        assert!(matches!(features(&Jets::new(3)), Err(Error::Empty { .. })));
    }

    #[test]
    fn rounding_is_idempotent_and_within_half_a_unit_of_the_last_bit() {
        for k in 1..5000 {
            let value = (k as f32 * 0.7).sin() * 10f32.powi(k % 7 - 4);
            let rounded = round(value, 12);
            assert_eq!(round(rounded, 12), rounded);
            assert_eq!(rounded.to_bits() & 0x7ff, 0);
            assert!((rounded - value).abs() <= value.abs() * 2f32.powi(-13), "{value} {rounded}");
        }
        // 1 + 2^-13 lies half way between 1 and 1 + 2^-12; the even neighbour is 1. A carry moves into the exponent.
        assert_eq!(round(1.0 + 2f32.powi(-13), 12), 1.0);
        assert_eq!(round(2.0 - 2f32.powi(-20), 12), 2.0);
        assert_eq!(round(-0.1, 23), -0.1);
        assert_eq!(round(0.0, 12), 0.0);
    }

    #[test]
    fn rounding_leaves_padding_and_jet_features_alone() {
        let jets = sample(9, 5);
        let rounded = round_to_bits(&jets, 12);
        rounded.validate().unwrap();
        assert_eq!((&rounded.jet, &rounded.count), (&jets.jet, &jets.count));
    }
}
