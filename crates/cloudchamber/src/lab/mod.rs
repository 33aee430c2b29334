//! The laboratory: methods side by side on distributions in the plane, where everything can be seen.

mod average;
mod compare;
mod consistency;
mod denoiser;
mod fit;
mod method;
mod page;
mod progressive;
mod recipe;
mod scene;
mod score;
mod standard;
mod student;
mod target;
mod transport;

pub use compare::{Comparison, Entry, Mean, Measured};
pub use method::Trained;
pub use page::{gallery, html};
pub use recipe::{CouplingKind, FitSection, Kind, LabRecipe, NetSection};
pub use scene::{Arrow, Scene, Shade};
pub use target::{Point, Target};
pub use transport::wasserstein2;
