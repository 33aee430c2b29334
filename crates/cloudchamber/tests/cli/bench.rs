//! `chamber bench` through the binary: what it counts, not how fast it is.

use super::desk::Desk;

#[test]
fn speeds_are_counted_from_jets_time_and_operations() {
    let measure = [
        "bench",
        "jets",
        "-n",
        "128",
        "--repeats",
        "1",
        "--steps",
        "2,3",
        "--precision",
        "single",
        "--python",
        "no-such-python",
        "--json",
    ];
    let output = Desk::new().run(&measure);
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
    // Of a block's matrices, 8 w^2 numbers (queries, keys, values, projection, perceptron of twice the width) meet each of the 10 to 30
    // particles of a top jet, 6 w latent only the jet; attention adds less than that again at these sizes.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/jets.safetensors");
    let network = cloudchamber::model::Model::load(file.as_ref()).unwrap().recipe.network;
    let particle = 2e-9 * (network.layers * 8 * network.width * network.width) as f64;
    let one = operations(&speeds[0]);
    assert!((10.0 * particle..2.0 * 30.0 * particle).contains(&one), "{one} of {particle} for a particle");
}

#[test]
fn an_unknown_model_is_a_mistake_with_a_suggestion() {
    Desk::new().fails(&["bench", "jet"], 2, &["did you mean 'jets'"]);
}
