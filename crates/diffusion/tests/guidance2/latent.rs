//! Latent models: the divergence of normals, the linear autoencoder, whose optimum is principal components, and sampling.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::Gaussian;
use diffusion::latent::{Standardise, kl_regularised, kl_to_normal, reparameterise};
use diffusion::*;

fn tensor(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

#[test]
fn the_divergence_from_the_standard_normal_is_its_integral() {
    // Integral of p ln(p/q) on a grid of 0.001 standard deviations over +-12 of them: exact to rounding for smooth p.
    let cases = [(0.0, 0.0), (1.5, 0.0), (-0.7, 1.2), (0.3, -2.0)];
    let integral = |m: f64, l: f64| {
        let s = (0.5 * l).exp();
        let term = |z: f64| {
            let x = m + s * z;
            let p = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
            p * (-0.5 * z * z - s.ln() + 0.5 * x * x)
        };
        (-12_000..=12_000).map(|i| term(f64::from(i) * 1e-3) * 1e-3).sum::<f64>()
    };
    let flat: Vec<f64> = cases.iter().flat_map(|(m, _)| [*m, 0.0]).collect();
    let logs: Vec<f64> = cases.iter().flat_map(|(_, l)| [*l, 0.5]).collect();
    let ours: Vec<f64> = kl_to_normal(tensor(&flat, 2), tensor(&logs, 2)).to_data().iter::<f64>().collect();
    for ((m, l), ours) in cases.into_iter().zip(ours) {
        let exact = integral(m, l) + integral(0.0, 0.5);
        assert!((ours - exact).abs() < 1e-6 * (1.0 + exact), "{m} {l}: {ours} {exact}");
    }
}

/// Points and noise whose second moments are exact, so that the loss is an expectation without error: `+-sqrt(n v_j)` on each axis.
fn cross(variances: &[f64]) -> Vec<Vec<f64>> {
    let n = variances.len();
    let point = |k: usize| {
        let size = (n as f64 * variances[k / 2]).sqrt() * if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        (0..n).map(|j| if j == k / 2 { size } else { 0.0 }).collect()
    };
    (0..2 * n).map(point).collect()
}

#[test]
fn the_linear_autoencoder_learns_principal_components() {
    // With beta = 2 s² the loss is 2 s² times the negative evidence bound, whose minimum over linear pairs is that of probabilistic
    // PCA (Tipping & Bishop 1999; Lucas et al., arXiv:1911.02469): s² sum_kept (ln(l_j/s²) + 1) + sum_lost l_j, and W W^T = sum (l_j - s²) e e^T.
    let (variances, s2) = ([4.0, 1.0, 0.2, 0.1], 0.25);
    let minimum: f64 = s2 * ((4.0f64 / s2).ln() + (1.0f64 / s2).ln() + 2.0) + 0.3;
    let (points, noise) = (cross(&variances), cross(&[1.0, 1.0]));
    // Every point with every noise.
    let data: Vec<f64> = points.iter().flat_map(|p| noise.iter().flat_map(|_| p.clone())).collect();
    let draws: Vec<f64> = points.iter().flat_map(|_| noise.concat()).collect();
    let (data, draws) = (tensor(&data, 4), tensor(&draws, 2));
    let start = |rows, columns, seed| tensor(&Rng::new(seed).normal_f64(rows, columns), columns).mul_scalar(0.3);
    let mut parameters = [start(4, 2, 1), start(2, 4, 2), start(1, 2, 3)];
    let mut last = f64::INFINITY;
    for _ in 0..1500 {
        let taped = parameters.clone().map(|p| p.autodiff().require_grad());
        let [encode, decode, log] = taped.clone();
        let mean = data.clone().matmul(encode);
        let logs = log.repeat_dim(0, data.dims()[0]);
        let code = reparameterise(mean.clone(), logs.clone(), draws.clone());
        let loss = kl_regularised(data.clone(), code.matmul(decode), mean, logs, 2.0 * s2).mean();
        last = f64::from(loss.clone().into_scalar::<f32>());
        assert!(last > minimum - 1e-4, "below the minimum: {last} {minimum}");
        let gradients = loss.backward();
        parameters = [0, 1, 2].map(|k| parameters[k].clone() - taped[k].grad(&gradients).unwrap().mul_scalar(0.05));
    }
    assert!((last - minimum).abs() < 2e-3, "{last} against {minimum}");
    let product = parameters[1].clone().transpose().matmul(parameters[1].clone()).to_host();
    for (i, row) in product.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            let exact = if i == j && i < 2 { variances[i] - s2 } else { 0.0 };
            assert!((value - exact).abs() < 0.03, "{product:?}");
        }
    }
}

#[test]
fn decoded_samples_have_the_moments_of_the_decoded_normal() {
    // Codes N(shift, scale²) decoded by x = (c0 + c1, c0 - 2 c1, 3): mean and covariance by linearity.
    let (shift, scale) = ([1.0, -2.0], [0.5, 2.0]);
    let latent = Latent {
        model: Each(Gaussian::isotropic(Edm::default(), 2, 0.0, 1.0).unwrap()),
        decoder: |c: Tensor<2>| c.matmul(tensor(&[1.0, 1.0, 0.0, 1.0, -2.0, 0.0], 3)) + tensor(&[0.0, 0.0, 3.0], 3),
        standardise: Standardise::new(shift.to_vec(), scale.to_vec()).unwrap(),
    };
    let grid = Grid::edm(&Edm::default(), 20).unwrap();
    let n = 4000;
    let like = Tensor::<2>::zeros([n, 2], &Device::flex());
    let (data, codes) = latent.sample(&Sampler::DpmSolverPp2M, &grid, &like, &mut Rng::new(1)).unwrap();
    assert_eq!(codes.evaluations, 20);
    let rows = data.to_host();
    let mean = |j: usize| rows.iter().map(|x| x[j]).sum::<f64>() / n as f64;
    let second = |i: usize, j: usize| rows.iter().map(|x| (x[i] - mean(i)) * (x[j] - mean(j))).sum::<f64>() / n as f64;
    // Standard deviations: sqrt(.25 + 4) and sqrt(.25 + 16); covariance .25 - 8. Five standard errors and 1 % for 20 steps.
    for (j, m, v) in [(0, -1.0, 4.25), (1, 5.0, 16.25)] {
        assert!((mean(j) - m).abs() < 5.0 * (v / n as f64).sqrt(), "{}", mean(j));
        assert!((second(j, j) / v - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt() + 0.01, "{}", second(j, j));
    }
    assert!((second(0, 1) + 7.75).abs() < 0.6, "{}", second(0, 1));
    assert!(rows.iter().all(|x| x[2] == 3.0));
}

#[test]
fn standardised_codes_have_mean_zero_and_unit_spread_and_come_back() {
    let codes = tensor(&[1.0, 10.0, 3.0, 30.0, 5.0, 20.0, -1.0, 0.0], 2);
    let standardise = Standardise::of(&codes).unwrap();
    let z = standardise.standardise(codes.clone()).unwrap();
    for j in 0..2 {
        let column: Vec<f64> = z.to_host().iter().map(|r| r[j]).collect();
        assert!(column.iter().sum::<f64>().abs() < 1e-5);
        assert!((column.iter().map(|v| v * v).sum::<f64>() - 4.0).abs() < 1e-5);
    }
    let back = standardise.restore(z).unwrap().to_host();
    assert!(back.concat().iter().zip(codes.to_host().concat()).all(|(a, b)| (a - b).abs() < 1e-5));
    assert!(matches!(Standardise::new(vec![0.0], vec![0.0]), Err(Error::Parameter { what: "scale", .. })));
    assert!(matches!(Standardise::new(vec![0.0], vec![]), Err(Error::Length { .. })));
    assert!(Standardise::of(&Tensor::<2>::ones([4, 1], &Device::flex())).is_err());
}
