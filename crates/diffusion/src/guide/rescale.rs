//! Classifier-free guidance without its excess of contrast: the guided estimate rescaled to the spread of the conditional one.
//!
//! With `D_c` the conditional and `D_w` the guided estimate, and standard deviations over the numbers of each sample:
//!
//! 1. `D_r = D_w std(D_c)/std(D_w)`
//! 2. `D = phi D_r + (1 - phi) D_w`
//!
//! Lin, Liu, Li & Yang, arXiv:2305.08891, eq. 15 and 16, here of the estimate of the data. `phi = 0.7` in the paper.

use crate::{Denoise, Extrapolate, Path, Rows};

/// [`Extrapolate`] with its estimate rescaled.
#[derive(Clone, Copy, Debug)]
pub struct Rescale<C, U> {
    /// The two models and the weight.
    pub guided: Extrapolate<C, U>,
    /// Share of the rescaled estimate, 0 for none.
    pub phi: f64,
}

impl<X: Rows, C: Denoise<X>, U: Denoise<X>> Denoise<X> for Rescale<C, U> {
    fn path(&self) -> &dyn Path {
        self.guided.conditional.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let weight = self.guided.weight.at(self.path().at(t).lambda());
        let conditional = self.guided.conditional.denoise(x, t);
        if weight == 1.0 {
            return conditional;
        }
        let worse = self.guided.unconditional.denoise(x, t);
        let guided = conditional.clone().axpby(weight, 1.0 - weight, &worse);
        let spreads = conditional.to_host().into_iter().zip(guided.to_host());
        let factor = |(c, g): (Vec<f64>, Vec<f64>)| {
            let ratio = spread(&c) / spread(&g);
            // An estimate without spread, such as a single number, has nothing to rescale.
            if ratio.is_finite() { self.phi * ratio + 1.0 - self.phi } else { 1.0 }
        };
        let factors: Vec<f64> = spreads.map(factor).collect();
        let like = guided.clone();
        guided.axpby_rows(&factors, &vec![0.0; factors.len()], &like)
    }
}

fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}
