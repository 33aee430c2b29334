//! Jets through files: what is written is read back, by this crate and by others, and damage is an error, never a panic.

mod damage;
mod formats;
mod places;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use collider::file::Contents;
use collider::{JetClass, Jets};

/// Irregular jets with 1 to `capacity` particles.
fn sample(n: usize, capacity: usize) -> Jets {
    let mut jets = Jets::new(capacity);
    for i in 0..n {
        let wave = |k: usize, f: f32| ((i * 37 + k) as f32 * f).sin();
        let count = 1 + (i * 7) % capacity;
        let particles: Vec<_> =
            (0..count).map(|k| [0.4 * wave(k, 1.1), 0.4 * wave(k, 1.9), 0.6 / (k + 1) as f32]).collect();
        jets.push([1000.0 + wave(0, 0.3), 2.0 * wave(1, 0.5), 80.0 + wave(2, 0.7), count as f32], &particles).unwrap();
    }
    jets
}

fn contents(jets: &Jets, mixed: bool) -> Contents {
    let attributes = vec![("seed".to_string(), "42".to_string()), ("model".to_string(), "épic \"30\"".to_string())];
    Contents { jets: jets.len(), capacity: jets.capacity, mixed, attributes }
}

/// Runs a Python check if python3 has the module, else says that it was skipped.
fn python(module: &str, script: &str, arguments: &[&Path]) {
    let present = Command::new("python3").args(["-c", &format!("import numpy, {module}")]).output();
    if !present.is_ok_and(|o| o.status.success()) {
        println!("skipped: python3 has no {module}");
        return;
    }
    let output = Command::new("python3").args(["-c", script]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Jets as raw little-endian numbers for Python to compare with: particle_features, then jet_features.
fn raw(jets: &Jets, path: &Path) {
    let mask = jets.mask();
    let rows = jets.particles.iter().zip(&mask).flat_map(|(p, m)| [p[0], p[1], p[2], *m]);
    let bytes: Vec<u8> = rows.chain(jets.jet.iter().flatten().copied()).flat_map(f32::to_le_bytes).collect();
    fs::write(path, bytes).unwrap();
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Names in a directory, hidden ones included.
fn listing(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

fn bundled(class: JetClass) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../data/jets/{class}.hdf5"))
}
