//! A model that is told where each of its steps ends, on the grid that it is sampled along.
//!
//! An average velocity `u(x, t, s)` is the estimate `D(x, t, s)` whose DDIM step from `t` to `s` is exact. On a grid `s` is the next
//! time, so that `D` answers the one question of [`Denoise`] and [`Ddim`](crate::Ddim) samples it.
//! Frans, Hafner, Levine & Abbeel, arXiv:2410.12557; Geng et al., arXiv:2505.13447.

use crate::{Denoise, Grid, Path};

/// `D(x, t, s)` read as a [`Denoise`] at the times `t` of a grid, `s` the next one or, for the last, the path's data end.
pub struct AlongGrid<'a, P, F> {
    /// The path that the times refer to.
    pub path: P,
    /// The times of the sampler.
    pub grid: &'a Grid,
    /// The estimate `D(x, t, s)` for the step from `t` to `s`.
    pub jump: F,
}

impl<X, P: Path, F: Fn(&X, f64, f64) -> X> Denoise<X> for AlongGrid<'_, P, F> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        (self.jump)(x, t, self.grid.after(t).unwrap_or(self.path.span().0))
    }
}
