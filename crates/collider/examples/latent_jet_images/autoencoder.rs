//! An autoencoder of images: amplitudes (roots of the pixels' shares) to a normal law of codes, codes to shares.
//!
//! Shares sum to one, so that the decoder ends in a softmax, and the squared distance of amplitudes is the Hellinger distance of
//! two shares, in which a pixel's Poisson fluctuations are about equally wide whatever its content.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{log_softmax, silu};
use burn::tensor::{Device, Tensor};

use super::images::PIXELS;

/// Numbers of a code.
pub const CODE: usize = 48;
const WIDTH: usize = 256;

/// Encoder and decoder, both told the class.
#[derive(Module, Debug)]
pub struct Autoencoder {
    encoder: Vec<Linear>,
    decoder: Vec<Linear>,
}

impl Autoencoder {
    /// Fresh weights, for conditions of `classes` numbers.
    pub fn new(classes: usize, device: &Device) -> Autoencoder {
        let layers = |sizes: [usize; 4]| sizes.windows(2).map(|w| LinearConfig::new(w[0], w[1]).init(device)).collect();
        Autoencoder {
            encoder: layers([PIXELS + classes, WIDTH, WIDTH, 2 * CODE]),
            decoder: layers([CODE + classes, WIDTH, WIDTH, PIXELS]),
        }
    }

    /// Mean and log variance of the code, `[B, CODE]` each, of amplitudes `[B, PIXELS]`.
    pub fn encode(&self, amplitudes: Tensor<2>, class: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let both = run(&self.encoder, Tensor::cat(vec![amplitudes.mul_scalar(4.0), class], 1));
        let rows = both.dims()[0];
        let mean = both.clone().slice([0..rows, 0..CODE]);
        (mean, both.slice([0..rows, CODE..2 * CODE]).clamp(-12.0, 4.0))
    }

    /// Amplitudes, `[B, PIXELS]`, whose squares sum to one.
    pub fn decode(&self, code: Tensor<2>, class: Tensor<2>) -> Tensor<2> {
        log_softmax(run(&self.decoder, Tensor::cat(vec![code, class], 1)), 1).mul_scalar(0.5).exp()
    }
}

fn run(layers: &[Linear], x: Tensor<2>) -> Tensor<2> {
    let (last, hidden) = layers.split_last().expect("three layers");
    last.forward(hidden.iter().fold(x, |x, layer| silu(layer.forward(x))))
}
