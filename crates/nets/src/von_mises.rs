//! The von Mises distribution `exp(k cos(x - m))/(2 pi I0(k))` on the circle: its normalisation and exact samples.

use std::f64::consts::{PI, TAU};

use burn::tensor::Tensor;

/// Abramowitz & Stegun 9.8.1, powers of `(k/3.75)^2`: I0 for k <= 3.75 to 1.6e-7.
const SMALL: [f64; 7] = [1.0, 3.515_622_9, 3.089_942_4, 1.206_749_2, 0.265_973_2, 0.036_076_8, 0.004_581_3];

/// Abramowitz & Stegun 9.8.2, powers of `3.75/k`: `sqrt(k) exp(-k) I0` for k >= 3.75 to 1.9e-7.
const LARGE: [f64; 9] = [
    0.398_942_28,
    0.013_285_92,
    0.002_253_19,
    -0.001_575_65,
    0.009_162_81,
    -0.020_577_06,
    0.026_355_37,
    -0.016_476_33,
    0.003_923_77,
];

/// Where the two approximations meet.
const JOINT: f64 = 3.75;

/// `ln I0(k) - k` for the concentrations `k >= 0`, element by element, in single precision to about 3e-7.
///
/// Each approximation is held at the joint outside its own range and their sum is taken: nothing overflows, and no
/// branch is thrown away whose gradient could be infinite.
pub fn log_i0_scaled<const D: usize>(concentration: Tensor<D>) -> Tensor<D> {
    // One of the two is always cut, also at the joint: the slopes add up to one.
    let small = concentration.clone().clamp_max((JOINT as f32).next_down());
    let t = small.clone().mul_scalar(1.0 / JOINT);
    let small = horner(&SMALL, t.clone() * t).log() - small;
    let large = concentration.clamp_min(JOINT);
    let held = LARGE.iter().sum::<f64>().ln() - 0.5 * JOINT.ln();
    let large = horner(&LARGE, large.clone().recip().mul_scalar(JOINT)).log() - large.log().mul_scalar(0.5);
    small + large.sub_scalar(held)
}

fn horner<const D: usize>(coefficients: &[f64], x: Tensor<D>) -> Tensor<D> {
    let (last, rest) = coefficients.split_last().expect("a polynomial");
    let (second, rest) = rest.split_last().expect("of degree one or more");
    let start = x.clone().mul_scalar(*last).add_scalar(*second);
    rest.iter().rev().fold(start, |sum, c| (sum * x.clone()).add_scalar(*c))
}

/// An angle in `(-pi, pi]`.
pub(crate) fn wrap(x: f64) -> f64 {
    let x = x.rem_euclid(TAU);
    if x > PI { x - TAU } else { x }
}

/// An angle from the von Mises distribution by rejection from a wrapped Cauchy: Best & Fisher, Applied Statistics 28
/// (1979) 152.
///
/// `uniform` gives independent uniform numbers in (0, 1); at least 65 % of the proposals are taken. NaN for parameters
/// that are none.
pub(crate) fn sample(mean: f64, concentration: f64, uniform: &mut dyn FnMut() -> f64) -> f64 {
    if !mean.is_finite() || !concentration.is_finite() {
        return f64::NAN;
    }
    if concentration < 1e-8 {
        return wrap(mean + TAU * uniform());
    }
    let tau = 1.0 + (1.0 + 4.0 * concentration * concentration).sqrt();
    let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * concentration);
    let r = (1.0 + rho * rho) / (2.0 * rho);
    loop {
        let z = (PI * uniform()).cos();
        let f = ((1.0 + r * z) / (r + z)).clamp(-1.0, 1.0);
        let c = concentration * (r - f);
        let u = uniform();
        if c * (2.0 - c) > u || (c / u).ln() + 1.0 >= c {
            let angle = f.acos();
            return wrap(if uniform() < 0.5 { mean - angle } else { mean + angle });
        }
    }
}
