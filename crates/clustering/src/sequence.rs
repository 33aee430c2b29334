//! The history of a clustering: which pseudojets merged at which distance, which went to the beam, and the jets that follow.
//!
//! Pseudojets are numbered: particles first, in the order given, then what merged, in the order of merging. N particles make exactly N
//! steps, since every step leaves one pseudojet fewer.

use crate::pseudojet::NONE;
use crate::{FourVector, JetDefinition, PseudoJet, Recombination};

/// What happened in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Two pseudojets became one.
    Merged {
        /// The two.
        parents: [usize; 2],
        /// What they became.
        child: usize,
    },
    /// A pseudojet went to the beam: an inclusive jet.
    Beam {
        /// The pseudojet.
        jet: usize,
    },
}

/// One step of the clustering.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The smallest distance at that moment, d_ij or d_iB.
    pub d: f64,
    /// The largest distance of this and all earlier steps.
    pub d_max: f64,
    /// What happened.
    pub event: Event,
}

/// A jet: a pseudojet of the clustering.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet {
    /// Four-momentum.
    pub momentum: FourVector,
    /// Number of the pseudojet, for [`ClusterSequence::constituents`] and the like.
    pub index: usize,
}

/// A finished clustering of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSequence {
    pub(crate) definition: JetDefinition,
    pub(crate) particles: usize,
    pub(crate) pseudojets: Vec<PseudoJet>,
    pub(crate) steps: Vec<Step>,
}

impl ClusterSequence {
    pub(crate) fn empty(definition: JetDefinition) -> ClusterSequence {
        ClusterSequence { definition, particles: 0, pseudojets: Vec::new(), steps: Vec::new() }
    }

    /// The definition clustered with.
    pub fn definition(&self) -> &JetDefinition {
        &self.definition
    }

    /// Number of particles N.
    pub fn particles(&self) -> usize {
        self.particles
    }

    /// All pseudojets: the N particles, then what merged.
    pub fn pseudojets(&self) -> &[PseudoJet] {
        &self.pseudojets
    }

    /// The N steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The two pseudojets that merged into this one; none for particles.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn parents(&self, index: usize) -> Option<[usize; 2]> {
        let parents = self.pseudojets[index].parents;
        (parents[0] != NONE).then(|| parents.map(|p| p as usize))
    }

    /// The step in which this pseudojet merged with another or went to the beam.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn end(&self, index: usize) -> &Step {
        &self.steps[self.pseudojets[index].end as usize]
    }

    /// The step in which this pseudojet came to be; none for particles.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn origin(&self, index: usize) -> Option<&Step> {
        self.parents(index).map(|[first, _]| self.end(first))
    }

    /// Inclusive jets (those that went to the beam) with pT >= `pt_min`, in decreasing pT.
    pub fn inclusive_jets(&self, pt_min: f64) -> Vec<Jet> {
        let ended = self.steps.iter().filter_map(|step| match step.event {
            Event::Beam { jet } => Some(jet),
            Event::Merged { .. } => None,
        });
        self.sorted(ended.filter(|&jet| self.pseudojets[jet].pt() >= pt_min).collect())
    }

    /// Numbers of the particles in a jet, in increasing order.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn constituents(&self, index: usize) -> Vec<usize> {
        let (mut found, mut open) = (Vec::new(), vec![index]);
        while let Some(next) = open.pop() {
            match self.parents(next) {
                Some(parents) => open.extend(parents),
                None => found.push(next),
            }
        }
        found.sort_unstable();
        found
    }

    /// Momenta of the particles in a jet, in the order of the input.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn constituent_momenta(&self, index: usize) -> Vec<FourVector> {
        self.constituents(index).into_iter().map(|k| self.pseudojets[k].momentum).collect()
    }

    /// The jets of these numbers in decreasing pT; equal ones in increasing number.
    pub(crate) fn sorted(&self, mut indices: Vec<usize>) -> Vec<Jet> {
        indices.sort_unstable_by(|&a, &b| self.pseudojets[b].pt2.total_cmp(&self.pseudojets[a].pt2).then(a.cmp(&b)));
        indices.into_iter().map(|index| Jet { momentum: self.pseudojets[index].momentum, index }).collect()
    }

    /// Notes that two pseudojets merge; the answer is the number of the new one.
    #[inline(always)]
    pub(crate) fn merge(&mut self, i: u32, j: u32, d: f64) -> u32 {
        let (a, b) = (&self.pseudojets[i as usize], &self.pseudojets[j as usize]);
        let mut merged = match self.definition.recombination {
            Recombination::EScheme => PseudoJet::new(a.momentum + b.momentum),
            Recombination::WinnerTakesAll => PseudoJet::winner_takes_all(a, b),
        };
        merged.parents = [i.min(j), i.max(j)];
        let child = self.pseudojets.len();
        let event = Event::Merged { parents: merged.parents.map(|p| p as usize), child };
        self.pseudojets.push(merged);
        self.finish(d, event, &[i, j]);
        child as u32
    }

    /// Notes that a pseudojet goes to the beam.
    #[inline(always)]
    pub(crate) fn beam(&mut self, i: u32, d: f64) {
        self.finish(d, Event::Beam { jet: i as usize }, &[i]);
    }

    #[inline(always)]
    fn finish(&mut self, d: f64, event: Event, ended: &[u32]) {
        let step = self.steps.len() as u32;
        for &pseudojet in ended {
            self.pseudojets[pseudojet as usize].end = step;
        }
        let d_max = self.steps.last().map_or(d, |last| if last.d_max > d { last.d_max } else { d });
        self.steps.push(Step { d, d_max, event });
    }
}
