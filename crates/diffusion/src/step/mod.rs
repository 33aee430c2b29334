//! Samplers: one method per file, each a [`Step`](crate::Step) that claims its order.

mod ddim;
mod ddpm;
mod dpmpp_2m;
mod euler;
mod heun;
mod learned_range;
mod posterior;
mod strided;

pub use ddim::Ddim;
pub use ddpm::{DdpmAncestral, Variance};
pub use dpmpp_2m::DpmSolverPp2M;
pub use euler::Euler;
pub use heun::Heun;
pub use learned_range::LearnedRange;
pub use posterior::Posterior;
