//! Denoising diffusion restoration: each singular direction of the measurement is denoised on its own.
//!
//! In units of `alpha = 1`, with `tau = sigma/alpha` at the end of the step: a direction `v` of singular value `s` has coordinates `d`
//! of the estimate, `e` of the estimated noise and `b = u.y/s` of the measurement. Its next coordinate is
//!
//! 1. not measured: `d + sqrt(1 - eta²) tau e + eta tau z`
//! 2. `s tau < sigma_y`: `d + sqrt(1 - eta²) tau (b - d) s/sigma_y + eta tau z`
//! 3. `s tau >= sigma_y`: `(1 - eta_b) d + eta_b b + sqrt(tau² - eta_b² sigma_y²/s²) z`
//!
//! Kawar, Elad, Ermon & Song, arXiv:2201.11793, eq. 8. Sample with the model in [`Ddnm`](super::Ddnm) if `sigma_y = 0`, so that
//! the last estimate agrees with the measurement too.

use super::operator::{Measurement, Operator};
use crate::error::Error;
use crate::{Denoise, Rng, Rows, Step};

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

impl<X: Rows, A: Operator> Step<X> for Ddrm<A> {
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
        let fresh = x.randn_like(rng).to_host();
        let kept = tau * (1.0 - eta * eta).sqrt();
        let mut next = Vec::with_capacity(fresh.len());
        for (row, ((x, d), z)) in x.to_host().iter().zip(estimate.to_host()).zip(&fresh).enumerate() {
            let mut free = Vec::with_capacity(x.len());
            for ((x, d), z) in x.iter().zip(&d).zip(z) {
                free.push(d + kept * (x - from.alpha * d) / from.sigma + eta * tau * z);
            }
            let (d, z, before) = (spectral.of_sample(&d), spectral.of_sample(z), spectral.of_sample(&free));
            let measured = spectral.of_measurement(self.measured.of_row(row));
            let change = spectral.singular().iter().zip(measured).enumerate().map(|(k, (s, u))| {
                let b = u / s;
                let after = if s * tau < noise {
                    d[k] + kept * (b - d[k]) * s / noise + eta * tau * z[k]
                } else {
                    let left = (tau * tau - (eta_b * noise / s).powi(2)).max(0.0);
                    (1.0 - eta_b) * d[k] + eta_b * b + left.sqrt() * z[k]
                };
                after - before[k]
            });
            let change = spectral.sample(&change.collect::<Vec<f64>>());
            next.push(free.iter().zip(change).map(|(f, c)| to.alpha * (f + c)).collect());
        }
        x.with_host(&next)
    }
}
