//! Jet-level quantities and their encoding, class by class, as eight standard normal variables.

use serde::{Deserialize, Serialize};

use super::Quantile;
use crate::Jets;
use crate::encode::closure::moments;

/// What the jet-level model generates. The first four are JetNet's jet features; the others pin down the cloud of the kept
/// constituents: sum of ptrel, their mass over the jet's pT, and the ptrel-weighted centre.
pub const QUANTITIES: [&str; 8] =
    ["pt", "eta", "mass", "particles", "sum_ptrel", "mass_rel", "eta_centre", "phi_centre"];

/// The eight quantities of jet `i`; the number of particles is spread evenly over the unit interval below it by
/// `spread` in (0, 1), so that its distribution is continuous and [`JetLevel::decode`] recovers it by rounding up.
pub fn quantities(jets: &Jets, i: usize, spread: f64) -> [f64; 8] {
    let [pt, eta, mass, _] = jets.jet[i].map(f64::from);
    let particles = jets.particles_of(i);
    let [sum, mass_rel, eta_centre, phi_centre] = moments(particles);
    [pt, eta, mass, particles.len() as f64 - spread, sum, mass_rel, eta_centre, phi_centre]
}

/// Maps of one class's eight quantities onto standard normals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JetLevel {
    maps: [Quantile; 8],
    /// Maps of the model's own output onto a standard normal, fitted after training: the model's one-dimensional
    /// distributions are then those of the training jets, and only its correlations are its own.
    calibration: Option<[Quantile; 8]>,
}

fn fit_all(rows: &[[f64; 8]]) -> Option<[Quantile; 8]> {
    let maps: Option<Vec<Quantile>> =
        (0..8).map(|q| Quantile::fit(&mut rows.iter().map(|row| row[q]).collect::<Vec<f64>>())).collect();
    maps?.try_into().ok()
}

impl JetLevel {
    /// Fits the maps to the quantities of a class's training jets; `None` if there are none.
    pub fn fit(rows: &[[f64; 8]]) -> Option<JetLevel> {
        Some(JetLevel { maps: fit_all(rows)?, calibration: None })
    }

    /// The same maps with a calibration fitted to codes that a model has generated; `None` if there are none.
    #[must_use]
    pub fn calibrated(&self, generated: &[[f64; 8]]) -> Option<JetLevel> {
        Some(JetLevel { maps: self.maps.clone(), calibration: Some(fit_all(generated)?) })
    }

    /// Quantities to codes.
    pub fn encode(&self, quantities: &[f64; 8]) -> [f64; 8] {
        std::array::from_fn(|q| self.maps[q].forward(quantities[q]))
    }

    /// A model's output to calibrated codes (those that condition the cloud).
    pub fn calibrate(&self, output: &[f64; 8]) -> [f64; 8] {
        match &self.calibration {
            Some(maps) => std::array::from_fn(|q| maps[q].forward(output[q])),
            None => *output,
        }
    }

    /// Codes to quantities; the number of particles is whole again, between 1 and `capacity`.
    pub fn decode(&self, code: &[f64; 8], capacity: usize) -> [f64; 8] {
        let mut out: [f64; 8] = std::array::from_fn(|q| self.maps[q].inverse(code[q]));
        out[3] = out[3].ceil().clamp(1.0, capacity as f64);
        out
    }

    /// Whether all maps are monotone; maps read from a file may not be.
    pub fn is_valid(&self) -> bool {
        self.maps.iter().chain(self.calibration.iter().flatten()).all(Quantile::is_valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jets() -> Jets {
        let mut jets = Jets::new(6);
        for i in 0..4000usize {
            let x = |k: usize| ((i * 7 + k * 13) as f32 * 0.618).fract();
            let n = 1 + i % 6;
            let particles: Vec<[f32; 3]> =
                (0..n).map(|k| [0.2 * x(k) - 0.1, 0.2 * x(k + 9) - 0.1, 0.9 / (k + 1) as f32]).collect();
            jets.push([900.0 + 200.0 * x(3), x(4) - 0.5, 50.0 + 100.0 * x(5), n as f32], &particles).unwrap();
        }
        jets
    }

    #[test]
    fn quantities_survive_the_round_trip_and_counts_exactly() {
        let jets = jets();
        let rows: Vec<[f64; 8]> =
            (0..jets.len()).map(|i| quantities(&jets, i, 0.02 + 0.96 * (i as f64 * 0.377).fract())).collect();
        let level = JetLevel::fit(&rows).unwrap();
        assert!(level.is_valid());
        for row in &rows {
            let back = level.decode(&level.encode(row), 6);
            assert_eq!(back[3], row[3].ceil(), "the number of particles");
            assert!((back[0] - row[0]).abs() < 0.5 && (back[2] - row[2]).abs() < 0.5, "{row:?} -> {back:?}");
        }
    }

    #[test]
    fn calibration_removes_a_wrong_location_and_scale() {
        let jets = jets();
        let rows: Vec<[f64; 8]> = (0..jets.len()).map(|i| quantities(&jets, i, 0.5)).collect();
        let level = JetLevel::fit(&rows).unwrap();
        let wrong: Vec<[f64; 8]> = rows.iter().map(|r| level.encode(r).map(|u| 0.8 * u + 0.3)).collect();
        let level = level.calibrated(&wrong).unwrap();
        // Monotone rescaling of one variable is undone exactly, up to the interpolation between knots.
        for (row, output) in rows.iter().zip(&wrong).step_by(17) {
            let back = level.decode(&level.calibrate(output), 6);
            assert!((back[0] - row[0]).abs() < 1.0, "{} against {}", back[0], row[0]);
        }
    }
}
