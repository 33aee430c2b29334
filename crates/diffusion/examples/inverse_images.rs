//! Tomography and magnetic resonance of a smooth random image whose exact posterior is known: pictures and their errors.
//!
//! The prior is a Gaussian process on 32 x 32 pixels with covariance `exp(-(dx² + dy²)/(2 l²))`, l = 3. Its posterior is normal, so the
//! posterior mean is exact; samples are drawn through the diffusion model of the prior by moment matching. Writes one strip of pictures
//! (PGM) per scanner: truth, back-projection, pseudo-inverse, exact posterior mean, mean of the samples, two samples.
//!
//! `cargo run -p diffusion --release --example inverse_images -- DIRECTORY`

use std::fs;
use std::path::Path as File;

use diffusion::exact::{FullComponent, FullMixture};
use diffusion::inverse::*;
use diffusion::*;

const SIDE: usize = 32;
const LENGTH: f64 = 3.0;

/// The process, by the products of the principal axes of its two directions; those of variance below 1e-6 are left out.
fn process() -> Result<FullMixture<Edm>, Error> {
    let kernel = |i: usize, j: usize| (-0.5 * ((i as f64 - j as f64) / LENGTH).powi(2)).exp();
    let line: Vec<Vec<f64>> = (0..SIDE).map(|i| (0..SIDE).map(|j| kernel(i, j)).collect()).collect();
    let Svd { singular, right, .. } = Svd::new(&line)?;
    let (mut axes, mut variances) = (Vec::new(), Vec::new());
    for (v, down) in singular.iter().zip(&right) {
        for (w, across) in singular.iter().zip(&right).filter(|(w, _)| v * *w > 1e-6) {
            variances.push(v * w);
            axes.push(down.iter().flat_map(|d| across.iter().map(move |a| d * a)).collect());
        }
    }
    FullMixture::new(
        Edm::default(),
        vec![FullComponent { log_weight: 0.0, mean: vec![0.0; SIDE * SIDE], axes, variances }],
    )
}

fn rms(a: &[f64], b: &[f64]) -> f64 {
    (a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
}

/// Grey from -2.5 to 2.5, four screen pixels per pixel, panels side by side.
fn strip(panels: &[Vec<f64>]) -> Vec<u8> {
    let (zoom, gap) = (4, 4);
    let width = panels.len() * (SIDE * zoom + gap) - gap;
    let mut out = format!("P5\n{width} {}\n255\n", SIDE * zoom).into_bytes();
    for row in 0..SIDE * zoom {
        for (k, panel) in panels.iter().enumerate() {
            let grey = |column: usize| (panel[row / zoom * SIDE + column / zoom] / 5.0 + 0.5).clamp(0.0, 1.0) * 255.0;
            out.extend((0..SIDE * zoom).map(|column| grey(column) as u8));
            out.extend(vec![255; if k + 1 < panels.len() { gap } else { 0 }]);
        }
    }
    out
}

fn scan<A: Operator + Clone>(
    name: &str,
    operator: A,
    sigma: f64,
    folder: &File,
) -> Result<(), Box<dyn std::error::Error>> {
    let path = Edm::default();
    let prior = process()?;
    let truth = prior.data(&mut Rng::new(7), 1).remove(0);
    let measured = Measurement::of(operator, &truth, sigma, &mut Rng::new(8))?;
    let exact = prior.posterior(path, &measured)?;
    let y = measured.outcome(0)?;
    let back = measured.operator().adjoint(y)?;
    // In the units that make it nearest to the truth.
    let (overlap, square) = back.iter().zip(&truth).fold((0.0, 0.0), |(o, s), (b, t)| (o + b * t, s + b * b));
    let back: Vec<f64> = back.iter().map(|b| b * overlap / square).collect();
    let inverse = measured.operator().pseudo_inverse(y)?;
    let guided = Mmps { iterations: 20, ..Mmps::new(&prior, measured.clone()) };
    let grid = Grid::edm(&path, 20)?;
    let count = 8;
    let draw = |number: u64| {
        let mut rng = Rng::new(9).at(number);
        let x = grid.prior(&path, &truth, &mut rng);
        Sampler::DpmSolverPp2M.run(&guided, &grid, x, &mut rng, &mut |_| {}).x
    };
    let samples: Vec<Vec<f64>> = (0..count).map(draw).collect();
    let mean: Vec<f64> = (0..truth.len()).map(|p| samples.iter().map(|s| s[p]).sum::<f64>() / count as f64).collect();
    let variances = &exact.components()[0].variances;
    let spread = (variances.iter().sum::<f64>() / truth.len() as f64).sqrt();
    // A mean square of normals of these variances over n draws is sure to a share of sqrt(2 sum v²/n)/sum v, its root to half of that.
    let sure = (0.5 * variances.iter().map(|v| v * v).sum::<f64>()).sqrt() / variances.iter().sum::<f64>();
    let expected = |spread: f64, draws: usize| format!("{spread:.3} ± {:.3}", spread * sure / (draws as f64).sqrt());
    let apart = samples.iter().map(|s| rms(s, &exact.mean()).powi(2)).sum::<f64>() / count as f64;
    println!("{name}: {} numbers of {} pixels, noise {sigma}", y.len(), truth.len());
    println!("  back-projection, off the truth by     {:.3}", rms(&back, &truth));
    println!("  pseudo-inverse, off the truth by      {:.3}", rms(&inverse, &truth));
    println!(
        "  exact posterior mean, by              {:.3} (expected {})",
        rms(&exact.mean(), &truth),
        expected(spread, 1)
    );
    println!(
        "  samples off the exact mean by         {:.3} (expected {})",
        apart.sqrt(),
        expected(spread, samples.len())
    );
    println!(
        "  mean of {count} samples off the exact one  {:.3} (expected {})",
        rms(&mean, &exact.mean()),
        expected(spread / (count as f64).sqrt(), 1)
    );
    let file = folder.join(format!("{name}.pgm"));
    fs::write(
        &file,
        strip(&[truth.clone(), back, inverse, exact.mean(), mean, samples[0].clone(), samples[1].clone()]),
    )?;
    println!("  {}", file.display());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = File::new(&folder);
    scan("tomography", Radon::even(SIDE, 8)?, 0.5, folder)?;
    scan("resonance", Fourier::lines([SIDE, SIDE], 5, 8)?, 0.2, folder)?;
    Ok(())
}
