//! What blocks of events add up to: counts, times, and the cross section.
//!
//! Pythia starts its statistics anew with every block, so that they do not depend on who made which block. It estimates the cross section of a process
//! as (mean weight of the points tried) x (accepted / selected), which is nothing where none was selected. Blocks are therefore added up first:
//! with S the sum of weights, T tried, N selected, A accepted,
//!
//! ```text
//! frequent processes:  sigma = (S / T) (A / N)
//! rare ones:           sigma = K A,    K = sum_f (S_f / N_f) / sum_f T_f
//! ```
//!
//! where f runs over the frequent ones: S / N estimates the maximum by which Pythia accepts points, and processes are tried in proportion to it.

use super::protocol::BlockReport;

/// A process is frequent if it was selected so many times per block, on average.
const FREQUENT: f64 = 20.0;
/// Picobarns in a millibarn.
const PB: f64 = 1e9;

#[derive(Clone, Debug, Default, PartialEq)]
struct Process {
    code: i32,
    name: String,
    tried: u64,
    selected: u64,
    accepted: u64,
    /// Sum of weights, in mb, of blocks in which something was accepted.
    sum: f64,
    /// Sum of the squares of (error x tried), in mb^2.
    square: f64,
}

/// Sums over the blocks that were used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    processes: Vec<Process>,
    /// Number of blocks.
    pub blocks: u64,
    /// Events that Pythia made.
    pub events: u64,
    /// Events that Pythia gave up.
    pub failures: u64,
    /// Processor time of Pythia in s.
    pub pythia_seconds: f64,
    /// Processor time of handing events over in s, on Python's side.
    pub sending_seconds: f64,
    /// Processor time of reading, clustering and selecting in s.
    pub selecting_seconds: f64,
    /// Whether particles were always copied from Pythia's memory.
    pub fast: bool,
}

impl Statistics {
    /// Adds a block.
    pub fn add(&mut self, report: &BlockReport, selecting_seconds: f64) {
        self.fast = report.fast && (self.blocks == 0 || self.fast);
        self.blocks += 1;
        self.events += report.events;
        self.failures += report.failures;
        self.pythia_seconds += report.pythia_seconds;
        self.sending_seconds += report.sending_seconds;
        self.selecting_seconds += selecting_seconds;
        for channel in &report.processes {
            let place = self.processes.iter().position(|p| p.code == channel.code).unwrap_or_else(|| {
                let (code, name) = (channel.code, channel.name.clone());
                self.processes.push(Process { code, name, ..Process::default() });
                self.processes.len() - 1
            });
            let process = &mut self.processes[place];
            process.tried += channel.tried;
            process.selected += channel.selected;
            process.accepted += channel.accepted;
            if channel.accepted > 0 {
                let tried = channel.tried as f64;
                process.sum += channel.sigma * tried * channel.selected as f64 / channel.accepted as f64;
                process.square += (channel.error * tried).powi(2);
            }
        }
    }

    /// The cross section and its statistical error in pb, if there is anything to estimate it from.
    pub fn cross_section(&self) -> Option<[f64; 2]> {
        let each = self.each()?;
        let variance: f64 = self.processes.iter().map(|p| p.square / (p.tried as f64).powi(2).max(1.0)).sum();
        Some([each.iter().map(|(_, _, sigma)| sigma).sum(), PB * variance.sqrt()])
    }

    /// Code, name and cross section in pb of all processes.
    pub fn each(&self) -> Option<Vec<(i32, String, f64)>> {
        let used: Vec<&Process> = self.processes.iter().filter(|p| p.accepted > 0 && p.sum > 0.0).collect();
        let often = |p: &Process| p.selected as f64 >= FREQUENT * self.blocks as f64;
        let mut frequent: Vec<&Process> = used.iter().copied().filter(|p| often(p)).collect();
        if frequent.is_empty() {
            frequent = used;
        }
        let maximum: f64 = frequent.iter().map(|p| p.sum / p.selected as f64).sum();
        let tried: u64 = frequent.iter().map(|p| p.tried).sum();
        if tried == 0 {
            return None;
        }
        let sigma = |p: &Process| match frequent.iter().any(|f| f.code == p.code) {
            true => p.sum / p.tried as f64 * p.accepted as f64 / p.selected as f64,
            false => maximum / tried as f64 * p.accepted as f64,
        };
        Some(self.processes.iter().map(|p| (p.code, p.name.clone(), PB * sigma(p))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::protocol::Channel;

    fn channel(code: i32, tried: u64, selected: u64, sum: f64) -> Channel {
        let sigma = if selected > 0 { sum / tried as f64 } else { 0.0 };
        Channel { code, name: format!("p{code}"), tried, selected, accepted: selected, sigma, error: 0.1 * sigma }
    }

    #[test]
    fn blocks_of_one_process_add_up_to_their_mean_weighted_by_points_tried() {
        let mut all = Statistics::default();
        let block = |tried, selected, sum| BlockReport {
            events: selected,
            processes: vec![channel(601, tried, selected, sum)],
            ..BlockReport::default()
        };
        all.add(&block(1000, 250, 5e-9), 0.1);
        all.add(&block(3000, 250, 9e-9), 0.2);
        let [sigma, error] = all.cross_section().unwrap();
        assert!((sigma - 1e9 * 14e-9 / 4000.0).abs() < 1e-12, "{sigma}");
        assert!((error - 1e9 * 0.1 * (5e-9f64).hypot(9e-9) / 4000.0).abs() < 1e-12, "{error}");
        assert_eq!((all.events, all.blocks), (500, 2));
        assert!((all.selecting_seconds - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_process_rarer_than_once_a_block_is_counted_without_bias() {
        // Maxima 1 and 0.02, so tried 50 : 1; mean weights 0.25 and 0.005: a rare event in one block of two.
        let mut all = Statistics::default();
        for b in 0..100 {
            let rare = u64::from(b % 2 == 0);
            let report = BlockReport {
                processes: vec![channel(1, 1000, 250, 250.0), channel(2, 20, rare, if rare > 0 { 0.1 } else { 0.0 })],
                ..BlockReport::default()
            };
            all.add(&report, 0.0);
        }
        // Fifty events of the rare one in 2000 points, each point standing for its maximum of 0.02.
        let each = all.each().unwrap();
        assert!((each[0].2 / 1e9 - 0.25).abs() < 1e-12);
        assert!((each[1].2 / 1e9 - 0.02 * 50.0 / 2000.0).abs() < 1e-12, "{}", each[1].2 / 1e9);
    }

    #[test]
    fn nothing_made_has_no_cross_section() {
        assert_eq!(Statistics::default().cross_section(), None);
    }
}
