//! Sampling through the binary with the bundled model: the same event is the same jet, however it was asked for.

use std::path::{Path, PathBuf};
use std::process::Command;

use collider::{JetClass, Jets, jetnet};

fn sample(dir: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let path = dir.join(name);
    let status = Command::new(env!("CARGO_BIN_EXE_chamber"))
        .args(["--quiet", "sample", "jets", "--steps", "4"])
        .args(arguments)
        .arg("-o")
        .arg(&path)
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    path
}

fn jets(dir: &Path, name: &str, arguments: &[&str]) -> Jets {
    jetnet::read(sample(dir, name, arguments)).unwrap()
}

#[test]
fn splitting_a_range_or_changing_the_threads_gives_exactly_the_same_jets() {
    let dir = tempfile::tempdir().unwrap();
    // 300 events cross two boundaries of the tiles of 128; the pieces do not lie on any.
    let whole = jets(dir.path(), "a.hdf5", &["-n", "300", "--class", "t", "--seed", "7", "--threads", "2"]);
    let mut pieces = jets(dir.path(), "b.hdf5", &["-n", "100", "--class", "t", "--seed", "7", "--threads", "1"]);
    for (name, first, n) in [("c.hdf5", "100", "30"), ("d.hdf5", "130", "170")] {
        let piece =
            jets(dir.path(), name, &["-n", n, "--first", first, "--class", "t", "--seed", "7", "--threads", "1"]);
        pieces.extend(&piece).unwrap();
    }
    assert_eq!(whole, pieces);
    let other = jets(dir.path(), "e.hdf5", &["-n", "300", "--class", "t", "--seed", "8"]);
    assert_ne!(whole, other);
}

#[test]
fn generated_jets_are_physical_and_close_onto_their_jet_level_quantities() {
    let dir = tempfile::tempdir().unwrap();
    let jets = jets(dir.path(), "g.hdf5", &["-n", "256", "--class", "g"]);
    jets.validate().unwrap();
    assert_eq!(jets.len(), 256);
    for i in 0..jets.len() {
        let particles = jets.particles_of(i);
        assert_eq!(jets.jet[i][3], particles.len() as f32);
        assert!(particles.windows(2).all(|pair| pair[0][2] >= pair[1][2]), "jet {i} is not sorted by pT");
        assert!((800.0..1600.0).contains(&jets.jet[i][0]), "pT of jet {i} outside the training range");
    }
}

#[test]
fn a_mixed_sample_says_which_jet_is_of_which_class() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path(), "mixed.hdf5", &["-n", "500"]);
    let classes = jetnet::Reader::open(&path).unwrap().read_classes(0..500).unwrap().expect("classes are stored");
    for class in JetClass::ALL {
        // Binomial(500, 1/5): mean 100, sigma 8.9.
        let n = classes.iter().filter(|c| **c == class).count() as f64;
        assert!((n - 100.0).abs() < 5.0 * 8.9, "{n} jets of class {class}");
    }
}

#[test]
fn guidance_of_strength_one_is_no_guidance_and_another_strength_changes_the_jets() {
    let dir = tempfile::tempdir().unwrap();
    let n = ["-n", "64", "--class", "q"];
    let plain = jets(dir.path(), "a.hdf5", &n);
    let one = jets(dir.path(), "b.hdf5", &[&n[..], &["--guidance", "1"]].concat());
    let two = jets(dir.path(), "c.hdf5", &[&n[..], &["--guidance", "2"]].concat());
    assert_eq!(plain, one);
    assert_ne!(plain, two);
}
