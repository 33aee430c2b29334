//! Zstandard (RFC 8878) as streams over the crate `ruzstd`, which decodes frames and compresses whole readers.
//!
//! The decoder here goes from frame to frame and compares checksums. The encoder wants to pull its input, so it runs
//! in a thread of its own and is fed through a short channel; that makes one frame of any length in constant memory.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::encoding::{CompressionLevel, compress};

use crate::atomic::AtomicFile;

/// Largest window that a frame may ask for: that of `zstd --long=27`, the most the program itself takes unasked.
const WINDOW: u64 = 1 << 27;
const CHUNK: usize = 1 << 17;

/// All frames of a stream, one after the other.
pub(crate) struct Decoder<R> {
    source: R,
    frame: FrameDecoder,
    within: bool,
}

fn invalid(problem: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.to_string())
}

impl<R: BufRead> Decoder<R> {
    pub(crate) fn new(source: R) -> Decoder<R> {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(WINDOW);
        Decoder { source, frame, within: false }
    }

    /// Starts the next frame; false at the end of the stream.
    fn start(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.frame.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(invalid(error)),
            }
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.within {
                if !self.start()? {
                    return Ok(0);
                }
                self.within = true;
            }
            while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                let decoded = self.frame.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(invalid)?;
            }
            if self.frame.can_collect() > 0 {
                return self.frame.read(buffer);
            }
            if let (Some(stated), Some(found)) =
                (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum())
                && stated != found
            {
                return Err(invalid(format!("the checksum is {found:08x} instead of {stated:08x}")));
            }
            self.within = false;
        }
    }
}

/// Input of the encoder: chunks as they come out of the channel.
struct Chunks {
    receiver: Receiver<Vec<u8>>,
    chunk: Vec<u8>,
    used: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.chunk.len() {
            match self.receiver.recv() {
                Ok(chunk) => (self.chunk, self.used) = (chunk, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = &self.chunk[self.used..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.used += n;
        Ok(n)
    }
}

/// Output of the encoder, which panics on errors: keeps the first and swallows what follows.
struct Drain<'a> {
    file: &'a mut AtomicFile,
    error: &'a mut Option<io::Error>,
}

impl Write for Drain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.is_none() {
            *self.error = self.file.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One frame being written.
pub(crate) struct Encoder {
    buffer: Vec<u8>,
    sender: Option<SyncSender<Vec<u8>>>,
    thread: Option<JoinHandle<io::Result<AtomicFile>>>,
}

impl Encoder {
    pub(crate) fn new(mut file: AtomicFile) -> io::Result<Encoder> {
        let (sender, receiver) = sync_channel(4);
        let work = move || {
            let mut error = None;
            let chunks = Chunks { receiver, chunk: Vec::new(), used: 0 };
            compress(chunks, Drain { file: &mut file, error: &mut error }, CompressionLevel::Fastest);
            error.map_or(Ok(file), Err)
        };
        let thread = std::thread::Builder::new().name("zstd".to_string()).spawn(work)?;
        Ok(Encoder { buffer: Vec::with_capacity(CHUNK), sender: Some(sender), thread: Some(thread) })
    }

    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let sent = self.sender.as_ref().is_some_and(|sender| sender.send(chunk).is_ok());
        if sent { Ok(()) } else { Err(io::Error::other("the zstd encoder stopped")) }
    }

    /// Completes the frame and returns the file.
    pub(crate) fn finish(mut self) -> io::Result<AtomicFile> {
        if !self.buffer.is_empty() {
            self.send()?;
        }
        self.sender = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("the zstd encoder failed")),
        }
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.sender = None;
        // The thread owns the unfinished file and removes it; a dropped writer waits for that.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
