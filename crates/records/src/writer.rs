//! Writing events in a stream into a file that appears when it is complete.

use std::io::Write;
use std::path::{Path, PathBuf};

use atomic::AtomicFile;
use compression::{Compression, Encoder};

use crate::print::Text;
use crate::{Error, Event, Format, RunInfo, Summary, beams, hepmc2, hepmc3, lhe};

/// A file being written, under the name `.NAME.partial-PID` until [`Writer::finish`]; removed when dropped before.
///
/// ```
/// use records::{Event, Reader, RunInfo, Writer};
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("generated.hepmc3.gz");
///
/// let mut writer = Writer::create(&path, &RunInfo::default())?;
/// let beams = [(2212, [0.0, 0.0, 6500.0, 6500.0]), (2212, [0.0, 0.0, -6500.0, 6500.0])];
/// let pair = [(11, [3.0, 0.0, 4.0, 5.0]), (-11, [-3.0, 0.0, -4.0, 5.0])];
/// writer.write(&Event::from_final_state(0, beams, pair, -1.0)?)?;
/// assert_eq!(writer.finish()?.negative_weights, 1);
///
/// assert_eq!(Reader::open(&path)?.next_event()?.unwrap().particles[2].pdg, 11);
/// # Ok::<(), records::Error>(())
/// ```
pub struct Writer {
    out: Encoder<AtomicFile>,
    path: PathBuf,
    format: Format,
    run: RunInfo,
    text: Text,
    begun: bool,
    summary: Summary,
}

impl Writer {
    /// Starts a file in the format and compression of its ending ([`Format::from_path`]).
    ///
    /// # Errors
    /// [`Error::UnknownEnding`], [`Error::Io`], and [`Error::Run`] where the format cannot hold the run information.
    pub fn create(path: impl AsRef<Path>, run: &RunInfo) -> Result<Writer, Error> {
        let (format, compression) = Format::from_path(&path)?;
        Writer::with_format(path, format, compression, run)
    }

    /// Starts a file of a given format and compression, whatever its name.
    ///
    /// # Errors
    /// Those of [`Writer::create`], but for the ending.
    pub fn with_format(
        path: impl AsRef<Path>,
        format: Format,
        compression: Compression,
        run: &RunInfo,
    ) -> Result<Writer, Error> {
        let path = path.as_ref();
        let mut text = Text::default();
        match format {
            // What LHE's <init> lacks is taken from the first event.
            Format::Lhe => lhe::write_header(&mut Text::default(), run)?,
            Format::HepMc3 => hepmc3::write_header(&mut text, run)?,
            Format::HepMc2 => hepmc2::write_header(&mut text, run)?,
        }
        let file = AtomicFile::create(path)?;
        let out = Encoder::new(file, compression).map_err(|e| Error::io("write", path, e))?;
        let (run, path) = (run.clone(), path.to_path_buf());
        Ok(Writer { out, path, format, run, text, begun: format != Format::Lhe, summary: Summary::default() })
    }

    /// The format being written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Counts and sums over the events written so far.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Writes an event. In HepMC formats, an event of two incoming partons without beams gets those of the run.
    ///
    /// # Errors
    /// [`Error::Event`] where the event contradicts itself ([`Event::check`]), has another number of weights than there
    /// are names, or cannot be held by the format; nothing of it is written then, and others may follow. [`Error::Io`].
    pub fn write(&mut self, event: &Event) -> Result<(), Error> {
        event.check()?;
        let (weights, names) = (event.weights.len(), self.run.weight_names.len());
        let unnamed = self.run.weight_names.is_empty() && (weights <= 1 || self.format != Format::Lhe);
        if weights != names && !unnamed {
            let problem = format!("it has {weights} weights, but RunInfo::weight_names has {names} names");
            return Err(Error::Event { number: event.number, problem });
        }
        let length = self.text.0.len();
        let written = self.append(event);
        if written.is_err() {
            self.text.0.truncate(length);
        }
        written?;
        self.flush()?;
        self.summary.add(event);
        Ok(())
    }

    fn append(&mut self, event: &Event) -> Result<(), Error> {
        if self.format == Format::Lhe {
            let complete = if self.begun { None } else { Some(beams::complete(&self.run, event)) };
            if let Some(run) = &complete {
                lhe::write_header(&mut self.text, run)?;
            }
            lhe::write_event(&mut self.text, event, complete.as_ref().unwrap_or(&self.run))?;
            if let Some(run) = complete {
                (self.run, self.begun) = (run, true);
            }
            return Ok(());
        }
        let beams = beams::with_beams(event, &self.run);
        let event = beams.as_ref().unwrap_or(event);
        match self.format {
            Format::HepMc2 => hepmc2::write_event(&mut self.text, event, &self.run)?,
            _ => hepmc3::write_event(&mut self.text, event),
        }
        Ok(())
    }

    /// Passes the text on.
    fn flush(&mut self) -> Result<(), Error> {
        let result = self.out.write_all(&self.text.0);
        self.text.0.clear();
        result.map_err(|e| Error::io("write", &self.path, e))
    }

    /// Completes the file and gives it its name. A file without events is complete too.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full, for example; the file is removed then.
    pub fn finish(self) -> Result<Summary, Error> {
        let path = self.path.clone();
        self.finish_as(path)
    }

    /// The same under another name in the same directory, for a file that turned out to be something else, such as a part.
    ///
    /// # Errors
    /// Those of [`Writer::finish`].
    pub fn finish_as(mut self, path: impl AsRef<Path>) -> Result<Summary, Error> {
        if !self.begun {
            lhe::write_header(&mut self.text, &self.run)?;
        }
        self.text.push(match self.format {
            Format::Lhe => lhe::FOOTER,
            Format::HepMc3 => hepmc3::FOOTER,
            Format::HepMc2 => hepmc2::FOOTER,
        });
        self.flush()?;
        let file = self.out.finish();
        file.map_err(|e| Error::io("write", &self.path, e))?.commit_as(path.as_ref())?;
        Ok(self.summary)
    }
}
