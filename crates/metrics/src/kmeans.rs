//! Clusters of points by k-means (Lloyd 1982) from well-spread first centres (k-means++, Arthur and Vassilvitskii 2007), the best of several starts.

use crate::{
    error::{Result, at_least},
    matrix::Matrix,
    random::SplitMix64,
};

const STARTS: u64 = 8;
const ROUNDS: usize = 100;

/// Points in groups, the largest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// The cluster of each row.
    pub of: Vec<usize>,
    /// The mean of each cluster.
    pub centres: Vec<Vec<f64>>,
}

/// Divides the rows into at most `k` clusters with a small sum of squared distances to their means; the same for the same seed.
///
/// # Errors
/// Fewer rows than clusters, no columns, `k` = 0.
pub fn kmeans(x: &Matrix, k: usize, seed: u64) -> Result<Clusters> {
    at_least("clusters", k, 1)?;
    at_least("columns", x.cols(), 1)?;
    at_least("rows to cluster", x.rows(), k)?;
    let runs = (0..STARTS).map(|start| run(x, k, SplitMix64::keyed(seed, &[start])));
    let best = runs.min_by(|a, b| a.0.total_cmp(&b.0)).expect("several starts").1;
    let mut sizes = vec![0usize; best.centres.len()];
    best.of.iter().for_each(|c| sizes[*c] += 1);
    let mut order: Vec<usize> = (0..sizes.len()).filter(|c| sizes[*c] > 0).collect();
    order.sort_by_key(|c| std::cmp::Reverse(sizes[*c]));
    let place = |c: &usize| order.iter().position(|o| o == c).expect("clusters of points have points");
    Ok(Clusters {
        of: best.of.iter().map(place).collect(),
        centres: order.iter().map(|c| best.centres[*c].clone()).collect(),
    })
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// One start: the sum of squared distances and the clusters.
fn run(x: &Matrix, k: usize, mut rng: SplitMix64) -> (f64, Clusters) {
    let mut centres = vec![x.row(rng.below(x.rows())).to_vec()];
    let mut nearest = vec![f64::INFINITY; x.rows()];
    while centres.len() < k {
        for (row, near) in nearest.iter_mut().enumerate() {
            *near = near.min(distance(x.row(row), centres.last().expect("one centre")));
        }
        // The next centre is drawn with a probability proportional to the squared distance to those there are.
        let mut lot = nearest.iter().sum::<f64>() * (rng.next() >> 11) as f64 / (1u64 << 53) as f64;
        let drawn = nearest.iter().position(|near| {
            lot -= near;
            lot < 0.0
        });
        centres.push(x.row(drawn.unwrap_or(0)).to_vec());
    }
    let mut of = vec![usize::MAX; x.rows()];
    let mut sum = 0.0;
    for _ in 0..ROUNDS {
        let mut moved = false;
        sum = 0.0;
        let mut totals = vec![(0.0, vec![0.0; x.cols()]); k];
        for (row, own) in of.iter_mut().enumerate() {
            let distances = centres.iter().map(|c| distance(x.row(row), c)).enumerate();
            let (cluster, far) = distances.min_by(|a, b| a.1.total_cmp(&b.1)).expect("one centre");
            moved |= *own != cluster;
            *own = cluster;
            sum += far;
            totals[cluster].0 += 1.0;
            totals[cluster].1.iter_mut().zip(x.row(row)).for_each(|(t, v)| *t += v);
        }
        for (centre, (n, total)) in centres.iter_mut().zip(totals).filter(|(_, (n, _))| *n > 0.0) {
            *centre = total.into_iter().map(|t| t / n).collect();
        }
        if !moved {
            break;
        }
    }
    (sum, Clusters { of, centres })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::normal;

    #[test]
    fn groups_ten_sigma_apart_are_found_with_their_means_and_sizes() {
        let mut rng = SplitMix64::keyed(3, &[]);
        let groups = [(0.0, 0.0, 400), (10.0, 0.0, 200), (0.0, 10.0, 100)];
        let mut data = Vec::new();
        for (cx, cy, n) in groups {
            (0..n).for_each(|_| data.extend([cx + normal(&mut rng), cy + normal(&mut rng)]));
        }
        let found = kmeans(&Matrix::new(700, 2, data).unwrap(), 3, 1).unwrap();
        let mut first = 0;
        for (k, (cx, cy, n)) in groups.into_iter().enumerate() {
            assert!(found.of[first..first + n].iter().all(|c| *c == k), "largest first, each group whole");
            first += n;
            let sigma = 4.0 / (n as f64).sqrt();
            assert!((found.centres[k][0] - cx).abs() < sigma && (found.centres[k][1] - cy).abs() < sigma);
        }
    }

    #[test]
    fn equal_points_are_one_cluster_and_too_few_are_refused() {
        let same = Matrix::new(5, 1, vec![2.0; 5]).unwrap();
        assert_eq!(kmeans(&same, 3, 1).unwrap(), Clusters { of: vec![0; 5], centres: vec![vec![2.0]] });
        assert!(kmeans(&same, 6, 1).is_err());
        assert!(kmeans(&same, 0, 1).is_err());
    }
}
