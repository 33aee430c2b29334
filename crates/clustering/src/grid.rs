//! Tiles of the cylinder of rapidity and azimuth, none smaller than R: whoever is nearer than R is in the same tile or in one of the eight
//! around it (hep-ph/0512210; arXiv:1111.6097).
//!
//! The first and last row hold everything beyond the covered rapidities too. Moving a coordinate into the covered range makes no distance
//! larger, so the rule holds for them as well.

use std::f64::consts::PI;

/// Rapidities beyond this share the outermost rows: few particles are there.
const LARGEST_RAPIDITY: f64 = 12.0;

/// Particles per tile that are wanted at least on average.
const OCCUPANCY: f64 = 2.0;

/// The division of the cylinder.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grid {
    rows: usize,
    columns: usize,
    y_min: f64,
    per_y: f64,
    per_phi: f64,
}

impl Grid {
    /// A grid for `n` particles between these rapidities.
    pub(crate) fn new(radius: f64, n: usize, y_min: f64, y_max: f64) -> Grid {
        let limit = |y: f64| y.clamp(-LARGEST_RAPIDITY, LARGEST_RAPIDITY);
        let (y_min, y_max) = (limit(y_min), limit(y_max));
        let area = 2.0 * PI * (y_max - y_min);
        // A hair more than R: two particles one tile apart must be farther than R, in spite of rounding.
        let size = (radius * (1.0 + 1e-9)).max((OCCUPANCY * area / n as f64).sqrt());
        let columns = (2.0 * PI / size) as usize;
        // Fewer than three columns would be their own neighbours twice.
        let columns = if columns < 3 { 1 } else { columns };
        let rows = ((y_max - y_min) / size) as usize;
        let per_y = 1.0 / size;
        Grid { rows: rows + 1, columns, y_min, per_y, per_phi: columns as f64 / (2.0 * PI) }
    }

    pub(crate) fn tiles(&self) -> usize {
        self.rows * self.columns
    }

    #[inline(always)]
    pub(crate) fn tile(&self, y: f64, phi: f64) -> usize {
        // Conversions saturate: negative numbers become 0.
        let row = (((y - self.y_min) * self.per_y) as usize).min(self.rows - 1);
        let column = (((phi + PI) * self.per_phi) as usize).min(self.columns - 1);
        row * self.columns + column
    }

    /// A tile and those around it, each once: their numbers, and how many there are.
    #[inline(always)]
    pub(crate) fn around(&self, tile: usize) -> ([u32; 9], usize) {
        let (row, column) = (tile / self.columns, tile % self.columns);
        let left = if column == 0 { self.columns - 1 } else { column - 1 };
        let right = if column + 1 == self.columns { 0 } else { column + 1 };
        let (mut tiles, mut count) = ([0; 9], 0);
        for r in row.saturating_sub(1)..(row + 2).min(self.rows) {
            let start = r * self.columns;
            tiles[count] = (start + column) as u32;
            count += 1;
            if self.columns > 1 {
                tiles[count] = (start + left) as u32;
                tiles[count + 1] = (start + right) as u32;
                count += 2;
            }
        }
        (tiles, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudojet::distance2;

    #[test]
    fn whoever_is_within_the_radius_is_in_a_tile_around() {
        let mut state = 7u64;
        let mut uniform = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        for (radius, n) in [(0.1, 3000), (0.4, 1000), (0.7, 50), (1.5, 200), (2.2, 500), (4.0, 100)] {
            let grid = Grid::new(radius, n, -5.0, 4.0);
            let mut near = 0;
            for k in 0..20000 {
                let (y, phi) = (14.0 * uniform() - 7.0, PI * (2.0 * uniform() - 1.0));
                let angle = 2.0 * PI * uniform();
                let reach = if k % 2 == 0 { 1.0 } else { uniform() } * radius * (1.0 - 1e-12);
                let (y2, phi2) = (y + reach * angle.cos(), crate::fourvector::wrap_phi(phi + reach * angle.sin()));
                if distance2(y, phi, y2, phi2) < radius * radius {
                    near += 1;
                    let (tiles, count) = grid.around(grid.tile(y, phi));
                    let tiles: Vec<usize> = tiles[..count].iter().map(|&t| t as usize).collect();
                    let found = tiles.iter().filter(|&&t| t == grid.tile(y2, phi2)).count();
                    assert_eq!(found, 1, "{y} {phi} {y2} {phi2} {grid:?} {tiles:?}");
                    assert!(tiles.iter().all(|&t| t < grid.tiles()));
                }
            }
            assert!(near > 15000);
        }
    }
}
