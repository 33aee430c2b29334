//! The laboratory: methods side by side on distributions in the plane, where everything can be seen.

mod average;
mod compare;
mod consistency;
mod data_flow;
mod denoiser;
mod discrete;
mod fit;
mod interpolant;
mod method;
mod page;
mod pairs;
mod progressive;
mod recipe;
mod scene;
mod score;
mod special;
mod standard;
mod student;
mod target;
mod torus;
mod transport;
mod walk;

pub use compare::{Comparison, Entry, Mean, Measured};
pub use data_flow::DataFlow;
pub use method::Trained;
pub use page::{gallery, html};
pub use pairs::{ConditionKind, PairsSection};
pub use recipe::{CouplingKind, FitSection, Kind, LabRecipe, NetSection};
pub use scene::{Arrow, Scene, Shade};
pub use target::{Point, Target};
pub use transport::wasserstein2;
