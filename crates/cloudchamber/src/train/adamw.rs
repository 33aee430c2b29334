//! AdamW (arXiv:1711.05101, algorithm 2) on a flat vector of parameters, after clipping the gradient to a global norm.
//!
//! On the host, in a fixed order: the sum of the shards' gradients and the update are the same on any number of threads, and
//! the state is three vectors that a checkpoint stores as they are.

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// First and second moments of the gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdamW {
    /// Running mean of the gradient.
    pub mean: Vec<f32>,
    /// Running mean of its square.
    pub square: Vec<f32>,
}

impl AdamW {
    /// State before the first step for `n` parameters.
    pub fn new(n: usize) -> AdamW {
        AdamW { mean: vec![0.0; n], square: vec![0.0; n] }
    }

    /// Step number `step`, from 1: `decays[i]` is the weight decay of parameter `i` (zero for biases).
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], decays: &[f32], rate: f64, step: u64) {
        let exponent = i32::try_from(step).unwrap_or(i32::MAX);
        let (correct1, correct2) = (1.0 - BETA1.powi(exponent), 1.0 - BETA2.powi(exponent));
        let (b1, b2) = (BETA1 as f32, BETA2 as f32);
        let (scale, root) = ((rate / correct1) as f32, (1.0 / correct2).sqrt() as f32);
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for (((p, g), (m, v)), decay) in parameters.iter_mut().zip(gradient).zip(moments).zip(decays) {
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            *p -= rate as f32 * decay * *p + scale * *m / (v.sqrt() * root + EPSILON);
        }
    }
}

/// Scales `gradient` down to norm `limit` if it is longer; returns the norm it had.
pub fn clip(gradient: &mut [f32], limit: f64) -> f64 {
    let norm = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
    if norm > limit {
        let factor = (limit / norm) as f32;
        gradient.iter_mut().for_each(|g| *g *= factor);
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_whatever_the_gradient() {
        // m/(1-b1) = g and v/(1-b2) = g^2, so the first update is -rate * sign(g), up to epsilon.
        let (mut p, g) = (vec![1.0, 1.0, 1.0], [3.0, -0.02, 0.0]);
        AdamW::new(3).step(&mut p, &g, &[0.0; 3], 0.1, 1);
        assert!((p[0] - 0.9).abs() < 1e-6 && (p[1] - 1.1).abs() < 1e-6 && p[2] == 1.0);
    }

    #[test]
    fn without_gradient_decay_shrinks_geometrically() {
        let mut p = vec![2.0];
        let mut state = AdamW::new(1);
        for step in 1..=10 {
            state.step(&mut p, &[0.0], &[0.5], 0.1, step);
        }
        assert!((f64::from(p[0]) - 2.0 * 0.95f64.powi(10)).abs() < 1e-6);
    }

    #[test]
    fn a_quadratic_is_minimised() {
        let mut p = vec![3.0, -2.0];
        let mut state = AdamW::new(2);
        for step in 1..=2000 {
            let g = [2.0 * (p[0] - 1.0), 20.0 * (p[1] - 0.5)];
            state.step(&mut p, &g, &[0.0; 2], 0.01, step);
        }
        assert!((p[0] - 1.0).abs() < 1e-3 && (p[1] - 0.5).abs() < 1e-3, "{p:?}");
    }

    #[test]
    fn clipping_keeps_the_direction_and_short_gradients() {
        let mut g = [3.0, 4.0];
        assert_eq!(clip(&mut g, 1.0), 5.0);
        assert!((g[0] - 0.6).abs() < 1e-6 && (g[1] - 0.8).abs() < 1e-6);
        assert_eq!(clip(&mut g, 2.0), f64::from(g[0]).hypot(f64::from(g[1])));
    }
}
