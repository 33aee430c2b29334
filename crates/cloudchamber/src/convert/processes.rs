//! The processes of a sample, which LHE states before its events and other formats only event by event.
//!
//! HepMC knows the cross section sigma +- delta of the whole sample so far, the last event the best. Process k with weights
//! w_i gets (hep-ph/0109068 for the names)
//!
//! XSECUP = sigma sum_k w / sum w,   XERRUP = delta sqrt(sum_k w^2 / sum w^2),   XMAXUP = max_k |w|,
//!
//! so that cross sections add up to sigma and errors in quadrature to delta.

use std::collections::BTreeMap;

use records::{Event, Process};

use super::Options;
use super::source::{Source, pump};
use crate::Error;
use crate::progress::Progress;

/// Sums over the events of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    weights: f64,
    squares: f64,
    largest: f64,
}

impl Sums {
    fn add(&mut self, other: Sums) {
        self.weights += other.weights;
        self.squares += other.squares;
        self.largest = self.largest.max(other.largest);
    }
}

/// Sums over the events of all processes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Processes {
    named: BTreeMap<i32, Sums>,
    /// Of events that do not say their process.
    unnamed: Option<Sums>,
    cross_section: Option<(f64, f64)>,
}

impl Processes {
    /// Counts an event.
    pub fn add(&mut self, event: &Event) {
        let weight = event.weight();
        let sums = match event.process {
            Some(id) => self.named.entry(id).or_default(),
            None => self.unnamed.get_or_insert_default(),
        };
        sums.add(Sums { weights: weight, squares: weight * weight, largest: weight.abs() });
        let first = |list: &[f64]| list.first().copied().unwrap_or(0.0);
        if let Some(xs) = &event.cross_section {
            self.cross_section = Some((first(&xs.values), first(&xs.errors)));
        }
    }

    /// The processes in increasing order of their numbers. Events without one belong to the first, as the writer of LHE has it.
    pub fn list(mut self) -> Vec<Process> {
        if let Some(sums) = self.unnamed {
            let id = self.named.keys().next().copied().unwrap_or(1);
            self.named.entry(id).or_default().add(sums);
        }
        let mut total = Sums::default();
        self.named.values().for_each(|sums| total.add(*sums));
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        let (sigma, delta) = self.cross_section.unwrap_or_default();
        let process = |(id, sums): (i32, Sums)| Process {
            id,
            // Without a cross section, 0 rather than -0.
            cross_section: sigma * share(sums.weights, total.weights) + 0.0,
            error: delta * share(sums.squares, total.squares).sqrt(),
            max_weight: sums.largest,
        };
        self.named.into_iter().map(process).collect()
    }
}

/// Reads a source once for its processes. Where it breaks off they end; the second reading says where that is.
pub fn find(source: &mut dyn Source, options: &Options) -> Result<Vec<Process>, Error> {
    let mut found = Processes::default();
    let mut progress = Progress::new("find processes", source.unit(), options.quiet);
    pump(source, options.limit, &mut progress, |event| {
        found.add(event);
        Ok(())
    })?;
    Ok(found.list())
}

#[cfg(test)]
mod tests {
    use super::*;
    use records::CrossSection;

    fn event(process: Option<i32>, weight: f64, sigma: f64) -> Event {
        let cross_section = Some(CrossSection { values: vec![sigma], errors: vec![0.5], ..CrossSection::default() });
        Event { process, weights: vec![weight], cross_section, ..Event::default() }
    }

    #[test]
    fn cross_sections_add_up_to_the_last_and_errors_in_quadrature() {
        let mut processes = Processes::default();
        for (process, weight, sigma) in
            [(Some(7), 3.0, 1.0), (Some(2), -1.0, 9.0), (None, 2.0, 8.0), (Some(7), 4.0, 20.0)]
        {
            processes.add(&event(process, weight, sigma));
        }
        let list = processes.list();
        assert_eq!(list.iter().map(|p| p.id).collect::<Vec<_>>(), [2, 7]);
        // Weights -1 + 2 and 3 + 4 of 8; the event without a process counts for the first.
        assert_eq!([list[0].cross_section, list[1].cross_section], [2.5, 17.5]);
        assert_eq!([list[0].max_weight, list[1].max_weight], [2.0, 4.0]);
        assert!((list[0].error.hypot(list[1].error) - 0.5).abs() < 1e-15);
        assert!((list[0].error - 0.5 * (5f64 / 30.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn events_without_processes_and_cross_section_are_one_unknown_process() {
        let mut processes = Processes::default();
        processes.add(&Event { weights: vec![-3.0], ..Event::default() });
        assert_eq!(processes.list(), [Process { id: 1, max_weight: 3.0, ..Process::default() }]);
    }
}
