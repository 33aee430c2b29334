//! The noisy classifier: its gradient is that of reverse mode; trained, it is Bayes' posterior at every noise level.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use nets::*;

use crate::adam::train;
use crate::{batch, host, seeded};

const BATCH: u64 = 256;

fn config() -> NoisyClassifierConfig {
    NoisyClassifierConfig { features: 2, classes: 2, width: 24, layers: 2, frequencies: 0 }
}

/// Two equally likely classes `N(+-m, s²)`, `m = (1, 0.5)`, `s = 0.5`, with noise of level `ln sigma` uniform in (-2, 1):
/// noisy points, levels, classes.
fn draw(step: u64, rows: usize) -> (Tensor<2>, Tensor<2>, Vec<usize>) {
    let mut rng = Rng::new(41).at(step * BATCH);
    let (uniform, normal) = (rng.uniform(rows, 2), rng.normal_f64(rows, 2));
    let (mut x, mut levels, mut classes) = (vec![], vec![], vec![]);
    for (u, z) in uniform.chunks(2).zip(normal.chunks(2)) {
        let (class, level) = (usize::from(u[0] < 0.5), -2.0 + 3.0 * u[1]);
        let spread = (0.25 + (2.0 * level).exp()).sqrt();
        let sign = if class == 1 { 1.0 } else { -1.0 };
        x.extend([sign + spread * z[0], 0.5 * sign + spread * z[1]]);
        levels.push(level);
        classes.push(class);
    }
    (batch(&x, 2), batch(&levels, 1), classes)
}

#[test]
fn a_trained_classifier_is_bayes_posterior_at_every_noise_level() {
    let device = Device::flex();
    let net = train(seeded(config().init(&device), 1.0), 300, 2e-2, |net, step| {
        let (x, level, classes) = draw(step, BATCH as usize);
        net.losses(x.autodiff(), level.autodiff(), &classes).unwrap()
    });
    // Log odds are linear: 2 m.x/(s² + sigma²), and their gradient gives grad ln p_y = (1 - p_y) grad(log odds of y).
    let (x, level, classes) = draw(1 << 40, 2000);
    let logits = host(net.forward(x.clone(), level.clone()));
    let gradients = host(net.gradient(x.clone(), level.clone(), &classes).unwrap());
    let (points, levels) = (host(x), host(level));
    let (mut wrong, mut error, mut size) = (0.0, 0.0, 0.0);
    for i in 0..classes.len() {
        let total = 0.25 + (2.0 * levels[i]).exp();
        let odds = 2.0 * (points[2 * i] + 0.5 * points[2 * i + 1]) / total;
        let found = logits[2 * i + 1] - logits[2 * i];
        let p = |odds: f64| 1.0 / (1.0 + (-odds).exp());
        wrong += (p(odds) - p(found)).abs() / classes.len() as f64;
        let sign = if classes[i] == 1 { 1.0 } else { -1.0 };
        for (j, m) in [1.0, 0.5].into_iter().enumerate() {
            let exact = sign * (1.0 - p(sign * odds)) * 2.0 * m / total;
            error += (gradients[2 * i + j] - exact).powi(2);
            size += exact * exact;
        }
    }
    println!("classifier: mean |p - p*| {wrong:.4}, gradient error {:.4} of its square", error / size);
    assert!(wrong < 0.03 && error < 0.1 * size, "{wrong} {}", error / size);
}

#[test]
fn the_gradient_of_a_class_is_that_of_reverse_mode() {
    let tracked = Device::flex().autodiff();
    let net = NoisyClassifierConfig { classes: 4, ..config() }.init(&tracked);
    let (x, level, _) = draw(0, 8);
    let classes = [0, 3, 1, 2, 2, 0, 1, 3];
    let leaf = x.clone().autodiff().require_grad();
    let losses = net.losses(leaf.clone(), level.clone().autodiff(), &classes).unwrap();
    let reverse = host(leaf.grad(&losses.sum().backward()).unwrap());
    let written = host(net.valid().gradient(x, level, &classes).unwrap());
    assert!(written.iter().zip(&reverse).all(|(a, b)| (a + b).abs() < 1e-6), "{written:?} {reverse:?}");
}

#[test]
fn cross_entropy_of_even_logits_is_the_logarithm_of_their_number_and_classes_are_checked() {
    let logits = Tensor::<2>::full([2, 5], 3.0, &Device::flex());
    let losses = host(cross_entropy(logits.clone(), &[0, 4]).unwrap());
    assert!(losses.iter().all(|l| (l - 5f64.ln()).abs() < 1e-6));
    assert!(matches!(cross_entropy(logits.clone(), &[0, 5]), Err(Error::Number { what: "class", value: 5, .. })));
    assert!(matches!(cross_entropy(logits, &[0]), Err(Error::Number { value: 1, .. })));
    // Extreme logits stay finite.
    let sure = Tensor::<2>::from_data([[1e4, 0.0]], &Device::flex());
    assert_eq!(host(cross_entropy(sure, &[1]).unwrap()), [1e4]);
}
