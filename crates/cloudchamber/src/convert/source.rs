//! Events one after the other, from whatever file.

use std::path::Path;

use records::{Event, Reader, RunInfo};

use super::output::is_breach;
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Where events come from.
pub trait Source {
    /// What holds for all events.
    fn run(&self) -> &RunInfo;

    /// The next event into `event`; false at the end.
    fn next(&mut self, event: &mut Event) -> Result<bool, Error>;

    /// How much was read, of how much.
    fn done(&self) -> (u64, u64);

    /// What [`Source::done`] counts.
    fn unit(&self) -> &'static str;
}

/// Passes events on until the end, the limit, or a mistake in the input, which is returned if there were events before it.
///
/// # Errors
/// A mistake in the first event, whatever `write` fails with, and [`Error::Interrupted`].
pub fn pump(
    source: &mut dyn Source,
    limit: Option<u64>,
    progress: &mut Progress,
    mut write: impl FnMut(&Event) -> Result<(), Error>,
) -> Result<Option<Error>, Error> {
    let mut event = Event::default();
    let mut count = 0;
    while limit.is_none_or(|limit| count < limit) {
        interrupt::check()?;
        match source.next(&mut event) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if count > 0 && is_breach(&error) => return Ok(Some(error)),
            Err(error) => return Err(error),
        }
        write(&event)?;
        count += 1;
        if count % 16 == 0 {
            let (done, total) = source.done();
            progress.update(done, total, &format!("{count} events"));
        }
    }
    Ok(None)
}

/// A file of event records.
pub struct File {
    reader: Reader,
}

impl File {
    /// An open one.
    pub fn new(reader: Reader) -> File {
        File { reader }
    }

    /// Opens a file for a second reading; [`Error::Argument`] for pipes, which can be read once.
    pub fn again(path: &Path, first: &File) -> Result<File, Error> {
        if first.reader.progress().length.is_none() {
            let expected =
                "a file, not a pipe: LHE states its processes before the events, so the input must be read twice";
            return Err(Error::argument("IN", path.display(), expected));
        }
        Ok(File { reader: Reader::open(path)? })
    }
}

const MEGABYTE: u64 = 1_000_000;

impl Source for File {
    fn run(&self) -> &RunInfo {
        self.reader.run()
    }

    fn next(&mut self, event: &mut Event) -> Result<bool, Error> {
        Ok(self.reader.read_into(event)?)
    }

    fn done(&self) -> (u64, u64) {
        let progress = self.reader.progress();
        (progress.read / MEGABYTE, progress.length.unwrap_or(progress.read).div_ceil(MEGABYTE))
    }

    fn unit(&self) -> &'static str {
        "MB"
    }
}
