//! The laboratory: what methods are known to do on distributions in the plane, and its page through the binary.

use std::path::Path;
use std::process::Command;

use cloudchamber::lab::{Comparison, Entry, Failure, Goal, LabRecipe, Target};

fn recipe(name: &str, settings: &[&str]) -> LabRecipe {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../recipes/toys/{name}.toml"));
    LabRecipe::load(&path, &settings.iter().map(|s| s.to_string()).collect::<Vec<_>>()).unwrap()
}

/// The entries of a comparison without failures.
fn all(outcome: Result<(Vec<Entry>, Vec<Failure>), cloudchamber::Error>) -> Vec<Entry> {
    let (entries, failures) = outcome.unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    entries
}

#[test]
fn a_method_that_fails_does_not_cost_the_others_their_results() {
    let settings = ["train.steps=5", "train.batch=16", "evaluations=[2]"];
    // A straightened flow without its teacher.
    let recipes = ["rectified-flow", "edm"].map(|name| recipe(name, &settings));
    let comparison = Comparison { target: Target::Moons, points: 16, repeats: 1, seed: 1 };
    let (entries, failures) = comparison.run(&recipes, &|_| {}).unwrap();
    assert_eq!(entries.iter().map(|e| e.measured.name.as_str()).collect::<Vec<_>>(), ["edm"]);
    assert!(
        matches!(&failures[..], [(name, error)] if name == "rectified-flow" && error.to_string().contains("teacher"))
    );
}

#[test]
fn every_bundled_recipe_is_valid_and_explains_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/toys");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let recipe = LabRecipe::load(&path, &[]).unwrap();
        assert!(recipe.about.ends_with('.') && !recipe.title.is_empty(), "{}", path.display());
        count += 1;
    }
    assert!(count > 5);
}

/// Published for this target (arXiv:2302.00482, and the ordering of arXiv:2503.10636): one Euler step of a flow trained on random pairs
/// lands far from the data, one of a flow trained on optimal pairs much nearer; with many steps both arrive. A short training suffices to see
/// it: a factor of two is many times the spread between seeds (about a tenth of the floor), and stands for what it leaves unlearnt.
#[test]
fn optimal_pairs_make_one_step_enough_and_random_pairs_do_not() {
    let settings = ["train.steps=1500", "network.width=64", "evaluations=[1,32]"];
    let recipes = ["flow-matching", "ot-flow-matching"].map(|name| recipe(name, &settings));
    let comparison = Comparison { target: Target::EightGaussians, points: 512, repeats: 2, seed: 1 };
    let floor = comparison.floor(&Goal::Target).value;
    let entries = all(comparison.run(&recipes, &|_| {}));
    let distance = |i: usize, k: usize| entries[i].measured.distances[k].1.value;
    let (random, optimal) = (distance(0, 0), distance(1, 0));
    assert!(random > 2.0 * optimal && random > 4.0 * floor, "one step: {random}, optimal {optimal}, floor {floor}");
    for entry in &entries {
        let many = entry.measured.distances[1].1.value;
        assert!(many < 2.0 * floor, "{}: {many} at 32 steps, floor {floor}", entry.measured.name);
    }
}

#[test]
fn a_straightened_flow_is_better_in_one_step_than_its_teacher() {
    let settings = ["train.steps=800", "network.width=64", "train.batch=128", "evaluations=[1]"];
    let recipes = ["flow-matching", "rectified-flow"].map(|name| recipe(name, &settings));
    let comparison = Comparison { target: Target::Moons, points: 256, repeats: 2, seed: 1 };
    let entries = all(comparison.run(&recipes, &|_| {}));
    let distance = |i: usize| entries[i].measured.distances[0].1.value;
    assert!(distance(1) < 0.6 * distance(0), "{} against its teacher's {}", distance(1), distance(0));
}

#[test]
fn a_method_does_not_depend_on_what_is_trained_beside_it() {
    let settings = ["train.steps=20", "train.batch=32", "evaluations=[2,4]"];
    let recipes = ["edm", "flow-matching", "sliced-score", "meanflow"].map(|name| recipe(name, &settings));
    let comparison = Comparison { target: Target::Spirals, points: 64, repeats: 1, seed: 1 };
    let together = all(comparison.run(&recipes, &|_| {}));
    for (recipe, entry) in recipes.into_iter().zip(together) {
        let alone = all(comparison.run(&[recipe], &|_| {}));
        assert_eq!(alone[0].measured.distances, entry.measured.distances, "{}", entry.measured.name);
    }
}

#[test]
fn the_page_and_the_figures_come_out_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let chamber =
        |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_chamber")).args(args).current_dir(&dir).output().unwrap();
    let quick = ["--set", "train.steps=20", "--set", "train.batch=32", "-n", "32", "--repeats", "2", "-q"];
    let go = [&["lab", "edm", "rectified-flow", "--target", "moons", "--json"], &quick[..]].concat();
    let output = chamber(&go);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = figures["methods"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["edm", "flow-matching", "rectified-flow"], "the teacher comes along");
    assert!(figures["floor"]["value"].as_f64().unwrap() > 0.0);
    let page = std::fs::read_to_string(dir.path().join("lab.html")).unwrap();
    assert!(page.matches("<svg").count() > 3 && !page.contains("NaN") && !page.contains("src=\"http"));

    for (args, status, words) in [
        (&["lab", "flow-maching", "--force"][..], 2, &["flow-matching"][..]),
        (&["lab", "edm", "--target", "moon", "--force"], 2, &["moons"]),
        (&["lab", "edm"], 2, &["lab.html exists", "--force"]),
        (&["lab", "edm", "--force", "--set", "train.stepz=3"], 2, &["train", "did you mean 'steps'?"]),
        (&["lab", "edm", "--force", "--target", "none.csv"], 1, &["none.csv"]),
        (&["lab"], 2, &["METHOD"]),
    ] {
        let output = chamber(args);
        let message = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {message}");
        assert!(words.iter().all(|w| message.contains(w)), "{args:?}: {message}");
    }
}
