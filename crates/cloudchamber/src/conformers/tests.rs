//! Files, objectives, the field and the generator of conformers.

use std::path::Path;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Edm, Rng, Target};
use kernels::CloudKernel;
use matter::Coverage;
use tables::{Block, Column, Data, Element, Schema, TableWriter};

use super::data::Conformer;
use super::denoiser::ConformerDenoiser;
use super::distances::DistanceStage;
use super::field::DistanceField;
use super::generate::{ConformerGenerator, ConformerOptions};
use super::judge::distances;
use super::positions::PositionStage;
use super::recipe::DistanceSection;
use super::*;
use crate::model_domain::ModelDomain;
use crate::recipe::{FileRecipe, assert_refused};
use crate::train::trainer::{Plan, Trainer};
use crate::train::{Rows, Stage};
use crate::ui::Silent;

const RECIPE: &str = "[data]\ndomain = \"conformers\"\nfiles = [\"c.parquet\"]\n[network]\nwidth = 16\nlayers = 2\n\
                      [objective]\ntarget = \"edm\"\nweight = \"edm\"\ntimes = \"lognormal\"\nmean = -1.0\nstd = 1.4\n\
                      [sample]\nsampler = \"dpmpp2m\"\ngrid = \"karras\"\nsteps = 20\n";

fn recipe(settings: &[&str]) -> ConformerRecipe {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    ConformerRecipe::parse(RECIPE, Path::new("c.toml"), &settings).unwrap()
}

/// A network with weights of this size.
fn sized<M: Module>(net: M, amplitude: f32) -> M {
    let flat: Vec<f32> = (0..nets::values(&net).len()).map(|i| amplitude * (0.7 * i as f32 + 0.2).sin()).collect();
    nets::load(net, &flat)
}

fn model(amplitude: f32, settings: &[&str]) -> ConformerModel {
    let (recipe, device) = (recipe(settings), Device::flex());
    let network = match recipe.distances {
        None => nets::values(&sized(recipe.network.of_positions().init(&device), amplitude)),
        Some(_) => nets::values(&sized(recipe.network.of_distances().init(&device), amplitude)),
    };
    ConformerModel::new(&recipe, 1.5, network, serde_json::json!({})).unwrap()
}

/// Water, and formaldehyde in two conformers (of which one is stretched).
fn ensembles() -> [Arc<Ensemble>; 2] {
    let water = vec![[0.0, 0.0, 0.0], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]];
    let flat = vec![[0.0, 0.0, 0.0], [1.2, 0.0, 0.0], [-0.6, 0.95, 0.0], [-0.6, -0.95, 0.0]];
    let stretched = flat.iter().map(|x| x.map(|v| 1.1 * v)).collect();
    let of = |smiles, conformers| Arc::new(Ensemble { conformers, ..Ensemble::of_smiles(smiles).unwrap() });
    [of("O", vec![water]), of("C=O", vec![flat, stretched])]
}

/// Several conformers of two molecules.
fn batch(n: usize) -> Vec<Conformer> {
    let [water, formaldehyde] = ensembles();
    let one = |k: usize| match k % 2 {
        0 => Conformer { molecule: water.clone(), number: 0 },
        _ => Conformer { molecule: formaldehyde.clone(), number: k / 2 % 2 },
    };
    (0..n).map(one).collect()
}

#[test]
fn molecules_come_back_from_a_file_and_broken_ones_cost_only_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conformers.parquet");
    let columns = vec![
        Column::scalar("qm9_index", Element::I32),
        Column::scalar("num_conf", Element::U8),
        Column::jagged("atomic_numbers", Element::U8),
        Column::jagged("bonds", Element::U8),
        Column::jagged("pos_1e4A", Element::I32),
    ];
    let schema = Schema::new(columns).unwrap();
    let two: Vec<i32> = (0..24).map(|k| 1000 * k).collect();
    let data = vec![
        Data::flat(vec![7i32, 8, 9, 10]),
        Data::flat(vec![2u8, 1, 1, 1]),
        Data::jagged(&[vec![6u8, 8, 1, 1], vec![6, 1], vec![8, 1, 1], vec![8, 1, 1]]),
        Data::jagged(&[
            vec![0u8, 1, 2, 0, 2, 1, 0, 3, 1],
            vec![0, 1, 1],
            vec![0, 1, 1, 0, 2, 1],
            vec![0, 1, 1, 0, 2, 9],
        ]),
        Data::jagged(&[two, vec![0; 6], vec![0; 8], vec![0; 9]]),
    ];
    let block = Block::new(Arc::new(schema.clone()), 4, data).unwrap();
    let mut file = TableWriter::create(&path, schema, &[]).unwrap();
    file.write(&block).unwrap();
    file.finish().unwrap();
    let (molecules, skipped) = Ensemble::read_any(&path).unwrap();
    assert_eq!((molecules.len(), molecules[0].index, molecules[0].name.as_str()), (1, Some(7), "C=O"));
    assert_eq!((molecules[0].conformers.len(), molecules[0].kinds()), (2, vec![6, 8, 1, 1]));
    assert!((molecules[0].conformers[1][0][1] - 1.3).abs() < 1e-12);
    assert_eq!(skipped.len(), 3);
    assert_eq!(skipped[0], "row 1: expected a neutral molecule with all its hydrogens, found too few bonds at atom 0");
    assert_eq!(skipped[1], "row 2: expected 9 coordinates of 3 atoms, found 8");
    assert_eq!(skipped[2], "row 3: expected bond orders from 1 to 4, found 9");
}

/// Two conformers of one molecule, one without hydrogens, one of two pieces, in SDF.
#[test]
fn records_of_one_name_and_graph_are_conformers_of_one_molecule() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.sdf");
    let block = |name: &str, atoms: &[(&str, f64)], bonds: &str, n: usize| {
        let lines: String = atoms.iter().map(|(e, x)| format!("{x:10.4}{x:10.4}{:10.4} {e:<3} 0  0\n", 0.0)).collect();
        format!("{name}\n\n\n{:3}{n:3}  0  0  0  0  0  0  0  0999 V2000\n{lines}{bonds}M  END\n$$$$\n", atoms.len())
    };
    let water = [("O", 0.0), ("H", 1.0), ("H", -1.0)];
    let bonds = "  1  2  1  0\n  1  3  1  0\n";
    let text = [
        block("water", &water, bonds, 2),
        block("water", &water, bonds, 2),
        block("bare", &[("C", 0.0), ("O", 1.2)], "  1  2  2  0\n", 1),
        block("pair", &water, "  1  2  1  0\n", 1).replace("H  ", "F  "),
        block("two", &[("F", 0.0), ("F", 1.2), ("F", 5.0)], "  1  2  1  0\n", 1),
    ];
    std::fs::write(&path, text.concat()).unwrap();
    let (molecules, skipped) = Ensemble::read_any(&path).unwrap();
    let seen: Vec<_> = molecules.iter().map(|m| (m.name.as_str(), m.graph.len(), m.conformers.len())).collect();
    assert_eq!(seen[..2], [("water", 3, 2), ("bare", 4, 0)], "{skipped:?}");
    assert!(skipped.iter().all(|why| why.contains("several pieces")) && !skipped.is_empty(), "{skipped:?}");
}

#[test]
fn broken_and_disconnected_smiles_are_refused_with_reasons() {
    let broken = Ensemble::of_smiles("CC(").unwrap_err().to_string();
    assert!(broken.contains("found the end at character 4"), "{broken}");
    let salt = Ensemble::of_smiles("[Na+].[Cl-]").unwrap_err().to_string();
    assert!(salt.contains("one connected molecule"), "{salt}");
    let alone = Ensemble::of_smiles("[Na+]").unwrap_err().to_string();
    assert!(alone.contains("at least two atoms"), "{alone}");
}

/// Losses of rows, of a network with weights of this size.
fn losses<S: Stage<Row = Conformer>>(stage: &S, amplitude: f32, rows: &[Conformer], rng: &mut Rng) -> Vec<f32> {
    let device = Device::flex();
    let net = sized(stage.network(&device), amplitude);
    nets::host(stage.losses(&net, rows, rng, &device).unwrap())
}

/// Losses of water and of formaldehyde in turn, each 1000 times, have these means, whose square is a chi-square's of so many degrees of freedom:
/// within five standard deviations.
fn assert_means(losses: &[f32], expected: [f64; 2], free: [f64; 2]) {
    for k in 0..2 {
        let mean = losses.iter().skip(k).step_by(2).map(|l| f64::from(*l)).sum::<f64>() / 1000.0;
        let error = expected[k] * (2.0 / free[k] / 1000.0f64).sqrt();
        assert!((mean - expected[k]).abs() < 5.0 * error, "{mean} {} {error}", expected[k]);
    }
}

/// A network that says nothing loses what it was to say: of noise on distances 1, of noise on positions in the subspace of a resting centre
/// (N - 1)/N per coordinate.
#[test]
fn without_an_answer_the_loss_is_the_noise() {
    let rows = batch(2000);
    let noise = recipe(&["objective.target=\"noise\"", "objective.weight=\"flat\""]);
    let positions = PositionStage::new(&noise, 1.5).unwrap();
    assert_means(&losses(&positions, 0.0, &rows, &mut Rng::new(3)), [6.0 / 9.0, 9.0 / 12.0], [6.0, 9.0]);
    let recipe = recipe(&["distances.levels=50"]);
    let distances = DistanceStage::new(&recipe, &DistanceSection::default(), 1.5).unwrap();
    assert_means(&losses(&distances, 0.0, &rows, &mut Rng::new(3)), [1.0; 2], [3.0, 6.0]);
}

#[test]
fn a_conformers_loss_does_not_depend_on_its_batch() {
    fn check<S: Stage<Row = Conformer>>(stage: &S) {
        let rows = batch(4);
        let all = losses(stage, 0.2, &rows, &mut Rng::new(3));
        for k in 0..4 {
            let alone = losses(stage, 0.2, &rows[k..=k], &mut Rng::new(3).at(k as u64))[0];
            assert!((alone - all[k]).abs() < 1e-4 * alone, "{alone} {}", all[k]);
        }
    }
    let recipe = recipe(&[]);
    check(&PositionStage::new(&recipe, 1.5).unwrap());
    check(&DistanceStage::new(&recipe, &DistanceSection::default(), 1.5).unwrap());
}

/// The kernel's loss is the tensors', and its gradient that of automatic differentiation, to 1e-4.
#[test]
fn kernel_and_tensors_learn_the_same() {
    let (recipe, rows, device) = (recipe(&[]), batch(5), Device::flex());
    let stage = PositionStage::new(&recipe, 1.5).unwrap();
    let net = sized(stage.network(&device), 0.2);
    let kernel = stage.kernel(&net).unwrap();
    let (sum, gradient) = stage.gradient(&kernel, &rows, &mut Rng::new(3)).unwrap();
    let tape = device.clone().autodiff();
    let on_tape = net.fork(&tape).train();
    let losses = stage.losses(&on_tape, &rows, &mut Rng::new(3), &tape).unwrap();
    let total = nets::host(losses.clone()).iter().sum::<f32>();
    let expected = nets::gradients(&on_tape, &losses.sum().backward());
    assert!((sum as f32 - total).abs() < 1e-4 * total, "{sum} {total}");
    assert!((stage.loss(&kernel, &rows, &mut Rng::new(3)).unwrap() - sum).abs() < 1e-4 * sum);
    let largest = expected.iter().map(|g| g.abs()).fold(0.0, f32::max);
    let off = gradient.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-4 * largest, "{off:e} of {largest:e}");
}

fn state(x: Vec<f32>, atoms: usize) -> Centred {
    let (rows, device) = (x.len() / 3 / atoms, Device::flex());
    let x = Tensor::from_data(TensorData::new(x, [rows, atoms, 3]), &device);
    Centred { cloud: Cloud { x, mask: Tensor::ones([rows, atoms, 1], &device) }, columns: 3 }
}

/// Estimates turn and are mirrored with the molecule; at noise on distances the estimate is Tweedie's of a score that is cut at 1000.
#[test]
fn estimates_turn_with_the_molecule_and_exploding_scores_are_cut() {
    let device = Device::flex();
    let [_, formaldehyde] = ensembles();
    let x: Vec<f32> = formaldehyde.conformers.iter().flatten().flatten().map(|v| *v as f32 + 0.1).collect();
    let (sin, cos) = 0.8f32.sin_cos();
    let turn = |x: &[f32]| vec![cos * x[0] - sin * x[1], sin * x[0] + cos * x[1], -x[2]];
    let path = AnyPath::Edm(Edm::default());
    let network = recipe(&[]).network;
    let kernel = CloudKernel::egnn(&sized(network.of_positions().init(&device), 0.2));
    let net = sized(network.of_distances().init(&device), 0.3);
    let fields: [Box<dyn Denoise<Centred>>; 2] = [
        Box::new(ConformerDenoiser::new(&kernel, &formaldehyde, 2, &path, Target::Edm { sigma_data: 1.0 })),
        Box::new(DistanceField::new(&net, &formaldehyde, 2, &path)),
    ];
    for field in &fields {
        let of = |x: Vec<f32>, t: f64| nets::host(field.denoise(&state(x, 4), t).cloud.x);
        let plain = of(x.clone(), 0.7);
        let turned = of(x.chunks(3).flat_map(turn).collect(), 0.7);
        let expected: Vec<f32> = plain.chunks(3).flat_map(turn).collect();
        assert!(plain.iter().zip(&x).any(|(a, b)| (a - b).abs() > 1e-2), "it moves nothing");
        let largest = expected.iter().zip(&turned).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(largest < 1e-5, "{largest:e}");
    }
    let steep = sized(network.of_distances().init(&device), 3.0);
    let moved = DistanceField::new(&steep, &formaldehyde, 2, &path).denoise(&state(x.clone(), 4), 1e-4);
    let steps: Vec<f32> = nets::host(moved.cloud.x).iter().zip(&x).map(|(a, b)| a - b).collect();
    let longest = steps.chunks(3).map(|s| s.iter().map(|v| v * v).sum::<f32>().sqrt()).fold(0.0, f32::max);
    // The step is sigma^2 score, 1e-8 times at most 1000, on top of coordinates of order one in single precision.
    assert!(longest < 1.05e-5, "{longest:e}");
}

#[test]
fn a_conformer_is_a_function_of_seed_molecule_and_number() {
    let [_, formaldehyde] = ensembles();
    for settings in [vec![], vec!["distances.levels=4", "distances.steps=3", "distances.still=2"]] {
        let model = model(0.1, &settings);
        let make = |seed: u64, which: u64, first: u64, n: usize| {
            let options = ConformerOptions { seed, ..ConformerOptions::default() };
            let generator = ConformerGenerator::new(&model, &options).unwrap();
            assert_eq!(generator.evaluations(), if settings.is_empty() { 20 } else { 14 });
            generator.conformers(&formaldehyde, which, first, n).unwrap()
        };
        let whole = make(5, 1, 0, 19);
        assert!(whole.iter().all(Option::is_some));
        // To the last bit, across tiles and from the middle of one.
        assert_eq!(whole[6..17], make(5, 1, 6, 11)[..]);
        assert!(whole[0] != whole[1] && whole[0] != whole[8]);
        assert!(whole != make(6, 1, 0, 19) && whole != make(5, 2, 0, 19));
    }
}

/// Conformers in memory.
struct Few(Vec<Conformer>);

impl Rows<Conformer> for Few {
    fn training(&self) -> usize {
        self.0.len() - 1
    }

    fn validation(&self) -> usize {
        1
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<Conformer>, crate::Error> {
        Ok(numbers.iter().map(|&i| self.0[i].clone()).collect())
    }
}

/// Water of one shape is learned: the three distances to 0.2 A in the root mean square, where positions without one are off by 0.7 A and more.
#[test]
fn the_shape_of_water_is_learned() {
    let [water, _] = ensembles();
    let recipe = recipe(&[
        "network.width=32",
        "train.learning_rate=3e-3",
        "train.warmup=10",
        "train.cooldown=0.5",
        "train.ema=0.95",
    ]);
    let rows = Few(vec![Conformer { molecule: water.clone(), number: 0 }; 33]);
    let spread = 0.5;
    let stage = PositionStage::new(&recipe, spread).unwrap();
    let plan = Plan { steps: 600, batch: 32, stream: 1 };
    let options = recipe.train.options();
    let mut trainer = Trainer::new(&stage, &options, plan, &Device::flex());
    trainer.run("conformers", &rows, &mut Silent, &mut |_| Ok(())).unwrap();
    let model = ConformerModel::new(&recipe, spread, trainer.model().to_vec(), serde_json::json!({})).unwrap();
    let generator = ConformerGenerator::new(&model, &ConformerOptions::default()).unwrap();
    let made: Vec<_> = generator.conformers(&water, 0, 0, 8).unwrap().into_iter().flatten().collect();
    assert_eq!(made.len(), 8);
    let length = |x: &[[f64; 3]], i: usize, j: usize| (0..3).map(|k| (x[i][k] - x[j][k]).powi(2)).sum::<f64>().sqrt();
    let off = |x: &Vec<[f64; 3]>| {
        let of = |(i, j)| (length(x, i, j) - length(&water.conformers[0], i, j)).powi(2);
        [(0, 1), (0, 2), (1, 2)].map(of).iter().sum::<f64>() / 3.0
    };
    let found = (made.iter().map(off).sum::<f64>() / made.len() as f64).sqrt();
    assert!(found < 0.2, "{found}");
}

#[test]
fn model_files_survive_and_mistakes_in_a_recipe_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let saved = model(0.1, &[]);
    saved.save(&path).unwrap();
    assert_eq!(ModelDomain::of(&path).unwrap(), ModelDomain::Conformers);
    assert_eq!(ConformerModel::load(&path).unwrap().network, saved.network);
    let cases = [
        ("network.width=0", "network.width"),
        ("data.held_out=1", "data.held_out"),
        ("distances.sigma_min=20", "distances"),
        ("sample.guidance=2", "sample.guidance"),
        ("network.reach=0", "network.reach"),
        ("train.cooldown=2", "train.cooldown"),
    ];
    assert_refused::<ConformerRecipe>(RECIPE, &cases);
    for name in ["confgf", "confgf-published"] {
        let file = format!("{}/../../recipes/molecules/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        assert!(ConformerRecipe::load(Path::new(&file), &[]).is_ok());
    }
}

#[test]
fn conformers_are_judged_up_to_rotation_and_only_if_finite() {
    let [_, molecule] = ensembles();
    let turned = |x: &Vec<[f64; 3]>| x.iter().map(|&[x, y, z]| [-y, x, z + 1.0]).collect::<Vec<_>>();
    let generated: Vec<_> = molecule.conformers.iter().map(turned).collect();
    let near = distances(&molecule, &generated).unwrap();
    let scores = Coverage::of(&near, 0.5).unwrap();
    assert!(scores.cov_r == 1.0 && scores.cov_p == 1.0 && scores.mat_r < 1e-7 && scores.mat_p < 1e-7);
    assert!(distances(&molecule, &[vec![[f64::NAN; 3]; 4]]).is_none());
    assert!(distances(&molecule, &[]).is_none());
}
