//! Subsampled Fourier measurements, as magnetic resonance imaging makes them: some frequencies of a real image.
//!
//! `y = (Re X_k, Im X_k)` for each measured frequency `k` of the unitary two-dimensional transform. Lustig, Donoho & Pauly,
//! Magn. Reson. Med. 58 (2007) 1182.

use super::fft::{Complex, transform};
use super::operator::{Operator, length};
use crate::Error;

/// Frequencies of `[height, width]` images.
#[derive(Clone, Debug, PartialEq)]
pub struct Fourier {
    shape: [usize; 2],
    measured: Vec<usize>,
}

impl Fourier {
    /// Measures the frequencies where `measured` is true, row-major in the order of the transform: frequency 0 first.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a choice for every frequency and at least one is measured.
    pub fn new(shape: [usize; 2], measured: &[bool]) -> Result<Fourier, Error> {
        let [height, width] = shape;
        if measured.len() != height * width {
            return Err(Error::Length {
                what: "choices of frequencies",
                expected: height * width,
                got: measured.len(),
            });
        }
        let measured: Vec<usize> = (0..measured.len()).filter(|k| measured[*k]).collect();
        if measured.is_empty() {
            return Err(Error::Length { what: "measured frequencies (at least one)", expected: 1, got: 0 });
        }
        Ok(Fourier { shape, measured })
    }

    /// Whole lines of k-space: the `centre` lowest frequencies down the image and every `step`-th of the others.
    ///
    /// # Errors
    /// As [`Fourier::new`], and [`Error::Parameter`] for `step = 0`.
    pub fn lines(shape: [usize; 2], centre: usize, step: usize) -> Result<Fourier, Error> {
        if step == 0 {
            return Err(Error::Parameter { what: "step", value: 0.0, allowed: "a number of lines >= 1" });
        }
        let [height, width] = shape;
        let chosen = |k: usize| {
            let line = k / width;
            2 * line.min(height - line) < centre || line.is_multiple_of(step)
        };
        Fourier::new(shape, &(0..height * width).map(chosen).collect::<Vec<_>>())
    }

    /// Places of the measured frequencies in the transform, row-major.
    pub fn measured(&self) -> &[usize] {
        &self.measured
    }
}

impl Operator for Fourier {
    fn range(&self) -> usize {
        2 * self.measured.len()
    }

    fn domain(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        length("image", self.domain(), x)?;
        let mut spectrum: Vec<Complex> = x.iter().map(|v| (*v, 0.0)).collect();
        transform(&mut spectrum, self.shape, -1.0);
        Ok(self.measured.iter().flat_map(|k| [spectrum[*k].0, spectrum[*k].1]).collect())
    }

    /// The zero-filled reconstruction: unmeasured frequencies are zero.
    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("measurement", self.range(), y)?;
        let mut spectrum = vec![(0.0, 0.0); self.domain()];
        self.measured.iter().zip(y.chunks(2)).for_each(|(k, y)| spectrum[*k] = (y[0], y[1]));
        transform(&mut spectrum, self.shape, 1.0);
        Ok(spectrum.into_iter().map(|s| s.0).collect())
    }
}
