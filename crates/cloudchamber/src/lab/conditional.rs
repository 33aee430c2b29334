//! One denoiser for every class and for none: labels are dropped at random in training. Ho & Salimans, arXiv:2207.12598, algorithm 1.

use burn::tensor::{Tensor, TensorData};
use diffusion::flow::{DenoiseRows, PreconditionedRows};
use diffusion::{AnyPath, Denoise, Path, Rng, regression};
use nets::ToyMlp;

use super::denoiser::told;
use super::fit::fit;
use super::standard::column;
use super::student::Lesson;
use crate::Error;

/// A network on the state and its class, one number per class: 1 at the class, 0 everywhere for no class.
pub struct Conditional {
    /// The path it was trained on.
    pub path: AnyPath,
    target: diffusion::Target,
    classes: usize,
    network: ToyMlp,
}

/// A [`Conditional`] with its class bound; none for all classes together.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    model: &'a Conditional,
    class: Option<usize>,
}

impl Conditional {
    /// Trains by the recipe's objective; `objective.label_dropout` is the part of the points whose class is hidden.
    ///
    /// # Errors
    /// Impossible constants in the recipe, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Conditional, Error> {
        let recipe = lesson.recipe;
        let path = recipe.path.build()?;
        let objective = recipe.objective.build(&path);
        let (target, classes) = (recipe.objective.target(), lesson.target.classes());
        let network = fit(lesson.network(2 + classes), &recipe.train, &lesson.device, &mut |net: &ToyMlp, rng, _| {
            let drawn = objective.draw(rng, recipe.train.batch)?;
            let (data, labels) = lesson.labelled(rng);
            let noise = objective.coupling.noise(&data, rng);
            let shown = shown(&labels, recipe.objective.label_dropout, rng);
            let problem = regression(&drawn, data, noise);
            let input = labelled(problem.input.clone(), &shown, classes);
            let output = net.forward(input, told(target, problem.noise_level.clone()));
            Ok(problem.losses(state(output)))
        })?;
        Ok(Conditional { path, target, classes, network })
    }

    /// The model of one class, or of all.
    pub fn of(&self, class: Option<usize>) -> Bound<'_> {
        Bound { model: self, class }
    }
}

/// The labels that are not dropped.
fn shown(labels: &[usize], dropout: f64, rng: &mut Rng) -> Vec<Option<usize>> {
    labels.iter().zip(rng.uniform(labels.len(), 1)).map(|(k, u)| (u >= dropout).then_some(*k)).collect()
}

/// States `[B, 2]` with their classes, `[B, 2 + K]`.
fn labelled(x: Tensor<2>, classes: &[Option<usize>], count: usize) -> Tensor<2> {
    let row = |class: &Option<usize>| (0..count).map(|k| f32::from(u8::from(*class == Some(k)))).collect::<Vec<_>>();
    let values: Vec<f32> = classes.iter().flat_map(row).collect();
    let one_hot = Tensor::from_data(TensorData::new(values, [classes.len(), count]), &x.device());
    Tensor::cat(vec![x, one_hot], 1)
}

/// The part of an output that belongs to the state.
fn state(output: Tensor<2>) -> Tensor<2> {
    let rows = output.dims()[0];
    output.slice([0..rows, 0..2])
}

impl Denoise<Tensor<2>> for Bound<'_> {
    fn path(&self) -> &dyn Path {
        &self.model.path
    }

    fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        let Conditional { path, target, classes, network } = self.model;
        let rows = PreconditionedRows {
            path: path.clone(),
            target: *target,
            network: |x: Tensor<2>, levels: &[f64], _: &[usize]| {
                let level = told(*target, column(levels, &x.device()));
                state(network.forward(labelled(x, &vec![self.class; levels.len()], *classes), level))
            },
        };
        rows.denoise_rows(x, &vec![t; x.dims()[0]], &[])
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn labels_are_dropped_as_often_as_asked_and_stand_beside_their_states() {
        let n = 4000;
        let labels: Vec<usize> = (0..n).map(|i| i % 3).collect();
        let seen = shown(&labels, 0.2, &mut Rng::new(4));
        let dropped = seen.iter().filter(|k| k.is_none()).count() as f64;
        assert!((dropped - 0.2 * n as f64).abs() < 4.0 * (0.2 * 0.8 * n as f64).sqrt(), "{dropped}");
        assert!(seen.iter().zip(&labels).all(|(seen, k)| seen.is_none_or(|s| s == *k)));
        let x = Tensor::from_floats([[0.5f32, -1.0], [2.0, 3.0]], &Device::flex());
        let values: Vec<f64> = labelled(x, &[Some(1), None], 3).to_data().iter::<f64>().collect();
        assert_eq!(values, [0.5, -1.0, 0.0, 1.0, 0.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
    }
}
