//! Exact likelihoods by the instantaneous change of variables along the probability flow:
//!
//! 1. `d ln p_t(x_t)/dt = -div velocity(x_t, t)`
//! 2. `ln p_start(data) = ln p_end(x_end) + int_start^end div velocity dt`
//!
//! The density at the end of the path is taken to be `N(0, sigma^2)`, where sampling begins; the density returned is that of
//! the data with the start's noise, which tends to the data's as `sigma(start)` shrinks.
//! Song et al., arXiv:2011.13456, eq. 39; Chen et al., arXiv:1806.07366, theorem 1.

use super::dormand_prince::noisy;
use super::per_row::velocity_factors;
use super::{DormandPrince, RungeKutta, Trace};
use crate::{Error, Grid, Path, Rows, Samples};

/// How the probability flow is integrated.
#[derive(Clone, Debug, PartialEq)]
pub enum OdeSolver {
    /// The same steps for every sample.
    Fixed {
        /// The method.
        method: RungeKutta,
        /// Its times, from noise to data; the last one is where the data is. The step to `sigma = 0` is not made.
        grid: Grid,
    },
    /// Steps chosen for each sample.
    Adaptive {
        /// The method.
        method: DormandPrince,
        /// Time of the data, `sigma > 0`.
        start: f64,
        /// Time of the noise.
        end: f64,
    },
}

/// A batch at one end of the flow and the density of its data.
#[derive(Clone, Debug)]
pub struct Likelihood<X> {
    /// The states at the end arrived at: noise from [`log_density`], data from [`sample_with_density`].
    pub x: X,
    /// `ln p(data)` of each sample, in nats.
    pub log_density: Vec<f64>,
    /// How many numbers each sample has.
    pub numbers: Vec<usize>,
    /// Model evaluations (each with its trace) of each sample.
    pub evaluations: Vec<usize>,
}

impl<X> Likelihood<X> {
    /// `-log2 (p(data) bin^n)/n` of each sample, bits per dimension. For a density `bin = 1`; for data quantised to bins and
    /// dequantised uniformly it is the bins' width, e.g. 2/256 for bytes mapped to [-1, 1].
    pub fn bits_per_dim(&self, bin: f64) -> Vec<f64> {
        let bits = |(l, n): (&f64, &usize)| -(l / *n as f64 + bin.ln()) / std::f64::consts::LN_2;
        self.log_density.iter().zip(&self.numbers).map(bits).collect()
    }
}

/// The density of `data` under the model: the flow from data to noise.
///
/// # Errors
/// [`Error::Parameter`] if `sigma` is zero at an end, [`Error::Tolerance`] if an adaptive solver does not arrive.
pub fn log_density<X: Rows>(trace: &dyn Trace<X>, solver: &OdeSolver, data: X) -> Result<Likelihood<X>, Error> {
    let (x, change, evaluations) = integrate(trace, solver, data, true)?;
    let at_the_end = log_normal(&x, trace.path(), solver.span().1);
    let log_density = at_the_end.iter().zip(change).map(|(end, change)| end - change).collect();
    Ok(Likelihood { numbers: x.numbers(), x, log_density, evaluations })
}

/// Data from `noise` (see [`Grid::prior`]) with their density under the model: the flow from noise to data.
///
/// # Errors
/// As [`log_density`].
pub fn sample_with_density<X: Rows>(
    trace: &dyn Trace<X>,
    solver: &OdeSolver,
    noise: X,
) -> Result<Likelihood<X>, Error> {
    let at_the_end = log_normal(&noise, trace.path(), solver.span().1);
    let (x, change, evaluations) = integrate(trace, solver, noise, false)?;
    let log_density = at_the_end.iter().zip(change).map(|(end, change)| end + change).collect();
    Ok(Likelihood { numbers: x.numbers(), x, log_density, evaluations })
}

/// The states at the other end, the change of `ln p_t(x_t)` on the way there, and the evaluations.
fn integrate<X: Rows>(
    trace: &dyn Trace<X>,
    solver: &OdeSolver,
    x: X,
    towards_noise: bool,
) -> Result<(X, Vec<f64>, Vec<usize>), Error> {
    let (start, end) = solver.span();
    noisy(trace.path(), start)?;
    noisy(trace.path(), end)?;
    let numbers = x.numbers();
    let rate = |state: &(X, Samples), t: &[f64], rows: &[usize]| {
        let (of_data, of_state) = velocity_factors(trace.path(), t);
        let (estimate, traces) = trace.trace(&state.0, t, rows);
        let change = |i: usize| vec![-(of_data[i] * traces[i] + of_state[i] * numbers[rows[i]] as f64)];
        (estimate.axpby_rows(&of_data, &of_state, &state.0), Samples((0..t.len()).map(change).collect()))
    };
    let n = x.rows();
    let state = (x, Samples(vec![vec![0.0]; n]));
    let (state, evaluations) = match solver {
        OdeSolver::Fixed { method, grid } => {
            let rows: Vec<usize> = (0..n).collect();
            let mut times = grid.times().to_vec();
            if towards_noise {
                times.reverse();
            }
            let mut same = |state: &(X, Samples), t: f64| rate(state, &vec![t; n], &rows);
            let state = times.windows(2).fold(state, |x, w| method.advance(&mut same, x, w[0], w[1]));
            (state, vec![method.evaluations() * (times.len() - 1); n])
        }
        OdeSolver::Adaptive { method, .. } => {
            let (from, to) = if towards_noise { (start, end) } else { (end, start) };
            let solved = method.solve(&rate, state, from, to)?;
            (solved.x, solved.evaluations)
        }
    };
    Ok((state.0, state.1.0.concat(), evaluations))
}

impl OdeSolver {
    /// Times of data and noise.
    fn span(&self) -> (f64, f64) {
        match self {
            OdeSolver::Fixed { grid, .. } => (grid.times()[grid.times().len() - 1], grid.times()[0]),
            OdeSolver::Adaptive { start, end, .. } => (*start, *end),
        }
    }
}

/// `ln N(x; 0, sigma(t)^2)` of each sample.
fn log_normal<X: Rows>(x: &X, path: &dyn Path, t: f64) -> Vec<f64> {
    let variance = path.at(t).sigma.powi(2);
    let one =
        |(square, n): (f64, usize)| -0.5 * (square / variance + n as f64 * (std::f64::consts::TAU * variance).ln());
    x.dot(x).into_iter().zip(x.numbers()).map(one).collect()
}
