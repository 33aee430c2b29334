//! The columns that diffusion acts on, in groups with spreads of their own.

use serde::{Deserialize, Serialize};

use super::encoding::SPACE;

/// Columns of codes: positions first, then elements or an autoencoder's features, then charges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Columns of the second and of the third group.
    pub widths: [usize; 2],
    /// Root mean square of the codes of each group; of positions about their centre.
    pub spread: [f64; 3],
}

impl Layout {
    /// All columns.
    pub fn columns(&self) -> usize {
        SPACE + self.widths.iter().sum::<usize>()
    }

    /// Which of the three groups a column belongs to.
    pub fn group(&self, column: usize) -> usize {
        match column {
            c if c < SPACE => 0,
            c if c < SPACE + self.widths[0] => 1,
            _ => 2,
        }
    }
}
