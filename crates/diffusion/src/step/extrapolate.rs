//! The estimate in the middle of a step from the last two: what the multistep solvers of order 2 share.

use crate::Space;

/// `(1 + q) D - q D_previous` at `lambda` for a step of `h`, `D` alone if there is nothing to extrapolate from; remembers `D`.
pub(super) fn extrapolate<X: Space>(mem: &mut Option<(X, f64)>, estimate: X, lambda: f64, h: f64) -> X {
    let extrapolated = match mem.take() {
        Some((previous, before)) if h.is_finite() => {
            let q = 0.5 * h / (lambda - before);
            estimate.clone().axpby(1.0 + q, -q, &previous)
        }
        _ => estimate.clone(),
    };
    *mem = Some((estimate, lambda));
    extrapolated
}
