//! What is refused, and that a sample's loss is its own.

use diffusion::score::*;
use diffusion::{Error, Probe, Rng};

use crate::*;

#[test]
fn the_loss_of_a_sample_does_not_depend_on_its_batch() {
    let data = batch(&Rng::new(1).normal_f64(9, 3), 3);
    let part = data.clone().narrow(0, 4, 3);
    let score = |x: &Tensor<2>, v: &Tensor<2>| (x.clone().sin(), x.clone().cos() * v.clone());
    let ncsn = Ncsn::geometric(5.0, 0.1, 4).unwrap();
    let all = |data: &Tensor<2>, rng: Rng| {
        let mut losses = Vec::new();
        for probe in [Probe::Rademacher, Probe::Gaussian, Probe::Sphere] {
            let v = probe.draw(data, &mut rng.clone());
            losses.push(host(sliced(score, data, &v)));
            losses.push(host(sliced_reduced(score, data, &v)));
        }
        losses.push(host(implicit(score, data)));
        losses.push(host(denoising(|x| x.clone().sin(), data, 0.3, &mut rng.clone()).unwrap()));
        losses.push(host(ncsn.losses(|x, sigma| x.clone() / sigma.clone(), data, &mut rng.clone())));
        losses
    };
    let (whole, alone) = (all(&data, Rng::new(2)), all(&part, Rng::new(2).at(4)));
    for (whole, alone) in whole.iter().zip(&alone) {
        assert!(difference(&whole[4..7], alone).iter().all(|d| d.abs() < 1e-6), "{whole:?} {alone:?}");
    }
}

#[test]
fn noise_levels_are_geometric_equally_likely_and_positive() {
    let ncsn = Ncsn::geometric(10.0, 0.01, 7).unwrap();
    assert_eq!(ncsn.levels().len(), 7);
    // Three decades in six steps: a factor of 10^(1/2) each.
    assert!(ncsn.levels().windows(2).all(|l| (l[0] / l[1] - 10f64.sqrt()).abs() < 1e-12));
    assert!((ncsn.levels()[0] - 10.0).abs() < 1e-12 && (ncsn.levels()[6] - 0.01).abs() < 1e-15);
    let drawn = ncsn.draw(&mut Rng::new(3), 7000);
    for level in ncsn.levels() {
        let count = drawn.iter().filter(|d| *d == level).count();
        assert!(count.abs_diff(1000) <= 3, "{level}: {count}"); // low-discrepancy draws
    }
    assert_eq!(Ncsn::geometric(2.0, 1.0, 1).unwrap().levels(), [2f64.ln().exp()]);
    assert!(matches!(Ncsn::geometric(1.0, 2.0, 3), Err(Error::Grid { index: 1, .. })));
    assert!(matches!(Ncsn::geometric(1.0, 0.0, 3), Err(Error::Parameter { what: "sigma_min", .. })));
    assert!(matches!(Ncsn::new(vec![]), Err(Error::Length { .. })));
    assert!(matches!(Ncsn::new(vec![1.0, f64::NAN]), Err(Error::Parameter { .. })));
}

#[test]
fn noise_that_is_not_positive_is_refused() {
    let data = batch(&[0.0, 1.0], 1);
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(denoising(|x| x.clone(), &data, sigma, &mut Rng::new(0)), Err(Error::Parameter { .. })));
    }
}
