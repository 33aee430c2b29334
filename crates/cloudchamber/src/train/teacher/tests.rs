use std::path::Path as File;

use super::*;
use crate::model::{cloud_network, table_network};
use crate::sample::SampleOptions;
use crate::train::cache::Cache;
use crate::train::stages::{CloudStage, Stage};
use crate::train::start;
use crate::train::trainer::Rows as _;
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
const FEW: [&str; 4] = ["sample.sampler=ddim", "sample.grid=levels", "sample.sigmas=[5.0, 0.8, 0.1]", "sample.steps=3"];

fn recipe(settings: &[&str]) -> Recipe {
    let source = File::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/jets/quick.toml");
    let text = std::fs::read_to_string(&source).unwrap();
    let settings: Vec<String> = TINY.iter().chain(settings).map(|s| s.to_string()).collect();
    Recipe::parse(&text, &source, &settings).unwrap()
}

fn shaken(values: Vec<f32>) -> Vec<f32> {
    let noise = Rng::new(3).uniform(values.len(), 1);
    values.iter().zip(noise).map(|(v, u)| v + 0.2 * (u as f32 - 0.5)).collect()
}

/// A model of these settings with weights of a seed, none of them zero, and encoded jets.
fn model(settings: &[&str]) -> (Model, Cache, tempfile::TempDir) {
    let recipe = recipe(settings);
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open_or_build(&recipe, dir.path(), None, &mut Silent).unwrap();
    let (encoding, device) = (cache.encoding.clone(), Device::flex());
    let table = shaken(nets::values(&table_network(&recipe, &encoding, &device)));
    let cloud = shaken(nets::values(&cloud_network(&recipe, &encoding, &device)));
    (Model::new(&recipe, encoding, table, cloud, serde_json::Value::Null).unwrap(), cache, dir)
}

/// The loss per jet of a student with the teacher's weights.
fn loss_of_the_teacher_itself(teacher: &Model, cache: &Cache, settings: &[&str]) -> f64 {
    let recipe = recipe(&[&FEW, settings].concat());
    let teaching = Teacher::new(teacher, &recipe, &Device::flex()).unwrap();
    let stage = CloudStage::new(&recipe, &cache.encoding, Some(teaching)).unwrap();
    let network = nets::load(stage.network(&Device::flex()), &start(teacher, &recipe));
    let rows = cache.rows(&Vec::from_iter(0..64)).unwrap();
    stage.loss(&stage.kernel(&network).unwrap(), &rows, &mut Rng::new(5)).unwrap() / 64.0
}

#[test]
fn a_few_step_teacher_has_nothing_to_teach_to_itself() {
    let (teacher, cache, _dir) = model(&[&FEW[..], &["distil.teacher=x"]].concat());
    let (progressive, consistency) = (&["distil.teacher=x"][..], &["distil.teacher=x", "distil.method=consistency"]);
    for settings in [progressive, consistency] {
        let loss = loss_of_the_teacher_itself(&teacher, &cache, settings);
        assert!(loss < 1e-9, "{settings:?}: {loss}");
    }
    // So has one that is told the length of its steps.
    let (told, cache_of_told, _dir) = model(&[&FEW[..], &["distil.teacher=x", "distil.method=shortcut"]].concat());
    let student = ["distil.teacher=x", "network.step_length=true"];
    assert!(loss_of_the_teacher_itself(&told, &cache_of_told, &student) < 1e-9);
    let levels = ["sample.sigmas=[5.0, 0.8, 0.3, 0.1]", "sample.steps=4", "distil.teacher=x"];
    let (told, cache_of_told, _dir) = model(&[&FEW[..], &levels, &["distil.method=shortcut"]].concat());
    for method in ["distil.method=consistency", "distil.method=progressive"] {
        let loss = loss_of_the_teacher_itself(&told, &cache_of_told, &[&levels[..], &student, &[method]].concat());
        assert!(loss < 1e-9, "{method}: {loss}");
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
        let recipe =
            recipe(&[&FEW[..], &["distil.teacher=x", &steps, "sample.sigmas=[2.0, 0.3]", "sample.steps=2"]].concat());
        let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
        let stage = CloudStage::new(&recipe, &cache.encoding, None).unwrap();
        let (data, condition) = stage.clean(&cache.rows(&Vec::from_iter(0..32)).unwrap(), [false; 32], &Device::flex());
        let nobody = |x: Cloud, _: &[f64], _: &Tensor<2>| x;
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
        for method in ["progressive", "consistency", "shortcut", "mean-flow"] {
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
                let network = nets::load(stage.network(&Device::flex()), &start(&teacher, &recipe));
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
    for method in ["progressive", "consistency", "shortcut", "mean-flow"] {
        let method = format!("distil.method={method}");
        let four = ["sample.sigmas=[5.0, 2.0, 0.8, 0.1]", "sample.steps=4"];
        let recipe = recipe(&[&FEW[..], &four, &["distil.teacher=x", &method]].concat());
        let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
        let stage = CloudStage::new(&recipe, &cache.encoding, Some(teaching)).unwrap();
        let rows = cache.rows(&Vec::from_iter(0..24)).unwrap();
        let tape = Device::flex().autodiff();
        let parameters = shaken(start(&teacher, &recipe));
        let network = nets::load(stage.network(&tape), &parameters);
        let (sum, by_kernel) = stage
            .gradient(
                &stage.kernel(&nets::load(stage.network(&Device::flex()), &parameters)).unwrap(),
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

#[test]
fn a_student_of_several_lengths_learns_all_of_them_equally_often() {
    let (teacher, _, _dir) = model(&[]);
    let four = ["sample.sigmas=[5.0, 2.0, 0.8, 0.1]", "sample.steps=2", "distil.teacher=x", "distil.method=shortcut"];
    let recipe = recipe(&[&FEW[..], &four].concat());
    let teaching = Teacher::new(&teacher, &recipe, &Device::flex()).unwrap();
    let spans = |steps: &Range<usize>| -> Vec<(f64, f64)> {
        teaching.ways[steps.clone()].iter().map(|way| (way[0], way[way.len() - 1])).collect()
    };
    // EDM's times are the noise levels; path.time() is exact to rounding only.
    let near = |found: &[(f64, f64)], expected: &[(f64, f64)]| {
        assert_eq!(found.len(), expected.len());
        let off = found.iter().zip(expected).map(|(a, b)| (a.0 - b.0).abs().max((a.1 - b.1).abs())).fold(0.0, f64::max);
        assert!(off < 1e-12, "{found:?}");
    };
    let lengths = &teaching.lengths;
    near(&spans(&lengths[0]), &[(5.0, 2.0), (2.0, 0.8), (0.8, 0.1), (0.1, 0.0)]);
    near(&spans(&lengths[1]), &[(5.0, 0.8), (0.8, 0.0)]);
    near(&spans(&lengths[2]), &[(5.0, 0.0)]);
    let middles: Vec<(f64, f64)> = (4..7).map(|step| (teaching.middle(step), 0.0)).collect();
    near(&middles, &[(2.0, 0.0), (0.1, 0.0), (0.8, 0.0)]);
    let mut counts = [0.0f64; 7];
    let draws = Rng::new(1).uniform(12_000, 2);
    draws.chunks(2).for_each(|u| counts[teaching.place(u[0], u[1]).0] += 1.0);
    for (count, expected) in counts.iter().zip([1e3, 1e3, 1e3, 1e3, 2e3, 2e3, 4e3]) {
        // Binomial: sigma below sqrt(expected).
        assert!((count - expected).abs() < 4.0 * f64::sqrt(expected), "{counts:?}");
    }
}

#[test]
fn a_student_begins_as_its_teacher_and_is_told_the_length_of_the_step_that_is_sampled() {
    let (teacher, _, _dir) = model(&[]);
    let levels = [5.0, 2.0, 0.5, 0.1];
    let four = ["sample.sigmas=[5.0, 2.0, 0.5, 0.1]", "sample.steps=4", "distil.teacher=x", "distil.method=shortcut"];
    let student = recipe(&[&FEW[..], &four].concat());
    let encoding = &teacher.meta.encoding;
    let of = |recipe: &Recipe, cloud: Vec<f32>| {
        Model::new(recipe, encoding.clone(), teacher.table.clone(), cloud, serde_json::Value::Null).unwrap()
    };
    // The estimate that the first of `steps` steps asks for.
    let first = |model: &Model, steps: usize| -> Vec<f32> {
        let options = SampleOptions { steps: Some(steps), ..SampleOptions::for_model(model) };
        let mut estimates = Vec::new();
        let generator = model.generator(&Device::flex()).unwrap();
        generator.codes(&options.plan(model).unwrap(), 0, &mut |step| {
            estimates.push(nets::host(step.progress.denoised.x.clone()));
        });
        assert_eq!(estimates.len(), steps);
        estimates.remove(0)
    };
    let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
    // A student without lengths, with the parameters of `cloud`, asked at the same levels.
    let plain = recipe(&[&FEW[..], &four[..3]].concat());
    let begun = start(&teacher, &student);
    let asked = first(&of(&plain, teacher.cloud.clone()), 4);
    assert!(close(&first(&of(&student, begun.clone()), 4), &asked));
    assert!(close(&first(&of(&student, begun.clone()), 1), &asked));

    // Weights of the length that are not zero act as a bias of this length.
    let info = nets::inventory(&cloud_network(&student, encoding, &Device::flex()));
    let place = |name: &str| {
        let before = info.iter().take_while(|info| !info.name.ends_with(name));
        before.map(|info| info.shape.iter().product::<usize>()).sum::<usize>()
    };
    let (weight, bias) = (place("embedding.first.weight"), place("embedding.first.bias"));
    let shape = &info.iter().find(|info| info.name.ends_with("embedding.first.weight")).unwrap().shape;
    let (row, width) = (weight + (shape[0] - 1) * shape[1], shape[1]);
    let mut lengthened = begun.clone();
    lengthened[row..row + width].iter_mut().enumerate().for_each(|(i, w)| *w = 1.0 - 0.3 * i as f32);
    for (steps, next) in [(4, levels[1]), (2, levels[2]), (1, 0.0)] {
        let mut biased = begun.clone();
        for i in 0..width {
            biased[bias + i] += (1.0 - next / levels[0]) as f32 * lengthened[row + i];
        }
        let found = first(&of(&student, lengthened.clone()), steps);
        assert!(close(&found, &first(&of(&student, biased), 4)), "{steps} steps");
        assert!(!close(&found, &asked));
    }
}
