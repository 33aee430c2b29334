//! Classifier guidance with the exact classifier of a mixture, and with a trained one.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::{Component, Mixture};
use diffusion::*;

const PARTS: [(f64, [f64; 2], f64, bool); 4] = [
    (0.2, [1.5, 0.0], 0.4, true),
    (0.3, [0.5, 1.0], 0.5, true),
    (0.3, [-1.0, 0.5], 0.6, false),
    (0.2, [-0.5, -1.2], 0.3, false),
];

/// Both classes together, or one of them; with its share.
fn mixture<P: Path>(path: P, class: Option<bool>) -> (Mixture<P>, f64) {
    let chosen = PARTS.iter().filter(|p| class.is_none_or(|c| c == p.3));
    let parts: Vec<Component> =
        chosen.map(|(weight, mean, std, _)| Component { weight: *weight, mean: mean.to_vec(), std: *std }).collect();
    let share = parts.iter().map(|p| p.weight).sum();
    (Mixture::new(path, parts).unwrap(), share)
}

#[test]
fn the_exact_classifier_at_weight_one_gives_the_model_of_the_class() {
    for name in ["edm", "vp", "linear"] {
        let path: AnyPath = name.parse().unwrap();
        let ((all, _), (class, share)) = (mixture(path.clone(), None), mixture(path.clone(), Some(true)));
        // ln p(c|x) = ln share + ln p(x|c) - ln p(x), differentiated numerically: no use of Tweedie here.
        let log = |x: &[f64], t: f64| share.ln() + class.log_density(x, t) - all.log_density(x, t);
        let gradient = |x: &Vec<f64>, t: f64| {
            let h = 1e-5;
            let moved = |j: usize, h: f64| (0..2).map(|i| x[i] + if i == j { h } else { 0.0 }).collect::<Vec<f64>>();
            (0..2).map(|j| (log(&moved(j, h), t) - log(&moved(j, -h), t)) / (2.0 * h)).collect()
        };
        let guided = |w| ClassifierGuided { model: &all, gradient, weight: Interval::always(w) };
        for t in [0.1, 0.4, 0.8] {
            for x in Rng::new(1).normal_f64(5, 2).chunks(2) {
                let x = x.to_vec();
                let (ours, truth) = (guided(1.0).denoise(&x, t), class.denoise(&x, t));
                assert!(ours.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-6), "{name} {t}: {ours:?} {truth:?}");
                assert_eq!(guided(0.0).denoise(&x, t), all.denoise(&x, t));
                // Linear in the weight: w = 3 extrapolates from the model of all to the one of the class.
                let extrapolated = truth.axpby(3.0, -2.0, &all.denoise(&x, t));
                assert!(guided(3.0).denoise(&x, t).iter().zip(extrapolated).all(|(a, b)| (a - b).abs() < 1e-5));
            }
        }
        let off = ClassifierGuided { model: &all, gradient, weight: Interval::between(3.0, 1e-9, 1e-8) };
        assert_eq!(off.denoise(&vec![0.3, 0.2], 0.5), all.denoise(&vec![0.3, 0.2], 0.5));
    }
}

/// A multilayer perceptron with one input more than the data has, for the noise level, and one logit out.
#[derive(Clone)]
struct Net(Vec<Tensor<2>>);

impl Net {
    fn new(device: &Device) -> Net {
        let mut rng = Rng::new(3);
        let mut matrix = |rows: usize, columns: usize, scale: f64| {
            let values: Vec<f32> = rng.normal_f64(rows, columns).iter().map(|z| (scale * z) as f32).collect();
            Tensor::from_data(TensorData::new(values, [rows, columns]), device)
        };
        Net(vec![
            matrix(3, 32, 0.8),
            matrix(1, 32, 0.5),
            matrix(32, 32, 0.25),
            matrix(1, 32, 0.1),
            matrix(32, 1, 0.1),
            matrix(1, 1, 0.0),
        ])
    }

    /// Logits `[B, 1]` of scaled states and noise levels, both per sample.
    fn forward(&self, x: Tensor<2>, level: Tensor<2>) -> Tensor<2> {
        let w = &self.0;
        let hidden = (Tensor::cat(vec![x, level], 1).matmul(w[0].clone()) + w[1].clone()).tanh();
        let hidden = (hidden.matmul(w[2].clone()) + w[3].clone()).tanh();
        hidden.matmul(w[4].clone()) + w[5].clone()
    }
}

/// Cross entropy at all noise levels by Adam (Kingma & Ba, arXiv:1412.6980, algorithm 1), 600 steps of 256 draws.
fn train(device: &Device, all: &Mixture<VpLinear>) -> Net {
    let path = VpLinear::default();
    let mut net = Net::new(device);
    let mut moments: Vec<[Tensor<2>; 2]> = net.0.iter().map(|p| [p.zeros_like(), p.zeros_like()]).collect();
    let mut rng = Rng::new(4);
    for step in 1..=600 {
        let n = 256;
        let (data, z, times) = (all.data(&mut rng, n), rng.normal_f64(n, 2), rng.uniform(n, 1));
        let (mut x, mut level, mut label) = (Vec::new(), Vec::new(), Vec::new());
        let picks = rng.uniform(n, 1);
        for r in 0..n {
            // The class given the clean data, drawn from its exact probability.
            let ((class, share), c) = (mixture(path, Some(true)), path.at(times[r]));
            let clean = path.time(8.0);
            let p = (share.ln() + class.log_density(&data[r], clean) - all.log_density(&data[r], clean)).exp();
            label.push(if picks[r] < p { 1.0f32 } else { 0.0 });
            x.extend((0..2).map(|j| (c.alpha * data[r][j] + c.sigma * z[2 * r + j]) as f32));
            level.push(c.noise_level() as f32);
        }
        let tape = Net(net.0.iter().map(|p| p.clone().autodiff().require_grad()).collect());
        let tensor = |v: Vec<f32>, w: usize| Tensor::<2>::from_data(TensorData::new(v, [n, w]), device);
        let logit = tape.forward(tensor(x, 2), tensor(level, 1));
        // -ln p(label) = softplus(logit) - label logit.
        let softplus = logit.clone().abs().neg().exp().log1p() + logit.clone().clamp_min(0.0);
        let gradients = (softplus - logit * tensor(label, 1)).mean().backward();
        let rate = 0.01 * (1.0 - f64::from(step) / 601.0);
        for ((p, taped), [m, v]) in net.0.iter_mut().zip(&tape.0).zip(&mut moments) {
            let g = taped.grad(&gradients).unwrap();
            *m = m.clone().axpby(0.9, 0.1, &g);
            *v = v.clone().axpby(0.99, 0.01, &g.powi_scalar(2));
            let (first, second) = (1.0 - 0.9f64.powi(step), 1.0 - 0.99f64.powi(step));
            *p = p.clone() - m.clone().mul_scalar(rate / first) / (v.clone().div_scalar(second).sqrt() + 1e-8);
        }
    }
    net
}

#[test]
fn a_classifier_trained_on_noisy_data_learns_the_log_ratio_and_its_gradient() {
    let (device, path) = (Device::flex(), VpLinear::default());
    let (all, _) = mixture(path, None);
    let ((yes, share), (no, rest)) = (mixture(path, Some(true)), mixture(path, Some(false)));
    let net = train(&device, &all);
    // ln p(c|x) = -softplus(-logit), by reverse mode through plain weights.
    let gradient = |x: &Tensor<2>, t: f64| {
        let leaf = x.clone().autodiff().require_grad();
        let rows = x.dims()[0];
        let logit = net.forward(leaf.clone(), Tensor::full([rows, 1], path.at(t).noise_level() as f32, &device));
        let log = (logit.clone().neg().abs().neg().exp().log1p() + logit.neg().clamp_min(0.0)).neg();
        leaf.grad(&log.sum().backward()).unwrap()
    };
    let (mut gap, mut off, mut pull, mut count) = (0.0, 0.0, 0.0, 0.0);
    for t in [0.15, 0.3, 0.5, 0.7] {
        let c = path.at(t);
        let (data, z) = (all.data(&mut Rng::new(5), 100), Rng::new(6).normal_f64(100, 2));
        let rows: Vec<Vec<f64>> = data
            .iter()
            .zip(z.chunks(2))
            .map(|(d, z)| d.iter().zip(z).map(|(d, z)| c.alpha * d + c.sigma * z).collect())
            .collect();
        let x = Tensor::<2>::zeros([100, 2], &device).with_host(&rows);
        let logits = net.forward(x.clone(), Tensor::full([100, 1], c.noise_level() as f32, &device)).to_host();
        let guided =
            ClassifierGuided { model: Each(&all), gradient, weight: Interval::always(1.0) }.denoise(&x, t).to_host();
        for ((x, logit), guided) in rows.iter().zip(logits).zip(guided) {
            let truth = (share / rest).ln() + yes.log_density(x, t) - no.log_density(x, t);
            let probability = |l: f64| 1.0 / (1.0 + (-l).exp());
            gap += (probability(logit[0]) - probability(truth)).abs();
            let (wanted, before) = (yes.denoise(x, t), all.denoise(x, t));
            off += guided.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            pull += before.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            count += 1.0;
        }
    }
    // Measured: probabilities within 0.011 on average where the truth is 0.2 from a half; guidance leaves 0.18 of the squared
    // distance between the two models, most of it at the noisiest time, where sigma²/alpha multiplies the gradient's error by 10.
    assert!(gap < 0.03 * count, "{}", gap / count);
    assert!(off < 0.3 * pull, "{} {}", off, pull);
}
