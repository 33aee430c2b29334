//! Energy mover's distance (Komiske, Metodiev, Thaler, arXiv:1902.02346, eq. 1):
//! EMD = min sum f_ij theta_ij / R + |sum E_i - sum E'_j| with the transport f of the smaller total energy,
//! theta_ij = sqrt(dx^2 + dy^2) without wrapping any coordinate.

use crate::{
    error::{Error, Result, setting},
    matrix::Matrix,
    transport::Transport,
};
use rayon::prelude::*;

/// Settings of the energy mover's distance; the default (R = 1, weights as they are) is that of the JetNet library's coverage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emd {
    /// Radius R: the distance at which moving a unit of weight costs as much as creating it.
    pub radius: f64,
    /// Divide the weights of each cloud by their sum, which removes the imbalance term.
    pub normalise: bool,
}

impl Default for Emd {
    fn default() -> Self {
        Self { radius: 1.0, normalise: false }
    }
}

/// Buffers of one thread.
#[derive(Default)]
pub(crate) struct Scratch {
    solver: Transport,
    weights: [Vec<f64>; 2],
    cost: Vec<f64>,
}

impl Emd {
    /// Distance of two clouds of points [x, y, weight], in the unit of the weights.
    ///
    /// Fails if a weight is negative or a number is not finite; points of no weight do not count.
    pub fn distance(&self, a: &[[f32; 3]], b: &[[f32; 3]]) -> Result<f64> {
        self.between(a, b, &mut Scratch::default())
    }

    /// Distances of all pairs, `a` in rows and `b` in columns, rows in parallel.
    pub fn distances(&self, a: &[&[[f32; 3]]], b: &[&[[f32; 3]]]) -> Result<Matrix> {
        let rows: Result<Vec<Vec<f64>>> = a
            .par_iter()
            .map_init(Scratch::default, |scratch, x| b.iter().map(|y| self.between(x, y, scratch)).collect())
            .collect();
        Matrix::new(a.len(), b.len(), rows?.concat())
    }

    pub(crate) fn between(&self, a: &[[f32; 3]], b: &[[f32; 3]], scratch: &mut Scratch) -> Result<f64> {
        setting("EMD radius", self.radius, self.radius > 0.0, "positive")?;
        let mut totals = [0.0; 2];
        for ((cloud, weights), total) in [a, b].into_iter().zip(&mut scratch.weights).zip(&mut totals) {
            if let Some(row) = cloud.iter().position(|p| p.iter().any(|v| !v.is_finite())) {
                return Err(Error::NotFinite { row, col: 0 });
            }
            weights.clear();
            weights.extend(cloud.iter().map(|p| f64::from(p[2])));
            *total = weights.iter().sum();
            if self.normalise && *total > 0.0 {
                weights.iter_mut().for_each(|w| *w /= *total);
                *total = 1.0;
            }
        }
        scratch.cost.clear();
        for p in a {
            let theta = |q: &[f32; 3]| {
                let (x, y) = (f64::from(p[0]) - f64::from(q[0]), f64::from(p[1]) - f64::from(q[1]));
                (x * x + y * y).sqrt() / self.radius
            };
            scratch.cost.extend(b.iter().map(theta));
        }
        let moved = scratch.solver.solve(&scratch.weights[0], &scratch.weights[1], &scratch.cost)?;
        Ok(moved + (totals[0] - totals[1]).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SplitMix64, tests::uniform};

    fn cloud(rng: &mut SplitMix64, n: usize) -> Vec<[f32; 3]> {
        (0..n).map(|_| [0, 1, 2].map(|_| uniform(rng) as f32)).collect()
    }

    #[test]
    fn one_particle_moved_costs_its_weight_times_the_angle_plus_the_imbalance() {
        let (a, b) = ([[0.0, 0.0, 0.5]], [[0.3, 0.4, 0.75]]);
        assert!((Emd::default().distance(&a, &b).unwrap() - (0.5 * 0.5 + 0.25)).abs() < 1e-7);
        assert!((Emd { radius: 0.25, normalise: true }.distance(&a, &b).unwrap() - 2.0).abs() < 1e-6);
    }

    #[test]
    fn it_is_a_metric_when_the_radius_is_at_least_half_the_largest_angle() {
        let mut rng = SplitMix64::keyed(1, &[]);
        let emd = Emd::default();
        let d = |x: &[[f32; 3]], y: &[[f32; 3]]| emd.distance(x, y).unwrap();
        for _ in 0..50 {
            let [a, b, c] = [3, 5, 8].map(|n| cloud(&mut rng, n));
            assert!((d(&a, &b) - d(&b, &a)).abs() < 1e-12);
            assert!(d(&a, &c) <= d(&a, &b) + d(&b, &c) + 1e-12);
            assert!(d(&a, &a).abs() < 1e-12 && d(&a, &b) > 0.0);
        }
    }

    #[test]
    fn particles_without_weight_and_an_empty_cloud_are_allowed() {
        let mut rng = SplitMix64::keyed(2, &[]);
        let (a, b) = (cloud(&mut rng, 4), cloud(&mut rng, 6));
        let mut padded = a.clone();
        padded.push([9.0, 9.0, 0.0]);
        let emd = Emd::default();
        assert_eq!(emd.distance(&padded, &b), emd.distance(&a, &b));
        let total: f64 = a.iter().map(|p| f64::from(p[2])).sum();
        assert!((emd.distance(&a, &[]).unwrap() - total).abs() < 1e-12);
        assert!(emd.distance(&[[0.0, 0.0, -1.0]], &b).is_err());
    }

    #[test]
    fn the_table_of_distances_holds_each_pair() {
        let mut rng = SplitMix64::keyed(3, &[]);
        let clouds: Vec<_> = (1..6).map(|n| cloud(&mut rng, n)).collect();
        let views: Vec<&[[f32; 3]]> = clouds.iter().map(Vec::as_slice).collect();
        let table = Emd::default().distances(&views[..2], &views[2..]).unwrap();
        assert_eq!((table.rows(), table.cols()), (2, 3));
        assert_eq!(table.row(1)[2], Emd::default().distance(&clouds[1], &clouds[4]).unwrap());
    }
}
