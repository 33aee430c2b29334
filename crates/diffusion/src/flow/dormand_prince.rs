//! Dormand & Prince 5(4) with a step of its own for every sample, chosen by a proportional-integral controller.
//!
//! The solutions of orders 5 and 4 differ by `e`; with `err = rms(e/(atol + rtol max(|x|, |x'|)))` over one sample's numbers,
//!
//! 1. a step is kept if `err <= 1`
//! 2. `h <- h clamp(0.9 err^-0.17 err_before^0.04, 1/5, 10)`, and does not grow right after a refusal
//!
//! Samples advance independently: finished ones leave the batch, so each costs what it needs and its result does not depend
//! on its batch. Hairer, Norsett & Wanner, Solving ODEs I, sections II.4 (first step) and II.5, and their DOPRI5;
//! Gustafsson, ACM TOMS 17 (1991) 533 (controller).

use super::dopri5::ERROR;
use super::runge_kutta::combine;
use super::{DenoiseRows, RungeKutta, velocity_rows};
use crate::error::{Error, positive};
use crate::{Path, Rows};

const SAFETY: f64 = 0.9;
const PROPORTIONAL: f64 = 0.17;
const INTEGRAL: f64 = 0.04;
const SHRINK: f64 = 0.2;
const GROW: f64 = 10.0;
/// Errors below this count as this much in the controller's memory, as in DOPRI5.
const REMEMBERED: f64 = 1e-4;
const TABLEAU: RungeKutta = RungeKutta::DOPRI5;

/// The adaptive solver of order 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DormandPrince {
    /// Error per step relative to the state, > 0.
    pub rtol: f64,
    /// Error per step in the units of the state, > 0.
    pub atol: f64,
    /// Most evaluations that one sample may take.
    pub max_evaluations: usize,
}

/// 1e-5 of both, as in Song et al.'s likelihoods, within 10,000 evaluations.
impl Default for DormandPrince {
    fn default() -> Self {
        DormandPrince { rtol: 1e-5, atol: 1e-5, max_evaluations: 10_000 }
    }
}

/// States carried to the end, and what each cost.
#[derive(Clone, Debug)]
pub struct Solved<X> {
    /// The states at the end.
    pub x: X,
    /// Model evaluations of each sample.
    pub evaluations: Vec<usize>,
    /// Steps taken by each sample.
    pub accepted: Vec<usize>,
    /// Steps refused to each sample.
    pub rejected: Vec<usize>,
}

/// A right-hand side `dx/dt` of the samples numbered `rows` at their times `t`.
type Rate<'a, X> = dyn Fn(&X, &[f64], &[usize]) -> X + 'a;

/// A sample under way.
#[derive(Clone, Copy)]
struct Sample {
    /// Its number in the batch.
    number: usize,
    t: f64,
    /// Signed step to try next.
    step: f64,
    /// Error of the last accepted step.
    before: f64,
    evaluations: usize,
    accepted: usize,
    rejected: usize,
    /// Whether the last step was refused.
    refused: bool,
}

impl DormandPrince {
    /// Equal relative and absolute tolerances.
    pub fn with_tolerance(tolerance: f64) -> DormandPrince {
        DormandPrince { rtol: tolerance, atol: tolerance, ..DormandPrince::default() }
    }

    /// Carries states at time `from` along a model's probability flow to time `to`, in either direction.
    ///
    /// # Errors
    /// [`Error::Parameter`] for tolerances not above zero and for ends without noise (`sigma = 0`, where the velocity is
    /// undefined), [`Error::Tolerance`] if a sample does not arrive.
    pub fn flow<X: Rows>(&self, m: &dyn DenoiseRows<X>, x: X, from: f64, to: f64) -> Result<Solved<X>, Error> {
        noisy(m.path(), from)?;
        noisy(m.path(), to)?;
        self.solve(&|x, t, rows| velocity_rows(m, x, t, rows), x, from, to)
    }

    /// Solves `dx/dt = rate(x, t, rows)` from time `from` to time `to`, in either direction. `rate` is asked about the samples
    /// of the batch that are still under way, numbered `rows`, each at its own time.
    ///
    /// # Errors
    /// [`Error::Parameter`] for tolerances not above zero or times not finite, [`Error::Tolerance`] if a sample does not arrive.
    pub fn solve<X: Rows>(&self, rate: &Rate<X>, x: X, from: f64, to: f64) -> Result<Solved<X>, Error> {
        positive("rtol", self.rtol)?;
        positive("atol", self.atol)?;
        crate::error::finite("time", from)?;
        crate::error::finite("time", to)?;
        let n = x.rows();
        if n == 0 || from == to {
            return Ok(Solved { x, evaluations: vec![0; n], accepted: vec![0; n], rejected: vec![0; n] });
        }
        let mut x = x;
        let (mut live, mut slope) = self.start(rate, &x, from, to);
        let mut finished: Vec<X> = Vec::new();
        let mut record = vec![None; n];
        loop {
            self.check(&live, to)?;
            let (candidate, end_slope, errors) = self.attempt(rate, &live, &x, &slope, to);
            let (mut arrived, mut next, mut kept) = (Vec::new(), Vec::new(), Vec::new());
            for (r, (sample, error)) in live.iter().zip(errors).enumerate() {
                let sample = sample.judged(error, to);
                if sample.t == to {
                    record[sample.number] = Some((finished.len(), arrived.len(), sample));
                    arrived.push((0, r));
                } else {
                    next.push((usize::from(!sample.refused), r));
                    kept.push(sample);
                }
            }
            if !arrived.is_empty() {
                finished.push(X::regroup(&[&candidate], &arrived));
            }
            if kept.is_empty() {
                break;
            }
            (x, slope) = (X::regroup(&[&x, &candidate], &next), X::regroup(&[&slope, &end_slope], &next));
            live = kept;
        }
        let record: Vec<(usize, usize, Sample)> =
            record.into_iter().map(|r| r.expect("every sample arrived")).collect();
        let places: Vec<(usize, usize)> = record.iter().map(|(part, row, _)| (*part, *row)).collect();
        Ok(Solved {
            x: X::regroup(&finished.iter().collect::<Vec<_>>(), &places),
            evaluations: record.iter().map(|(_, _, s)| s.evaluations).collect(),
            accepted: record.iter().map(|(_, _, s)| s.accepted).collect(),
            rejected: record.iter().map(|(_, _, s)| s.rejected).collect(),
        })
    }

    /// First slopes and steps (Hairer, Norsett & Wanner, section II.4), two evaluations.
    fn start<X: Rows>(&self, rate: &Rate<X>, x: &X, from: f64, to: f64) -> (Vec<Sample>, X) {
        let n = x.rows();
        let numbers: Vec<usize> = (0..n).collect();
        let size = |y: &X| y.error(x, x, self.rtol, self.atol);
        let slope = rate(x, &vec![from; n], &numbers);
        let (state, speed) = (size(x), size(&slope));
        let span = (to - from).abs();
        let cautious = |(state, speed): (&f64, &f64)| {
            let small = *state < 1e-5 || *speed < 1e-5;
            (if small { 1e-6 } else { 0.01 * state / speed }).min(span)
        };
        let first: Vec<f64> = state.iter().zip(&speed).map(cautious).collect();
        let signed: Vec<f64> = first.iter().map(|h| h * (to - from).signum()).collect();
        let moved = x.clone().axpby_rows(&vec![1.0; n], &signed, &slope);
        let times: Vec<f64> = signed.iter().map(|h| from + h).collect();
        let bend = size(&rate(&moved, &times, &numbers).axpby(1.0, -1.0, &slope));
        let one = |number: usize| {
            let h = first[number];
            let steepest = speed[number].max(bend[number] / h);
            let by_order = if steepest > 1e-15 { (0.01 / steepest).powf(0.2) } else { (1e-3 * h).max(1e-6) };
            let step = by_order.min(100.0 * h).min(span) * (to - from).signum();
            let before = REMEMBERED;
            Sample { number, t: from, step, before, evaluations: 2, accepted: 0, rejected: 0, refused: false }
        };
        (numbers.iter().map(|r| one(*r)).collect(), slope)
    }

    /// The states after one step, the slopes there and the errors.
    fn attempt<X: Rows>(&self, rate: &Rate<X>, live: &[Sample], x: &X, slope: &X, to: f64) -> (X, X, Vec<f64>) {
        let numbers: Vec<usize> = live.iter().map(|s| s.number).collect();
        let ones = vec![1.0; live.len()];
        let ends: Vec<f64> = live.iter().map(|s| s.end(to)).collect();
        let steps: Vec<f64> = live.iter().zip(&ends).map(|(s, end)| end - s.t).collect();
        let step = |slope: X| x.clone().axpby_rows(&ones, &steps, &slope);
        let mut slopes = vec![slope.clone()];
        for (node, row) in TABLEAU.nodes.iter().zip(TABLEAU.stages).skip(1) {
            let at = |((s, h), end): ((&Sample, &f64), &f64)| if *node == 1.0 { *end } else { s.t + node * h };
            let times: Vec<f64> = live.iter().zip(&steps).zip(&ends).map(at).collect();
            let moved = step(combine(row, &slopes).expect("later stages use earlier slopes"));
            slopes.push(rate(&moved, &times, &numbers));
        }
        let candidate = step(combine(TABLEAU.weights, &slopes).expect("weights are not all zero"));
        slopes.push(rate(&candidate, &ends, &numbers));
        let gap = combine(&ERROR, &slopes).expect("weights are not all zero");
        let error = gap.axpby_rows(&steps, &vec![0.0; steps.len()], x).error(x, &candidate, self.rtol, self.atol);
        (candidate, slopes.pop().expect("just pushed"), error)
    }

    fn check(&self, live: &[Sample], to: f64) -> Result<(), Error> {
        for s in live {
            let smallest = 16.0 * f64::EPSILON * s.t.abs().max(to.abs());
            let stuck = s.step.abs() <= smallest && s.end(to) != to;
            if stuck || s.evaluations + TABLEAU.evaluations() > self.max_evaluations {
                return Err(Error::Tolerance {
                    row: s.number,
                    t: s.t,
                    step: s.step,
                    evaluations: s.evaluations,
                    rtol: self.rtol,
                    atol: self.atol,
                });
            }
        }
        Ok(())
    }
}

impl Sample {
    /// Where the next step ends; a step that would leave a sliver behind goes all the way.
    fn end(&self, to: f64) -> f64 {
        if (to - self.t).abs() <= 1.01 * self.step.abs() { to } else { self.t + self.step }
    }

    /// The sample after a step with this error: moved if it is at most 1, with its next step either way.
    fn judged(mut self, error: f64, to: f64) -> Sample {
        self.evaluations += TABLEAU.evaluations();
        let end = self.end(to);
        let length = end - self.t;
        // An overflow inside the step has no size to go by: shrink as much as is allowed.
        let wanted = SAFETY * self.before.powf(INTEGRAL) / error.powf(PROPORTIONAL);
        let mut factor = if wanted.is_nan() { SHRINK } else { wanted.clamp(SHRINK, GROW) };
        if error <= 1.0 {
            factor = if self.refused { factor.min(1.0) } else { factor };
            self.t = end;
            self.before = error.max(REMEMBERED);
            self.accepted += 1;
            self.refused = false;
        } else {
            factor = factor.min(SAFETY);
            self.rejected += 1;
            self.refused = true;
        }
        self.step = length * factor;
        self
    }
}

/// Refuses times at which the velocity is undefined.
pub(super) fn noisy(path: &dyn Path, t: f64) -> Result<(), Error> {
    let c = path.at(t);
    let defined = c.sigma > 0.0 && c.alpha.is_finite() && c.dsigma.is_finite() && c.dalpha.is_finite();
    let allowed = "a time with noise: sigma > 0";
    if defined { Ok(()) } else { Err(Error::Parameter { what: "time", value: t, allowed }) }
}
