//! Extrapolation between normals, whose probability flow is linear and therefore known.

use burn::tensor::{Device, Tensor};
use diffusion::exact::Gaussian;
use diffusion::*;

const END: f64 = 80.0;

fn normal(mean: f64, std: f64) -> Gaussian<Edm> {
    Gaussian::isotropic(Edm::default(), 1, mean, std).unwrap()
}

fn flow(model: &dyn Denoise<Vec<f64>>, start: f64, grid: &Grid) -> f64 {
    Sampler::Heun.run(model, grid, vec![start], &mut Rng::new(0), &mut |_| {}).x[0]
}

#[test]
fn a_negative_condition_pushes_away_from_its_mean() {
    // The flow towards m_w = w m_c + (1 - w) m_n, whatever the unconditional mean is.
    let (wanted, unwanted, s) = (1.0, -0.5, 0.4);
    let grid = Grid::edm(&Edm::default(), 300).unwrap();
    for w in [1.5, 3.0] {
        let model = Extrapolate {
            conditional: normal(wanted, s),
            unconditional: normal(unwanted, s),
            weight: Interval::always(w),
        };
        let m = w * wanted + (1.0 - w) * unwanted;
        for start in [-50.0, 0.0, 90.0] {
            let exact = m + (start - m) * s / s.hypot(END);
            assert!((flow(&model, start, &grid) - exact).abs() < 1e-3);
        }
    }
}

#[test]
fn autoguidance_by_a_wider_model_sharpens_by_a_known_power() {
    // (x - D)/sigma = x sigma (w/(s1² + sigma²) + (1 - w)/(s2² + sigma²)): x(0) = x_T (s1²/(s1² + T²))^(w/2) (s2²/(s2² + T²))^((1-w)/2).
    let (good, bad) = (0.5f64, 0.9f64);
    let grid = Grid::edm(&Edm::default(), 400).unwrap();
    for w in [1.0, 2.0, 3.0] {
        let model = Extrapolate {
            conditional: normal(0.0, good),
            unconditional: normal(0.0, bad),
            weight: Interval::always(w),
        };
        let power = |s: f64, w: f64| (s / s.hypot(END)).powf(w);
        let exact = 100.0 * power(good, w) * power(bad, 1.0 - w);
        let x = flow(&model, 100.0, &grid);
        assert!((x - exact).abs() < 2e-3 * exact, "w = {w}: {x} {exact}");
    }
}

#[test]
fn guidance_in_an_interval_is_a_flow_of_three_pieces() {
    // Piece by piece x - m scales by hypot(s, end)/hypot(s, start), towards m_w inside the interval and m_c outside.
    let (m_c, m_u, s, w) = (1.0, -1.0, 0.5, 3.0);
    let (low, high) = (0.3f64, 5.0f64);
    let model = Extrapolate {
        conditional: normal(m_c, s),
        unconditional: normal(m_u, s),
        weight: Interval::between(w, low, high),
    };
    let piece = |x: f64, m: f64, from: f64, to: f64| m + (x - m) * s.hypot(to) / s.hypot(from);
    let m_w = w * m_c + (1.0 - w) * m_u;
    // The jumps of the field cost one step of first order each: error O(1/n).
    let error = |n: usize, start: f64| {
        let exact = piece(piece(piece(start, m_c, END, high), m_w, high, low), m_c, low, 0.0);
        (flow(&model, start, &Grid::edm(&Edm::default(), n).unwrap()) - exact).abs()
    };
    for start in [-80.0, 20.0, 120.0] {
        assert!(error(2000, start) < 0.01, "{}", error(2000, start));
        assert!(error(100, start) > error(2000, start));
    }
    // Guidance all the way would end elsewhere.
    let always = Extrapolate { weight: Interval::always(w), ..model.clone() };
    let grid = Grid::edm(&Edm::default(), 400).unwrap();
    assert!((flow(&always, 20.0, &grid) - piece(20.0, m_w, END, 0.0)).abs() < 1e-3);
    assert!((flow(&model, 20.0, &grid) - piece(20.0, m_w, END, 0.0)).abs() > 0.3);
}

/// A model that estimates the same whatever it sees.
struct Fixed(Tensor<2>);

impl Denoise<Tensor<2>> for Fixed {
    fn path(&self) -> &dyn Path {
        &Edm { sigma_min: 0.002, sigma_max: 80.0 }
    }

    fn denoise(&self, _: &Tensor<2>, _: f64) -> Tensor<2> {
        self.0.clone()
    }
}

#[test]
fn a_rescaled_estimate_has_the_spread_of_the_conditional_one_sample_by_sample() {
    let device = Device::flex();
    let x = Tensor::<2>::zeros([3, 4], &device);
    let conditional =
        Tensor::<2>::from_data([[1.0, 2.0, 3.0, 4.0], [0.0, 10.0, 0.0, 10.0], [1.0, 1.0, 1.0, 1.0]], &device);
    let worse = Tensor::<2>::from_data([[0.0, 1.0, 0.0, 1.0], [5.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]], &device);
    let guided = |w| Extrapolate {
        conditional: Fixed(conditional.clone()),
        unconditional: Fixed(worse.clone()),
        weight: Interval::always(w),
    };
    let spread = |row: &[f64]| {
        let mean = row.iter().sum::<f64>() / 4.0;
        (row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 4.0).sqrt()
    };
    let plain = guided(5.0).denoise(&x, 1.0).to_host();
    let full = Rescale { guided: guided(5.0), phi: 1.0 }.denoise(&x, 1.0).to_host();
    let part = Rescale { guided: guided(5.0), phi: 0.7 }.denoise(&x, 1.0).to_host();
    for row in 0..3 {
        let wanted = spread(&conditional.to_host()[row]);
        assert!((spread(&full[row]) - wanted).abs() < 1e-5, "row {row}");
        for j in 0..4 {
            let mixed = 0.7 * full[row][j] + 0.3 * plain[row][j];
            assert!((part[row][j] - mixed).abs() < 1e-5, "row {row}");
        }
    }
    assert_eq!(full[2], [1.0; 4]);
    assert_eq!(Rescale { guided: guided(5.0), phi: 0.0 }.denoise(&x, 1.0).to_host(), plain);
    assert_eq!(Rescale { guided: guided(1.0), phi: 1.0 }.denoise(&x, 1.0).to_host(), conditional.to_host());
}
