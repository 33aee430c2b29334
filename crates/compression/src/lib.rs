//! Streams that may be compressed: content tells how when they are read, the ending of the name when they are written.

mod decoder;
mod encoder;

use std::fmt;
use std::path::Path;

pub use decoder::Decoder;
pub use encoder::Encoder;

/// How the bytes of a file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878, one frame or several.
    Zstd,
}

impl Compression {
    /// Compression of an output by the last ending, whatever stands before.
    pub fn from_path(path: impl AsRef<Path>) -> Compression {
        let name = path.as_ref().file_name().and_then(|n| n.to_str()).unwrap_or_default().to_ascii_lowercase();
        Compression::split(&name).0
    }

    /// Compression of an output, and its name in lower case without the ending that says so.
    pub fn split(name: &str) -> (Compression, &str) {
        let endings = [(".gz", Compression::Gzip), (".zst", Compression::Zstd), (".zstd", Compression::Zstd)];
        let found = endings.into_iter().find_map(|(ending, kind)| Some((kind, name.strip_suffix(ending)?)));
        found.unwrap_or((Compression::None, name))
    }

    /// The compression whose data begin with `head`, of which six bytes are enough.
    pub fn detect(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame of zstd, which some tools put first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::None => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn what_is_written_is_read_whatever_the_compression() {
        let text: Vec<u8> = (0..100_000u64).flat_map(|k| format!("{}\n", k * k % 1009).into_bytes()).collect();
        for kind in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let mut encoder = Encoder::new(Vec::new(), kind).unwrap();
            encoder.write_all(&text).unwrap();
            let packed = encoder.finish().unwrap();
            assert_eq!(packed.len() < text.len(), kind != Compression::None);
            let length = packed.len() as u64;
            let mut decoder = Decoder::new(Box::new(std::io::Cursor::new(packed))).unwrap();
            assert_eq!(decoder.compression(), kind);
            let mut read = Vec::new();
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == text, "{kind}");
            assert_eq!(decoder.bytes_read(), length);
        }
        let mut nothing = Decoder::new(Box::new(std::io::empty())).unwrap();
        assert_eq!((nothing.read(&mut [0; 4]).unwrap(), nothing.bytes_read()), (0, 0));
    }

    #[test]
    fn endings_say_how_to_write() {
        assert_eq!(Compression::split("a.xyz.gz"), (Compression::Gzip, "a.xyz"));
        assert_eq!(Compression::split("a.zst.xyz"), (Compression::None, "a.zst.xyz"));
        assert_eq!(Compression::from_path("x.gz/B.SDF.ZSTD"), Compression::Zstd);
    }
}
