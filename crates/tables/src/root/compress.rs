//! Compressed objects of ROOT files: a sequence of blocks of at most 16 MiB, each with a header of nine bytes.
//!
//! | header | algorithm |
//! |---|---|
//! | `ZL` | zlib |
//! | `XZ` | LZMA in an xz container |
//! | `L4` | LZ4 block after its XXH64 checksum |
//! | `ZS` | Zstandard |
//! | `CS` | raw deflate of ROOT before version 5 |
//!
//! Bytes 3 to 5 are the compressed size, 6 to 8 the uncompressed one, least significant first. Reference: uproot's
//! `compression.py` (BSD-3-Clause, <https://github.com/scikit-hep/uproot5>).

use std::io::{Read, Write};

use flate2::write::ZlibEncoder;

use super::cursor::{Cursor, Parse};

const LARGEST: usize = 0xff_ffff;

fn size(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |sum, &b| sum << 8 | usize::from(b))
}

/// Unpacks an object whose size is known to be `expected`.
pub(super) fn decompress(packed: &[u8], expected: usize) -> Parse<Vec<u8>> {
    let mut out = Vec::new();
    let mut cursor = Cursor::new(packed);
    while out.len() < expected {
        let header = cursor.take(9)?;
        let (from, to) = (size(&header[3..6]), size(&header[6..9]));
        let block = cursor.take(from)?;
        if to == 0 || out.len() + to > expected {
            return Err(format!("a block of {to} bytes does not fit into an object of {expected}"));
        }
        let before = out.len();
        let name = String::from_utf8_lossy(&header[..2]).into_owned();
        unpack(&header[..2], block, to, &mut out).map_err(|e| format!("a {name} block is damaged: {e}"))?;
        if out.len() - before != to {
            return Err(format!("a {name} block gave {} bytes instead of {to}", out.len() - before));
        }
    }
    Ok(out)
}

fn unpack(kind: &[u8], block: &[u8], to: usize, out: &mut Vec<u8>) -> Parse<()> {
    // One byte more than announced is asked for, so that too long a block is noticed.
    let all = |reader: &mut dyn Read, out: &mut Vec<u8>| {
        reader.take(to as u64 + 1).read_to_end(out).map(drop).map_err(|e| e.to_string())
    };
    match kind {
        b"ZL" => all(&mut flate2::read::ZlibDecoder::new(block), out),
        b"CS" => all(&mut flate2::read::DeflateDecoder::new(block), out),
        b"XZ" => all(&mut lzma_rust2::XzReader::new(block, false), out),
        b"ZS" => {
            out.extend(zstd::bulk::decompress(block, to).map_err(|e| e.to_string())?);
            Ok(())
        }
        b"L4" => {
            let (sum, block) = block.split_first_chunk::<8>().ok_or("it is too short for its checksum")?;
            if twox_hash::XxHash64::oneshot(0, block).to_be_bytes() != *sum {
                return Err("its checksum is wrong".to_string());
            }
            out.extend(lz4_flex::block::decompress(block, to).map_err(|e| e.to_string())?);
            Ok(())
        }
        _ => Err("the algorithm is unknown".to_string()),
    }
}

/// Packs an object with zlib, or leaves it as it is where that is not shorter.
pub(super) fn compress(bytes: Vec<u8>, level: u32) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    for block in bytes.chunks(LARGEST) {
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(block.len() / 2), flate2::Compression::new(level));
        encoder.write_all(block)?;
        let packed = encoder.finish()?;
        if packed.len() >= block.len() {
            return Ok(bytes);
        }
        out.extend_from_slice(b"ZL\x08");
        for length in [packed.len(), block.len()] {
            out.extend_from_slice(&(length as u32).to_le_bytes()[..3]);
        }
        out.extend_from_slice(&packed);
    }
    Ok(if out.len() < bytes.len() { out } else { bytes })
}
