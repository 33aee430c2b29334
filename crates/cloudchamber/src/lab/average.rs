//! Average velocities: one network for steps of any length. MeanFlow, arXiv:2505.13447; shortcut models, arXiv:2410.12557.

use burn::tensor::Tensor;
use diffusion::distil::{
    Adaptive, Metric, average_velocity_steps, mean_flow, mean_flow_times, shortcut, shortcut_times,
};
use diffusion::{Batch, Coef, Linear, Path, Rng, Space};
use nets::{Dual, ToyMlp};

use super::denoiser::unit;
use super::fit::fit;
use super::recipe::Kind;
use super::standard::column;
use super::student::{Lesson, See, Student};
use crate::Error;

/// Share of a batch of a MeanFlow that is plain flow matching, and of a shortcut model.
const PLAIN: f64 = 0.75;
/// A shortcut's shortest step is `2^-(HALVINGS - 1)`.
const HALVINGS: u32 = 7;

/// A network for the average velocity `u(x, t, s)` from `t` to `s`.
pub struct AverageVelocity {
    network: ToyMlp,
}

impl AverageVelocity {
    /// Trains by the recipe's lesson.
    ///
    /// # Errors
    /// Divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<AverageVelocity, Error> {
        let batch = lesson.recipe.train.batch;
        let network =
            fit(lesson.network(3), &lesson.recipe.train, &lesson.device, &mut |net: &ToyMlp, rng, average| {
                let data = lesson.data(rng);
                let noise = data.randn_like(rng);
                let (t, s) = match lesson.recipe.kind {
                    Kind::MeanFlow => mean_flow_times(rng, batch, PLAIN),
                    _ => mixed(rng, batch),
                };
                let at: Vec<Coef> = t.iter().map(|t| Linear.at(*t)).collect();
                let of = |number: fn(&Coef) -> f64| at.iter().map(number).collect::<Vec<f64>>();
                let x = data.clone().axpby_rows(&of(|c| c.alpha), &of(|c| c.sigma), &noise);
                let v = data.axpby_rows(&of(|c| c.dalpha), &of(|c| c.dsigma), &noise);
                let task = if lesson.recipe.kind == Kind::MeanFlow {
                    let tangent = |x: &Tensor<2>, t: &[f64], s: &[f64], v: &Tensor<2>| {
                        let (u, change) = jump_jvp(net, x, t, s, v);
                        (u.inner(), change.inner())
                    };
                    mean_flow(&tangent, x, &v, &t, &s, Adaptive::default())?
                } else {
                    // Where the step has no length the lesson is plain flow matching; elsewhere it is two half steps.
                    let (starts, ends) = (
                        t.clone(),
                        s.iter().zip(&t).map(|(s, t)| if s < t { *s } else { t - 1e-3 }).collect::<Vec<_>>(),
                    );
                    let still = |x: &Tensor<2>, t: &[f64], s: &[f64]| jump(average, x.clone(), t, s);
                    let mut task = shortcut(&still, x, &starts, &ends)?;
                    let plain: Vec<f64> = s.iter().zip(&t).map(|(s, t)| f64::from(u8::from(s >= t))).collect();
                    let halves: Vec<f64> = plain.iter().map(|p| 1.0 - p).collect();
                    task.target = task.target.axpby_rows(&halves, &plain, &v);
                    task.s = s;
                    task
                };
                Ok(task.losses(jump(net, task.input.clone(), &task.t, &task.s), Metric::Squared))
            })?;
        Ok(AverageVelocity { network })
    }
}

/// Times of a shortcut's batch: the first rows are flow matching (`s = t`), the rest spans of lengths `2^-k`.
fn mixed(rng: &mut Rng, batch: usize) -> (Vec<f64>, Vec<f64>) {
    let plain = rng.uniform(batch, 1);
    let (mut t, mut s) = shortcut_times(rng, batch, HALVINGS);
    for i in 0..(PLAIN * batch as f64) as usize {
        (t[i], s[i]) = (plain[i], plain[i]);
    }
    (t, s)
}

fn jump(net: &ToyMlp, x: Tensor<2>, t: &[f64], s: &[f64]) -> Tensor<2> {
    let rows = x.dims()[0];
    let device = x.device();
    let lengths: Vec<f64> = t.iter().zip(s).map(|(t, s)| t - s).collect();
    let input = Tensor::cat(vec![x, column(&lengths, &device)], 1);
    net.forward(input, column(t, &device)).slice([0..rows, 0..2])
}

/// The average velocity and its change along `(v, 1, 0)` in `(x, t, s)`.
fn jump_jvp(net: &ToyMlp, x: &Tensor<2>, t: &[f64], s: &[f64], v: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let rows = x.dims()[0];
    let device = x.device();
    let lengths: Vec<f64> = t.iter().zip(s).map(|(t, s)| t - s).collect();
    let one = column(&vec![1.0; rows], &device);
    let length = Dual::new(column(&lengths, &device), one.clone());
    let input = Dual::cat(vec![Dual::new(x.clone(), v.clone()), length], 1);
    net.jvp(input, Dual::new(column(t, &device), one)).slice([0..rows, 0..2]).parts()
}

impl Student for AverageVelocity {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let steps = evaluations.max(1);
        let (mut x, n) = (like.randn_like(rng), like.dims()[0]);
        let u = |x: &Tensor<2>, t: f64, s: f64| jump(&self.network, x.clone(), &vec![t; n], &vec![s; n]);
        for k in (1..=steps).rev() {
            let (t, s) = (k as f64 / steps as f64, (k - 1) as f64 / steps as f64);
            see(&x.clone().mul_scalar(1.0 / unit(&Linear, t)));
            x = average_velocity_steps(&u, &[t, s], x);
        }
        Ok(x)
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let t = Linear.time(-level.ln());
        let times = vec![t; x.dims()[0]];
        jump(&self.network, x.mul_scalar(unit(&Linear, t)), &times, &times).neg()
    }
}
