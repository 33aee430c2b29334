//! Why noise is annealed: Langevin dynamics with the exact score, on two modes with empty space between them.
//!
//! A fifth of the data lies at (-5, -5), the rest at (5, 5), with spread 1 (Song & Ermon, arXiv:1907.05600, figure 3). From a
//! broad start, dynamics at the data's own noise level fall into the nearer mode and stay; noise levels from 20 down to 0.1
//! share the samples out as the data does.
//!
//! Run with `cargo run -p diffusion --example langevin_modes`.

use diffusion::exact::{Component, Mixture};
use diffusion::{AnnealedLangevin, Edm, Error, Grid, Langevin, Rng};

const SAMPLES: u64 = 2000;

fn main() -> Result<(), Error> {
    let path = Edm::default();
    let mode = |weight: f64, centre: f64| Component { weight, mean: vec![centre; 2], std: 1.0 };
    let model = Mixture::new(path, vec![mode(0.2, -5.0), mode(0.8, 5.0)])?;
    let grid = Grid::uniform_lambda(&path, 0.1, 20.0, 10)?;

    let share = |go: &dyn Fn(Vec<f64>, &mut Rng) -> Vec<f64>| {
        let small = (0..SAMPLES).filter(|sample| {
            let mut rng = Rng::new(1).at(*sample);
            let start = rng.uniform(1, 2).into_iter().map(|u| 16.0 * u - 8.0).collect();
            let x = go(start, &mut rng);
            x[0] + x[1] < 0.0
        });
        small.count() as f64 / SAMPLES as f64
    };

    println!("| dynamics | evaluations | weight of the small mode | exact |");
    println!("|---|---|---|---|");
    for steps in [100, 2000] {
        let dynamics = Langevin::new(0.1, steps, 1.0)?;
        let measured = share(&|x, rng| dynamics.run(&model, x, 0.01, rng));
        println!("| Langevin | {steps} | {measured:.3} | 0.200 |");
    }
    for steps in [10, 50, 200] {
        let dynamics = AnnealedLangevin::new(0.2, steps, 1.0)?;
        let measured = share(&|x, rng| dynamics.run(&model, &grid, x, rng).x);
        println!("| annealed Langevin | {} | {measured:.3} | 0.200 |", steps * grid.times().len() + 1);
    }
    println!("Standard error of a weight of 0.2: {:.3}", (0.16 / SAMPLES as f64).sqrt());
    Ok(())
}
