//! A basket: some entries of one branch, and where each begins.

use super::compress::decompress;
use super::cursor::{Cursor, Parse};
use super::file::{Key, RootFile};
use crate::Result;

/// The entries of a basket, unpacked.
pub(super) struct Basket {
    pub(super) entries: usize,
    /// Bytes of all entries.
    pub(super) data: Vec<u8>,
    /// Where each entry begins in the data and where the last ends, if they differ in length.
    pub(super) offsets: Option<Vec<u32>>,
}

/// Bytes after the names of a basket's key: version, buffer size, offset count, entries, end, flag.
const TAIL: usize = 2 + 4 * 4 + 1;

/// Reads the basket at a place of the file.
pub(super) fn read(file: &mut RootFile, seek: u64, bytes: usize) -> Result<Basket> {
    let damaged = |file: &RootFile, problem: String| file.damaged(format!("the basket at byte {seek}: {problem}"));
    let raw = file.read(seek, bytes)?;
    parse(&raw).map_err(|problem| damaged(file, problem))
}

fn parse(raw: &[u8]) -> Parse<Basket> {
    let mut cursor = Cursor::new(raw);
    let key = Key::parse(&mut cursor)?;
    let key_length = usize::from(key.key_length);
    if key.class != "TBasket" || key.bytes as usize != raw.len() {
        return Err(format!("a {} of {} bytes lies there instead of {}", key.class, key.bytes, raw.len()));
    }
    let tail = key_length.checked_sub(TAIL).filter(|&at| at >= cursor.at()).ok_or("its key is too short")?;
    cursor.move_to(tail)?;
    // fVersion, fBufferSize, fNevBufSize
    cursor.take(10)?;
    let entries = cursor.i32()?;
    let last = cursor.i32()?;
    let entries = usize::try_from(entries).map_err(|_| format!("it has {entries} entries"))?;
    let border = usize::try_from(last).ok().and_then(|last| last.checked_sub(key_length));
    let border = border.ok_or_else(|| format!("its data end at byte {last}"))?;
    let packed = raw.get(key_length..).ok_or("its key is longer than itself")?;
    let uncompressed = key.uncompressed as usize;
    let mut data = if packed.len() == uncompressed { packed.to_vec() } else { decompress(packed, uncompressed)? };
    if border > data.len() {
        return Err(format!("its data end at byte {border} of {}", data.len()));
    }
    let offsets =
        if border == data.len() { None } else { Some(offsets(&data[border..], entries, border, key_length)?) };
    data.truncate(border);
    Ok(Basket { entries, data, offsets })
}

/// The count of offsets and the offsets, which count from the key; the last is not meaningful.
fn offsets(bytes: &[u8], entries: usize, border: usize, key_length: usize) -> Parse<Vec<u32>> {
    let mut cursor = Cursor::new(bytes);
    cursor.u32()?;
    if cursor.rest() / 4 < entries {
        return Err(format!("{entries} entries, but {} places where they begin", cursor.rest() / 4));
    }
    let mut offsets = Vec::with_capacity(entries + 1);
    let mut before = 0;
    for entry in 0..entries {
        let place = (cursor.u32()? as usize).checked_sub(key_length);
        let place = place.filter(|&p| p >= before && p <= border && (entry > 0 || p == 0));
        let place = place.ok_or_else(|| format!("entry {entry} of the basket begins outside of the data"))?;
        offsets.push(place as u32);
        before = place;
    }
    offsets.push(border as u32);
    Ok(offsets)
}
