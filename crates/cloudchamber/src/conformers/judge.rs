//! Coverage and matching of generated conformers; see [`matter::Coverage`].

use matter::{Coverage, CoverageSummary, Symmetries};

use super::Ensemble;

/// Distance in Angstrom below which a conformer is covered, as published for molecules of QM9's size.
pub const DELTA: f64 = 0.5;

/// The scores of conformers generated for a molecule against its own. None without either, or if the molecule has too many symmetries or a
/// generated position is not finite.
pub fn judge(molecule: &Ensemble, generated: &[Vec<[f64; 3]>], delta: f64) -> Option<Coverage> {
    if generated.iter().flatten().flatten().any(|x| !x.is_finite()) {
        return None;
    }
    let symmetries = Symmetries::of(&molecule.graph).ok()?;
    Coverage::of(&symmetries.rmsd_matrix(&molecule.conformers, generated), delta)
}

/// The scores of several molecules, and how many could not be judged.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    scores: Vec<Coverage>,
    /// Molecules without a score.
    pub left_out: usize,
}

impl Scores {
    /// Counts a molecule in.
    pub fn add(&mut self, score: Option<Coverage>) {
        match score {
            Some(score) => self.scores.push(score),
            None => self.left_out += 1,
        }
    }

    /// Mean and median over the molecules, if any was judged.
    pub fn summary(&self) -> Option<CoverageSummary> {
        CoverageSummary::of(&self.scores)
    }

    /// Standard error of the mean of a score over the molecules.
    pub fn error(&self, of: impl Fn(&Coverage) -> f64) -> f64 {
        let n = self.scores.len() as f64;
        let mean = self.scores.iter().map(&of).sum::<f64>() / n;
        let variance = self.scores.iter().map(|s| (of(s) - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (variance / n).sqrt()
    }
}
