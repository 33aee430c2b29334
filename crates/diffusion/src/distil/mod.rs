//! Distillation: students that take in one step what their teacher takes in many.
//!
//! A method is one function from (student or its average, teacher, batch) to a [`Lesson`], a regression problem: at
//! `(input, t, s)` return `target`. Nothing of it depends on a network, so the same function runs on exact models.
//!
//! | method | the student is asked for | its truth |
//! |---|---|---|
//! | [`progressive`], [`progressive_jump`] | an estimate of the data whose one DDIM step is the teacher's several | the teacher's steps |
//! | [`multistep_consistency_distillation`] | the same, learned from its own step a little later | the flow map to the segment's end |
//! | [`consistency_training`], [`consistency_distillation`] | the end of the flow, `f(x, t)` | the flow map to the data |
//! | [`mean_flow`], [`shortcut`] | the average velocity `u(x, t, s)` | `(x - flow(x, t -> s))/(t - s)` |
//! | [`shortcut_jump`] | the same as an estimate `D(x, t, s)`, sampled [`AlongGrid`] | the flow map from `t` to `s` |
//!
//! Times run from noise to data, `s <= t`; targets carry no gradient, so ask students and teachers without one.

mod along_grid;
mod consistency;
mod curriculum;
mod lesson;
mod meanflow;
mod multistep;
mod progressive;
mod shortcut;

pub use along_grid::AlongGrid;
pub use consistency::{Boundary, consistency_distillation, consistency_training, multistep_consistency};
pub use curriculum::{level_shares, levels};
pub use lesson::{EstimateRows, JumpRows, Lesson, Metric, ddim_rows, heun_rows, landing, per_row, step_length};
pub use meanflow::{Adaptive, JumpTangent, average_velocity_steps, mean_flow, mean_flow_times};
pub use multistep::multistep_consistency_distillation;
pub use progressive::{progressive, progressive_jump};
pub use shortcut::{shortcut, shortcut_jump, shortcut_times};
