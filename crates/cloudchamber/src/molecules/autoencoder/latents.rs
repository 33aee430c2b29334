//! Latents as diffusion acts on them: points as they are, features about their mean and at a common spread.

use serde::{Deserialize, Serialize};

use super::section::AutoencoderSection;
use crate::molecules::encoding::{MoleculeRow, SPACE};
use crate::molecules::layout::Layout;

/// `h = spread (z_h - shift)/scale` for each feature `z_h`, with its mean and standard deviation among the training molecules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latents {
    /// Mean of each feature.
    pub shift: Vec<f64>,
    /// Standard deviation of each, that of the noise about the encoder's means included, so that it is never zero.
    pub scale: Vec<f64>,
    /// Standard deviation that all features have for diffusion.
    pub spread: f64,
    /// Root mean square of latent points about their centre, in units of the encoding.
    pub positions: f64,
}

impl Latents {
    /// Fitted to rows with latents as the encoder gives them.
    pub fn fit(section: &AutoencoderSection, rows: &[MoleculeRow]) -> Latents {
        let atoms = rows.iter().map(MoleculeRow::atoms).sum::<usize>().max(1) as f64;
        let squares: f64 = rows.iter().flat_map(|row| &row.positions).map(|x| f64::from(*x).powi(2)).sum();
        let column = |c: usize| {
            rows.iter().flat_map(move |row| row.latent.iter().skip(c).step_by(section.latent)).map(|z| f64::from(*z))
        };
        let shift: Vec<f64> = (0..section.latent).map(|c| column(c).sum::<f64>() / atoms).collect();
        let variance = |c: usize| column(c).map(|z| (z - shift[c]).powi(2)).sum::<f64>() / atoms;
        let scale = (0..section.latent).map(|c| (variance(c) + section.sigma_0.powi(2)).sqrt()).collect();
        let positions = (squares / (SPACE as f64 * atoms)).sqrt();
        // Single atoms have no spread.
        Latents { shift, scale, spread: section.spread, positions: if positions > 0.0 { positions } else { 1.0 } }
    }

    /// Whether the numbers can be used for this many features, for ones that were read from a file.
    pub fn is_valid(&self, features: usize) -> bool {
        let positive = |x: &f64| *x > 0.0 && x.is_finite();
        self.shift.len() == features
            && self.scale.len() == features
            && self.shift.iter().all(|x| x.is_finite())
            && self.scale.iter().chain([&self.spread, &self.positions]).all(positive)
    }

    /// The columns that diffusion acts on.
    pub fn layout(&self) -> Layout {
        Layout { widths: [self.shift.len(), 0], spread: [self.positions, self.spread, 1.0] }
    }

    /// From the encoder's feature of this column to what diffusion acts on.
    pub fn standardise(&self, column: usize, z: f32) -> f32 {
        (self.spread * (f64::from(z) - self.shift[column]) / self.scale[column]) as f32
    }

    /// And back.
    pub fn restore(&self, column: usize, h: f32) -> f32 {
        (self.shift[column] + self.scale[column] * f64::from(h) / self.spread) as f32
    }
}
