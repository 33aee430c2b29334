//! Exclusive jets: the pseudojets that exist when n are left, or when the distances exceed a cut (Catani, Dokshitzer, Seymour and Webber,
//! Nucl. Phys. B406 (1993) 187). What went to the beam before is no jet.
//!
//! Distances need not grow from step to step (they do for kT, nearly); a cut therefore stops before the first step beyond it.

use crate::sequence::Event;
use crate::{ClusterSequence, Error, Jet};

impl ClusterSequence {
    /// The `n` pseudojets left after N - n steps, in decreasing pT.
    ///
    /// # Errors
    /// [`Error::Count`] if there are fewer particles.
    pub fn exclusive_jets(&self, n: usize) -> Result<Vec<Jet>, Error> {
        if n > self.particles {
            return Err(Error::Count { wanted: n, particles: self.particles });
        }
        Ok(self.left_after(self.particles - n))
    }

    /// The pseudojets left when all steps with d <= `d_cut` are done, up to the first step beyond.
    pub fn exclusive_jets_dcut(&self, d_cut: f64) -> Vec<Jet> {
        self.left_after(self.steps.partition_point(|step| step.d_max <= d_cut))
    }

    /// The distance d_{n,n+1} of the step from n + 1 pseudojets to n; 0 if there never were n + 1.
    pub fn merge_distance(&self, n: usize) -> f64 {
        self.step_from(n + 1).map_or(0.0, |step| self.steps[step].d)
    }

    /// The largest distance up to the step from n + 1 pseudojets to n; 0 if there never were n + 1.
    pub fn merge_distance_max(&self, n: usize) -> f64 {
        self.step_from(n + 1).map_or(0.0, |step| self.steps[step].d_max)
    }

    /// The `n` subjets of a jet when the steps inside it are undone from the last one on, in decreasing pT.
    ///
    /// # Errors
    /// [`Error::Count`] if the jet has fewer particles.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn exclusive_subjets(&self, jet: usize, n: usize) -> Result<Vec<Jet>, Error> {
        let subjets = self.undo(jet, |found, _| found < n);
        if subjets.len() != n {
            return Err(Error::Count { wanted: n, particles: subjets.len() });
        }
        Ok(self.sorted(subjets))
    }

    /// The subjets of a jet when its steps are undone until d (the largest so far) is at most `d_cut`, in decreasing pT.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn exclusive_subjets_dcut(&self, jet: usize, d_cut: f64) -> Vec<Jet> {
        let subjets = self.undo(jet, |_, origin| self.steps[origin].d_max > d_cut);
        self.sorted(subjets)
    }

    /// The distance of the step that took a jet from n + 1 subjets to n; 0 if it never had n + 1.
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn subjet_merge_distance(&self, jet: usize, n: usize) -> f64 {
        if n == 0 {
            return 0.0;
        }
        let subjets = self.undo(jet, |found, _| found < n);
        let last = subjets.iter().filter_map(|&s| self.origin_step(s)).max();
        if subjets.len() < n { 0.0 } else { last.map_or(0.0, |step| self.steps[step].d) }
    }

    fn origin_step(&self, index: usize) -> Option<usize> {
        self.parents(index).map(|[first, _]| self.pseudojets[first].end as usize)
    }

    fn step_from(&self, n: usize) -> Option<usize> {
        (n >= 1 && n <= self.particles).then(|| self.particles - n)
    }

    /// What exists after so many steps: born before, not ended.
    fn left_after(&self, done: usize) -> Vec<Jet> {
        let merged = |step: &&crate::Step| matches!(step.event, Event::Merged { .. });
        let born = self.particles + self.steps[..done].iter().filter(merged).count();
        self.sorted((0..born).filter(|&k| self.pseudojets[k].end as usize >= done).collect())
    }

    /// Splits the most recent subjet again and again while `more(number of subjets, its step)` says so.
    fn undo(&self, jet: usize, more: impl Fn(usize, usize) -> bool) -> Vec<usize> {
        assert!(jet < self.pseudojets.len(), "pseudojet {jet} of {}", self.pseudojets.len());
        // The number of a merged pseudojet grows with its step: the most recent subjet is the largest number.
        let mut open = std::collections::BinaryHeap::from([jet]);
        while let Some(&last) = open.peek() {
            match (self.parents(last), self.origin_step(last)) {
                (Some(parents), Some(step)) if more(open.len(), step) => {
                    open.pop();
                    open.extend(parents);
                }
                _ => break,
            }
        }
        open.into_vec()
    }
}
