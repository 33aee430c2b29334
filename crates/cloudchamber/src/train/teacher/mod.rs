//! What a trained model teaches a few-step student: lessons of the diffusion core on noisy training jets.

use std::ops::Range;

use burn::tensor::{Device, Tensor};
use collider::networks::{Networks, with_lengths};
use diffusion::distil::{
    Lesson, ddim_rows, heun_rows, multistep_consistency_distillation, progressive_jump, shortcut_jump, step_length,
};
use diffusion::flow::{DenoiseRows, PreconditionedRows};
use diffusion::{AnyPath, Batch, Cloud, Path, Rng, Rows, Space, Target};

use crate::Error;
use crate::model::Model;
use crate::recipe::{DistilMethod, Recipe};

/// The data end of every path of a recipe.
const CLEAN: f64 = 0.0;

/// A cloud network's raw output at one noise level per row, told the conditions.
pub type Raw<'a> = dyn Fn(Cloud, &[f64], &Tensor<2>) -> Cloud + 'a;

/// A trained model, and the way from each of the student's noise levels to the next.
pub struct Teacher {
    networks: Networks,
    path: AnyPath,
    target: Target,
    method: DistilMethod,
    /// Whether it takes DDIM steps: it was distilled itself.
    few: bool,
    /// Whether teacher and student are told the length of their steps.
    told: [bool; 2],
    /// Of each step of the student, first the shortest: the teacher's times from its start to its end.
    ways: Vec<Vec<f64>>,
    /// Of each stride, the places in `ways` of the steps of this length.
    lengths: Vec<Range<usize>>,
    /// Where it lives.
    pub device: Device,
}

/// A row's step, by its number, and the number of the time on the teacher's way that it starts from.
type Place = (usize, usize);

impl Teacher {
    /// The teacher of a recipe on a device; the recipe's levels are among those of a teacher that was distilled itself.
    ///
    /// # Errors
    /// Constants of the teacher's path that are out of range.
    pub fn new(model: &Model, recipe: &Recipe, device: &Device) -> Result<Teacher, Error> {
        let generator = model.generator(device)?;
        let distil = recipe.distil.as_ref().expect("only a recipe with [distil] has a teacher");
        let few = model.recipe.distil.is_some();
        let (section, path) = (&model.recipe.sample, generator.path);
        let levels = &recipe.sample.sigmas;
        let time = |sigma: &f64| path.time(-sigma.ln());
        let way = |k: usize| {
            let (from, to) = (levels[k], levels.get(k + 1).copied());
            let sigmas = if few {
                section.sigmas.iter().copied().filter(|&s| s <= from && s > to.unwrap_or(0.0)).collect()
            } else {
                between(from, to.ok_or(section.levels(&path)[0]), section.rho, distil.teacher_steps)
            };
            let mut way: Vec<f64> = sigmas.iter().map(time).chain([to.as_ref().map_or(CLEAN, time)]).collect();
            // A level of the student at or below the teacher's least leaves no room for steps before the last one.
            way.dedup_by(|later, earlier| *later >= *earlier);
            way
        };
        let shortest: Vec<Vec<f64>> = (0..levels.len()).map(way).collect();
        let (mut ways, mut lengths) = (Vec::new(), Vec::new());
        for stride in recipe.strides() {
            let before = ways.len();
            ways.extend(shortest.chunks(stride).map(joined));
            lengths.push(before..ways.len());
        }
        let (networks, target) = (generator.networks, generator.target);
        let told = [model.recipe.network.step_length, recipe.network.step_length];
        Ok(Teacher { networks, path, target, method: distil.method, few, told, ways, lengths, device: device.clone() })
    }

    /// The lesson of a batch of clean clouds for a `student` of the teacher's kind; row `r` is sample `rng.first + r`.
    pub fn lesson(
        &self,
        data: &Cloud,
        condition: &Tensor<2>,
        student: &Raw,
        rng: &mut Rng,
    ) -> Result<Lesson<Tensor<3>>, Error> {
        let draws = rng.uniform(data.rows(), 2);
        let places: Vec<Place> = draws.chunks(2).map(|u| self.place(u[0], u[1])).collect();
        let t: Vec<f64> = places.iter().map(|&(step, at)| self.ways[step][at]).collect();
        let (alpha, sigma): (Vec<f64>, Vec<f64>) =
            t.iter().map(|t| self.path.at(*t)).map(|c| (c.alpha, c.sigma)).unzip();
        let noisy = data.clone().axpby_rows(&alpha, &sigma, &data.randn_like(rng));
        // A shortcut's shortest steps are the teacher's, the longer ones its own: two problems, each with its rows.
        let own = |r: &usize| self.method == DistilMethod::Shortcut && places[*r].0 >= self.lengths[0].end;
        let (longer, shortest): (Vec<usize>, Vec<usize>) = (0..places.len()).partition(own);
        let mut parts = Vec::new();
        for (rows, own) in [(&shortest, false), (&longer, true)].into_iter().filter(|(rows, _)| !rows.is_empty()) {
            let places: Vec<Place> = rows.iter().map(|r| places[*r]).collect();
            let (noisy, condition) = (noisy.reordered(rows), condition.reordered(rows));
            parts.push(if own {
                self.halves(noisy, &condition, student, &places)?
            } else {
                self.taught(noisy, &condition, student, &places)?
            });
        }
        let place = |r: usize| match longer.binary_search(&r) {
            Ok(at) => (parts.len() - 1, at),
            Err(before) => (0, r - before),
        };
        let order: Vec<(usize, usize)> = (0..places.len()).map(place).collect();
        let Lesson { input, t, s, target, weight } = Lesson::regroup(&parts.iter().collect::<Vec<_>>(), &order);
        Ok(Lesson { input: input.x, t, s, target: target.x, weight })
    }

    /// What the student is told of the rows of a `lesson`.
    pub fn told(&self, condition: Tensor<2>, lesson: &Lesson<Tensor<3>>) -> Tensor<2> {
        self.with_lengths(self.told[1], &condition, &lesson.t, &lesson.s)
    }

    /// The path of teacher and student.
    pub fn path(&self) -> &AnyPath {
        &self.path
    }

    /// Steps that the teacher takes, all of them or the first.
    fn taught(
        &self,
        noisy: Cloud,
        condition: &Tensor<2>,
        student: &Raw,
        places: &[Place],
    ) -> Result<Lesson<Cloud>, Error> {
        let times = |of: &dyn Fn(&[f64], usize) -> f64| -> Vec<f64> {
            places.iter().map(|&(step, at)| of(&self.ways[step], at)).collect()
        };
        let (t, end) = (times(&|way, at| way[at]), times(&|way, _| way[way.len() - 1]));
        let network = |x: Cloud, noise: &[f64], condition: &Tensor<2>| self.networks.cloud(x, noise, condition);
        let teacher = |x: &Cloud, t: &[f64], s: &[f64]| self.estimate(&network, self.told[0], condition, x, t, s);
        let step = |x: &Cloud, t: &[f64], s: &[f64]| match self.few {
            true => ddim_rows(&self.path, x, &teacher(x, t, s), t, s),
            false => heun_rows(&self.path, &|x, t| teacher(x, t, t), x, t, s),
        };
        Ok(match self.method {
            DistilMethod::Progressive | DistilMethod::Shortcut => {
                let longest = places.iter().map(|&(step, _)| self.ways[step].len()).max().unwrap_or(0);
                let whole = |x: &Cloud, _: &[f64], _: &[f64]| {
                    // A shorter way ends with steps of no length.
                    let at = |i: usize| times(&|way, _| way[i.min(way.len() - 1)]);
                    (1..longest).fold(x.clone(), |x, i| step(&x, &at(i - 1), &at(i)))
                };
                progressive_jump(&self.path, &whole, noisy, &t, &end)?
            }
            DistilMethod::Consistency | DistilMethod::MeanFlow => {
                let own = |x: &Cloud, t: &[f64]| self.estimate(student, self.told[1], condition, x, t, &end);
                let next = times(&|way, at| way[at + 1]);
                multistep_consistency_distillation(&self.path, &step, &own, noisy, [&t, &next, &end])?
            }
        })
    }

    /// Steps that are two of the student's own, of the next shorter length.
    fn halves(
        &self,
        noisy: Cloud,
        condition: &Tensor<2>,
        student: &Raw,
        places: &[Place],
    ) -> Result<Lesson<Cloud>, Error> {
        let own = |x: &Cloud, t: &[f64], s: &[f64]| self.estimate(student, self.told[1], condition, x, t, s);
        let times =
            |of: &dyn Fn(&[f64]) -> f64| places.iter().map(|&(step, _)| of(&self.ways[step])).collect::<Vec<f64>>();
        let middle: Vec<f64> = places.iter().map(|&(step, _)| self.middle(step)).collect();
        let (t, s) = (times(&|way| way[0]), times(&|way| way[way.len() - 1]));
        Ok(shortcut_jump(&self.path, &own, noisy, [&t, &middle, &s])?)
    }

    /// Where the second half of a longer step begins.
    fn middle(&self, step: usize) -> f64 {
        let length = self.lengths.iter().position(|steps| steps.contains(&step)).expect("a step of some length");
        let (steps, shorter) = (&self.lengths[length], &self.lengths[length - 1]);
        self.ways[shorter.start + 2 * (step - steps.start) + 1][0]
    }

    /// The estimate of a network for the step from `t` to `s`.
    fn estimate(&self, network: &Raw, told: bool, condition: &Tensor<2>, x: &Cloud, t: &[f64], s: &[f64]) -> Cloud {
        let condition = self.with_lengths(told, condition, t, s);
        let network = |x: Cloud, noise: &[f64], _: &[usize]| network(x, noise, &condition);
        PreconditionedRows { path: self.path.clone(), target: self.target, network }.denoise_rows(x, t, &[])
    }

    fn with_lengths(&self, told: bool, condition: &Tensor<2>, t: &[f64], s: &[f64]) -> Tensor<2> {
        if !told {
            return condition.clone();
        }
        let lengths: Vec<f64> = t.iter().zip(s).map(|(t, s)| step_length(&self.path, *t, *s)).collect();
        with_lengths(condition, &lengths)
    }

    /// A step of the student's, all lengths equally often, and a place on the teacher's way, for two uniform numbers: the step's start,
    /// or, where the student goes on from the teacher's step, every time but the last.
    fn place(&self, step: f64, at: f64) -> Place {
        let scaled = step * self.lengths.len() as f64;
        let steps = &self.lengths[scaled as usize];
        let step = steps.start + (scaled.fract() * steps.len() as f64) as usize;
        match self.method {
            DistilMethod::Progressive | DistilMethod::Shortcut => (step, 0),
            DistilMethod::Consistency | DistilMethod::MeanFlow => {
                (step, (at * (self.ways[step].len() - 1) as f64) as usize)
            }
        }
    }
}

/// One way after the other.
fn joined(ways: &[Vec<f64>]) -> Vec<f64> {
    let mut all = ways.concat();
    all.dedup();
    all
}

/// `steps` noise levels from `from` to before the next one of the student, evenly spaced in their `rho`-th roots; or to the teacher's
/// least, from which its last step goes to the data.
fn between(from: f64, to: Result<f64, f64>, rho: f64, steps: usize) -> Vec<f64> {
    let (end, parts) = match to {
        Ok(next) => (next, steps),
        Err(least) => (least.min(from), (steps - 1).max(1)),
    };
    let [high, low] = [from, end].map(|level| level.powf(1.0 / rho));
    (0..steps).map(|i| (high + i as f64 / parts as f64 * (low - high)).powf(rho)).collect()
}

#[cfg(test)]
mod tests;
