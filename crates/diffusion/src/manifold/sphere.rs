//! The unit sphere: directions in `dim` dimensions, `|x| = 1`.
//!
//! 1. `exp(x, v) = cos|v| x + sin|v| v/|v|`
//! 2. `log(x, y) = angle (y - (x.y) x)/|y - (x.y) x|`
//! 3. transport from `x` to `y`, with `a = |log(x, y)|` and `e` its direction: `v + (e.v) ((cos a - 1) e - sin a x)`
//!
//! The cut locus is the antipode, where one of the shortest geodesics is taken.

use super::{Manifold, combine};
use crate::Rng;
use crate::error::Error;
use crate::vector::{dot, norm};

/// The unit sphere in `dim` dimensions; 3 for directions in space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sphere {
    dim: usize,
}

/// Below this distance from `x` or its antipode, a direction is lost to rounding.
const LOST: f64 = 1e-12;

impl Sphere {
    /// The sphere of unit vectors with `dim >= 2` components.
    ///
    /// # Errors
    /// [`Error::Parameter`] for fewer.
    pub fn new(dim: usize) -> Result<Sphere, Error> {
        let allowed = "two dimensions or more";
        if dim >= 2 { Ok(Sphere { dim }) } else { Err(Error::Parameter { what: "dim", value: dim as f64, allowed }) }
    }
}

/// A unit vector orthogonal to `x`.
fn orthogonal(x: &[f64]) -> Vec<f64> {
    let least = (0..x.len()).min_by(|&i, &j| x[i].abs().total_cmp(&x[j].abs())).unwrap_or(0);
    let axis: Vec<f64> = (0..x.len()).map(|i| f64::from(i == least)).collect();
    let part = combine(1.0, &axis, -x[least], x);
    combine(1.0 / norm(&part), &part, 0.0, x)
}

impl Manifold for Sphere {
    fn width(&self) -> usize {
        self.dim
    }

    fn exp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        let angle = norm(v);
        let (sin, cos) = angle.sin_cos();
        let end = combine(cos, x, if angle > 0.0 { sin / angle } else { 1.0 }, v);
        combine(1.0 / norm(&end), &end, 0.0, x)
    }

    fn log(&self, x: &[f64], y: &[f64]) -> Vec<f64> {
        let cos = dot(x, y);
        let across = combine(1.0, y, -cos, x);
        let sin = norm(&across);
        let angle = sin.atan2(cos);
        match sin > LOST {
            true => combine(angle / sin, &across, 0.0, x),
            false if cos > 0.0 => across,
            false => combine(angle, &orthogonal(x), 0.0, x),
        }
    }

    fn project(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        combine(1.0, v, -dot(x, v), x)
    }

    fn transport(&self, x: &[f64], y: &[f64], v: &[f64]) -> Vec<f64> {
        let whole = self.log(x, y);
        let angle = norm(&whole);
        if angle == 0.0 {
            return v.to_vec();
        }
        let (sin, cos) = angle.sin_cos();
        let turned = combine((cos - 1.0) / angle, &whole, -sin, x);
        combine(1.0, v, dot(&whole, v) / angle, &turned)
    }

    fn uniform(&self, rng: &mut Rng, rows: usize) -> Vec<f64> {
        let normals = rng.normal_f64(rows, self.dim);
        normals.chunks(self.dim).flat_map(|z| combine(1.0 / norm(z), z, 0.0, z)).collect()
    }
}
