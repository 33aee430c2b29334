//! The program as a person meets it: mistakes are answered with file, key or row and the right exit status, and no half-written file remains.

mod bench;
mod desk;
mod distil;
mod files;
mod molecules;
mod simulate;

use std::process::Command;

use cloudchamber::collider::file::{Contents, JetWriter};
use cloudchamber::collider::{JetClass, jetnet};
use cloudchamber::model::Model;

use desk::{Desk, jets, save};

#[test]
fn every_verb_has_help_with_examples() {
    let desk = Desk::new();
    for verb in ["demo", "sample", "simulate", "train", "evaluate", "report", "convert", "models", "completions"] {
        let output = desk.run(&[verb, "--help"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains("Examples:") && text.contains(&format!("chamber {verb}")),
            "{verb}:\n{text}"
        );
    }
    let output = desk.run(&["completions", "bash"]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("_chamber"));
}

#[test]
fn a_mistyped_verb_or_option_is_answered_with_the_nearest() {
    let desk = Desk::new();
    desk.fails(&["smaple"], 2, &["smaple", "sample"]);
    desk.fails(&["sample", "m", "-n", "1", "-o", "a.h5", "--sede", "3"], 2, &["--sede", "--seed"]);
    desk.fails(&["sample", "m", "-n", "1", "-o", "a.h5", "--sampler", "huen"], 2, &["huen", "heun", "dpmpp2m"]);
    desk.fails(&["sample", "m", "-n", "1", "-o", "a.h5", "--class", "b"], 2, &["'b'", "known: g, gluon, q"]);
    desk.fails(&["sample", "m", "-n", "1", "-o", "a.h5", "--class", "gloun"], 2, &["gloun", "gluon"]);
}

#[test]
fn impossible_numbers_of_jets_are_refused() {
    let desk = Desk::new();
    let model = desk.model();
    let model = model.to_str().unwrap();
    desk.fails(&["sample", model, "-n", "0", "-o", "a.h5"], 2, &["-n", "0"]);
    desk.fails(&["sample", model, "-n", "-5", "-o", "a.h5"], 2, &["-5"]);
    desk.fails(&["sample", model, "-n", "99999999999999999999999", "-o", "a.h5"], 2, &["too large"]);
    desk.fails(
        &["sample", model, "-n", "1000000000000000", "-o", "a.h5"],
        1,
        &["a.h5", "1000000000000000 records need", "MB free", "-n"],
    );
    desk.fails(&["sample", model, "-n", "2", "--first", "18446744073709551615", "-o", "a.h5"], 2, &["--first"]);
    desk.fails(&["sample", model, "-n", "2", "--steps", "0", "-o", "a.h5"], 2, &["--steps"]);
    desk.fails(&["sample", model, "-n", "2", "--guidance", "nan", "-o", "a.h5"], 2, &["--guidance"]);
    assert_eq!(desk.names(), ["tiny.safetensors"]);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_work() {
    let desk = Desk::new();
    let model = desk.model();
    let model = model.to_str().unwrap();
    desk.write("file", "x");
    desk.write("old.h5", "precious");
    // A path below a regular file cannot be written by anybody, not even by root.
    desk.fails(&["sample", model, "-n", "2", "-o", "file/a.h5"], 1, &["file/a.h5", "is a file, not a directory"]);
    desk.fails(&["sample", model, "-n", "2", "-o", "none/a.h5"], 1, &["none/a.h5", "does not exist"]);
    desk.fails(&["sample", model, "-n", "2", "-o", "old.h5"], 2, &["old.h5 exists", "--force"]);
    desk.fails(&["sample", model, "-n", "2", "-o", "a.root"], 2, &["a.root", ".parquet"]);
    desk.fails(&["sample", model, "-n", "2", "--class", "w", "-o", "a.h5"], 2, &["unknown class 'w'", "g, t"]);
    assert_eq!(std::fs::read(desk.path("old.h5")).unwrap(), b"precious");
    assert_eq!(desk.names(), ["file", "old.h5", "tiny.safetensors"]);
}

#[test]
fn a_full_disk_leaves_no_file() {
    // A limit on the size of a file makes writes fail in the middle, as a full disk does.
    let desk = Desk::new();
    let model = desk.model();
    let chamber = env!("CARGO_BIN_EXE_chamber");
    let script =
        format!("trap '' XFSZ; ulimit -f 8; exec '{chamber}' sample '{}' -n 20000 --steps 1 -o a.npz", model.display());
    let output = Command::new("bash").args(["-c", &script]).current_dir(desk.dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("a.npz") && !text.contains("panicked"), "{text}");
    assert_eq!(desk.names(), ["tiny.safetensors"]);
}

#[test]
fn a_file_that_is_no_model_is_named_and_explained() {
    let desk = Desk::new();
    let model = desk.model();
    let bytes = std::fs::read(&model).unwrap();
    desk.write("cut.safetensors", &bytes[..bytes.len() / 2]);
    desk.write("text.safetensors", "hello");
    std::fs::create_dir(desk.path("run")).unwrap();
    desk.fails(&["sample", "cut.safetensors", "-n", "2", "-o", "a.h5"], 1, &["cut.safetensors"]);
    desk.fails(&["sample", "text.safetensors", "-n", "2", "-o", "a.h5"], 1, &["text.safetensors"]);
    desk.fails(&["sample", "none.safetensors", "-n", "2", "-o", "a.h5"], 1, &["none.safetensors"]);
    desk.fails(&["sample", "run", "-n", "2", "-o", "a.h5"], 1, &["run", "model.safetensors"]);
    desk.fails(&["sample", "nosuchmodel", "-n", "2", "-o", "a.h5"], 2, &["unknown model 'nosuchmodel'"]);
    assert!(!desk.path("a.h5").exists());
}

#[test]
fn weights_of_another_network_are_refused_by_the_array_that_differs() {
    let desk = Desk::new();
    let path = desk.model();
    let mut model = Model::load(&path).unwrap();
    model.meta.recipe_toml = model.meta.recipe_toml.replacen("width = 16", "width = 32", 1);
    model.save(&desk.path("other.safetensors")).unwrap();
    desk.fails(&["sample", "other.safetensors", "-n", "2", "-o", "a.h5"], 1, &["other.safetensors", "array", "shape"]);
}

#[test]
fn a_range_split_over_two_calls_gives_the_jets_of_one_call() {
    let desk = Desk::new();
    let model = desk.model();
    let model = model.to_str().unwrap();
    let sample = |first: &str, n: &str, threads: &str, out: &str| {
        let output = desk.run(&[
            "sample",
            model,
            "-n",
            n,
            "--first",
            first,
            "--seed",
            "7",
            "--class",
            "t",
            "--threads",
            threads,
            "-o",
            out,
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("jets/s"));
        jetnet::read(desk.path(out)).unwrap()
    };
    let whole = sample("10", "700", "2", "whole.h5");
    let mut parts = sample("10", "333", "1", "first.h5");
    parts.extend(&sample("343", "367", "2", "second.h5")).unwrap();
    assert_eq!(whole.len(), 700);
    assert_eq!(whole, parts);
}

#[test]
fn mixed_classes_are_written_with_their_class() {
    let desk = Desk::new();
    let model = desk.model();
    let output = desk.run(&["sample", model.to_str().unwrap(), "-n", "300", "-o", "mixed.h5", "-q"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let classes = jetnet::Reader::open(desk.path("mixed.h5")).unwrap().read_classes(0..300).unwrap().unwrap();
    for class in [JetClass::G, JetClass::T] {
        assert!(classes.contains(&class), "{class}");
    }
}

/// A JetNet file with exactly these numbers, of `[n, 6, columns]` and `[n, 4]`, however wrong they are.

#[test]
fn an_evaluation_is_printed_as_table_and_as_json_and_as_a_page() {
    let desk = Desk::new();
    save(&desk.path("g.hdf5"), &jets(1, 300));
    let new = jets(3, 300);
    let attributes = [("conditions", "generated"), ("seed", "42")].map(|(k, v)| (k.to_string(), v.to_string()));
    let contents = Contents { jets: new.len(), capacity: new.capacity, mixed: false, attributes: attributes.to_vec() };
    let mut writer = JetWriter::create(desk.path("g-new.hdf5"), contents).unwrap();
    writer.write(&new, &[]).unwrap();
    writer.finish().unwrap();
    let args = ["evaluate", "g-new.hdf5", "--real", "g.hdf5", "--quick", "-q"];
    let table = String::from_utf8(desk.run(&args).stdout).unwrap();
    let output = desk.run(&[&args[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for figure in json["classes"][0]["figures"].as_array().unwrap() {
        assert!(table.contains(figure["name"].as_str().unwrap()));
        assert!(figure["value"]["value"].is_f64() && figure["floor"]["error"].is_f64(), "{figure}");
    }
    let report = ["report", "g-new.hdf5", "--real", "g.hdf5", "--quick", "-o", "page.html"];
    assert!(desk.run(&report).status.success());
    let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
    assert!(
        page.contains("<svg") && page.contains("W1M") && !page.contains("src=\"http"),
        "one page, nothing from elsewhere"
    );
    for text in [&table, &page] {
        assert!(text.contains("conditions") && text.contains("seed 42"), "the origin that the file states: {text}");
    }
    desk.fails(&report, 2, &["page.html exists", "--force"]);
}

#[test]
fn a_wrong_recipe_is_answered_with_file_and_key_and_makes_no_run() {
    let desk = Desk::new();
    save(&desk.path("g.hdf5"), &jets(1, 100));
    desk.write("r.toml", "[data]\nfiles = { g = \"g.hdf5\" }\nparticles = 6\n[train]\nlearnin_rate = 1e-3\n");
    desk.write("ok.toml", "[data]\nfiles = { g = \"g.hdf5\" }\nparticles = 6\n");
    desk.write("broken.toml", "[data\n");
    desk.fails(&["train", "r.toml", "--out", "run"], 2, &["r.toml", "[train]", "did you mean 'learning_rate'"]);
    desk.fails(&["train", "broken.toml", "--out", "run"], 2, &["broken.toml", "line 1"]);
    desk.fails(&["train", "none.toml", "--out", "run"], 1, &["none.toml"]);
    desk.fails(
        &["train", "ok.toml", "--out", "run", "--set", "network.kind=transfomer"],
        2,
        &["network.kind", "did you mean 'transformer'"],
    );
    desk.fails(
        &["train", "ok.toml", "--out", "run", "--set", "network.kind=transformer", "--set", "network.width=100"],
        2,
        &["network.heads", "network.width"],
    );
    desk.fails(
        &["train", "ok.toml", "--out", "run", "--set", "data.files.t=none.hdf5"],
        2,
        &["data.files.t", "none.hdf5"],
    );
    desk.fails(&["train", "ok.toml", "--out", "run", "--resume", "run"], 2, &["--resume"]);
    desk.fails(&["train", "--resume", "nowhere"], 1, &["nowhere"]);
    desk.fails(&["train", "ok.toml", "--out", "g.hdf5/run"], 1, &["g.hdf5/run"]);
    desk.fails(
        &["train", "ok.toml", "--out", "run", "--set", "data.particles=30"],
        2,
        &["data.particles = 30", "6 particle slots"],
    );
    assert!(!desk.path("run").exists());
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_device_that_was_not_built_in_is_explained() {
    let desk = Desk::new();
    desk.model();
    desk.fails(
        &["sample", "tiny.safetensors", "-n", "2", "--device", "cuda", "-o", "a.h5"],
        2,
        &["--device cuda", "--features cuda"],
    );
    assert_eq!(desk.names(), ["tiny.safetensors"]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let desk = Desk::new();
    let script =
        format!("'{}' completions zsh | head -1 > /dev/null; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_chamber"));
    assert!(Command::new("bash").args(["-c", &script]).current_dir(desk.dir.path()).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn an_interrupted_sampling_leaves_no_file_and_status_130() {
    let desk = Desk::new();
    let model = desk.model();
    let mut child = Command::new(env!("CARGO_BIN_EXE_chamber"))
        .args(["sample", model.to_str().unwrap(), "-n", "1000000", "--steps", "50", "-o", "a.h5", "-q"])
        .current_dir(desk.dir.path())
        .spawn()
        .unwrap();
    let begun = |desk: &Desk| desk.names().iter().any(|n| n.contains("partial"));
    for _ in 0..600 {
        if begun(&desk) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(begun(&desk), "the partial file appears under another name");
    assert!(!desk.path("a.h5").exists());
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(desk.names(), ["tiny.safetensors"]);
}
