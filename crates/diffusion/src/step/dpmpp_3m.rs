//! DPM-Solver++(3M): third order by the last three estimates.
//!
//! With `h = lambda_s - lambda_t`, `r_0`, `r_1` the previous two steps over `h`, and `D_0`, `D_1`, `D_2` newest first:
//!
//! 1. `a = (D_0 - D_1)/r_0`, `b = (D_1 - D_2)/r_1`, `D'' = (a - b)/(r_0 + r_1)`, `D' = a + r_0 D''`
//! 2. `phi_1 = e^-h - 1`, `phi_2 = phi_1/h + 1`, `phi_3 = phi_2/h - 1/2`
//! 3. `x_s = (sigma_s/sigma_t) x_t - alpha_s phi_1 D_0 + alpha_s phi_2 D' - 2 alpha_s phi_3 D''`
//!
//! After Lu et al., arXiv:2211.01095, and the multistep update of its published code, which lacks the 2 of (3): `D''` is the
//! coefficient of the square, not the second derivative, and without the 2 the method is of order 2. The first step is taken
//! again once the second estimate is known, lest Euler's start bound the order. That makes it exponential Adams of order 3.

use crate::{Coef, Denoise, Rng, Space, Step};

/// The multistep solver of order 3, one evaluation per step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DpmSolverPp3M;

impl<X: Space> Step<X> for DpmSolverPp3M {
    /// Previous estimates with their lambda, newest first, and the state that the first step began with.
    type Memory = (Vec<(X, f64)>, Option<(X, Coef)>);

    fn order(&self) -> u32 {
        3
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, _: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let (past, origin) = mem;
        let newest = m.denoise(&x, t);
        past.retain(|(_, lambda)| *lambda < from.lambda());
        let x = match (origin.take(), past.first()) {
            (Some((start, at)), Some((first, _))) => {
                let h = from.lambda() - at.lambda();
                let slope = newest.clone().axpby(1.0, -1.0, first);
                update(start, at, from, first).axpby(1.0, from.alpha * phi(h).1, &slope)
            }
            _ => x,
        };
        let h = to.lambda() - from.lambda();
        let next = update(x.clone(), from, to, &newest);
        let next = match past.as_slice() {
            _ if h <= 0.0 || h.is_infinite() => next,
            [] => next,
            [(last, lambda), rest @ ..] => {
                let (_, phi_2, phi_3) = phi(h);
                let r_0 = (from.lambda() - lambda) / h;
                let a = newest.clone().axpby(1.0 / r_0, -1.0 / r_0, last);
                if let Some((before, earlier)) = rest.first() {
                    let r_1 = (lambda - earlier) / h;
                    let b = last.clone().axpby(1.0 / r_1, -1.0 / r_1, before);
                    let curve = a.clone().axpby(1.0 / (r_0 + r_1), -1.0 / (r_0 + r_1), &b);
                    let slope = a.axpby(1.0, r_0, &curve);
                    next.axpby(1.0, to.alpha * phi_2, &slope).axpby(1.0, -2.0 * to.alpha * phi_3, &curve)
                } else {
                    next.axpby(1.0, to.alpha * phi_2, &a)
                }
            }
        };
        if from.lambda().is_finite() {
            if past.is_empty() {
                *origin = Some((x, from));
            }
            past.insert(0, (newest, from.lambda()));
            past.truncate(2);
        }
        next
    }
}

/// DDIM's step with a given estimate.
fn update<X: Space>(x: X, from: Coef, to: Coef, estimate: &X) -> X {
    let h = to.lambda() - from.lambda();
    x.axpby(to.sigma / from.sigma, -to.alpha * (-h).exp_m1(), estimate)
}

/// `phi_1, phi_2, phi_3` of the file's head.
fn phi(h: f64) -> (f64, f64, f64) {
    let first = (-h).exp_m1();
    let second = first / h + 1.0;
    (first, second, second / h - 0.5)
}
