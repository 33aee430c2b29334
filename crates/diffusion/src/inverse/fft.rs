//! The unitary discrete Fourier transform in one and two dimensions, of any length.
//!
//! `X_k = n^(-1/2) sum_j x_j e^(-2 pi i j k/n)`, by splitting off the smallest prime factor: O(n sum of factors).
//! Cooley & Tukey, Math. Comp. 19 (1965) 297.

use std::f64::consts::TAU;

/// A complex number as (real, imaginary).
pub(super) type Complex = (f64, f64);

/// Product.
pub(super) fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// The unitary transform of an `[height, width]` image, row-major, in place; `sign` is -1 forwards, +1 back.
pub(super) fn transform(image: &mut [Complex], [height, width]: [usize; 2], sign: f64) {
    for row in image.chunks_mut(width) {
        let done = line(row, sign);
        row.copy_from_slice(&done);
    }
    for j in 0..width {
        let column: Vec<Complex> = (0..height).map(|i| image[i * width + j]).collect();
        for (i, value) in line(&column, sign).into_iter().enumerate() {
            image[i * width + j] = value;
        }
    }
    let norm = 1.0 / ((height * width) as f64).sqrt();
    image.iter_mut().for_each(|c| *c = (c.0 * norm, c.1 * norm));
}

/// The transform of one line, without its normalisation.
fn line(x: &[Complex], sign: f64) -> Vec<Complex> {
    let n = x.len();
    let Some(factor) = (2..=n).find(|p| n.is_multiple_of(*p)) else { return x.to_vec() };
    let part = n / factor;
    let parts: Vec<Vec<Complex>> =
        (0..factor).map(|r| line(&x.iter().skip(r).step_by(factor).copied().collect::<Vec<_>>(), sign)).collect();
    let roots: Vec<Complex> =
        (0..n).map(|k| (TAU * k as f64 / n as f64).sin_cos()).map(|(s, c)| (c, sign * s)).collect();
    let term = |k: usize| {
        let terms = parts.iter().enumerate().map(|(r, part_r)| times(roots[r * k % n], part_r[k % part]));
        terms.fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    (0..n).map(term).collect()
}
