//! The bundled models: all of them generate, and those of few steps make their teacher's jets.

use cloudchamber::collider::{JetClass, Jets};
use cloudchamber::home;
use cloudchamber::model::Model;
use cloudchamber::sample::{SampleOptions, sample};

const JETS: u64 = 256;

fn jets(model: &Model, steps: Option<usize>, seed: u64) -> (Jets, usize) {
    let options = SampleOptions { n: JETS, class: Some(JetClass::T), steps, seed, ..SampleOptions::for_model(model) };
    let mut all = Jets::new(model.meta.particles);
    let stats = sample(model, &options, &mut |jets, _| Ok(all.extend(jets)?), &mut |_, _| {}).unwrap();
    (all, stats.evaluations)
}

fn bundled(name: &str) -> Model {
    Model::load(&home::model_file(name).unwrap()).unwrap()
}

/// Root mean square difference of ptrel, particle by particle.
fn distance(a: &Jets, b: &Jets) -> f64 {
    let momenta = |jets: &Jets, i: usize| jets.particles_of(i).iter().map(|p| f64::from(p[2])).collect::<Vec<_>>();
    let squares: Vec<f64> = (0..JETS as usize)
        .flat_map(|i| momenta(a, i).into_iter().zip(momenta(b, i)).map(|(x, y)| (x - y).powi(2)).collect::<Vec<_>>())
        .collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

#[test]
fn models_of_few_steps_make_their_teachers_jets_from_the_same_noise() {
    let teacher = bundled("jets");
    let (limit, evaluations) = jets(&teacher, Some(40), 1);
    assert_eq!(evaluations, 40);
    let (others, _) = jets(&teacher, Some(40), 2);
    let apart = distance(&limit, &others);
    for (name, steps) in [("jets-4", 4), ("jets-1", 1)] {
        let (few, evaluations) = jets(&bundled(name), None, 1);
        assert_eq!((evaluations, &few.count), (steps, &limit.count), "{name}");
        let off = distance(&limit, &few);
        // As many steps of the teacher itself go astray.
        let (naive, _) = jets(&teacher, Some(steps), 1);
        assert!(off < 0.5 * apart, "{name}: {off} from the teacher's jets, which are {apart} from others");
        assert!(
            off < 0.5 * distance(&limit, &naive),
            "{name}: {off}, {} without distillation",
            distance(&limit, &naive)
        );
    }
}

#[test]
fn every_bundled_model_is_named_after_its_file_and_generates_all_its_classes() {
    for (name, file) in home::models() {
        let model = Model::load(&file).unwrap();
        assert_eq!(model.meta.name, name);
        for &class in &model.meta.classes {
            let options = SampleOptions { n: 16, class: Some(class), ..SampleOptions::for_model(&model) };
            let mut count = 0;
            let mut check = |jets: &Jets, classes: &[JetClass]| {
                count += jets.len();
                assert!(classes.iter().all(|c| *c == class));
                assert!((0..jets.len()).all(|i| jets.particles_of(i).iter().flatten().all(|x| x.is_finite())));
                Ok(())
            };
            sample(&model, &options, &mut check, &mut |_, _| {}).unwrap();
            assert_eq!(count, 16, "{name} {class}");
        }
    }
}
