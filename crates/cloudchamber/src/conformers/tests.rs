//! Files, the objective and the field of conformers.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{Denoise, Rng, score};
use matter::Link;
use nets::{DistanceScore, DistanceScoreConfig};
use tables::{Block, Column, Data, Element, Schema, TableWriter};

use super::judge::judge;
use super::*;

fn network(amplitude: f32) -> DistanceScore {
    let config = DistanceScoreConfig { atoms: ATOM_KINDS, links: Link::KINDS, width: 8, layers: 2 };
    let net = config.init(&Device::flex());
    let flat: Vec<f32> = (0..nets::values(&net).len()).map(|i| amplitude * (0.7 * i as f32 + 0.2).sin()).collect();
    nets::load(net, &flat)
}

/// Water, and formaldehyde in two conformers (of which one is stretched).
fn ensembles() -> [Ensemble; 2] {
    let water = vec![[0.0, 0.0, 0.0], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]];
    let flat = vec![[0.0, 0.0, 0.0], [1.2, 0.0, 0.0], [-0.6, 0.95, 0.0], [-0.6, -0.95, 0.0]];
    let stretched = flat.iter().map(|x| x.map(|v| 1.1 * v)).collect();
    let of = |smiles, conformers| Ensemble { conformers, ..Ensemble::of_smiles(smiles).unwrap() };
    [of("O", vec![water]), of("C=O", vec![flat, stretched])]
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
    let (molecules, skipped) = Ensemble::read(&path).unwrap();
    assert_eq!((molecules.len(), molecules[0].index), (1, 7));
    assert_eq!(molecules[0].graph.without_hydrogens().canonical_smiles(), "C=O");
    assert_eq!((molecules[0].conformers.len(), molecules[0].kinds()), (2, vec![6, 8, 1, 1]));
    assert!((molecules[0].conformers[1][0][1] - 1.3).abs() < 1e-12);
    assert_eq!(skipped.len(), 3);
    assert_eq!(skipped[0], "row 1: expected a neutral molecule with all its hydrogens, found too few bonds at atom 0");
    assert_eq!(skipped[1], "row 2: expected 9 coordinates of at least two atoms, found 8 of 3");
    assert_eq!(skipped[2], "row 3: expected bond orders from 1 to 4, found 9");
}

#[test]
fn broken_and_disconnected_smiles_are_refused_with_reasons() {
    let broken = Ensemble::of_smiles("CC(").unwrap_err().to_string();
    assert!(broken.contains("found the end at character 4"), "{broken}");
    let salt = Ensemble::of_smiles("[Na+].[Cl-]").unwrap_err().to_string();
    assert!(salt.contains("one connected molecule"), "{salt}");
}

/// A network that says nothing loses the square of the noise: 1 for each link, within five standard deviations of the mean.
#[test]
fn without_an_answer_the_loss_is_the_number_of_links() {
    let device = Device::flex();
    let [water, formaldehyde] = ensembles();
    let objective = DistanceMatching::new(10.0, 0.01, 50).unwrap();
    let batch: Vec<(&Ensemble, usize)> =
        (0..2000).map(|k| if k % 2 == 0 { (&water, 0) } else { (&formaldehyde, k / 2 % 2) }).collect();
    let losses = nets::host(objective.losses(&network(0.0), &batch, &mut Rng::new(3), &device));
    for (k, links) in [(0, 3.0), (1, 6.0)] {
        let mean = losses.iter().skip(k).step_by(2).map(|l| f64::from(*l)).sum::<f64>() / 1000.0;
        assert!((mean - links).abs() < 5.0 * (2.0 * links / 1000.0f64).sqrt(), "{mean} {links}");
    }
}

#[test]
fn a_conformers_loss_does_not_depend_on_its_batch() {
    let device = Device::flex();
    let [water, formaldehyde] = ensembles();
    let (net, objective) = (network(0.4), DistanceMatching::new(10.0, 0.01, 50).unwrap());
    let batch = [(&water, 0), (&formaldehyde, 0), (&formaldehyde, 1), (&water, 0)];
    let all = nets::host(objective.losses(&net, &batch, &mut Rng::new(3), &device));
    for (k, one) in batch.iter().enumerate() {
        let alone = nets::host(objective.losses(&net, &[*one], &mut Rng::new(3).at(k as u64), &device))[0];
        assert!((alone - all[k]).abs() < 1e-4 * alone, "{alone} {}", all[k]);
    }
}

/// The score is the loss's: at the noisy positions, `sigma s` of the distances, chained by hand.
#[test]
fn the_field_is_the_score_of_its_denoiser_and_is_cut_where_it_explodes() {
    let device = Device::flex();
    let [_, formaldehyde] = ensembles();
    let net = network(0.4);
    let field = ConformerField::new(&net, &formaldehyde, 2, &device);
    let x: Vec<f32> = formaldehyde.conformers.iter().flatten().flatten().map(|v| *v as f32).collect();
    let x = Tensor::<3>::from_data(TensorData::new(x, [2, 4, 3]), &device);
    let plain = nets::host(field.score(&x, 0.7));
    let read = nets::host(score(&field, &x, 0.7));
    assert!(plain.iter().any(|s| s.abs() > 1e-3));
    assert!(plain.iter().zip(&read).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs())));
    // Twice the noise, half the score; near zero noise no longer than 1000.
    let half = nets::host(field.score(&x, 1.4));
    assert!(plain.iter().zip(&half).all(|(a, b)| (a - 2.0 * b).abs() < 1e-4 * (1.0 + a.abs())));
    let cut = nets::host(field.score(&x, 1e-6));
    let longest = cut.chunks(3).map(|s| s.iter().map(|v| v * v).sum::<f32>().sqrt()).fold(0.0, f32::max);
    assert!((longest - 1000.0).abs() < 0.1, "{longest}");
    assert_eq!(field.denoise(&x, 0.7).dims(), [2, 4, 3]);
}

#[test]
fn a_conformer_is_a_function_of_its_seed_and_number() {
    let device = Device::flex();
    let [_, formaldehyde] = ensembles();
    let net = network(0.2);
    let annealing = Annealing { levels: 4, steps: 3, still: 2, ..Annealing::default() };
    assert_eq!((annealing.evaluations(), Annealing::default().evaluations()), (14, 5000));
    let whole = annealing.draw(&net, &formaldehyde, 5, 0, 4, &device).unwrap();
    let part = annealing.draw(&net, &formaldehyde, 5, 2, 2, &device).unwrap();
    for (a, b) in whole[2..].iter().flatten().flatten().zip(part.iter().flatten().flatten()) {
        assert!((a - b).abs() < 1e-3 * (1.0 + a.abs()), "{a} {b}");
    }
    assert!(whole[0] != whole[1]);
    assert!(whole != annealing.draw(&net, &formaldehyde, 6, 0, 4, &device).unwrap());
}

#[test]
fn conformers_are_judged_up_to_rotation_and_only_if_finite() {
    let [_, molecule] = ensembles();
    let turned = |x: &Vec<[f64; 3]>| x.iter().map(|&[x, y, z]| [-y, x, z + 1.0]).collect::<Vec<_>>();
    let generated: Vec<_> = molecule.conformers.iter().map(turned).collect();
    let scores = judge(&molecule, &generated, 0.5).unwrap();
    assert!(scores.cov_r == 1.0 && scores.cov_p == 1.0 && scores.mat_r < 1e-7 && scores.mat_p < 1e-7);
    assert!(judge(&molecule, &[vec![[f64::NAN; 3]; 4]], 0.5).is_none());
    assert!(judge(&molecule, &[], 0.5).is_none());
}
