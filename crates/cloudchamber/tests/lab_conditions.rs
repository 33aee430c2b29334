//! The laboratory's guided samples, posteriors and likelihoods on two normal classes, where theory says what they must be.
//!
//! Data: `N((±1, 0), 0.8²)`. Classes differ along x only, so no guidance changes y: `N(0, 0.8²)` whatever the weight. Along x, the flow
//! of the exact models says where guided samples end.

use std::path::Path;

use cloudchamber::lab::{LabRecipe, Point, Points, Target, Trained};
use diffusion::exact::{Component, Mixture};
use diffusion::{Edm, Extrapolate, Grid, Interval, Rng, Sampler};

const CENTRE: f64 = 1.0;
const STD: f64 = 0.8;

fn target() -> Target {
    let n = 8000;
    let noise = Rng::new(77).normal_f64(n, 2);
    let place = |i: usize| [-CENTRE, CENTRE][i % 2];
    let points = (0..n).map(|i| ([place(i) + STD * noise[2 * i], STD * noise[2 * i + 1]], i % 2)).collect();
    Target::Points(Points { points, classes: ["left", "right"].map(String::from).to_vec() })
}

fn recipe(name: &str) -> LabRecipe {
    let settings =
        ["network.width=48", "network.layers=2", "train.steps=1000", "guidance.class=1", "objective.label_dropout=0.5"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../recipes/toys/{name}.toml"));
    LabRecipe::load(&path, &settings.map(String::from)).unwrap()
}

/// Mean and standard deviation of a coordinate.
fn moments(points: &[Point], axis: usize) -> (f64, f64) {
    let n = points.len() as f64;
    let mean = points.iter().map(|p| p[axis]).sum::<f64>() / n;
    (mean, (points.iter().map(|p| (p[axis] - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// What is found to be off.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn close(&mut self, what: &str, found: (f64, f64), expected: (f64, f64), tolerance: f64) {
        if (found.0 - expected.0).abs().max((found.1 - expected.1).abs()) >= tolerance {
            self.0.push(format!("{what}: {found:.3?} instead of {expected:.3?}"));
        }
    }
}

/// Where the exact models, extrapolated with weight `w`, send the noise along x.
fn guided_exactly(w: f64) -> (f64, f64) {
    let part = |mean: f64| Component { weight: 1.0, mean: vec![mean], std: STD };
    let path = Edm::default();
    let model = Extrapolate {
        conditional: Mixture::new(path, vec![part(CENTRE)]).unwrap(),
        unconditional: Mixture::new(path, vec![part(-CENTRE), part(CENTRE)]).unwrap(),
        weight: Interval::always(w),
    };
    let grid = Grid::karras(&path, 0.01, 40.0, 7.0, 100).unwrap();
    let ends = (0..1000).map(|i| {
        let mut rng = Rng::new(5).at(i);
        let noise = grid.prior(&path, &vec![0.0], &mut rng);
        [Sampler::Heun.run(&model, &grid, noise, &mut rng, &mut |_| {}).x[0], 0.0]
    });
    moments(&ends.collect::<Vec<_>>(), 0)
}

/// A thousand samples know a mean to 0.8/sqrt(1000) = 0.03; the rest of the tolerance is for what a short training leaves unlearnt.
#[test]
fn guided_samples_have_the_moments_that_theory_gives() {
    let (target, n) = (target(), 1000);
    let mut off = Findings::default();
    let edm = Trained::new(&recipe("edm"), &target, None).unwrap();
    let strong = guided_exactly(2.0);
    assert!(strong.0 > CENTRE + 0.2, "guidance displaces, or there is nothing to see: {strong:?}");
    for name in ["classifier-guidance", "classifier-free-guidance"] {
        let trained = Trained::new(&recipe(name), &target, Some(&edm)).unwrap();
        let guided = trained.samples(128, 3, n).unwrap();
        off.close(&format!("{name}, x at weight 2"), moments(&guided, 0), strong, 0.15);
        off.close(&format!("{name}, y at weight 2"), moments(&guided, 1), (0.0, STD), 0.12);
        let shown = trained.exhibits(128, 3, n).unwrap();
        let plain = &shown.iter().find(|(title, _)| title == "*w* = 1").unwrap().1;
        off.close(&format!("{name}, x at weight 1"), moments(plain, 0), (CENTRE, STD), 0.12);
        let all = &shown.iter().find(|(title, _)| title == "*w* = 0").unwrap().1;
        off.close(&format!("{name}, x at weight 0"), moments(all, 0), (0.0, CENTRE.hypot(STD)), 0.2);
    }

    // y = x2 ± 0.3 leaves N(k y, k 0.3²) of the second coordinate, k = 0.64/(0.64 + 0.09), and nothing changes along the first.
    let (outcome, sigma) = (0.8, 0.3f64);
    let k = STD.powi(2) / (STD.powi(2) + sigma.powi(2));
    let mut asked = recipe("posterior-mmps");
    (asked.measurement.along, asked.measurement.value, asked.measurement.sigma) = ([0.0, 1.0], Some(outcome), sigma);
    let posterior = Trained::new(&asked, &target, Some(&edm)).unwrap().samples(256, 3, n).unwrap();
    off.close("posterior, y", moments(&posterior, 1), (k * outcome, k.sqrt() * sigma), 0.1);
    off.close("posterior, x", moments(&posterior, 0), (0.0, CENTRE.hypot(STD)), 0.25);

    // ln p of other points of the two normals, next to the exact one: no better, and not much worse.
    let noise = Rng::new(78).normal_f64(n, 2);
    let fresh: Vec<Point> =
        (0..n).map(|i| [[-CENTRE, CENTRE][i % 2] + STD * noise[2 * i], STD * noise[2 * i + 1]]).collect();
    let normal = |x: f64, m: f64| (-0.5 * ((x - m) / STD).powi(2)).exp() / (STD * std::f64::consts::TAU.sqrt());
    let exact = |p: &Point| (0.5 * (normal(p[0], CENTRE) + normal(p[0], -CENTRE)) * normal(p[1], 0.0)).ln();
    let learnt = edm.log_densities(64, &fresh).unwrap().unwrap();
    let loss = fresh.iter().zip(&learnt).map(|(p, l)| exact(p) - l).sum::<f64>() / n as f64;
    if !(-0.02..0.1).contains(&loss) {
        off.0.push(format!("likelihood: {loss} nats below the exact density"));
    }
    assert!(off.0.is_empty(), "{:#?}", off.0);
}
