//! Damaged files, wrong shapes and impossible values.

use std::fs;

use collider::file::write;
use collider::jetnet::{self, Reader};
use collider::{Error, JetClass};

use super::{bundled, folder, listing, python, sample};

#[test]
fn truncated_and_altered_files_are_errors_and_never_panic() {
    let folder = folder();
    let path = folder.path().join("damaged.hdf5");
    let good = folder.path().join("good.hdf5");
    write(&good, &sample(300, 30), &[("seed".to_string(), "1".to_string())]).unwrap();
    for original in [fs::read(&good).unwrap(), fs::read(bundled(JetClass::W)).unwrap()] {
        let whole = original.len();
        // Small lengths one by one (superblock, first headers), then some hundred steps to the end.
        let lengths = (0..300).chain((300..whole).step_by(whole / 150)).chain(whole - 40..whole);
        for length in lengths {
            fs::write(&path, &original[..length]).unwrap();
            let message =
                jetnet::read(&path).map(|jets| jets.len()).expect_err("a truncated file was read").to_string();
            assert!(message.contains("damaged.hdf5"), "{message}");
        }
        // Altered bytes may go unnoticed, or give an error.
        for k in 0..600 {
            let place = if k < 300 { whole * k / 300 } else { (k - 300) * 16 % whole };
            let mut bytes = original.clone();
            bytes[place] ^= [0xff, 0x01, 0x80][k % 3];
            fs::write(&path, bytes).unwrap();
            let _ = jetnet::read(&path);
        }
    }
    fs::write(&path, "etarel phirel ptrel\n".repeat(1000)).unwrap();
    assert!(matches!(jetnet::read(&path), Err(Error::Format { format: "HDF5", .. })));
    fs::write(&path, "").unwrap();
    assert!(matches!(jetnet::read(&path), Err(Error::Empty { .. })));
}

#[test]
fn wrong_shapes_and_types_are_explained() {
    let folder = folder();
    python(
        "h5py",
        r#"
import h5py, numpy as np, os, sys
def make(name, **sets):
    with h5py.File(os.path.join(sys.argv[1], name + ".hdf5"), "w") as f:
        for key, value in sets.items(): f[key] = value
z = lambda *shape: np.zeros(shape, "f4")
make("a missing", jet_features=z(5, 4))
make("b [5, 12]", particle_features=z(5, 12), jet_features=z(5, 4))
make("c [5, 3, 5]", particle_features=z(5, 3, 5), jet_features=z(5, 4))
make("d [6, 4]", particle_features=z(5, 3, 4), jet_features=z(6, 4))
make("e [5, 2]", particle_features=z(5, 3, 4), jet_features=z(5, 2))
make("f type", particle_features=np.full((5, 3, 4), b"x"), jet_features=z(5, 4))
make("g no jets", particle_features=z(0, 3, 4), jet_features=z(0, 4))
make("h [5, 1]", particle_features=z(5, 3, 4), jet_features=z(5, 4), jet_type=z(5, 1))
make("i 65535", particle_features=z(1, 70000, 4), jet_features=z(1, 4))
with h5py.File(os.path.join(sys.argv[1], "j missing.hdf5"), "w") as f: f.create_group("particle_features")
def values(name, particle=(), jet=()):
    p, j = z(5, 3, 4), z(5, 4); p[:, 0] = [.1, .1, .5, 1]; j[:] = [1000, 0, 80, 1]
    for i, v in particle: p[i] = v
    for i, v in jet: j[i] = v
    make(name, particle_features=p, jet_features=j)
values("k jet 3, particle 0: phirel is NaN", particle=[((3, 0, 1), np.nan)])
values("l jet 4: jet mass is inf", jet=[((4, 2), np.inf)])
values("m jet 2, particle 0: ptrel is -1", particle=[((2, 0, 2), -1)])
values("n the mask is 0.5", particle=[((2, 1, 3), .5)])
values("o jet 1: jet_features states 3 particles, the mask of particle_features has 1", jet=[((1, 3), 3)])
"#,
        &[folder.path()],
    );
    for name in listing(folder.path()) {
        let message = jetnet::read(folder.path().join(&name)).expect_err(&name).to_string();
        let fragment = name[2..].strip_suffix(".hdf5").unwrap();
        let (_, problem) = message.split_once(".hdf5").unwrap();
        assert!(problem.contains(fragment), "{name}: {message}");
    }
}

#[test]
fn row_numbers_in_errors_are_those_of_the_file() {
    let folder = folder();
    let path = folder.path().join("nan.hdf5");
    python(
        "h5py",
        r#"
import h5py, numpy as np, sys
with h5py.File(sys.argv[1], "w") as f:
    p = np.ones((50, 2, 4), "f4"); p[37, 1, 0] = np.nan
    f["particle_features"] = p; f["jet_features"] = np.full((50, 4), 2, "f4")
"#,
        &[&path],
    );
    if path.exists() {
        let reader = Reader::open(&path).unwrap();
        assert_eq!(reader.read(0..37).unwrap().len(), 37);
        let message = reader.read(30..50).unwrap_err().to_string();
        assert!(message.contains("jet 37, particle 1: etarel is NaN"), "{message}");
    }
}
