//! The universal tier: noising and its reverse for any kind of state, categories and products included.
//!
//! A process knows its noise, how to corrupt data, and the bridge `q(x_s | x_t, data)` from a noisy state towards an
//! estimate of the data. That one primitive is DDPM's and DDIM's step, D3PM's and masked diffusion's: predict the clean thing,
//! then step towards it. A tuple of processes is a process whose parts share the time, e.g. the types and the coordinates of
//! a molecule; each part's estimate may depend on the whole state, which is where the model ties them together.

use crate::{Grid, Rng};

/// A way to destroy data gradually that can be undone step by step, given an estimate of the data.
///
/// # Panics
/// As operations on tensors do, the methods may panic for states, estimates and times of shapes that do not belong together.
pub trait Process {
    /// A batch of states.
    type State: Clone;
    /// What a model says of the clean state: its mean, or the probabilities of its classes.
    type Estimate;

    /// States at time `t` when nothing of the data is left, shaped like `like`.
    fn prior(&self, like: &Self::State, t: f64, rng: &mut Rng) -> Self::State;

    /// `x_t ~ q(x_t | data)`, each sample at its own time.
    fn corrupt(&self, data: &Self::State, t: &[f64], rng: &mut Rng) -> Self::State;

    /// `x_s ~ q(x_s | x_t, estimate)`, `s < t`.
    fn bridge(&self, x: Self::State, estimate: &Self::Estimate, t: f64, s: f64, rng: &mut Rng) -> Self::State;

    /// The clean state from `x_t`: the estimate's mean, or a draw from its probabilities.
    fn finish(&self, x: Self::State, estimate: &Self::Estimate, t: f64, rng: &mut Rng) -> Self::State;
}

/// Runs a process backwards along `grid` from `x`, see [`Process::prior`]; `model` gives the estimate at `(x_t, t)`.
pub fn generate<P: Process>(
    process: &P,
    model: &mut dyn FnMut(&P::State, f64) -> P::Estimate,
    grid: &Grid,
    x: P::State,
    rng: &mut Rng,
) -> P::State {
    let mut x = x;
    for (index, &t) in grid.times().iter().take(grid.steps()).enumerate() {
        let estimate = model(&x, t);
        x = match grid.times().get(index + 1) {
            Some(&s) => process.bridge(x, &estimate, t, s, rng),
            None => process.finish(x, &estimate, t, rng),
        };
    }
    x
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        /// Parts that share the time; the first part draws first.
        impl<$($part: Process),+> Process for ($($part,)+) {
            type State = ($($part::State,)+);
            type Estimate = ($($part::Estimate,)+);

            fn prior(&self, like: &Self::State, t: f64, rng: &mut Rng) -> Self::State {
                ($(self.$index.prior(&like.$index, t, rng),)+)
            }

            fn corrupt(&self, data: &Self::State, t: &[f64], rng: &mut Rng) -> Self::State {
                ($(self.$index.corrupt(&data.$index, t, rng),)+)
            }

            fn bridge(&self, x: Self::State, estimate: &Self::Estimate, t: f64, s: f64, rng: &mut Rng) -> Self::State {
                ($(self.$index.bridge(x.$index, &estimate.$index, t, s, rng),)+)
            }

            fn finish(&self, x: Self::State, estimate: &Self::Estimate, t: f64, rng: &mut Rng) -> Self::State {
                ($(self.$index.finish(x.$index, &estimate.$index, t, rng),)+)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
