//! Training and distillation through the binary: killed and resumed, on one thread or two, the weights come out the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cloudchamber::model::Model;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A recipe of a few hundred tiny steps on the bundled sample.
fn train(run: &Path, threads: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chamber"));
    command.args(["--quiet", "train"]).arg(root().join("recipes/jets/quick.toml")).arg("--out").arg(run);
    let small = [
        "data.limit=300",
        "network.width=16",
        "network.latent=8",
        "network.layers=1",
        "jet_network.width=16",
        "jet_network.layers=1",
        "train.steps=120",
        "train.jet_steps=40",
        "train.batch=32",
        "train.jet_batch=32",
        "train.warmup=10",
        "train.validate_every=40",
        "train.checkpoint_every=10",
    ];
    for setting in small {
        command.args(["--set", setting]);
    }
    command.args(["--threads", threads]).stdout(Stdio::null());
    command
}

fn weights(run: &Path) -> (Vec<f32>, Vec<f32>) {
    let model = Model::load(&run.join("model.safetensors")).unwrap();
    (model.table, model.cloud)
}

/// A student of `teacher` in two steps or one.
fn distil(teacher: &Path, run: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chamber"));
    command.args(["--quiet", "train"]).arg(root().join("recipes/jets/jets-shortcut.toml")).arg("--out").arg(run);
    command.arg("--set").arg(format!("data.dir={}", root().join("data/jets").display()));
    command.arg("--set").arg(format!("distil.teacher={}", teacher.display()));
    let small = [
        "data.limit=300",
        "train.steps=60",
        "train.batch=32",
        "train.warmup=10",
        "train.validate_every=40",
        "train.checkpoint_every=10",
        "sample.steps=2",
        "sample.sigmas=[5.0, 0.5]",
    ];
    for setting in small {
        command.args(["--set", setting]);
    }
    command.args(["--threads", "2"]).stdout(Stdio::null());
    command
}

#[test]
fn a_run_killed_twice_and_resumed_ends_with_the_weights_of_an_uninterrupted_one() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    killed_twice(train(&whole, "2"), &whole, train(&dir.path().join("killed"), "2"), &dir.path().join("killed"));
    let (student, killed) = (dir.path().join("student"), dir.path().join("killed student"));
    killed_twice(distil(&whole, &student), &student, distil(&whole, &killed), &killed);
}

fn killed_twice(mut uninterrupted: Command, whole: &Path, mut interrupted: Command, killed: &Path) {
    assert!(uninterrupted.status().unwrap().success());
    let mut child = interrupted.spawn().unwrap();
    for kill in 0..2 {
        // The first kill falls into the first checkpoints, the second a little after the resumption.
        let checkpoint = killed.join("checkpoint.safetensors");
        let start = Instant::now();
        let before = std::fs::metadata(&checkpoint).and_then(|m| m.modified()).ok();
        while std::fs::metadata(&checkpoint).and_then(|m| m.modified()).ok() == before {
            assert!(start.elapsed() < Duration::from_secs(240), "no checkpoint after {:?}", start.elapsed());
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut resumed = Command::new(env!("CARGO_BIN_EXE_chamber"));
        resumed.args(["--quiet", "train", "--threads", "2", "--resume"]).arg(killed).stdout(Stdio::null());
        if kill == 0 {
            child = resumed.spawn().unwrap();
        } else {
            assert!(resumed.status().unwrap().success());
        }
    }
    assert_eq!(weights(killed), weights(whole));
}

#[test]
fn the_number_of_threads_does_not_change_the_weights() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    assert!(train(&one, "1").status().unwrap().success());
    assert!(train(&two, "2").status().unwrap().success());
    assert_eq!(weights(&one), weights(&two));
}
