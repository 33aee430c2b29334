//! Samplers: one method per file, each a [`Step`](crate::Step) that claims its order.

mod adams_exp;
mod churn;
mod ddim;
mod ddpm;
mod dpmpp_2m;
mod dpmpp_2m_sde;
mod dpmpp_3m;
mod euler;
mod euler_maruyama;
mod extrapolate;
mod heun;
mod learned_range;
mod multistep;
mod posterior;
mod predictor_corrector;
mod strided;
mod unipc;

pub use adams_exp::AdamsExp;
pub use churn::Churn;
pub(crate) use churn::gamma;
pub use ddim::Ddim;
pub use ddpm::{DdpmAncestral, Variance};
pub use dpmpp_2m::DpmSolverPp2M;
pub use dpmpp_2m_sde::SdeDpmSolverPp2M;
pub use dpmpp_3m::DpmSolverPp3M;
pub use euler::Euler;
pub use euler_maruyama::EulerMaruyama;
pub use heun::Heun;
pub use learned_range::LearnedRange;
pub use multistep::{History, Prediction};
pub use posterior::Posterior;
pub use predictor_corrector::{PredictorCorrector, correct};
pub use unipc::UniPc;
