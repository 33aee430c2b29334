//! The lines of a plain or gzipped text file, with their numbers, in a stream.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

/// A longer line is no table's.
const LONGEST: u64 = 1 << 26;

pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<Box<dyn Read + Send>>,
    buffer: Vec<u8>,
    /// Number of the line read last, from 1.
    pub(super) number: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Lines> {
        let failed = |e| Error::io("open", path, e);
        let mut file = File::open(path).map_err(failed)?;
        let mut magic = Vec::new();
        (&mut file).take(2).read_to_end(&mut magic).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let source: Box<dyn Read + Send> =
            if magic == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) };
        let reader = BufReader::with_capacity(1 << 17, source);
        Ok(Lines { path: path.to_path_buf(), reader, buffer: Vec::new(), number: 0 })
    }

    /// The next line without its end, or nothing at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<&str>> {
        self.buffer.clear();
        let read = (&mut self.reader).take(LONGEST).read_until(b'\n', &mut self.buffer);
        self.number += 1;
        let damaged = |problem: String| Error::format("CSV", &self.path, format!("line {}: {problem}", self.number));
        match read {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(e) => return Err(damaged(format!("{e}; copy or download the file again"))),
        }
        if self.buffer.len() as u64 == LONGEST {
            return Err(damaged(format!("more than {LONGEST} bytes without an end of line")));
        }
        while self.buffer.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            self.buffer.pop();
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|e| damaged(e.to_string()))?;
        Ok(Some(if self.number == 1 { text.trim_start_matches('\u{feff}') } else { text }))
    }
}

/// The fields of a line, without the quotes around them.
pub(super) fn fields(line: &str, separator: char) -> Fields<'_> {
    Fields { rest: Some(line), separator }
}

pub(super) struct Fields<'a> {
    rest: Option<&'a str>,
    separator: char,
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        if let Some(quoted) = rest.trim_start_matches(' ').strip_prefix('"')
            && let Some((inside, after)) = quoted.split_once('"')
            && (after.is_empty() || after.starts_with(self.separator))
        {
            self.rest = after.strip_prefix(self.separator);
            return Some(inside);
        }
        let (field, rest) = match rest.split_once(self.separator) {
            Some((field, rest)) => (field, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Some(field.trim())
    }
}
