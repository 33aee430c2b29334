//! When and where files appear: complete under their name or not at all, and errors that name the place.

use std::fs;

use collider::file::{JetWriter, write};
use collider::{Error, Jets, jetnet};

use super::{contents, folder, listing, sample};

#[test]
fn an_unfinished_file_never_appears_under_its_name() {
    for ending in ["hdf5", "npz", "parquet"] {
        let folder = folder();
        let path = folder.path().join(format!("jets.{ending}"));
        let jets = sample(100, 5);
        let mut writer = JetWriter::create(&path, contents(&jets, false)).unwrap();
        writer.write(&jets.slice(0..60), &[]).unwrap();
        drop(writer);
        assert_eq!(listing(folder.path()), [""; 0], "{ending}: dropped");

        fs::write(&path, "previous").unwrap();
        let mut writer = JetWriter::create(&path, contents(&jets, false)).unwrap();
        writer.write(&jets.slice(0..60), &[]).unwrap();
        assert!(matches!(writer.finish(), Err(Error::Length { got: 60, expected: 100, .. })), "{ending}: incomplete");
        assert_eq!(listing(folder.path()).len(), 1);
        assert_eq!(fs::read(&path).unwrap(), b"previous", "{ending}: the earlier file stays");

        let mut writer = JetWriter::create(&path, contents(&jets, false)).unwrap();
        writer.write(&jets, &[]).unwrap();
        assert!(matches!(writer.write(&jets, &[]), Err(Error::Length { got: 200, expected: 100, .. })));
        writer.finish().unwrap();
        assert!(fs::read(&path).unwrap().len() > 1000, "{ending}: replaced");
    }
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = folder();
    let jets = sample(3, 2);
    for ending in ["hdf5", "npz", "parquet"] {
        let path = folder.path().join(format!("absent/jets.{ending}"));
        let error = write(&path, &jets, &[]).unwrap_err();
        assert!(matches!(&error, Error::Io { action: "create", path: p, .. } if *p == path), "{error}");
        let directory = folder.path().join(format!("taken.{ending}"));
        fs::create_dir_all(&directory).unwrap();
        let message = write(&directory, &jets, &[]).unwrap_err().to_string();
        assert!(message.contains("it is a directory"), "{message}");
    }
    let message = write(folder.path().join("jets.root"), &jets, &[]).unwrap_err().to_string();
    assert!(message.contains(".hdf5 (or .h5), .npz or .parquet"), "{message}");
    assert!(matches!(jetnet::read(folder.path().join("none.hdf5")), Err(Error::Io { action: "open", .. })));
    assert!(matches!(jetnet::read(folder.path()), Err(Error::Io { action: "open", .. })));
    assert!(matches!(write(folder.path().join("zero.hdf5"), &Jets::new(5), &[]), Err(Error::Empty { .. })));
    let mut broken = jets.clone();
    broken.jet[1][0] = f32::NAN;
    assert!(matches!(write(folder.path().join("nan.hdf5"), &broken, &[]), Err(Error::NotFinite { jet: 1, .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_the_path_and_leaves_nothing() {
    for ending in ["hdf5", "npz", "parquet"] {
        let folder = folder();
        let path = folder.path().join(format!("jets.{ending}"));
        // The device /dev/full answers every write with "no space left".
        let partial = folder.path().join(format!(".jets.{ending}.partial-{}", std::process::id()));
        std::os::unix::fs::symlink("/dev/full", &partial).unwrap();
        let message = write(&path, &sample(20_000, 30), &[]).unwrap_err().to_string();
        assert!(message.contains("cannot write") && message.contains(&format!("jets.{ending}")), "{message}");
        assert!(message.contains("No space left"), "{message}");
        assert_eq!(listing(folder.path()), [""; 0], "{ending}");
    }
}
