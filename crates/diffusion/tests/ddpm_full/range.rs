//! The learned range: its step, and the loss that trains it.

use burn::tensor::{Device, Tensor};
use diffusion::exact::Gaussian;
use diffusion::step::{LearnedRange, Posterior};
use diffusion::train::{ReverseVariance, range_losses, step_term};
use diffusion::*;

#[test]
fn at_the_ends_of_the_range_the_step_is_ddpms() {
    let path = VpLinear::default();
    let model = Each(Gaussian::isotropic(path, 3, 0.2, 0.6).unwrap());
    let x = Samples(vec![vec![0.3, -1.0, 0.7], vec![0.0, 0.5, -0.2]]);
    for (share, variance) in [(0.0, Variance::Posterior), (1.0, Variance::Forward)] {
        let share = |x: &Samples, _: f64, _: f64| x.with_host(&vec![vec![share; 3]; 2]);
        let ours = LearnedRange { share }.step(&model, x.clone(), 0.7, 0.6, &mut (), &mut Rng::new(1));
        let ddpm = DdpmAncestral { variance }.step(&model, x.clone(), 0.7, 0.6, &mut (), &mut Rng::new(1));
        let gap = ours.axpby(1.0, -1.0, &ddpm);
        assert!(gap.0.concat().iter().all(|d| d.abs() < 1e-14), "{variance:?}: {gap:?}");
    }
}

#[test]
fn with_the_true_variance_the_chain_keeps_the_datas_spread_at_ten_steps() {
    // The exact reverse kernel of normal data is normal with this variance: no step count is too small.
    let (path, s) = (DdpmTable::default(), 0.5);
    let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    let share = |x: &Vec<f64>, t: f64, u: f64| {
        let p = Posterior::new(&path, t, u);
        vec![(p.of_data.powi(2) * model.posterior_variance(t)[0] / p.lower).ln_1p() / p.range(); x.len()]
    };
    let grid = Grid::strided(&path, 10).unwrap();
    // Each step is x -> gain x + noise z: follow the variance from N(0, 1) exactly.
    let mut variance = 1.0;
    for (number, w) in grid.times().windows(2).enumerate() {
        let go =
            |x: f64| LearnedRange { share }.step(&model, vec![x], w[0], w[1], &mut (), &mut Rng::new(number as u64))[0];
        let z = Rng::new(number as u64).normal_f64(1, 1)[0];
        variance = (go(1.0) - go(0.0)).powi(2) * variance + (go(0.0) / z).powi(2);
    }
    let c = path.at(grid.times()[9]);
    let exact = (c.alpha * s).powi(2) + c.sigma.powi(2);
    // The start has variance 1 instead of 1 - 3e-5: that much may be left.
    assert!((variance / exact - 1.0).abs() < 1e-4, "{variance} {exact}");
}

#[test]
fn the_loss_is_the_bounds_and_teaches_the_share_alone() {
    let device = Device::flex().autodiff();
    let path = VpLinear::default();
    let times = [(0.7, 0.6), (0.3, 0.29)];
    let posteriors = times.map(|(t, s)| Posterior::new(&path, t, s));
    let data = [[0.4, -0.2, 1.0], [0.1, 0.0, -0.7]];
    let misses = [[0.3, -0.5, 0.2], [0.05, 0.02, -0.04]];
    let shares = [[0.2, 0.5, 0.9], [0.0, 1.0, 0.4]];
    let tensor = |rows: [[f64; 3]; 2]| Tensor::<2>::from_data(rows, &device);
    let estimate = (tensor(data) - tensor(misses)).require_grad();
    let share = tensor(shares).require_grad();
    let losses = range_losses(&posteriors, estimate.clone(), share.clone(), tensor(data));
    let gradients = losses.clone().sum().backward();
    let found: Vec<f64> = losses.into_data().iter::<f64>().collect();
    let slopes: Vec<f64> = share.grad(&gradients).unwrap().into_data().iter::<f64>().collect();
    assert!(estimate.grad(&gradients).is_none_or(|g| g.into_data().iter::<f64>().all(|g| g == 0.0)));

    /// A model whose estimate misses by a constant.
    struct Fixed(VpLinear, Vec<f64>);
    impl Denoise<Vec<f64>> for Fixed {
        fn path(&self) -> &dyn Path {
            &self.0
        }
        fn denoise(&self, _: &Vec<f64>, _: f64) -> Vec<f64> {
            self.1.clone()
        }
    }
    for r in 0..2 {
        let model = Fixed(path, data[r].iter().zip(misses[r]).map(|(x, miss)| x - miss).collect());
        let bound = |shares: Vec<f64>| {
            let share = |_: &Vec<f64>, _: f64, _: f64| shares.clone();
            let (t, s) = times[r];
            step_term(&model, &ReverseVariance::Range(&share), &data[r].to_vec(), &vec![0.0; 3], t, s)[0] / 3.0
        };
        let exact = bound(shares[r].to_vec());
        // Rounding of 1 - d + ... in single precision.
        assert!((found[r] - exact).abs() < 1e-6 + 1e-5 * exact, "{} {exact}", found[r]);
        for i in 0..3 {
            let at = |h: f64| {
                let mut moved = shares[r].to_vec();
                moved[i] += h;
                bound(moved)
            };
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            let slope = slopes[3 * r + i];
            assert!((slope - difference).abs() < 1e-5 * (1.0 + difference.abs()), "{slope} {difference}");
        }
    }
}
