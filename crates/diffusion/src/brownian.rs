//! Brownian paths that do not depend on the steps: the virtual Brownian tree.
//!
//! 1. A bridge `B` on [0, 1] is known at any place by halving: `B(middle) = (B(a) + B(b))/2 + sqrt(b - a)/2 z`, with
//!    `z` keyed by (seed, sample, node of the tree); `depth` halvings, then a straight line.
//! 2. `W(u) = (1 + u) B(u/(1 + u))` is a Brownian motion on all of `u >= 0`.
//!
//! Twenty and forty steps that take their noise from one `W` follow one path of the SDE, so that the number of steps
//! can be changed without changing the sample. Li, Wong, Chen & Duvenaud, arXiv:2001.01328, section 4 and algorithm 3.

use crate::{Denoise, Path, Rng, Space, Step};

/// A Brownian motion in as many dimensions as a state has; its samples are keyed by the seed, stream and sample of an [`Rng`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrownianTree {
    /// Halvings, 1 to 48 (values outside are clamped): times are resolved to `2^-depth (1 + u)²`.
    pub depth: u32,
}

/// 32 halvings.
impl Default for BrownianTree {
    fn default() -> Self {
        BrownianTree { depth: 32 }
    }
}

/// Keeps the tree's numbers apart from the sampler's own draws of the same seed.
const STREAM: u64 = 0x4272_6f77_6e69_616e;
/// Draws reserved to a node: a nested pair takes one per part.
const DRAWS: u64 = 256;

impl BrownianTree {
    /// `W(u)` at `u >= 0`, in the space of `like`: `W(0) = 0`, variance `u`, independent increments. Uses up no draw.
    pub fn at<X: Space>(&self, u: f64, like: &X, rng: &Rng) -> X {
        let u = u.max(0.0);
        let place = u / (1.0 + u);
        let mut keyed = rng.clone().stream(rng.stream ^ STREAM);
        let zero = like.clone().scale(0.0);
        let (mut left, mut right) = ((0.0, zero.clone()), (1.0, zero));
        let mut node = 1u64;
        for _ in 0..self.depth.clamp(1, 48) {
            keyed.draw = node * DRAWS;
            let spread = 0.5 * f64::sqrt(right.0 - left.0);
            let height = left.1.clone().axpby(0.5, 0.5, &right.1).axpby(1.0, spread, &like.randn_like(&mut keyed));
            let middle = (0.5 * (left.0 + right.0), height);
            node = 2 * node + u64::from(place >= middle.0);
            if place < middle.0 { right = middle } else { left = middle }
        }
        let share = (place - left.0) / (right.0 - left.0);
        left.1.axpby((1.0 + u) * (1.0 - share), (1.0 + u) * share, &right.1)
    }
}

/// A step whose noise is an increment of a Brownian motion, in a time of its own.
pub trait Stochastic<X: Space>: Step<X> {
    /// The Brownian time at `t`, finite and not negative: monotone in `t`, either way.
    fn clock(&self, path: &dyn Path, t: f64) -> f64;

    /// [`Step::step`], its standard normal noise made by `noise` from a state of the right shape.
    fn step_with(
        &self,
        m: &dyn Denoise<X>,
        x: X,
        t: f64,
        s: f64,
        mem: &mut Self::Memory,
        noise: &mut dyn FnMut(&X) -> X,
    ) -> X;
}

/// A stochastic step that takes its noise from a [`BrownianTree`] instead of drawing it anew.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OnBrownianPath<S> {
    /// The method.
    pub method: S,
    /// The path.
    pub tree: BrownianTree,
}

impl<X: Space, S: Stochastic<X>> Step<X> for OnBrownianPath<S> {
    /// The method's memory, and `W` where the last step ended.
    type Memory = (S::Memory, Option<(f64, X)>);

    fn order(&self) -> u32 {
        self.method.order()
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, rng: &mut Rng) -> X {
        let (from, to) = (self.method.clock(m.path(), t), self.method.clock(m.path(), s));
        let (inner, last) = mem;
        let before = match last.take() {
            Some((clock, value)) if clock == from => value,
            _ => self.tree.at(from, &x, rng),
        };
        let after = self.tree.at(to, &x, rng);
        let mut noise = |_: &X| {
            let scale = (to - from).abs().sqrt().recip();
            after.clone().axpby(scale, -scale, &before)
        };
        let next = self.method.step_with(m, x, t, s, inner, &mut noise);
        *last = Some((to, after));
        next
    }
}
