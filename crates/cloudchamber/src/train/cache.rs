//! Encoded training rows in the run directory: fixed-size records on disk, so a data set larger than memory streams through the page cache.
//!
//! Written once, in one pass over the files, after the encoding has been fitted to the first rows of each; training rows come first,
//! validation rows (the last ones of each file) after them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use collider::encode::{Encoding, Row};
use collider::jetnet::Reader;
use collider::{JetClass, Jets};
use diffusion::Rng;
use serde::{Deserialize, Serialize};

use super::trainer::Rows;
use super::{rows, stream};
use crate::recipe::Recipe;
use crate::ui::TrainUi;
use crate::{Error, atomic, interrupt};

/// Rows per class that the encoding is fitted to; quantiles of more would not be better than the knots of its maps.
const FIT_ROWS: usize = 100_000;
/// Rows read at a time.
const BLOCK: usize = 8192;

/// Encoded training and validation jets.
pub struct Cache {
    /// The encoding, before calibration.
    pub encoding: Encoding,
    training: usize,
    index: Index,
    path: PathBuf,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Index {
    encoding: Encoding,
    /// Training rows of each class, and how often an epoch visits them.
    classes: Vec<(usize, usize)>,
    validation: usize,
}

/// One class's file and how its rows are used.
struct Source {
    path: PathBuf,
    reader: Reader,
    training: usize,
    total: usize,
}

impl Cache {
    /// Opens the cache of a run, or makes it if it is not complete; in the encoding of a teacher, or one fitted to the jets.
    pub fn open_or_build(
        recipe: &Recipe,
        run: &Path,
        teacher: Option<&Encoding>,
        ui: &mut dyn TrainUi,
    ) -> Result<Cache, Error> {
        let (path, index) = (run.join("rows.f32"), run.join("rows.json"));
        if !(path.exists() && index.exists()) {
            build(recipe, &path, &index, teacher, ui)?;
        }
        let text = std::fs::read_to_string(&index).map_err(Error::io("read", &index))?;
        let file = File::open(&path).map_err(Error::io("open", &path))?;
        let wrong = |path: &Path, found: String| Error::Content {
            path: path.to_path_buf(),
            found,
            expected: "the encoded rows of this run; delete rows.f32 and rows.json to make them anew".into(),
        };
        let index: Index = serde_json::from_str(&text).map_err(|e| wrong(&index, e.to_string()))?;
        let training: usize = index.classes.iter().map(|c| c.0).sum();
        let expected = ((training + index.validation) * rows::size(index.encoding.capacity)) as u64;
        let found = file.metadata().map_err(Error::io("read", &path))?.len();
        if found != expected {
            return Err(wrong(&path, format!("{found} bytes, not {expected}")));
        }
        Ok(Cache { encoding: index.encoding.clone(), training, index, path, file })
    }
}

impl Rows<Row> for Cache {
    fn training(&self) -> usize {
        self.training
    }

    fn validation(&self) -> usize {
        self.index.validation
    }

    /// The training rows, those of repeated classes several times.
    fn epoch(&self) -> usize {
        self.index.classes.iter().map(|(rows, repeat)| rows * repeat).sum()
    }

    fn visited(&self, mut place: usize) -> usize {
        let mut first = 0;
        for &(rows, repeat) in &self.index.classes {
            if place < rows * repeat {
                return first + place % rows;
            }
            (first, place) = (first + rows, place - rows * repeat);
        }
        unreachable!("a place within the epoch")
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<Row>, Error> {
        let size = rows::size(self.encoding.capacity);
        let mut buffer = vec![0; size];
        let read = |&i: &usize| {
            self.file.read_exact_at(&mut buffer, (i * size) as u64).map_err(Error::io("read", &self.path))?;
            Ok(rows::parse(&buffer))
        };
        numbers.iter().map(read).collect()
    }
}

fn build(
    recipe: &Recipe,
    path: &Path,
    index: &Path,
    teacher: Option<&Encoding>,
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let capacity = recipe.data.particles;
    let mut sources = Vec::new();
    for (class, file) in recipe.data_files()? {
        let reader = Reader::open(&file)?;
        if reader.capacity() < capacity {
            return Err(Error::Contradiction {
                file: recipe.source.clone(),
                first: format!("data.particles = {capacity}"),
                second: file.display().to_string(),
                why: format!("the file has only {} particle slots per jet", reader.capacity()),
                remedy: format!("--set data.particles={}, or another file", reader.capacity()),
            });
        }
        let total = reader.len().min(recipe.data.limit.unwrap_or(usize::MAX));
        let training = total - (total as f64 * recipe.data.validation).round() as usize;
        for note in reader.notes() {
            ui.say(&format!("{}: {note}", file.display()));
        }
        sources.push((class, Source { path: file, reader, training, total }));
    }
    let spread = |class: usize, row: usize| {
        Rng::new(recipe.train.seed).stream(stream::SPREAD + class as u64).at(row as u64).uniform(1, 1)[0]
    };
    let encoding = match teacher {
        // Its calibration of clouds is left out: the student's are other ones.
        Some(encoding) => Encoding { ranks: Vec::new(), ..encoding.clone() },
        None => fitted(recipe, &sources, spread)?,
    };
    let mut out = BufWriter::new(atomic::begin(path)?);
    for part in 0..2 {
        for (class, (letter, source)) in sources.iter().enumerate() {
            ui.say(&format!(
                "encoding {} {letter} jets of {}",
                ["training", "validation"][part],
                source.path.display()
            ));
            let range = if part == 0 { 0..source.training } else { source.training..source.total };
            for start in range.clone().step_by(BLOCK) {
                interrupt::check()?;
                let block = source.reader.read(start..(start + BLOCK).min(range.end))?;
                let jets = checked(block.with_capacity_of(capacity), source, start)?;
                let mut bytes = Vec::new();
                for i in 0..jets.len() {
                    rows::push(&mut bytes, &encoding.encode(class, &jets, i, spread(class, start + i)));
                }
                out.write_all(&bytes).map_err(Error::io("write", path))?;
            }
        }
    }
    let file =
        out.into_inner().map_err(|e| Error::Io { action: "write", path: path.into(), source: e.into_error() })?;
    atomic::finish(file, path)?;
    let classes = sources.iter().map(|(c, s)| (s.training, recipe.data.repeat.get(c).copied().unwrap_or(1))).collect();
    let validation = sources.iter().map(|(_, s)| s.total - s.training).sum();
    let contents = Index { encoding, classes, validation };
    atomic::write(index, serde_json::to_string(&contents).expect("an index is plain data").as_bytes())
}

/// The encoding fitted to the first jets of each class; `spread` gives a uniform number for each class and row.
fn fitted(
    recipe: &Recipe,
    sources: &[(JetClass, Source)],
    spread: impl Fn(usize, usize) -> f64,
) -> Result<Encoding, Error> {
    let capacity = recipe.data.particles;
    let mut samples: Vec<(JetClass, Jets)> = Vec::new();
    for (class, source) in sources {
        let jets = source.reader.read(0..source.training.min(FIT_ROWS))?;
        samples.push((*class, checked(jets.with_capacity_of(capacity), source, 0)?));
    }
    Encoding::fit(&samples, capacity, spread).ok_or_else(|| Error::Content {
        path: recipe.source.clone(),
        found: "a class without training jets, or jets that are all alike".into(),
        expected: "JetNet files with jets to learn from".into(),
    })
}

/// Refuses jets without particles; `start` is the file's row of the first of them.
fn checked(jets: Jets, source: &Source, start: usize) -> Result<Jets, Error> {
    match jets.count.iter().position(|&n| n == 0) {
        Some(row) => Err(Error::Content {
            path: source.path.clone(),
            found: format!("jet {} has no particles", start + row),
            expected: "jets with at least one particle each; remove the empty ones".into(),
        }),
        None => Ok(jets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_visits_every_training_row_as_often_as_its_class_is_repeated() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/jets/quick.toml");
        let settings = ["data.limit=30", "data.validation=0.1", "data.repeat.t=3"].map(String::from);
        let recipe = Recipe::load(&source, &settings).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open_or_build(&recipe, dir.path(), None, &mut crate::ui::Silent).unwrap();
        let mut visits = vec![0; cache.training()];
        (0..cache.epoch()).for_each(|place| visits[cache.visited(place)] += 1);
        for (row, times) in cache.rows(&Vec::from_iter(0..cache.training())).unwrap().iter().zip(visits) {
            let class = cache.encoding.classes[row.class];
            assert_eq!(times, if class == JetClass::T { 3 } else { 1 }, "{class}");
        }
        assert_eq!(cache.training(), 27 * cache.encoding.classes.len());
        assert_eq!(cache.epoch(), cache.training() + 2 * 27);
    }
}
