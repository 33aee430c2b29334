//! Couplings of data and source: joint laws whose marginals are the data and the noise (or any other source).
//!
//! Flow matching is right for every coupling; a good one makes the flow straight, so that few steps suffice. With a batch of
//! `n` data and `n` sources and `c_ij = |data_i - source_j|^2`:
//!
//! 1. [`assignment`]: the permutation of least total cost, exact minibatch optimal transport (arXiv:2302.00482, 2304.14772)
//! 2. [`Sinkhorn`]: the doubly stochastic [`Plan`] of least cost minus entropy, drawn as a permutation
//! 3. [`Condition`]: either of them under conditions, without leaking the condition into the noise (arXiv:2503.10636)
//! 4. [`reflow`]: noise with what a trained flow makes of it (arXiv:2209.03003)
//!
//! Always a permutation: every data point and every draw of noise is used exactly once. [`Coupling`](crate::Coupling) names
//! them for training.

mod assignment;
mod conditional;
mod distances;
mod plan;
mod reflow;
mod sinkhorn;

pub(crate) use assignment::least;
pub use assignment::{Assignment, assignment};
pub use conditional::Condition;
pub use distances::squared_distances;
pub use plan::Plan;
pub use reflow::reflow;
pub use sinkhorn::Sinkhorn;
