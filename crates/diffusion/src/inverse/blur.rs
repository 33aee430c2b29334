//! Circular blur: every pixel is the kernel's average of its neighbours, the image continued periodically.
//!
//! Diagonal in Fourier space: the transform of the blurred image is that of the image times the transfer function
//! `H(k) = sum_j h_j e^(-2 pi i k j)`.

use super::fft::{Complex, times, transform};
use super::operator::{Operator, length};
use crate::Error;
use crate::error::finite;

/// Circular convolution of `[height, width]` images.
#[derive(Clone, Debug)]
pub struct Blur {
    shape: [usize; 2],
    transfer: Vec<Complex>,
}

/// Frequencies that the blur weakens below this share of the strongest count as lost.
const LOST: f64 = 1e-12;

impl Blur {
    /// Blur of images of `shape` by a `kernel` of odd height and width, centred.
    ///
    /// # Errors
    /// [`Error::Length`] for an empty image, a kernel of even size, rows of different lengths or a kernel larger than the
    /// image; [`Error::Parameter`] for a weight that is not finite.
    pub fn new(shape: [usize; 2], kernel: &[Vec<f64>]) -> Result<Blur, Error> {
        let [height, width] = shape;
        let (rows, columns) = (kernel.len(), kernel.first().map_or(0, Vec::len));
        for (what, size, limit) in
            [("rows of a blur kernel (odd)", rows, height), ("columns of a blur kernel (odd)", columns, width)]
        {
            if size.is_multiple_of(2) || size > limit {
                let fits = size.min(limit).max(1);
                return Err(Error::Length { what, expected: fits - usize::from(fits.is_multiple_of(2)), got: size });
            }
        }
        let mut transfer = vec![(0.0, 0.0); height * width];
        for (i, row) in kernel.iter().enumerate() {
            length("row of a blur kernel", columns, row)?;
            for (j, weight) in row.iter().enumerate() {
                let (y, x) = ((height + i - rows / 2) % height, (width + j - columns / 2) % width);
                transfer[y * width + x].0 = finite("weight of a blur kernel", *weight)?;
            }
        }
        transform(&mut transfer, shape, -1.0);
        let norm = ((height * width) as f64).sqrt();
        transfer.iter_mut().for_each(|h| *h = (h.0 * norm, h.1 * norm));
        Ok(Blur { shape, transfer })
    }

    /// Blur by a Gaussian of standard deviation `std` pixels, cut off at four of them, weights summing to one.
    ///
    /// # Errors
    /// As [`Blur::new`], and [`Error::Parameter`] for a `std` not above zero.
    pub fn gaussian(shape: [usize; 2], std: f64) -> Result<Blur, Error> {
        crate::error::positive("std", std)?;
        let side = |n: usize| {
            let reach = ((4.0 * std).ceil() as usize).min(n.saturating_sub(1) / 2) as i64;
            let weights: Vec<f64> = (-reach..=reach).map(|i| (-0.5 * (i as f64 / std).powi(2)).exp()).collect();
            let total: f64 = weights.iter().sum();
            weights.into_iter().map(|w| w / total).collect::<Vec<f64>>()
        };
        let (down, across) = (side(shape[0]), side(shape[1]));
        Blur::new(shape, &down.iter().map(|d| across.iter().map(|a| d * a).collect()).collect::<Vec<_>>())
    }

    /// `H(k)` as (real, imaginary), row-major over the frequencies of both directions.
    pub fn transfer(&self) -> &[(f64, f64)] {
        &self.transfer
    }

    fn filter(&self, image: &[f64], gain: impl Fn(Complex) -> Complex) -> Vec<f64> {
        let mut spectrum: Vec<Complex> = image.iter().map(|v| (*v, 0.0)).collect();
        transform(&mut spectrum, self.shape, -1.0);
        spectrum.iter_mut().zip(&self.transfer).for_each(|(s, h)| *s = times(*s, gain(*h)));
        transform(&mut spectrum, self.shape, 1.0);
        spectrum.into_iter().map(|s| s.0).collect()
    }
}

impl Operator for Blur {
    fn range(&self) -> usize {
        self.transfer.len()
    }

    fn domain(&self) -> usize {
        self.transfer.len()
    }

    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        length("image", self.domain(), x)?;
        Ok(self.filter(x, |h| h))
    }

    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("image", self.range(), y)?;
        Ok(self.filter(y, |h| (h.0, -h.1)))
    }

    fn pseudo_inverse(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("image", self.range(), y)?;
        let strongest = self.transfer.iter().map(|h| h.0.hypot(h.1)).fold(0.0, f64::max);
        let inverse = |h: Complex| {
            let power = h.0 * h.0 + h.1 * h.1;
            if power.sqrt() <= LOST * strongest { (0.0, 0.0) } else { (h.0 / power, -h.1 / power) }
        };
        Ok(self.filter(y, inverse))
    }
}
