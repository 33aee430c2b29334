//! The domain as a whole: codes, losses, symmetries of the sampler, resumed trainings. Molecules are made up; weights are random.

use std::path::Path;

use burn::tensor::Device;
use diffusion::{Path as _, Rng, Sampler};
use matter::{BondTable, Element, Molecule};

use super::bound::{Bound, bounds, features, log_constant};
use super::encoding::{MoleculeEncoding, MoleculeRow, Property, SPACE};
use super::generate::{MoleculeGenerator, MoleculeOptions, generate};
use super::judge::{judge, text};
use super::model::MoleculeModel;
use super::page::MoleculePage;
use super::question::{self, Objectives, Question};
use super::recipe::{EncodingSection, MoleculeRecipe};
use super::stage::{MoleculeStage, network};
use crate::model_domain::ModelDomain;
use crate::recipe::{FileRecipe, TrainSection, assert_refused};
use crate::train::checkpoint::Checkpoint;
use crate::train::trainer::{Plan, Trainer};
use crate::train::{Rows, Stage};
use crate::ui::Silent;

pub(super) const TEXT: &str = r#"
name = "test"
[data]
domain = "molecules"
files = ["molecules.parquet"]
validation = 0.2
[network]
width = 16
layers = 2
global = 8
knots = 8
shared = true
[path]
kind = "edm"
sigma_min = 0.01
sigma_max = 20.0
[objective]
target = "edm"
weight = "edm"
times = "lognormal"
[train]
steps = 6
batch = 8
warmup = 2
validate_every = 3
checkpoint_every = 2
[sample]
sampler = "ddpm"
grid = "karras"
steps = 10
"#;

pub(super) fn recipe(settings: &[&str]) -> MoleculeRecipe {
    let settings: Vec<String> = settings.iter().map(|s| s.to_string()).collect();
    MoleculeRecipe::parse(TEXT, Path::new("test.toml"), &settings).unwrap()
}

/// Molecules of 2 to 9 atoms of hydrogen, carbon and oxygen in random places.
pub(super) fn molecules(n: usize) -> Vec<Molecule> {
    let elements = [Element::H, Element::C, Element::O];
    let molecule = |i: usize| {
        let atoms = 2 + i % 8;
        let mut rng = Rng::new(5).at(i as u64);
        let (x, kinds) = (rng.normal_f64(1, 3 * atoms), rng.uniform(1, atoms));
        Molecule {
            elements: kinds.iter().map(|u| elements[(3.0 * u) as usize]).collect(),
            positions: x.chunks(3).map(|x| [1.0 + 1.4 * x[0], 1.4 * x[1], 1.4 * x[2] - 2.0]).collect(),
            ..Molecule::default()
        }
    };
    (0..n).map(molecule).collect()
}

pub(super) fn encoding() -> MoleculeEncoding {
    MoleculeEncoding::fit(&EncodingSection::default(), molecules(200).iter()).unwrap()
}

/// A model with weights far from fresh ones.
fn model(settings: &[&str]) -> MoleculeModel {
    let (recipe, encoding) = (recipe(settings), encoding());
    let count = nets::values(&network(&recipe, &encoding, &Device::flex())).len();
    let flat = Rng::new(9).normal(1, count).into_iter().map(|w| 0.15 * w).collect();
    MoleculeModel::new(&recipe, encoding, flat, serde_json::Value::Null).unwrap()
}

#[test]
fn molecules_survive_encoding_and_decoding_but_for_their_place() {
    let encoding = encoding();
    assert_eq!((encoding.elements.as_slice(), encoding.columns()), (&[1, 6, 8][..], 7));
    for molecule in molecules(20) {
        let row = encoding.encode(&molecule).unwrap();
        let mut codes = Vec::new();
        encoding.push_codes(&mut codes, &row);
        let back = encoding.decode(&codes).unwrap();
        assert_eq!(back.elements, molecule.elements);
        let count = molecule.len() as f64;
        for k in 0..3 {
            let centre = molecule.positions.iter().map(|x| x[k]).sum::<f64>() / count;
            for (x, y) in molecule.positions.iter().zip(&back.positions) {
                assert!((x[k] - centre - y[k]).abs() < 1e-5);
            }
        }
    }
    // The third atom's codes: a position, carbon's column over 4, its charge over 10.
    let row =
        MoleculeRow { elements: vec![1], positions: vec![0.5, -1.0, 2.0], properties: Vec::new(), latent: Vec::new() };
    let mut codes = Vec::new();
    encoding.push_codes(&mut codes, &row);
    assert_eq!(codes, [0.5, -1.0, 2.0, 0.0, 0.25, 0.0, 0.6]);
    let fluorine = Molecule { elements: vec![Element::F], positions: vec![[0.0; 3]], ..Molecule::default() };
    assert_eq!(encoding.encode(&fluorine), Err(Element::F));
    assert_eq!(encoding.decode(&[0.0, f32::NAN, 0.0, 0.1, 0.2, 0.3, 0.4]), None);
}

#[test]
fn sizes_are_drawn_as_they_are_among_the_training_molecules() {
    let mut encoding = encoding();
    encoding.sizes = vec![0, 0, 3, 0, 1];
    assert_eq!([0.0, 0.74, 0.76, 0.999].map(|u| encoding.size(u)), [2, 2, 4, 4]);
    assert_eq!(encoding.largest(), 4);
}

#[test]
fn each_group_of_columns_has_inputs_and_targets_of_unit_variance() {
    // EDM's preconditioning (arXiv:2206.00364, table 1) makes both so at every noise level, for data of the spread that it is told.
    let (recipe, encoding) = (recipe(&[]), encoding());
    let (layout, path) = (encoding.layout(), recipe.path().unwrap());
    let objectives = Objectives::new(&recipe, layout.clone(), &path);
    let rows: Vec<MoleculeRow> = molecules(4000).iter().map(|m| encoding.encode(m).unwrap()).collect();
    let question = Question::new(&objectives, &encoding, (1.0, 0.0), &rows, &mut Rng::new(3)).unwrap();
    let columns = encoding.columns();
    let (mut sums, mut counts) = ([[0.0f64; 2]; 3], [0.0f64; 3]);
    for (i, (input, target)) in question.input.iter().zip(&question.target).enumerate() {
        if question.mask[i / columns] != 0.0 {
            let group = layout.group(i % columns);
            sums[group][0] += f64::from(*input).powi(2);
            sums[group][1] += f64::from(*target).powi(2);
            counts[group] += 1.0;
        }
    }
    // Positions lose a degree of freedom in 5.5 on average to the centre, in the noise but not in the data, whose spread is as found.
    for (group, tolerance) in [(0, 0.2), (1, 0.03), (2, 0.03)] {
        for (which, sum) in sums[group].into_iter().enumerate() {
            let square = sum / counts[group];
            assert!((square - 1.0).abs() < tolerance, "group {group}, {which}: {square}");
        }
    }
}

#[test]
fn kernels_and_tapes_have_the_same_losses_and_gradients_and_padding_costs_nothing() {
    let (recipe, encoding) = (recipe(&["encoding.weight=0.5"]), encoding());
    let stage = MoleculeStage::new(&recipe, &encoding, encoding.layout()).unwrap();
    let net = model(&[]).net();
    let kernel = stage.kernel(&net).unwrap();
    let rows: Vec<MoleculeRow> = molecules(12).iter().map(|m| encoding.encode(m).unwrap()).collect();
    let (sum, gradient) = stage.gradient(&kernel, &rows, &mut Rng::new(4)).unwrap();
    let tape = Device::flex().autodiff();
    let on_tape = nets::load(stage.network(&tape), &nets::values(&net));
    let losses = stage.losses(&on_tape, &rows, &mut Rng::new(4), &tape).unwrap();
    let expected = nets::gradients(&on_tape, &losses.clone().sum().backward());
    let losses: Vec<f32> = losses.into_data().try_to_vec().unwrap();
    assert!((sum / f64::from(losses.iter().sum::<f32>()) - 1.0).abs() < 1e-4);
    let norm = |g: &[f32]| g.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
    let off: Vec<f32> = gradient.iter().zip(&expected).map(|(a, b)| a - b).collect();
    assert!(norm(&off) < 1e-4 * norm(&expected), "{} of {}", norm(&off), norm(&expected));
    assert!((stage.loss(&kernel, &rows, &mut Rng::new(4)).unwrap() / sum - 1.0).abs() < 1e-6);
    // A molecule beside smaller ones only, so that it needs less padding in another batch.
    let alone = stage.loss(&kernel, &rows[1..2], &mut Rng::new(4).at(1)).unwrap();
    assert!((alone / f64::from(losses[1]) - 1.0).abs() < 1e-4, "{alone} against {}", losses[1]);
}

/// Molecules `0 .. n` of seed 3, as one list.
pub(super) fn made(model: &MoleculeModel, n: u64, first: u64, threads: usize) -> Vec<Option<Molecule>> {
    let options = MoleculeOptions { n, first, seed: 3, ..MoleculeOptions::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut all = Vec::new();
    let mut sink = |_: u64, some: &[Option<Molecule>]| {
        all.extend_from_slice(some);
        Ok(())
    };
    pool.install(|| generate(model, &options, &mut sink, &mut |_, _| {})).unwrap();
    all
}

#[test]
fn a_molecule_depends_on_its_seed_and_number_alone() {
    let model = model(&[]);
    let all = made(&model, 70, 0, 2);
    assert_eq!(all.len(), 70);
    assert_eq!(made(&model, 70, 0, 1), all);
    assert_eq!(made(&model, 9, 40, 3), all[40..49]);
    assert_ne!(all[0], all[8]);
    let sizes: Vec<usize> = all.iter().flatten().map(Molecule::len).collect();
    assert!(sizes.iter().any(|&n| n < 4) && sizes.iter().any(|&n| n > 7));
}

#[test]
fn failures_are_told_by_number_and_sizes_can_be_chosen() {
    let mut model = model(&[]);
    let options = MoleculeOptions { n: 5, first: 7, atoms: Some(30), seed: 1, ..MoleculeOptions::default() };
    let mut sizes = Vec::new();
    let mut sink = |_: u64, some: &[Option<Molecule>]| {
        sizes.extend(some.iter().flatten().map(Molecule::len));
        Ok(())
    };
    let stats = generate(&model, &options, &mut sink, &mut |_, _| {}).unwrap();
    assert_eq!((stats.molecules, stats.failed.len(), sizes), (5, 0, vec![30; 5]));
    assert_eq!(stats.evaluations, 10);
    let none = MoleculeOptions { atoms: Some(0), ..options.clone() };
    assert!(MoleculeGenerator::new(&model, &none).is_err());
    model.network.iter_mut().for_each(|w| *w = 1e30);
    let stats = generate(&model, &options, &mut |_, _| Ok(()), &mut |_, _| {}).unwrap();
    assert_eq!((stats.molecules, stats.failed), (0, vec![7, 8, 9, 10, 11]));
}

/// Largest coordinate difference of two samplings, in units of the largest coordinate.
fn apart(a: &[Vec<f32>], b: &[Vec<f32>]) -> f32 {
    let largest = a.iter().flatten().map(|x| x.abs()).fold(0.0, f32::max);
    a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

#[test]
fn a_thousand_steps_turn_with_their_noise_and_keep_the_centre() {
    // Deterministic steps, whose noise is all in the start; a network whose answers are of the size of a trained one's.
    let mut model = model(&["sample.steps=1000"]);
    model.network.iter_mut().for_each(|w| *w *= 0.5);
    let options = MoleculeOptions { n: 1, seed: 3, sampler: Some(Sampler::Ddim { eta: 0.0 }), ..Default::default() };
    let generator = MoleculeGenerator::new(&model, &options).unwrap();
    let sizes = [9, 6];
    let columns = model.meta.encoding.columns();
    type Map<'a> = dyn Fn(usize, &[f32]) -> Vec<Vec<f32>> + 'a;
    let run = |map: &Map| -> Vec<Vec<f32>> {
        let start = generator.noise(0, &sizes);
        let [rows, capacity, _] = start.cloud.x.dims();
        let numbers = nets::host(start.cloud.x);
        let mapped: Vec<f32> = (0..rows)
            .flat_map(|r| map(r, &numbers[r * capacity * columns..(r + 1) * capacity * columns]).concat())
            .collect();
        let mask = nets::host(start.cloud.mask);
        let start = question::cloud(mapped, &mask, [rows, capacity, columns], &Device::flex());
        generator.codes(0, &sizes, start, &mut |_| {})
    };
    let atoms = |numbers: &[f32]| -> Vec<Vec<f32>> { numbers.chunks(columns).map(<[f32]>::to_vec).collect() };
    let plain = run(&|_, numbers| atoms(numbers));
    for codes in &plain {
        for k in 0..SPACE {
            let sum: f32 = codes.iter().skip(k).step_by(columns).sum();
            assert!(sum.abs() < 1e-4, "the centre has drifted by {sum}");
        }
    }
    // A rotation and a reflection.
    let turn = |atom: &[f32]| {
        let [(s, c), (t, d)] = [0.8f32.sin_cos(), (-1.9f32).sin_cos()];
        let (x, y, z) = (c * atom[0] - s * atom[1], s * atom[0] + c * atom[1], -atom[2]);
        [vec![x, d * y - t * z, t * y + d * z], atom[SPACE..].to_vec()].concat()
    };
    let turned = run(&|_, numbers| atoms(numbers).iter().map(|atom| turn(atom)).collect());
    let expected: Vec<Vec<f32>> = plain.iter().map(|codes| codes.chunks(columns).flat_map(turn).collect()).collect();
    assert!(apart(&expected, &turned) < 1e-5, "turned: {:e}", apart(&expected, &turned));
    // Atoms in another order.
    let order = [3, 0, 5, 1, 4, 2];
    let shuffled = run(&|_, numbers| {
        let all = atoms(numbers);
        (0..all.len()).map(|i| all[order.get(i).copied().unwrap_or(i)].clone()).collect()
    });
    let reorder = |codes: &Vec<f32>| -> Vec<f32> {
        let all = atoms(codes);
        (0..all.len()).flat_map(|i| all[order.get(i).copied().unwrap_or(i)].clone()).collect()
    };
    let expected: Vec<Vec<f32>> = plain.iter().map(reorder).collect();
    assert!(apart(&expected, &shuffled) < 1e-5, "in another order: {:e}", apart(&expected, &shuffled));
}

/// Rows in memory.
pub(super) struct Few(pub Vec<MoleculeRow>);

impl Rows<MoleculeRow> for Few {
    fn training(&self) -> usize {
        40
    }

    fn validation(&self) -> usize {
        self.0.len() - 40
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<MoleculeRow>, crate::Error> {
        Ok(numbers.iter().map(|&i| self.0[i].clone()).collect())
    }
}

/// Rows of 50 molecules.
pub(super) fn few(encoding: &MoleculeEncoding) -> Few {
    Few(molecules(50).iter().map(|m| encoding.encode(m).unwrap()).collect())
}

/// The checkpoints of a training by these options, from the beginning or from a checkpoint on.
pub(super) fn checkpoints<S: Stage<Row = MoleculeRow>>(
    stage: &S,
    options: &TrainSection,
    rows: &Few,
    from: Option<&Checkpoint>,
) -> Vec<Checkpoint> {
    let plan = Plan { steps: options.steps, batch: options.batch, stream: 7 };
    let mut trainer = Trainer::new(stage, options, plan, &Device::flex());
    from.iter().for_each(|state| trainer.restore(state).unwrap());
    let mut saved = Vec::new();
    let outcome = trainer.run("molecules", rows, &mut Silent, &mut |progress| {
        saved.push(Checkpoint { progress, ..Checkpoint::default() });
        Ok(())
    });
    outcome.unwrap();
    saved
}

#[test]
fn a_training_goes_on_from_any_checkpoint_to_the_same_weights() {
    let (recipe, encoding) = (recipe(&["train.cooldown=0.5"]), encoding());
    let rows = few(&encoding);
    let stage = MoleculeStage::new(&recipe, &encoding, encoding.layout()).unwrap();
    let options = recipe.train.options();
    let whole = checkpoints(&stage, &options, &rows, None);
    assert_eq!(whole.iter().map(|state| state.progress.step).collect::<Vec<_>>(), [2, 4, 6]);
    let resumed = checkpoints(&stage, &options, &rows, Some(&whole[0]));
    assert_eq!(resumed.last(), whole.last());
    assert_ne!(whole[0].progress.parameters, whole[2].progress.parameters);
}

#[test]
fn model_files_survive_and_wrong_ones_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    let model = model(&[]);
    model.save(&path).unwrap();
    let mut back = MoleculeModel::load(&path).unwrap();
    // JSON's reader rounds twice: the last bit of a number may differ.
    for (back, spread) in back.meta.encoding.spread.iter_mut().zip(model.meta.encoding.spread) {
        assert!((*back / spread - 1.0).abs() < 1e-15);
        *back = spread;
    }
    assert_eq!((&back.meta, &back.network), (&model.meta, &model.network));
    assert_eq!(ModelDomain::of(&path).unwrap(), ModelDomain::Molecules);
    let mut damaged = model;
    damaged.meta.encoding.spread[0] = 0.0;
    damaged.save(&path).unwrap();
    assert!(MoleculeModel::load(&path).unwrap_err().to_string().contains("encoding"));
}

#[test]
fn mistakes_in_a_recipe_are_named() {
    let cases = [
        ("network.width=0", "network.width"),
        ("network.knots=1", "network.knots"),
        ("encoding.elements=0", "encoding.elements"),
        ("train.cooldown=2", "train.cooldown"),
        ("data.validation=0.9", "data.validation"),
        ("path.sigma_min=30", "path.sigma_min"),
        ("sample.sampler=heum", "heum"),
        ("network.widht=3", "widht"),
    ];
    assert_refused::<MoleculeRecipe>(TEXT, &cases);
}

#[test]
fn the_recipes_that_come_with_the_program_can_be_read() {
    for (name, text) in [
        ("edm.toml", include_str!("../../../../recipes/molecules/edm.toml")),
        ("geoldm.toml", include_str!("../../../../recipes/molecules/geoldm.toml")),
        ("qm9.toml", include_str!("../../../../recipes/molecules/qm9.toml")),
        ("qm9-alpha.toml", include_str!("../../../../recipes/molecules/qm9-alpha.toml")),
    ] {
        let recipe = MoleculeRecipe::parse(text, Path::new(name), &[]).unwrap();
        let again = MoleculeRecipe::parse(&recipe.to_toml().unwrap(), Path::new(name), &[]).unwrap();
        assert_eq!((again.network, again.path, again.sample), (recipe.network, recipe.path, recipe.sample));
        assert_eq!(again.autoencoder, recipe.autoencoder);
    }
}

#[test]
fn a_condition_says_a_property_or_hides_it() {
    let mut encoding = encoding();
    encoding.properties.push(Property::fit("gap", &[0.1, 0.3, 0.2, 0.6]).unwrap());
    // Mean 0.3, mean absolute deviation (0.2 + 0 + 0.1 + 0.3)/4 = 0.15.
    let mut condition = Vec::new();
    encoding.push_condition(&mut condition, |_| Some(0.6));
    encoding.push_condition(&mut condition, |_| None);
    assert!((condition[0] - 2.0).abs() < 1e-6 && condition[1..] == [1.0, 0.0, 0.0]);
    assert_eq!(encoding.conditions(), 2);
    assert_eq!(encoding.properties[0].range, [0.1, 0.6]);
    assert_eq!(Property::fit("gap", &[0.2, 0.2]), None);
}

#[test]
fn guidance_of_one_is_none_and_of_zero_forgets_the_property() {
    let recipe = recipe(&["objective.label_dropout=0.1", "data.properties=[\"gap\"]"]);
    let mut encoding = encoding();
    encoding.properties.push(Property::fit("gap", &[0.1, 0.5]).unwrap());
    let count = nets::values(&network(&recipe, &encoding, &Device::flex())).len();
    let flat = Rng::new(9).normal(1, count).into_iter().map(|w| 0.15 * w).collect();
    let model = MoleculeModel::new(&recipe, encoding, flat, serde_json::Value::Null).unwrap();
    let made = |gap: Option<f64>, guidance: Option<f64>| {
        let properties = gap.iter().map(|gap| ("gap".to_string(), *gap)).collect();
        let options = MoleculeOptions { n: 3, seed: 3, properties, guidance, ..Default::default() };
        MoleculeGenerator::new(&model, &options).map(|generator| generator.molecules(0, 3, &mut |_| {}))
    };
    let plain = made(Some(0.4), None).unwrap();
    assert_eq!(made(Some(0.4), Some(1.0)).unwrap(), plain);
    assert_eq!(made(Some(0.4), Some(0.0)).unwrap(), made(None, None).unwrap());
    assert_ne!(made(Some(0.2), None).unwrap(), plain);
    assert!(made(None, Some(2.0)).is_err());
    let wrong = MoleculeOptions { properties: vec![("gab".into(), 0.3)], ..Default::default() };
    assert!(MoleculeGenerator::new(&model, &wrong).err().unwrap().to_string().contains("gap"));
}

#[test]
fn the_bound_counts_three_degrees_of_freedom_for_each_atom_but_one() {
    // ln N(0; 0, s^2) = -ln(sqrt(2 pi) s) for each degree of freedom.
    assert_eq!(log_constant(1, 0.01), 0.0);
    let each = (0.01 * std::f64::consts::TAU.sqrt()).ln();
    for atoms in 2..9 {
        assert!((log_constant(atoms, 0.01) + 3.0 * (atoms - 1) as f64 * each).abs() < 1e-9);
    }
    let encoding = encoding();
    let row = MoleculeRow { elements: vec![1], positions: vec![0.0; 3], properties: Vec::new(), latent: Vec::new() };
    // An element without doubt costs nothing, and a charge of a width of 0.1 the two tails beyond half a unit, erfc(5/sqrt(2)) = 5.733e-7; three
    // elements alike cost ln 3, a charge half a unit off ln 2, up to the rounding of 0.65 by 2e-7 widths.
    let sure = features(&encoding, &row, &[0.0, 0.0, 0.0, 0.0, 0.25, 0.0, 0.6], 0.01);
    let alike = features(&encoding, &row, &[0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.65], 0.01);
    let tails = libm::erfc(5.0 * std::f64::consts::FRAC_1_SQRT_2);
    assert!((sure - tails).abs() < 1e-10 && (alike - 6.0f64.ln()).abs() < 4e-6, "{sure} {alike}");
}

#[test]
fn bounds_of_molecules_do_not_depend_on_their_batch_and_their_prior_is_known() {
    let model = model(&["path={kind=\"polynomial\"}"]);
    let rows: Vec<MoleculeRow> = molecules(6).iter().map(|m| model.meta.encoding.encode(m).unwrap()).collect();
    let found = bounds(&model, &rows, 1000, 4, 1, &mut |_, _| Ok(())).unwrap();
    let one = bounds(&model, &rows[..1], 1000, 4, 1, &mut |_, _| Ok(())).unwrap();
    // Sums over a wider batch are taken in another order.
    let terms = |b: &Bound| [b.size, b.prior, b.steps, b.positions, b.features];
    for (a, b) in terms(&found[0]).into_iter().zip(terms(&one[0])) {
        assert!((a - b).abs() <= 1e-6 * a.abs(), "{a} {b}");
    }
    let last = model.recipe.path().unwrap().at(1.0);
    for (row, bound) in rows.iter().zip(&found) {
        let mut codes = Vec::new();
        model.meta.encoding.push_codes(&mut codes, row);
        let square: f64 = codes.iter().map(|c| f64::from(*c).powi(2)).sum();
        let prior = (last.alpha / last.sigma).powi(2) * square / 2.0;
        assert!((bound.prior / prior - 1.0).abs() < 1e-4 && bound.total().is_finite());
        let n = row.atoms();
        assert!((bound.size + (model.meta.encoding.sizes[n] as f64 / 200.0).ln()).abs() < 1e-9);
    }
}

/// Methane, water, and a carbon with five hydrogens, by their bonds' lengths in Angstrom.
fn known() -> [Molecule; 3] {
    let corner = 1.09 / 3f64.sqrt();
    let corners = [[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]];
    let with = |positions: Vec<[f64; 3]>, centre: Element| {
        let elements = (0..positions.len()).map(|i| if i == 0 { centre } else { Element::H }).collect();
        Molecule { elements, positions, ..Molecule::default() }
    };
    let tetrahedron: Vec<[f64; 3]> = std::iter::once([0.0; 3]).chain(corners.map(|c| c.map(|x| x * corner))).collect();
    let five = [tetrahedron.clone(), vec![[0.0, 0.0, 1.09]]].concat();
    let water = vec![[0.0; 3], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]];
    [with(tetrahedron, Element::C), with(water, Element::O), with(five, Element::C)]
}

#[test]
fn judgements_count_what_is_stable_valid_unique_and_novel() {
    let [methane, water, five] = known();
    let generated = [methane.clone(), methane.clone(), water, five];
    let judged = judge(&generated, &[methane], BondTable::edm()).unwrap();
    let ours = &judged.generated;
    assert_eq!((ours.stable.value, ours.valid.value, ours.connected.value), (0.75, 0.75, 1.0));
    // Two of three valid ones are different, and one of these is not methane.
    assert!((ours.unique.value - 2.0 / 3.0).abs() < 1e-12 && ours.valid_and_unique.value == 0.5);
    assert_eq!(ours.novel.unwrap().value, 0.5);
    // Of 5 + 5 + 3 + 6 atoms only the carbon with five bonds is not stable.
    assert!((ours.stable_atoms.value - 18.0 / 19.0).abs() < 1e-12);
    assert!((ours.stable.error - (0.75 * 0.25 / 4.0f64).sqrt()).abs() < 1e-12);
    assert_eq!((judged.real.stable.value, judged.real.novel), (1.0, None));
    assert_eq!(judged.invalid.len(), 1);
    assert!(text(&judged).contains("stable molecules"));
    let page = MoleculePage { title: "T".into(), ..MoleculePage::default() }.html(&judged);
    assert!(page.contains("75.00") && page.contains("Stable molecules"));
    assert!(judge(&[], &generated, BondTable::edm()).is_err());
}

#[test]
fn lengths_of_the_same_law_are_at_their_floor_and_stretched_ones_are_not() {
    let [methane, ..] = known();
    let breathing = |n: usize, seed: u64, factor: f64| -> Vec<Molecule> {
        let scale = Rng::new(seed).normal_f64(n, 1);
        let scaled = |s: f64| {
            let positions = methane.positions.iter().map(|x| x.map(|x| x * factor * (1.0 + 0.01 * s))).collect();
            Molecule { positions, ..methane.clone() }
        };
        scale.into_iter().map(scaled).collect()
    };
    let real = breathing(400, 1, 1.0);
    let fair = judge(&breathing(400, 2, 1.0), &real, BondTable::edm()).unwrap();
    let stretched = judge(&breathing(400, 2, 1.02), &real, BondTable::edm()).unwrap();
    let [fair, stretched] = [&fair.lengths[0], &stretched.lengths[0]];
    assert_eq!((fair.bond.as_str(), fair.per_molecule), ("C\u{2013}H", [4.0, 4.0]));
    assert!((fair.real[0] - 1.09).abs() < 5.0 * 0.0109 / 20.0);
    // Two per cent of 1.09 Angstrom are a shift of 0.0218.
    assert!((stretched.distance[0] - 0.0218).abs() < 0.003, "{:?}", stretched.distance);
    assert!(fair.distance[0] < 0.003 && fair.floor[0] < 0.003, "{fair:?}");
}
