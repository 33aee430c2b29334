//! How a judgement was made: the settings, and the words in which they are printed beside every result.

use metrics::{Bootstrap, Fpd, Kpd};
use serde::Serialize;

/// Settings of all metrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Protocol {
    /// Whether this is the reduced protocol (fewer and smaller draws than JetNet's).
    pub quick: bool,
    /// Name, and what was done, line by line.
    pub lines: Vec<(String, String)>,
    #[serde(skip)]
    pub(super) wasserstein: Bootstrap,
    #[serde(skip)]
    pub(super) fpd: Fpd,
    #[serde(skip)]
    pub(super) kpd: Kpd,
    #[serde(skip)]
    pub(super) coverage: Bootstrap,
    #[serde(skip)]
    pub(super) classifier_jets: usize,
}

impl Protocol {
    /// The JetNet protocol, or with `quick` the same metrics on fewer draws (for a first look; a tenth of the time).
    pub fn new(quick: bool) -> Protocol {
        let (wasserstein, fpd, kpd) = if quick {
            let fpd = Fpd { min_samples: 4_000, max_samples: 10_000, batches: 8, ..Fpd::default() };
            (Bootstrap { size: 10_000, ..Bootstrap::WASSERSTEIN }, fpd, Kpd { size: 2_000, ..Kpd::default() })
        } else {
            (Bootstrap::WASSERSTEIN, Fpd::default(), Kpd::default())
        };
        let coverage = if quick { Bootstrap { batches: 4, ..Bootstrap::COVERAGE } } else { Bootstrap::COVERAGE };
        let classifier_jets = if quick { 10_000 } else { 50_000 };
        let mut protocol = Protocol { quick, lines: Vec::new(), wasserstein, fpd, kpd, coverage, classifier_jets };
        let name =
            if quick { "JetNet metrics, reduced draws (--quick)" } else { "JetNet (arXiv:2106.11535, 2211.10295)" };
        protocol.say("protocol", name);
        let draws = |b: &Bootstrap| {
            format!("{} draws of {} jets from each sample with replacement, seed {}", b.batches, b.size, b.seed)
        };
        protocol.say("W1M, W1P, W1EFP", format!("{}; mean +- standard deviation", draws(&wasserstein)));
        protocol.say("W1P", "mean of eta_rel, phi_rel and pT_rel of all particles");
        protocol.say("W1EFP", "mean of the 5 prime energy-flow polynomials with 4 nodes and 4 edges");
        let f = &protocol.fpd;
        let text = format!(
            "36 energy-flow polynomials (d <= 4); {} sizes from {} to {} jets, {} draws each, fit a + b/N, seed {}",
            f.points, f.min_samples, f.max_samples, f.batches, f.seed
        );
        protocol.say("FPD", text);
        let k = &protocol.kpd;
        let text = format!(
            "the same features; median of {} draws of {} jets, half the central 67 % range, seed {}",
            k.batches, k.size, k.seed
        );
        protocol.say("KPD", text);
        protocol.say("COV, MMD", format!("energy mover's distance, {}", draws(&coverage)));
        let text = format!(
            "gradient-boosted trees on jet observables, at most {classifier_jets} jets of each sample, 50 % for training, 15 % for early stopping, 35 % for the AUC (error: DeLong); \
             particle features of both samples rounded to 12 mantissa bits first"
        );
        protocol.say("AUC", text);
        protocol.say("clipping", "none");
        protocol
    }

    /// Adds a line: where the samples, the floor and the conditions come from.
    pub fn say(&mut self, name: &str, what: impl Into<String>) {
        self.lines.push((name.to_string(), what.into()));
    }
}
