//! The identities behind score matching, on the exact score of a mixture of normals and a wrong model of it.

use burn::tensor::Tensor;
use diffusion::exact::{Component, Mixture};
use diffusion::score::*;
use diffusion::*;

use crate::*;

const N: usize = 4000;

fn mixture(weights: [f64; 2], mean: f64) -> Mixture<Edm> {
    let [a, b] = weights;
    let parts = [(a, [mean, 0.3], 0.6), (b, [-0.8, -mean], 0.9)];
    let component = |(weight, mean, std): (f64, [f64; 2], f64)| Component { weight, mean: mean.to_vec(), std };
    Mixture::new(Edm::default(), parts.map(component).to_vec()).unwrap()
}

/// Score of the data with noise `sigma`, and its derivative along `v`: `(D - x)/sigma²` and `(dD - v)/sigma²`.
fn exact(model: &Mixture<Edm>, sigma: f64) -> impl Fn(&Tensor<2>, &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    move |x, v| {
        let (mut score, mut change) = (Vec::new(), Vec::new());
        for (x, v) in host(x.clone()).chunks(2).zip(host(v.clone()).chunks(2)) {
            let (x, v) = (x.to_vec(), v.to_vec());
            let (estimate, moved) = model.jvp(&x, sigma, &v, 0.0);
            score.extend(estimate.axpby(1.0, -1.0, &x).scale(sigma.powi(-2)));
            change.extend(moved.axpby(1.0, -1.0, &v).scale(sigma.powi(-2)));
        }
        (batch(&score, 2), batch(&change, 2))
    }
}

/// Samples of the data with noise `sigma`.
fn noisy(model: &Mixture<Edm>, sigma: f64) -> Tensor<2> {
    let data = model.data(&mut Rng::new(21), N).concat();
    let noise = Rng::new(21).stream(1).normal_f64(N, 2);
    batch(&data.axpby(1.0, sigma, &noise), 2)
}

#[test]
fn implicit_and_sliced_losses_know_the_fisher_divergence_without_the_true_score() {
    let (truth, model) = (mixture([0.3, 0.7], 1.0), mixture([0.6, 0.4], 0.4));
    let sigma = 0.5;
    let (truth_score, model_score) = (exact(&truth, sigma), exact(&model, sigma));
    let x = noisy(&truth, sigma);
    let target = truth_score(&x, &x).0;
    let fisher = host(explicit(model_score(&x, &x).0, target.clone()));
    let constant = host(explicit(target.clone(), target.zeros_like()));
    let v = Probe::Sphere.draw(&x, &mut Rng::new(22));
    let losses = [
        ("implicit", implicit(&model_score, &x)),
        ("sliced", sliced(&model_score, &x, &v)),
        ("reduced", sliced_reduced(&model_score, &x, &v)),
    ];
    assert!(mean(&fisher).0 > 20.0 * mean(&fisher).1, "the model is not wrong enough to be told apart");
    for (name, losses) in losses {
        let excess = difference(&host(losses), &fisher);
        let gap: Vec<f64> = excess.iter().zip(&constant).map(|(e, c)| e + c).collect();
        assert_mean(name, &gap, 0.0);
    }
}

#[test]
fn denoising_is_explicit_score_matching_of_the_noisy_data_up_to_a_constant() {
    // Vincent: E[1/2 |s + z/sigma|²] - E[1/2 |s - s*|²] = E[1/2 |z/sigma|²] - E[1/2 |s*|²], whatever the model s.
    let (truth, model) = (mixture([0.3, 0.7], 1.0), mixture([0.6, 0.4], 0.4));
    let sigma = 0.4;
    let data = batch(&truth.data(&mut Rng::new(23), N).concat(), 2);
    let z = data.randn_like(&mut Rng::new(24));
    let x = data.clone().axpby(1.0, sigma, &z);
    let target = exact(&truth, sigma)(&x, &x).0;
    let model_score = exact(&model, sigma);
    let losses = denoising(|x| model_score(x, x).0, &data, sigma, &mut Rng::new(24)).unwrap();
    let fisher = explicit(model_score(&x, &x).0, target.clone());
    let noise = explicit(z.scale(1.0 / sigma), data.zeros_like());
    let information = explicit(target, data.zeros_like());
    assert_mean("gap", &host(losses - fisher - noise + information), 0.0);
}

#[test]
fn one_noise_level_of_many_is_plain_denoising_times_its_variance() {
    let data = batch(&mixture([0.3, 0.7], 1.0).data(&mut Rng::new(25), 64).concat(), 2);
    let score = |x: &Tensor<2>| x.clone().sin();
    let many = Ncsn::new(vec![0.3]).unwrap();
    let mut rng = Rng::new(26);
    let losses = host(many.losses(|x, _| score(x), &data, &mut rng.clone()));
    rng.draw += 1; // the draw of the levels
    let plain = host(denoising(score, &data, 0.3, &mut rng).unwrap());
    assert!(losses.iter().zip(&plain).all(|(a, b)| (a - 0.09 * b).abs() < 1e-5 * (1.0 + a.abs())));
}

#[test]
fn gradients_of_log_densities_are_scores() {
    // ln p = logsumexp of two normals, whose score the exact mixture knows.
    let model = mixture([0.3, 0.7], 1.0);
    let sigma: f64 = 0.5;
    let x = noisy(&model, sigma);
    let log_density = |x: Tensor<2>| {
        let terms = model.components().iter().map(|c| {
            let (variance, mean) = (c.std.powi(2) + sigma * sigma, batch(&c.mean, 2));
            let offset = x.clone() - mean.autodiff();
            let height = c.weight.ln() - (std::f64::consts::TAU * variance).ln();
            (offset.clone() * offset).sum_dim(1).mul_scalar(-0.5 / variance).add_scalar(height).exp()
        });
        terms.reduce(|a, b| a + b).unwrap().log().squeeze_dim::<1>(1)
    };
    let (value, found) = gradient(log_density, &x);
    let expected = host(exact(&model, sigma)(&x, &x).0);
    assert!(difference(&host(found), &expected).iter().all(|d| d.abs() < 2e-4));
    let densities: Vec<f64> = host(x).chunks(2).map(|x| model.log_density(x, sigma)).collect();
    assert!(difference(&host(value), &densities).iter().all(|d| d.abs() < 1e-4));
}
