//! Conformers that differ: one too near to an earlier one is drawn in vain.

use matter::Symmetries;

use super::Ensemble;
use super::generate::{ConformerGenerator, TILE};
use crate::Error;

/// Most draws for each conformer asked for.
const MOST: u64 = 8;

/// Conformers of a molecule with their numbers, and what it took.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Number and positions in Angstrom.
    pub kept: Vec<(u64, Vec<[f64; 3]>)>,
    /// Numbers of those whose coordinates left the finite numbers.
    pub lost: Vec<u64>,
    /// How many were drawn.
    pub draws: u64,
}

impl Drawn {
    /// Conformers `first .. first + n` of a molecule, the `which`-th of its seed. With `apart` the first `n` from `first` on of which each is at least that
    /// many Angstrom, root mean square over rotations and symmetries, from all before it: fewer if eight times as many draws have no more.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn of(
        generator: &ConformerGenerator,
        (molecule, which): (&Ensemble, u64),
        (first, n): (u64, u64),
        apart: Option<(&Symmetries, f64)>,
    ) -> Result<Drawn, Error> {
        let mut drawn = Drawn::default();
        let most = if apart.is_some() { n.saturating_mul(MOST).min(u64::MAX - first) } else { n };
        while (drawn.kept.len() as u64) < n && drawn.draws < most {
            // Whole tiles for all threads. What is drawn beyond the last one kept is not looked at, so the number does not matter.
            let begin = first + drawn.draws;
            let missing = (n - drawn.kept.len() as u64).max(TILE * rayon::current_num_threads() as u64);
            let end = begin.saturating_add(missing).checked_next_multiple_of(TILE).unwrap_or(u64::MAX);
            let next = (end - begin).min(most - drawn.draws);
            for (number, positions) in (begin..).zip(generator.conformers(molecule, which, begin, next as usize)?) {
                if drawn.kept.len() as u64 == n {
                    break;
                }
                drawn.draws += 1;
                let Some(positions) = positions else {
                    drawn.lost.push(number);
                    continue;
                };
                let near = |(symmetries, least): (&Symmetries, f64)| {
                    drawn.kept.iter().any(|(_, other)| symmetries.rmsd(other, &positions) < least)
                };
                if !apart.is_some_and(near) {
                    drawn.kept.push((number, positions));
                }
            }
        }
        Ok(drawn)
    }
}
