//! Exponential multistep formulas in `lambda`: a kernel times the polynomial through past values, integrated exactly.
//!
//! With `z = x/alpha`, `r = sigma/alpha = e^-lambda` and `s` the data's spread, `q² = r² + s²`, the probability flow is
//!
//! 1. data prediction: `d(z/r)/dlambda = (1/r) D`
//! 2. EDM prediction: `d(z/q)/dlambda = (r s/q²) F`, `F` the unit-variance output of [`Target::Edm`]
//!
//! so over a step `h = lambda_s - lambda_t`, with `u = (lambda - lambda_t)/h`, a step needs the moments
//!
//! 3. `M_k = h integral_0^1 e^(-h(1-u)) u^k du`: `M_0 = 1 - e^-h`, `M_k = 1 - (k/h) M_(k-1)`
//! 4. `M_k = h integral_0^1 (r s/q²) u^k du`: `M_0 = arctan(r_t/s) - arctan(r_s/s)`, the others by quadrature
//!
//! Lu et al., arXiv:2211.01095, eq. 8 (1); the linear part that (2) solves is DPM-Solver-v3's, arXiv:2310.13268, eq. 6,
//! with normal data's coefficient instead of a fitted one.

use crate::error::{Error, positive};
use crate::{Coef, Space, Target};

/// Which quantity is taken for a polynomial in `lambda`; the rest of the probability flow is solved exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Prediction {
    /// The estimate `D`: exact for data that is a single point.
    #[default]
    Data,
    /// EDM's `F`, what remains of `D` beside normal data's estimate: exact for normal data of mean zero.
    Edm {
        /// Standard deviation of the data, above zero.
        sigma_data: f64,
    },
}

/// What a multistep method remembers: past values, newest first, and where the last step began.
#[derive(Clone, Debug)]
pub struct History<X> {
    nodes: Vec<(X, f64)>,
    origin: Option<(X, Coef)>,
}

impl<X> Default for History<X> {
    fn default() -> Self {
        History { nodes: Vec::new(), origin: None }
    }
}

impl<X: Space> History<X> {
    /// Number of past values.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds the value at the state's own time. With `past > 0` the step that led here is taken again, with the new value
    /// and at most `past` earlier ones; the state it gives is returned.
    pub(super) fn observe(&mut self, by: Prediction, x: X, at: Coef, estimate: X, past: usize) -> X {
        let lambda = at.lambda();
        let value = by.value(estimate, &x, at);
        // Two values at one lambda (a table before its first entry) determine no polynomial.
        self.nodes.retain(|(_, other)| *other < lambda);
        self.nodes.insert(0, (value, lambda));
        match self.origin.take() {
            Some((origin, from)) if past > 0 && self.nodes.len() > 1 => {
                let used = self.nodes.len().min(past + 1);
                by.advance(origin, from, at, &self.nodes[..used])
            }
            _ => x,
        }
    }

    /// Goes on from `from` to `to` by the newest `order` values.
    pub(super) fn predict(&mut self, by: Prediction, x: X, from: Coef, to: Coef, order: usize) -> X {
        let used = self.nodes.len().min(order);
        let next = by.advance(x.clone(), from, to, &self.nodes[..used]);
        if from.lambda().is_finite() {
            self.nodes.truncate(order);
            self.origin = Some((x, from));
        } else {
            // Pure noise lies at no finite lambda: the method starts anew after it.
            self.nodes.clear();
        }
        next
    }
}

impl Prediction {
    /// Checks the constants.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Prediction::Data => Ok(()),
            Prediction::Edm { sigma_data } => positive("sigma_data", sigma_data).map(|_| ()),
        }
    }

    fn value<X: Space>(self, estimate: X, x: &X, at: Coef) -> X {
        match self {
            Prediction::Data => estimate,
            Prediction::Edm { sigma_data } => {
                let row = Target::Edm { sigma_data }.row(at);
                estimate.axpby(1.0 / row.out, -row.skip / row.out, x)
            }
        }
    }

    /// `x_s` from `x_t` and the values at `nodes`, newest first; from pure noise the newest alone counts.
    fn advance<X: Space>(self, x: X, from: Coef, to: Coef, nodes: &[(X, f64)]) -> X {
        let (start, h) = (from.lambda(), to.lambda() - from.lambda());
        let (kept, factor) = match self {
            Prediction::Data => (to.sigma / from.sigma, to.alpha),
            Prediction::Edm { sigma_data: s } => {
                let spread = to.sigma.hypot(to.alpha * s);
                (spread / from.sigma.hypot(from.alpha * s), spread)
            }
        };
        let x = x.scale(kept);
        if h.is_infinite() {
            return x.axpby(1.0, factor * self.moments(from, to, 1)[0], &nodes[0].0);
        }
        if h <= 0.0 {
            return x;
        }
        let moments = self.moments(from, to, nodes.len());
        let places: Vec<f64> = nodes.iter().map(|(_, lambda)| (lambda - start) / h).collect();
        let weights = lagrange(&places, &moments);
        nodes.iter().zip(weights).fold(x, |x, ((value, _), w)| x.axpby(1.0, factor * w, value))
    }

    fn moments(self, from: Coef, to: Coef, n: usize) -> Vec<f64> {
        match self {
            Prediction::Data => exponential_moments(to.lambda() - from.lambda(), n),
            Prediction::Edm { sigma_data: s } => {
                let angle = |c: Coef| c.sigma.atan2(c.alpha * s);
                let first = angle(from) - angle(to);
                let kernel = |lambda: f64| 0.5 / (lambda + s.ln()).cosh();
                (0..n).map(|k| if k == 0 { first } else { quadrature(from.lambda(), to.lambda(), k, kernel) }).collect()
            }
        }
    }
}

/// Integrals of the Lagrange polynomials through `places`, given the `moments` of the powers.
fn lagrange(places: &[f64], moments: &[f64]) -> Vec<f64> {
    let weight = |j: usize| {
        let mut powers = vec![0.0; places.len()];
        powers[0] = 1.0;
        for (k, place) in places.iter().enumerate().filter(|(k, _)| *k != j) {
            let gap = places[j] - place;
            debug_assert!(gap != 0.0, "values {j} and {k} at one place");
            for power in (0..powers.len()).rev() {
                let lower = if power > 0 { powers[power - 1] } else { 0.0 };
                powers[power] = (lower - place * powers[power]) / gap;
            }
        }
        powers.iter().zip(moments).map(|(p, m)| p * m).sum()
    };
    (0..places.len()).map(weight).collect()
}

/// (3) of the file's head, for `k < n`: the recursion cancels for small `h`, where the series takes over.
fn exponential_moments(h: f64, n: usize) -> Vec<f64> {
    let mut moments = vec![-(-h).exp_m1()];
    for k in 1..n {
        let last = moments[k - 1];
        moments.push(if h < 2.0 { series(h, k) } else { 1.0 - k as f64 / h * last });
    }
    moments
}

/// `M_k = h k! sum_j (-h)^j/(k + j + 1)!`
fn series(h: f64, k: usize) -> f64 {
    let mut term = h / (k + 1) as f64;
    let mut sum = term;
    for j in 1..30 {
        term *= -h / (k + j + 1) as f64;
        sum += term;
    }
    sum
}

/// `integral kernel(lambda) u^k dlambda` from `a` to `b`, eight Gauss-Legendre points to each unit of `lambda` or less.
fn quadrature(a: f64, b: f64, k: usize, kernel: impl Fn(f64) -> f64) -> f64 {
    // Roots and weights of the eighth Legendre polynomial: Abramowitz & Stegun, table 25.4.
    const POINTS: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
        (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
    ];
    let panels = (b - a).ceil().max(1.0);
    let width = (b - a) / panels;
    let mut sum = 0.0;
    for panel in 0..panels as usize {
        let middle = a + (panel as f64 + 0.5) * width;
        for (point, weight) in POINTS {
            for side in [-0.5, 0.5] {
                let lambda = middle + side * width * point;
                sum += 0.5 * width * weight * kernel(lambda) * ((lambda - a) / (b - a)).powi(k as i32);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edm, Path};

    #[test]
    fn moments_agree_with_brute_force_for_tiny_and_large_steps() {
        for h in [1e-9, 1e-3, 0.5, 1.99, 2.01, 7.0, 60.0] {
            for (k, moment) in exponential_moments(h, 4).into_iter().enumerate() {
                let brute = quadrature(0.0, h, k, |lambda| (lambda - h).exp());
                assert!((moment / brute - 1.0).abs() < 1e-12, "h = {h}, k = {k}: {moment} against {brute}");
            }
        }
        // At infinite h the kernel is a point at u = 1.
        assert_eq!(exponential_moments(f64::INFINITY, 1), [1.0]);
    }

    #[test]
    fn the_kernel_of_the_edm_prediction_integrates_to_an_angle() {
        let (path, s) = (Edm::default(), 0.7);
        for (t, to) in [(80.0, 1e-3), (1.0, 0.9), (0.01, 0.009)] {
            let (from, to) = (path.at(t), path.at(to));
            let angle = Prediction::Edm { sigma_data: s }.moments(from, to, 1)[0];
            let r = |lambda: f64| (-lambda).exp();
            let brute = quadrature(from.lambda(), to.lambda(), 0, |l| r(l) * s / (r(l).powi(2) + s * s));
            assert!((angle / brute - 1.0).abs() < 1e-12, "{angle} against {brute}");
        }
    }

    #[test]
    fn polynomials_are_integrated_exactly_whatever_the_spacing() {
        // Four values of a cubic: the weights must give 2 M_0 - M_1 + 3 M_2 + 0.5 M_3.
        let cubic = |u: f64| 2.0 - u + 3.0 * u * u + 0.5 * u * u * u;
        for places in [[1.0, 0.0, -0.3, -2.0], [0.0, -1.0, -1.7, -1.9]] {
            let moments = exponential_moments(0.8, 4);
            let sum: f64 = places.iter().zip(lagrange(&places, &moments)).map(|(u, w)| cubic(*u) * w).sum();
            let exact = 2.0 * moments[0] - moments[1] + 3.0 * moments[2] + 0.5 * moments[3];
            assert!((sum - exact).abs() < 1e-12, "{sum} against {exact}");
        }
    }
}
