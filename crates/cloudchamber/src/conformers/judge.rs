//! Coverage and matching of generated conformers; see [`matter::Coverage`].

use matter::{Coverage, CoverageSummary, Symmetries};
use serde::Serialize;

use super::Ensemble;

/// Distance in Angstrom below which a conformer is covered, as published for molecules of QM9's size.
pub const DELTA: f64 = 0.5;

/// Distances of a molecule's own conformers (rows) from those generated for it (columns), in Angstrom. None without either, or if the molecule has
/// too many symmetries or a generated position is not finite.
pub fn distances(molecule: &Ensemble, generated: &[Vec<[f64; 3]>]) -> Option<Vec<Vec<f64>>> {
    if generated.is_empty() || generated.iter().flatten().flatten().any(|x| !x.is_finite()) {
        return None;
    }
    let symmetries = Symmetries::of(&molecule.graph).ok()?;
    let distances = symmetries.rmsd_matrix(&molecule.conformers, generated);
    (!distances.is_empty()).then_some(distances)
}

/// One score: mean over the molecules with its standard error, and median.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Name and unit.
    pub score: &'static str,
    /// Mean over the molecules.
    pub mean: f64,
    /// Its standard error; none of one molecule.
    pub error: Option<f64>,
    /// Median over the molecules.
    pub median: f64,
}

impl Line {
    /// Mean and error as text.
    pub fn mean(&self) -> String {
        let error = self.error.map_or_else(String::new, |error| format!(" ± {error:.3}"));
        format!("{:.3}{error}", self.mean)
    }
}

/// The scores of several molecules, and how many could not be judged.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    scores: Vec<Coverage>,
    /// Molecules without a score.
    pub left_out: usize,
}

impl Scores {
    /// Counts a molecule in by its [`distances`].
    pub fn add(&mut self, distances: Option<&[Vec<f64>]>) {
        match distances.and_then(|distances| Coverage::of(distances, DELTA)) {
            Some(score) => self.scores.push(score),
            None => self.left_out += 1,
        }
    }

    /// Molecules with a score.
    pub fn molecules(&self) -> usize {
        self.scores.len()
    }

    /// The four scores, if any molecule was judged.
    pub fn lines(&self) -> Option<Vec<Line>> {
        let CoverageSummary { mean, median, .. } = CoverageSummary::of(&self.scores)?;
        let line = |score, scale: f64, of: fn(&Coverage) -> f64| Line {
            score,
            mean: scale * of(&mean),
            error: self.error(of).map(|error| scale * error),
            median: scale * of(&median),
        };
        Some(vec![
            line("COV-R [%]", 100.0, |c| c.cov_r),
            line("MAT-R [A]", 1.0, |c| c.mat_r),
            line("COV-P [%]", 100.0, |c| c.cov_p),
            line("MAT-P [A]", 1.0, |c| c.mat_p),
        ])
    }

    /// Standard error of the mean of a score over the molecules, if there are several.
    fn error(&self, of: impl Fn(&Coverage) -> f64) -> Option<f64> {
        let n = self.scores.len() as f64;
        let mean = self.scores.iter().map(&of).sum::<f64>() / n;
        let variance = self.scores.iter().map(|s| (of(s) - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (n > 1.0).then(|| (variance / n).sqrt())
    }
}
