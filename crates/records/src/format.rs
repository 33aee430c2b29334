//! The formats, told apart by their first bytes when read and by the ending of the name when written.

use std::fmt;
use std::path::Path;

use compression::Compression;

use crate::Error;

/// A format of event files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Les Houches event file (hep-ph/0609017), written as version 3.0 (arXiv:1405.1067).
    Lhe,
    /// HepMC3's `Asciiv3` (arXiv:1912.08005).
    HepMc3,
    /// HepMC2's `IO_GenEvent`.
    HepMc2,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Lhe, Format::HepMc3, Format::HepMc2];

    /// Format and compression of an output by its ending: `.lhe`, `.hepmc3` or `.hepmc`, `.hepmc2`, with `.gz`, `.zst`
    /// or nothing behind.
    ///
    /// # Errors
    /// [`Error::UnknownEnding`], which lists the endings.
    pub fn from_path(path: impl AsRef<Path>) -> Result<(Format, Compression), Error> {
        let path = path.as_ref();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_ascii_lowercase();
        let (compression, name) = Compression::split(&name);
        let format = match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending) {
            Some("lhe") => Format::Lhe,
            Some("hepmc3" | "hepmc") => Format::HepMc3,
            Some("hepmc2") => Format::HepMc2,
            _ => return Err(Error::UnknownEnding { path: path.to_path_buf() }),
        };
        Ok((format, compression))
    }

    /// The format whose files begin with `head` (uncompressed), if it is one of ours.
    pub(crate) fn detect(head: &[u8]) -> Option<Format> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
        if head.starts_with(b"<") && has("<LesHouchesEvents") {
            return Some(Format::Lhe);
        }
        if !head.starts_with(b"HepMC::") {
            return None;
        }
        if has("HepMC::Asciiv3-START_EVENT_LISTING") {
            Some(Format::HepMc3)
        } else if has("HepMC::IO_GenEvent-START_EVENT_LISTING") {
            Some(Format::HepMc2)
        } else {
            None
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Lhe => "LHE",
            Format::HepMc3 => "HepMC3",
            Format::HepMc2 => "HepMC2",
        })
    }
}

/// What a file of none of our formats looks like by its first bytes, and what to do about it.
pub(crate) fn looks_like(head: &[u8]) -> String {
    const KNOWN: [(&[u8], &str); 14] = [
        (b"root", "a ROOT file; export HepMC3 or LHE from the program that wrote it"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file; if it holds jets in JetNet's layout, it is read by the jet commands"),
        (b"BZh", "a bzip2 archive; decompress it with bunzip2 first"),
        (b"\xfd7zXZ\x00", "an xz archive; decompress it with unxz first"),
        (b"\x04\x22\x4d\x18", "an lz4 archive; decompress it with lz4 first"),
        (b"PK\x03\x04", "a zip or .npz archive; unpack it first"),
        (b"\x93NUMPY", "a NumPy array; make events of it with Event::from_final_state"),
        (b"PAR1", "a Parquet file; make events of it with Event::from_final_state"),
        (b"ARROW1", "an Arrow file; make events of it with Event::from_final_state"),
        (b"hmpb", "HepMC3's protobuf format; save it as Asciiv3"),
        (b"%PDF", "a PDF document"),
        (b"\x7fELF", "a program"),
        (b"\x1f\x8b", "gzip within gzip; decompress it once"),
        (b"\x28\xb5\x2f\xfd", "zstd within zstd; decompress it once"),
    ];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_string();
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |prefix: &str| text.starts_with(prefix.as_bytes());
    if starts("HepMC::") {
        let mut lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|line| line.ends_with(b"LISTING") || line.ends_with(b"DATA"));
        return match first {
            Some(line) => format!("HepMC of a kind that is not read, {}", crate::error::quote(line)),
            None => "HepMC, but no START_EVENT_LISTING follows within its first lines".to_string(),
        };
    }
    if starts("{") || starts("[") {
        return "JSON".to_string();
    }
    if starts("<") {
        return format!("XML without <LesHouchesEvents>, beginning with {}", crate::error::quote(first_line(text)));
    }
    if text.is_empty() {
        return "blank lines".to_string();
    }
    if text.iter().take(200).all(|&b| b.is_ascii_graphic() || b.is_ascii_whitespace() || b >= 0x80) {
        return format!("text, beginning with {}", crate::error::quote(first_line(text)));
    }
    let bytes: Vec<String> = head.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("binary data, beginning with the bytes {}", bytes.join(" "))
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|&b| b == b'\n').next().unwrap_or(text)
}
