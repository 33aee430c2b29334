//! Where the bundled models and data lie: a directory with `models/` and `data/`.
//!
//! Looked for in `$CHAMBER_HOME`, then above the executable, then in the source tree it was built from.

use std::path::{Path, PathBuf};

use crate::Error;

/// Names the directory explicitly.
pub const VARIABLE: &str = "CHAMBER_HOME";

/// The first place with a `models` directory, if there is one.
pub fn find() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let executable = std::env::current_exe().ok();
    let above = executable.iter().flat_map(|exe| exe.ancestors().skip(1)).map(Path::to_path_buf);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
    named.into_iter().chain(above).chain(source).find(|dir| dir.join("models").is_dir())
}

/// The bundled models: (name, file), sorted by name.
pub fn models() -> Vec<(String, PathBuf)> {
    files("models", "safetensors")
}

/// The bundled files of a folder with this ending: (name without it, file), sorted by name.
pub fn files(folder: &str, ending: &str) -> Vec<(String, PathBuf)> {
    let entries = find().and_then(|home| std::fs::read_dir(home.join(folder)).ok());
    let mut files: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_stem()?.to_str()?.to_string();
            (path.extension()? == ending).then_some((name, path))
        })
        .collect();
    files.sort();
    files
}

/// Name of the weights in a run directory.
pub const RUN_MODEL: &str = "model.safetensors";

/// The weight file at a path: itself, or that of the run in this directory.
pub fn weights_at(path: &Path) -> Option<PathBuf> {
    [path.to_path_buf(), path.join(RUN_MODEL)].into_iter().find(|file| file.is_file())
}

/// The weight file meant by `model`: a file, a run directory, or the name of a bundled model.
///
/// Errors: [`Error::Unknown`] with the nearest bundled name, [`Error::Content`] for a directory without a model.
pub fn model_file(model: &str) -> Result<PathBuf, Error> {
    let path = Path::new(model);
    if let Some(file) = weights_at(path) {
        return Ok(file);
    }
    let bundled = models();
    if let Some((_, file)) = bundled.iter().find(|(name, _)| name == model) {
        return Ok(file.clone());
    }
    if path.is_dir() {
        return Err(Error::Content {
            path: path.to_path_buf(),
            found: format!("a directory without {RUN_MODEL}"),
            expected: "a run directory; a run writes its model at its first checkpoint".into(),
        });
    }
    if path.components().count() > 1 || path.extension().is_some() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::Io { action: "read", path: path.to_path_buf(), source });
    }
    Err(Error::unknown(
        "model",
        model,
        "MODEL (a file, a run directory, or a bundled model)",
        bundled.iter().map(|(name, _)| name.as_str()),
    ))
}

/// The weight file that a recipe in directory `base` means by `model`: beside the recipe, in the current directory, or bundled.
///
/// # Errors
/// As [`model_file`].
pub fn model_beside(base: &Path, model: &str) -> Result<PathBuf, Error> {
    weights_at(&base.join(model)).map_or_else(|| model_file(model), Ok)
}

/// `model` of a recipe in directory `base` as it is written into a run directory: an absolute path unless it is bundled.
pub fn absolute_model(base: &Path, model: &str) -> String {
    let file = model_beside(base, model).ok();
    let bundled = models().into_iter().any(|(_, path)| Some(path) == file);
    let absolute = file.filter(|_| !bundled).and_then(|file| Some(std::path::absolute(file).ok()?.to_str()?.into()));
    absolute.unwrap_or_else(|| model.into())
}

/// `model` as it is stored inside a model that is passed on: the name of the file, or that of the run it lies in.
pub fn bare_model(model: &str) -> String {
    let path = Path::new(model);
    let run = path.file_name().is_some_and(|name| name == RUN_MODEL).then(|| path.parent()).flatten();
    run.unwrap_or(path).file_name().map_or_else(|| model.into(), |name| name.to_string_lossy().into_owned())
}

/// The directory of bundled sample jets, `data/jets`.
pub fn sample_data() -> Result<PathBuf, Error> {
    let dir = find().map(|home| home.join("data").join("jets"));
    dir.clone().filter(|d| d.is_dir()).ok_or_else(|| Error::Content {
        path: dir.unwrap_or_else(|| "data/jets".into()),
        found: "the bundled sample jets are not there".into(),
        expected: format!(
            "run chamber inside its source tree, or set {VARIABLE} to the directory that has models/ and data/"
        ),
    })
}
