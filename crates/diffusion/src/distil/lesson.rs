//! What a distillation method hands to its student, and the steps of teachers with one time per sample.

use burn::tensor::Tensor;

use crate::batch::{column, per_sample};
use crate::{Batch, Denoise, Error, Path, Precond, Regression, Rows, Target};

/// `E[data | x_t = x]`, or the end of the flow, of a batch at one time per sample.
pub type EstimateRows<'a, X> = dyn Fn(&X, &[f64]) -> X + 'a;

/// A function of a state and of the times it leaves and arrives at, `(x, t, s)`, one pair per sample.
pub type JumpRows<'a, X> = dyn Fn(&X, &[f64], &[f64]) -> X + 'a;

/// A regression problem: at `(input, t, s)` the student should return `target`.
#[derive(Clone, Debug)]
pub struct Lesson<X> {
    /// The noisy states.
    pub input: X,
    /// Their times, one per sample.
    pub t: Vec<f64>,
    /// The times to arrive at, one per sample.
    pub s: Vec<f64>,
    /// What the student should return.
    pub target: X,
    /// Weight of each sample.
    pub weight: Vec<f64>,
}

/// How a student's error is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Metric {
    /// The mean square over a sample's numbers.
    #[default]
    Squared,
    /// `sqrt(|error|^2 + c^2) - c`, without regard to outliers; arXiv:2310.14189, with `c = 0.00054 sqrt(size)`.
    PseudoHuber {
        /// Where it turns from quadratic to linear, in units of the data; above zero.
        c: f64,
    },
}

impl<X: Batch> Lesson<X> {
    /// Weighted error of each sample of the student's `output`, on the host.
    pub fn errors(&self, output: &X, metric: Metric) -> Vec<f64> {
        let error = output.clone().axpby(1.0, -1.0, &self.target);
        let size = self.input.size().max(1) as f64;
        let one = |(squares, w): (f64, &f64)| match metric {
            Metric::Squared => w * squares / size,
            Metric::PseudoHuber { c } => w * squares / (squares.sqrt().hypot(c) + c),
        };
        error.dot(&error).into_iter().zip(&self.weight).map(one).collect()
    }
}

impl<X: Rows> Lesson<X> {
    /// The lesson whose sample `i` is sample `rows[i].1` of `parts[rows[i].0]`; see [`Rows::regroup`].
    pub fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        let states = |of: fn(&Self) -> &X| X::regroup(&parts.iter().map(|part| of(part)).collect::<Vec<_>>(), rows);
        let numbers = |of: fn(&Self) -> &[f64]| rows.iter().map(|(part, row)| of(parts[*part])[*row]).collect();
        Lesson {
            input: states(|part| &part.input),
            t: numbers(|part| &part.t),
            s: numbers(|part| &part.s),
            target: states(|part| &part.target),
            weight: numbers(|part| &part.weight),
        }
    }
}

impl<const D: usize> Lesson<Tensor<D>> {
    /// The regression problem of a network that is read as `target` says: its output F where the estimate is the lesson's target,
    /// and the lesson's weight as one of errors of F.
    pub fn regression(&self, path: &dyn Path, target: Target) -> Regression<D> {
        let rows: Vec<Precond> = self.t.iter().map(|t| target.row(path.at(*t))).collect();
        let of = |number: fn(&Precond) -> f64| rows.iter().map(number).collect::<Vec<f64>>();
        let device = self.input.device();
        let weight: Vec<f64> = self.weight.iter().zip(&rows).map(|(w, row)| w * row.out * row.out).collect();
        Regression {
            input: self.input.clone() * column(&of(|row| row.input), &device),
            noise_level: column(&of(|row| row.noise), &device),
            target: self.target.clone().axpby_rows(
                &of(|row| 1.0 / row.out),
                &of(|row| -row.skip / row.out),
                &self.input,
            ),
            weight: column(&weight, &device),
        }
    }

    /// Weighted error of each sample of the student's `output`, `[B]`, to be differentiated.
    pub fn losses(&self, output: Tensor<D>, metric: Metric) -> Tensor<1> {
        let size = self.input.size().max(1);
        let error = output - self.target.clone();
        let squares = per_sample(error.clone() * error);
        let weight = column::<1>(&self.weight, &squares.device());
        weight
            * match metric {
                Metric::Squared => squares.div_scalar(size as f64),
                Metric::PseudoHuber { c } => squares.add_scalar(c * c).sqrt().sub_scalar(c),
            }
    }
}

/// A model of single samples where a batch with one time per sample is asked for.
pub fn per_row<M: Denoise<Vec<f64>>>(model: &M) -> impl Fn(&Vec<f64>, &[f64]) -> Vec<f64> + '_ {
    |x, t| model.denoise(x, t[0])
}

/// The length of a step as a network is told it: `1 - (sigma_s/alpha_s)/(sigma_t/alpha_t)`, the part of the noise that it takes away.
///
/// 0 where `s = t`, and 1 for the step to the path's data end, whose estimate is the sample.
pub fn step_length(path: &dyn Path, t: f64, s: f64) -> f64 {
    if s >= t {
        return 0.0;
    }
    if s <= path.span().0 {
        return 1.0;
    }
    let (from, to) = (path.at(t), path.at(s));
    1.0 - (to.sigma * from.alpha) / (from.sigma * to.alpha)
}

/// A DDIM step `x_s = alpha_s D + sigma_s (x - alpha_t D)/sigma_t` from an estimate `D` at `(x, t)`; `x` itself where `s = t`.
pub fn ddim_rows<X: Batch>(path: &dyn Path, x: &X, estimate: &X, t: &[f64], s: &[f64]) -> X {
    let pair = |(t, s): (&f64, &f64)| {
        let (from, to) = (path.at(*t), path.at(*s));
        // Also at sigma = 0, where the ratio is none.
        let keep = if s == t { 1.0 } else { to.sigma / from.sigma };
        (to.alpha - keep * from.alpha, keep)
    };
    let (a, b): (Vec<f64>, Vec<f64>) = t.iter().zip(s).map(pair).unzip();
    estimate.clone().axpby_rows(&a, &b, x)
}

/// The estimate at `(x, t)` whose [`ddim_rows`] step lands on `end` at `s`; `sigma_t > 0`, and `sigma/alpha` not the same at both.
pub fn landing<X: Batch>(path: &dyn Path, x: &X, end: X, t: &[f64], s: &[f64]) -> X {
    let pair = |(t, s): (&f64, &f64)| {
        let (from, to) = (path.at(*t), path.at(*s));
        let keep = to.sigma / from.sigma;
        let divisor = to.alpha - keep * from.alpha;
        (1.0 / divisor, -keep / divisor)
    };
    let (a, b): (Vec<f64>, Vec<f64>) = t.iter().zip(s).map(pair).unzip();
    end.axpby_rows(&a, &b, x)
}

/// A step of Heun's method on the teacher's probability flow, `sigma_t > 0`; Euler's where `sigma_s = 0`.
pub fn heun_rows<X: Batch>(path: &dyn Path, teacher: &EstimateRows<X>, x: &X, t: &[f64], s: &[f64]) -> X {
    let velocity = |x: &X, t: &[f64]| {
        let pair = |t: &f64| {
            // The slope at sigma = 0 is given no weight below, but must be finite.
            let c = path.at(*t);
            if c.sigma > 0.0 { c.velocity() } else { (c.dalpha, 0.0) }
        };
        let (a, b): (Vec<f64>, Vec<f64>) = t.iter().map(pair).unzip();
        teacher(x, t).axpby_rows(&a, &b, x)
    };
    let ones = vec![1.0; t.len()];
    let first = velocity(x, t);
    let length: Vec<f64> = t.iter().zip(s).map(|(t, s)| s - t).collect();
    let second = velocity(&x.clone().axpby_rows(&ones, &length, &first), s);
    let share: Vec<f64> = s.iter().map(|s| if path.at(*s).sigma > 0.0 { 0.5 } else { 0.0 }).collect();
    let rest: Vec<f64> = share.iter().map(|b| 1.0 - b).collect();
    x.clone().axpby_rows(&ones, &length, &first.axpby_rows(&rest, &share, &second))
}

/// Checks that there is one pair of times per sample and that none runs from data to noise.
pub(super) fn check_spans(rows: usize, t: &[f64], s: &[f64], strict: bool) -> Result<(), Error> {
    for got in [t.len(), s.len()] {
        if got != rows {
            return Err(Error::Length { what: "times of a batch", expected: rows, got });
        }
    }
    let wrong = t.iter().zip(s).position(|(t, s)| !(t.is_finite() && (s < t || (!strict && s == t))));
    wrong.map_or(Ok(()), |index| Err(Error::Grid { index, before: t[index], after: s[index] }))
}
