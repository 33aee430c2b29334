//! The sampling loop. It owns what every sampler would otherwise repeat: the memory of multistep methods, the step to
//! clean data, the count of model evaluations and the observers.

use std::cell::{Cell, RefCell};

use crate::{Denoise, Grid, Path, Rng, Space};

/// An immutable method for one step `t -> s`, `s < t`, `sigma(s) > 0`; whatever evolves lives in its `Memory`.
pub trait Step<X: Space> {
    /// What the method remembers between steps.
    type Memory: Default;

    /// Claimed order of convergence of the deterministic method in the step size.
    fn order(&self) -> u32;

    /// From `x` at time `t` to the returned state at time `s`.
    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, rng: &mut Rng) -> X;
}

/// What an observer is told, once per step.
pub struct Progress<'a, X> {
    /// Number of this step, from 0.
    pub index: usize,
    /// Number of steps in all.
    pub total: usize,
    /// Time the step starts from.
    pub t: f64,
    /// The state at `t`.
    pub x: &'a X,
    /// The first estimate of the data that the step asked for: `D(x, t)`, unless the method raises the noise first
    /// ([`Churn`](crate::Churn)).
    pub denoised: &'a X,
    /// Model evaluations so far.
    pub evaluations: usize,
}

/// A finished sample.
#[derive(Clone, Debug)]
pub struct Sampled<X> {
    /// The state at the end of the grid.
    pub x: X,
    /// How often the model was evaluated.
    pub evaluations: usize,
}

/// Runs `method` along `grid` from `x`, noise at the grid's first time (see [`Grid::prior`]).
///
/// `rng` feeds stochastic methods only. `observe` is called once per step, in order.
pub fn sample<X: Space, S: Step<X>>(
    m: &dyn Denoise<X>,
    method: &S,
    grid: &Grid,
    x: X,
    rng: &mut Rng,
    observe: &mut dyn FnMut(&Progress<X>),
) -> Sampled<X> {
    let watched = Watched { model: m, evaluations: Cell::new(0), first: RefCell::new(None) };
    let mut memory = S::Memory::default();
    let mut x = x;
    let total = grid.steps();
    for (index, &t) in grid.times().iter().take(total).enumerate() {
        let next = match grid.times().get(index + 1) {
            Some(&s) => method.step(&watched, x.clone(), t, s, &mut memory, rng),
            None => watched.denoise(&x, t),
        };
        let denoised = watched.first.take().unwrap_or_else(|| next.clone());
        let evaluations = watched.evaluations.get();
        observe(&Progress { index, total, t, x: &x, denoised: &denoised, evaluations });
        x = next;
    }
    Sampled { x, evaluations: watched.evaluations.get() }
}

/// Counts evaluations and keeps the first estimate of each step, so that observers cost nothing extra.
struct Watched<'a, X> {
    model: &'a dyn Denoise<X>,
    evaluations: Cell<usize>,
    first: RefCell<Option<X>>,
}

impl<X: Clone> Denoise<X> for Watched<'_, X> {
    fn path(&self) -> &dyn Path {
        self.model.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        self.evaluations.set(self.evaluations.get() + 1);
        let estimate = self.model.denoise(x, t);
        self.first.borrow_mut().get_or_insert_with(|| estimate.clone());
        estimate
    }
}
