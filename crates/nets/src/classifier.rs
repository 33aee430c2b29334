//! Classifier of noisy data: `p(class | x_t, noise level)`, trained by cross-entropy at every level.
//!
//! Its gradient in `x_t` turns an unconditional score into a conditional one, `grad ln p(x | y) = grad ln p(x) +
//! grad ln p(y | x)`: classifier guidance (Song et al., arXiv:2011.13456, appendix I; Dhariwal & Nichol,
//! arXiv:2105.05233, section 4). With logits `l` and probabilities `p`, `grad_x ln p_y = J^T (e_y - p)`, written out.

use burn::{
    module::Module,
    tensor::{
        Device, Tensor, TensorData,
        activation::{log_softmax, softmax},
    },
};

use crate::{Dual, Error, FourierEmbedding, Smooth, perceptron::Perceptron};

/// Configuration of [`NoisyClassifier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoisyClassifierConfig {
    /// Columns of the state, F.
    pub features: usize,
    /// Number of classes, K.
    pub classes: usize,
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub layers: usize,
    /// Octaves of Fourier features of the noise level; 0 for the bare number.
    pub frequencies: usize,
}

impl NoisyClassifierConfig {
    /// Freshly initialised classifier.
    pub fn init(&self, device: &Device) -> NoisyClassifier {
        let level = FourierEmbedding::new(self.frequencies);
        let inputs = self.features + level.width();
        let perceptron = Perceptron::new(inputs, self.width, self.layers, self.classes, Smooth::Silu, device);
        NoisyClassifier { level, perceptron }
    }
}

/// Multilayer perceptron from noisy data to classes; smooth, as its gradient is used.
#[derive(Module, Debug)]
pub struct NoisyClassifier {
    level: FourierEmbedding,
    perceptron: Perceptron,
}

impl NoisyClassifier {
    /// Logits `[B, K]` for `x` `[B, F]` and `noise` `[B, 1]`.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        self.perceptron.jvp(self.input(x, noise)).primal
    }

    /// Cross-entropy `-ln p_y` of each sample in nats, `[B]`, for its class `y < K`.
    ///
    /// # Errors
    /// [`Error::Number`] for a class that does not exist or a number of classes that is not that of the samples.
    pub fn losses(&self, x: Tensor<2>, noise: Tensor<2>, classes: &[usize]) -> Result<Tensor<1>, Error> {
        cross_entropy(self.forward(x, noise), classes)
    }

    /// `grad_x ln p_y`, `[B, F]`, for the class `y < K` of each sample.
    ///
    /// # Errors
    /// As [`NoisyClassifier::losses`].
    pub fn gradient(&self, x: Tensor<2>, noise: Tensor<2>, classes: &[usize]) -> Result<Tensor<2>, Error> {
        let [batch, features] = x.dims();
        let input = self.input(x, noise);
        let logits = self.perceptron.jvp(input.clone()).primal;
        let cotangent = one_hot(&logits, classes)? - softmax(logits, 1);
        let (_, gradient) = self.perceptron.pullback(input, cotangent);
        Ok(gradient.primal.slice([0..batch, 0..features]))
    }

    fn input(&self, x: Tensor<2>, noise: Tensor<2>) -> Dual<2> {
        Tensor::cat(vec![x, self.level.forward(noise)], 1).into()
    }
}

/// Cross-entropy `-ln softmax(logits)_y` of each sample in nats, `[B]`, for logits `[B, K]` and classes `y < K`.
///
/// # Errors
/// [`Error::Number`] for a class that does not exist or a number of classes that is not that of the samples.
pub fn cross_entropy(logits: Tensor<2>, classes: &[usize]) -> Result<Tensor<1>, Error> {
    let chosen = one_hot(&logits, classes)?;
    Ok((log_softmax(logits, 1) * chosen).sum_dim(1).squeeze_dim::<1>(1).neg())
}

/// 1 at the class of each sample, 0 elsewhere, in the shape of `logits`.
fn one_hot(logits: &Tensor<2>, classes: &[usize]) -> Result<Tensor<2>, Error> {
    let [rows, count] = logits.dims();
    if classes.len() != rows {
        let allowed = format!("one class for each of {rows} samples");
        return Err(Error::Number { what: "number of classes given", value: classes.len(), allowed });
    }
    let mut values = vec![0f32; rows * count];
    for (row, class) in values.chunks_mut(count.max(1)).zip(classes) {
        let allowed = || format!("a class below {count}");
        *row.get_mut(*class).ok_or_else(|| Error::Number { what: "class", value: *class, allowed: allowed() })? = 1.0;
    }
    Ok(Tensor::from_data(TensorData::new(values, [rows, count]), &logits.device()))
}
