//! The formats, told apart by their first bytes when read and by the ending of the name when written.

use std::fmt;
use std::path::Path;

use compression::Compression;

use super::Error;
use super::error::quote;

/// A format of files of molecules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// XYZ, extended where its comments have `Properties=...`.
    Xyz,
    /// SDF or molfile. Every record says its version; written are V2000, and V3000 for what V2000 cannot hold.
    Sdf,
    /// SDF, written as V3000 throughout.
    SdfV3000,
    /// Parquet with the columns `atomic_numbers` and `pos_1e4A`.
    Parquet,
}

impl Format {
    /// Format and compression of an output by its ending: `.xyz` or `.extxyz`, `.sdf` or `.mol`, with `.gz`, `.zst` or nothing behind;
    /// `.parquet`.
    ///
    /// # Errors
    /// [`Error::UnknownEnding`], which lists the endings.
    pub fn from_path(path: impl AsRef<Path>) -> Result<(Format, Compression), Error> {
        let path = path.as_ref();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_ascii_lowercase();
        let (compression, name) = Compression::split(&name);
        let format = match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending) {
            Some("xyz" | "extxyz") => Format::Xyz,
            Some("sdf" | "mol") => Format::Sdf,
            // Its pages are compressed already.
            Some("parquet") if compression == Compression::None => Format::Parquet,
            _ => return Err(Error::UnknownEnding { path: path.to_path_buf() }),
        };
        Ok((format, compression))
    }

    /// The format whose files begin with `head` (uncompressed), if it is one of ours. The first record may be broken.
    pub(super) fn detect(head: &[u8]) -> Option<Format> {
        if head.starts_with(b"PAR1") {
            return Some(Format::Parquet);
        }
        let text = String::from_utf8_lossy(head);
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let sdf = |line: &&str| line.starts_with("M  END") || line.starts_with("$$$$") || versioned(line);
        // The title of a molfile may be a number too.
        if lines.iter().any(sdf) {
            return Some(Format::Sdf);
        }
        let counted = lines.iter().find(|l| !l.trim().is_empty()).is_some_and(|l| l.trim().parse::<u64>().is_ok());
        (counted || lines.iter().any(|l| l.contains("Properties="))).then_some(Format::Xyz)
    }
}

/// Whether a line ends as the counts line of a molfile does.
fn versioned(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with("V2000") || line.ends_with("V3000")
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Xyz => "XYZ",
            Format::Sdf => "SDF",
            Format::SdfV3000 => "SDF V3000",
            Format::Parquet => "Parquet",
        })
    }
}

/// What a file of none of our formats looks like by its first bytes.
pub(super) fn looks_like(head: &[u8]) -> String {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"PK\x03\x04", "a zip or .npz archive"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"BZh", "bzip2; decompress it with bunzip2 first"),
        (b"\xfd7zXZ\x00", "xz; decompress it with unxz first"),
        (b"HEADER", "a PDB file; convert it to SDF with RDKit or Open Babel"),
        (b"data_", "a CIF file; convert it to extended XYZ with ASE"),
    ];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_string();
    }
    let text = String::from_utf8_lossy(head);
    match text.lines().find(|line| !line.trim().is_empty()) {
        None => "an empty file".to_string(),
        Some(_) if head.contains(&0) => {
            format!("binary data, beginning with the bytes {:02x?}", &head[..head.len().min(8)])
        }
        Some(line) if line.trim_start().starts_with(['{', '[']) => "JSON".to_string(),
        Some(line) => format!("text, beginning with {}", quote(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_format_even_where_the_first_record_is_broken() {
        for (head, format) in [
            ("3\nwater\nO 0 0 0\n", Some(Format::Xyz)),
            ("\u{feff}\n3\nwater\n", Some(Format::Xyz)),
            ("three\nProperties=species:S:1:pos:R:3\n", Some(Format::Xyz)),
            ("17\n  RDKit\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n", Some(Format::Sdf)),
            ("\n\n\n  0  0  0     0  0            999 V3000\n", Some(Format::Sdf)),
            ("title\nno counts\nM  END\n$$$$\n", Some(Format::Sdf)),
            ("PAR1\0\0", Some(Format::Parquet)),
            ("smiles,gap\nCCO,0.2\n", None),
            ("", None),
        ] {
            assert_eq!(Format::detect(head.as_bytes()), format, "{head:?}");
        }
        assert!(looks_like(b"HEADER    HYDROLASE").contains("PDB"));
        assert!(looks_like(b"smiles,gap\n").contains("\"smiles,gap\""));
        assert!(looks_like(b" \n").contains("empty"));
    }

    #[test]
    fn endings_tell_format_and_compression() {
        let of = |name: &str| Format::from_path(name).ok();
        assert_eq!(of("a.b.xyz"), Some((Format::Xyz, Compression::None)));
        assert_eq!(of("a.EXTXYZ.GZ"), Some((Format::Xyz, Compression::Gzip)));
        assert_eq!(of("x/a.sdf.zst"), Some((Format::Sdf, Compression::Zstd)));
        assert_eq!(of("a.mol"), Some((Format::Sdf, Compression::None)));
        assert_eq!(of("a.parquet"), Some((Format::Parquet, Compression::None)));
        for name in ["a.parquet.gz", ".sdf", "a", "a.pdb", "sdf.gz"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
