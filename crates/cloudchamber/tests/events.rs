//! Generators of events through the binary: training, resuming, sampling into tables, judging, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudchamber::collider::zjets::Event;
use cloudchamber::events::{EventModel, EventRecipe, files};
use cloudchamber::recipe::FileRecipe;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn chamber(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chamber")).arg("--quiet").args(words).output().unwrap()
}

/// What the program printed on standard error; it must have ended with this status.
fn complaint(output: &Output, status: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{text}");
    text
}

/// A small training of a recipe, with further settings.
fn train(recipe: &str, run: &Path, settings: &[&str]) -> Output {
    let small = ["network.width=32", "network.layers=1", "train.steps=[60,40,20]", "train.batch=64", "train.warmup=5"];
    let more = ["train.validate_every=20", "train.checkpoint_every=10", "data.limit=2000", "train.learning_rate=0.003"];
    let recipe = root().join("recipes/zjets").join(recipe);
    let mut words = vec!["train", recipe.to_str().unwrap(), "--out", run.to_str().unwrap()];
    small.iter().chain(&more).chain(settings).for_each(|setting| words.extend(["--set", setting]));
    chamber(&words)
}

/// Events in the single precision in which they are written: text gives the shortest number that rounds to it.
fn read(path: &Path) -> Vec<Event> {
    let mut events = files::read(path, None).unwrap();
    for event in &mut events {
        event.weight = f64::from(event.weight as f32);
        for object in event.muons.iter_mut().chain(&mut event.jets) {
            for number in [&mut object.pt, &mut object.eta, &mut object.phi, &mut object.mass] {
                *number = f64::from(*number as f32);
            }
        }
    }
    events
}

#[test]
fn every_recipe_of_events_parses_and_survives_the_round_trip() {
    for name in ["flow-matching", "ddpm", "edm", "published", "jetgpt", "inn", "bayes"] {
        let recipe = EventRecipe::load(&root().join(format!("recipes/zjets/{name}.toml")), &[]).unwrap();
        let again = EventRecipe::parse(&recipe.to_toml().unwrap(), Path::new("run/recipe.toml"), &[]).unwrap();
        assert_eq!(again.name, name);
        assert_eq!((again.network, again.path, again.objective), (recipe.network, recipe.path, recipe.objective));
    }
}

#[test]
fn a_model_is_trained_resumed_sampled_in_pieces_and_judged() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, split) = (dir.path().join("whole"), dir.path().join("split"));
    assert!(train("edm.toml", &whole, &[]).status.success());

    // A run whose second network lost its last steps goes on from its checkpoint, and ends with the same weights.
    assert!(train("edm.toml", &split, &["train.steps=[60,40,20]"]).status.success());
    std::fs::remove_file(split.join("model.safetensors")).unwrap();
    std::fs::remove_dir_all(split.join("jet3")).unwrap();
    assert!(chamber(&["train", "--resume", split.to_str().unwrap()]).status.success());
    let load = |run: &Path| EventModel::load(&run.join("model.safetensors")).unwrap();
    assert_eq!(load(&whole).networks, load(&split).networks);

    // Events 900 .. 1300 of a seed, over the edge of a tile, are those of a longer call, in every format.
    let all = dir.path().join("all.parquet");
    let model = whole.to_str().unwrap();
    assert!(chamber(&["sample", model, "-n", "1500", "--seed", "5", "-o", all.to_str().unwrap()]).status.success());
    let expected = read(&all);
    assert_eq!(expected.len(), 1500);
    for name in ["part.root", "part.hdf5", "part.npz", "part.csv"] {
        let part = dir.path().join(name);
        let words = ["sample", model, "-n", "400", "--first", "900", "--seed", "5", "--threads", "1", "-o"];
        assert!(chamber(&[&words[..], &[part.to_str().unwrap()]].concat()).status.success(), "{name}");
        assert!(read(&part) == expected[900..1300], "{name}");
    }

    // What was promised of every event holds: cuts, order, distances; and the shares of the multiplicities are those of the data.
    let cuts = load(&whole).meta.encoding.cuts;
    assert!(expected.iter().filter(|event| event.weight != 0.0).all(|event| cuts.check(event).is_ok()));
    let share = load(&whole).meta.encoding.multiplicity(1);
    let ones = expected.iter().filter(|event| event.jets.len() == 1).count() as f64;
    let sigma = (1500.0 * share * (1.0 - share)).sqrt();
    assert!((ones - 1500.0 * share).abs() < 4.0 * sigma, "{ones} events with one jet, {} expected", 1500.0 * share);

    // A hardly trained model is told from the truth, and never breaks what its coordinates promise.
    let data = root().join("data/zjets/zjets.parquet");
    let output = chamber(&["evaluate", all.to_str().unwrap(), "--real", data.to_str().unwrap(), "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = &told["generated"][0];
    assert_eq!((one["jets"].as_u64(), one["events"][0].as_u64()), (Some(1), Some(6000)));
    assert!(one["auc"][0].as_f64().unwrap() > 0.5);
    assert_eq!(one["overlapping"].as_f64(), Some(0.0));
}

#[test]
fn networks_with_a_likelihood_resume_and_sample_the_same_events_in_pieces() {
    let dir = tempfile::tempdir().unwrap();
    for (recipe, small) in [("inn.toml", "network.bins=4"), ("jetgpt.toml", "network.components=4")] {
        let (whole, split) = (dir.path().join(recipe), dir.path().join("split").join(recipe));
        let settings = ["train.steps=[30,20,10]", "network.heads=2", small];
        assert!(train(recipe, &whole, &settings).status.success());
        assert!(train(recipe, &split, &settings).status.success());
        std::fs::remove_file(split.join("model.safetensors")).unwrap();
        std::fs::remove_dir_all(split.join("jet2")).unwrap();
        assert!(chamber(&["train", "--resume", split.to_str().unwrap()]).status.success());
        let load = |run: &Path| EventModel::load(&run.join("model.safetensors")).unwrap();
        assert!(load(&whole).networks == load(&split).networks, "{recipe}");

        let model = whole.to_str().unwrap();
        let sample = |name: &str, words: &[&str]| {
            let out = dir.path().join(name);
            assert!(chamber(&[&["sample", model, "-o", out.to_str().unwrap()], words].concat()).status.success());
            read(&out)
        };
        let all = sample(&format!("{recipe}.all.parquet"), &["-n", "1100"]);
        let words = ["-n", "300", "--first", "800", "--threads", "1"];
        assert!(sample(&format!("{recipe}.part.parquet"), &words) == all[800..], "{recipe}");
        let cuts = load(&whole).meta.encoding.cuts;
        assert!(all.iter().filter(|event| event.weight != 0.0).all(|event| cuts.check(event).is_ok()));
        let refused = chamber(&["sample", model, "-n", "5", "--steps", "4", "-o", "x.csv"]);
        assert!(complaint(&refused, 2).contains("--steps"));
    }
    let wrong = train("inn.toml", &dir.path().join("wrong"), &["path.kind=\"linear\""]);
    assert!(complaint(&wrong, 2).contains("[path]"));
}

#[test]
fn a_bayesian_model_shares_its_events_among_draws_of_its_weights() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("events.parquet"));
    assert!(train("inn.toml", &run, &["bayes.draws=3", "network.bins=4"]).status.success());
    let model = EventModel::load(&run.join("model.safetensors")).unwrap();
    let plain = dir.path().join("plain");
    assert!(train("inn.toml", &plain, &["network.bins=4", "train.steps=[6,6,6]"]).status.success());
    assert_eq!(model.parameters(), 2 * EventModel::load(&plain.join("model.safetensors")).unwrap().parameters());

    let sample = |words: &[&str]| {
        let to = ["sample", run.to_str().unwrap(), "--force", "-o", out.to_str().unwrap()];
        assert!(chamber(&[&to, words].concat()).status.success());
        read(&out)
    };
    // Draws take turns of 1024 events.
    let events = sample(&["-n", "5000"]);
    assert!(events.iter().enumerate().all(|(i, event)| event.draw as usize == i / 1024 % 3));
    // Another draw makes other events of the same random numbers; the same draw the same ones.
    let one = sample(&["-n", "2000", "--draws", "1"]);
    assert!(one[..1024] == events[..1024] && one[1024] != events[1024]);
    let refused = chamber(&["sample", plain.to_str().unwrap(), "-n", "5", "--draws", "2", "-o", "x.csv"]);
    assert!(complaint(&refused, 2).contains("--draws"));
}

#[test]
fn weighted_events_say_so_and_forbid_what_is_too_close() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("events.parquet"));
    assert!(train("published.toml", &run, &["sample.steps=4"]).status.success());
    let words = ["sample", run.to_str().unwrap(), "-n", "600", "--jets", "2", "-o", out.to_str().unwrap()];
    assert!(chamber(&words).status.success());
    let events = read(&out);
    assert!(events.iter().all(|event| event.jets.len() == 2));
    // 1/f with f from .2 to 1.5: an event of two jets at a distance R below 1.5 weighs 1.3/(R - .2).
    for event in &events {
        let r = event.closest_jets();
        let expected = if r < 0.4 { 0.0 } else { (1.3 / (r - 0.2)).max(1.0) };
        // Single precision in the file; close to the cut, it decides.
        assert!(
            (event.weight - expected).abs() < 1e-3 * (1.0 + expected) || (r - 0.4).abs() < 1e-4,
            "{r}: {}",
            event.weight
        );
    }
    assert!(events.iter().any(|event| event.weight > 1.0));
}

#[test]
fn mistakes_are_named_with_file_row_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let table = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let header = "mu1_pt,mu1_eta,mu1_phi,mu2_pt,mu2_eta,mu2_phi,j1_pt,j1_eta,j1_phi,j1_mass\n";
    let good = "30.5,0.1,0.2,40.5,-0.3,2.5,35.5,1.0,-2.5,5.5\n";
    let soft = table("soft.csv", &format!("{header}{good}30.5,0.1,0.2,40.5,-0.3,2.5,12.5,1.0,-2.5,5.5\n"));
    let set = |path: &Path| format!("data.files=[\"{}\"]", path.display());
    let text = complaint(&train("edm.toml", &run, &[&set(&soft)]), 1);
    assert!(text.contains("soft.csv") && text.contains("row 1") && text.contains("12.5 GeV"), "{text}");

    let strange = table("strange.csv", "a,b\n1,2\n");
    let text = complaint(&train("edm.toml", &dir.path().join("r2"), &[&set(&strange)]), 1);
    assert!(text.contains("strange.csv") && text.contains("a, b") && text.contains("mu1_pt"), "{text}");

    let text = complaint(&train("edm.toml", &dir.path().join("r3"), &["data.edge=\"weights\""]), 2);
    assert!(text.contains("data.coordinates") && text.contains("reject"), "{text}");
    let text = complaint(&train("edm.toml", &dir.path().join("r4"), &["data.cordinates=\"boson\""]), 2);
    assert!(text.contains("coordinates"), "{text}");
    let text = complaint(&train("edm.toml", &dir.path().join("r5"), &["data.files=[]"]), 2);
    assert!(text.contains("data.files"), "{text}");

    let words = ["sample", "jets", "-n", "5", "--jets", "2", "--class", "t", "-o", "x.hdf5"];
    let text = complaint(&chamber(&words), 2);
    assert!(text.contains("--jets"), "{text}");
}
