//! Inverse problems: samples of data given a linear measurement `y = A data + sigma_y n`, with a diffusion model as the prior.
//!
//! | method | is | needs | posterior it samples |
//! |---|---|---|---|
//! | [`Mmps`] | [`Denoise`](crate::Denoise) | pullback | exact for normal data |
//! | [`PiGdm`] | [`Denoise`](crate::Denoise) | pullback | exact for `N(mu, spread² I)` |
//! | [`Dps`] | [`Step`](crate::Step) | pullback | biased |
//! | [`Ddrm`] | [`Step`](crate::Step) | singular vectors | biased; exact where measured without noise |
//! | [`Ddnm`], [`RePaint`] | [`Denoise`](crate::Denoise), [`Step`](crate::Step) | pseudo-inverse | biased; exact where measured without noise |
//! | [`PosteriorLangevin`] | [`Step`](crate::Step) | adjoint | exact in the limit of long chains |
//!
//! An [`Operator`] is `A`: [`Matrix`], [`Mask`], [`Blur`], [`Fourier`], [`Radon`] or your own.

mod blur;
mod cg;
mod ddnm;
mod ddrm;
mod dps;
mod fft;
mod fourier;
mod guided;
mod langevin;
mod mask;
mod matrix;
mod mmps;
mod operator;
mod pigdm;
mod radon;
mod repaint;
mod svd;

pub use blur::Blur;
pub use ddnm::Ddnm;
pub use ddrm::Ddrm;
pub use dps::Dps;
pub use fourier::Fourier;
pub use langevin::PosteriorLangevin;
pub use mask::Mask;
pub use matrix::Matrix;
pub use mmps::Mmps;
pub use operator::{Measurement, Operator, Spectral};
pub use pigdm::{PiGdm, PiGdmStep};
pub use radon::Radon;
pub use repaint::RePaint;
pub use svd::Svd;

pub(crate) use guided::askable;
