//! Naive minibatch transport breaks conditioning, the conditional coupling repairs it: shown on the law of the noise.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::couple::Condition;
use diffusion::{Cloud, Coupling, Error, Rng, Rows, Samples};

use super::{mean, normals};

const BATCH: usize = 128;

/// Two classes in equal shares with data N(-2, 0.5²) and N(2, 0.5²): labels and data of batch number `seed`.
fn two_classes(seed: u64) -> (Vec<usize>, Tensor<2>) {
    let labels: Vec<usize> = (0..BATCH).map(|i| i % 2).collect();
    let data: Vec<f64> =
        normals(seed, BATCH, 1).iter().zip(&labels).map(|(z, l)| 4.0 * *l as f64 - 2.0 + 0.5 * z).collect();
    (labels, Tensor::from_data(TensorData::new(data, [BATCH, 1]), &Device::flex()))
}

/// The noise that class 1 is paired with in 40 batches.
fn noise_of_class_one(coupling: Coupling, conditional: bool) -> Vec<f64> {
    let mut all = Vec::new();
    for batch in 0..40 {
        let (labels, data) = two_classes(batch);
        let mut rng = Rng::new(5).at(batch * BATCH as u64);
        let condition = Condition { labels: &labels, ..Condition::default() };
        let noise = match conditional {
            true => coupling.noise_given(&data, &condition, &mut rng).unwrap(),
            false => coupling.noise(&data, &mut rng),
        };
        all.extend(noise.to_host().concat().iter().zip(&labels).filter(|(_, l)| **l == 1).map(|(z, _)| *z));
    }
    all
}

#[test]
fn naive_transport_gives_each_class_half_of_the_noise() {
    // The classes do not overlap, so transport on the line gives class 1 the upper half of the noise: the half-normal law,
    // of mean sqrt(2/pi) and variance 1 - 2/pi, up to the finite batch, where half the noise is above the batch's median.
    let noise = noise_of_class_one(Coupling::Exact, false);
    let (m, _) = mean(&noise);
    let variance = mean(&noise.iter().map(|z| (z - m).powi(2)).collect::<Vec<_>>()).0;
    let half = std::f64::consts::FRAC_2_PI;
    // Batches of 128 shift the mean by less than 1/128, 2,560 draws by 0.6/sqrt(2560) = 0.012.
    assert!((m - half.sqrt()).abs() < 4.0 * 0.012 + 0.008, "{m}");
    assert!((variance - (1.0 - half)).abs() < 0.05, "{variance}");
}

#[test]
fn conditional_transport_leaves_the_noise_of_each_class_normal() {
    for coupling in [Coupling::Exact, Coupling::Sinkhorn { epsilon: 0.1 }, Coupling::Independent] {
        let noise = noise_of_class_one(coupling, true);
        let (m, error) = mean(&noise);
        let (square, square_error) = mean(&noise.iter().map(|z| z * z).collect::<Vec<_>>());
        assert!(m.abs() < 4.0 * error, "{coupling:?}: {m} +- {error}");
        assert!((square - 1.0).abs() < 4.0 * square_error, "{coupling:?}: {square} +- {square_error}");
    }
    let (m, error) = mean(&noise_of_class_one(Coupling::Sinkhorn { epsilon: 0.1 }, false));
    assert!(m > 20.0 * error, "naive entropic transport leaks as well: {m} +- {error}");
}

#[test]
fn conditional_transport_still_straightens_within_a_class() {
    let (labels, data) = two_classes(3);
    let condition = Condition { labels: &labels, ..Condition::default() };
    let distance = |noise: Tensor<2>| (data.clone() - noise).powi_scalar(2).mean().into_scalar::<f32>();
    let at = |c: Coupling| distance(c.noise_given(&data, &condition, &mut Rng::new(8)).unwrap());
    let (naive, conditional) = (distance(Coupling::Exact.noise(&data, &mut Rng::new(8))), at(Coupling::Exact));
    let (entropic, independent) = (at(Coupling::Sinkhorn { epsilon: 0.05 }), at(Coupling::Independent));
    assert!(naive < conditional && conditional < entropic && entropic < independent);
}

/// The correlation between a continuous condition and the noise its samples are paired with.
fn leak(coupling: Coupling, weight: f64) -> f64 {
    let n = 128;
    let (mut both, mut ones, mut twos) = (0.0, 0.0, 0.0);
    for batch in 0..40 {
        let values = normals(100 + batch, n, 1);
        let data: Vec<f64> = values.iter().zip(normals(200 + batch, n, 1)).map(|(c, z)| 2.0 * c + 0.5 * z).collect();
        let data = Tensor::<2>::from_data(TensorData::new(data, [n, 1]), &Device::flex());
        let condition = Condition { values: &values, weight, ..Condition::default() };
        let noise = coupling.noise_given(&data, &condition, &mut Rng::new(9).at(batch * 1000)).unwrap();
        for (c, z) in values.iter().zip(noise.to_host().concat()) {
            both += c * z;
            ones += c * c;
            twos += z * z;
        }
    }
    both / (ones * twos).sqrt()
}

#[test]
fn the_weight_of_a_continuous_condition_closes_its_leak() {
    let leaks = [0.0, 1.0, 10.0, 1e6].map(|w| leak(Coupling::Exact, w));
    println!("correlation of condition and noise at w = 0, 1, 10, 1e6: {leaks:.3?}");
    // Without weight data and noise are in the same order. Then they correlate to the mean square of the expected order
    // statistics of 128 normals, 0.975 (Blom's formula), and condition and data to 2/sqrt(2² + 0.5²) = 0.970.
    assert!((leaks[0] - 0.975 * 0.970).abs() < 0.01, "{leaks:?}");
    // With all the weight it is independent: sigma = 1/sqrt(5120) = 0.014.
    assert!(leaks.windows(2).all(|l| l[1] < l[0] + 0.014) && leaks[3].abs() < 4.0 * 0.014, "{leaks:?}");
    // Entropy is measured by the distances of the data alone, so a large weight closes the entropic plan's leak too.
    let entropic = [0.0, 1e6].map(|w| leak(Coupling::Sinkhorn { epsilon: 0.2 }, w));
    assert!(entropic[0] > 0.5 && entropic[1].abs() < 4.0 * 0.014, "{entropic:?}");
}

#[test]
fn an_infinite_weight_forbids_every_exchange() {
    let (n, values) = (20, normals(1, 20, 1));
    let data = Tensor::<2>::from_data(TensorData::new(normals(2, n, 3), [n, 3]), &Device::flex());
    let condition = Condition { values: &values, weight: f64::INFINITY, ..Condition::default() };
    let noise = |c: Coupling| c.noise_given(&data, &condition, &mut Rng::new(3)).unwrap().to_host().concat();
    assert_eq!(noise(Coupling::Exact), noise(Coupling::Independent));
    assert_eq!(noise(Coupling::Sinkhorn { epsilon: 0.1 }), noise(Coupling::Independent));
}

#[test]
fn clouds_exchange_noise_only_with_clouds_of_their_mask() {
    let device = Device::flex();
    let count = |r: usize| 1 + r % 3;
    let mask: Vec<f32> = (0..12).flat_map(|r| (0..3).map(move |p| f32::from(p < count(r)))).collect();
    let mask = Tensor::<3>::from_data(TensorData::new(mask, [12, 3, 1]), &device);
    let x = Tensor::from_data(TensorData::new(normals(4, 12, 6), [12, 3, 2]), &device);
    let data = Cloud::new(x, mask);
    let (paired, born) =
        [Coupling::Exact, Coupling::Independent].map(|c| c.noise(&data, &mut Rng::new(6)).x.to_host().concat()).into();
    assert_ne!(paired, born);
    for r in 0..12 {
        let noise = &paired[r * 6..r * 6 + 6];
        assert!(noise.iter().enumerate().all(|(i, z)| (*z != 0.0) == (i < 2 * count(r))));
        let from = born.chunks(6).position(|b| b == noise).expect("noise of the batch");
        assert_eq!(from % 3, r % 3);
    }
}

#[test]
fn samples_exchange_noise_only_with_samples_of_their_length() {
    let length = |r: usize| 1 + r % 2;
    let data = Samples((0..12).map(|r| normals(r as u64, 1, length(r))).collect());
    let [paired, born] = [Coupling::Exact, Coupling::Independent].map(|c| c.noise(&data, &mut Rng::new(6)).0);
    assert_ne!(paired, born);
    for (r, noise) in paired.iter().enumerate() {
        assert_eq!(born.iter().position(|b| b == noise).expect("noise of the batch") % 2, r % 2);
    }
    // In one dimension the best pairing is the sorted one.
    let mut singles: Vec<(f64, f64)> = (0..12).step_by(2).map(|r| (data.0[r][0], paired[r][0])).collect();
    singles.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(singles.is_sorted_by(|a, b| a.1 <= b.1));
    let other = Samples(vec![vec![0.0]; 12]);
    let refused = Coupling::Exact.pair(&data, other, &Condition::default(), &mut Rng::new(0));
    assert!(matches!(refused, Err(Error::Length { expected: 2, got: 1, .. })));
}

#[test]
fn couplings_have_names_and_their_limits_are_each_other() {
    let (_, data) = two_classes(4);
    for name in Coupling::NAMES {
        let coupling: Coupling = name.parse().unwrap();
        assert_eq!(coupling == Coupling::Independent, name == "independent");
    }
    assert!(matches!("optimal".parse::<Coupling>(), Err(Error::Name { .. })));
    let noise = |c: Coupling| c.noise(&data, &mut Rng::new(2)).to_host().concat();
    assert_eq!(noise(Coupling::Sinkhorn { epsilon: 0.0 }), noise(Coupling::Exact));
    assert_eq!(noise(Coupling::Sinkhorn { epsilon: f64::INFINITY }), noise(Coupling::Independent));
}

#[test]
fn conditions_that_do_not_fit_the_batch_are_refused() {
    let (_, data) = two_classes(0);
    let refusal = |condition: Condition| Coupling::Exact.noise_given(&data, &condition, &mut Rng::new(0)).unwrap_err();
    let labels = Condition { labels: &[0, 1], ..Condition::default() };
    assert!(matches!(refusal(labels), Error::Length { expected: BATCH, got: 2, .. }));
    let values = Condition { values: &[0.0; 130], weight: 1.0, ..Condition::default() };
    assert!(matches!(refusal(values), Error::Length { got: 130, .. }));
    assert!(matches!(refusal(Condition { weight: -1.0, ..Condition::default() }), Error::Parameter { .. }));
    let source = Tensor::<2>::zeros([3, 1], &Device::flex());
    assert!(Coupling::Exact.pair(&data, source, &Condition::default(), &mut Rng::new(0)).is_err());
}
