//! `chamber bench` through the binary: what it counts, not how fast it is.

use std::process::{Command, Output};

fn bench(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chamber")).arg("bench").args(args).output().unwrap()
}

#[test]
fn speeds_are_counted_from_jets_time_and_operations() {
    let output =
        bench(&["jets", "-n", "128", "--repeats", "1", "--steps", "2,3", "--python", "no-such-python", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["pythia"].is_null());
    for (key, value) in told["roofline"].as_object().unwrap() {
        assert!(value.as_f64().unwrap() > 0.0, "{key}");
    }
    let speeds = told["speeds"].as_array().unwrap();
    assert_eq!(speeds.iter().map(|s| s["evaluations"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3]);
    // The same jets in both: the operations of one evaluation of one of them are what they are.
    let operations = |s: &serde_json::Value| {
        s["gflops"].as_f64().unwrap() / (s["jets_per_second"].as_f64().unwrap() * s["evaluations"].as_f64().unwrap())
    };
    assert!((operations(&speeds[0]) / operations(&speeds[1]) - 1.0).abs() < 1e-9);
    // 253 443 parameters, of which two thirds (48 w^2 of 4 blocks) meet each of at most 30 particles: less than 20 million operations.
    let million = 1e3 * operations(&speeds[0]);
    assert!((2.0 * 0.196 * 10.0..20.0).contains(&million), "{million}");
}

#[test]
fn an_unknown_model_is_a_mistake_with_a_suggestion() {
    let output = bench(&["jet"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean 'jets'"));
}
