//! A table of features: one row per event, one column per feature, row-major, every value finite.

use crate::error::{Error, Result};

/// Row-major table of finite numbers, `rows x cols`.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f64>,
}

impl Matrix {
    /// Wraps row-major `data`; fails if its length is not `rows * cols` or a value is not finite.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Result<Self> {
        if Some(data.len()) != rows.checked_mul(cols) {
            return Err(Error::Shape { rows, cols, len: data.len() });
        }
        match data.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(Error::NotFinite { row: at / cols, col: at % cols }),
            None => Ok(Self { rows, cols, data }),
        }
    }

    /// Single-precision version of [`Matrix::new`].
    pub fn from_f32(rows: usize, cols: usize, data: &[f32]) -> Result<Self> {
        Self::new(rows, cols, data.iter().map(|&v| f64::from(v)).collect())
    }

    /// Number of events.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of features.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// All numbers, row-major.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// Features of one event.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    /// One feature of every event.
    pub fn column(&self, col: usize) -> impl Iterator<Item = f64> + '_ {
        self.data.iter().skip(col).step_by(self.cols.max(1)).copied()
    }

    /// The given rows, in the given order, repetitions allowed.
    pub fn select(&self, rows: &[u32]) -> Self {
        let mut data = Vec::with_capacity(rows.len() * self.cols);
        for &row in rows {
            data.extend_from_slice(self.row(row as usize));
        }
        Self { rows: rows.len(), cols: self.cols, data }
    }

    /// Divides every column by its factor.
    fn scaled(&self, factor: &[f64]) -> Self {
        let data = self.data.iter().zip(factor.iter().cycle()).map(|(v, f)| v / f).collect();
        Self { rows: self.rows, cols: self.cols, data }
    }
}

/// Checks that both samples have the same features (at least one) and at least two events.
pub(crate) fn comparable(real: &Matrix, generated: &Matrix) -> Result<()> {
    if real.cols != generated.cols {
        return Err(Error::Columns { real: real.cols, generated: generated.cols });
    }
    crate::error::at_least("features", real.cols, 1)?;
    crate::error::at_least("real events", real.rows, 2)?;
    crate::error::at_least("generated events", generated.rows, 2)
}

/// Divides both samples by max|real| of each feature (1 where that is 0), the normalisation of FPD and KPD.
pub(crate) fn normalise(real: &Matrix, generated: &Matrix) -> (Matrix, Matrix) {
    let mut factor = vec![0.0_f64; real.cols];
    for row in real.data.chunks_exact(real.cols) {
        for (f, v) in factor.iter_mut().zip(row) {
            *f = f.max(v.abs());
        }
    }
    for f in &mut factor {
        if *f == 0.0 {
            *f = 1.0;
        }
    }
    (real.scaled(&factor), generated.scaled(&factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_is_reported_with_its_row_and_column() {
        let mut data = vec![0.0; 6];
        data[5] = f64::NAN;
        assert_eq!(Matrix::new(3, 2, data), Err(Error::NotFinite { row: 2, col: 1 }));
    }

    #[test]
    fn a_wrong_length_is_reported() {
        assert_eq!(Matrix::new(3, 2, vec![0.0; 5]), Err(Error::Shape { rows: 3, cols: 2, len: 5 }));
    }

    #[test]
    fn columns_and_rows_are_views_of_the_same_numbers() {
        let m = Matrix::from_f32(2, 3, &[0., 1., 2., 3., 4., 5.]).unwrap();
        assert_eq!(m.row(1), [3., 4., 5.]);
        assert_eq!(m.column(1).collect::<Vec<_>>(), [1., 4.]);
        assert_eq!(m.select(&[1, 1, 0]).column(2).collect::<Vec<_>>(), [5., 5., 2.]);
    }

    #[test]
    fn normalisation_uses_only_the_real_sample_and_leaves_empty_features_alone() {
        let real = Matrix::new(2, 2, vec![-4., 0., 2., 0.]).unwrap();
        let other = Matrix::new(2, 2, vec![8., 3., 0., 0.]).unwrap();
        let (r, o) = normalise(&real, &other);
        assert_eq!(r.data(), [-1., 0., 0.5, 0.]);
        assert_eq!(o.data(), [2., 3., 0., 0.]);
    }
}
