//! Jets as padded particle clouds, the record that files hold and encoders turn into tensors.
//!
//! Columns follow JetNet (Kansal et al., arXiv:2106.11535, section 3): a particle is (etarel, phirel, ptrel) =
//! (eta - eta_jet, phi - phi_jet, pT / pT_jet), a jet is (pT, eta, mass, num_particles).

use std::ops::Range;

use crate::Error;

/// Names of the three numbers of a particle.
pub const PARTICLE_COLUMNS: [&str; 3] = ["etarel", "phirel", "ptrel"];
/// Names of the four numbers of a jet.
pub const JET_COLUMNS: [&str; 4] = ["jet pt", "jet eta", "jet mass", "num_particles"];

/// Jets as padded particle clouds (structure of arrays). Real particles come first, in the order of the file (decreasing pT); padding is zero.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Jets {
    /// Particle slots per jet, P (30 and 150 in JetNet).
    pub capacity: usize,
    /// N * P rows: etarel, phirel, ptrel.
    pub particles: Vec<[f32; 3]>,
    /// N numbers of real particles; slot `p` of jet `i` is real if `p < count[i]`.
    pub count: Vec<u16>,
    /// N rows: pT in GeV, pseudorapidity, mass in GeV, number of particles as stated by the file.
    pub jet: Vec<[f32; 4]>,
}

impl Jets {
    /// No jets yet, with `capacity` particle slots each.
    pub fn new(capacity: usize) -> Jets {
        Jets { capacity, ..Jets::default() }
    }

    /// Number of jets, N.
    pub fn len(&self) -> usize {
        self.count.len()
    }

    /// Whether there are no jets.
    pub fn is_empty(&self) -> bool {
        self.count.is_empty()
    }

    /// The real particles of jet `i`; panics if there is no such jet.
    pub fn particles_of(&self, i: usize) -> &[[f32; 3]] {
        let start = i * self.capacity;
        &self.particles[start..start + self.count[i] as usize]
    }

    /// Appends one jet with its real particles (at most `capacity`, else [`Error::Count`]) and pads it.
    pub fn push(&mut self, jet: [f32; 4], particles: &[[f32; 3]]) -> Result<(), Error> {
        if particles.len() > self.capacity.min(u16::MAX as usize) {
            let problem = format!("{} particles do not fit into {} slots", particles.len(), self.capacity);
            return Err(Error::Count { jet: self.len(), problem });
        }
        self.particles.extend_from_slice(particles);
        self.particles.resize((self.len() + 1) * self.capacity, [0.0; 3]);
        self.count.push(particles.len() as u16);
        self.jet.push(jet);
        Ok(())
    }

    /// The jets with these row numbers, in this order; panics if a row does not exist.
    pub fn select(&self, rows: &[usize]) -> Jets {
        let p = self.capacity;
        Jets {
            capacity: p,
            particles: rows.iter().flat_map(|&i| &self.particles[i * p..(i + 1) * p]).copied().collect(),
            count: rows.iter().map(|&i| self.count[i]).collect(),
            jet: rows.iter().map(|&i| self.jet[i]).collect(),
        }
    }

    /// The jets of a range of rows; panics if the range reaches beyond the end.
    pub fn slice(&self, rows: Range<usize>) -> Jets {
        let p = self.capacity;
        Jets {
            capacity: p,
            particles: self.particles[rows.start * p..rows.end * p].to_vec(),
            count: self.count[rows.clone()].to_vec(),
            jet: self.jet[rows].to_vec(),
        }
    }

    /// Appends the jets of `other`, which needs the same capacity (else [`Error::Length`]; see [`Jets::with_capacity_of`]).
    pub fn extend(&mut self, other: &Jets) -> Result<(), Error> {
        if self.capacity != other.capacity {
            return Err(Error::Length { what: "particle slots per jet", got: other.capacity, expected: self.capacity });
        }
        self.particles.extend_from_slice(&other.particles);
        self.count.extend_from_slice(&other.count);
        self.jet.extend_from_slice(&other.jet);
        Ok(())
    }

    /// The same jets with another number of slots: more padding, or only the leading particles (`num_particles` is capped along).
    pub fn with_capacity_of(&self, capacity: usize) -> Jets {
        let mut out = Jets::new(capacity);
        for i in 0..self.len() {
            let kept = &self.particles_of(i)[..(self.count[i] as usize).min(capacity)];
            out.particles.extend_from_slice(kept);
            out.particles.resize((i + 1) * capacity, [0.0; 3]);
            out.count.push(kept.len() as u16);
            let mut jet = self.jet[i];
            jet[3] = jet[3].min(capacity as f32);
            out.jet.push(jet);
        }
        out
    }

    /// The mask as N * P numbers, 1 for particles and 0 for padding.
    pub fn mask(&self) -> Vec<f32> {
        self.count.iter().flat_map(|&n| (0..self.capacity).map(move |p| f32::from(u8::from(p < n as usize)))).collect()
    }

    /// Checks that the vectors fit together, all numbers are finite, no pT is negative, and padding is zero; names the first row and column that is not.
    pub fn validate(&self) -> Result<(), Error> {
        let (n, p) = (self.len(), self.capacity);
        if self.jet.len() != n {
            return Err(Error::Length { what: "rows of jet features", got: self.jet.len(), expected: n });
        }
        if self.particles.len() != n * p {
            return Err(Error::Length { what: "particle slots", got: self.particles.len(), expected: n * p });
        }
        for (i, jet) in self.jet.iter().enumerate() {
            check_row(jet, &JET_COLUMNS, 0, i, None)?;
        }
        for (i, &count) in self.count.iter().enumerate() {
            if count as usize > p {
                return Err(Error::Count { jet: i, problem: format!("{count} particles in {p} slots") });
            }
            let slots = &self.particles[i * p..(i + 1) * p];
            for (k, particle) in slots.iter().enumerate() {
                check_row(particle, &PARTICLE_COLUMNS, 2, i, Some(k))?;
                if k >= count as usize && *particle != [0.0; 3] {
                    return Err(Error::Count {
                        jet: i,
                        problem: format!("has {count} particles, but slot {k} is not zero"),
                    });
                }
            }
        }
        Ok(())
    }
}

fn check_row(row: &[f32], names: &[&'static str], pt: usize, jet: usize, particle: Option<usize>) -> Result<(), Error> {
    if let Some((value, column)) = row.iter().zip(names).find(|(v, _)| !v.is_finite()) {
        return Err(Error::NotFinite { jet, particle, column, value: *value });
    }
    if row[pt] < 0.0 {
        return Err(Error::NegativePt { jet, particle, column: names[pt], value: row[pt] });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Jets {
        let mut jets = Jets::new(4);
        for i in 0..3usize {
            let particles: Vec<_> = (0..=i).map(|k| [0.1 * k as f32, -0.1, 0.5 / (k + 1) as f32]).collect();
            jets.push([1000.0 + i as f32, 0.3, 80.0, (i + 1) as f32], &particles).unwrap();
        }
        jets
    }

    #[test]
    fn pushed_jets_come_back_padded_and_masked() {
        let jets = three();
        assert_eq!((jets.len(), jets.particles.len()), (3, 12));
        assert_eq!(jets.count, [1, 2, 3]);
        assert_eq!(jets.particles_of(2).len(), 3);
        assert_eq!(jets.particles[3 * 4 - 1], [0.0; 3]);
        assert_eq!(jets.mask(), [1., 0., 0., 0., 1., 1., 0., 0., 1., 1., 1., 0.]);
        jets.validate().unwrap();
    }

    #[test]
    fn slicing_selecting_and_extending_agree() {
        let jets = three();
        assert_eq!(jets.slice(1..3), jets.select(&[1, 2]));
        let mut joined = jets.slice(0..1);
        joined.extend(&jets.slice(1..3)).unwrap();
        assert_eq!(joined, jets);
        assert_eq!(jets.select(&[2, 0]).jet[0], jets.jet[2]);
    }

    #[test]
    fn another_capacity_pads_or_keeps_the_leading_particles() {
        let jets = three();
        let wide = jets.with_capacity_of(6);
        wide.validate().unwrap();
        assert_eq!(wide.with_capacity_of(4), jets);
        let narrow = jets.with_capacity_of(2);
        narrow.validate().unwrap();
        assert_eq!(narrow.count, [1, 2, 2]);
        assert_eq!(narrow.jet[2][3], 2.0);
        assert_eq!(narrow.particles_of(2), &jets.particles_of(2)[..2]);
        assert!(matches!(jets.clone().extend(&wide), Err(Error::Length { got: 6, expected: 4, .. })));
    }

    #[test]
    fn too_many_particles_are_an_error_and_change_nothing() {
        let mut jets = three();
        assert!(jets.push([0.0; 4], &[[0.0; 3]; 5]).is_err());
        assert_eq!(jets, three());
    }

    #[test]
    fn validation_names_row_slot_and_column() {
        let mut jets = three();
        jets.particles[4 + 1][1] = f32::NAN;
        let message = jets.validate().unwrap_err().to_string();
        assert!(message.contains("jet 1, particle 1: phirel is NaN"), "{message}");

        let mut jets = three();
        jets.jet[2][2] = f32::INFINITY;
        let message = jets.validate().unwrap_err().to_string();
        assert!(message.contains("jet 2: jet mass is inf"), "{message}");

        let mut jets = three();
        jets.particles[8][2] = -0.25;
        assert!(matches!(jets.validate(), Err(Error::NegativePt { jet: 2, particle: Some(0), column: "ptrel", .. })));

        let mut jets = three();
        jets.particles[3] = [0.1, 0.0, 0.0];
        assert!(matches!(jets.validate(), Err(Error::Count { jet: 0, .. })));

        let mut jets = three();
        jets.count[0] = 9;
        assert!(matches!(jets.validate(), Err(Error::Count { jet: 0, .. })));

        let mut jets = three();
        jets.jet.pop();
        assert!(matches!(jets.validate(), Err(Error::Length { .. })));
    }
}
