//! Reading events in a stream, from whatever format and compression the content has.

use std::io::Read;
use std::path::Path;

use crate::format::looks_like;
use crate::lines::Lines;
use crate::{Compression, Error, Event, Format, RunInfo, Summary, hepmc2, hepmc3, lhe};

/// Text in which the format must show.
const HEAD: usize = 4096;

enum Kind {
    Lhe(lhe::Reader),
    HepMc3(hepmc3::Reader),
    HepMc2(hepmc2::Reader),
}

/// A file being read.
///
/// ```no_run
/// let mut reader = records::Reader::open("events.hepmc3.gz")?;
/// println!("weights: {:?}", reader.run().weight_names);
/// while let Some(event) = reader.next_event()? {
///     println!("event {} with {} particles", event.number, event.particles.len());
/// }
/// println!("{} of {} weights are negative", reader.summary().negative_weights, reader.summary().events);
/// # Ok::<(), records::Error>(())
/// ```
pub struct Reader {
    lines: Lines,
    format: Format,
    kind: Kind,
    run: RunInfo,
    summary: Summary,
    /// The first event, read early for the names of its weights.
    first: Option<Result<Option<Event>, Error>>,
    done: bool,
}

/// How much of a file has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file (compressed, if it is) read so far, some of them ahead.
    pub read: u64,
    /// Length of the file; none for pipes and other streams.
    pub length: Option<u64>,
}

impl Reader {
    /// Opens a file; its content, never its name, tells format and compression.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Empty`], [`Error::UnknownFormat`] with what it looks like, and errors of the lines
    /// before the first event. Errors of the first event come from [`Reader::next_event`].
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Error> {
        Reader::new(Lines::open(path.as_ref())?)
    }

    /// Reads from a stream; `name` stands for it in errors.
    pub fn from_stream(stream: impl Read + Send + 'static, name: impl AsRef<Path>) -> Result<Reader, Error> {
        Reader::new(Lines::new(Box::new(stream), name.as_ref(), None)?)
    }

    fn new(mut lines: Lines) -> Result<Reader, Error> {
        let path = lines.path().to_path_buf();
        let head = lines.head(HEAD)?;
        if head.is_empty() {
            return Err(Error::Empty { path });
        }
        let Some(format) = Format::detect(head) else {
            return Err(Error::UnknownFormat { looks_like: looks_like(head), path });
        };
        let (kind, run) = match format {
            Format::Lhe => (Kind::Lhe(lhe::Reader::default()), lhe::read_header(&mut lines)?),
            Format::HepMc3 => (Kind::HepMc3(hepmc3::Reader::default()), hepmc3::read_header(&mut lines)?),
            Format::HepMc2 => {
                hepmc2::read_header(&mut lines)?;
                (Kind::HepMc2(hepmc2::Reader::default()), RunInfo::default())
            }
        };
        let mut reader = Reader { lines, format, kind, run, summary: Summary::default(), first: None, done: false };
        // HepMC2 and undeclared weights of LHE are named by events alone.
        if format != Format::HepMc3 {
            let mut event = Event::default();
            let first = reader.read(&mut event, true).map(|there| there.then_some(event));
            reader.first = Some(first);
        }
        Ok(reader)
    }

    /// The format found.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The compression found.
    pub fn compression(&self) -> Compression {
        self.lines.compression()
    }

    /// Information about the run.
    pub fn run(&self) -> &RunInfo {
        &self.run
    }

    /// Counts and sums over the events delivered so far.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        Progress { read: self.lines.bytes_read(), length: self.lines.length }
    }

    /// The next event; none at the end of the file, and after an error.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::Truncated`] and [`Error::Corrupt`] name event, line and byte. All events before
    /// have been delivered.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let mut event = Event::default();
        Ok(self.read_into(&mut event)?.then_some(event))
    }

    /// The same into an event whose memory is used again; false at the end. After an error the event is undefined.
    ///
    /// # Errors
    /// Those of [`Reader::next_event`].
    pub fn read_into(&mut self, event: &mut Event) -> Result<bool, Error> {
        if self.done {
            return Ok(false);
        }
        let read = match self.first.take() {
            Some(first) => first.map(|first| first.map(|e| *event = e).is_some()),
            None => self.read(event, false),
        };
        match read {
            Ok(true) => self.summary.add(event),
            _ => self.done = true,
        }
        read
    }

    fn read(&mut self, event: &mut Event, first: bool) -> Result<bool, Error> {
        match &mut self.kind {
            Kind::Lhe(reader) => reader.read(&mut self.lines, &mut self.run, event, first),
            Kind::HepMc3(reader) => reader.read(&mut self.lines, &self.run, event),
            Kind::HepMc2(reader) => reader.read(&mut self.lines, &mut self.run, event, first),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Result<Event, Error>> {
        self.next_event().transpose()
    }
}
