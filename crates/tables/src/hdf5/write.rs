//! Writing a table as datasets of the root group.

use super::file::Hdf5;
use crate::arrays::OFFSETS;
use crate::writer::{Sink, Start};
use crate::{AtomicFile, Block, Element, Error, Result, Shape};

/// Deflate level: 4 takes three times as long and saves some percent.
const LEVEL: u32 = 1;

struct Hdf5Writer {
    out: Hdf5,
    attributes: Vec<(String, String)>,
    /// For each column its dataset, and for jagged ones that of the offsets with the last of them.
    places: Vec<(usize, Option<(usize, u64)>)>,
}

/// Starts a file.
pub(crate) fn create(start: Start) -> Result<Box<dyn Sink>> {
    let columns = start.schema.columns();
    let jagged = columns.iter().filter(|c| c.shape == Shape::Jagged).count();
    let mut out = Hdf5::create(&start.path, LEVEL)?;
    out.expect(columns.len() + jagged);
    let mut places = Vec::new();
    for column in columns {
        if column.name.contains('/') || column.name == "." {
            let problem = "has a name that HDF5 takes for a path; rename it";
            return Err(Error::column(&start.path, &column.name, problem));
        }
        let row = if let Shape::Fixed(n) = column.shape { vec![n as u64] } else { Vec::new() };
        let set = out.dataset(&column.name, column.element, None, &row, Vec::new());
        let mut offsets = None;
        if column.shape == Shape::Jagged {
            let name = format!("{}{OFFSETS}", column.name);
            if start.schema.position(&name).is_some() {
                let problem = format!("needs \"{name}\" for its rows' places, which is a column; rename one of them");
                return Err(Error::column(&start.path, &column.name, problem));
            }
            let set = out.dataset(&name, Element::I64, None, &[], Vec::new());
            out.append(set, &0i64.to_le_bytes())?;
            offsets = Some((set, 0));
        }
        places.push((set, offsets));
    }
    Ok(Box::new(Hdf5Writer { out, attributes: start.attributes, places }))
}

impl Sink for Hdf5Writer {
    fn write(&mut self, block: &Block) -> Result<()> {
        for ((set, offsets), data) in self.places.iter_mut().zip(block.data()) {
            self.out.append(*set, &data.values.to_le())?;
            if let (Some((set, end)), Some(mine)) = (offsets, &data.offsets) {
                let before = *end;
                let ends: Vec<u8> = mine[1..].iter().flat_map(|&e| (before + e as u64).to_le_bytes()).collect();
                self.out.append(*set, &ends)?;
                *end += data.values.len() as u64;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<()> {
        self.attributes.push((name.to_string(), text.to_string()));
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<AtomicFile> {
        self.out.close(&self.attributes)
    }
}
