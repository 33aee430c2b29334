//! Samplers compared: the exact W2 distance from a one-dimensional mixture, against the number of model evaluations.
//!
//! All are measured without Monte Carlo noise but the last two, which are by sorted samples.
//!
//! Run with `cargo run -p diffusion --example w2_table`.

mod w2;

use diffusion::*;
use w2::{Line, distance, exact_w2, law_w2, quantiles};

const EVALUATIONS: [usize; 7] = [8, 12, 18, 24, 36, 64, 128];

/// The most steps that a sampler can make of `evaluations`.
fn steps(sampler: &Sampler, evaluations: usize) -> usize {
    let cost = |n: usize| sampler.evaluations(&Grid::edm(&Edm::default(), n).expect("a grid"));
    (1..=evaluations).take_while(|n| cost(*n) <= evaluations).last().unwrap_or(1)
}

fn stochastic(sampler: &Sampler, steps: usize, data: &[f64]) -> f64 {
    let (model, path) = (Line::new(), Edm::default());
    let grid = Grid::edm(&path, steps).expect("a grid");
    let mut rng = Rng::new(1);
    let x = grid.prior(&path, &vec![0.0; data.len()], &mut rng);
    let mut x = sampler.run(&model, &grid, x, &mut rng, &mut |_| {}).x;
    x.sort_by(f64::total_cmp);
    distance(&x, data)
}

fn main() -> Result<(), Error> {
    let heading: Vec<String> = EVALUATIONS.iter().map(|n| format!("{n:>7}")).collect();
    println!("| evaluations | {} |", heading.join(" | "));
    println!("|---|{}", "---|".repeat(EVALUATIONS.len()));
    let print = |name: &str, of: &dyn Fn(usize) -> f64| {
        let row: Vec<String> = EVALUATIONS.iter().map(|n| format!("{:>7.4}", of(*n))).collect();
        println!("| {name} | {} |", row.join(" | "));
    };
    let (noise, data) = (quantiles(2000, 80.0), quantiles(2000, 0.0));
    const NAMES: [&str; 16] = [
        "ddim",
        "euler",
        "heun",
        "midpoint",
        "kutta3",
        "rk4",
        "dopri5",
        "dpmpp2m",
        "dpmpp3m",
        "adams2",
        "adams3",
        "unipc2",
        "unipc3",
        "adams2-edm",
        "unipc2-edm",
        "unipc3-edm",
    ];
    for name in NAMES {
        let sampler: Sampler = name.parse()?;
        print(name, &|n| exact_w2(&sampler, steps(&sampler, n), &noise, &data));
    }
    // The mixture's own spread is sqrt(2.7125).
    let fitted = Sampler::UniPc(UniPc::new(2, Prediction::Edm { sigma_data: 1.65 })?);
    print("unipc2-edm, sigma_data = 1.65", &|n| exact_w2(&fitted, n, &noise, &data));
    let (noise, data) = (quantiles(1500, 80.0), quantiles(1500, 0.0));
    for eta in [0.5, 1.0] {
        print(&format!("ddim, eta = {eta}"), &|n| law_w2(&Ddim { eta }, n, &noise, &data));
    }
    let beta = DdpmAncestral { variance: Variance::Forward };
    print("ddpm-beta", &|n| law_w2(&beta, n, &noise, &data));
    for noise_level in [0.5, 1.0] {
        let method = EulerMaruyama { noise: noise_level };
        print(&format!("sde:{}", noise_level * noise_level), &|n| law_w2(&method, n, &noise, &data));
    }
    let data = quantiles(20_000, 0.0);
    for name in ["heun-churn", "dpmpp2m-sde", "pc"] {
        let sampler: Sampler = name.parse()?;
        print(name, &|n| stochastic(&sampler, steps(&sampler, n), &data));
    }
    let draws = (0..20).map(|seed| {
        let mut x = Line::new().0.data(&mut Rng::new(seed), data.len()).concat();
        x.sort_by(f64::total_cmp);
        distance(&x, &data).powi(2)
    });
    println!(
        "The last two rows are {} samples; as many of the data are off by {:.3}.",
        data.len(),
        (draws.sum::<f64>() / 20.0).sqrt()
    );
    Ok(())
}
