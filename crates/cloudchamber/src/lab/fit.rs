//! Training small networks in memory: the loss as a closure, AdamW with a cosine to zero, a moving average as the result.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use diffusion::{Ema, Rng};

use super::recipe::FitSection;
use crate::train::adamw::{AdamW, clip};
use crate::{Error, interrupt};

/// Largest norm of a gradient; longer ones are scaled down to it.
const CLIP: f64 = 1.0;

/// The average of the weights of `network` along the descent of `loss`, which is given the network on a tape, the random numbers of
/// the step (sample `r` of step `k` is sample `k batch + r`), and the moving average so far, and returns a loss per sample.
///
/// # Errors
/// [`Error::Diverged`] if the loss is not finite, [`Error::Interrupted`], and those of `loss`.
pub fn fit<N: Module>(
    network: N,
    options: &FitSection,
    device: &Device,
    loss: &mut dyn FnMut(&N, &mut Rng, &N) -> Result<Tensor<1>, Error>,
) -> Result<N, Error> {
    let mut parameters = nets::values(&network);
    let mut average = parameters.clone();
    let mut optimiser = AdamW::new(parameters.len());
    let decays = vec![0.0; parameters.len()];
    let tape = network.clone().fork(&device.clone().autodiff()).train();
    let rng = Rng::new(options.seed);
    for step in 1..=options.steps {
        interrupt::check()?;
        let net = nets::load(tape.clone(), &parameters);
        let mut rng = rng.clone().at((step - 1) * options.batch as u64);
        let value = loss(&net, &mut rng, &nets::load(network.clone(), &average))?.mean();
        let number = f64::from(value.clone().into_scalar::<f32>());
        if !number.is_finite() {
            return Err(Error::Diverged { step, quantity: "the loss".into(), value: number });
        }
        let mut gradient = nets::gradients(&net, &value.backward());
        clip(&mut gradient, CLIP);
        let rate =
            0.5 * options.learning_rate * (1.0 + (std::f64::consts::PI * step as f64 / options.steps as f64).cos());
        optimiser.step(&mut parameters, &gradient, &decays, rate, step);
        Ema { decay: options.ema }.update(&mut average, &parameters, step - 1);
    }
    Ok(nets::load(network, &average))
}
