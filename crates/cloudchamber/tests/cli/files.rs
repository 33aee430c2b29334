//! Jet files that are broken, impossible, or do not belong together.

use std::path::Path;

use cloudchamber::collider::Jets;

use super::desk::{Desk, jets, save};

fn raw(path: &Path, columns: u64, particles: &[f32], features: &[f32]) {
    let mut file = hdf5_pure::FileBuilder::new();
    let n = particles.len() as u64 / (6 * columns);
    file.create_dataset("particle_features").with_f32_data(particles).with_shape(&[n, 6, columns]);
    if !features.is_empty() {
        file.create_dataset("jet_features").with_f32_data(features).with_shape(&[features.len() as u64 / 4, 4]);
    }
    file.write(path).unwrap();
}

/// The two arrays of a JetNet file.
fn arrays(jets: &Jets) -> (Vec<f32>, Vec<f32>) {
    let rows = jets.particles.iter().zip(jets.mask()).flat_map(|(p, mask)| [p[0], p[1], p[2], mask]);
    (rows.collect(), jets.jet.iter().flatten().copied().collect())
}

#[test]
fn broken_jet_files_are_answered_with_the_file_and_what_is_wrong() {
    let desk = Desk::new();
    let good = jets(1, 100);
    save(&desk.path("g.hdf5"), &good);
    let bytes = std::fs::read(desk.path("g.hdf5")).unwrap();
    desk.write("cut.hdf5", &bytes[..bytes.len() / 2]);
    desk.write("text.hdf5", "no HDF5 at all");
    desk.write("empty.hdf5", "");
    let (particles, features) = arrays(&good);
    raw(&desk.path("lacks.hdf5"), 4, &particles, &[]);
    raw(&desk.path("shape.hdf5"), 8, &particles, &features);
    raw(&desk.path("rows.hdf5"), 4, &particles, &features[..40]);
    for (name, words) in [
        ("none.hdf5", &["none.hdf5"][..]),
        ("cut.hdf5", &["cut.hdf5"]),
        ("text.hdf5", &["text.hdf5", "HDF5"]),
        ("empty.hdf5", &["empty.hdf5", "no jets"]),
        ("lacks.hdf5", &["lacks.hdf5", "jet_features"]),
        ("shape.hdf5", &["shape.hdf5", "particle_features", "[50, 6, 8]"]),
        ("rows.hdf5", &["rows.hdf5", "jet_features", "[10, 4]"]),
    ] {
        desk.fails(&["evaluate", name, "--class", "g", "--real", "g.hdf5"], 1, words);
        desk.fails(&["evaluate", "g.hdf5", "--class", "g", "--real", name], 1, words);
        desk.write("r.toml", format!("[data]\nfiles = {{ g = \"{name}\" }}\nparticles = 6\n"));
        let status = if name == "none.hdf5" { 2 } else { 1 };
        desk.fails(&["train", "r.toml", "--out", "run"], status, words);
    }
    assert!(!desk.path("run").exists());
}

#[test]
fn jets_with_nan_or_negative_momentum_are_answered_with_row_and_column() {
    let desk = Desk::new();
    let good = jets(1, 100);
    save(&desk.path("g.hdf5"), &good);
    let (particles, features) = arrays(&good);
    for (value, column, word) in [(f32::NAN, 0, "etarel"), (f32::INFINITY, 1, "phirel"), (-0.25, 2, "ptrel")] {
        let mut bad = particles.clone();
        bad[(42 * 6 + 1) * 4 + column] = value;
        raw(&desk.path("bad.hdf5"), 4, &bad, &features);
        let shown = value.to_string();
        desk.fails(
            &["evaluate", "bad.hdf5", "--class", "g", "--real", "g.hdf5"],
            1,
            &["bad.hdf5", "jet 42", "particle 1", word, &shown],
        );
    }
    let mut bad = features.clone();
    bad[17 * 4] = -1000.0;
    raw(&desk.path("bad.hdf5"), 4, &particles, &bad);
    desk.fails(
        &["evaluate", "g.hdf5", "--class", "g", "--real", "bad.hdf5"],
        1,
        &["bad.hdf5", "jet 17", "jet pt", "-1000"],
    );
}

#[test]
fn samples_that_do_not_belong_together_are_refused() {
    let desk = Desk::new();
    save(&desk.path("g.hdf5"), &jets(1, 100));
    save(&desk.path("t.hdf5"), &jets(2, 100));
    save(&desk.path("x.hdf5"), &jets(2, 100));
    save(&desk.path("g30.hdf5"), &jets(1, 100).with_capacity_of(30));
    save(&desk.path("g-few.hdf5"), &jets(1, 3));
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.fails(&["evaluate", "g.hdf5", "--real", "t.hdf5"], 2, &["class g", "class t", "--class"]);
    desk.fails(&["evaluate", "x.hdf5", "--real", "t.hdf5"], 2, &["x.hdf5", "--class"]);
    desk.fails(&["evaluate", "g30.hdf5", "--real", "g.hdf5"], 2, &["up to 6 particles", "up to 30"]);
    desk.fails(&["evaluate", "g-few.hdf5", "--real", "g.hdf5"], 1, &["only 3 generated jets"]);
    desk.fails(&["evaluate", "g.hdf5", "--real", "empty"], 2, &["empty", "g.hdf5"]);
    desk.fails(&["evaluate", "g.hdf5", "--real", "g.hdf5", "--floor", "t.hdf5"], 2, &["--floor", "class g"]);
}
