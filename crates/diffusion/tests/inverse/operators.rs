//! Operators: transposes, pseudo-inverses, and what each does to an image whose measurement is known.

use std::f64::consts::TAU;

use diffusion::inverse::*;
use diffusion::{Error, Rng};

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < tolerance)
}

fn random_matrix(rows: usize, columns: usize, seed: u64) -> Matrix {
    let values = Rng::new(seed).normal_f64(rows, columns);
    Matrix::new(values.chunks(columns).map(<[f64]>::to_vec).collect()).unwrap()
}

fn all() -> Vec<(&'static str, Box<dyn Operator>)> {
    let chosen: Vec<bool> = Rng::new(1).uniform(1, 42).iter().map(|u| *u < 0.4).collect();
    let kernel = vec![vec![0.1, 0.2, 0.0], vec![0.3, -0.5, 0.1], vec![0.05, 0.0, 0.4]];
    // Rank 2: the third row is the sum of the first two.
    let deficient = vec![vec![1.0, 2.0, 3.0, 4.0], vec![0.5, -1.0, 0.0, 2.0], vec![1.5, 1.0, 3.0, 6.0]];
    vec![
        ("wide matrix", Box::new(random_matrix(3, 7, 2))),
        ("tall matrix", Box::new(random_matrix(7, 3, 3))),
        ("matrix without full rank", Box::new(Matrix::new(deficient).unwrap())),
        ("mask", Box::new(Mask::new(&chosen).unwrap())),
        ("blur", Box::new(Blur::new([6, 7], &kernel).unwrap())),
        ("fourier", Box::new(Fourier::new([6, 7], &chosen).unwrap())),
        ("fourier lines", Box::new(Fourier::lines([8, 5], 3, 3).unwrap())),
        ("radon", Box::new(Radon::even(6, 5).unwrap())),
    ]
}

#[test]
fn every_adjoint_is_the_transpose() {
    for (name, a) in all() {
        let mut rng = Rng::new(4);
        for _ in 0..5 {
            let (x, y) = (rng.normal_f64(1, a.domain()), rng.normal_f64(1, a.range()));
            let (forward, backward) = (dot(&a.apply(&x).unwrap(), &y), dot(&x, &a.adjoint(&y).unwrap()));
            assert!((forward - backward).abs() < 1e-12 * (1.0 + forward.abs()), "{name}: {forward} {backward}");
        }
    }
}

#[test]
fn pseudo_inverses_obey_moore_and_penrose() {
    // A A+ A = A, A+ A A+ = A+, and A A+ and A+ A are symmetric.
    for (name, a) in all() {
        let mut rng = Rng::new(5);
        let pinv = |y: &[f64]| a.pseudo_inverse(y).unwrap();
        let apply = |x: &[f64]| a.apply(x).unwrap();
        let (x, w) = (rng.normal_f64(1, a.domain()), rng.normal_f64(1, a.domain()));
        let (y, v) = (rng.normal_f64(1, a.range()), rng.normal_f64(1, a.range()));
        // Conjugate gradients on the ill-conditioned projections keep eight digits.
        assert!(near(&apply(&pinv(&apply(&x))), &apply(&x), 1e-8), "{name}: A A+ A");
        assert!(near(&pinv(&apply(&pinv(&y))), &pinv(&y), 1e-6), "{name}: A+ A A+");
        let (one, two) = (dot(&apply(&pinv(&y)), &v), dot(&y, &apply(&pinv(&v))));
        assert!((one - two).abs() < 1e-7 * (1.0 + one.abs()), "{name}: A A+ symmetric");
        let (one, two) = (dot(&pinv(&apply(&x)), &w), dot(&x, &pinv(&apply(&w))));
        assert!((one - two).abs() < 1e-6 * (1.0 + one.abs()), "{name}: A+ A symmetric");
    }
}

#[test]
fn singular_values_and_vectors_reconstruct_the_matrix() {
    for (rows, columns) in [(3, 7), (7, 3), (5, 5), (1, 4), (20, 20)] {
        let a = random_matrix(rows, columns, 6);
        let svd = a.svd();
        assert_eq!(svd.singular.len(), rows.min(columns));
        assert!(svd.singular.windows(2).all(|w| w[0] >= w[1] && w[1] > 0.0));
        assert!(a.rows().iter().zip(svd.reconstruct()).all(|(a, b)| near(a, &b, 1e-13)));
        for vectors in [&svd.left, &svd.right] {
            for (i, u) in vectors.iter().enumerate() {
                assert!((0..=i).all(|j| (dot(u, &vectors[j]) - f64::from(u8::from(i == j))).abs() < 1e-13));
            }
        }
    }
    // Rank one: a b^T has the single singular value |a| |b|.
    let (a, b) = ([3.0, 0.0, 4.0], [1.0, 2.0, 2.0, 4.0]);
    let outer = Matrix::new(a.iter().map(|a| b.iter().map(|b| a * b).collect()).collect()).unwrap();
    assert!(near(&outer.svd().singular, &[25.0], 1e-12));
}

#[test]
fn tiny_singular_values_keep_their_digits() {
    // A graded diagonal times rotations of the plane: singular values 1 and 1e-10 to relative precision.
    let (s, c) = 0.7f64.sin_cos();
    let a = Matrix::new(vec![vec![c, -s * 1e-10], vec![s, c * 1e-10]]).unwrap();
    assert!((a.svd().singular[0] - 1.0).abs() < 1e-14);
    assert!((a.svd().singular[1] / 1e-10 - 1.0).abs() < 1e-12);
}

#[test]
fn the_matrix_of_an_operator_acts_like_it() {
    for (name, a) in all() {
        let dense = Matrix::of(a.as_ref()).unwrap();
        let mut rng = Rng::new(7);
        let (x, y) = (rng.normal_f64(1, a.domain()), rng.normal_f64(1, a.range()));
        assert!(near(&dense.apply(&x).unwrap(), &a.apply(&x).unwrap(), 1e-12), "{name}");
        assert!(near(&dense.pseudo_inverse(&y).unwrap(), &a.pseudo_inverse(&y).unwrap(), 1e-6), "{name}");
    }
}

#[test]
fn blur_multiplies_waves_by_its_transfer_function() {
    // A periodic box of width 3 has H(k) = (1 + 2 cos(2 pi k/n))/3 in each direction.
    let (height, width) = (10, 12);
    let third = vec![vec![1.0 / 9.0; 3]; 3];
    let blur = Blur::new([height, width], &third).unwrap();
    for (k, l) in [(0, 0), (1, 0), (0, 5), (3, 2), (5, 6)] {
        let wave = |i: usize| {
            TAU * (k as f64 * (i / width) as f64 / height as f64 + l as f64 * (i % width) as f64 / width as f64)
        };
        let x: Vec<f64> = (0..height * width).map(|i| (wave(i) + 0.3).cos()).collect();
        let side = |k: f64, n: usize| (1.0 + 2.0 * (TAU * k / n as f64).cos()) / 3.0;
        let gain = side(k as f64, height) * side(l as f64, width);
        let expected: Vec<f64> = x.iter().map(|x| gain * x).collect();
        assert!(near(&blur.apply(&x).unwrap(), &expected, 1e-13), "({k}, {l})");
        let h = blur.transfer()[k * width + l];
        assert!((h.0 - gain).abs() < 1e-13 && h.1.abs() < 1e-13);
    }
    // A Gaussian of 1.2 pixels has H(k) = exp(-(2 pi k/n)² 1.2²/2): sampling and the cut at four widths cost 1e-4.
    let gaussian = Blur::gaussian([32, 32], 1.2).unwrap();
    for k in 0..8 {
        let expected = (-0.5 * (TAU * k as f64 / 32.0 * 1.2).powi(2)).exp();
        assert!((gaussian.transfer()[k].0 - expected).abs() < 2e-4, "{k}");
    }
}

#[test]
fn a_shifted_kernel_shifts_the_image() {
    let kernel = vec![vec![0.0, 0.0, 0.0], vec![0.0, 0.0, 1.0], vec![0.0, 0.0, 0.0]];
    let blur = Blur::new([4, 5], &kernel).unwrap();
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let moved: Vec<f64> = (0..20).map(|i| x[i / 5 * 5 + (i % 5 + 4) % 5]).collect();
    assert!(near(&blur.apply(&x).unwrap(), &moved, 1e-12));
}

#[test]
fn all_frequencies_together_keep_the_length_and_give_the_image_back() {
    for shape in [[6, 5], [8, 8], [7, 1], [9, 4]] {
        let a = Fourier::new(shape, &vec![true; shape[0] * shape[1]]).unwrap();
        let x = Rng::new(8).normal_f64(1, a.domain());
        let y = a.apply(&x).unwrap();
        assert!((dot(&x, &x) - dot(&y, &y)).abs() < 1e-12 * dot(&x, &x));
        assert!(near(&a.adjoint(&y).unwrap(), &x, 1e-13));
    }
    // By definition: X_k = n^(-1/2) sum_j x_j e^(-2 pi i j k/n).
    let a = Fourier::new([1, 30], &[true; 30]).unwrap();
    let x = Rng::new(9).normal_f64(1, 30);
    let y = a.apply(&x).unwrap();
    for k in 0..30 {
        let phase = |j: usize| TAU * (j * k) as f64 / 30.0;
        let real: f64 = x.iter().enumerate().map(|(j, x)| x * phase(j).cos()).sum::<f64>() / 30f64.sqrt();
        let imaginary: f64 = x.iter().enumerate().map(|(j, x)| -x * phase(j).sin()).sum::<f64>() / 30f64.sqrt();
        assert!((y[2 * k] - real).abs() < 1e-13 && (y[2 * k + 1] - imaginary).abs() < 1e-13);
    }
}

#[test]
fn projections_of_a_disc_are_its_chords() {
    // A disc of radius R, pixels weighted by the part of them inside (16 x 16 subpixels): chord 2 sqrt(R² - s²).
    let (size, radius, centre) = (64, 20.0, (3.0, -5.0));
    let inside = |i: usize, j: usize| {
        let sub = |k: usize| (k as f64 + 0.5) / 16.0 - 0.5;
        let hit = |k: usize| {
            let (x, y) = (j as f64 - 31.5 + sub(k % 16), 31.5 - i as f64 + sub(k / 16));
            (x - centre.0).hypot(y - centre.1) < radius
        };
        (0..256).filter(|k| hit(*k)).count() as f64 / 256.0
    };
    let image: Vec<f64> = (0..size * size).map(|p| inside(p / size, p % size)).collect();
    let radon = Radon::even(size, 13).unwrap();
    let sinogram = radon.apply(&image).unwrap();
    let detectors = radon.range() / 13;
    let mut worst: f64 = 0.0;
    let mut squares = 0.0;
    for (k, value) in sinogram.iter().enumerate() {
        let angle = std::f64::consts::PI * (k / detectors) as f64 / 13.0;
        let s = radon.offset(k % detectors) - centre.0 * angle.cos() - centre.1 * angle.sin();
        let chord = 2.0 * (radius * radius - s * s).max(0.0).sqrt();
        squares += (value - chord).powi(2);
        // Within a pixel of the rim a chord changes by 2 sqrt(2R) = 12.6, which a pixel cannot resolve.
        if (s.abs() - radius).abs() > 1.5 {
            worst = worst.max((value - chord).abs());
        }
    }
    let rms = (squares / sinogram.len() as f64).sqrt();
    assert!(worst < 0.5 && rms < 0.35, "worst {worst}, rms {rms} of a diameter of 40");
}

#[test]
fn each_projection_of_a_central_bump_holds_its_mass() {
    // Offsets one pixel apart tile the plane: the sum over them is the integral of the image.
    let image: Vec<f64> = (0..33 * 33)
        .map(|p| (-0.5 * (((p / 33) as f64 - 16.0).powi(2) + ((p % 33) as f64 - 16.0).powi(2)) / 9.0).exp())
        .collect();
    let mass: f64 = image.iter().sum();
    let radon = Radon::even(33, 9).unwrap();
    for projection in radon.apply(&image).unwrap().chunks(radon.range() / 9) {
        assert!((projection.iter().sum::<f64>() / mass - 1.0).abs() < 1e-3);
    }
}

#[test]
fn shapes_that_do_not_match_are_refused_with_their_lengths() {
    for (name, a) in all() {
        let refused = |r: Result<Vec<f64>, Error>, want: usize, given: usize| matches!(r, Err(Error::Length { expected, got, .. }) if expected == want && got == given);
        let (domain, range) = (a.domain(), a.range());
        assert!(refused(a.apply(&vec![0.0; domain + 1]), domain, domain + 1), "{name}");
        assert!(refused(a.adjoint(&vec![0.0; range + 2]), range, range + 2), "{name}");
        assert!(refused(a.pseudo_inverse(&vec![0.0; range + 2]), range, range + 2), "{name}");
        let short = Measurement::new(&*a, vec![0.0; range - 1], 0.1);
        assert!(matches!(short, Err(Error::Length { expected, got, .. }) if (expected, got) == (range, range - 1)));
        let negative = Measurement::new(&*a, vec![0.0; range], -0.1);
        assert!(matches!(negative, Err(Error::Parameter { what: "sigma_y", value: -0.1, .. })), "{name}");
    }
    assert!(matches!(Matrix::new(vec![vec![1.0], vec![1.0, 2.0]]), Err(Error::Length { expected: 1, got: 2, .. })));
    assert!(Matrix::new(vec![]).is_err() && Mask::new(&[false, false]).is_err());
    assert!(Matrix::new(vec![vec![f64::NAN]]).is_err());
    assert!(Blur::new([4, 4], &[vec![1.0, 1.0]]).is_err() && Blur::new([2, 9], &vec![vec![1.0]; 3]).is_err());
    assert!(Blur::gaussian([4, 4], 0.0).is_err());
    assert!(Fourier::new([2, 3], &[true; 5]).is_err() && Fourier::lines([4, 4], 2, 0).is_err());
    assert!(Radon::new(0, vec![0.0], 3).is_err() && Radon::new(4, vec![], 3).is_err());
    assert!(Radon::new(4, vec![f64::INFINITY], 3).is_err());
}
