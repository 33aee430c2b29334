//! Coverage and minimum matching distance (Achlioptas et al., arXiv:1707.02392; protocol of the JetNet library).
//!
//! From the distances d(generated, real): COV = number of different real clouds that are nearest to some generated one, over the number
//! of real ones; MMD = mean over real clouds of the distance to the nearest generated one. Both depend strongly on the number of
//! clouds compared: values at 100 and at 1000 clouds must not be compared.

use crate::{
    bootstrap::{Bootstrap, Side},
    emd::{Emd, Scratch},
    error::{Result, at_least},
    estimate::Estimate,
    matrix::Matrix,
};
use rayon::prelude::*;

/// Coverage and minimum matching distance over bootstrap draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Fraction of real clouds that are nearest to a generated one.
    pub coverage: Estimate,
    /// Minimum matching distance, in the unit of the distance.
    pub mmd: Estimate,
}

/// (COV, MMD) of a table of distances, one row per generated cloud and one column per real cloud; fails if it is empty.
pub fn coverage_mmd(distances: &Matrix) -> Result<(f64, f64)> {
    at_least("generated clouds", distances.rows(), 1)?;
    at_least("real clouds", distances.cols(), 1)?;
    let mut covered = vec![false; distances.cols()];
    let mut nearest = vec![f64::INFINITY; distances.cols()];
    for row in 0..distances.rows() {
        let row = distances.row(row);
        let mut best = 0;
        for (j, &d) in row.iter().enumerate() {
            if d < row[best] {
                best = j;
            }
            nearest[j] = nearest[j].min(d);
        }
        covered[best] = true;
    }
    let n = distances.cols() as f64;
    Ok((covered.iter().filter(|c| **c).count() as f64 / n, nearest.iter().sum::<f64>() / n))
}

/// COV and MMD with the energy mover's distance of clouds of points [x, y, weight]: mean and standard deviation over draws.
pub fn coverage_emd(real: &[&[[f32; 3]]], generated: &[&[[f32; 3]]], draws: &Bootstrap, emd: &Emd) -> Result<Coverage> {
    draws.check(real.len(), generated.len())?;
    let size = draws.size;
    let (mut coverage, mut mmd) = (Vec::new(), Vec::new());
    for batch in 0..draws.batches {
        let columns = draws.indices(real.len(), batch, Side::Real);
        let rows = draws.indices(generated.len(), batch, Side::Generated);
        let table: Result<Vec<Vec<f64>>> = rows
            .par_iter()
            .map_init(Scratch::default, |scratch, &i| {
                columns.iter().map(|&j| emd.between(generated[i as usize], real[j as usize], scratch)).collect()
            })
            .collect();
        let (c, m) = coverage_mmd(&Matrix::new(size, size, table?.concat())?)?;
        coverage.push(c);
        mmd.push(m);
    }
    Ok(Coverage { coverage: Estimate::of(&coverage), mmd: Estimate::of(&mmd) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SplitMix64, tests::uniform};

    fn clouds(seed: u64, n: usize) -> Vec<Vec<[f32; 3]>> {
        let mut rng = SplitMix64::keyed(seed, &[]);
        (0..n).map(|_| (0..4).map(|_| [0, 1, 2].map(|_| uniform(&mut rng) as f32)).collect()).collect()
    }

    fn views(clouds: &[Vec<[f32; 3]>]) -> Vec<&[[f32; 3]]> {
        clouds.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn identical_sets_are_covered_and_matched_perfectly() {
        let a = clouds(1, 30);
        let (coverage, mmd) = coverage_mmd(&Emd::default().distances(&views(&a), &views(&a)).unwrap()).unwrap();
        assert_eq!(coverage, 1.0);
        assert!(mmd.abs() < 1e-12);
    }

    #[test]
    fn a_generator_that_repeats_one_cloud_covers_one() {
        let a = clouds(2, 20);
        let once = vec![a[7].as_slice(); 20];
        let table = Emd::default().distances(&once, &views(&a)).unwrap();
        let (coverage, mmd) = coverage_mmd(&table).unwrap();
        assert_eq!(coverage, 1.0 / 20.0);
        assert!((mmd - table.row(0).iter().sum::<f64>() / 20.0).abs() < 1e-12);
    }

    #[test]
    fn drawing_with_replacement_from_identical_sets_covers_what_was_drawn_twice_over() {
        // With n draws from n clouds a given cloud is drawn in both sets with probability (1-1/e)^2 = 0.40, and each other
        // generated cloud may cover a neighbour: COV lies between that and the fraction drawn at all, 1-1/e = 0.63.
        let a = clouds(3, 50);
        let draws = Bootstrap { size: 50, batches: 10, seed: 1 };
        let found = coverage_emd(&views(&a), &views(&a), &draws, &Emd::default()).unwrap();
        assert!(found.coverage.value > 0.36 && found.coverage.value < 0.66, "{found:?}");
    }
}
