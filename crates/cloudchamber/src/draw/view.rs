//! From where a molecule is seen: along its shortest principal axis, a little from above.

use matter::Molecule;

/// Turn about the horizontal axis behind the principal axes [radians], so that what lies in one plane of symmetry does not cover itself.
const TILT: f64 = 0.21;
/// The same about the vertical axis.
const TURN: f64 = 0.16;
/// Distance of the eye from the centre in Angstrom.
const EYE: f64 = 26.0;

/// A place from which to look; the page's x and y, and towards the reader z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    centre: [f64; 3],
    /// Rows are the axes of the page; no mirror, since molecules have hands.
    axes: [[f64; 3]; 3],
}

impl View {
    /// The view in which the atoms spread most along x, then y: principal axes of their covariance, signs by the third moments.
    pub fn principal(molecule: &Molecule) -> View {
        let places: Vec<&[f64; 3]> = molecule.positions.iter().filter(|p| finite(p)).collect();
        let n = places.len().max(1) as f64;
        let centre = [0, 1, 2].map(|k| places.iter().map(|p| p[k]).sum::<f64>() / n);
        let moment =
            |i: usize, j: usize| places.iter().map(|p| (p[i] - centre[i]) * (p[j] - centre[j])).sum::<f64>() / n;
        let mut covariance = [[0.0; 3]; 3];
        for (i, row) in covariance.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x = moment(i, j);
            }
        }
        let [mut x, mut y, _] = eigenvectors(covariance);
        for axis in [&mut x, &mut y] {
            let skew: f64 =
                places.iter().map(|p| (0..3).map(|k| axis[k] * (p[k] - centre[k])).sum::<f64>().powi(3)).sum();
            if skew < 0.0 {
                axis.iter_mut().for_each(|a| *a = -*a);
            }
        }
        let axes = [x, y, cross(x, y)];
        let (s, c) = TURN.sin_cos();
        let turned = product([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]], axes);
        let (s, c) = TILT.sin_cos();
        View { centre, axes: product([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]], turned) }
    }

    /// The same directions about another centre.
    pub fn about(self, centre: [f64; 3]) -> View {
        View { centre, ..self }
    }

    /// Place in the page's axes in Angstrom.
    pub(super) fn place(&self, position: &[f64; 3]) -> [f64; 3] {
        self.axes.map(|axis| (0..3).map(|k| axis[k] * (position[k] - self.centre[k])).sum())
    }
}

/// How much larger something at this depth looks.
pub(super) fn magnification(z: f64) -> f64 {
    EYE / (EYE - z).max(EYE / 4.0)
}

pub(super) fn finite(position: &[f64; 3]) -> bool {
    position.iter().all(|x| x.is_finite())
}

pub(super) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn product(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    a.map(|row| [0, 1, 2].map(|j| (0..3).map(|k| row[k] * b[k][j]).sum()))
}

/// Eigenvectors of a symmetric matrix by decreasing eigenvalue, by Jacobi's rotations.
fn eigenvectors(mut a: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    // Rows become the eigenvectors.
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..30 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q].abs() <= 1e-15 * (a[p][p].abs() + a[q][q].abs()) {
                continue;
            }
            let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let t = if theta == 0.0 { 1.0 } else { theta.signum() / (theta.abs() + theta.hypot(1.0)) };
            let c = 1.0 / t.hypot(1.0);
            let s = t * c;
            let mut turn = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            (turn[p][p], turn[q][q], turn[p][q], turn[q][p]) = (c, c, -s, s);
            let transposed = [0, 1, 2].map(|i| [0, 1, 2].map(|j| turn[j][i]));
            a = product(product(turn, a), transposed);
            v = product(turn, v);
        }
    }
    let mut order = [0, 1, 2];
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    order.map(|i| v[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_diagonalise_and_are_ordered() {
        let a = [[2.0, -1.0, 0.3], [-1.0, 5.0, 0.7], [0.3, 0.7, 1.0]];
        let v = eigenvectors(a);
        let value = |x: [f64; 3]| {
            let ax = a.map(|row| (0..3).map(|k| row[k] * x[k]).sum::<f64>());
            let lambda: f64 = (0..3).map(|k| x[k] * ax[k]).sum();
            assert!((0..3).all(|k| (ax[k] - lambda * x[k]).abs() < 1e-12));
            lambda
        };
        let values = v.map(value);
        assert!(values[0] > values[1] && values[1] > values[2]);
        assert!((values.iter().sum::<f64>() - 8.0).abs() < 1e-12);
    }

    #[test]
    fn a_view_is_a_rotation_and_turns_with_the_molecule() {
        let positions = vec![[0.0, 0.1, 0.0], [1.5, 0.3, -0.2], [2.9, 1.0, 0.4], [0.4, -1.2, 0.9], [-1.0, 0.5, 0.8]];
        let molecule = Molecule { positions, ..Molecule::default() };
        let view = View::principal(&molecule);
        let [x, y, z] = view.axes;
        let dot = |a: [f64; 3], b: [f64; 3]| (0..3).map(|k| a[k] * b[k]).sum::<f64>();
        assert!((dot(cross(x, y), z) - 1.0).abs() < 1e-12, "no mirror");
        assert!(dot(x, y).abs() < 1e-12 && (dot(x, x) - 1.0).abs() < 1e-12);
        // Turned and shifted, it looks the same.
        let (s, c) = 1.1f64.sin_cos();
        let mut turned = molecule.clone();
        for p in &mut turned.positions {
            *p = [c * p[0] - s * p[2] + 7.0, p[1] - 2.0, s * p[0] + c * p[2]];
        }
        let again = View::principal(&turned);
        for (p, q) in molecule.positions.iter().zip(&turned.positions) {
            let (a, b) = (view.place(p), again.place(q));
            assert!((0..3).all(|k| (a[k] - b[k]).abs() < 1e-9), "{a:?} {b:?}");
        }
        // Without atoms, or with one, there is a view too.
        assert!(finite(&View::principal(&Molecule::default()).place(&[1.0, 2.0, 3.0])));
    }
}
