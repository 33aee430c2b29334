//! Networks for particle clouds and tables, written on Burn tensors only.
//!
//! Every network answers the same question: given a noised state, a noise level and conditions, what is the raw output `F`?
//! What `F` means (noise, velocity, EDM's preconditioned residual) is decided by the caller.
//!
//! | network | state | cost per sample | reference |
//! |---|---|---|---|
//! | [`Epic`] | cloud `[B, P, F]` | linear in particles | arXiv:2301.08128, arXiv:2310.00049 |
//! | [`ParticleTransformer`] | cloud `[B, P, F]` | quadratic in particles | arXiv:1706.03762, adaptive layer norm of arXiv:2212.09748 |
//! | [`Egnn`] | atoms `[B, P, 3]`, `[B, P, F]` | quadratic in atoms; turns with them | arXiv:2102.09844, arXiv:2203.17003 |
//! | [`EgnnAutoencoder`] | the same, and their latent points | quadratic in atoms; turns with them | arXiv:2305.01140 |
//! | [`DistanceScore`] | distances `[E, 1]` along links of molecules | linear in links | arXiv:2105.03902 |
//! | [`ResidualMlp`] | table `[B, F]` | - | arXiv:1512.03385 |
//! | [`ToyMlp`], [`EnergyMlp`] | point `[B, F]` | - | score, or gradient of a log density |
//! | [`DeepEquilibrium`] | point `[B, F]` | - | arXiv:1909.01377 |
//! | [`CouplingFlow`] | row `[B, D]` | - | density itself: arXiv:1906.04032 |
//! | [`EventGpt`] | row `[B, T]`, number by number | quadratic in numbers | density itself: arXiv:2305.10475, arXiv:1706.03762 |
//! | [`NoisyClassifier`] | point `[B, F]` | - | arXiv:2105.05233 |
//!
//! [`CouplingFlow`] and [`EventGpt`] answer another question: what is `ln p(x | condition)`, and what is a sample of it?
//! [`ResidualMlp`], [`CouplingFlow`] and [`EventGpt`] are also Bayesian networks when a forward pass is given a
//! [`Spread`]; see [`bayes`].
//!
//! The networks of clouds and tables but [`Egnn`], and the toy networks, also carry rates of change of their inputs forward ([`Dual`], `jvp` methods).
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use nets::{CloudNet, CloudShape, EpicConfig};
//!
//! let device = Device::flex();
//! let shape = CloudShape { features: 3, conditions: 8 };
//! let net = EpicConfig::new(shape).with_width(32).with_layers(2).init(&device);
//! let x = Tensor::<3>::ones([2, 30, 3], &device);
//! let mask = Tensor::<3>::ones([2, 30, 1], &device);
//! let noise = Tensor::<2>::zeros([2, 1], &device);
//! let condition = Tensor::<2>::zeros([2, 8], &device);
//! assert_eq!(net.forward(x, mask, noise, condition).dims(), [2, 30, 3]);
//! ```

mod activation;
pub mod bayes;
mod classifier;
mod cloud;
mod coupling_flow;
mod deep_equilibrium;
mod distance_score;
mod dual;
mod egnn;
mod egnn_autoencoder;
mod embedding;
mod epic;
mod error;
mod event_gpt;
mod fixed_point;
mod mixture;
mod mlp;
mod parameters;
mod perceptron;
mod pieces;
mod spline;
mod toy_mlp;
mod transformer;
mod von_mises;

pub use activation::hard_swish;
pub use bayes::{Noise, Spread};
pub use classifier::{NoisyClassifier, NoisyClassifierConfig, cross_entropy};
pub use cloud::{AnyCloudNet, CloudNet, CloudShape};
pub use coupling_flow::{CouplingFlow, CouplingFlowConfig};
pub use deep_equilibrium::{DeepEquilibrium, DeepEquilibriumConfig};
pub use distance_score::{DistanceScore, DistanceScoreConfig, Links};
pub use dual::Dual;
pub use egnn::{Atoms, Egnn, EgnnConfig, Spline};
pub use egnn_autoencoder::{EgnnAutoencoder, EgnnAutoencoderConfig};
pub use embedding::{ConditionEmbedding, FourierEmbedding};
pub use epic::{Epic, EpicConfig};
pub use error::Error;
pub use event_gpt::{EventGpt, EventGptConfig};
pub use fixed_point::FixedPoint;
pub use mixture::Component;
pub use mlp::{ResidualMlp, ResidualMlpConfig};
pub use parameters::{ParameterInfo, adopted, gradients, host, inventory, load, values, widened};
pub use perceptron::Smooth;
pub use toy_mlp::{EnergyMlp, ToyMlp, ToyMlpConfig};
pub use transformer::{ParticleTransformer, ParticleTransformerConfig};
pub use von_mises::log_i0_scaled;
