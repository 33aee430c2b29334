//! Autoencoders of made-up molecules: symmetries, gradients, reconstructions, latent generators as a whole.

use burn::tensor::Device;
use diffusion::Rng;
use matter::Molecule;

use super::batch::{Batch, Shape};
use super::coder::Coder;
use super::kernel::AutoencoderKernel;
use super::reconstruction::{Identity, Reconstruction};
use super::stage::AutoencoderStage;
use super::train::options;
use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use crate::molecules::model::{AutoencoderMeta, MoleculeModel};
use crate::molecules::recipe::MoleculeRecipe;
use crate::molecules::tests::{TEXT, checkpoints, encoding, few, made, molecules, recipe};
use crate::recipe::assert_refused;
use crate::train::Stage;

const TRAINED: &[&str] = &["autoencoder.encoder=trained", "autoencoder.kl=0.01", "autoencoder.decoder_layers=2"];
const FROZEN: &[&str] = &["autoencoder.encoder=frozen", "train.weight_decay=0.1"];

/// Parameters far from fresh ones, of a fresh network's number.
fn numbers(count: usize) -> Vec<f32> {
    Rng::new(9).normal(1, count).into_iter().map(|w| 0.1 * w).collect()
}

fn stage<'a>(recipe: &'a MoleculeRecipe, encoding: &'a MoleculeEncoding) -> AutoencoderStage<'a> {
    AutoencoderStage::new(recipe, recipe.autoencoder.as_ref().unwrap(), encoding)
}

/// An autoencoder with weights far from fresh ones.
fn coder(recipe: &MoleculeRecipe, encoding: &MoleculeEncoding) -> (Coder, Vec<f32>) {
    let (section, stage) = (recipe.autoencoder.as_ref().unwrap(), stage(recipe, encoding));
    let net = stage.network(&Device::flex());
    let flat = numbers(nets::values(&net).len());
    let kernel = AutoencoderKernel::new(&nets::load(net, &flat), Shape::new(section, encoding));
    (Coder::fit(kernel, encoding, section, &rows(encoding, 200)), flat)
}

fn rows(encoding: &MoleculeEncoding, n: usize) -> Vec<MoleculeRow> {
    molecules(n).iter().map(|m| encoding.encode(m).unwrap()).collect()
}

/// A latent generator with weights far from fresh ones.
fn model() -> MoleculeModel {
    let (recipe, encoding) = (recipe(TRAINED), encoding());
    let (coder, autoencoder) = coder(&recipe, &encoding);
    let reconstruction = Reconstruction::of(&coder, &encoding, &rows(&encoding, 20));
    let count = nets::values(&crate::molecules::stage::network(&recipe, &encoding, &Device::flex())).len();
    let model = MoleculeModel::new(&recipe, encoding, numbers(count), serde_json::Value::Null).unwrap();
    model.with_autoencoder(AutoencoderMeta { latents: coder.latents, reconstruction }, autoencoder)
}

fn norm(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt()
}

/// Size of a difference in units of what was expected.
fn off(a: &[f32], b: &[f32]) -> f64 {
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>()) / norm(b)
}

#[test]
fn kernels_and_tapes_agree_and_the_gradient_reaches_only_an_encoder_that_learns() {
    for settings in [TRAINED, FROZEN] {
        let (recipe, encoding) = (recipe(settings), encoding());
        let (stage, rows) = (stage(&recipe, &encoding), rows(&encoding, 12));
        let net = stage.network(&Device::flex());
        let net = nets::load(net.clone(), &numbers(nets::values(&net).len()));
        let kernel = stage.kernel(&net).unwrap();
        let (sum, gradient) = stage.gradient(&kernel, &rows, &mut Rng::new(4)).unwrap();
        let tape = Device::flex().autodiff();
        let on_tape = nets::load(stage.network(&tape), &nets::values(&net));
        let losses = stage.losses(&on_tape, &rows, &mut Rng::new(4), &tape).unwrap();
        let expected = nets::gradients(&on_tape, &losses.clone().sum().backward());
        let losses: Vec<f32> = losses.into_data().try_to_vec().unwrap();
        assert!((sum / f64::from(losses.iter().sum::<f32>()) - 1.0).abs() < 1e-4);
        assert!(off(&gradient, &expected) < 1e-4, "{:e}", off(&gradient, &expected));
        assert!((stage.loss(&kernel, &rows, &mut Rng::new(4)).unwrap() / sum - 1.0).abs() < 1e-6);
        let (encoder, decoder) = gradient.split_at(nets::values(&net.encoder).len());
        assert_eq!(norm(encoder) > 1e-3 * norm(decoder), settings == TRAINED);
        assert_eq!(norm(encoder) == 0.0, settings == FROZEN);
        // A molecule beside smaller ones only, so that it needs less padding in another batch.
        let alone = stage.loss(&kernel, &rows[1..2], &mut Rng::new(4).at(1)).unwrap();
        assert!((alone / f64::from(losses[1]) - 1.0).abs() < 1e-4, "{alone} against {}", losses[1]);
    }
}

#[test]
fn a_frozen_encoder_stays_and_any_training_goes_on_from_a_checkpoint_to_the_same_weights() {
    for settings in [TRAINED, FROZEN] {
        let (recipe, encoding) = (recipe(&[settings, &["autoencoder.steps=6"]].concat()), encoding());
        let (stage, rows) = (stage(&recipe, &encoding), few(&encoding));
        let options = options(&recipe, recipe.autoencoder.as_ref().unwrap());
        let whole = checkpoints(&stage, &options, &rows, None);
        assert_eq!(whole.iter().map(|state| state.progress.step).collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!(checkpoints(&stage, &options, &rows, Some(&whole[0])).last(), whole.last());
        let split = nets::values(&stage.network(&Device::flex()).encoder).len();
        let parts = |i: usize| whole[i].progress.parameters.split_at(split);
        assert_eq!(parts(0).0 == parts(2).0, settings == FROZEN);
        assert_ne!(parts(0).1, parts(2).1);
    }
}

#[test]
fn latents_turn_with_the_molecule_and_so_does_what_is_decoded() {
    let (recipe, encoding) = (recipe(TRAINED), encoding());
    let (coder, _) = coder(&recipe, &encoding);
    let plain = molecules(16);
    let turn = |[x, y, z]: [f64; 3]| {
        let [(s, c), (t, d)] = [0.8f64.sin_cos(), (-1.9f64).sin_cos()];
        let (x, y, z) = (c * x - s * y, s * x + c * y, -z);
        [x, d * y - t * z, t * y + d * z]
    };
    // A rotation with a reflection, a shift, the atoms in reverse.
    let changed: Vec<Molecule> = plain
        .iter()
        .map(|m| Molecule {
            elements: m.elements.iter().rev().copied().collect(),
            positions: m.positions.iter().rev().map(|x| turn(*x).map(|x| x + 3.0)).collect(),
            ..m.clone()
        })
        .collect();
    let run = |molecules: &[Molecule]| {
        let rows: Vec<MoleculeRow> = molecules.iter().map(|m| encoding.encode(m).unwrap()).collect();
        let latents = coder.encode(&rows);
        let codes = |row: &MoleculeRow| {
            let mut codes = Vec::new();
            encoding.push_codes(&mut codes, row);
            codes
        };
        let latents: Vec<Vec<f32>> = latents.iter().map(codes).collect();
        let decoded = coder.decode(&latents);
        (latents, decoded)
    };
    let ((latents, decoded), found) = (run(&plain), run(&changed));
    let expected = |all: &[Vec<f32>], columns: usize| -> Vec<f32> {
        let atom = |atom: &[f32]| {
            let turned = turn([0, 1, 2].map(|k| f64::from(atom[k]))).map(|x| x as f32);
            [&turned, &atom[SPACE..]].concat()
        };
        all.iter().flat_map(|codes| codes.chunks_exact(columns).rev().flat_map(atom)).collect()
    };
    for (found, plain, columns) in [(found.0, latents, SPACE + 2), (found.1, decoded.clone(), encoding.columns())] {
        let expected = expected(&plain, columns);
        assert!(off(&found.concat(), &expected) < 1e-5, "{:e}", off(&found.concat(), &expected));
    }
    // Each molecule by itself, to the last bit.
    assert_eq!(run(&plain[5..6]).1[0], decoded[5]);
}

#[test]
fn a_short_training_reconstructs_far_better_than_a_constant() {
    let settings =
        ["autoencoder.steps=400", "train.learning_rate=0.005", "train.ema=0.9", "train.checkpoint_every=400"];
    let (recipe, encoding) = (recipe(&[TRAINED, &settings, &["autoencoder.kl=0.0001"]].concat()), encoding());
    let (section, stage, few) = (recipe.autoencoder.as_ref().unwrap(), stage(&recipe, &encoding), few(&encoding));
    let done = checkpoints(&stage, &options(&recipe, section), &few, None).pop().unwrap();
    let net = nets::load(stage.network(&Device::flex()), done.progress.model());
    let (kernel, held_out) = (stage.kernel(&net).unwrap(), &few.0[40..]);
    let shape = kernel.shape();
    let batch = Batch::new(shape, &encoding, held_out, &mut Rng::new(1));
    // The best constant: every atom at the centre, elements as often as they are, the mean charge.
    let count = batch.sizes.iter().sum::<usize>() as f32;
    let mut constant = vec![0.0; shape.columns];
    for row in held_out {
        row.elements.iter().for_each(|e| constant[SPACE + usize::from(*e)] += 1.0 / count);
    }
    let charge = SPACE + shape.elements;
    constant[charge] = batch.input.iter().skip(charge).step_by(shape.columns).sum::<f32>() / count;
    constant[SPACE..charge].iter_mut().for_each(|share| *share = share.max(1e-3).ln());
    let (decoded, mut unused) = (constant.repeat(batch.capacity()), vec![0.0; batch.stride()]);
    let poor: f64 = (0..batch.sizes.len()).map(|b| batch.reconstruction(b, &decoded, &mut unused)).sum();
    let loss = kernel.loss(&batch);
    assert!(loss < 0.02 * poor, "{loss} against {poor}");
    let coder = Coder::fit(kernel, &encoding, section, &few.0[..40]);
    let found = Reconstruction::of(&coder, &encoding, held_out).unwrap();
    assert!(found.elements > 0.98 && found.rmsd < 0.15 && found.molecules == 10, "{found:?}");
    assert!(found.encoder.r2 > 0.9 && found.text().contains("RMSD"), "{found:?}");
    // What diffusion meets has no mean, and the spread of the recipe but for the noise that the encoder's means lack.
    let features: Vec<f32> = coder.encode(&few.0[..40]).iter().flat_map(|row| row.latent.clone()).collect();
    for c in 0..2 {
        let column: Vec<f64> = features.iter().skip(c).step_by(2).map(|h| f64::from(*h)).collect();
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        let spread = (column.iter().map(|h| h * h).sum::<f64>() / column.len() as f64).sqrt();
        assert!(mean.abs() < 1e-3 && (spread / 0.25 - 1.0).abs() < 0.01, "{mean} {spread}");
    }
}

#[test]
fn the_identity_is_known_when_it_is_seen() {
    let x = [1.0, -2.0, 0.5];
    let of = |y: [f64; 3]| Identity::of(x.into_iter().zip(y));
    assert_eq!(of(x), Identity { difference: 0.0, scale: 1.0, r2: 1.0 });
    assert_eq!(of(x.map(|x| 2.0 * x)), Identity { difference: 1.0, scale: 2.0, r2: 1.0 });
    // y = (2, 1, 0) is at right angles to x: |y - x|^2 = |x|^2 + |y|^2 = 5.25 + 5.
    let apart = of([2.0, 1.0, 0.0]);
    assert!((apart.difference - (10.25f64 / 5.25).sqrt()).abs() < 1e-12 && apart.scale == 0.0 && apart.r2 == 0.0);
}

#[test]
fn a_molecule_of_latents_depends_on_its_seed_and_number_alone() {
    let model = model();
    let all = made(&model, 40, 0, 2);
    assert_eq!((all.len(), made(&model, 9, 20, 3)), (40, all[20..29].to_vec()));
    assert_ne!(all[0], all[8]);
    assert!(all.iter().flatten().any(|m| m.len() < 4) && all.iter().flatten().any(|m| m.len() > 7));
}

#[test]
fn model_files_keep_the_autoencoder_and_wrong_ones_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    let mut model = model();
    model.save(&path).unwrap();
    let back = MoleculeModel::load(&path).unwrap();
    assert_eq!((&back.autoencoder, &back.network), (&model.autoencoder, &model.network));
    assert_eq!(back.layout().columns(), SPACE + 2);
    assert_eq!(back.meta.autoencoder.as_ref().unwrap().reconstruction.as_ref().unwrap().molecules, 20);
    model.meta.autoencoder.as_mut().unwrap().latents.scale.pop();
    model.save(&path).unwrap();
    assert!(MoleculeModel::load(&path).unwrap_err().to_string().contains("autoencoder"));
}

#[test]
fn mistakes_in_the_section_are_named() {
    let cases = [
        ("autoencoder.encoder=thawed", "frozen"),
        ("autoencoder.latent=0", "autoencoder.latent"),
        ("autoencoder.decoder_layers=0", "autoencoder.decoder_layers"),
        ("autoencoder.sigma_0=0", "autoencoder.sigma_0"),
        ("autoencoder.kl=-1", "autoencoder.kl"),
        ("autoencoder.steps=2", "train.warmup"),
        ("autoencoder.spread=nan", "autoencoder.spread"),
        ("autoencoder.latnet=3", "latnet"),
    ];
    assert_refused::<MoleculeRecipe>(TEXT, &cases);
}
