//! Round trips, and what Python makes of the files.

use collider::file::{JetWriter, write};
use collider::jetnet::{self, Reader};
use collider::{Error, JetClass};

use super::{bundled, contents, folder, listing, python, raw, sample};

#[test]
fn jets_written_in_uneven_blocks_are_read_back_bit_for_bit() {
    let folder = folder();
    let path = folder.path().join("jets.hdf5");
    // 75 000 jets of 4 particles make 74 chunks of 1024 rows: two levels of the index, and a last chunk with padding.
    let jets = sample(75_000, 4);
    let mut writer = JetWriter::create(&path, contents(&jets, false)).unwrap();
    let mut start = 0;
    for block in [1, 9_999, 20_000, 45_000] {
        writer.write(&jets.slice(start..start + block), &[]).unwrap();
        start += block;
    }
    assert_eq!(listing(folder.path()), [format!(".jets.hdf5.partial-{}", std::process::id())]);
    writer.finish().unwrap();
    assert_eq!(listing(folder.path()), ["jets.hdf5"]);

    assert_eq!(jetnet::read(&path).unwrap(), jets);
    let reader = Reader::open(&path).unwrap();
    assert_eq!((reader.len(), reader.capacity(), reader.notes().len()), (75_000, 4, 0));
    assert_eq!(reader.attributes().iter().map(|(k, v)| (k.clone(), v.clone())).collect::<Vec<_>>(), {
        let mut attributes = contents(&jets, false).attributes;
        attributes.sort();
        attributes
    });
    for rows in [0..1, 74_999..75_000, 70_000..70_000, 1020..1030, 12_345..50_001] {
        assert_eq!(reader.read(rows.clone()).unwrap(), jets.slice(rows));
    }
    assert!(matches!(reader.read(74_999..75_001), Err(Error::Range { len: 75_000, .. })));
}

#[test]
fn h5py_reads_the_same_numbers_attributes_and_classes() {
    let folder = folder();
    let (path, numbers) = (folder.path().join("jets.h5"), folder.path().join("raw"));
    let jets = sample(70_000, 4);
    raw(&jets, &numbers);
    let classes: Vec<_> = (0..jets.len()).map(|i| JetClass::ALL[i % 5]).collect();
    let mut writer = JetWriter::create(&path, contents(&jets, true)).unwrap();
    writer.write(&jets, &classes).unwrap();
    writer.finish().unwrap();
    assert_eq!(Reader::open(&path).unwrap().read_classes(3..9).unwrap().unwrap(), classes[3..9]);
    python(
        "h5py",
        r#"
import h5py, numpy as np, sys
f = h5py.File(sys.argv[1])
raw = np.fromfile(sys.argv[2], "<f4")
p, j, t = f["particle_features"], f["jet_features"], f["jet_type"]
assert p.shape == (70000, 4, 4) and j.shape == (70000, 4) and p.dtype == "f4" and p.compression == "gzip" and p.shuffle
assert (np.concatenate([p[:].ravel(), j[:].ravel()]).view("u4") == raw.view("u4")).all()
assert (p[69999] == p[:][69999]).all() and (p[33000:33010] == p[:][33000:33010]).all()
assert t.dtype == "i1" and (t[:] == np.arange(70000) % 5).all() and t.attrs["classes"] == "g,q,t,w,z"
assert dict(f.attrs) == {"seed": "42", "model": 'épic "30"'}, dict(f.attrs)
assert p.attrs["columns"] == "etarel,phirel,ptrel,mask"
"#,
        &[&path, &numbers],
    );
}

#[test]
fn a_file_of_one_jet_is_a_file() {
    let folder = folder();
    let path = folder.path().join("one.hdf5");
    let jets = sample(1, 150);
    write(&path, &jets, &[]).unwrap();
    assert_eq!(jetnet::read(&path).unwrap(), jets);
    assert_eq!(Reader::open(&path).unwrap().read_classes(0..1).unwrap(), None);
    python(
        "h5py",
        "import h5py, sys; f = h5py.File(sys.argv[1]); assert f['particle_features'][0, 0, 3] == 1",
        &[&path],
    );
}

#[test]
fn numpy_reads_archives_of_arrays_and_attributes() {
    let folder = folder();
    let (path, numbers) = (folder.path().join("jets.npz"), folder.path().join("raw"));
    let jets = sample(1000, 30);
    raw(&jets, &numbers);
    let classes: Vec<_> = (0..jets.len()).map(|i| JetClass::ALL[i % 5]).collect();
    let mut writer = JetWriter::create(&path, contents(&jets, true)).unwrap();
    writer.write(&jets.slice(0..300), &classes[..300]).unwrap();
    writer.write(&jets.slice(300..1000), &classes[300..]).unwrap();
    writer.finish().unwrap();
    python(
        "json",
        r#"
import json, numpy as np, sys, zipfile
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
f = np.load(sys.argv[1])
raw = np.fromfile(sys.argv[2], "<f4")
assert f["particle_features"].shape == (1000, 30, 4)
assert (np.concatenate([f["particle_features"].ravel(), f["jet_features"].ravel()]).view("u4") == raw.view("u4")).all()
assert (f["jet_type"] == np.arange(1000) % 5).all()
assert json.loads(str(f["attributes"])) == {"seed": "42", "model": 'épic "30"'}
"#,
        &[&path, &numbers],
    );
}

#[test]
fn pyarrow_reads_one_row_per_jet_with_lists_of_particles() {
    let folder = folder();
    let (path, numbers) = (folder.path().join("jets.parquet"), folder.path().join("raw"));
    let mut jets = sample(40_000, 3);
    // A jet without particles is an empty list.
    jets.particles[3 * 7..3 * 8].fill([0.0; 3]);
    jets.count[7] = 0;
    raw(&jets, &numbers);
    let classes: Vec<_> = (0..jets.len()).map(|i| JetClass::ALL[i % 5]).collect();
    let mut writer = JetWriter::create(&path, contents(&jets, true)).unwrap();
    for rows in [0..30_000, 30_000..40_000] {
        writer.write(&jets.slice(rows.clone()), &classes[rows]).unwrap();
    }
    writer.finish().unwrap();
    python(
        "pyarrow.parquet",
        r#"
import numpy as np, pyarrow.parquet as pq, sys
f = pq.ParquetFile(sys.argv[1])
assert f.num_row_groups == 2
t = f.read()
raw = np.fromfile(sys.argv[2], "<f4")
p, j = raw[: 40000 * 12].reshape(40000, 3, 4), raw[40000 * 12 :].reshape(40000, 4)
real = p[..., 3] == 1
for k, name in enumerate(["etarel", "phirel", "ptrel"]):
    lists = t[name].combine_chunks()
    assert (np.asarray(lists.values).view("u4") == p[..., k][real].view("u4")).all()
    assert (np.diff(np.asarray(lists.offsets)) == real.sum(1)).all()
for k, name in enumerate(["jet_pt", "jet_eta", "jet_mass"]):
    assert (t[name].to_numpy() == j[:, k]).all()
assert (t["num_particles"].to_numpy() == real.sum(1)).all() and t["etarel"][7].as_py() == []
assert t["jet_type"].to_pylist() == [ "gqtwz"[i % 5] for i in range(40000)]
assert t.schema.metadata[b"seed"] == b"42"
"#,
        &[&path, &numbers],
    );
}

#[test]
fn files_of_h5py_are_read_whatever_their_storage() {
    let folder = folder();
    let numbers = folder.path().join("raw");
    let jets = sample(5000, 6);
    raw(&jets, &numbers);
    python(
        "h5py",
        r#"
import h5py, numpy as np, os, sys
raw = np.fromfile(sys.argv[1], "<f4")
p, j = raw[: 5000 * 24].reshape(5000, 6, 4), raw[5000 * 24 :].reshape(5000, 4)
for name, libver, options in [
    ("contiguous", "earliest", {}), ("default", None, dict(compression="gzip", shuffle=True)),
    ("modern", ("v110", "v112"), dict(chunks=True, compression="gzip", shuffle=True)),
    ("chunked", "earliest", dict(chunks=True)), ("gzip", "earliest", dict(compression="gzip", shuffle=True, fletcher32=True)),
    ("lzf", "earliest", dict(compression="lzf")), ("grow", ("v110", "v112"), dict(maxshape=(None,), compression="gzip")),
]:
    with h5py.File(os.path.join(os.path.dirname(sys.argv[1]), name + ".hdf5"), "w", libver=libver) as f:
        for key, value in [("particle_features", p), ("jet_features", j)]:
            if "maxshape" in options: options["maxshape"] = (None, *value.shape[1:])
            f.create_dataset(key, data=value, **options)
        f["other"] = np.arange(3); f.attrs["text"] = "unrelated"
with h5py.File(os.path.join(os.path.dirname(sys.argv[1]), "double.hdf5"), "w") as f:
    f["particle_features"] = p.astype("f8"); f["jet_features"] = j.astype(">f8")
with h5py.File(os.path.join(os.path.dirname(sys.argv[1]), "maskless.hdf5"), "w") as f:
    f["particle_features"] = p[..., :3]; f["jet_features"] = j[:, :3]
with h5py.File(os.path.join(os.path.dirname(sys.argv[1]), "scattered.hdf5"), "w") as f:
    f["particle_features"] = p[:, ::-1]; f["jet_features"] = j
"#,
        &[&numbers],
    );
    for name in listing(folder.path()).iter().filter(|n| n.ends_with(".hdf5")) {
        let reader = Reader::open(folder.path().join(name)).unwrap();
        let mut expected = jets.clone();
        if name == "scattered.hdf5" {
            for i in 0..jets.len() {
                let count = jets.count[i] as usize;
                expected.particles[i * 6..i * 6 + count].reverse();
            }
        }
        assert_eq!(reader.read(0..5000).unwrap(), expected, "{name}");
        assert_eq!(reader.read(1234..2345).unwrap(), expected.slice(1234..2345), "{name}");
        assert_eq!(reader.notes().len(), if name == "maskless.hdf5" { 2 } else { 0 }, "{name}");
    }
}

#[test]
fn the_bundled_jets_are_what_their_description_says() {
    let masses = [88.0, 60.6, 139.8, 80.0, 86.4];
    for (class, mass) in JetClass::ALL.into_iter().zip(masses) {
        let jets = jetnet::read(bundled(class)).unwrap();
        assert_eq!((jets.len(), jets.capacity), (5000, 30));
        let mean = jets.jet.iter().map(|j| f64::from(j[2])).sum::<f64>() / 5000.0;
        assert!((mean - mass).abs() < 0.05, "{class}: {mean}");
        assert_eq!(collider::features::round_to_bits(&jets, 12), jets, "12 mantissa bits");
        assert!((0..5000).all(|i| jets.particles_of(i).is_sorted_by(|a, b| a[2] >= b[2])), "decreasing pT");
    }
}
