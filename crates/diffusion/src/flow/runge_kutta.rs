//! Explicit Runge-Kutta methods on the probability-flow ODE: a method is a tableau.
//!
//! 1. `k_i = velocity(x + h sum_{j<i} a_ij k_j, t + c_i h)`
//! 2. `x_s = x + h sum_i b_i k_i`, `h = s - t` of either sign
//!
//! Hairer, Norsett & Wanner, Solving ordinary differential equations I, section II.1.

use crate::{Denoise, Rng, Space, Step, velocity};

/// An explicit Runge-Kutta method. The named methods are constants of this type, e.g. [`RungeKutta::RK4`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RungeKutta {
    /// Order of convergence.
    pub order: u32,
    /// `c_i`, the times of the stages as fractions of the step; the first is 0.
    pub nodes: &'static [f64],
    /// `a_ij`, row `i` of length `i`.
    pub stages: &'static [&'static [f64]],
    /// `b_i`.
    pub weights: &'static [f64],
}

impl RungeKutta {
    /// Evaluations per step.
    pub fn evaluations(&self) -> usize {
        self.weights.len()
    }

    /// One step of `dx/dt = rate(x, t)` from `t` to `s`, forward or backward in time.
    pub fn advance<X: Space>(&self, rate: &mut dyn FnMut(&X, f64) -> X, x: X, t: f64, s: f64) -> X {
        let h = s - t;
        let mut slopes: Vec<X> = Vec::with_capacity(self.weights.len());
        for (node, row) in self.nodes.iter().zip(self.stages) {
            let at = match combine(row, &slopes) {
                Some(slope) => x.clone().axpby(1.0, h, &slope),
                None => x.clone(),
            };
            // The end of the step is s itself, whatever rounding makes of t + h: paths are clamped at their ends.
            let time = if *node == 1.0 { s } else { t + node * h };
            slopes.push(rate(&at, time));
        }
        match combine(self.weights, &slopes) {
            Some(slope) => x.axpby(1.0, h, &slope),
            None => x,
        }
    }
}

/// `sum_j factors[j] slopes[j]`, leaving out zero factors; none if nothing is left.
pub(super) fn combine<X: Space>(factors: &[f64], slopes: &[X]) -> Option<X> {
    let mut terms = factors.iter().zip(slopes).filter(|(a, _)| **a != 0.0);
    let (a, slope) = terms.next()?;
    let first = slope.clone().scale(*a);
    Some(terms.fold(first, |sum, (a, slope)| sum.axpby(1.0, *a, slope)))
}

impl<X: Space> Step<X> for RungeKutta {
    type Memory = ();

    fn order(&self) -> u32 {
        self.order
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), _: &mut Rng) -> X {
        self.advance(&mut |x, t| velocity(m, x, t), x, t, s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tableaux_satisfy_the_conditions_of_their_order() {
        // Hairer, Norsett & Wanner, section II.2: quadrature conditions sum b c^(q-1) = 1/q up to the order, row sums c,
        // and sum b a c = 1/6 from order 3 on.
        let all = [RungeKutta::MIDPOINT, RungeKutta::HEUN, RungeKutta::KUTTA3, RungeKutta::RK4, RungeKutta::DOPRI5];
        for method in all {
            let (b, c) = (method.weights, method.nodes);
            assert_eq!((b.len(), c.len()), (method.stages.len(), method.stages.len()));
            for (i, row) in method.stages.iter().enumerate() {
                assert_eq!(row.len(), i);
                assert!((row.iter().sum::<f64>() - c[i]).abs() < 1e-14);
            }
            for q in 1..=method.order as i32 {
                let moment: f64 = b.iter().zip(c).map(|(b, c)| b * c.powi(q - 1)).sum();
                assert!((moment - 1.0 / f64::from(q)).abs() < 1e-14, "{method:?}: condition {q}");
            }
            if method.order >= 3 {
                let inner = |row: &[f64]| row.iter().zip(c).map(|(a, c)| a * c).sum::<f64>();
                let tree: f64 = b.iter().zip(method.stages).map(|(b, row)| b * inner(row)).sum();
                assert!((tree - 1.0 / 6.0).abs() < 1e-14);
            }
        }
    }
}
