//! Superposition of two sets of points by a rotation (Horn, J. Opt. Soc. Am. A 4 (1987) 629).
//!
//! For centred points a_i, b_i with S = sum_i a_i b_i^T the best rotation is the unit quaternion q that maximises q^T K q, and
//!
//! ```text
//! min_R sum_i |R a_i - b_i|^2 = sum_i (|a_i|^2 + |b_i|^2) - 2 lambda_max(K)
//!
//!     | Sxx+Syy+Szz  Syz-Szy       Szx-Sxz       Sxy-Syx      |
//! K = |              Sxx-Syy-Szz   Sxy+Syx       Szx+Sxz      |     symmetric
//!     |                           -Sxx+Syy-Szz   Syz+Szy      |
//!     |                                         -Sxx-Syy+Szz  |
//! ```
//!
//! A quaternion is never a reflection, so mirror images stay apart.

use nalgebra::{Matrix3, Matrix4, Quaternion, UnitQuaternion, Vector3};

/// Points moved to have their mean at zero.
pub(super) fn centred(points: impl ExactSizeIterator<Item = [f64; 3]> + Clone) -> Vec<Vector3<f64>> {
    let count = points.len().max(1) as f64;
    let mean = points.clone().map(Vector3::from).sum::<Vector3<f64>>() / count;
    points.map(|p| Vector3::from(p) - mean).collect()
}

/// Largest q^T K q: how much of the two sets' squares a rotation can make agree.
pub(super) fn overlap(s: &Matrix3<f64>) -> f64 {
    quadratic_form(s).symmetric_eigenvalues().max()
}

fn quadratic_form(s: &Matrix3<f64>) -> Matrix4<f64> {
    let [[xx, yx, zx], [xy, yy, zy], [xz, yz, zz]] = s.data.0;
    #[rustfmt::skip]
    let form = Matrix4::new(
        xx + yy + zz, yz - zy,       zx - xz,       xy - yx,
        yz - zy,      xx - yy - zz,  xy + yx,       zx + xz,
        zx - xz,      xy + yx,       yy - xx - zz,  yz + zy,
        xy - yx,      zx + xz,       yz + zy,       zz - xx - yy,
    );
    form
}

/// Smallest sum of squared distances between points of the same number, over all rotations and translations, in Angstrom^2.
///
/// # Panics
/// If the numbers of points differ.
pub fn superposed_distance2(a: &[[f64; 3]], b: &[[f64; 3]]) -> f64 {
    assert_eq!(a.len(), b.len(), "expected as many points in either set");
    let (a, b) = (centred(a.iter().copied()), centred(b.iter().copied()));
    let s = a.iter().zip(&b).map(|(p, q)| p * q.transpose()).sum::<Matrix3<f64>>();
    let squares: f64 = a.iter().chain(&b).map(|p| p.norm_squared()).sum();
    (squares - 2.0 * overlap(&s)).max(0.0)
}

/// The rotation R after which the sum of |R a_i - b_i|^2 is the smallest, from S.
pub(super) fn rotation(s: &Matrix3<f64>) -> UnitQuaternion<f64> {
    let best = quadratic_form(s).symmetric_eigen();
    let v = best.eigenvectors.column(best.eigenvalues.imax());
    UnitQuaternion::from_quaternion(Quaternion::new(v[0], v[1], v[2], v[3]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Rotation3;

    fn points(seed: u64, n: usize) -> Vec<[f64; 3]> {
        let mut random = crate::graph::tests::random(seed);
        (0..n).map(|_| std::array::from_fn(|_| random(10_000) as f64 / 2500.0 - 2.0)).collect()
    }

    /// The singular value decomposition gives the same minimum (Kabsch, Acta Cryst. A 32 (1976) 922).
    #[test]
    fn quaternions_and_singular_values_agree() {
        for seed in 0..200 {
            let n = 1 + seed as usize % 9;
            let (a, b) = (points(seed, n), points(seed + 1000, n));
            let (p, q) = (centred(a.iter().copied()), centred(b.iter().copied()));
            let s = p.iter().zip(&q).map(|(p, q)| p * q.transpose()).sum::<Matrix3<f64>>();
            let values = s.svd(false, false).singular_values;
            let sign = if s.determinant() < 0.0 { -1.0 } else { 1.0 };
            let squares: f64 = p.iter().chain(&q).map(|p| p.norm_squared()).sum();
            let kabsch = squares - 2.0 * (values[0] + values[1] + sign * values[2]);
            assert!((superposed_distance2(&a, &b) - kabsch.max(0.0)).abs() < 1e-10, "{seed}");
        }
    }

    #[test]
    fn moved_points_are_where_they_were_and_mirrored_ones_are_not() {
        let a = points(1, 8);
        let rotation: Rotation3<f64> = UnitQuaternion::from_euler_angles(0.3, -2.0, 1.1).to_rotation_matrix();
        let moved: Vec<[f64; 3]> =
            a.iter().map(|&p| (rotation * Vector3::from(p) + Vector3::new(1.0, 2.0, -3.0)).into()).collect();
        assert!(superposed_distance2(&a, &moved) < 1e-12);
        let mirrored: Vec<[f64; 3]> = a.iter().map(|&[x, y, z]| [-x, y, z]).collect();
        assert!(superposed_distance2(&a, &mirrored) > 1.0);
        assert_eq!(superposed_distance2(&[], &[]), 0.0);
    }

    /// No rotation of many does better, and a small one about the best does not either.
    #[test]
    fn no_other_rotation_is_better() {
        let (a, b) = (points(5, 6), points(6, 6));
        let best = superposed_distance2(&a, &b);
        let (p, q) = (centred(a.iter().copied()), centred(b.iter().copied()));
        let mut nearest = f64::INFINITY;
        for k in 0..20_000 {
            let angle = |m: usize| (k * m % 20_011) as f64 / 20_011.0 * std::f64::consts::TAU;
            let r =
                UnitQuaternion::from_euler_angles(angle(7_919), angle(104_729), angle(1_299_709)).to_rotation_matrix();
            let sum: f64 = p.iter().zip(&q).map(|(p, q)| (r * p - q).norm_squared()).sum();
            nearest = nearest.min(sum);
        }
        assert!(nearest >= best && nearest < best * 1.1, "{nearest} {best}");
    }
}
