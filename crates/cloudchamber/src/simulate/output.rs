//! The file of a simulation. Until all is there it is called `NAME.partial.ENDING`, and that is what remains of a run cut short.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use collider::Jets;
use collider::file::{Contents, JetWriter};
use records::{CrossSection, Process, RunInfo, Tool};
use tables::TableWriter;

use super::rows::Rows;
use super::select::Selection;
use super::statistics::Statistics;
use crate::{Error, atomic};

/// What a file will be: rows of a selection, or all events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Jets or a table.
    Selected,
    /// HepMC: whole events.
    Events,
    /// LHE: hard processes.
    Process,
}

impl Kind {
    /// What the ending of a file asks for.
    pub fn of(path: &Path) -> Kind {
        match records::Format::from_path(path) {
            Ok((records::Format::Lhe, _)) => Kind::Process,
            Ok(_) => Kind::Events,
            Err(_) => Kind::Selected,
        }
    }
}

/// The name of a file until it is complete: `t.hdf5` is `t.partial.hdf5`, `events.hepmc.gz` is `events.partial.hepmc.gz`.
pub fn partial_name(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let compressed = ["gz", "zst", "zstd"].iter().find_map(|c| name.strip_suffix(&format!(".{c}")).map(str::len));
    let end = compressed.unwrap_or(name.len());
    let dot = name[..end].rfind('.').filter(|&dot| dot > 0).unwrap_or(end);
    path.with_file_name(format!("{}.partial{}", &name[..dot], &name[dot..]))
}

/// A file being written.
pub enum Output {
    /// Jets: their number, which the file states first, is known last. They wait in a nameless file.
    Jets(Spool),
    /// A table.
    Table(Box<TableWriter>),
    /// Events.
    Events(Box<records::Writer>),
}

impl Output {
    /// Starts the file of `path` under its partial name.
    pub fn create(
        path: &Path,
        selection: &Selection,
        attributes: &[(String, String)],
        statistics: &Statistics,
    ) -> Result<Output, Error> {
        let partial = partial_name(path);
        Ok(match selection {
            Selection::Everything => {
                Output::Events(Box::new(records::Writer::create(&partial, &run_info(attributes, statistics))?))
            }
            _ => match (selection.schema(), selection.start()) {
                (Some(schema), _) => {
                    Output::Table(Box::new(TableWriter::create(&partial, (*schema).clone(), attributes)?))
                }
                (None, Rows::Jets(empty)) => Output::Jets(Spool::create(&partial, empty.capacity)?),
                (None, _) => return Err(tables::Error::UnknownEnding { path: path.to_path_buf() }.into()),
            },
        })
    }

    /// Appends the first `n` of the rows.
    pub fn write(&mut self, rows: Rows, n: usize, statistics: &Statistics) -> Result<(), Error> {
        match (self, rows) {
            (Output::Jets(spool), Rows::Jets(jets)) => spool.write(&jets.slice(0..n.min(jets.len()))),
            (Output::Table(writer), Rows::Table(table)) => Ok(writer.write(&table.block(n)?)?),
            (Output::Events(writer), Rows::Events(events)) => {
                for mut event in events.into_iter().take(n) {
                    event.cross_section = statistics.cross_section().map(|[value, error]| CrossSection {
                        values: vec![value],
                        errors: vec![error],
                        ..Default::default()
                    });
                    writer.write(&event)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Completes the file under its partial name.
    pub fn finish(self, path: &Path, attributes: &[(String, String)], late: &[(String, String)]) -> Result<(), Error> {
        match self {
            Output::Jets(spool) => spool.finish(&partial_name(path), [attributes, late].concat()),
            Output::Table(mut writer) => {
                late.iter().try_for_each(|(name, text)| writer.attribute(name, text))?;
                Ok(writer.finish()?)
            }
            Output::Events(writer) => Ok(writer.finish().map(drop)?),
        }
    }
}

fn run_info(attributes: &[(String, String)], statistics: &Statistics) -> RunInfo {
    let find = |name: &str| attributes.iter().find(|(n, _)| n == name).map_or(String::new(), |(_, text)| text.clone());
    let [_, error] = statistics.cross_section().unwrap_or_default();
    let processes = statistics.each().unwrap_or_default();
    let total: f64 = processes.iter().map(|(_, _, sigma)| sigma).sum();
    let share = |sigma: f64| if total > 0.0 { error * (sigma / total).sqrt() } else { 0.0 };
    RunInfo {
        weight_names: vec![RunInfo::NOMINAL.to_string()],
        tools: vec![Tool {
            name: "Pythia".to_string(),
            version: find("pythia_version"),
            description: format!("by {}", find("generator")),
        }],
        weighting: Some(3),
        processes: processes
            .into_iter()
            .map(|(id, _, sigma)| Process { id, cross_section: sigma, error: share(sigma), max_weight: 1.0 })
            .collect(),
        attributes: attributes.to_vec(),
        ..RunInfo::default()
    }
}

/// Jets that wait for their number, in a file without a name in the folder of the output.
pub struct Spool {
    file: BufWriter<File>,
    jets: usize,
    capacity: usize,
    path: PathBuf,
}

impl Spool {
    /// Jets read back at once.
    const PART: usize = 1024;

    fn create(path: &Path, capacity: usize) -> Result<Spool, Error> {
        let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::tempfile_in(directory).map_err(Error::io("write", path))?;
        Ok(Spool { file: BufWriter::new(file), jets: 0, capacity, path: path.to_path_buf() })
    }

    fn write(&mut self, jets: &Jets) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for i in 0..jets.len() {
            bytes.extend(jets.count[i].to_le_bytes());
            bytes.extend(jets.jet[i].iter().flat_map(|x| x.to_le_bytes()));
            bytes.extend(jets.particles_of(i).iter().flatten().flat_map(|x| x.to_le_bytes()));
        }
        self.jets += jets.len();
        self.file.write_all(&bytes).map_err(Error::io("write", &self.path))
    }

    fn finish(self, path: &Path, attributes: Vec<(String, String)>) -> Result<(), Error> {
        let Spool { file, jets, capacity, .. } = self;
        let failed = |e| Error::io("write", path)(e);
        let mut file = file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut stream = BufReader::new(file);
        let mut writer = JetWriter::create(path, Contents { jets, capacity, mixed: false, attributes })?;
        let mut left = jets;
        while left > 0 {
            let mut part = Jets::new(capacity);
            for _ in 0..left.min(Spool::PART) {
                let mut count = [0; 2];
                stream.read_exact(&mut count).map_err(failed)?;
                let count = u16::from_le_bytes(count);
                let mut bytes = vec![0; 16 + 12 * usize::from(count)];
                stream.read_exact(&mut bytes).map_err(failed)?;
                let (jet, particles) = bytes.split_at(16);
                let numbers =
                    |bytes: &[u8]| -> Vec<f32> { bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect() };
                let jet = numbers(jet).try_into().unwrap_or_default();
                part.push(jet, numbers(particles).as_chunks().0)?;
            }
            left -= part.len();
            writer.write(&part, &[])?;
        }
        Ok(writer.finish()?)
    }
}

/// Fails early where the file could not be written, or another would be replaced that was not to be.
pub fn check(path: &Path, kind: Kind, jets: bool, force: bool) -> Result<(), Error> {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().to_ascii_lowercase());
    let has = |endings: &[&str]| endings.iter().any(|e| name.ends_with(&format!(".{e}")) && name.len() > e.len() + 1);
    if kind == Kind::Selected {
        // CSV cannot hold rows of different lengths, which all tables here have.
        let tables: Vec<&str> = TableWriter::ENDINGS.into_iter().filter(|e| !e.starts_with("csv")).collect();
        let endings: &[&str] = if jets { &JetWriter::ENDINGS } else { &tables };
        if !has(endings) {
            let expected =
                format!("an ending .{}, or .hepmc3 or .lhe for events without selection", endings.join(", ."));
            return Err(Error::argument("-o", path.display(), expected));
        }
    }
    atomic::check_writable(path, force)?;
    let partial = partial_name(path);
    if partial.exists() && !force {
        return Err(Error::Exists { path: partial });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_names_keep_the_ending_that_names_the_format() {
        for (name, partial) in [
            ("t.hdf5", "t.partial.hdf5"),
            ("dir/a.b.parquet", "dir/a.b.partial.parquet"),
            ("events.hepmc.gz", "events.partial.hepmc.gz"),
            ("e.lhe.zst", "e.partial.lhe.zst"),
        ] {
            assert_eq!(partial_name(Path::new(name)), Path::new(partial));
            assert_eq!(Kind::of(Path::new(name)), Kind::of(Path::new(partial)));
        }
    }

    #[test]
    fn spooled_jets_come_back_with_their_padding() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.h5");
        let mut jets = Jets::new(3);
        for i in 0..2500u16 {
            let particles: Vec<[f32; 3]> = (0..i % 4).map(|k| [f32::from(i), -1.5, 1.0 / f32::from(k + 1)]).collect();
            jets.push([1000.0 + f32::from(i), 0.5, 80.0, particles.len() as f32], &particles).unwrap();
        }
        let mut spool = Spool::create(&path, 3).unwrap();
        spool.write(&jets.slice(0..1000)).unwrap();
        spool.write(&jets.slice(1000..2500)).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "a spool has no name");
        spool.finish(&path, vec![("seed".into(), "1".into())]).unwrap();
        assert_eq!(collider::jetnet::read(&path).unwrap(), jets);
    }
}
