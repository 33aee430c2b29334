//! The plane rolled up: a target's window with opposite sides glued together is a flat torus, on which its points are two angles.
//!
//! * flow: geodesics from data to uniform noise, `x_t = exp(data, t log(data, noise))` (arXiv:2302.03660)
//! * score: wrapped normal noise, `x_sigma = wrap(data + sigma z)`, undone by ancestral sampling (arXiv:2206.01729, arXiv:2309.04475)
//!
//! Networks see sines and cosines of the angles, so their fields have the torus' periods exactly.

use std::f64::consts::{PI, TAU};

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::manifold::{Manifold, Torus, TorusStep, WrappedNormal, flow_matching_rows};
use diffusion::{Rng, Space};
use nets::ToyMlp;

use super::fit::fit;
use super::recipe::{Kind, LabRecipe};
use super::standard::{Standard, column, rows};
use super::student::{Lesson, See, Student};
use super::transport::wasserstein2_by;
use super::{Point, Target};
use crate::Error;

/// Waves of each angle that networks see: sine and cosine of its multiples up to this one.
const WAVES: usize = 3;
/// Least and most noise of the score's heat flow, in radians; at the most, nothing of the data is left but a hundredth.
const NOISE: (f64, f64) = (0.02, PI);
/// Noise levels that the score is trained at.
const LEVELS: usize = 100;

/// The torus of a target's window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chart {
    half: f64,
    centre: Point,
}

impl Chart {
    /// Sides of the window are glued together.
    pub fn of(target: &Target) -> Chart {
        let (half, centre) = target.window();
        Chart { half, centre }
    }

    /// The chart of a recipe's torus; none if its method lives in the plane.
    pub fn of_recipe(recipe: &LabRecipe, target: &Target) -> Option<Chart> {
        matches!(recipe.kind, Kind::TorusFlow | Kind::TorusScore).then(|| Chart::of(target))
    }

    /// Points as angles in [-pi, pi), `[N, 2]`.
    pub fn angles(&self, points: &[Point]) -> Vec<f64> {
        let angle = |p: &Point, axis: usize| circle().near((p[axis] - self.centre[axis]) * PI / self.half);
        points.iter().flat_map(|p| [angle(p, 0), angle(p, 1)]).collect()
    }

    /// The points in the window at these angles.
    pub fn points(&self, angles: &[f64]) -> Vec<Point> {
        let place = |angle: f64, axis: usize| self.centre[axis] + circle().near(angle) * self.half / PI;
        angles.chunks_exact(2).map(|a| [place(a[0], 0), place(a[1], 1)]).collect()
    }

    /// Exact Wasserstein-2 distance of two equally large samples on the torus, in the target's units.
    pub fn wasserstein2(&self, a: &[Point], b: &[Point]) -> f64 {
        let circle = Torus { dim: 1, period: 2.0 * self.half };
        wasserstein2_by(a, b, |a, b| circle.near(a[0] - b[0]).powi(2) + circle.near(a[1] - b[1]).powi(2))
    }

    /// A way whose last point stays and whose other points are moved by whole periods, so that no step is longer than half of one.
    pub fn unrolled(&self, mut way: Vec<Point>) -> Vec<Point> {
        let circle = Torus { dim: 1, period: 2.0 * self.half };
        for k in (1..way.len()).rev() {
            way[k - 1] = [0, 1].map(|axis| way[k][axis] + circle.near(way[k - 1][axis] - way[k][axis]));
        }
        way
    }
}

fn circle() -> Torus {
    Torus { dim: 1, period: TAU }
}

/// A trained field on the torus.
pub struct OnTorus {
    network: ToyMlp,
    chart: Chart,
    standard: Standard,
    score: bool,
}

impl OnTorus {
    /// Trains by the recipe's kind.
    ///
    /// # Errors
    /// Divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<OnTorus, Error> {
        let (options, device) = (&lesson.recipe.train, &lesson.device);
        let (score, chart) = (lesson.recipe.kind == Kind::TorusScore, Chart::of(lesson.target));
        let sigmas: Vec<f64> = levels(LEVELS).collect();
        let laws = sigmas.iter().map(|sigma| law(*sigma)).collect::<Result<Vec<_>, _>>()?;
        let sizes: Vec<f64> = laws.iter().map(|law| law.mean_square_score().sqrt()).collect();
        let network = lesson.network(4 * WAVES);
        let network = fit(network, options, device, &mut |net: &ToyMlp, rng, _| {
            let data = tensor(&chart.angles(&lesson.standard.points(&lesson.data(rng))), device);
            let (x, target, level) = if score {
                let picks: Vec<usize> =
                    rng.uniform(options.batch, 1).iter().map(|u| (u * LEVELS as f64) as usize).collect();
                let z = rng.normal_f64(options.batch, 2);
                let law = |i: usize| (&laws[picks[i / 2]], sizes[picks[i / 2]]);
                let moved: Vec<f64> = (0..z.len()).map(|i| sigmas[picks[i / 2]] * z[i]).collect();
                // The score of the kernel, in units of its root mean square.
                let scores: Vec<f64> = (0..z.len()).map(|i| law(i).0.score(moved[i]) / law(i).1).collect();
                let level: Vec<f64> = picks.iter().map(|k| sigmas[*k].ln()).collect();
                (data + tensor(&moved, device), tensor(&scores, device), level)
            } else {
                let t = rng.uniform(options.batch, 1);
                let noise = tensor(&torus().uniform(rng, options.batch), device);
                let (x, u) = flow_matching_rows(&torus(), &data, &noise, &t)?;
                (x, u, t)
            };
            let error = ask(net, &x, &level) - target;
            Ok(error.powi_scalar(2).mean_dim(1).squeeze_dim(1))
        })?;
        Ok(OnTorus { network, chart, standard: lesson.standard, score })
    }

    /// The field at angles, all at one time or level: velocity of the flow, score of the heat flow.
    fn field(&self, angles: &[f64], level: f64) -> Result<Vec<f64>, Error> {
        let x = tensor(angles, &Device::flex());
        let told = if self.score { level.ln() } else { level };
        let size = if self.score { law(level)?.mean_square_score().sqrt() } else { 1.0 };
        let output = ask(&self.network, &x, &vec![told; x.dims()[0]]);
        Ok(rows(&output).into_iter().flatten().map(|v| size * v).collect())
    }

    fn standardised(&self, angles: &[f64]) -> Tensor<2> {
        self.standard.tensor(&self.chart.points(angles), &Device::flex())
    }
}

fn torus() -> Torus {
    Torus { dim: 2, period: TAU }
}

fn law(sigma: f64) -> Result<WrappedNormal, diffusion::Error> {
    WrappedNormal::new(TAU, sigma)
}

/// `n` noise levels from least to most, evenly spaced in their logarithm.
fn levels(n: usize) -> impl Iterator<Item = f64> {
    let step = (NOISE.1 / NOISE.0).ln() / (n.max(2) - 1) as f64;
    (0..n).map(move |k| NOISE.0 * (k as f64 * step).exp())
}

fn tensor(angles: &[f64], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = angles.iter().map(|a| *a as f32).collect();
    Tensor::from_data(TensorData::new(values, [angles.len() / 2, 2]), device)
}

/// The network's two numbers for each sample at its own level.
fn ask(net: &ToyMlp, angles: &Tensor<2>, level: &[f64]) -> Tensor<2> {
    let batch = angles.dims()[0];
    let waves = (1..=WAVES).flat_map(|k| {
        let phase = angles.clone().mul_scalar(k as f64);
        [phase.clone().sin(), phase.cos()]
    });
    let input = Tensor::cat(waves.collect(), 1);
    net.forward(input, column(level, &angles.device())).slice([0..batch, 0..2])
}

impl Student for OnTorus {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let steps = evaluations.max(1);
        let mut x = torus().uniform(rng, like.dims()[0]);
        if self.score {
            // From the most noise to the least, and then all the way: the last step takes the score's word for the data.
            let mut down: Vec<f64> = levels(steps).collect();
            if steps == 1 {
                down = vec![NOISE.1];
            }
            down.reverse();
            down.push(0.0);
            for step in down.windows(2) {
                see(&self.standardised(&x));
                let score = self.field(&x, step[0])?;
                let z: Vec<f64> = rows(&like.randn_like(rng)).into_iter().flatten().collect();
                x = TorusStep::Ancestral.apply(&torus(), &x, &score, step[0], step[1], &z);
            }
            return Ok(self.standardised(&x));
        }
        for k in (1..=steps).rev() {
            see(&self.standardised(&x));
            let change: Vec<f64> = self.field(&x, k as f64 / steps as f64)?.iter().map(|v| -v / steps as f64).collect();
            x = torus().exp(&x, &change);
        }
        Ok(self.standardised(&x))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let angles = self.chart.angles(&self.standard.points(&x));
        // Level 1 is a noise of the data's spread; the flow meets it half way, as on the straight path.
        let radians = level * self.standard.spread * PI / self.chart.half;
        let (at, sign) = if self.score { (radians, 1.0) } else { (level / (1.0 + level), -1.0) };
        let field = self.field(&angles, at).unwrap_or_else(|_| vec![0.0; angles.len()]);
        tensor(&field, &x.device()).mul_scalar(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        Chart { half: 3.0, centre: [1.0, -2.0] }
    }

    #[test]
    fn points_and_angles_are_each_other_up_to_periods() {
        let inside = vec![[0.5, -1.0], [-1.9, 0.9], [3.9, -4.9]];
        let angles = chart().angles(&inside);
        assert!(angles.iter().all(|a| (-PI..PI).contains(a)));
        let shifted: Vec<Point> = inside.iter().map(|p| [p[0] + 6.0, p[1] - 12.0]).collect();
        for (a, b) in chart().angles(&shifted).iter().zip(&angles) {
            assert!((a - b).abs() < 1e-12);
        }
        for (a, b) in chart().points(&angles).iter().flatten().zip(inside.iter().flatten()) {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn the_distance_on_the_torus_does_not_see_whole_periods_and_is_short_across_the_seam() {
        let a: Vec<Point> = (0..40).map(|i| [(f64::from(i) * 0.7).sin(), (f64::from(i) * 1.3).cos()]).collect();
        let far: Vec<Point> = a.iter().map(|p| [p[0] + 6.0, p[1] - 6.0]).collect();
        assert!(chart().wasserstein2(&a, &far) < 1e-7);
        // Two points on both sides of the seam, 0.2 apart around and 5.8 apart in the plane.
        assert!((chart().wasserstein2(&[[-1.9, 0.0]], &[[3.9, 0.0]]) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn an_unrolled_way_has_short_steps_and_the_same_end() {
        let way = vec![[3.9, -4.9], [-1.9, 0.9], [-1.5, 0.5]];
        let unrolled = chart().unrolled(way.clone());
        assert_eq!(unrolled[2], way[2]);
        assert!(unrolled.windows(2).all(|w| (0..2).all(|axis| (w[0][axis] - w[1][axis]).abs() <= 3.0)));
        let apart = |a: f64, b: f64| ((a - b) / 6.0 - ((a - b) / 6.0).round()).abs();
        assert!(unrolled.iter().flatten().zip(way.iter().flatten()).all(|(a, b)| apart(*a, *b) < 1e-12));
    }

    #[test]
    fn a_field_on_the_torus_has_its_periods() {
        let recipe = LabRecipe { kind: Kind::TorusFlow, ..LabRecipe::default() };
        let target = Target::Moons;
        let standard = Standard { centre: [0.0, 0.0], spread: 1.0 };
        let device = Device::flex();
        let lesson = Lesson { recipe: &recipe, target: &target, standard, teacher: None, device };
        let net = lesson.network(4 * WAVES);
        let angles: Vec<f64> = (0..20).map(|i| (f64::from(i) * 1.7).sin() * 3.0).collect();
        let shifted: Vec<f64> = angles.iter().enumerate().map(|(i, a)| a + TAU * [1.0, -1.0, 2.0][i % 3]).collect();
        let at = |angles: &[f64]| rows(&ask(&net, &tensor(angles, &Device::flex()), &vec![0.3; angles.len() / 2]));
        // Single precision: angles of up to 15 are known to 1e-6.
        let gap = at(&angles)
            .iter()
            .flatten()
            .zip(at(&shifted).iter().flatten())
            .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
        assert!(gap < 1e-5, "{gap}");
        assert!(at(&angles)[0] != at(&angles)[1]);
    }
}
