//! A noise-conditional score network learns the score of a far-separated mixture at every noise level.

use burn::tensor::{Device, Tensor};
use diffusion::exact::{Component, Mixture};
use diffusion::score::{Ncsn, explicit};
use diffusion::{Edm, Rng, Space, score};
use nets::*;

use crate::adam::train;
use crate::{batch, host, seeded};

/// `s(x, sigma) = F(x/sqrt(sigma² + spread²), ln sigma)/sigma` (arXiv:1907.05600, section 3: scores grow like 1/sigma).
fn conditional(net: &ToyMlp, x: &Tensor<2>, sigma: &Tensor<2>) -> Tensor<2> {
    let scale = (sigma.clone() * sigma.clone()).add_scalar(8.0).sqrt();
    net.forward(x.clone() / scale, sigma.clone().log()) / sigma.clone()
}

#[test]
fn a_noise_conditional_network_learns_the_score_at_every_level() {
    let component = |weight, centre: f64| Component { weight, mean: vec![centre; 2], std: 0.7 };
    let truth = Mixture::new(Edm::default(), vec![component(0.2, -2.0), component(0.8, 2.0)]).unwrap();
    let ncsn = Ncsn::geometric(6.0, 0.3, 6).unwrap();
    let data = |first: u64, rows| batch(&truth.data(&mut Rng::new(51).at(first), rows).concat(), 2);
    let net = ToyMlpConfig::new(2).with_hidden(32, 2).init(&Device::flex());
    let net = train(seeded(net, 1.0), 400, 2e-2, |net, step| {
        let data = data(step * 128, 128).autodiff();
        ncsn.losses(|x, sigma| conditional(net, x, sigma), &data, &mut Rng::new(52).at(step * 128))
    });
    for &sigma in ncsn.levels() {
        let clean = data(1 << 40, 1000);
        let x = clean.clone().axpby(1.0, sigma, &clean.randn_like(&mut Rng::new(53)));
        let target: Vec<f64> = host(x.clone()).chunks(2).flat_map(|x| score(&truth, &x.to_vec(), sigma)).collect();
        let target = batch(&target, 2);
        let found = conditional(&net, &x, &Tensor::full([1000, 1], sigma, &Device::flex()));
        let error = host(explicit(found, target.clone()).mean())[0];
        let share = error / host(explicit(target.clone(), target.zeros_like()).mean())[0];
        println!("sigma {sigma:.2}: Fisher divergence {share:.4} of 1/2 E|score|^2");
        assert!(share < 0.1, "sigma {sigma}: {share}");
    }
}
