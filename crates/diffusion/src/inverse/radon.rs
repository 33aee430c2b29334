//! The Radon transform: integrals of an image along parallel rays, as computed tomography measures them.
//!
//! Pixel `(i, j)` lies at `(x, y) = (j - (n-1)/2, (n-1)/2 - i)`; the ray of angle `theta` and offset `s` is
//! `x cos theta + y sin theta = s`. It is followed one pixel at a time along the axis it is steeper to, interpolating linearly
//! across: Joseph, IEEE Trans. Med. Imaging 1 (1982) 192. The adjoint spreads with the same weights, so it is exact.

use super::operator::{Operator, length};
use crate::Error;
use crate::error::finite;

/// Parallel-beam projections of square images; lengths in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Radon {
    size: usize,
    angles: Vec<f64>,
    detectors: usize,
}

impl Radon {
    /// Projections of `size` x `size` images at `angles` (radians) onto `detectors` rays, one pixel apart and centred.
    ///
    /// # Errors
    /// [`Error::Length`] for an empty image, no angle or no detector, [`Error::Parameter`] for an angle that is not finite.
    pub fn new(size: usize, angles: Vec<f64>, detectors: usize) -> Result<Radon, Error> {
        let sizes = [("side of an image (at least 1)", size), ("angles (at least one)", angles.len())];
        for (what, got) in sizes.into_iter().chain([("detectors (at least one)", detectors)]) {
            if got == 0 {
                return Err(Error::Length { what, expected: 1, got });
            }
        }
        angles.iter().try_for_each(|a| finite("angle", *a).map(|_| ()))?;
        Ok(Radon { size, angles, detectors })
    }

    /// `count` angles evenly spaced over half a turn, with detectors enough for the diagonal.
    ///
    /// # Errors
    /// As [`Radon::new`].
    pub fn even(size: usize, count: usize) -> Result<Radon, Error> {
        let angles = (0..count).map(|k| std::f64::consts::PI * k as f64 / count as f64).collect();
        Radon::new(size, angles, (size as f64 * 2f64.sqrt()).ceil() as usize | 1)
    }

    /// Offset of detector `d` from the centre.
    pub fn offset(&self, d: usize) -> f64 {
        d as f64 - 0.5 * (self.detectors - 1) as f64
    }

    /// Calls `visit(pixel, weight)` for all pixels that a ray touches.
    fn follow(&self, angle: f64, offset: f64, mut visit: impl FnMut(usize, f64)) {
        let (sin, cos) = angle.sin_cos();
        let n = self.size;
        let middle = 0.5 * (n - 1) as f64;
        let steep = cos.abs() >= sin.abs();
        let length = 1.0 / cos.abs().max(sin.abs());
        for line in 0..n {
            let along = line as f64 - middle;
            // Steep rays cross every row once, the others every column.
            let across = if steep { (offset + along * sin) / cos } else { (offset - along * cos) / sin };
            let place = if steep { across + middle } else { middle - across };
            let (low, part) = (place.floor(), place - place.floor());
            for (index, weight) in [(low, 1.0 - part), (low + 1.0, part)] {
                if weight > 0.0 && index >= 0.0 && index < n as f64 {
                    let index = index as usize;
                    visit(if steep { line * n + index } else { index * n + line }, weight * length);
                }
            }
        }
    }

    fn rays(&self) -> impl Iterator<Item = (f64, f64)> {
        self.angles.iter().flat_map(|angle| (0..self.detectors).map(|d| (*angle, self.offset(d))))
    }
}

impl Operator for Radon {
    fn range(&self) -> usize {
        self.angles.len() * self.detectors
    }

    fn domain(&self) -> usize {
        self.size * self.size
    }

    /// The sinogram, `[angles, detectors]`.
    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        length("image", self.domain(), x)?;
        let integral = |(angle, offset): (f64, f64)| {
            let mut sum = 0.0;
            self.follow(angle, offset, |pixel, weight| sum += weight * x[pixel]);
            sum
        };
        Ok(self.rays().map(integral).collect())
    }

    /// The back-projection, unfiltered.
    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("sinogram", self.range(), y)?;
        let mut image = vec![0.0; self.domain()];
        for ((angle, offset), y) in self.rays().zip(y) {
            self.follow(angle, offset, |pixel, weight| image[pixel] += weight * y);
        }
        Ok(image)
    }
}
