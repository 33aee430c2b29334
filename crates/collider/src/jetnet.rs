//! JetNet's HDF5 layout (Kansal et al., arXiv:2106.11535; files of Zenodo records 6975118 and 6975117).
//!
//! * `particle_features` \[N, P, 4\] float: etarel, phirel, ptrel, mask (1 particle, 0 padding);
//! * `jet_features` \[N, 4\] float: pT \[GeV\], eta, mass \[GeV\], num_particles;
//! * `jet_type` \[N\] int8, ours: the class of each jet where a file mixes classes, as the index into g, q, t, w, z.
//!
//! Rows are read and written in a stream: files need not fit into memory.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5_pure::{AttrValue, ChunkCacheConfig, DType, Dataset, File, FileAccessProperties};
use tables::Element;
use tables::hdf5::Hdf5;

use crate::file::{Contents, class_bytes, jet_bytes, particle_bytes};
use crate::{Error, JetClass, Jets};

/// Decompressed chunks kept between reads, so that neighbouring ranges of rows need not unpack the same chunk again.
const CACHE: usize = 32 << 20;

/// Reads a whole file.
pub fn read(path: impl AsRef<Path>) -> Result<Jets, Error> {
    let reader = Reader::open(path)?;
    reader.read(0..reader.len())
}

/// An open file, of which ranges of rows can be read.
pub struct Reader {
    path: PathBuf,
    attributes: BTreeMap<String, String>,
    particles: Dataset,
    jets: Dataset,
    types: Option<Dataset>,
    len: usize,
    capacity: usize,
    particle_columns: usize,
    jet_columns: usize,
}

impl Reader {
    /// Opens a file and checks the shapes and types of its datasets; rows are checked when they are read.
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Error> {
        let path = path.as_ref().to_path_buf();
        // Asked for first, so that a missing file or a directory is reported in the system's words.
        let metadata = std::fs::File::open(&path).and_then(|f| f.metadata());
        let metadata = metadata.map_err(|e| Error::io("open", &path, e))?;
        if metadata.is_dir() {
            return Err(Error::io("open", &path, std::io::ErrorKind::IsADirectory.into()));
        }
        if metadata.len() == 0 {
            return Err(Error::Empty { what: format!("the file {} (0 bytes)", path.display()) });
        }
        let options = FileAccessProperties::new().with_chunk_cache(ChunkCacheConfig::from_h5p_cache(1009, CACHE));
        let file = File::open_streaming_with_options(&path, options).map_err(|e| damaged(&path, &e))?;
        // The last bytes may belong to a dataset that nobody asks for; what was cut off elsewhere is not to be trusted either.
        let stated = file.superblock().eof_address;
        if stated > metadata.len() {
            let problem = format!("it has {} bytes of {stated}; copy or download it again", metadata.len());
            return Err(Error::Format { path, format: "HDF5", problem });
        }
        let names = file.root().datasets().map_err(|e| damaged(&path, &e))?;
        let find = |name: &str| -> Result<(Dataset, Vec<u64>), Error> {
            if !names.iter().any(|n| n == name) {
                let problem =
                    format!("is missing; JetNet files have particle_features and jet_features, this one has {names:?}");
                return Err(Error::Dataset { path: path.clone(), dataset: name.to_string(), problem });
            }
            let set = file.dataset(name).map_err(|e| damaged(&path, &e))?;
            let shape = set.shape().map_err(|e| damaged(&path, &e))?;
            let kind = set.dtype().map_err(|e| damaged(&path, &e))?;
            if !is_number(&kind) {
                let problem = format!("has elements of type {kind}; numbers (float32) are needed");
                return Err(Error::Dataset { path: path.clone(), dataset: name.to_string(), problem });
            }
            Ok((set, shape))
        };
        let shape_error = |dataset: &str, shape: &[u64], expected: &str| {
            let problem = format!("has shape {shape:?}; {expected}");
            Error::Dataset { path: path.clone(), dataset: dataset.to_string(), problem }
        };

        let (particles, shape) = find("particle_features")?;
        let &[n, slots, columns @ 3..=4] = shape.as_slice() else {
            return Err(shape_error(
                "particle_features",
                &shape,
                "[jets, particles, 4] is needed: etarel, phirel, ptrel, mask (the mask may be missing)",
            ));
        };
        if n == 0 || slots == 0 {
            return Err(Error::Empty { what: format!("the file {}", path.display()) });
        }
        if slots > u64::from(u16::MAX) {
            return Err(shape_error("particle_features", &shape, "more than 65535 particles per jet cannot be held"));
        }
        let (jets, shape) = find("jet_features")?;
        let &[jet_rows, jet_columns @ 3..=4] = shape.as_slice() else {
            return Err(shape_error(
                "jet_features",
                &shape,
                "[jets, 4] is needed: pt, eta, mass, num_particles (the last may be missing)",
            ));
        };
        if jet_rows != n {
            return Err(shape_error("jet_features", &shape, &format!("particle_features has {n} jets")));
        }
        let types = if names.iter().any(|name| name == "jet_type") {
            let (types, shape) = find("jet_type")?;
            if shape != [n] {
                return Err(shape_error("jet_type", &shape, &format!("[{n}] is needed, one class per jet")));
            }
            Some(types)
        } else {
            None
        };
        let text = |(name, value)| match value {
            AttrValue::String(text) | AttrValue::AsciiString(text) => Some((name, text)),
            AttrValue::VarLenString(text) | AttrValue::VarLenAsciiString(text) => Some((name, text)),
            AttrValue::StringSized { value, .. } | AttrValue::AsciiStringSized { value, .. } => Some((name, value)),
            _ => None,
        };
        let attributes = file.root().attrs().map_err(|e| damaged(&path, &e))?.into_iter().filter_map(text).collect();
        Ok(Reader {
            attributes,
            particles,
            jets,
            types,
            len: n as usize,
            capacity: slots as usize,
            particle_columns: columns as usize,
            jet_columns: jet_columns as usize,
            path,
        })
    }

    /// Number of jets in the file.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Always false: a file without jets cannot be opened.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Particle slots per jet.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Text attributes of the root group: where the jets come from, if the file says so.
    pub fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }

    /// What was inferred because the file lacks a column, for the user to know.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.particle_columns == 3 {
            notes.push("particle_features has no mask column: slots with ptrel = 0 were taken as padding".to_string());
        }
        if self.jet_columns == 3 {
            notes.push("jet_features has no column num_particles: the particles were counted".to_string());
        }
        notes
    }

    /// Reads a range of rows; a value that is not finite, a negative pT or a contradictory mask is an error that names row and column.
    pub fn read(&self, rows: Range<usize>) -> Result<Jets, Error> {
        self.check_range(&rows)?;
        let (first, n) = (rows.start, rows.len());
        let values = |set: &Dataset, columns: usize, name: &str| {
            let values = set.read_f32_rows(first as u64, n as u64).map_err(|e| damaged(&self.path, &e))?;
            if values.len() == n * columns {
                return Ok(values);
            }
            let problem = format!("gave {} numbers for {n} rows of {columns}", values.len());
            Err(Error::Dataset { path: self.path.clone(), dataset: name.to_string(), problem })
        };
        let particles = values(&self.particles, self.capacity * self.particle_columns, "particle_features")?;
        let features = values(&self.jets, self.jet_columns, "jet_features")?;

        let mut jets = Jets::new(self.capacity);
        let slots = particles.chunks_exact(self.capacity * self.particle_columns);
        for (i, (slots, jet)) in slots.zip(features.chunks_exact(self.jet_columns)).enumerate() {
            let real = self.real_particles(slots, first + i).map_err(|e| e.in_file(&self.path))?;
            let stated = jet.get(3).copied().unwrap_or(real.len() as f32);
            // A jet with more particles than slots was truncated; any other difference means that rows are mixed up.
            if stated != real.len() as f32 && !(real.len() == self.capacity && stated > real.len() as f32) {
                let problem =
                    format!("jet_features states {stated} particles, the mask of particle_features has {}", real.len());
                return Err(Error::Count { jet: first + i, problem }.in_file(&self.path));
            }
            jets.push([jet[0], jet[1], jet[2], stated], &real)?;
        }
        jets.validate().map_err(|e| at_row(e, first).in_file(&self.path))?;
        Ok(jets)
    }

    /// The classes of a range of jets where the file mixes classes, else nothing.
    pub fn read_classes(&self, rows: Range<usize>) -> Result<Option<Vec<JetClass>>, Error> {
        self.check_range(&rows)?;
        let Some(types) = &self.types else { return Ok(None) };
        let values = types.read_i64_rows(rows.start as u64, rows.len() as u64).map_err(|e| damaged(&self.path, &e))?;
        let class = |(i, value): (usize, i64)| {
            usize::try_from(value).ok().and_then(JetClass::from_index).ok_or_else(|| Error::Dataset {
                path: self.path.clone(),
                dataset: "jet_type".to_string(),
                problem: format!("is {value} in row {}; 0 to 4 stand for g, q, t, w, z", rows.start + i),
            })
        };
        values.into_iter().enumerate().map(class).collect::<Result<_, _>>().map(Some)
    }

    fn check_range(&self, rows: &Range<usize>) -> Result<(), Error> {
        if rows.start <= rows.end && rows.end <= self.len {
            return Ok(());
        }
        let what = format!("the file {}", self.path.display());
        Err(Error::Range { what, start: rows.start, end: rows.end, len: self.len })
    }

    /// The particles of one jet that the mask marks as real, in their order.
    fn real_particles(&self, slots: &[f32], jet: usize) -> Result<Vec<[f32; 3]>, Error> {
        let mut real = Vec::with_capacity(self.capacity);
        for (particle, row) in slots.chunks_exact(self.particle_columns).enumerate() {
            let mask = row.get(3).copied().unwrap_or(f32::from(u8::from(row[2] != 0.0)));
            if mask == 1.0 {
                real.push([row[0], row[1], row[2]]);
            } else if mask != 0.0 {
                return Err(Error::Mask { jet, particle, value: mask });
            }
        }
        Ok(real)
    }
}

/// A file being written.
pub struct Writer {
    hdf5: Hdf5,
    contents: Contents,
    written: usize,
}

impl Writer {
    /// Deflate level: 4 takes three times as long as 1 and saves 4 % of the space.
    const LEVEL: u32 = 1;

    /// Starts a file; it appears under `path` when [`Writer::finish`] succeeds.
    pub fn create(path: impl AsRef<Path>, contents: Contents) -> Result<Writer, Error> {
        let path = path.as_ref();
        contents.check(path)?;
        let columns = |text: &str| vec![("columns".to_string(), text.to_string())];
        let mut hdf5 = Hdf5::create(path, Self::LEVEL)?;
        let row = [contents.capacity as u64, 4];
        hdf5.dataset("particle_features", Element::F32, Some(contents.jets), &row, columns("etarel,phirel,ptrel,mask"));
        hdf5.dataset("jet_features", Element::F32, Some(contents.jets), &[4], columns("pt,eta,mass,num_particles"));
        if contents.mixed {
            let classes = JetClass::ALL.map(JetClass::letter).join(",");
            hdf5.dataset("jet_type", Element::I8, Some(contents.jets), &[], vec![("classes".to_string(), classes)]);
        }
        Ok(Writer { hdf5, contents, written: 0 })
    }

    /// Appends jets; `classes` has one entry per jet if the contents are mixed, and none otherwise.
    pub fn write(&mut self, jets: &Jets, classes: &[JetClass]) -> Result<(), Error> {
        self.contents.check_block(jets, classes, self.written)?;
        self.hdf5.append(0, &particle_bytes(jets))?;
        self.hdf5.append(1, &jet_bytes(jets))?;
        if self.contents.mixed {
            self.hdf5.append(2, &class_bytes(classes))?;
        }
        self.written += jets.len();
        Ok(())
    }

    /// Completes the file and gives it its name; [`Error::Length`] if fewer jets came than announced.
    pub fn finish(self) -> Result<(), Error> {
        self.contents.check_complete(self.written)?;
        Ok(self.hdf5.finish(&self.contents.attributes)?)
    }
}

fn is_number(kind: &DType) -> bool {
    use DType::*;
    matches!(kind, F32 | F64 | I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}

fn damaged(path: &Path, error: &hdf5_pure::Error) -> Error {
    let problem = format!(
        "{error}; either it is damaged, or it uses a rare feature: save it again with the default settings of h5py"
    );
    Error::Format { path: path.to_path_buf(), format: "HDF5", problem }
}

/// Turns row numbers within a range into row numbers of the file.
fn at_row(error: Error, first: usize) -> Error {
    match error {
        Error::NotFinite { jet, particle, column, value } => {
            Error::NotFinite { jet: jet + first, particle, column, value }
        }
        Error::NegativePt { jet, particle, column, value } => {
            Error::NegativePt { jet: jet + first, particle, column, value }
        }
        Error::Count { jet, problem } => Error::Count { jet: jet + first, problem },
        other => other,
    }
}
