//! Mixtures as densities of one number, their parameters read off a network's head: K weights, K means, K log widths.

use std::f64::consts::{PI, TAU};

use burn::tensor::Tensor;

use crate::von_mises;

/// Log widths of normal components are kept within plus and minus this: finite squares for arguments up to 1e6 and
/// beyond.
const LOG_WIDTH: f64 = 8.0;

/// Range of the log concentrations, up to 1e5.
const LOG_CONCENTRATION: (f64, f64) = (-8.0, 11.512_925);

/// The family of a mixture's components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Component {
    /// Normal distributions on the line: weights, means, log standard deviations.
    #[default]
    Gaussian,
    /// Von Mises distributions `exp(k cos(x - m))/(2 pi I0(k))` on the circle, x in radians: weights, means, log
    /// concentrations.
    VonMises,
}

impl Component {
    /// `ln p(x)` in nats, `[B]`: `x` `[B]`, `raw` `[B, 3 K]` with unnormalised log weights, means, and log widths or
    /// concentrations.
    pub fn log_density(self, raw: Tensor<2>, x: Tensor<1>) -> Tensor<1> {
        let [batch, columns] = raw.dims();
        let size = columns / 3;
        let third = |k: usize| raw.clone().slice([0..batch, k * size..(k + 1) * size]);
        let (weights, scale) = (third(0), third(2));
        let distance = x.unsqueeze_dim::<2>(1) - third(1);
        let component = match self {
            Component::Gaussian => {
                let log_width = scale.clamp(-LOG_WIDTH, LOG_WIDTH);
                let z = distance * log_width.clone().neg().exp();
                (z.clone() * z).mul_scalar(-0.5) - log_width.add_scalar(0.5 * TAU.ln())
            }
            Component::VonMises => {
                let concentration = scale.clamp(LOG_CONCENTRATION.0, LOG_CONCENTRATION.1).exp();
                // cos d - 1 = -2 sin^2(d/2), which does not cancel.
                let sine = distance.mul_scalar(0.5).sin();
                (concentration.clone() * sine.clone() * sine).mul_scalar(-2.0)
                    - von_mises::log_i0_scaled(concentration).add_scalar(TAU.ln())
            }
        };
        log_sum_exp(weights.clone() + component) - log_sum_exp(weights)
    }

    /// One number from the mixture with the parameters `raw` `[3 K]`, exactly: the component by its weight, then a
    /// normal number by Box & Muller, or an angle in (-pi, pi] by Best & Fisher's rejection. `uniform` gives
    /// independent uniform numbers in (0, 1).
    pub fn draw(self, raw: &[f32], uniform: &mut dyn FnMut() -> f64) -> f64 {
        let size = raw.len() / 3;
        let (weights, rest) = raw.split_at(size);
        let largest = weights.iter().fold(f64::NEG_INFINITY, |a, w| a.max(f64::from(*w)));
        let mass = |w: &f32| (f64::from(*w) - largest).exp();
        let mut left = uniform() * weights.iter().map(mass).sum::<f64>();
        let passes = |w: &f32| {
            left -= mass(w);
            left < 0.0
        };
        let chosen = weights.iter().position(passes).unwrap_or(size - 1);
        let (mean, scale) = (f64::from(rest[chosen]), f64::from(rest[size + chosen]));
        match self {
            Component::Gaussian => {
                let radius = (-2.0 * uniform().ln()).sqrt();
                mean + scale.clamp(-LOG_WIDTH, LOG_WIDTH).exp() * radius * (TAU * uniform()).cos()
            }
            Component::VonMises => {
                let concentration = scale.clamp(LOG_CONCENTRATION.0, LOG_CONCENTRATION.1).exp();
                von_mises::sample(mean, concentration, uniform)
            }
        }
    }

    /// How a network sees the number: itself, or an angle's cosine and sine, `[B, 1] -> [B, inputs]`.
    pub(crate) fn features(self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Component::Gaussian => x,
            Component::VonMises => Tensor::cat(vec![x.clone().cos(), x.sin()], 1),
        }
    }

    /// Columns of [`Component::features`].
    pub(crate) fn inputs(self) -> usize {
        match self {
            Component::Gaussian => 1,
            Component::VonMises => 2,
        }
    }

    /// Parameters that a fresh head gives out: equal weights, means spread evenly over the circle or over plus and
    /// minus 2.5 standard deviations, width 1/2. Equal components would learn the same for ever.
    pub(crate) fn start(self, size: usize) -> Vec<f32> {
        let (half, log_scale) = match self {
            Component::Gaussian => (2.5, 0.5f64.ln()),
            Component::VonMises => (PI, 4f64.ln()),
        };
        let mean = |k: usize| half * ((2 * k + 1) as f64 / size as f64 - 1.0);
        let means = (0..size).map(|k| mean(k) as f32);
        let scales = std::iter::repeat_n(log_scale as f32, size);
        std::iter::repeat_n(0.0, size).chain(means).chain(scales).collect()
    }
}

/// `ln sum exp` over the columns, `[B, K] -> [B]`.
fn log_sum_exp(x: Tensor<2>) -> Tensor<1> {
    let largest = x.clone().detach().max_dim(1);
    ((x - largest.clone()).exp().sum_dim(1).log() + largest).squeeze_dim(1)
}
