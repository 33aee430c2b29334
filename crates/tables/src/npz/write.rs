//! Writing a table as an archive: columns grow in a temporary file, as an array states its length before its numbers.

use std::path::PathBuf;

use super::ATTRIBUTES;
use super::archive::Archive;
use super::npy::descr;
use super::spill::Spill;
use crate::arrays::OFFSETS;
use crate::writer::{Sink, Start};
use crate::{AtomicFile, Block, Element, Error, Result, Shape};

/// An array of the archive to be.
struct Planned {
    name: String,
    element: Element,
    /// Numbers per row, where it has a second axis.
    width: Option<usize>,
}

struct NpzWriter {
    path: PathBuf,
    attributes: Vec<(String, String)>,
    spill: Spill,
    arrays: Vec<Planned>,
    /// For each column its array, and the last offset of jagged ones, whose offsets are the next array.
    places: Vec<(usize, Option<u64>)>,
}

/// Starts an archive.
pub(crate) fn create(start: Start) -> Result<Box<dyn Sink>> {
    let mut arrays = Vec::new();
    let mut places = Vec::new();
    let mut firsts = Vec::new();
    for column in start.schema.columns() {
        let taken = |name: &str| start.schema.position(name).is_some();
        let offsets = format!("{}{OFFSETS}", column.name);
        if column.name == ATTRIBUTES || column.name.contains('/') {
            return Err(Error::column(&start.path, &column.name, "has a name that an npz file cannot use; rename it"));
        }
        let width = if let Shape::Fixed(n) = column.shape { Some(n) } else { None };
        places.push((arrays.len(), (column.shape == Shape::Jagged).then_some(0)));
        arrays.push(Planned { name: column.name.clone(), element: column.element, width });
        if column.shape == Shape::Jagged {
            if taken(&offsets) {
                let problem =
                    format!("needs \"{offsets}\" for its rows' places, which is a column; rename one of them");
                return Err(Error::column(&start.path, &column.name, problem));
            }
            firsts.push(arrays.len());
            arrays.push(Planned { name: offsets, element: Element::I64, width: None });
        }
    }
    let mut spill = Spill::create(&start.path, arrays.len())?;
    for first in firsts {
        spill.append(first, &0i64.to_le_bytes())?;
    }
    let (path, attributes) = (start.path, start.attributes);
    Ok(Box::new(NpzWriter { path, attributes, spill, arrays, places }))
}

impl Sink for NpzWriter {
    fn write(&mut self, block: &Block) -> Result<()> {
        for ((array, end), data) in self.places.iter_mut().zip(block.data()) {
            self.spill.append(*array, &data.values.to_le())?;
            if let (Some(end), Some(offsets)) = (end, &data.offsets) {
                let before = *end;
                let ends: Vec<u8> = offsets[1..].iter().flat_map(|&e| (before + e as u64).to_le_bytes()).collect();
                self.spill.append(*array + 1, &ends)?;
                *end += data.values.len() as u64;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<()> {
        self.attributes.push((name.to_string(), text.to_string()));
        Ok(())
    }

    fn close(mut self: Box<Self>) -> Result<AtomicFile> {
        let elements: u64 = (0..self.arrays.len()).map(|k| self.spill.length(k)).sum();
        let names: usize = self.arrays.iter().map(|a| a.name.len() + 512).sum();
        let text: usize = self.attributes.iter().map(|(k, v)| 8 * (k.len() + v.len())).sum();
        let mut archive = Archive::create(&self.path, elements + (names + text) as u64)?;
        for (k, Planned { name, element, width }) in self.arrays.iter().enumerate() {
            let size = element.size() as u64;
            let numbers = self.spill.length(k) / size;
            let shape = match width {
                Some(width) => vec![numbers / *width as u64, *width as u64],
                None => vec![numbers],
            };
            let index = archive.member(name, descr(*element), &shape, size)?;
            self.spill.replay(k, |bytes| archive.append(index, bytes))?;
        }
        archive.attributes(&self.attributes)?;
        archive.close()
    }
}
