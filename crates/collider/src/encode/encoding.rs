//! The whole encoding of jets of several classes, and the rows that training reads.

use serde::{Deserialize, Serialize};

use super::{Closure, JetLevel, ParticleScale, QUANTITIES, RankCalibration, quantities};
use crate::{JetClass, Jets};

/// Everything between jets and tensors: fitted on training jets, stored with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// The classes, in the order of the one-hot condition.
    pub classes: Vec<JetClass>,
    /// Particle slots per jet, P.
    pub capacity: usize,
    /// Encoding of the particles, common to all classes.
    pub particles: ParticleScale,
    /// Encoding of the jet-level quantities, one per class.
    pub levels: Vec<JetLevel>,
    /// Calibration of the cloud network's codes, one per class; none before it is trained.
    #[serde(default)]
    pub ranks: Vec<RankCalibration>,
}

/// One encoded jet.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index of the class in [`Encoding::classes`].
    pub class: usize,
    /// Number of particles.
    pub count: usize,
    /// Codes of the jet-level quantities.
    pub level: [f32; 8],
    /// Codes of the particles, P rows; padding is zero.
    pub particles: Vec<[f32; 3]>,
}

impl Encoding {
    /// Fits the encoding to training jets, one sample per class; `spread(class, jet)` in (0, 1) makes counts continuous.
    /// `None` if a class is empty or its particles do not vary.
    pub fn fit(
        samples: &[(JetClass, Jets)],
        capacity: usize,
        spread: impl Fn(usize, usize) -> f64,
    ) -> Option<Encoding> {
        let level = |(class, (_, jets)): (usize, &(JetClass, Jets))| {
            let rows: Vec<[f64; 8]> = (0..jets.len()).map(|i| quantities(jets, i, spread(class, i))).collect();
            JetLevel::fit(&rows)
        };
        let all = samples.iter().flat_map(|(_, jets)| (0..jets.len()).flat_map(|i| jets.particles_of(i)));
        Some(Encoding {
            classes: samples.iter().map(|(class, _)| *class).collect(),
            capacity,
            particles: ParticleScale::fit(all)?,
            levels: samples.iter().enumerate().map(level).collect::<Option<_>>()?,
            ranks: Vec::new(),
        })
    }

    /// Encodes jet `i` of a sample of class number `class`.
    pub fn encode(&self, class: usize, jets: &Jets, i: usize, spread: f64) -> Row {
        let level = self.levels[class].encode(&quantities(jets, i, spread)).map(|u| u as f32);
        let mut particles: Vec<[f32; 3]> = jets.particles_of(i).iter().map(|p| self.particles.encode(*p)).collect();
        let count = particles.len();
        particles.resize(self.capacity, [0.0; 3]);
        Row { class, count, level, particles }
    }

    /// Jet features (pt, eta, mass, num_particles) and particles, hardest first, of calibrated jet-level codes and a cloud
    /// network's particle codes (as many as the jet has).
    pub fn decode(&self, class: usize, level: &[f64; 8], codes: &[[f32; 3]]) -> ([f32; 4], Vec<[f32; 3]>) {
        let [pt, eta, mass, count, sum, mass_rel, eta_centre, phi_centre] =
            self.levels[class].decode(level, self.capacity);
        let mut codes = codes.to_vec();
        if let Some(calibration) = self.ranks.get(class) {
            calibration.apply(&mut codes);
        }
        let mut particles: Vec<[f32; 3]> = codes.iter().map(|code| self.particles.decode(*code)).collect();
        Closure { sum, mass: mass_rel, centre: [eta_centre, phi_centre] }.apply(&mut particles);
        particles.sort_by(|a, b| b[2].total_cmp(&a[2]));
        ([pt, eta, mass, count].map(|x| x as f32), particles)
    }

    /// Condition columns of the cloud network: one-hot class, jet-level codes, occupancy, and a one that says "conditioned".
    pub fn cloud_conditions(&self) -> usize {
        self.classes.len() + QUANTITIES.len() + 2
    }

    /// Appends the cloud network's conditions of one jet; hidden conditions (guidance) are all zero but the occupancy,
    /// which the mask shows anyway.
    pub fn push_cloud_condition(&self, out: &mut Vec<f32>, class: usize, level: &[f32; 8], count: usize, hidden: bool) {
        let shown = if hidden { 0.0 } else { 1.0 };
        out.extend((0..self.classes.len()).map(|c| if c == class { shown } else { 0.0 }));
        out.extend(level.iter().map(|u| u * shown));
        out.push(count as f32 / self.capacity as f32);
        out.push(shown);
    }

    /// Whether all numbers are usable; an encoding read from a file may not be.
    pub fn is_valid(&self) -> bool {
        !self.classes.is_empty()
            && self.classes.len() == self.levels.len()
            && self.capacity > 0
            && self.particles.is_valid()
            && self.levels.iter().all(JetLevel::is_valid)
            && (self.ranks.is_empty() || self.ranks.len() == self.classes.len())
            && self.ranks.iter().all(RankCalibration::is_valid)
    }
}
