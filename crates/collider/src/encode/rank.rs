//! Calibration of a cloud network's one-dimensional distributions: monotone maps of each code, by rank in pT.
//!
//! A network trained for a finite time gets marginal distributions slightly wrong. Per group of ranks (the hardest particle, the
//! second, the next two, ...) and code, `x -> F_training^-1(F_generated(x))` is the smallest monotone change (optimal transport
//! on the line) that puts them right; correlations within the jet remain the network's. Fitted to training jets only.

use serde::{Deserialize, Serialize};

use super::Quantile;

/// Group `k` holds ranks from `2^k - 1` on: 1, 2, 4, 8, ... particles.
fn group(rank: usize) -> usize {
    (rank + 1).ilog2() as usize
}

/// A group with fewer values has no reliable quantiles and is left alone.
const LEAST_VALUES: usize = 2000;

/// The maps of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankCalibration {
    /// By group: for each of the three codes the maps of generated and of training values onto a standard normal.
    groups: Vec<Option<[(Quantile, Quantile); 3]>>,
}

impl RankCalibration {
    /// Fits the maps to the codes of generated and of training clouds.
    pub fn fit(generated: Vec<Vec<[f32; 3]>>, training: Vec<Vec<[f32; 3]>>) -> RankCalibration {
        let (generated, training) = (by_group(generated), by_group(training));
        let fit = |(ours, theirs): (&Vec<[f32; 3]>, &Vec<[f32; 3]>)| {
            if ours.len().min(theirs.len()) < LEAST_VALUES {
                return None;
            }
            let column = |values: &[[f32; 3]], f: usize| {
                Quantile::fit(&mut values.iter().map(|v| f64::from(v[f])).collect::<Vec<_>>())
            };
            let maps: Option<Vec<_>> = (0..3).map(|f| Some((column(ours, f)?, column(theirs, f)?))).collect();
            maps?.try_into().ok()
        };
        RankCalibration { groups: generated.iter().zip(&training).map(fit).collect() }
    }

    /// Sorts the codes by pT, hardest first, and maps them.
    pub fn apply(&self, codes: &mut [[f32; 3]]) {
        codes.sort_by(|a, b| b[2].total_cmp(&a[2]));
        for (rank, code) in codes.iter_mut().enumerate() {
            if let Some(Some(maps)) = self.groups.get(group(rank)) {
                for (x, (ours, theirs)) in code.iter_mut().zip(maps) {
                    *x = theirs.inverse(ours.forward(f64::from(*x))) as f32;
                }
            }
        }
    }

    /// Whether all maps are monotone; maps read from a file may not be.
    pub fn is_valid(&self) -> bool {
        self.groups.iter().flatten().flatten().all(|(a, b)| a.is_valid() && b.is_valid())
    }
}

fn by_group(clouds: Vec<Vec<[f32; 3]>>) -> Vec<Vec<[f32; 3]>> {
    let mut groups: Vec<Vec<[f32; 3]>> = Vec::new();
    for mut cloud in clouds {
        cloud.sort_by(|a, b| b[2].total_cmp(&a[2]));
        for (rank, code) in cloud.into_iter().enumerate() {
            groups.resize_with(groups.len().max(group(rank) + 1), Vec::new);
            groups[group(rank)].push(code);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clouds(scale: f32, shift: f32) -> Vec<Vec<[f32; 3]>> {
        (0..3000usize)
            .map(|i| {
                let x = |k: usize| ((i * 31 + k * 17) as f32 * 0.618).fract() - 0.5;
                (0..5).map(|k| [scale * x(k) + shift, x(k + 40) - shift, scale * x(k + 80) - k as f32]).collect()
            })
            .collect()
    }

    #[test]
    fn ranks_are_grouped_in_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 6, 7, 14, 15].map(group), [0, 1, 1, 2, 2, 3, 3, 4]);
    }

    #[test]
    fn a_wrong_location_and_scale_are_undone() {
        let (wrong, right) = (clouds(1.3, 0.2), clouds(1.0, 0.0));
        let calibration = RankCalibration::fit(wrong.clone(), right.clone());
        for (a, b) in wrong.iter().zip(&right).step_by(50) {
            let mut mapped = a.clone();
            calibration.apply(&mut mapped);
            let mut exact = b.clone();
            exact.sort_by(|p, q| q[2].total_cmp(&p[2]));
            // The hardest particles correspond one to one; monotone maps of one variable are recovered up to the knots.
            for f in 0..3 {
                assert!((mapped[0][f] - exact[0][f]).abs() < 0.02, "{:?} against {:?}", mapped[0], exact[0]);
            }
        }
    }

    #[test]
    fn small_groups_are_left_alone() {
        let few: Vec<_> = clouds(2.0, 0.0).into_iter().take(10).collect();
        let calibration = RankCalibration::fit(few.clone(), clouds(1.0, 0.0));
        let mut codes = few[0].clone();
        calibration.apply(&mut codes);
        let mut sorted = few[0].clone();
        sorted.sort_by(|a, b| b[2].total_cmp(&a[2]));
        assert_eq!(codes, sorted);
    }
}
