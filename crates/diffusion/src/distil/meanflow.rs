//! MeanFlow: the average velocity between two times, from data alone.
//!
//! 1. `u(x_t, t, s) = 1/(t - s) int_s^t v(x_r, r) dr`, so that `x_s = x_t - (t - s) u` in one step
//! 2. identity: `u = v - (t - s) du/dt`, `du/dt = (du/dx) v + du/dt|_x` along the flow
//! 3. target: (2) with the conditional velocity `dalpha data + dsigma noise` for `v` and the student's own derivative
//!
//! The derivative is one Jacobian-vector product with tangents `(v, 1, 0)` for `(x, t, s)`.
//! Geng, Deng, Bai, Kolter & He, arXiv:2505.13447, eq. 6, algorithms 1 and 2.

use super::lesson::{Lesson, check_spans};
use crate::{Batch, Error, Rng, Space};

/// The student's average velocity and its change, `(u, du)`, at `(x, t, s)` along the tangent `(v, 1, 0)`.
pub type JumpTangent<'a, X> = dyn Fn(&X, &[f64], &[f64], &X) -> (X, X) + 'a;

/// The weight `1/(|u - target|^2 + offset)^power` of a sample, a constant in the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptive {
    /// 0 for the squared loss, 1 in the paper, 1/2 for the pseudo-Huber loss.
    pub power: f64,
    /// Keeps the weight finite, 1e-3.
    pub offset: f64,
}

/// The paper's constants.
impl Default for Adaptive {
    fn default() -> Self {
        Adaptive { power: 1.0, offset: 1e-3 }
    }
}

/// The lesson of noisy states `x` and their velocities `v`, conditional (training) or marginal (distillation of a flow):
/// the student returns the average velocity from `t` to `s`. Where `s = t` this is flow matching.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s <= t`.
pub fn mean_flow<X: Batch>(
    student: &JumpTangent<X>,
    x: X,
    v: &X,
    t: &[f64],
    s: &[f64],
    adaptive: Adaptive,
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, s, false)?;
    let (u, change) = student(&x, t, s, v);
    let minus: Vec<f64> = t.iter().zip(s).map(|(t, s)| s - t).collect();
    let target = v.clone().axpby_rows(&vec![1.0; t.len()], &minus, &change);
    let error = u.axpby(1.0, -1.0, &target);
    let weight = error.dot(&error).iter().map(|e| (e + adaptive.offset).powf(-adaptive.power)).collect();
    Ok(Lesson { input: x, t: t.to_vec(), s: s.to_vec(), target, weight })
}

/// Times `(t, s)` for the samples `rng.first ..`: two uniform draws in order, or `s = t` for a share `equal` (0.75 in the
/// paper) of them. Uses up one draw.
pub fn mean_flow_times(rng: &mut Rng, n: usize, equal: f64) -> (Vec<f64>, Vec<f64>) {
    let one = |u: &[f64]| {
        let (t, s) = (u[0].max(u[1]), u[0].min(u[1]));
        (t, if u[2] < equal { t } else { s })
    };
    rng.uniform(n, 3).chunks(3).map(one).unzip()
}

/// Sampling by average velocities: `x <- x - (t - s) u(x, t, s)` for each neighbouring pair of decreasing `times`.
pub fn average_velocity_steps<X: Space>(u: &dyn Fn(&X, f64, f64) -> X, times: &[f64], x: X) -> X {
    times.windows(2).fold(x, |x, w| {
        let average = u(&x, w[0], w[1]);
        x.axpby(1.0, w[1] - w[0], &average)
    })
}
