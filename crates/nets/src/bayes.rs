//! Bayesian networks with independent normal weights: Blundell et al., arXiv:1505.05424; as for event generators in
//! arXiv:2305.10475.
//!
//! Every parameter has the posterior `N(mu, exp(S))`. A Bayesian network is therefore two modules of one type: the
//! means, which alone are an ordinary network, and the spread, whose parameters are the log variances `S` in the same
//! layout. Its flat parameters are [`values`](crate::values)`(means)` followed by `values(spread)`.
//!
//! 1. Training, by the local reparametrisation (Kingma et al., arXiv:1506.02557): a linear layer with normal weights
//!    has normal outputs, independent between rows, `y = x W + b + sqrt(x^2 exp(S) + exp(s)) eps`. Weights are never
//!    drawn; see [`Spread`].
//! 2. The loss is the mean negative log likelihood plus [`kl`]`/N`, N the number of training samples.
//! 3. Use: [`draw`] one network from the posterior and run it as any other; the scatter among draws is the uncertainty.

use std::cell::RefCell;

use burn::{
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, Tensor, TensorData, module::linear as affine},
};

use crate::{Dual, load};

/// Log variance that a fresh posterior starts from: nearly the plain network (arXiv:2305.10475).
pub const INITIAL_LOG_VARIANCE: f32 = -9.0;

/// Log variances are used within plus and minus this.
pub const LOG_VARIANCE_LIMIT: f32 = 11.0;

/// Keeps the square root's slope finite where a layer without bias sees a row of zeros.
const SMALLEST_VARIANCE: f64 = 1e-20;

type Normals = Box<dyn FnMut(usize, usize) -> Vec<f32>>;

/// The switch of a forward pass: `None` for the plain network, the log variances and a source of noise for the Bayesian
/// one.
pub type Spread<'a, M> = Option<(&'a M, &'a Noise)>;

/// The same switch for a part of the network.
pub(crate) fn part<'a, M, P>(spread: Spread<'a, M>, of: impl FnOnce(&'a M) -> &'a P) -> Spread<'a, P> {
    spread.map(|(module, noise)| (of(module), noise))
}

/// A source of standard normal numbers, which the caller supplies: networks have no generator of their own.
pub struct Noise {
    normals: RefCell<Normals>,
}

impl Noise {
    /// `normals(rows, columns)` gives `rows * columns` independent standard normal numbers, row-major; a row belongs to
    /// a sample of the batch. It is called once per linear layer, in the order of the forward pass.
    pub fn new(normals: impl FnMut(usize, usize) -> Vec<f32> + 'static) -> Noise {
        Noise { normals: RefCell::new(Box::new(normals)) }
    }

    /// `rows` rows, which belong to `samples` samples of the batch one after another.
    fn tensor(&self, samples: usize, rows: usize, columns: usize, device: &Device) -> Tensor<2> {
        let values = (self.normals.borrow_mut())(samples, rows / samples.max(1) * columns);
        Tensor::from_data(TensorData::new(values, [rows, columns]), device)
    }
}

impl std::fmt::Debug for Noise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Noise")
    }
}

/// A linear layer on the last dimension, `[B, ..., I] -> [B, ..., O]`, plain or with normal weights.
///
/// With a spread, every output is drawn by itself: `x W + b + sqrt(x^2 exp(S) + exp(s)) eps`, where `S` and `s` are the
/// log variances of weights and bias. Positions between the first and the last dimension, too, see weights drawn
/// independently.
pub fn linear<const D: usize>(layer: &Linear, x: Tensor<D>, spread: Spread<Linear>) -> Tensor<D> {
    let mut shape = x.dims();
    // One product of all rows: a batched one would accumulate the weights' gradient sample by sample.
    let rows = shape[..D - 1].iter().product();
    let x = Dual::from(x.reshape([rows, shape[D - 1]]));
    let y = scattered(x, layer, spread, shape[0]);
    shape[D - 1] = y.dims()[1];
    y.primal.reshape(shape)
}

impl Dual<2> {
    /// [`Dual::linear`], or with a spread its value with normal weights, and the rate of change at fixed noise.
    pub fn linear_with(self, layer: &Linear, spread: Spread<Linear>) -> Dual<2> {
        let [samples, _] = self.dims();
        scattered(self, layer, spread, samples)
    }
}

/// `x` `[N, I]`, whose N rows belong to `samples` samples.
fn scattered(x: Dual<2>, layer: &Linear, spread: Spread<Linear>, samples: usize) -> Dual<2> {
    let Some((spread, noise)) = spread else { return x.linear(layer) };
    let weight = variance(&spread.weight);
    let bias = spread.bias.as_ref().map(variance);
    let square = x.clone() * x.clone();
    let scatter = Dual {
        tangent: square.tangent.map(|t| affine(t, weight.clone(), None)),
        primal: affine(square.primal, weight, bias),
    };
    let [rows, columns] = scatter.dims();
    let eps = noise.tensor(samples, rows, columns, &scatter.primal.device());
    x.linear(layer) + scatter.add_scalar(SMALLEST_VARIANCE).sqrt() * eps
}

fn variance<const D: usize>(log_variance: &Param<Tensor<D>>) -> Tensor<D> {
    log_variance.val().clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT).exp()
}

/// The spread of a fresh posterior around `means`: all log variances at [`INITIAL_LOG_VARIANCE`].
pub fn initial_spread<M: Module>(means: &M) -> M {
    load(means.clone(), &vec![INITIAL_LOG_VARIANCE; means.num_params()])
}

/// A Kullback-Leibler divergence and its gradients; see [`kl`].
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The divergence in nats.
    pub value: f64,
    /// Its gradient with respect to the means.
    pub mean: Vec<f32>,
    /// Its gradient with respect to the log variances.
    pub log_variance: Vec<f32>,
}

/// Divergence of the posterior `N(mu, exp(S))` of all parameters from the prior `N(0, 1/prior_precision)`:
/// `1/2 sum [precision (mu^2 + exp(S)) - S - 1 - ln precision]`.
///
/// Log variances are not cut here, so that one beyond [`LOG_VARIANCE_LIMIT`], which the layers no longer feel, is
/// pulled back.
///
/// # Panics
/// If the two slices differ in length.
pub fn kl(mean: &[f32], log_variance: &[f32], prior_precision: f64) -> Divergence {
    assert_eq!(mean.len(), log_variance.len(), "one log variance per mean");
    let mut divergence =
        Divergence { value: 0.0, mean: Vec::with_capacity(mean.len()), log_variance: Vec::with_capacity(mean.len()) };
    for (&mu, &s) in mean.iter().zip(log_variance) {
        let (mu, s) = (f64::from(mu), f64::from(s));
        let variance = prior_precision * s.exp();
        divergence.value += 0.5 * (prior_precision * mu * mu + variance - s - 1.0 - prior_precision.ln());
        divergence.mean.push((prior_precision * mu) as f32);
        divergence.log_variance.push((0.5 * (variance - 1.0)) as f32);
    }
    divergence
}

/// Flat parameters of a plain network drawn from the posterior: `mu + exp(S/2) z`, `normals` the standard normal
/// numbers `z`.
///
/// # Panics
/// If the slices differ in length.
pub fn draw(mean: &[f32], log_variance: &[f32], normals: &[f32]) -> Vec<f32> {
    assert_eq!(mean.len(), log_variance.len(), "one log variance per mean");
    assert_eq!(mean.len(), normals.len(), "one normal number per parameter");
    let deviation = |s: f32| (0.5 * s.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)).exp();
    mean.iter().zip(log_variance).zip(normals).map(|((mu, s), z)| mu + deviation(*s) * z).collect()
}
