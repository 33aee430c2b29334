//! Coverage and matching of conformers (ConfGF, arXiv:2105.03902, equations 16 and 17; the precision variants as in GeoDiff, arXiv:2203.02923).
//!
//! With d(r, g) the root mean square distance of a reference from a generated conformer
//!
//! ```text
//! COV-R = share of r with min_g d(r, g) <= delta        MAT-R = mean over r of min_g d(r, g)
//! COV-P = share of g with min_r d(r, g) <= delta        MAT-P = mean over g of min_r d(r, g)
//! ```
//!
//! By convention twice as many conformers are generated as there are references; delta is 0.5 Angstrom for QM9 and 1.25 for drug-like molecules.

/// The scores of one molecule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Share of references that a generated conformer comes near to.
    pub cov_r: f64,
    /// Mean distance of the references from the nearest generated conformer, in Angstrom.
    pub mat_r: f64,
    /// Share of generated conformers near a reference.
    pub cov_p: f64,
    /// Mean distance of the generated conformers from the nearest reference, in Angstrom.
    pub mat_p: f64,
}

impl Coverage {
    /// Distance of each reference (row) from the nearest generated conformer (column), and of each of these from the nearest reference; none without either.
    pub fn nearest(distances: &[Vec<f64>]) -> Option<[Vec<f64>; 2]> {
        let columns = distances.first().filter(|row| !row.is_empty())?.len();
        let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
        let of_column = |k: usize| least(&mut distances.iter().map(|row| row[k]));
        Some([
            distances.iter().map(|row| least(&mut row.iter().copied())).collect(),
            (0..columns).map(of_column).collect(),
        ])
    }

    /// The scores from distances of references (rows) from generated conformers (columns); none without either.
    pub fn of(distances: &[Vec<f64>], delta: f64) -> Option<Coverage> {
        let [rows, columns] = Coverage::nearest(distances)?;
        let near = |d: &[f64]| d.iter().filter(|&&d| d <= delta).count() as f64 / d.len() as f64;
        let mean = |d: &[f64]| d.iter().sum::<f64>() / d.len() as f64;
        Some(Coverage { cov_r: near(&rows), mat_r: mean(&rows), cov_p: near(&columns), mat_p: mean(&columns) })
    }
}

/// Mean and median of each score over molecules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverageSummary {
    /// Means.
    pub mean: Coverage,
    /// Medians.
    pub median: Coverage,
    /// Number of molecules.
    pub molecules: usize,
}

impl CoverageSummary {
    /// The summary of some molecules; none of none.
    pub fn of(all: &[Coverage]) -> Option<CoverageSummary> {
        if all.is_empty() {
            return None;
        }
        let each = |statistic: fn(Vec<f64>) -> f64| {
            let over = |score: fn(&Coverage) -> f64| statistic(all.iter().map(score).collect());
            Coverage {
                cov_r: over(|c| c.cov_r),
                mat_r: over(|c| c.mat_r),
                cov_p: over(|c| c.cov_p),
                mat_p: over(|c| c.mat_p),
            }
        };
        let mean = each(|values| values.iter().sum::<f64>() / values.len() as f64);
        let median = each(|mut values| {
            values.sort_by(f64::total_cmp);
            let n = values.len();
            (values[(n - 1) / 2] + values[n / 2]) / 2.0
        });
        Some(CoverageSummary { mean, median, molecules: all.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_a_table_by_hand() {
        // Minima of rows 0.1, 0.5, 0.7; of columns 0.1, 0.4, 0.5, 2.0.
        let table = [vec![0.1, 0.4, 1.0, 2.0], vec![0.6, 0.9, 0.5, 3.0], vec![0.9, 0.7, 0.8, 2.5]];
        let scores = Coverage::of(&table, 0.5).unwrap();
        let expected = Coverage { cov_r: 2.0 / 3.0, mat_r: 1.3 / 3.0, cov_p: 0.75, mat_p: 0.75 };
        for (a, b) in [
            (scores.cov_r, expected.cov_r),
            (scores.mat_r, expected.mat_r),
            (scores.cov_p, expected.cov_p),
            (scores.mat_p, expected.mat_p),
        ] {
            assert!((a - b).abs() < 1e-12, "{scores:?}");
        }
        assert_eq!((Coverage::of(&[], 0.5), Coverage::of(&[vec![]], 0.5)), (None, None));
        let zero = Coverage { cov_r: 0.0, mat_r: 0.0, cov_p: 0.0, mat_p: 0.0 };
        let summary = CoverageSummary::of(&[scores, zero, scores, zero]).unwrap();
        assert_eq!(
            (summary.mean, summary.median, summary.molecules),
            (
                Coverage { cov_r: 1.0 / 3.0, mat_r: scores.mat_r / 2.0, cov_p: 0.375, mat_p: scores.mat_p / 2.0 },
                Coverage { cov_r: 1.0 / 3.0, mat_r: scores.mat_r / 2.0, cov_p: 0.375, mat_p: scores.mat_p / 2.0 },
                4
            )
        );
        assert_eq!(CoverageSummary::of(&[]), None);
    }
}
