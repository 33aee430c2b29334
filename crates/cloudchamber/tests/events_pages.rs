//! Judged events through the binary: pages, comparisons, weights, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudchamber::collider::zjets::Event;
use cloudchamber::events::EventModel;
use cloudchamber::events::files::{self, EventWriter};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/zjets/zjets.parquet")
}

fn chamber(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chamber")).current_dir(dir).arg("--quiet").args(words).output().unwrap()
}

/// What the program printed on standard error; it must have ended with this status.
fn complaint(output: &Output, status: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{text}");
    text
}

fn json(output: &Output) -> serde_json::Value {
    complaint(output, 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(path: &Path, events: &[Event], attributes: &[(&str, &str)]) {
    let attributes: Vec<(String, String)> = attributes.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let mut writer = EventWriter::create(path, &attributes).unwrap();
    writer.write(events).unwrap();
    writer.finish().unwrap();
}

/// Thirds of the bundled events: truth, floor, and "generated" ones, half of whose events with a soft Z are missing.
fn thirds(dir: &Path) -> Vec<Event> {
    let all = files::read(&data(), None).unwrap();
    let third = |k: usize| -> Vec<Event> { all.iter().skip(k).step_by(3).cloned().collect() };
    write(&dir.join("truth.parquet"), &third(0), &[]);
    write(&dir.join("floor.parquet"), &third(1), &[]);
    let soft = |e: &Event| e.boson().pt() < 40.0;
    let ours: Vec<Event> =
        third(2).into_iter().enumerate().filter(|(i, e)| i % 2 == 0 || !soft(e)).map(|(_, e)| e).collect();
    write(&dir.join("ours.parquet"), &ours, &[("seed", "7")]);
    ours
}

#[test]
fn events_are_reported_compared_and_reweighted_with_the_same_figures() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ours = thirds(dir);
    let with = ["--real", "truth.parquet", "--floor", "floor.parquet", "--quick"];
    let call = |words: &[&str]| chamber(dir, &[words, &with].concat());

    let told = json(&call(&["evaluate", "ours.parquet", "--json", "--reweight", "weighted.parquet"]));
    let one = &told["generated"][0];
    assert_eq!(one["jets"].as_u64(), Some(1));
    // Half of the soft events are missing, which a classifier sees, and the floor does not show.
    assert!(one["auc"][0].as_f64() > told["floor"][0]["auc"][0].as_f64());
    let deviation = |judged: &serde_json::Value| {
        let all = judged["distributions"].as_array().unwrap();
        all.iter().find(|d| d["observable"] == "pt_z").unwrap()["deviation"].as_f64().unwrap()
    };
    assert!(deviation(one) > 1.5 * deviation(&told["floor"][0]));

    // The weights: same events, same order, same number of events by weight, soft events above hard ones.
    let weighted = files::read(&dir.join("weighted.parquet"), None).unwrap();
    assert_eq!(weighted.len(), ours.len());
    assert!(
        weighted
            .iter()
            .zip(&ours)
            .all(|(a, b)| a.jets.len() == b.jets.len() && (a.muons[0].pt - b.muons[0].pt).abs() < 1e-3)
    );
    let ones: Vec<&Event> = weighted.iter().filter(|e| e.jets.len() == 1).collect();
    let mean = |soft: bool| {
        let of: Vec<f64> = ones.iter().filter(|e| (e.boson().pt() < 40.0) == soft).map(|e| e.weight).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!((ones.iter().map(|e| e.weight).sum::<f64>() / ones.len() as f64 - 1.0).abs() < 1e-3);
    // The exact ratio of both is 2; a thousand events train each classifier, whose weights shrink towards 1.
    assert!(mean(true) / mean(false) > 1.3, "{} {}", mean(true), mean(false));
    assert_eq!(told["reweighted"][0]["jets"].as_u64(), Some(1));
    let after = json(&call(&["evaluate", "weighted.parquet", "--json"]));
    assert!(deviation(&after["generated"][0]) < deviation(one));

    // Pages: self-contained, not overwritten unless asked, with the figures of `evaluate`.
    let page = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    complaint(&call(&["report", "ours.parquet", "-o", "one.html"]), 0);
    assert!(page("one.html").contains("Z + 1 jet") && page("one.html").contains("too few"));
    assert!(page("one.html").contains("<dt>seed</dt><dd>7</dd>"), "what the file says of itself");
    assert!(complaint(&call(&["report", "ours.parquet", "-o", "one.html"]), 2).contains("--force"));
    let generators = ["compare", "Thinned=ours.parquet", "weighted.parquet", "-o", "all.html", "--json"];
    let compared = json(&call(&generators));
    assert_eq!(compared["generators"][0]["name"], "Thinned");
    assert_eq!(compared["generators"][0]["judged"], told["generated"]);
    assert_eq!(compared["generators"][1]["judged"], after["generated"]);
    assert_eq!(compared["floor"], told["floor"]);
    assert!(compared["generators"][0]["cost"]["training_seconds"].is_null());
    assert!(page("all.html").contains("Thinned") && page("all.html").contains("weighted"));
}

#[test]
fn a_run_is_sampled_and_its_cost_told() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    thirds(dir);
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/zjets/edm.toml");
    let mut train = vec!["train", recipe.to_str().unwrap(), "--out", "run"];
    let small = ["network.width=16", "network.layers=1", "train.steps=[30,20,10]", "train.batch=64", "train.warmup=5"];
    small.iter().chain(&["data.limit=1000"]).for_each(|setting| train.extend(["--set", setting]));
    complaint(&chamber(dir, &train), 0);
    complaint(&chamber(dir, &["sample", "run", "-n", "500", "--seed", "3", "-o", "events.parquet"]), 0);
    let words = ["compare", "run", "Table=events.parquet", "-n", "500", "--seed", "3", "--likelihood", "50"];
    let compared = json(&chamber(dir, &[&words[..], &["--real", "truth.parquet", "--quick", "--json"]].concat()));
    let one = &compared["generators"][0];
    // Single precision in the file moves events over edges of bins hardly ever.
    let deviation = |k: usize| compared["generators"][k]["judged"][0]["deviation"].as_f64().unwrap();
    assert!((deviation(0) - deviation(1)).abs() < 0.01 * deviation(1));
    assert_eq!(one["cost"]["likelihood"][0]["events"].as_u64(), Some(50));
    assert!(one["cost"]["events_per_second"].as_f64() > Some(0.0));
    assert_eq!((one["name"].as_str(), one["cost"]["steps"].as_u64()), (Some("run"), Some(60)));
    let parameters = EventModel::load(&dir.join("run/model.safetensors")).unwrap().parameters();
    assert_eq!(one["cost"]["parameters"].as_u64(), Some(parameters as u64));
    assert!(one["cost"]["training_seconds"].as_f64() > Some(0.0));
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    thirds(dir);
    let few = files::read(&dir.join("ours.parquet"), Some(50)).unwrap();
    write(&dir.join("few.parquet"), &few[..50], &[]);
    std::fs::create_dir(dir.join("run")).unwrap();
    std::fs::write(dir.join("run/model.safetensors"), "").unwrap();
    std::fs::write(dir.join("words.csv"), "a,b\n1,2\n").unwrap();
    let mut broken = few[..1].to_vec();
    broken[0].weight = -1.0;
    write(&dir.join("negative.parquet"), &broken, &[]);
    let real = ["--real", "truth.parquet"];
    for (words, status, texts) in [
        (vec!["evaluate", "run"], 2, vec!["chamber sample run", "events.parquet"]),
        (vec!["compare", "run"], 1, vec!["run/model.safetensors", "eight bytes"]),
        (vec!["compare", "jets"], 2, vec!["GENERATOR", "makes jets"]),
        (vec!["evaluate", "ours.parquet", "--class", "t"], 2, vec!["--class", "events"]),
        (vec!["evaluate", "ours.parquet", "--jet-pt", "-3"], 2, vec!["--jet-pt"]),
        (vec!["evaluate", "few.parquet"], 2, vec!["at least 100", "GENERATED"]),
        (vec!["evaluate", "negative.parquet"], 1, vec!["negative.parquet", "event 0", "weight"]),
        (vec!["evaluate", "words.csv"], 1, vec!["words.csv", "a, b", "mu1_pt"]),
        (vec!["compare", "a=ours.parquet", "a=floor.parquet"], 2, vec!["'a' twice", "NAME=FILE"]),
        (vec!["compare", "missing.parquet"], 1, vec!["missing.parquet"]),
        (vec!["compare", "ours.parquet", "-o", "run"], 2, vec!["directory"]),
        (vec!["evaluate", "ours.parquet", "--reweight", "few.parquet"], 2, vec!["--force"]),
    ] {
        let text = complaint(&chamber(dir, &[&words[..], &real].concat()), status);
        assert!(texts.iter().all(|t| text.contains(t)), "{words:?}: {text}");
    }
    let text = complaint(&chamber(dir, &["evaluate", "ours.parquet", "--real", "words.csv"]), 2);
    assert!(text.contains("--real") && text.contains("words.csv"), "{text}");
    let text = complaint(&chamber(dir, &["compare", "ours.parquet", "--real", "words.csv"]), 2);
    assert!(text.contains("--real") && text.contains("table of events"), "{text}");
}
