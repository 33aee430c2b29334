//! Denoising diffusion restoration: each singular direction of the measurement is denoised on its own.
//!
//! In units of `alpha = 1`, with `tau = sigma/alpha` at `s`, `e` the estimated noise and, for singular value `k`, `d`, `e_k` the
//! coordinates of the estimate and of the noise and `b = u_k.y/k` that of the measurement, the next coordinate is
//!
//! 1. not measured: `d + sqrt(1 - eta²) tau e_k + eta tau z`
//! 2. `k tau < sigma_y`: `d + sqrt(1 - eta²) tau (b - d) k/sigma_y + eta tau z`
//! 3. `k tau >= sigma_y`: `(1 - eta_b) d + eta_b b + sqrt(tau² - eta_b² sigma_y²/k²) z`
//!
//! Kawar, Elad, Ermon & Song, arXiv:2201.11793, eq. 8. Sample with the model in [`Ddnm`](super::Ddnm) if `sigma_y = 0`, so that
//! the last estimate agrees with the measurement too.

use super::operator::{Measurement, Operator};
use crate::error::Error;
use crate::{Denoise, Flat, Rng, Step};

/// Restoration in the singular basis, without gradients.
#[derive(Clone, Debug)]
pub struct Ddrm<A> {
    measured: Measurement<A>,
    /// Share of the noise that is drawn anew in (1) and (2), 0.85 in the paper.
    pub eta: f64,
    /// Share of the measurement in (3), 1 in the paper.
    pub eta_b: f64,
}

impl<A: Operator> Ddrm<A> {
    /// With the paper's `eta = 0.85` and `eta_b = 1`.
    ///
    /// # Errors
    /// [`Error::Name`] if the operator does not know its singular vectors; [`Matrix::of`](super::Matrix::of) finds them.
    pub fn new(measured: Measurement<A>) -> Result<Ddrm<A>, Error> {
        if measured.operator().spectral().is_none() {
            let known = "Matrix, Mask, or Matrix::of(&operator)".to_owned();
            return Err(Error::Name { kind: "decomposed operator", name: "this operator".to_owned(), known });
        }
        Ok(Ddrm { measured, eta: 0.85, eta_b: 1.0 })
    }
}

impl<X: Flat, A: Operator> Step<X> for Ddrm<A> {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), rng: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let spectral = self.measured.operator().spectral().expect("checked at construction");
        let (tau, noise) = (to.sigma / to.alpha, self.measured.sigma());
        let (eta, eta_b) = (self.eta.clamp(0.0, 1.0), self.eta_b.clamp(0.0, 1.0));
        let estimate = m.denoise(&x, t);
        let fresh = x.randn_like(rng).samples();
        let kept = tau * (1.0 - eta * eta).sqrt();
        let rows = x.samples().into_iter().zip(estimate.samples()).zip(&fresh).enumerate();
        let one = |(row, ((x, d), z)): (usize, ((Vec<f64>, Vec<f64>), &Vec<f64>))| {
            let free: Vec<f64> = x
                .iter()
                .zip(&d)
                .zip(z)
                .map(|((x, d), z)| d + kept * (x - from.alpha * d) / from.sigma + eta * tau * z)
                .collect();
            let measured = spectral.of_measurement(self.measured.outcome(row));
            let along = spectral.of_sample(&d).into_iter().zip(spectral.of_sample(z)).zip(spectral.of_sample(&free));
            let change = spectral.singular().iter().zip(measured).zip(along).map(|((k, u), ((d, z), free))| {
                let b = u / k;
                let next = if k * tau < noise {
                    d + kept * (b - d) * k / noise + eta * tau * z
                } else {
                    let left = (tau * tau - (eta_b * noise / k).powi(2)).max(0.0);
                    (1.0 - eta_b) * d + eta_b * b + left.sqrt() * z
                };
                next - free
            });
            let change = spectral.sample(&change.collect::<Vec<f64>>());
            free.iter().zip(change).map(|(f, c)| to.alpha * (f + c)).collect::<Vec<f64>>()
        };
        x.with_samples(&rows.map(one).collect::<Vec<_>>())
    }
}
