//! What couplings do to a flow and to its condition, with the exact values beside the estimates.
//!
//! Two classes, N(-2, 0.5²) and N(2, 0.5²), in batches of 256. Straightness is the mean squared distance of data and noise;
//! leakage is the mean noise of class 1, which a sampler draws with mean zero. `cargo run -p diffusion --example couplings`

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::couple::Condition;
use diffusion::{Coupling, Error, Rng, Rows};

const BATCH: usize = 256;
const BATCHES: usize = 20;

fn main() -> Result<(), Error> {
    // Distances: mean² + std² + 1 of independent pairs, mean² + (1 - std)² of monotone ones within a class. Without classes
    // the upper half of the noise, of mean sqrt(2/pi), goes to class 1.
    let half = (2.0 / std::f64::consts::PI).sqrt();
    println!("{:<24} {:>12} {:>8} {:>12} {:>8}", "coupling", "distance", "exact", "leakage", "exact");
    let naive = [Coupling::Exact, Coupling::Sinkhorn { epsilon: 0.05 }];
    row("independent", Coupling::Independent, false, "5.250", "0.000")?;
    row("exact", naive[0], false, "", &format!("{half:.3}"))?;
    row("sinkhorn 0.05", naive[1], false, "", "")?;
    row("exact, by class", naive[0], true, "4.250", "0.000")?;
    row("sinkhorn 0.05, by class", naive[1], true, "", "0.000")
}

fn row(name: &str, coupling: Coupling, by_class: bool, distance: &str, leakage: &str) -> Result<(), Error> {
    let labels: Vec<usize> = (0..BATCH).map(|i| i % 2).collect();
    let condition = Condition { labels: if by_class { &labels } else { &[] }, ..Condition::default() };
    let (mut squares, mut noise_of_one) = (0.0, 0.0);
    for batch in 0..BATCHES {
        let mut rng = Rng::new(1).at((batch * BATCH) as u64); // samples number batch * 256 and on
        let z = rng.normal_f64(BATCH, 1);
        let values: Vec<f64> = z.iter().zip(&labels).map(|(z, label)| 4.0 * *label as f64 - 2.0 + 0.5 * z).collect();
        let data = Tensor::<2>::from_data(TensorData::new(values, [BATCH, 1]), &Device::flex());
        let noise = coupling.noise_given(&data, &condition, &mut rng)?.to_host().concat();
        squares += data.to_host().concat().iter().zip(&noise).map(|(x, z)| (x - z).powi(2)).sum::<f64>();
        noise_of_one += noise.iter().zip(&labels).filter(|(_, l)| **l == 1).map(|(z, _)| z).sum::<f64>();
    }
    let n = (BATCH * BATCHES) as f64;
    println!("{name:<24} {:>12.3} {distance:>8} {:>12.3} {leakage:>8}", squares / n, noise_of_one / (0.5 * n));
    Ok(())
}
