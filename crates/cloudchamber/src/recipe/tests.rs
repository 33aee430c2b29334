use super::*;

fn parse(text: &str, overrides: &[&str]) -> Result<Recipe, Error> {
    let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
    Recipe::parse(text, Path::new("my.toml"), &overrides)
}

fn refusal(text: &str, overrides: &[&str]) -> String {
    let error = parse(text, overrides).unwrap_err();
    assert_eq!(error.status(), 2, "a mistake in a recipe is a mistake of usage: {error}");
    error.to_string()
}

#[test]
fn an_empty_recipe_is_all_defaults_named_after_its_file() {
    assert_eq!(parse("", &[]).unwrap(), Recipe { name: "my".into(), source: "my.toml".into(), ..Recipe::default() });
}

#[test]
fn the_written_recipe_reads_back_as_itself() {
    let text = r#"
        [data]
        files = { g = "/d/g.hdf5", z = "/d/z.hdf5" }
        limit = 100
        repeat = { z = 5 }
        [path]
        kind = "edm"
        sigma_max = 10.0
        [objective]
        target = "edm"
        times = "lognormal"
        mean = -1.2
        std = 1.2
        [train]
        patience = 3
        [sample]
        grid = "karras"
        sigma_max = 10.0
    "#;
    let recipe = parse(text, &[]).unwrap();
    assert_eq!(recipe.path, PathSection::Edm { sigma_min: 0.002, sigma_max: 10.0 });
    assert_eq!(parse(&recipe.to_toml().unwrap(), &[]).unwrap(), recipe);
    let portable = parse(&recipe.to_portable_toml().unwrap(), &[]).unwrap();
    assert_eq!(portable.data.files[&JetClass::Z], Path::new("z.hdf5"));
}

#[test]
fn overrides_are_typed_by_toml_and_need_no_quotes() {
    let recipe = parse(
        "[train]\nsteps = 5000\n",
        &["train.steps=7000", "network.kind=transformer", "network.width = 64", "train.learning_rate=3e-4"],
    )
    .unwrap();
    assert_eq!((recipe.train.steps, recipe.network.width, recipe.train.learning_rate), (7000, 64, 3e-4));
    assert_eq!(recipe.network.kind, NetworkKind::Transformer);
    assert!(refusal("", &["train.steps"]).contains("KEY=VALUE"));
    assert!(refusal("", &["train..steps=1"]).contains("KEY=VALUE"));
    assert!(refusal("name = \"x\"", &["name.first=1"]).contains("'name' to be a section"));
}

#[test]
fn a_misspelt_key_section_or_value_is_answered_with_the_nearest() {
    for (text, overrides, parts) in [
        (
            "[train]\nlearnin_rate = 0.1",
            &[][..],
            &["my.toml", "[train]", "learnin_rate", "did you mean 'learning_rate'"][..],
        ),
        ("[trian]\nsteps = 1", &[], &["trian", "did you mean 'train'"]),
        ("", &["network.widht=3"], &["[network]", "did you mean 'width'"]),
        ("[network]\nkind = \"epik\"", &[], &["network.kind", "epik", "did you mean 'epic'"]),
        ("[path]\nkind = \"linaer\"", &[], &["path", "did you mean 'linear'"]),
        ("[path]\nkind = \"edm\"\nsigma_mx = 3.0", &[], &["path", "did you mean 'sigma_max'"]),
        ("[data]\nfiles = { b = \"b.hdf5\" }", &[], &["data.files", "'b'", "known: g, q, t, w, z"]),
        ("[sample]\nsampler = \"huen\"", &[], &["sample.sampler", "did you mean 'heun'"]),
    ] {
        let message = refusal(text, overrides);
        for part in parts {
            assert!(message.contains(part), "'{part}' is missing in:\n{message}");
        }
    }
}

#[test]
fn a_wrong_type_or_range_names_the_key_and_what_is_expected() {
    for (text, parts) in [
        ("[train]\nsteps = \"many\"", ["train.steps", "many"]),
        ("[train]\nsteps = -3", ["train.steps", "-3"]),
        ("[train]\nsteps = 0", ["train.steps", "at least 1"]),
        ("[data]\nvalidation = 0.9", ["data.validation", "at most 0.5"]),
        ("[train]\nlearning_rate = nan", ["train.learning_rate", "more than 0"]),
        ("[train\nsteps = 1", ["my.toml", "line 1"]),
    ] {
        let message = refusal(text, &[]);
        for part in parts {
            assert!(message.contains(part), "'{part}' is missing in:\n{message}");
        }
    }
}

#[test]
fn contradictions_name_both_keys_and_a_remedy() {
    for (overrides, parts) in [
        (
            &["network.kind=transformer", "network.width=100"][..],
            ["network.heads = 8", "network.width = 100", "network.heads = 5"],
        ),
        (&["train.warmup=60000"], ["train.warmup = 60000", "train.steps = 50000", "train.warmup = 2500"]),
        (&["objective.mean=1.0"], ["objective.mean", "uniform", "remove"]),
        (&["path.kind=edm", "path.sigma_min=90.0"], ["path.sigma_min = 90", "path.sigma_max = 80", "smaller"]),
        (&["objective.label_dropout=0.0", "sample.guidance=2.0"], ["sample.guidance = 2", "label_dropout", "0.1"]),
        (&["train.shards=300"], ["train.shards = 300", "train.batch = 256", "shards"]),
    ] {
        let message = refusal("", overrides);
        for part in parts {
            assert!(message.contains(part), "'{part}' is missing in:\n{message}");
        }
    }
}

#[test]
fn a_recipe_that_contradicts_its_data_is_refused() {
    let recipe = parse("[data]\nparticles = 150", &[]).unwrap();
    let message = recipe.check_data(Path::new("g.hdf5"), 1000, 30).unwrap_err().to_string();
    assert!(message.contains("data.particles = 150") && message.contains("g.hdf5 (30 particle slots)"), "{message}");
    assert!(recipe.check_data(Path::new("g.hdf5"), 10, 150).unwrap_err().to_string().contains("validation"));
    assert!(recipe.check_data(Path::new("g.hdf5"), 1000, 150).is_ok());
}

#[test]
fn data_comes_from_a_directory_or_from_files_but_not_from_both() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("t.hdf5"), b"x").unwrap();
    std::fs::write(dir.path().join("r.toml"), "[data]\ndir = \".\"\n").unwrap();
    let recipe = Recipe::load(&dir.path().join("r.toml"), &[]).unwrap();
    let files = recipe.data_files().unwrap();
    assert_eq!(files.len(), 1, "relative paths start at the recipe's directory");
    assert_eq!(files[0].0, JetClass::T);
    let load = |set: &str| Recipe::load(&dir.path().join("r.toml"), &[set.to_string()]).unwrap_err().to_string();
    assert!(load("data.files.g=g.hdf5").contains("keep one of the two"));
    assert!(load("data.dir=nowhere").contains("existing directory"));
    std::fs::write(dir.path().join("s.toml"), "[data]\nfiles = { g = \"none.hdf5\" }\n").unwrap();
    let message = Recipe::load(&dir.path().join("s.toml"), &[]).unwrap_err().to_string();
    assert!(message.contains("data.files.g") && message.contains("none.hdf5"), "{message}");
}

#[test]
fn every_named_choice_builds_its_counterpart_in_the_core() {
    for kind in ["linear", "edm", "vp", "cosine", "ve"] {
        for target in diffusion::Target::NAMES {
            for weight in diffusion::Weight::NAMES {
                for times in diffusion::Times::NAMES {
                    let set = [
                        ("path.kind", kind),
                        ("objective.target", target),
                        ("objective.weight", weight),
                        ("objective.times", times),
                    ];
                    let set: Vec<String> = set.iter().map(|(k, v)| format!("{k}={v}")).collect();
                    let set: Vec<&str> = set.iter().map(String::as_str).collect();
                    let recipe = parse("", &set).unwrap();
                    let built = recipe.objective.build(&recipe.path.build().unwrap());
                    // Defaults in the recipe are the defaults of the core's own names.
                    assert_eq!(built.target, target.parse().unwrap());
                    assert_eq!(built.weight, weight.parse().unwrap());
                    assert_eq!(built.times, times.parse().unwrap());
                    assert_eq!(recipe.path.build().unwrap(), kind.parse().unwrap());
                }
            }
        }
    }
}

#[test]
fn every_grid_has_the_steps_asked_for_on_every_path() {
    for kind in ["linear", "edm", "vp", "cosine", "ve"] {
        for grid in ["uniform_t", "uniform_lambda", "karras"] {
            let recipe = parse("", &[&format!("path.kind={kind}"), &format!("sample.grid={grid}")]).unwrap();
            let built = recipe.sample.grid(&recipe.path.build().unwrap(), 9).unwrap();
            assert_eq!(built.steps(), 9, "{kind} {grid}");
        }
    }
}
