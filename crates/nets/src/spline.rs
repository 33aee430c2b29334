//! Monotonic rational-quadratic splines with linear tails: Durkan, Bekasov, Murray & Papamakarios, arXiv:1906.04032,
//! section 3.1 (Gregory & Delbourgo 1982).
//!
//! K bins of widths `w_k` and heights `h_k` fill the box `[-B, B]^2`; slopes `d_k` at the inner knots are free, 1 at
//! the edges. In the bin of x, with `s = h/w`, `t = (x - x_k)/w` and `q = t (1 - t)`:
//!
//! ```text
//! y     = y_k + h (s t^2 + d_k q)/n,    n = s (1 - 2 q) + (d_k + d_(k+1)) q
//! dy/dx = s^2 (d_(k+1) t^2 + 2 s q + d_k (1 - t)^2)/n^2
//! ```
//!
//! Every term is positive, so nothing cancels. Outside the box `y = x`. The spline is always evaluated at an argument
//! cut to the box and the tails are chosen afterwards: no branch, chosen or not, ever holds an infinity that a gradient
//! could meet.

use burn::tensor::{
    Bool, Int, Tensor,
    activation::{softmax, softplus},
};

/// Smallest width and height of a bin as a share of the box, and smallest slope at a knot (arXiv:1906.04032, appendix
/// B.1).
const SMALLEST: f64 = 1e-3;

/// Free numbers per spline: K widths, K heights, K - 1 slopes.
pub(crate) fn parameters(bins: usize) -> usize {
    3 * bins - 1
}

/// One spline per row, at the bin that the row's argument fell into; all parts `[N, 1]`.
struct Bin {
    left: Tensor<2>,
    width: Tensor<2>,
    bottom: Tensor<2>,
    height: Tensor<2>,
    slope: Tensor<2>,
    next_slope: Tensor<2>,
}

impl Bin {
    /// `raw` `[N, 3 K - 1]` holds unnormalised widths, heights and slopes, zeros for the identity; `argument` `[N, 1]`
    /// in the box is an x, or with `inverse` a y.
    fn of(raw: Tensor<2>, argument: &Tensor<2>, bound: f64, inverse: bool) -> Bin {
        let [rows, count] = raw.dims();
        let bins = (count + 1) / 3;
        let share = |from: usize| -> Tensor<2> {
            let weights = softmax(raw.clone().slice([0..rows, from..from + bins]), 1);
            weights.mul_scalar(2.0 * bound * (1.0 - SMALLEST * bins as f64)).add_scalar(2.0 * bound * SMALLEST)
        };
        let edges = |sizes: &Tensor<2>| (sizes.clone().cumsum(1) - sizes.clone()).sub_scalar(bound);
        let (widths, heights) = (share(0), share(bins));
        let (lefts, bottoms) = (edges(&widths), edges(&heights));
        // softplus(unit) = 1 - SMALLEST: a raw zero is a slope of one.
        let unit = (1.0 - SMALLEST).exp_m1().ln();
        let one = Tensor::ones([rows, 1], &raw.device());
        let inner = softplus(raw.slice([0..rows, 2 * bins..count]).add_scalar(unit), 1.0).add_scalar(SMALLEST);
        let slopes = Tensor::cat(vec![one.clone(), inner, one], 1);

        let knots = if inverse { &bottoms } else { &lefts }.clone().detach();
        let passed: Tensor<2, Bool> = argument.clone().detach().greater_equal(knots.slice([0..rows, 1..bins]));
        let bin: Tensor<2, Int> = passed.int().sum_dim(1);
        let pick = |table: Tensor<2>| table.gather(1, bin.clone());
        Bin {
            left: pick(lefts),
            width: pick(widths),
            bottom: pick(bottoms),
            height: pick(heights),
            next_slope: slopes.clone().gather(1, bin.clone().add_scalar(1)),
            slope: pick(slopes),
        }
    }

    fn steepness(&self) -> Tensor<2> {
        self.height.clone() / self.width.clone()
    }

    /// Height above the bin's bottom and `ln dy/dx` at the share `t` of the bin's width.
    fn at(&self, t: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let s = self.steepness();
        let rest = t.clone().neg().add_scalar(1.0);
        let q = t.clone() * rest.clone();
        let t2 = t.clone() * t;
        let n = s.clone() * q.clone().mul_scalar(-2.0).add_scalar(1.0)
            + (self.slope.clone() + self.next_slope.clone()) * q.clone();
        let rise = self.height.clone() * (s.clone() * t2.clone() + self.slope.clone() * q.clone()) / n.clone();
        let slopes =
            self.next_slope.clone() * t2 + s.clone() * q.mul_scalar(2.0) + self.slope.clone() * rest.clone() * rest;
        (rise, slopes.log() + (s.log() - n.log()).mul_scalar(2.0))
    }

    /// The share of the bin's width at height `rise` above its bottom: the root of a quadratic in the form that does
    /// not cancel.
    fn root(&self, rise: Tensor<2>) -> Tensor<2> {
        let s = self.steepness();
        let bend = rise.clone() * (self.slope.clone() + self.next_slope.clone() - s.clone().mul_scalar(2.0));
        let a = self.height.clone() * (s.clone() - self.slope.clone()) + bend.clone();
        let b = self.height.clone() * self.slope.clone() - bend;
        let c = s * rise;
        let square = b.clone() * b.clone() + (a * c.clone()).mul_scalar(4.0);
        c.mul_scalar(2.0) / (b + square.clamp_min(1e-30).sqrt())
    }
}

/// `(y, ln dy/dx)`, both `[N]`, for `x` `[N]` and one spline per row, `raw` `[N, 3 K - 1]`.
pub(crate) fn forward(x: Tensor<1>, raw: Tensor<2>, bound: f64) -> (Tensor<1>, Tensor<1>) {
    let x = x.unsqueeze_dim::<2>(1);
    let cut = x.clone().clamp(-bound, bound);
    let bin = Bin::of(raw, &cut, bound, false);
    // Rounded edges can leave t a little outside its bin, where a steep one has no logarithm.
    let t = ((cut - bin.left.clone()) / bin.width.clone()).clamp(0.0, 1.0);
    let (rise, log_slope) = bin.at(t);
    tails(x, rise + bin.bottom, log_slope, bound)
}

/// `(x, ln dy/dx)`, both `[N]`, for `y` `[N]`: the inverse of [`forward`].
pub(crate) fn inverse(y: Tensor<1>, raw: Tensor<2>, bound: f64) -> (Tensor<1>, Tensor<1>) {
    let y = y.unsqueeze_dim::<2>(1);
    let cut = y.clone().clamp(-bound, bound);
    let bin = Bin::of(raw, &cut, bound, true);
    let t = bin.root(cut - bin.bottom.clone()).clamp(0.0, 1.0);
    let (_, log_slope) = bin.at(t.clone());
    tails(y, t * bin.width + bin.left, log_slope, bound)
}

/// The identity where `argument` lies outside the box.
fn tails(argument: Tensor<2>, value: Tensor<2>, log_slope: Tensor<2>, bound: f64) -> (Tensor<1>, Tensor<1>) {
    let outside = argument.clone().abs().greater_equal_elem(bound);
    let value = value.mask_where(outside.clone(), argument);
    (value.squeeze_dim(1), log_slope.mask_fill(outside, 0.0).squeeze_dim(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    const BOUND: f64 = 4.0;
    const BINS: usize = 5;

    /// The spline of one row of `raw` in double precision, bin by bin from the formulas of the paper (equations 4 and
    /// 5).
    fn exact(x: f64, raw: &[f64]) -> (f64, f64) {
        let sizes = |raw: &[f64]| -> Vec<f64> {
            let total: f64 = raw.iter().map(|r| r.exp()).sum();
            raw.iter().map(|r| 2.0 * BOUND * (1e-3 + (1.0 - 1e-3 * BINS as f64) * r.exp() / total)).collect()
        };
        let (widths, heights) = (sizes(&raw[..BINS]), sizes(&raw[BINS..2 * BINS]));
        let slope = |k: usize| match k {
            0 | BINS => 1.0,
            k => 1e-3 + (raw[2 * BINS + k - 1] + (0.999f64.exp() - 1.0).ln()).exp().ln_1p(),
        };
        let (mut left, mut bottom) = (-BOUND, -BOUND);
        for k in 0..BINS {
            if x < left + widths[k] || k == BINS - 1 {
                let (s, t) = (heights[k] / widths[k], (x - left) / widths[k]);
                let q = t * (1.0 - t);
                let n = s + (slope(k + 1) + slope(k) - 2.0 * s) * q;
                let y = bottom + heights[k] * (s * t * t + slope(k) * q) / n;
                let d = s * s * (slope(k + 1) * t * t + 2.0 * s * q + slope(k) * (1.0 - t) * (1.0 - t)) / (n * n);
                return (y, d.ln());
            }
            left += widths[k];
            bottom += heights[k];
        }
        unreachable!()
    }

    #[test]
    fn splines_and_their_inverses_agree_with_the_formulas_in_double_precision() {
        let count = 2000;
        let wave = |i: usize| 1.5 * (i as f64 * 0.77 + 0.3).sin();
        let x: Vec<f32> = (0..count).map(|i| (-4.0 + 8.0 * (i as f64 + 0.5) / count as f64) as f32).collect();
        let raw: Vec<f64> = (0..count * parameters(BINS)).map(|i| f64::from(wave(i) as f32)).collect();
        let table: Vec<f32> = raw.iter().map(|r| *r as f32).collect();
        let device = Device::flex();
        let x_tensor = Tensor::<1>::from_floats(x.as_slice(), &device);
        let table = Tensor::<2>::from_data(TensorData::new(table, [count, parameters(BINS)]), &device);
        let (y, log_slope) = forward(x_tensor, table.clone(), BOUND);
        let (back, log_back) = inverse(y.clone(), table, BOUND);
        let host = |x: Tensor<1>| x.into_data().try_to_vec::<f32>().unwrap();
        let (y, log_slope, back, log_back) = (host(y), host(log_slope), host(back), host(log_back));
        for i in 0..count {
            let (value, slope) = exact(f64::from(x[i]), &raw[i * parameters(BINS)..(i + 1) * parameters(BINS)]);
            // Edges of bins are known to some 1e-6 of the box only, which a steep bin makes more of.
            let tolerance = 3e-6 * (1.0 + slope.exp());
            assert!((f64::from(y[i]) - value).abs() < tolerance, "{i}: y({}) = {} instead of {value}", x[i], y[i]);
            assert!((f64::from(log_slope[i]) - slope).abs() < 1e-3, "{i}: {} instead of {slope}", log_slope[i]);
            assert!((back[i] - x[i]).abs() < 1e-4, "{i}: {} back to {}", x[i], back[i]);
            assert!((log_back[i] - log_slope[i]).abs() < 1e-3);
        }
    }
}
