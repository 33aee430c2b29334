//! Questions to an event of Pythia: what is final, what is visible, what left the hard process, who comes from whom.

use clustering::FourVector;

use super::protocol::{Line, Record};

/// Particles that leave no trace: neutrinos, the lightest supersymmetric ones, gravitons.
const INVISIBLE: [i32; 10] = [12, 14, 16, 18, 39, 1_000_012, 1_000_014, 1_000_016, 1_000_022, 1_000_039];

impl Line {
    /// Whether it is there at the end.
    pub fn is_final(&self) -> bool {
        self.status > 0
    }

    /// Whether a calorimeter sees it.
    pub fn is_visible(&self) -> bool {
        !INVISIBLE.contains(&self.pdg.abs())
    }

    /// Its four-momentum.
    pub fn four_vector(&self) -> FourVector {
        let [px, py, pz, e] = self.momentum;
        FourVector::new(e, px, py, pz)
    }
}

impl Record {
    /// The first line that no selection could use, and why: numbers that are not finite, a number of the Particle Data Group that names nothing.
    pub fn fault(&self) -> Option<String> {
        let bad = |(k, line): (usize, &Line)| {
            let names = ["px", "py", "pz", "E", "the mass"];
            let numbers = line.momentum.iter().chain([&line.mass]);
            if let Some((name, value)) = names.iter().zip(numbers).find(|(_, v)| !v.is_finite()) {
                return Some(format!("{name} of particle {k} (PDG id {}) is {value}", line.pdg));
            }
            (line.pdg == 0).then(|| format!("particle {k} has PDG id 0, which names no particle"))
        };
        if !self.weight.is_finite() {
            return Some(format!("its weight is {}", self.weight));
        }
        self.lines.iter().enumerate().find_map(bad)
    }

    /// Final particles with their places.
    pub fn finals(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().filter(|(_, line)| line.is_final())
    }

    /// What left the hard process: status 22 or 23, and both incoming partons (status 21) as mothers.
    pub fn hard(&self) -> impl Iterator<Item = (usize, &Line)> {
        let incoming =
            |k: i32| usize::try_from(k).ok().and_then(|k| self.lines.get(k)).is_some_and(|m| m.status == -21);
        self.lines.iter().enumerate().filter(move |(_, line)| {
            let [a, b] = line.mothers;
            matches!(line.status.abs(), 22 | 23) && a != b && incoming(a) && incoming(b)
        })
    }

    /// The first of the copies that a particle was before recoils and radiation: its mother while that has the same number.
    pub fn origin(&self, place: usize) -> usize {
        let mut here = place;
        // A loop in a damaged record ends with its length.
        for _ in 0..self.lines.len() {
            let mother = usize::try_from(self.lines[here].mothers[0]).ok().filter(|&m| m > 0 && m < self.lines.len());
            match mother {
                Some(mother) if self.lines[mother].pdg == self.lines[here].pdg => here = mother,
                _ => break,
            }
        }
        here
    }

    /// The number of the particle that `place` decayed or radiated from, recoils and radiation aside; 0 if none.
    pub fn ancestor(&self, place: usize) -> i32 {
        let mother = usize::try_from(self.lines[self.origin(place)].mothers[0]).ok();
        mother.filter(|&m| m > 0).and_then(|m| self.lines.get(m)).map_or(0, |line| line.pdg)
    }

    /// Whether `place` is a later copy of the particle at `origin`, recoils and radiation aside.
    pub fn descends(&self, place: usize, origin: usize) -> bool {
        let mut here = place;
        for _ in 0..self.lines.len() {
            if here == origin {
                return true;
            }
            let mother = usize::try_from(self.lines[here].mothers[0]).ok().filter(|&m| m > 0 && m < self.lines.len());
            match mother {
                Some(mother) if self.lines[mother].pdg == self.lines[here].pdg => here = mother,
                _ => return false,
            }
        }
        false
    }
}
