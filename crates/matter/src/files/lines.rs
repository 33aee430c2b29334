//! The lines of a text file, compressed or not.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use compression::{Compression, Decoder};

use super::error::{Fault, quote};

/// Longest line that is kept; one of a thousand forces has 100 kB.
const LONGEST: u64 = 1 << 24;

/// A text file as lines.
pub(super) struct Lines {
    source: BufReader<Chain<Cursor<Vec<u8>>, Decoder>>,
    bytes: Vec<u8>,
    line: String,
    again: bool,
    number: u64,
}

impl Lines {
    /// Lines of `head`, which was read already, and of what follows.
    pub(super) fn new(head: Vec<u8>, rest: Decoder) -> Lines {
        let source = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(rest));
        Lines { source, bytes: Vec::new(), line: String::new(), again: false, number: 0 }
    }

    fn decoder(&self) -> &Decoder {
        self.source.get_ref().get_ref().1
    }

    pub(super) fn compression(&self) -> Compression {
        self.decoder().compression()
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.decoder().bytes_read()
    }

    /// The next line without its end, none at the end of the file; what is no UTF-8 is replaced.
    pub(super) fn next(&mut self) -> Result<Option<&str>, Fault> {
        if std::mem::take(&mut self.again) {
            return Ok(Some(&self.line));
        }
        self.bytes.clear();
        let length = (&mut self.source).take(LONGEST).read_until(b'\n', &mut self.bytes);
        let length = length.map_err(|e| self.unreadable(&e))?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ends = self.bytes.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let text = String::from_utf8_lossy(&self.bytes[..self.bytes.len() - ends]);
        self.line.clear();
        self.line.push_str(if self.number == 1 { text.trim_start_matches('\u{feff}') } else { &text });
        if length as u64 == LONGEST {
            return Err(Fault::File(format!(
                "a line of more than {LONGEST} bytes, beginning with {}",
                quote(&self.line)
            )));
        }
        Ok(Some(&self.line))
    }

    fn unreadable(&self, error: &io::Error) -> Fault {
        let compression = self.compression();
        if compression == Compression::None || error.raw_os_error().is_some() {
            return Fault::File(format!("cannot be read: {error}"));
        }
        let problem = match error.kind() {
            io::ErrorKind::UnexpectedEof => "they end too early; the file was cut off".to_string(),
            _ => error.to_string(),
        };
        Fault::File(format!("the {compression} data are damaged at about byte {}: {problem}", self.bytes_read()))
    }

    /// The next line that is not blank.
    pub(super) fn next_filled(&mut self) -> Result<Option<&str>, Fault> {
        loop {
            match self.next()? {
                None => return Ok(None),
                Some(line) if line.trim().is_empty() => {}
                Some(_) => return Ok(Some(&self.line)),
            }
        }
    }

    /// Gives the current line out once more.
    pub(super) fn back(&mut self) {
        self.again = true;
    }

    /// The current line.
    pub(super) fn line(&self) -> &str {
        &self.line
    }

    /// Number of the current line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// A fault of the record at the current line.
    pub(super) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault::Record { line: Some(self.number), problem: problem.into() }
    }

    /// The same, where the current line is what was found.
    pub(super) fn expected(&self, what: impl std::fmt::Display) -> Fault {
        self.fault(format!("expected {what}, found {}", quote(&self.line)))
    }
}
