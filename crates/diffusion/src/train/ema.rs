//! Exponential moving average of the weights: `average <- d average + (1 - d) parameters`.
//!
//! The decay warms up as `d(step) = min(decay, (1 + step)/(10 + step))`, so that the average forgets the initial weights
//! early on. At constant decay the average lags by `d/(1 - d)` steps.

/// An exponential moving average over flat slices of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ema {
    /// The decay after the warm-up, in [0, 1), e.g. 0.999.
    pub decay: f64,
}

impl Ema {
    /// The decay of optimiser step number `step`, from 0.
    pub fn decay_at(&self, step: u64) -> f64 {
        self.decay.min((1.0 + step as f64) / (10.0 + step as f64))
    }

    /// Moves `average` towards `parameters`.
    ///
    /// # Panics
    /// Unless they are equally long.
    pub fn update(&self, average: &mut [f32], parameters: &[f32], step: u64) {
        assert_eq!(average.len(), parameters.len(), "average and parameters of different lengths");
        let rest = (1.0 - self.decay_at(step)) as f32;
        average.iter_mut().zip(parameters).for_each(|(a, p)| *a += rest * (p - *a));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_of_a_ramp_lags_by_decay_over_one_minus_decay() {
        let ema = Ema { decay: 0.9 };
        let mut average = [0.0];
        for step in 0..2000 {
            ema.update(&mut average, &[step as f32], step);
        }
        assert!((average[0] - (1999.0 - 9.0)).abs() < 1e-2, "{}", average[0]);
    }

    #[test]
    fn the_start_is_forgotten_during_the_warm_up() {
        // The initial weight's share after n steps of the warm-up is the product of k/(9 + k), k = 1..n: 9! n!/(n + 9)!.
        let mut average = [1.0];
        for step in 0..20 {
            Ema { decay: 0.9999 }.update(&mut average, &[0.0], step);
        }
        let share: f64 = (1..=9).map(|k| f64::from(k) / f64::from(20 + k)).product();
        assert!((f64::from(average[0]) / share - 1.0).abs() < 1e-4);
    }
}
