//! Reading.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::Compression;

const CHUNK: usize = 1 << 18;

/// Counts what is read from the file itself.
struct Counted<R> {
    source: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The uncompressed bytes of a stream.
pub struct Decoder {
    source: Box<dyn Read + Send>,
    compression: Compression,
    count: Arc<AtomicU64>,
}

impl Decoder {
    /// Looks at the first bytes of a stream, which may be a pipe.
    pub fn new(source: Box<dyn Read + Send>) -> io::Result<Decoder> {
        let count = Arc::new(AtomicU64::new(0));
        let mut source = BufReader::with_capacity(CHUNK, Counted { source, count: count.clone() });
        // A pipe may hand over single bytes; six tell all compressions apart.
        let mut head = Vec::new();
        (&mut source).take(6).read_to_end(&mut head)?;
        let compression = Compression::detect(&head);
        let source = BufReader::with_capacity(CHUNK, io::Cursor::new(head).chain(source));
        let source: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(source),
            Compression::Gzip => Box::new(MultiGzDecoder::new(source)),
            // One frame after the other, with windows of up to 128 MiB as the program `zstd` allows them.
            Compression::Zstd => Box::new(zstd::Decoder::with_buffer(source)?),
        };
        Ok(Decoder { source, compression, count })
    }

    /// The compression found.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the stream itself that were read so far, some of them ahead.
    pub fn bytes_read(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}
