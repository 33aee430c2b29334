//! Latent diffusion: a model of an autoencoder's codes and the decoder, together a sampler of data.
//!
//! Codes are standardised, `z = (code - shift)/scale`, so that a model of `z` meets data of unit spread. The pair is trained by
//!
//! 1. `|x - decode(code)|² + beta KL`, `code = m + e^(l/2) n` with the encoder's mean `m` and log variance `l`
//! 2. `KL(N(m, e^l) || N(0, 1)) = 1/2 sum (m² + e^l - 1 - l)`
//!
//! Rombach et al., arXiv:2112.10752, section 3.1 (KL-reg); Kingma & Welling, arXiv:1312.6114, eq. 7 and appendix B.

use burn::tensor::{Tensor, TensorData};

use crate::batch::per_sample;
use crate::error::{Error, finite, positive};
use crate::{Denoise, Grid, Rng, Sampled, Sampler};

/// Shift and scale of codes, one pair for each feature of the last dimension, or one for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardise {
    shift: Vec<f64>,
    scale: Vec<f64>,
}

impl Standardise {
    /// With `scale` the codes' standard deviations and `shift` their means.
    ///
    /// # Errors
    /// [`Error::Length`] if there are none or not as many of each, [`Error::Parameter`] for a scale not above zero.
    pub fn new(shift: Vec<f64>, scale: Vec<f64>) -> Result<Standardise, Error> {
        if scale.len() != shift.len() || shift.is_empty() {
            return Err(Error::Length { what: "scale", expected: shift.len().max(1), got: scale.len() });
        }
        shift.iter().try_for_each(|s| finite("shift", *s).map(|_| ()))?;
        scale.iter().try_for_each(|s| positive("scale", *s).map(|_| ()))?;
        Ok(Standardise { shift, scale })
    }

    /// The mean and standard deviation of each feature of `codes`, `[.., F]`, over everything else.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a feature without spread.
    pub fn of<const D: usize>(codes: &Tensor<D>) -> Result<Standardise, Error> {
        let features = codes.dims()[D - 1];
        let values: Vec<f64> = codes.to_data().iter::<f64>().collect();
        let n = (values.len() / features.max(1)) as f64;
        let column = |f: usize| values.iter().skip(f).step_by(features);
        let shift: Vec<f64> = (0..features).map(|f| column(f).sum::<f64>() / n).collect();
        let spread = |f: usize| (column(f).map(|v| (v - shift[f]).powi(2)).sum::<f64>() / n).sqrt();
        let scale = (0..features).map(spread).collect();
        Standardise::new(shift, scale)
    }

    /// `(code - shift)/scale`.
    ///
    /// # Errors
    /// As [`Standardise::fits`].
    pub fn standardise<const D: usize>(&self, code: Tensor<D>) -> Result<Tensor<D>, Error> {
        self.fits(&code)?;
        let (shift, scale) = (self.row(&self.shift, &code), self.row(&self.scale, &code));
        Ok((code - shift) / scale)
    }

    /// `scale z + shift`.
    ///
    /// # Errors
    /// As [`Standardise::fits`].
    pub fn restore<const D: usize>(&self, z: Tensor<D>) -> Result<Tensor<D>, Error> {
        self.fits(&z)?;
        let (shift, scale) = (self.row(&self.shift, &z), self.row(&self.scale, &z));
        Ok(z * scale + shift)
    }

    /// Whether codes like this one have the features that shift and scale are known of.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of features in the last dimension, unless there is one pair for all.
    pub fn fits<const D: usize>(&self, code: &Tensor<D>) -> Result<(), Error> {
        let (expected, got) = (self.shift.len(), code.dims()[D - 1]);
        if expected == 1 || expected == got {
            Ok(())
        } else {
            Err(Error::Length { what: "features of a code", expected, got })
        }
    }

    fn row<const D: usize>(&self, values: &[f64], like: &Tensor<D>) -> Tensor<D> {
        let mut shape = [1; D];
        shape[D - 1] = values.len();
        let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), (&like.device(), like.dtype()))
    }
}

/// A model of standardised codes with their decoder.
#[derive(Clone, Debug)]
pub struct Latent<M, G> {
    /// The model of standardised codes.
    pub model: M,
    /// From codes to data.
    pub decoder: G,
    /// How the codes were standardised.
    pub standardise: Standardise,
}

impl<M, G> Latent<M, G> {
    /// Data, one sample for each row of `like`, a tensor of the codes' shape; the sampled codes come along.
    ///
    /// # Errors
    /// As [`Standardise::fits`], before anything is sampled.
    pub fn sample<X, const D: usize>(
        &self,
        sampler: &Sampler,
        grid: &Grid,
        like: &Tensor<D>,
        rng: &mut Rng,
    ) -> Result<(X, Sampled<Tensor<D>>), Error>
    where
        M: Denoise<Tensor<D>>,
        G: Fn(Tensor<D>) -> X,
    {
        self.standardise.fits(like)?;
        let noise = grid.prior(self.model.path(), like, rng);
        let codes = sampler.run(&self.model, grid, noise, rng, &mut |_| {});
        Ok(((self.decoder)(self.standardise.restore(codes.x.clone())?), codes))
    }
}

/// `mean + e^(log_variance/2) noise`, with standard normal `noise` of their shape.
pub fn reparameterise<const D: usize>(mean: Tensor<D>, log_variance: Tensor<D>, noise: Tensor<D>) -> Tensor<D> {
    mean + log_variance.mul_scalar(0.5).exp() * noise
}

/// `KL(N(mean, e^log_variance) || N(0, 1))` of each sample in nats, `[B]`.
pub fn kl_to_normal<const D: usize>(mean: Tensor<D>, log_variance: Tensor<D>) -> Tensor<1> {
    let terms = mean.powi_scalar(2) + log_variance.clone().exp() - log_variance.add_scalar(1.0);
    per_sample(terms).mul_scalar(0.5)
}

/// `|data - decoded|² + beta KL` of each sample, `[B]`. With `beta = 2 s²` this is, up to a constant and in units of `2 s²`, the negative
/// evidence lower bound of a decoder with noise `s`.
pub fn kl_regularised<const D: usize, const L: usize>(
    data: Tensor<D>,
    decoded: Tensor<D>,
    mean: Tensor<L>,
    log_variance: Tensor<L>,
    beta: f64,
) -> Tensor<1> {
    per_sample((data - decoded).powi_scalar(2)) + kl_to_normal(mean, log_variance).mul_scalar(beta)
}
