//! The lines of a file, compressed or not, with the place of each.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use compression::{Compression, Decoder};

use crate::Error;
use crate::error::{Fault, Place, quote};

const CHUNK: usize = 1 << 18;
/// Longest line that is kept; a thousand weights need 30 kB.
const LONGEST: usize = 1 << 26;

/// A file as lines.
pub(crate) struct Lines {
    source: Decoder,
    path: PathBuf,
    /// Length of the file itself, if it has one.
    pub(crate) length: Option<u64>,
    buffer: Vec<u8>,
    /// The unread bytes of the buffer.
    start: usize,
    end: usize,
    ended: bool,
    /// The current line within the buffer, without its end.
    line: (usize, usize),
    again: bool,
    number: u64,
    byte: u64,
    next_byte: u64,
    /// Whether the current line ended with the file instead of a line break.
    pub(crate) cut: bool,
    /// Number of the event that is being read.
    pub(crate) event: Option<i64>,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Lines, Error> {
        let failed = |source| Error::io("open", path, source);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
        }
        Lines::new(Box::new(file), path, about.is_file().then_some(about.len()))
    }

    pub(crate) fn new(source: Box<dyn Read + Send>, path: &Path, length: Option<u64>) -> Result<Lines, Error> {
        let failed = |e| Error::io("read", path, e);
        let source = Decoder::new(source).map_err(failed)?;
        if source.bytes_read() == 0 {
            return Err(Error::Empty { path: path.to_path_buf() });
        }
        Ok(Lines {
            source,
            path: path.to_path_buf(),
            length,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            ended: false,
            line: (0, 0),
            again: false,
            number: 0,
            byte: 0,
            next_byte: 0,
            cut: false,
            event: None,
        })
    }

    /// Bytes of the file itself that were read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.source.bytes_read()
    }

    pub(crate) fn compression(&self) -> Compression {
        self.source.compression()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The first bytes of the text (at most `wanted`, which must not exceed a chunk), left to be read.
    pub(crate) fn head(&mut self, wanted: usize) -> Result<&[u8], Error> {
        while self.end - self.start < wanted && !self.ended {
            self.fill()?;
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + wanted)])
    }

    /// Reads more bytes behind the unread ones, which move to the front of the buffer.
    fn fill(&mut self) -> Result<(), Error> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            if self.end >= LONGEST {
                self.number += 1;
                self.byte = self.next_byte;
                let found = format!("one of more than {LONGEST} bytes, beginning with {}", quote(&self.buffer[..40]));
                return Err(self.error(Fault::new("a line of text", found)));
            }
            self.buffer.resize(2 * self.end, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(self.unreadable(e)),
            }
            return Ok(());
        }
    }

    fn unreadable(&self, source: io::Error) -> Error {
        if self.compression() == Compression::None || source.raw_os_error().is_some() {
            return Error::io("read", &self.path, source);
        }
        let problem = match source.kind() {
            io::ErrorKind::UnexpectedEof => "they end too early; the file was cut off".to_string(),
            _ => source.to_string(),
        };
        let (place, compressed_byte) = (Box::new(self.place()), self.bytes_read());
        Error::Corrupt { place, compression: self.compression(), compressed_byte, problem }
    }

    /// The next line without its end; none at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, Error> {
        if std::mem::take(&mut self.again) {
            return Ok(Some(&self.buffer[self.line.0..self.line.1]));
        }
        let mut searched = 0;
        let length = loop {
            match memchr::memchr(b'\n', &self.buffer[self.start + searched..self.end]) {
                Some(place) => break searched + place,
                None if self.ended && self.start == self.end => return Ok(None),
                None if self.ended => {
                    self.cut = true;
                    break self.end - self.start;
                }
                None => {
                    searched = self.end - self.start;
                    self.fill()?;
                }
            }
        };
        let (from, to) = (self.start, self.start + length);
        self.start = (to + 1).min(self.end);
        self.number += 1;
        self.byte = self.next_byte;
        self.next_byte += (self.start - from) as u64;
        self.line = (from, if length > 0 && self.buffer[to - 1] == b'\r' { to - 1 } else { to });
        Ok(Some(&self.buffer[self.line.0..self.line.1]))
    }

    /// The next line that is not blank.
    pub(crate) fn next_filled(&mut self) -> Result<Option<&[u8]>, Error> {
        loop {
            match self.next()? {
                None => return Ok(None),
                Some(line) if line.trim_ascii().is_empty() => {}
                Some(_) => return Ok(Some(&self.buffer[self.line.0..self.line.1])),
            }
        }
    }

    /// Gives the current line out once more.
    pub(crate) fn back(&mut self) {
        self.again = true;
    }

    /// Where the current line is.
    pub(crate) fn place(&self) -> Place {
        Place { path: self.path.clone(), event: self.event, line: self.number, byte: self.byte }
    }

    /// An error at the current line.
    pub(crate) fn error(&self, fault: Fault) -> Error {
        Error::Syntax { place: Box::new(self.place()), expected: fault.expected, found: fault.found }
    }

    /// An error at the end of the file.
    pub(crate) fn truncated(&self, expected: impl Into<String>) -> Error {
        Error::Truncated { place: Box::new(self.place()), expected: expected.into() }
    }
}
