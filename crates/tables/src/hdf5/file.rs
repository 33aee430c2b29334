//! A streaming writer of the small part of HDF5 that tables and arrays need: chunked, shuffled, deflated datasets in the
//! root group, and text attributes.
//!
//! Chunks go to the disk as they fill; the index (version 1 B-trees), the text (one global heap) and the object headers
//! follow at the end, and the superblock (version 2) comes last. Memory: one chunk per dataset and 12 bytes per written
//! chunk. Reference: HDF5 File Format Specification Version 3.0, sections named beside the code.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::encode::{Heap, lookup3, object_header, shuffle};
use crate::{AtomicFile, Element, Result};

const UNDEFINED: u64 = u64::MAX;
const SUPERBLOCK: u64 = 48;
/// Bytes of an uncompressed chunk: small enough for the chunk cache of other readers (1 MiB) to hold several.
const CHUNK: usize = 1 << 18;
/// Bytes of the buffers of all datasets together.
const BUFFERS: usize = 1 << 26;
/// Children of a node of a chunk B-tree: twice the rank 32 that version 2 superblocks imply.
const CHILDREN: usize = 64;

/// Datatype message (IV.A.2.d).
fn datatype(element: Element) -> Vec<u8> {
    let integer = |signed: u8, size: u8| vec![0x10, signed << 3, 0, 0, size, 0, 0, 0, 0, 0, size * 8, 0];
    match element {
        Element::F32 => vec![0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0],
        Element::F64 => vec![0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0],
        Element::I8 => integer(1, 1),
        Element::I16 => integer(1, 2),
        Element::I32 => integer(1, 4),
        Element::I64 => integer(1, 8),
        Element::U8 => integer(0, 1),
        Element::U16 => integer(0, 2),
        Element::U32 => integer(0, 4),
        Element::U64 => integer(0, 8),
        // An enumeration of FALSE and TRUE over a signed byte, which h5py reads as bool.
        Element::Bool => {
            let names = b"FALSE\0\0\0TRUE\0\0\0\0".as_slice();
            [&[0x18, 2, 0, 0, 1, 0, 0, 0], integer(1, 1).as_slice(), names, &[0, 1]].concat()
        }
    }
}

/// A name with a text.
pub type Attribute = (String, String);

/// An array whose first axis grows as rows are appended.
struct Dataset {
    name: String,
    element: Element,
    /// Lengths of the axes after the first.
    row: Vec<u64>,
    attributes: Vec<Attribute>,
    rows_per_chunk: usize,
    rows: u64,
    buffer: Vec<u8>,
    /// Address and stored size of each chunk, in order.
    chunks: Vec<(u64, u32)>,
}

impl Dataset {
    fn row_bytes(&self) -> usize {
        self.row.iter().product::<u64>() as usize * self.element.size()
    }

    /// Key of a chunk B-tree node (III.A.1): stored size, no skipped filters, position of the chunk in elements.
    fn key(&self, chunk: usize) -> Vec<u8> {
        let size = self.chunks.get(chunk).map_or(0, |c| c.1);
        let mut key = [size.to_le_bytes(), [0; 4]].concat();
        key.extend_from_slice(&((chunk * self.rows_per_chunk) as u64).to_le_bytes());
        key.resize(8 * (self.row.len() + 3), 0);
        key
    }
}

/// An HDF5 file being written.
pub struct Hdf5 {
    out: AtomicFile,
    end: u64,
    level: u32,
    chunk: usize,
    datasets: Vec<Dataset>,
}

impl Hdf5 {
    /// Starts a file whose chunks are deflated at `level` (1 to 9).
    pub fn create(path: &Path, level: u32) -> Result<Hdf5> {
        Ok(Hdf5 { out: AtomicFile::create(path)?, end: SUPERBLOCK, level, chunk: CHUNK, datasets: Vec::new() })
    }

    /// Prepares for this many datasets: their chunks become smaller, so that the buffers of all stay below 64 MiB.
    pub fn expect(&mut self, datasets: usize) {
        self.chunk = (BUFFERS / datasets.max(1)).clamp(1 << 12, CHUNK);
    }

    /// Adds an array of `[rows, row...]` elements, of which at most `rows` will come if that is known, and returns its number.
    pub fn dataset(
        &mut self,
        name: &str,
        element: Element,
        rows: Option<usize>,
        row: &[u64],
        attributes: Vec<Attribute>,
    ) -> usize {
        let row_bytes = row.iter().product::<u64>() as usize * element.size();
        self.datasets.push(Dataset {
            name: name.to_string(),
            element,
            row: row.to_vec(),
            attributes,
            rows_per_chunk: (self.chunk / row_bytes.max(1)).clamp(1, rows.unwrap_or(usize::MAX).max(1)),
            rows: 0,
            buffer: Vec::new(),
            chunks: Vec::new(),
        });
        self.datasets.len() - 1
    }

    /// Appends whole rows of little-endian elements to dataset number `index`.
    pub fn append(&mut self, index: usize, mut bytes: &[u8]) -> Result<()> {
        let row_bytes = self.datasets[index].row_bytes();
        self.datasets[index].rows += (bytes.len() / row_bytes) as u64;
        while !bytes.is_empty() {
            let set = &mut self.datasets[index];
            let full = set.rows_per_chunk * row_bytes;
            let (now, later) = bytes.split_at(bytes.len().min(full - set.buffer.len()));
            set.buffer.extend_from_slice(now);
            bytes = later;
            if set.buffer.len() == full {
                self.flush(index)?;
            }
        }
        Ok(())
    }

    /// Stores the buffered rows as a chunk, padded to its full size.
    fn flush(&mut self, index: usize) -> Result<()> {
        let set = &mut self.datasets[index];
        let mut chunk = std::mem::take(&mut set.buffer);
        chunk.resize(set.rows_per_chunk * set.row_bytes(), 0);
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(chunk.len() / 2), Compression::new(self.level));
        let packed = encoder.write_all(&shuffle(&chunk, set.element.size())).and_then(|()| encoder.finish());
        let packed = packed.map_err(|e| self.out.failed(e))?;
        chunk.clear();
        self.datasets[index].buffer = chunk;
        let address = self.put(&packed)?;
        self.datasets[index].chunks.push((address, packed.len() as u32));
        Ok(())
    }

    /// Writes bytes at the end of the file and returns their address.
    fn put(&mut self, bytes: &[u8]) -> Result<u64> {
        let address = self.end;
        self.out.write_at(address, bytes)?;
        self.end += bytes.len() as u64;
        Ok(address)
    }

    /// Writes everything but the chunks, and gives the file its name.
    pub fn finish(self, attributes: &[Attribute]) -> Result<()> {
        Ok(self.close(attributes)?.commit()?)
    }

    /// Writes everything but the chunks; the file has no name yet.
    pub fn close(mut self, attributes: &[Attribute]) -> Result<AtomicFile> {
        for index in 0..self.datasets.len() {
            if !self.datasets[index].buffer.is_empty() {
                self.flush(index)?;
            }
        }
        let mut heap = Heap::at(self.end);
        let root_attributes: Vec<_> = attributes.iter().map(|a| heap.attribute(a)).collect();
        let sets = std::mem::take(&mut self.datasets);
        let set_attributes: Vec<Vec<_>> =
            sets.iter().map(|s| s.attributes.iter().map(|a| heap.attribute(a)).collect()).collect();
        if !heap.is_empty() {
            self.put(&heap.finish())?;
        }

        // Link info, group info and link messages (IV.A.2.c, k, g).
        let mut root = vec![(2, [[0, 0].as_slice(), &[0xff; 16]].concat()), (10, vec![0, 0])];
        for (set, attributes) in sets.iter().zip(set_attributes) {
            let index = self.chunk_index(set)?;
            let header = object_header(&dataset_messages(set, index, self.level, attributes));
            let address = self.put(&header)?;
            // Flags: two bytes for the length of the name, and a field for its encoding, which is UTF-8.
            let length = (set.name.len() as u16).to_le_bytes();
            root.push((6, [&[1, 0x11, 1], length.as_slice(), set.name.as_bytes(), &address.to_le_bytes()].concat()));
        }
        root.extend(root_attributes.into_iter().map(|a| (12, a)));
        let root = self.put(&object_header(&root))?;

        // Superblock (II.A): without it the file is not yet HDF5.
        let mut superblock = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
        for address in [0, UNDEFINED, self.end, root] {
            superblock.extend_from_slice(&address.to_le_bytes());
        }
        let checksum = lookup3(&superblock);
        superblock.extend_from_slice(&checksum.to_le_bytes());
        self.out.write_at(0, &superblock)?;
        Ok(self.out)
    }

    /// Writes the B-tree of a dataset's chunks from the leaves upwards and returns the address of its root.
    fn chunk_index(&mut self, set: &Dataset) -> Result<u64> {
        // Each child is its address and the number of its first chunk.
        if set.chunks.is_empty() {
            return Ok(UNDEFINED);
        }
        let mut children: Vec<(u64, usize)> = set.chunks.iter().enumerate().map(|(i, c)| (c.0, i)).collect();
        let node_bytes = 24 + CHILDREN * 8 + (CHILDREN + 1) * 8 * (set.row.len() + 3);
        let mut level = 0u8;
        loop {
            let nodes = children.len().div_ceil(CHILDREN);
            let first = self.end;
            let address = |node: usize| if node < nodes { first + (node * node_bytes) as u64 } else { UNDEFINED };
            let mut parents = Vec::with_capacity(nodes);
            for (i, part) in children.chunks(CHILDREN).enumerate() {
                let mut node = [b"TREE\x01".as_slice(), &[level], &(part.len() as u16).to_le_bytes()].concat();
                node.extend_from_slice(&address(i.wrapping_sub(1)).to_le_bytes());
                node.extend_from_slice(&address(i + 1).to_le_bytes());
                for (child, chunk) in part {
                    node.extend_from_slice(&set.key(*chunk));
                    node.extend_from_slice(&child.to_le_bytes());
                }
                let next = children.get((i + 1) * CHILDREN).map_or(set.chunks.len(), |c| c.1);
                node.extend_from_slice(&set.key(next));
                node.resize(node_bytes, 0);
                parents.push((self.put(&node)?, part[0].1));
            }
            if nodes == 1 {
                return Ok(parents[0].0);
            }
            children = parents;
            level += 1;
        }
    }
}

/// Messages of a dataset's object header: dataspace, datatype, fill value, layout, filters, attributes (IV.A.2).
fn dataset_messages(set: &Dataset, index: u64, level: u32, attributes: Vec<Vec<u8>>) -> Vec<(u8, Vec<u8>)> {
    let rank = set.row.len() as u8 + 1;
    let mut space = vec![2, rank, 0, 1];
    let mut layout = [[3, 2, rank + 1].as_slice(), &index.to_le_bytes()].concat();
    for (axis, length) in [set.rows].iter().chain(&set.row).enumerate() {
        space.extend_from_slice(&length.to_le_bytes());
        let chunk = if axis == 0 { set.rows_per_chunk as u32 } else { *length as u32 };
        layout.extend_from_slice(&chunk.to_le_bytes());
    }
    let size = set.element.size() as u8;
    layout.extend_from_slice(&[size, 0, 0, 0]);
    // Shuffle (filter 2, by element size), then deflate (filter 1, at a level); both optional.
    let filters = vec![2, 2, 2, 0, 1, 0, 1, 0, size, 0, 0, 0, 1, 0, 1, 0, 1, 0, level as u8, 0, 0, 0];
    let mut messages = vec![(1, space), (3, datatype(set.element)), (5, vec![3, 0x0b]), (8, layout), (11, filters)];
    messages.extend(attributes.into_iter().map(|a| (12, a)));
    messages
}
