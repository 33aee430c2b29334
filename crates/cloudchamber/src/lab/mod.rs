//! The laboratory: methods side by side on distributions in the plane, where everything can be seen.

mod average;
mod compare;
mod condition;
mod conditional;
mod consistency;
mod curves;
mod denoiser;
mod fit;
mod goal;
mod guided;
mod judge;
mod likelihood;
mod method;
mod page;
mod points;
mod posterior;
mod progressive;
mod recipe;
mod scene;
mod score;
mod standard;
mod student;
mod target;
mod transport;
mod walk;

pub use compare::{Comparison, Entry, Mean, Measured};
pub use condition::{GuidanceSection, MeasurementSection, PosteriorKind};
pub use goal::Goal;
pub use method::Trained;
pub use page::{gallery, html};
pub use points::Points;
pub use recipe::{CouplingKind, FitSection, Kind, LabRecipe, NetSection};
pub use scene::{Arrow, Scene, Shade};
pub use target::{Point, Target};
pub use transport::wasserstein2;
