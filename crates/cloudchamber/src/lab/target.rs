//! Distributions in the plane whose samples show at a glance what a method gets wrong, with their densities.
//!
//! All but the checkerboard and the points of a file are curves or points blurred by a normal, so their densities are mixtures.
//! Eight Gaussians and moons are those of Tong et al., arXiv:2302.00482 (radius 5 and per-axis variance sqrt(0.1); `3 x - 1`).

use std::f64::consts::{PI, TAU};
use std::path::Path;

use diffusion::Rng;

use super::points::Points;
use crate::Error;
use crate::suggest;

/// A point of the plane.
pub type Point = [f64; 2];

/// A distribution to learn.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Eight normals on a circle of radius 5, each with variance sqrt(0.1) per axis. Its class is the number of the normal.
    EightGaussians,
    /// Two half circles, blurred. Its class is the half circle.
    Moons,
    /// Every second cell of a board of 4 x 4 cells of side 2. Its class is the row.
    Checkerboard,
    /// Two spiral arms, blurred. Its class is the arm.
    Spirals,
    /// Three concentric circles, blurred. Its class is the circle.
    Rings,
    /// Points of a file; its samples are draws from them with replacement. Its class is that of the point.
    Points(Points),
}

/// Places on each curve at which its blurred density is summed: their distance is far below the blur.
const QUADRATURE: usize = 400;

impl Target {
    /// The names that parse.
    pub const NAMES: [&str; 5] = ["8gaussians", "moons", "checkerboard", "spirals", "rings"];

    /// A target by its name, or the points of a CSV file.
    ///
    /// # Errors
    /// Neither a name nor a file, and those of [`Points::read`].
    pub fn find(name: &str) -> Result<Target, Error> {
        Ok(match name {
            "8gaussians" => Target::EightGaussians,
            "moons" => Target::Moons,
            "checkerboard" => Target::Checkerboard,
            "spirals" => Target::Spirals,
            "rings" => Target::Rings,
            _ if Path::new(name).extension().is_some() => Target::Points(Points::read(Path::new(name))?),
            _ => {
                let near =
                    suggest::nearest(name, Target::NAMES).map_or(String::new(), |n| format!("; did you mean {n}?"));
                let expected = format!("one of {}, or a CSV file of points{near}", Target::NAMES.join(", "));
                return Err(Error::argument("target", name, expected));
            }
        })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match self {
            Target::EightGaussians => 8,
            Target::Checkerboard => 4,
            Target::Rings => 3,
            Target::Moons | Target::Spirals => 2,
            Target::Points(points) => points.classes.len(),
        }
    }

    /// Samples `rng.first ..` and their classes; uses up three draws.
    pub fn sample(&self, rng: &mut Rng, n: usize) -> Vec<(Point, usize)> {
        self.draw(rng, n, None)
    }

    /// Samples `rng.first ..` of one class; uses up three draws.
    pub fn sample_class(&self, rng: &mut Rng, n: usize, class: usize) -> Vec<Point> {
        let drawn = match self {
            Target::Points(points) => Target::Points(points.of_class(class)).draw(rng, n, None),
            _ => self.draw(rng, n, Some(class)),
        };
        drawn.into_iter().map(|(p, _)| p).collect()
    }

    fn draw(&self, rng: &mut Rng, n: usize, only: Option<usize>) -> Vec<(Point, usize)> {
        let (picks, places, blurs) = (rng.uniform(n, 1), rng.uniform(n, 2), rng.normal_f64(n, 2));
        (0..n)
            .map(|i| {
                let place = [places[2 * i], places[2 * i + 1]];
                let (centre, class) = match self {
                    Target::Points(all) => all.points[(picks[i] * all.points.len() as f64) as usize],
                    _ => {
                        let class = only.unwrap_or((picks[i] * self.classes() as f64) as usize);
                        (self.curve(class, place), class)
                    }
                };
                let blur = self.blur();
                ([centre[0] + blur * blurs[2 * i], centre[1] + blur * blurs[2 * i + 1]], class)
            })
            .collect()
    }

    /// The density at `x`; none for the points of a file.
    pub fn density(&self, x: Point) -> Option<f64> {
        // All classes are equally likely.
        let terms: Option<Vec<f64>> = (0..self.classes()).map(|k| self.class_density(x, k)).collect();
        terms.map(|terms| terms.iter().sum::<f64>() / terms.len() as f64)
    }

    /// The density of one class at `x`; none for the points of a file.
    pub fn class_density(&self, x: Point, class: usize) -> Option<f64> {
        match self {
            Target::Points(_) => None,
            Target::Checkerboard => {
                let inside = x.iter().all(|v| v.abs() < 4.0);
                let dark = ((x[0] / 2.0).floor() + (x[1] / 2.0).floor()).rem_euclid(2.0) == 0.0;
                let row = (x[1] / 2.0).floor() == class as f64 - 2.0;
                Some(if inside && dark && row { 1.0 / 8.0 } else { 0.0 })
            }
            _ => {
                let variance = self.blur().powi(2);
                let places = if *self == Target::EightGaussians { 1 } else { QUADRATURE };
                let normal = |c: Point| (-0.5 * ((x[0] - c[0]).powi(2) + (x[1] - c[1]).powi(2)) / variance).exp();
                let places_on = (0..places).map(|i| (i as f64 + 0.5) / places as f64);
                let sum: f64 = places_on.map(|u| normal(self.curve(class, [u, 0.5]))).sum();
                Some(sum / (places as f64 * TAU * variance))
            }
        }
    }

    /// Half the side of a square that holds all but stray samples, and its centre.
    pub fn window(&self) -> (f64, Point) {
        match self {
            Target::EightGaussians => (7.0, [0.0, 0.0]),
            Target::Moons => (5.5, [0.5, -0.25]),
            Target::Checkerboard => (4.6, [0.0, 0.0]),
            Target::Spirals => (4.2, [0.0, 0.0]),
            Target::Rings => (5.0, [0.0, 0.0]),
            Target::Points(points) => {
                let range = |axis: usize| {
                    let values = points.points.iter().map(|(p, _)| p[axis]);
                    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
                };
                let (x, y) = (range(0), range(1));
                let half = 0.55 * (x.1 - x.0).max(y.1 - y.0).max(1e-9);
                (half, [0.5 * (x.0 + x.1), 0.5 * (y.0 + y.1)])
            }
        }
    }

    /// The point at `place` in [0, 1]² of a class, before the blur; the second coordinate matters for the checkerboard only.
    fn curve(&self, class: usize, place: [f64; 2]) -> Point {
        let [u, v] = place;
        let on_circle = |radius: f64, angle: f64| [radius * angle.cos(), radius * angle.sin()];
        match self {
            Target::EightGaussians => on_circle(5.0, TAU * class as f64 / 8.0),
            Target::Moons => {
                let [x, y] = on_circle(1.0, PI * u);
                let [x, y] = if class == 0 { [x, y] } else { [1.0 - x, 0.5 - y] };
                [3.0 * x - 1.0, 3.0 * y - 1.0]
            }
            Target::Checkerboard => {
                let column = 2.0 * (2.0 * u).floor() + (class % 2) as f64;
                [2.0 * (column + (2.0 * u).fract()) - 4.0, 2.0 * (class as f64 + v) - 4.0]
            }
            // Equal lengths of the arm are about equally likely: the square root makes the angle grow slower further out.
            Target::Spirals => {
                let angle = 3.0 * PI * u.sqrt();
                on_circle(angle / 2.5, angle + PI * class as f64)
            }
            Target::Rings => on_circle([1.0, 2.5, 4.0][class], TAU * u),
            Target::Points(all) => all.points[class].0,
        }
    }

    /// Standard deviation of the blur.
    fn blur(&self) -> f64 {
        match self {
            Target::EightGaussians => 0.1f64.sqrt().sqrt(),
            Target::Moons => 0.6,
            Target::Spirals | Target::Rings => 0.15,
            Target::Checkerboard | Target::Points(_) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Target> {
        Target::NAMES.into_iter().map(|name| Target::find(name).unwrap())
    }

    /// The sum over a fine grid of the window and its surroundings; midpoints of cells much finer than the blur.
    #[test]
    fn densities_integrate_to_one() {
        for target in all() {
            let (half, centre) = target.window();
            let (n, side) = (400, 1.3 * half);
            let cell = 2.0 * side / f64::from(n);
            let at = |i: i32, axis: usize| centre[axis] - side + (f64::from(i) + 0.5) * cell;
            let sum: f64 = (0..n * n).map(|k| target.density([at(k % n, 0), at(k / n, 1)]).unwrap()).sum();
            assert!((sum * cell * cell - 1.0).abs() < 0.01, "{target:?}: {}", sum * cell * cell);
        }
    }

    /// The mean of the density over its own samples is the integral of its square, here by the same kind of sum: within 4 sigma.
    #[test]
    fn samples_follow_their_densities() {
        for target in all() {
            let values: Vec<f64> =
                target.sample(&mut Rng::new(5), 4000).iter().map(|(x, _)| target.density(*x).unwrap()).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
            let (half, centre) = target.window();
            let (n, side) = (300, 1.3 * half);
            let cell = 2.0 * side / f64::from(n);
            let at = |i: i32, axis: usize| centre[axis] - side + (f64::from(i) + 0.5) * cell;
            let square: f64 = (0..n * n).map(|k| target.density([at(k % n, 0), at(k / n, 1)]).unwrap().powi(2)).sum();
            let (expected, error) = (square * cell * cell, (variance / values.len() as f64).sqrt() + 2e-4);
            assert!((mean - expected).abs() < 4.0 * error, "{target:?}: {mean} instead of {expected} +- {error}");
        }
    }

    /// Each class has its share of the samples and its part of the density: the density of a class at the samples of another one is
    /// below that at its own by far, and means over its own samples agree with those of the samples that carry its number (4 sigma).
    #[test]
    fn samples_of_a_class_are_the_samples_that_carry_its_number() {
        let classed = Points {
            points: (0..60).map(|i| ([f64::from(i).sin(), f64::from(i % 3)], (i % 3) as usize)).collect(),
            classes: ["a", "b", "c"].map(String::from).to_vec(),
        };
        for target in all().chain([Target::Points(classed)]) {
            let drawn = target.sample(&mut Rng::new(8), 12_000);
            for class in 0..target.classes() {
                let marked: Vec<Point> = drawn.iter().filter(|(_, k)| *k == class).map(|(p, _)| *p).collect();
                let alone = target.sample_class(&mut Rng::new(9), 4000, class);
                for axis in [0, 1] {
                    let moments = |points: &[Point]| {
                        let n = points.len() as f64;
                        let mean = points.iter().map(|p| p[axis]).sum::<f64>() / n;
                        (mean, points.iter().map(|p| (p[axis] - mean).powi(2)).sum::<f64>() / n / n)
                    };
                    let ((a, va), (b, vb)) = (moments(&marked), moments(&alone));
                    assert!((a - b).abs() < 4.0 * (va + vb).sqrt() + 1e-9, "{target:?} {class}: {a} {b}");
                }
                let density = |p: &Point| target.class_density(*p, class);
                let sum: Option<f64> = alone.iter().map(density).sum();
                let other: Option<f64> = drawn.iter().filter(|(_, k)| *k != class).map(|(p, _)| density(p)).sum();
                if let (Some(own), Some(other)) = (sum, other) {
                    assert!(own / 4000.0 > other / (12_000 - marked.len()) as f64, "{target:?} {class}");
                }
            }
        }
    }

    #[test]
    fn a_target_is_a_name_or_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("points.csv");
        std::fs::write(&path, "x,y\n1,2\n3.5,-4\n").unwrap();
        let target = Target::find(path.to_str().unwrap()).unwrap();
        assert_eq!(target, Target::Points(vec![[1.0, 2.0], [3.5, -4.0]].into()));
        assert!(target.sample(&mut Rng::new(1), 50).iter().all(|(x, _)| [[1.0, 2.0], [3.5, -4.0]].contains(x)));
        assert!(Target::find("moon").unwrap_err().to_string().contains("moons"));
    }
}
