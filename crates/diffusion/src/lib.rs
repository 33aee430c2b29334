//! Diffusion, score and flow models: moving between data and noise, with nothing of physics, files or networks.
//!
//! Six nouns carry everything. `data` is at the small end of time, `noise` at the large end.
//!
//! * A [`Space`] is what a state is: a vector, a tensor, a masked particle [`Cloud`], a pair of spaces.
//! * A [`Path`] leads from data to noise, `x_t = alpha(t) data + sigma(t) noise`: [`Edm`], [`VpLinear`], [`Cosine`],
//!   [`Ve`], [`Linear`] (flow matching), [`SubVp`], [`Trig`], [`Polynomial`], [`DdpmTable`]. `lambda = ln(alpha/sigma)` is how clean a state is.
//! * A [`Denoise`] answers the one question a model is asked: `E[data | x_t]`. Noise, score, v and [`velocity`] are
//!   linear re-readings of it. [`Preconditioned`] makes one of a network; [`exact`] has models in closed form;
//!   [`guide`] wraps models into guided ones.
//! * A [`Grid`] is the times to visit. A [`Step`] takes a state from one to the next; [`sample`] runs it, and
//!   [`Sampler`] names the methods.
//! * An [`Objective`] is what a network is trained on: path, target, weight, times. [`regression`] turns its draws into tensors.
//! * An [`Rng`] is a seed and a place, not a stream that runs on: sample 123 456 of seed 42 is the same sample in every batch.
//!
//! | you want | module | files in `src/` |
//! |---|---|---|
//! | a way from data to noise | the root, [`AnyPath`] by name | `path/` |
//! | samples in few evaluations, or by the reverse SDE | [`step`], [`Sampler`] by name | `step/`, `sampler.rs` |
//! | samples that stay the same when the steps change | [`OnBrownianPath`] | `brownian.rs` |
//! | the ODE with error control, in both directions; exact likelihoods | [`flow`] | `flow/` |
//! | to train: targets, weights, times, bounds, averages (post-hoc EMA) | [`train`] | `train/`, `precond.rs` |
//! | score matching, Langevin dynamics | [`score`](mod@score) | `score/` |
//! | straighter flows: optimal transport, reflow | [`couple`], [`Coupling`] by name | `couple/`, `train/coupling.rs` |
//! | flows between two data sets, Schrödinger bridges | [`interpolant`] | `interpolant/` |
//! | one step instead of many: consistency, progressive, MeanFlow, shortcut | [`distil`] | `distil/` |
//! | guidance by conditions, by a worse model, by a classifier | [`guide`] | `guide/` |
//! | data given a measurement: inpainting, deblurring, tomography | [`inverse`] | `inverse/` |
//! | categories; several kinds of things at once | [`discrete`], [`Process`] | `discrete/`, `process.rs` |
//! | angles, directions, periodic boxes | [`manifold`] | `manifold/` |
//! | diffusion of an autoencoder's codes | [`Latent`] | `latent.rs` |
//! | derivatives of a model | [`Jvp`], [`Vjp`], [`Reverse`] | `differentiate.rs`, `autodiff.rs` |
//! | something exact to test against | [`exact`] | `exact/` |
//!
//! States beyond a vector space are a [`Batch`] (samples with inner products) and [`Rows`] (samples that can be regrouped and
//! read on the host); [`Samples`] and [`Each`] bring models of one vector there.
//!
//! Sampling a ring of eight Gaussians, whose denoiser is known exactly, with eighteen evaluations:
//!
//! ```
//! use diffusion::{Edm, Grid, Rng, Sampler, exact::Mixture};
//!
//! # fn main() -> Result<(), diffusion::Error> {
//! let path = Edm::default(); // sigma = t
//! let model = Mixture::ring(path, 8, 2.0, 0.3)?; // eight bumps of width 0.3 at radius 2
//! let grid = Grid::edm(&path, 18)?; // 80 -> 0.002 -> clean
//! let sampler: Sampler = "dpmpp2m".parse()?;
//!
//! for number in 0..20 {
//!     let mut rng = Rng::new(42).at(number); // sample `number` of seed 42
//!     let noise = grid.prior(&path, &vec![0.0, 0.0], &mut rng);
//!     let done = sampler.run(&model, &grid, noise, &mut rng, &mut |progress| {
//!         assert_eq!(progress.total, 18); // observers see the state and the estimate at every step
//!     });
//!     let radius = done.x[0].hypot(done.x[1]);
//!     assert!((0.5..3.5).contains(&radius)); // within five widths of the ring
//!     assert_eq!(done.evaluations, 18);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Which sampler? [`UniPc`] with [`Prediction::Edm`] or [`DpmSolverPp2M`] at 8 to 40 evaluations for a diffusion model,
//! [`Heun`] for a straight flow, [`Ddim`] with `eta = 1` or [`Churn`] when there are evaluations to spend and
//! the network is imperfect: fresh noise forgets early mistakes. `docs/samplers.md` has the measurements.

mod autodiff;
mod batch;
mod brownian;
mod centred;
mod cloud;
mod denoise;
mod differentiate;
mod error;
mod gaussian_diffusion;
mod grid;
pub mod latent;
mod path;
mod precond;
mod probe;
mod process;
mod rng;
mod rows;
mod sample;
mod sampler;
mod samples;
mod space;
mod vector;

pub mod couple;
pub mod discrete;
pub mod distil;
pub mod exact;
pub mod flow;
pub mod guide;
pub mod interpolant;
pub mod inverse;
pub mod manifold;
pub mod score;
pub mod step;
pub mod train;

pub use autodiff::Reverse;
pub use batch::Batch;
pub use brownian::{BrownianTree, OnBrownianPath, Stochastic};
pub use centred::Centred;
pub use cloud::Cloud;
pub use denoise::{Denoise, Preconditioned, score, velocity};
pub use differentiate::{Jvp, Pullback, Vjp};
pub use error::Error;
pub use gaussian_diffusion::GaussianDiffusion;
pub use grid::Grid;
pub use guide::{ClassifierGuided, Extrapolate, Interval, Rescale};
pub use latent::Latent;
pub use path::{
    AnyPath, Coef, Cosine, DdpmTable, Edm, Linear, NOISE_LEVEL_LIMIT, Path, Polynomial, SubVp, Trig, Ve, VpLinear,
};
pub use precond::{Precond, Target};
pub use probe::Probe;
pub use process::{Process, generate};
pub use rng::Rng;
pub use rows::Rows;
pub use sample::{Progress, Sampled, Step, sample};
pub use sampler::Sampler;
pub use samples::{Each, Samples};
pub use score::{AnnealedLangevin, Langevin};
pub use space::Space;
pub use step::{
    AdamsExp, Churn, Ddim, DdpmAncestral, DpmSolverPp2M, DpmSolverPp3M, Euler, EulerMaruyama, Heun, Prediction,
    PredictorCorrector, SdeDpmSolverPp2M, UniPc, Variance,
};
pub use train::{
    Coupling, Drawn, Ema, HostRegression, Objective, Regression, Times, Weight, normal_quantile, regression,
};
