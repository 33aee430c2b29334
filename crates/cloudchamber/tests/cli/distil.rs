//! Distillation through the binary: a tiny teacher, its few-step student, and what is refused.

use std::path::Path;

use cloudchamber::model::Model;

use super::desk::Desk;

/// `chamber train` of a recipe into a run, with settings.
fn train(recipe: &str, run: &str, settings: &[&str]) -> Vec<String> {
    let sets = settings.iter().flat_map(|setting| ["--set", setting]);
    ["--quiet", "train", recipe, "--out", run].into_iter().chain(sets).map(str::to_string).collect()
}

/// What the program prints; it must succeed.
fn done(desk: &Desk, args: &[impl AsRef<str>]) -> String {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    let output = desk.run(&args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
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
    let desk = Desk::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let quick = root.join("recipes/jets/quick.toml");
    done(&desk, &train(quick.to_str().unwrap(), "teacher", &SMALL));

    // The student's own recipe: data, teacher, levels and a few steps; networks, path and objective are the teacher's. It lies in
    // another directory than the program runs in, beside its teacher or not.
    std::fs::create_dir(desk.path("recipes")).unwrap();
    let text = format!(
        "[data]\ndir = \"{}\"\nlimit = 200\n[distil]\nteacher = \"../teacher\"\n[train]\nsteps = 20\nbatch = 32\nwarmup = 5\n\
         validate_every = 20\ncheckpoint_every = 10\n[sample]\nsampler = \"ddim\"\ngrid = \"levels\"\nsteps = 2\nsigmas = [5.0, 0.5]\n",
        root.join("data/jets").display()
    );
    desk.write("recipes/student.toml", text);
    let student = "recipes/student.toml";
    done(&desk, &train(student, "two", &[]));
    let model = |run: &str| Model::load(&desk.path(run).join("model.safetensors")).unwrap();
    let (teacher, two) = (model("teacher"), model("two"));
    assert_eq!(two.table, teacher.table, "the jet-level network is the teacher's");
    assert_ne!(two.cloud, teacher.cloud);
    assert_eq!((&two.recipe.network, &two.recipe.path), (&teacher.recipe.network, &teacher.recipe.path));
    // Finished: resuming has nothing left to do, even where the teacher is gone.
    std::fs::rename(desk.path("teacher"), desk.path("elsewhere")).unwrap();
    done(&desk, &["--quiet", "train", "--resume", "two"]);
    let again = model("two");
    assert_eq!((again.cloud, again.meta.recipe_toml), (two.cloud.clone(), two.meta.recipe_toml.clone()));
    assert!(two.meta.recipe_toml.contains("teacher = \"teacher\""), "{}", two.meta.recipe_toml);
    std::fs::rename(desk.path("elsewhere"), desk.path("teacher")).unwrap();

    // One step from two, by the two-step student, which --set names from the current directory.
    let one = ["distil.teacher=two", "sample.steps=1", "sample.sigmas=[5.0]", "distil.method=consistency"];
    done(&desk, &train(student, "one", &one));
    for (run, evaluations) in [("two", 2), ("one", 1)] {
        let told = done(&desk, &["--quiet", "sample", run, "-n", "20", "-o", &format!("{run}.h5")]);
        assert!(told.contains(&format!("{evaluations} network evaluations per jet")), "{told}");
    }

    // One network for both, told the length of its step; it teaches a network that is told in turn.
    done(&desk, &train(student, "both", &["distil.method=shortcut"]));
    let both = model("both");
    assert!(both.recipe.network.step_length && both.cloud.len() > two.cloud.len());
    done(&desk, &train(student, "last", &["distil.teacher=both", "sample.steps=1", "sample.sigmas=[5.0]"]));
    assert_eq!(model("last").cloud.len(), both.cloud.len());
    for (run, steps) in [("both", 2), ("both", 1), ("last", 1)] {
        let (number, file) = (steps.to_string(), format!("{run}-{steps}.h5"));
        let told = done(&desk, &["--quiet", "sample", run, "-n", "20", "--steps", &number, "-o", &file]);
        assert!(told.contains(&format!("{steps} network evaluations per jet")), "{told}");
    }
    desk.fails(&["sample", "both", "-n", "20", "--steps", "4", "-o", "x.h5"], 2, &["--steps", "2, 1", "[5.0, 0.5]"]);
    desk.fails(&["sample", "two", "-n", "20", "--steps", "1", "-o", "x.h5"], 2, &["--steps", "[5.0, 0.5]"]);

    desk.fails(&["sample", "two", "-n", "20", "--steps", "3", "-o", "x.h5"], 2, &["--steps", "[5.0, 0.5]"]);
    desk.fails(&["sample", "two", "-n", "20", "--sampler", "heun", "-o", "x.h5"], 2, &["--sampler", "ddim"]);
    let refused = |settings: &[&str], words: &[&str]| {
        let args = train(student, "never", settings);
        desk.fails(&args.iter().map(String::as_str).collect::<Vec<_>>(), 2, words);
    };
    refused(&["network.width=8"], &["[network]", "distil.teacher"]);
    refused(&["distil.teacher=nobody"], &["distil.teacher", "nobody"]);
    refused(&["data.particles=20"], &["data.particles = 20", "set data.particles = 30"]);
    refused(&["distil.teacher=two", "sample.sigmas=[5.0, 0.4]"], &["0.4"]);
    refused(&["sample.sampler=heun"], &["[distil]", "ddim"]);
    refused(&["sample.steps=3"], &["sample.steps = 3", "set sample.steps = 2"]);
    refused(&["sample.sigmas=[0.5, 5.0]"], &["sample.sigmas"]);
    refused(&["distil.teacher_steps=0"], &["distil.teacher_steps"]);
    refused(&["sample.sigmas=[100.0, 0.5]"], &["sample.sigmas", "100"]);
    refused(&["data.limit=200", "data.files.g=g.hdf5"], &["data.files"]);
    refused(&["distil.method=shortcut", "network.width=8"], &["[network]", "distil.teacher"]);
    refused(&["network.step_length=true"], &["[network]", "distil.teacher"]);
    refused(&["distil.method=meanflow"], &["meanflow", "mean-flow"]);
    refused(&["distil.teachr=two"], &["teachr", "teacher"]);
    assert!(!desk.path("never").exists(), "what is refused leaves no run behind");
}
