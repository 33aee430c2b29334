//! Two-sample tests: how far is a generated sample from a real one, and how far are two real samples from each other?
//!
//! | question | function | reference |
//! |---|---|---|
//! | is one feature right? | [`wasserstein_1d`], [`bootstrap_wasserstein`] | exact, any sizes |
//! | are the means and correlations right? | [`fpd`], [`frechet`] | arXiv:2211.10295 |
//! | are higher moments right? | [`kpd`] | arXiv:2211.10295 |
//! | is each generated cloud near a real one, and all kinds present? | [`coverage_mmd`], [`coverage_emd`] | arXiv:1707.02392 |
//! | how much work turns one cloud into another? | [`Emd`], [`Transport`] | arXiv:1902.02346 |
//! | can a classifier tell them apart? | [`c2st`], [`auc`] | arXiv:1610.06545 |
//! | does its score mean what it says? | [`Platt`], [`calibration_error`] | |
//! | where in the space of features are these events? | [`kmeans`] | |
//! | how small can the number get? | [`halves`], [`with_floor`] | |
//!
//! Every result carries its statistical error. Randomness is a function of the seed alone: the number of threads never changes
//! a digit.
//!
//! ```
//! use metrics::{Fpd, Matrix, fpd, wasserstein_1d};
//!
//! // Every value moved by 1/2: that far must the mass travel.
//! assert_eq!(wasserstein_1d(&mut [0.0, 1.0, 2.0], &mut [0.5, 1.5, 2.5])?, 0.5);
//!
//! let twos = Matrix::new(100, 2, vec![2.0; 200])?;
//! let zeros = Matrix::new(100, 2, vec![0.0; 200])?;
//! let distance = fpd(&twos, &zeros, &Fpd::for_rows(100))?; // features divided by max|real|, so |(1, 1)|^2
//! assert!((distance.value - 2.0).abs() < 1e-12);
//! # Ok::<(), metrics::Error>(())
//! ```

mod auc;
mod boosting;
mod bootstrap;
mod c2st;
mod calibration;
mod coverage;
mod emd;
mod error;
mod estimate;
mod floor;
mod fpd;
mod frechet;
mod kmeans;
mod kpd;
mod matrix;
mod normal;
mod random;
mod transport;
mod wasserstein;

pub use auc::{Auc, auc};
pub use boosting::{Boosting, Classifier};
pub use bootstrap::Bootstrap;
pub use c2st::{C2st, C2stReport, Score, c2st, importance_weight};
pub use calibration::{CalibrationError, Platt, calibration_error};
pub use coverage::{Coverage, coverage_emd, coverage_mmd};
pub use emd::Emd;
pub use error::{Error, Result};
pub use estimate::{Estimate, quantile};
pub use floor::{Floored, halves, with_floor};
pub use fpd::{Fpd, fpd};
pub use frechet::{Moments, frechet};
pub use kmeans::{Clusters, kmeans};
pub use kpd::{Kpd, kpd};
pub use matrix::Matrix;
pub use normal::normal_cdf;
pub use transport::Transport;
pub use wasserstein::{Pool, bootstrap_wasserstein, wasserstein_1d};
