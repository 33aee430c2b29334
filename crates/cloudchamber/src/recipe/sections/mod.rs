//! The sections of a recipe as plain structs: one field per key, its default in `Default`, its meaning in its comment.

mod data;
mod distil;
mod network;
mod objective;
mod path;
mod sample;
mod train;

pub use data::{DataSection, Domain};
pub use distil::{DistilMethod, DistilSection};
pub use network::{JetNetworkSection, NetworkKind, NetworkSection};
pub use objective::{ObjectiveSection, TargetKind, TimesKind, WeightKind};
pub use path::PathSection;
pub use sample::{GridKind, SampleSection};
pub use train::TrainSection;
