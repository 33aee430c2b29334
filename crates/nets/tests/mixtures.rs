//! Mixtures of normal and of von Mises distributions: their normalisation, and samples of them.

#[path = "common/i0.rs"]
mod i0;
#[path = "common/ks.rs"]
mod ks;
#[path = "common/tensors.rs"]
mod tensors;

use std::f64::consts::PI;

use diffusion::Rng;
use nets::Component::{Gaussian, VonMises};
use nets::log_i0_scaled;
use tensors::{host, line, rows};

#[test]
fn log_i0_and_its_slope_agree_with_the_power_series_and_the_asymptotic_series() {
    let mut k: Vec<f64> = (0..=700).map(|i| 1e-4 * 10f64.powf(9.0 * f64::from(i) / 700.0)).collect();
    k.extend([0.0, 3.75, 3.7499, 3.7501, 29.99, 30.01, 1e5]);
    let k: Vec<f64> = k.into_iter().map(|k| f64::from(k as f32)).collect();
    let x = line(&k).autodiff().require_grad();
    let found = log_i0_scaled(x.clone());
    let slopes = host(x.grad(&found.clone().sum().backward()).unwrap());
    let (mut worst, mut steepest) = (0f64, 0f64);
    for ((k, found), slope) in k.iter().zip(host(found)).zip(slopes) {
        let exact = i0::log_scaled(*k);
        worst = worst.max((found - exact).abs() / exact.abs().max(1.0));
        let h = 1e-4 * k.max(1e-2);
        let difference = (i0::log_scaled(k + h) - i0::log_scaled((k - h).abs())) / (2.0 * h);
        // At the joints of either pair of series the difference is that of two approximations.
        if *k > 1e-2 && (k - 30.0).abs() > 1.0 {
            steepest = steepest.max((slope - difference).abs());
        }
    }
    println!("ln I0 - k: {worst:.1e} off, its slope {steepest:.1e}");
    assert!(worst < 1e-6 && steepest < 1e-5);
}

#[test]
fn mixtures_are_drawn_from_exactly() {
    let mut numbers = Rng::new(83).uniform(1, 400_000).into_iter();
    for (family, log_scale, low, high) in [
        (Gaussian, -1.0f32, -8.0, 8.0),
        (VonMises, -7.0, -PI, PI),
        (VonMises, 0.5, -PI, PI),
        (VonMises, 4.0, -PI, PI),
        (VonMises, 11.5, -PI, PI),
    ] {
        // Two equal-weight components and a rare third; an angle's mean at the seam.
        let raw = [0.0, 0.0, -2.0, -3.1, 0.4, 1.5, log_scale, log_scale, log_scale];
        let sample: Vec<f64> = (0..10_000).map(|_| family.draw(&raw, &mut || numbers.next().unwrap())).collect();
        assert!(sample.iter().all(|x| (low..=high).contains(x)));
        let table = rows(&raw.map(f64::from), 9);
        let distance = ks::distance(sample, low, high, |grid| {
            host(family.log_density(table.clone().expand([grid.len(), 9]), line(grid)))
                .iter()
                .map(|l| l.exp())
                .collect()
        });
        println!("{family:?} {log_scale}: sqrt(n) D = {distance:.2}");
        assert!(distance < ks::LIMIT);
    }
    assert!(VonMises.draw(&[0.0, f32::NAN, 1.0], &mut || 0.5).is_nan());
}
