//! Distillation through the binary: a tiny teacher, its few-step student, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudchamber::model::Model;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn chamber(args: &[&str], settings: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chamber"));
    command.arg("--quiet").args(args);
    settings.iter().for_each(|setting| {
        command.args(["--set", setting]);
    });
    command.output().unwrap()
}

fn done(output: Output) -> Output {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Refused as a mistake of usage, with words that say why.
fn refused(output: &Output, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    words.iter().for_each(|word| assert!(text.contains(word), "{word}: {text}"));
}

const SMALL: [&str; 11] = [
    "data.limit=200",
    "train.steps=30",
    "train.jet_steps=20",
    "train.batch=32",
    "train.jet_batch=32",
    "train.warmup=5",
    "train.validate_every=20",
    "train.checkpoint_every=10",
    "path.kind=edm",
    "objective.target=edm",
    "network.width=16",
];

#[test]
fn a_student_samples_at_its_own_levels_and_can_teach_in_turn() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let quick = root().join("recipes/jets/quick.toml").to_str().unwrap().to_string();
    done(chamber(&["train", &quick, "--out", &at("teacher")], &SMALL));

    // The student's own recipe: data, teacher, levels and a few steps; networks, path and objective are the teacher's.
    let data = root().join("data/jets");
    let text = format!(
        "[data]\ndir = \"{}\"\nlimit = 200\n[distil]\nteacher = \"teacher\"\n[train]\nsteps = 20\nbatch = 32\nwarmup = 5\n\
         validate_every = 20\ncheckpoint_every = 10\n[sample]\nsampler = \"ddim\"\ngrid = \"levels\"\nsteps = 2\nsigmas = [5.0, 0.5]\n",
        data.display()
    );
    std::fs::write(at("student.toml"), text).unwrap();
    done(chamber(&["train", &at("student.toml"), "--out", &at("two")], &[]));
    let (teacher, two) = (
        Model::load(&dir.path().join("teacher/model.safetensors")).unwrap(),
        Model::load(&dir.path().join("two/model.safetensors")).unwrap(),
    );
    assert_eq!(two.table, teacher.table, "the jet-level network is the teacher's");
    assert_ne!(two.cloud, teacher.cloud);
    assert_eq!((&two.recipe.network, &two.recipe.path), (&teacher.recipe.network, &teacher.recipe.path));
    // Finished: resuming has nothing left to do, and finds the teacher again.
    done(chamber(&["train", "--resume", &at("two")], &[]));
    let again = Model::load(&dir.path().join("two/model.safetensors")).unwrap();
    assert_eq!((again.cloud, again.meta.recipe_toml), (two.cloud.clone(), two.meta.recipe_toml.clone()));
    assert!(two.meta.recipe_toml.contains("teacher = \"teacher\""), "{}", two.meta.recipe_toml);

    // One step from two, by the two-step student.
    let two_steps = format!("distil.teacher={}", at("two"));
    let one = [&two_steps[..], "sample.steps=1", "sample.sigmas=[5.0]", "distil.method=consistency"];
    done(chamber(&["train", &at("student.toml"), "--out", &at("one")], &one));
    for (run, evaluations) in [("two", 2), ("one", 1)] {
        let said = done(chamber(&["sample", &at(run), "-n", "20", "-o", &at(&format!("{run}.h5"))], &[])).stdout;
        let told = String::from_utf8_lossy(&said).into_owned();
        assert!(told.contains(&format!("{evaluations} network evaluations per jet")), "{told}");
    }

    refused(
        &chamber(&["sample", &at("two"), "-n", "20", "--steps", "3", "-o", &at("x.h5")], &[]),
        &["--steps", "[5.0, 0.5]"],
    );
    let heun = chamber(&["sample", &at("two"), "-n", "20", "--sampler", "heun", "-o", &at("x.h5")], &[]);
    refused(&heun, &["--sampler", "ddim"]);
    let train = |settings: &[&str]| chamber(&["train", &at("student.toml"), "--out", &at("never")], settings);
    refused(&train(&["network.width=8"]), &["[network]", "distil.teacher"]);
    refused(&train(&["distil.teacher=nobody"]), &["distil.teacher", "nobody"]);
    refused(&train(&["data.particles=20"]), &["data.particles = 20", "set data.particles = 30"]);
    refused(&train(&[&two_steps, "sample.sigmas=[5.0, 0.4]"]), &["0.4"]);
    refused(&train(&["sample.sampler=heun"]), &["[distil]", "ddim"]);
    refused(&train(&["sample.steps=3"]), &["sample.steps = 3", "set sample.steps = 2"]);
    refused(&train(&["sample.sigmas=[0.5, 5.0]"]), &["sample.sigmas"]);
    refused(&train(&["distil.teacher_steps=0"]), &["distil.teacher_steps"]);
    refused(&train(&["sample.sigmas=[100.0, 0.5]"]), &["sample.sigmas", "100"]);
    refused(&train(&["data.limit=200", "data.files.g=g.hdf5"]), &["data.files"]);
    assert!(!Path::new(&at("never")).exists(), "what is refused leaves no run behind");
}
