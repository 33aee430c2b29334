//! Jets from what the command line names: a file of one class, a file that mixes classes, or a directory with a file per class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use collider::{JetClass, Jets, jetnet};

use crate::{Error, interrupt};

/// Jets by class.
pub type ByClass = BTreeMap<JetClass, Jets>;

/// Reads `path`: a directory with `{g,q,t,w,z}.hdf5` (or `.h5`), or one file whose class is `class`, in the file, or its name.
///
/// `argument` ("GENERATED", "--real") is named in messages.
pub fn read(path: &Path, class: Option<JetClass>, argument: &str) -> Result<ByClass, Error> {
    if path.is_dir() {
        let mut all = ByClass::new();
        for (class, file) in class_files(path, argument)? {
            interrupt::check()?;
            all.insert(class, jetnet::read(&file)?);
        }
        return Ok(all);
    }
    let reader = jetnet::Reader::open(path)?;
    let jets = reader.read(0..reader.len())?;
    if let Some(classes) = reader.read_classes(0..reader.len())? {
        let of =
            |class| classes.iter().enumerate().filter(move |(_, c)| **c == class).map(|(i, _)| i).collect::<Vec<_>>();
        let wanted = JetClass::ALL.into_iter().filter(|c| class.is_none_or(|only| only == *c));
        return Ok(wanted
            .map(|c| (c, of(c)))
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(c, rows)| (c, jets.select(&rows)))
            .collect());
    }
    let class = class.or_else(|| class_of_name(path)).ok_or_else(|| {
        let expected =
            "a file named after its class (g.hdf5, t150.hdf5, q-1.h5), or --class, or a directory of such files";
        Error::argument(argument, path.display(), expected)
    })?;
    Ok(ByClass::from([(class, jets)]))
}

/// What the files of `path` (as for [`read`]) say of their origin: attributes in which they agree, none if they cannot be read.
pub fn origin(path: &Path) -> BTreeMap<String, String> {
    let files = match class_files(path, "GENERATED") {
        Ok(files) if path.is_dir() => files.into_iter().map(|(_, file)| file).collect(),
        _ => vec![path.to_path_buf()],
    };
    let mut said = files.iter().filter_map(|file| Some(jetnet::Reader::open(file).ok()?.attributes().clone()));
    let mut common = said.next().unwrap_or_default();
    for other in said {
        common.retain(|name, value| other.get(name) == Some(value));
    }
    common
}

/// The class files of a directory, in the order of the classes; at least one.
pub fn class_files(dir: &Path, argument: &str) -> Result<Vec<(JetClass, PathBuf)>, Error> {
    let candidates =
        |c: &JetClass| ["hdf5", "h5"].map(|ending| dir.join(format!("{c}.{ending}"))).into_iter().find(|p| p.is_file());
    let found: Vec<_> = JetClass::ALL.iter().filter_map(|c| Some((*c, candidates(c)?))).collect();
    if found.is_empty() {
        return Err(Error::argument(
            argument,
            dir.display(),
            "a directory with g.hdf5, q.hdf5, t.hdf5, w.hdf5 or z.hdf5",
        ));
    }
    Ok(found)
}

/// The class in a file's name: its letter alone, or before anything that is not a letter ("t150", "g-1", "q_test").
pub fn class_of_name(path: &Path) -> Option<JetClass> {
    let stem = path.file_stem()?.to_str()?;
    let end = stem.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(stem.len());
    JetClass::ALL.into_iter().find(|c| stem[..end].eq_ignore_ascii_case(c.letter()))
}

/// The classes that both sides have; those of one side only are dropped if the other lacks them, but not all of them.
pub fn shared(
    generated: ByClass,
    real: ByClass,
    generated_path: &Path,
    real_path: &Path,
) -> Result<Vec<(JetClass, Jets, Jets)>, Error> {
    let letters = |side: &ByClass| side.keys().map(|c| c.letter()).collect::<Vec<_>>().join(", ");
    let found = format!(
        "{} with class {}, but {} with class {}",
        generated_path.display(),
        letters(&generated),
        real_path.display(),
        letters(&real)
    );
    let mut real = real;
    let pairs: Vec<_> = generated.into_iter().filter_map(|(c, g)| Some((c, g, real.remove(&c)?))).collect();
    if pairs.is_empty() {
        return Err(Error::argument(
            "--real",
            found,
            "samples of the same class; --class names it where the files do not",
        ));
    }
    for (class, generated, real) in &pairs {
        if generated.capacity != real.capacity {
            let (g, r) = (generated.capacity, real.capacity);
            let found = format!("{class} jets with up to {r} particles against generated ones with up to {g}");
            return Err(Error::argument("--real", found, "samples with the same number of particle slots"));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_read_from_names_that_begin_with_its_letter_alone() {
        for (name, class) in [
            ("g.hdf5", Some(JetClass::G)),
            ("dir/t150.hdf5", Some(JetClass::T)),
            ("q-part2.h5", Some(JetClass::Q)),
            ("W_test.hdf5", Some(JetClass::W)),
            ("generated.hdf5", None),
            ("test.hdf5", None),
            ("1.hdf5", None),
        ] {
            assert_eq!(class_of_name(Path::new(name)), class, "{name}");
        }
    }
}
