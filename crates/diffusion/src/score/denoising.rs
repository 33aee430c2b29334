//! Denoising score matching at one noise level: `1/2 |s(x + sigma z) + z/sigma|^2`, `z` standard normal.
//!
//! Up to a constant, its mean is explicit score matching of the noisy data: the score it learns is that of
//! `x + sigma z`, and its minimum is not zero. Vincent, Neural Computation 23 (2011) 1661, eq. 9 to 11.
//! Its variance grows like `1/sigma^2`: for small noise prefer [`sliced_reduced`](super::sliced_reduced), for many
//! levels at once [`Ncsn`](super::Ncsn).

use burn::tensor::Tensor;

use super::half_square;
use crate::error::{Error, positive};
use crate::{Rng, Space};

/// `1/2 |s(x + sigma z) + z/sigma|^2` of each sample, `[B]`, for data `x` `[B, ...]`, the closure `s` and noise of standard
/// deviation `sigma` in units of the data; row `r` is keyed by sample `rng.first + r`. Uses up one draw.
///
/// # Errors
/// [`Error::Parameter`] for a `sigma` not above zero.
pub fn denoising<const D: usize>(
    score: impl Fn(&Tensor<D>) -> Tensor<D>,
    data: &Tensor<D>,
    sigma: f64,
    rng: &mut Rng,
) -> Result<Tensor<1>, Error> {
    positive("sigma", sigma)?;
    let z = data.randn_like(rng);
    let noisy = data.clone().axpby(1.0, sigma, &z);
    Ok(half_square(score(&noisy).axpby(1.0, sigma.recip(), &z)))
}
