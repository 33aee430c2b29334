//! Molecules through the binary: trained, sampled into every format, judged.

use super::desk::Desk;

#[test]
fn molecules_are_learned_sampled_into_every_format_and_judged() {
    let desk = Desk::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let (recipe, real) = (format!("{root}/recipes/molecules/qm9.toml"), format!("{root}/data/molecules/qm9.parquet"));
    let small = ["network.width=16", "network.layers=1", "train.steps=2", "train.batch=8", "train.warmup=1"];
    let mut train = vec!["-q", "train", &recipe, "--out", "run"];
    small.iter().for_each(|set| train.extend(["--set", set]));
    let output = desk.run(&train);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["m.sdf", "m.extxyz", "m.parquet"] {
        let output = desk.run(&["-q", "sample", "run", "-n", "5", "--steps", "3", "-o", name]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let output = desk.run(&["-q", "evaluate", name, "--real", &real, "--json"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let judged: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(judged["generated"]["molecules"], 5, "{name}: {judged}");
    }
    desk.fails(&["sample", "run", "-n", "1", "-o", "m.txt"], 2, &["m.txt", ".sdf"]);
    assert!(!desk.names().contains(&"m.txt".to_string()));
}

/// Everything that goes wrong with one molecule costs that one alone.
#[test]
fn conformers_are_learned_sampled_by_smiles_and_from_files_and_judged() {
    let desk = Desk::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let (recipe, real) =
        (format!("{root}/recipes/molecules/confgf.toml"), format!("{root}/data/molecules/conformers.parquet"));
    let small = ["network.width=16", "network.layers=1", "train.steps=2", "train.batch=8", "train.warmup=1"];
    let mut train = vec!["-q", "train", &recipe, "--out", "run"];
    small.iter().for_each(|set| train.extend(["--set", set]));
    let output = desk.run(&train);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output =
        desk.run(&["sample", "run", "--smiles", "CCO", "--smiles", "C(", "-n", "3", "--steps", "3", "-o", "c.sdf"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("molecules left out: 1"), "{said}");
    let output = desk.run(&["-q", "sample", "run", "--sdf", "c.sdf", "-n", "2", "--steps", "3", "-o", "again.extxyz"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let judged = desk.run(&["-q", "evaluate", "c.sdf", "--real", "c.sdf", "--conformers", "--json"]);
    let judged: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert_eq!((&judged["molecules"], &judged["scores"][0]["mean"]), (&1.into(), &100.0.into()), "{judged}");
    let judged = desk.run(&["-q", "evaluate", "run", "--real", &real, "--quick"]);
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    assert!(judged.status.success() && said.contains("MAT-R"), "{said}");
    // Nothing is as far apart as that, so one of eight times three is kept; nearer than nothing is nothing.
    for (apart, kept, words) in [("100", 1, "24 drawn"), ("1e-9", 3, "3 drawn")] {
        let sample = ["-q", "sample", "run", "--smiles", "CCO", "-n", "3", "--steps", "3", "--distinct", apart];
        let output = desk.run(&[&sample[..], &["-o", "far.sdf", "--force"]].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains(words), "{said}");
        let text = std::fs::read_to_string(desk.path("far.sdf")).unwrap();
        assert_eq!(text.matches("$$$$").count(), kept, "{text}");
    }
    let judged = desk.run(&["-q", "evaluate", "run", "--real", &real, "--quick", "--distinct", "100", "--json"]);
    let judged: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert!(judged["draws"].as_u64() > judged["conformers"].as_u64(), "{judged}");
    desk.fails(&["evaluate", "c.sdf", "--real", &real, "--distinct", "1"], 2, &["--distinct"]);
    desk.fails(&["sample", "run", "--smiles", "CCO", "--distinct", "0", "-n", "1", "-o", "d.sdf"], 2, &["Angstrom"]);
    desk.fails(&["sample", "run", "-n", "1", "-o", "d.sdf"], 2, &["--smiles"]);
    desk.fails(&["sample", "run", "--smiles", "[Na+].[Cl-]", "-n", "1", "-o", "d.sdf"], 2, &["connected"]);
    desk.fails(&["sample", "run", "--smiles", "CC", "--atoms", "3", "-n", "1", "-o", "d.sdf"], 2, &["--atoms"]);
    for report in [vec!["run", "--real", &real, "--quick"], vec!["c.sdf", "--real", "c.sdf", "--conformers"]] {
        let output = desk.run(&[&["-q", "report", "-o", "page.html", "--force"], &report[..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
        assert!(page.contains("MAT-R") && page.contains("Length of C") && !page.contains("NaN"), "{report:?}");
    }
    assert!(!desk.names().contains(&"d.sdf".to_string()));
}

#[test]
fn a_training_starts_from_another_model_told_more() {
    let desk = Desk::new();
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/../../recipes/molecules/qm9.toml");
    let small = ["network.width=16", "network.layers=1", "train.steps=2", "train.batch=8", "train.warmup=1"];
    let train = |out: &str, more: &[&str]| {
        let mut train = vec!["train", recipe, "--out", out];
        small.iter().chain(more).for_each(|set| train.extend(["--set", set]));
        desk.run(&train)
    };
    assert!(train("one", &[]).status.success());
    // Steps of no length, so that the second model is the first, with zeros for what only the second is told.
    let told = ["train.init=one", "train.learning_rate=1e-30", "data.properties=[\"gap\"]", "train.seed=5"];
    let output = train("two", &told);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("starts from"), "{text}");
    let sample = |run: &str, told: &[&str]| {
        let sample = ["-q", "sample", run, "-n", "5", "--steps", "3", "-o", "m.sdf", "--force"];
        let output = desk.run(&[&sample[..], told].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(desk.path("m.sdf")).unwrap();
        text.lines().filter(|line| line.len() > 60).map(String::from).collect::<Vec<String>>()
    };
    assert_eq!(sample("one", &[]), sample("two", &["--property", "gap=0.2"]));
    // What cannot be begun leaves its place free.
    for (model, words) in [("three", "three"), ("jets", "no array that fits")] {
        let output = train("four", &[&format!("train.init={model}")]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(words), "{model}: {text}");
        assert!(!desk.names().contains(&"four".to_string()));
    }
}

#[test]
fn latents_of_molecules_are_learned_in_two_stages_that_go_on_and_have_no_bound() {
    let desk = Desk::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let (recipe, real) =
        (format!("{root}/recipes/molecules/geoldm.toml"), format!("{root}/data/molecules/qm9.parquet"));
    let small = ["network.width=16", "network.layers=1", "train.steps=2", "train.batch=8", "train.warmup=1"];
    let mut train = vec!["train", &recipe, "--out", "run", "--set", "autoencoder.steps=3"];
    small.iter().for_each(|set| train.extend(["--set", set]));
    let output = desk.run(&train);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("of elements right"), "{text}");
    assert!(desk.run(&["-q", "train", "--resume", "run"]).status.success());
    let log = std::fs::read_to_string(desk.path("run/autoencoder/log.jsonl")).unwrap();
    assert_eq!(log.matches("elements_right").count(), 1, "{log}");
    let output = desk.run(&["-q", "sample", "run", "-n", "5", "--steps", "3", "-o", "m.sdf"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = desk.run(&["-q", "report", "run", "--real", &real, "-n", "40", "-o", "m.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(std::fs::read_to_string(desk.path("m.html")).unwrap().contains("of elements right"));
    desk.fails(&["likelihood", "run", "--real", &real], 2, &["latents"]);
}
