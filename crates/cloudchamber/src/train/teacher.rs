//! What a trained model teaches a few-step student: lessons of the diffusion core on noisy training jets.

use burn::tensor::{Device, Tensor};
use collider::networks::Networks;
use diffusion::distil::{Lesson, ddim_rows, heun_rows, multistep_consistency_distillation, progressive_jump};
use diffusion::flow::{DenoiseRows, PreconditionedRows};
use diffusion::{AnyPath, Batch, Cloud, Path, Rng, Space, Target};

use crate::Error;
use crate::model::Model;
use crate::recipe::{DistilMethod, Recipe};

/// The data end of every path of a recipe.
const CLEAN: f64 = 0.0;

/// A network's raw output at one noise level per row.
pub type Raw<'a> = dyn Fn(Cloud, &[f64]) -> Cloud + 'a;

/// A trained model, and the way from each of the student's noise levels to the next.
pub struct Teacher {
    networks: Networks,
    path: AnyPath,
    target: Target,
    method: DistilMethod,
    /// Whether it takes DDIM steps: it was distilled itself.
    few: bool,
    /// Of each step of the student: the teacher's times from its start to its end.
    ways: Vec<Vec<f64>>,
    /// Where it lives.
    pub device: Device,
}

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
        let ways = (0..levels.len()).map(way).collect();
        let (networks, target) = (generator.networks, generator.target);
        Ok(Teacher { networks, path, target, method: distil.method, few, ways, device: device.clone() })
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
        let places: Vec<(usize, usize)> = draws.chunks(2).map(|u| self.place(u[0], u[1])).collect();
        let times = |of: &dyn Fn(&[f64], usize) -> f64| -> Vec<f64> {
            places.iter().map(|&(step, at)| of(&self.ways[step], at)).collect()
        };
        let (t, end) = (times(&|way, at| way[at]), times(&|way, _| way[way.len() - 1]));
        let coefficients: Vec<(f64, f64)> = t.iter().map(|t| self.path.at(*t)).map(|c| (c.alpha, c.sigma)).collect();
        let (alpha, sigma): (Vec<f64>, Vec<f64>) = coefficients.into_iter().unzip();
        let noisy = data.clone().axpby_rows(&alpha, &sigma, &data.randn_like(rng));
        let teacher = self.model(|x: Cloud, noise: &[f64], _: &[usize]| self.networks.cloud(x, noise, condition));
        let rows: Vec<usize> = (0..data.rows()).collect();
        let estimate = |x: &Cloud, t: &[f64]| teacher.denoise_rows(x, t, &rows);
        let step = |x: &Cloud, t: &[f64], s: &[f64]| match self.few {
            true => ddim_rows(&self.path, x, &estimate(x, t), t, s),
            false => heun_rows(&self.path, &estimate, x, t, s),
        };
        let lesson = match self.method {
            DistilMethod::Progressive => {
                let longest = self.ways.iter().map(Vec::len).max().unwrap_or(0);
                let whole = |x: &Cloud, _: &[f64], _: &[f64]| {
                    // A shorter way ends with steps of no length.
                    let at = |i: usize| times(&|way, _| way[i.min(way.len() - 1)]);
                    (1..longest).fold(x.clone(), |x, i| step(&x, &at(i - 1), &at(i)))
                };
                progressive_jump(&self.path, &whole, noisy, &t, &end)?
            }
            DistilMethod::Consistency => {
                let pupil = self.model(|x: Cloud, noise: &[f64], _: &[usize]| student(x, noise));
                let own = |x: &Cloud, t: &[f64]| pupil.denoise_rows(x, t, &rows);
                let next = times(&|way, at| way[at + 1]);
                multistep_consistency_distillation(&self.path, &step, &own, noisy, [&t, &next, &end])?
            }
        };
        let Lesson { input, t, s, target, weight } = lesson;
        Ok(Lesson { input: input.x, t, s, target: target.x, weight })
    }

    /// The path of teacher and student.
    pub fn path(&self) -> &AnyPath {
        &self.path
    }

    /// A step of the student's and a place on the teacher's way, for two uniform numbers: each step's start, or, for consistency,
    /// every time but the last.
    fn place(&self, step: f64, at: f64) -> (usize, usize) {
        let step = (step * self.ways.len() as f64) as usize;
        match self.method {
            DistilMethod::Progressive => (step, 0),
            DistilMethod::Consistency => (step, (at * (self.ways[step].len() - 1) as f64) as usize),
        }
    }

    fn model<F: Fn(Cloud, &[f64], &[usize]) -> Cloud>(&self, network: F) -> PreconditionedRows<AnyPath, F> {
        PreconditionedRows { path: self.path.clone(), target: self.target, network }
    }
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
mod tests {
    use std::path::Path as File;

    use super::*;
    use crate::model::{cloud_network, table_network};
    use crate::train::cache::Cache;
    use crate::train::stages::{CloudStage, Stage};
    use crate::train::trainer::Rows;
    use crate::ui::Silent;

    const TINY: [&str; 7] = [
        "data.limit=40",
        "path.kind=edm",
        "objective.target=edm",
        "network.width=16",
        "network.layers=1",
        "jet_network.width=8",
        "jet_network.layers=1",
    ];
    const FEW: [&str; 4] =
        ["sample.sampler=ddim", "sample.grid=levels", "sample.sigmas=[5.0, 0.8, 0.1]", "sample.steps=3"];

    fn recipe(settings: &[&str]) -> Recipe {
        let source = File::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/jets/quick.toml");
        let text = std::fs::read_to_string(&source).unwrap();
        let settings: Vec<String> = TINY.iter().chain(settings).map(|s| s.to_string()).collect();
        Recipe::parse(&text, &source, &settings).unwrap()
    }

    /// A model of these settings with weights of a seed, none of them zero, and encoded jets.
    fn model(settings: &[&str]) -> (Model, Cache, tempfile::TempDir) {
        let recipe = recipe(settings);
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open_or_build(&recipe, dir.path(), None, &mut Silent).unwrap();
        let (encoding, device) = (cache.encoding.clone(), Device::flex());
        let shaken = |values: Vec<f32>| {
            let noise = Rng::new(3).uniform(values.len(), 1);
            values.iter().zip(noise).map(|(v, u)| v + 0.2 * (u as f32 - 0.5)).collect()
        };
        let table = shaken(nets::values(&table_network(&recipe, &encoding, &device)));
        let cloud = shaken(nets::values(&cloud_network(&recipe, &encoding, &device)));
        (Model::new(&recipe, encoding, table, cloud, serde_json::Value::Null).unwrap(), cache, dir)
    }

    /// The loss per jet of a student with the teacher's weights.
    fn loss_of_the_teacher_itself(teacher: &Model, cache: &Cache, settings: &[&str]) -> f64 {
        let recipe = recipe(&[&FEW, settings].concat());
        let teaching = Teacher::new(teacher, &recipe, &Device::flex()).unwrap();
        let stage = CloudStage::new(&recipe, &cache.encoding, Some(teaching)).unwrap();
        let network = nets::load(stage.network(&Device::flex()), &teacher.cloud);
        let rows = cache.rows(&Vec::from_iter(0..64)).unwrap();
        stage.loss(&stage.kernel(&network).unwrap(), &rows, &mut Rng::new(5)).unwrap() / 64.0
    }

    #[test]
    fn a_few_step_teacher_has_nothing_to_teach_to_itself() {
        let (teacher, cache, _dir) = model(&[&FEW[..], &["distil.teacher=x"]].concat());
        let (progressive, consistency) =
            (&["distil.teacher=x"][..], &["distil.teacher=x", "distil.method=consistency"]);
        for settings in [progressive, consistency] {
            let loss = loss_of_the_teacher_itself(&teacher, &cache, settings);
            assert!(loss < 1e-9, "{settings:?}: {loss}");
        }
        // One step where the teacher takes three is another matter.
        let one = ["sample.sigmas=[5.0]", "sample.steps=1"];
        assert!(loss_of_the_teacher_itself(&teacher, &cache, &[progressive, &one].concat()) > 1e-3);
    }

    #[test]
    fn many_steps_of_a_teacher_agree_to_the_order_of_its_method() {
        // The target of a way of n Heun steps is off by O(1/n^2): the loss against the limit, its square, by O(1/n^4).
        let (teacher, cache, _dir) = model(&[]);
        let target = |steps: usize| {
            let steps = format!("distil.teacher_steps={steps}");
            let recipe = recipe(
                &[&FEW[..], &["distil.teacher=x", &steps, "sample.sigmas=[2.0, 0.3]", "sample.steps=2"]].concat(),
            );
            let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
            let stage = CloudStage::new(&recipe, &cache.encoding, None).unwrap();
            let (data, condition) =
                stage.clean(&cache.rows(&Vec::from_iter(0..32)).unwrap(), [false; 32], &Device::flex());
            let nobody = |x: Cloud, _: &[f64]| x;
            teaching.lesson(&data, &condition, &nobody, &mut Rng::new(6)).unwrap()
        };
        let fine = target(64);
        // Rows of the first step only: the last one ends with the estimate at the teacher's least noise level.
        let off = |lesson: &Lesson<Tensor<3>>| -> f64 {
            let errors = lesson.clone().errors(&fine.target, diffusion::distil::Metric::Squared);
            errors.iter().zip(&lesson.t).filter(|(_, t)| **t > 1.0).map(|(e, _)| e).sum::<f64>().sqrt()
        };
        let order = (off(&target(4)) / off(&target(8))).log2();
        assert!((order - 2.0).abs() < 0.3, "order {order}");
    }

    #[test]
    fn every_path_leads_from_level_to_level_to_the_data() {
        for path in ["linear", "edm", "vp", "sub-vp", "cosine", "trig", "ve"] {
            let kind = format!("path.kind={path}");
            let (teacher, cache, _dir) = model(&[&kind, "sample.sigma_min=0.05"]);
            for method in ["progressive", "consistency"] {
                let method = format!("distil.method={method}");
                // The last level is at, or below, the least that the teacher is sampled at.
                for last in ["0.05", "0.02"] {
                    let sigmas = format!("sample.sigmas=[5.0, 0.8, {last}]");
                    let settings = [&FEW[..], &[&kind, "distil.teacher=x", &method, &sigmas]].concat();
                    let recipe = recipe(&settings);
                    let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
                    for way in &teaching.ways {
                        assert!(way.len() > 1 && way.windows(2).all(|w| w[1] < w[0]), "{path}: {way:?}");
                    }
                    let stage = CloudStage::new(&recipe, &cache.encoding, Some(teaching)).unwrap();
                    let network = nets::load(stage.network(&Device::flex()), &teacher.cloud);
                    let rows = cache.rows(&Vec::from_iter(0..16)).unwrap();
                    let loss = stage.loss(&stage.kernel(&network).unwrap(), &rows, &mut Rng::new(5)).unwrap();
                    assert!(loss.is_finite(), "{path}, {method}, {last}");
                }
            }
        }
    }

    #[test]
    fn kernels_and_tapes_teach_the_same() {
        let (teacher, cache, _dir) = model(&[]);
        for method in ["progressive", "consistency"] {
            let method = format!("distil.method={method}");
            let recipe = recipe(&[&FEW[..], &["distil.teacher=x", &method]].concat());
            let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
            let stage = CloudStage::new(&recipe, &cache.encoding, Some(teaching)).unwrap();
            let rows = cache.rows(&Vec::from_iter(0..24)).unwrap();
            let tape = Device::flex().autodiff();
            let network = nets::load(stage.network(&tape), &teacher.cloud);
            let (sum, by_kernel) = stage
                .gradient(
                    &stage.kernel(&nets::load(stage.network(&Device::flex()), &teacher.cloud)).unwrap(),
                    &rows,
                    &mut Rng::new(8),
                )
                .unwrap();
            let loss = stage.losses(&network, &rows, &mut Rng::new(8), &tape).unwrap().sum();
            let on_tape = nets::gradients(&network, &loss.clone().backward());
            assert!((f64::from(loss.into_scalar::<f32>()) / sum - 1.0).abs() < 1e-4);
            let norm = |g: &[f32]| g.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
            let difference: Vec<f32> = by_kernel.iter().zip(&on_tape).map(|(a, b)| a - b).collect();
            assert!(norm(&difference) < 1e-3 * norm(&on_tape), "{} of {}", norm(&difference), norm(&on_tape));
        }
    }
}
