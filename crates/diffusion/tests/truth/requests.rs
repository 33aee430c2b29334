//! Wrong requests are refused, with the numbers that are wrong and what to do about them.

use burn::tensor::{Device, Tensor};
use diffusion::couple::{Sinkhorn, assignment, squared_distances};
use diffusion::discrete::*;
use diffusion::exact::{Factorised, Gaussian, PointType, TypedPoints};
use diffusion::inverse::*;
use diffusion::latent::Standardise;
use diffusion::*;

/// The message of an error must have all of these parts.
#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, Error>, parts: &[&str]) {
    let message = result.expect_err("a refusal").to_string();
    assert!(parts.iter().all(|part| message.contains(part)), "\"{message}\" should say {parts:?}");
}

#[test]
fn tokens_of_a_class_that_does_not_exist_are_refused() {
    let process = Categorical::new(3, Replacement::Mask, Schedule::Linear).unwrap();
    let exact = Factorised::new(process, vec![vec![0.2, 0.3, 0.5]; 2]).unwrap();
    let model = |x: &Tokens, t: f64| exact.posterior(x, t).unwrap();
    let grid = Grid::new(vec![1.0, 0.5]).unwrap();
    let mut rng = Rng::new(0);
    // Number 3 is the mask: a state, but no class of data.
    let masked = Tokens::new(vec![0, 1, 2, 3], 2).unwrap();
    let refusal = ["token 3 is number 3 of 3", "renumber"];
    says(elbo(&process, &model, &grid, &masked, &mut rng), &refusal);
    says(masked_elbo(&process, &model, &masked, 2, &mut rng), &refusal);
    says(exact.log_mass(&masked), &refusal);
    assert!(exact.posterior(&masked, 0.5).is_ok());
    says(exact.posterior(&Tokens::new(vec![0, 9], 2).unwrap(), 0.5), &["token 1 is number 9 of 4"]);
    says(exact.log_mass(&Tokens::new(vec![0; 3], 3).unwrap()), &["tokens of a sequence", "length 2, got 3"]);
    let empty = Tokens { values: vec![0, 1], length: 0 };
    says(exact.log_mass(&empty), &["whole sequences"]);
    assert_eq!(empty.rows(), 2);
}

#[test]
fn estimates_of_another_shape_than_the_tokens_are_refused() {
    let process = Categorical::new(3, Replacement::Mask, Schedule::Linear).unwrap();
    let (grid, data) = (Grid::new(vec![1.0, 0.5]).unwrap(), Tokens::new(vec![0, 1], 2).unwrap());
    let answer = |values: usize, classes: usize| Probabilities { values: vec![0.5; values], classes };
    for (values, classes, part) in [(4, 2, "length 3, got 2"), (3, 3, "length 6, got 3")] {
        let model = |_: &Tokens, _: f64| answer(values, classes);
        says(elbo(&process, &model, &grid, &data, &mut Rng::new(0)), &["probabilities", part]);
        says(masked_elbo(&process, &model, &data, 2, &mut Rng::new(0)), &["probabilities", part]);
    }
    says(process.reverse(0, &[0.5, 0.5], 0.5, 0.4), &["probabilities of a token", "length 3, got 2"]);
    says(process.reverse(4, &[0.2, 0.3, 0.5], 0.5, 0.4), &["state of a token = 4", "number of states"]);
    let kind = PointType { weight: 1.0, mean: 0.0, std: 1.0 };
    let points = TypedPoints::new(process, Linear, vec![kind; 3]).unwrap();
    let two = Samples(vec![vec![0.0]; 2]);
    says(points.estimate(&(Tokens::new(vec![0, 4], 1).unwrap(), two.clone()), 0.5), &["token 1 is number 4 of 4"]);
    says(points.estimate(&(Tokens::new(vec![0], 1).unwrap(), two), 0.5), &["tokens", "length 2, got 1"]);
    let wide = Samples(vec![vec![0.0, 1.0]]);
    says(points.estimate(&(Tokens::new(vec![0], 1).unwrap(), wide), 0.5), &["coordinates", "length 1, got 2"]);
}

#[test]
fn sets_that_cannot_be_coupled_are_refused() {
    says(assignment(&[1.0, 2.0, 3.0], 2), &["costs of n by n pairs", "length 4, got 3"]);
    says(assignment(&[1.0, f64::NAN, 3.0, 0.0], 2), &["cost of a pair = NaN", "finite"]);
    let entropic = Sinkhorn::new(0.1).unwrap();
    says(entropic.plan(&[1.0; 5], 2), &["costs of n by n pairs", "length 4, got 5"]);
    says(entropic.plan(&[1.0, 2.0, f64::INFINITY, 0.0], 2), &["cost of a pair = inf", "finite"]);
    says(entropic.plan(&[-1.0; 4], 2), &["unit of epsilon = -1", "not negative"]);
    says(entropic.plan_in_units(&[1.0; 4], 2, f64::NAN), &["unit of epsilon = NaN"]);
    says(Sinkhorn { epsilon: 0.0, ..entropic }.plan(&[1.0; 4], 2), &["epsilon = 0", "> 0"]);
    says(squared_distances(&[0.0; 4], &[0.0; 6], 2), &["second batch", "length 4, got 6"]);
    says(squared_distances(&[0.0; 5], &[0.0; 5], 2), &["equal rows", "length 6, got 5"]);
    // Nothing to pair is no mistake.
    assert!(assignment(&[], 0).unwrap().order.is_empty() && entropic.plan(&[], 0).unwrap().mass.is_empty());
    assert!(squared_distances(&[], &[], 0).unwrap().is_empty());
}

#[test]
fn a_sharp_estimate_of_a_noiseless_measurement_is_refused_and_the_clean_end_is_no_number_over_zero() {
    let prior = Gaussian::isotropic(Linear, 2, 0.0, 1.0).unwrap();
    let seen = |sigma| Measurement::new(Matrix::new(vec![vec![1.0, 0.5]]).unwrap(), vec![0.7], sigma).unwrap();
    says(PiGdm::new(&prior, seen(0.0), 0.0), &["spread = 0", "sigma_y = 0"]);
    says(PiGdm::new(&prior, seen(0.1), -1.0), &["spread = -1", ">= 0"]);
    assert!(PiGdm::new(&prior, seen(0.1), f64::NAN).is_err());
    let x = vec![0.3, -0.4];
    for (sigma, spread) in [(0.0, 1.0), (0.1, 0.0)] {
        let guided = PiGdm::new(&prior, seen(sigma), spread).unwrap();
        assert_eq!(guided.denoise(&x, 0.0), x);
        assert!(guided.denoise(&x, 1e-3).iter().all(|v| v.is_finite()));
    }
    assert_eq!(Mmps::new(&prior, seen(0.0)).denoise(&x, 0.0), x);
}

#[test]
fn states_that_a_measurement_is_not_of_are_told_so() {
    let matrix = Matrix::new(vec![vec![1.0, 0.5]]).unwrap();
    let one = Measurement::new(&matrix, vec![0.7], 0.1).unwrap();
    let two = Measurement::per_sample(&matrix, vec![vec![0.7], vec![0.1]], 0.1).unwrap();
    let batch = |rows: usize, numbers: usize| Samples(vec![vec![0.0; numbers]; rows]);
    assert!(one.fits(&batch(5, 2)).is_ok() && two.fits(&batch(2, 2)).is_ok());
    says(one.fits(&batch(5, 3)), &["sample of a measured batch", "length 2, got 3"]);
    says(two.fits(&batch(3, 2)), &["outcomes of a measurement", "length 3, got 2"]);
    assert_eq!(one.outcome(7).unwrap(), [0.7]);
    says(two.outcome(2), &["outcomes of a measurement", "length 3, got 2"]);
    says(Svd::new(&[vec![1.0, 2.0], vec![1.0]]), &["row of a matrix", "length 2, got 1"]);
    says(Svd::new(&[vec![f64::NAN]]), &["matrix element = NaN"]);
}

#[test]
fn codes_of_another_width_than_they_were_standardised_for_are_refused() {
    let device = Device::flex();
    let codes = Tensor::<2>::zeros([4, 3], &device);
    let of = |width: usize| Standardise::new(vec![0.0; width], vec![1.0; width]).unwrap();
    assert!(of(1).restore(codes.clone()).is_ok() && of(3).standardise(codes.clone()).is_ok());
    let refusal = ["features of a code", "length 2, got 3"];
    says(of(2).standardise(codes.clone()), &refusal);
    says(of(2).restore(codes.clone()), &refusal);
    let path = Edm::default();
    let model = Each(Gaussian::isotropic(path, 3, 0.0, 1.0).unwrap());
    let latent = Latent { model, decoder: |x: Tensor<2>| x, standardise: of(2) };
    let sampled = latent.sample(&Sampler::Euler, &Grid::edm(&path, 2).unwrap(), &codes, &mut Rng::new(0));
    says(sampled.map(|(data, _)| data), &refusal);
}
