//! Writing a tree: rows gather in one buffer per branch, and all buffers become baskets together.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::container::Container;
use super::metadata::{self, BranchRecord};
use super::put::Put;
use crate::writer::{Sink, Start};
use crate::{AtomicFile, Block, Data, Element, Error, Result, Schema, Shape, Values};

/// Bytes per branch at which baskets are written, if there are few; small enough for other readers' caches.
const BASKET: usize = 1 << 18;
/// Bytes of all buffers at most, whatever the number of branches.
const BUFFERS: usize = 1 << 26;
/// zlib's level: 1 is three times as fast as 6.
const LEVEL: u32 = 1;
/// Name of the tree where none is given, as in NanoAOD.
const TREE: &str = "Events";

/// Starts a file with one tree.
pub(crate) fn create(start: Start) -> Result<Box<dyn Sink>> {
    create_behind(start, 0)
}

/// The same with a gap of `skip` bytes before the tree, so that large addresses can be tested.
pub(super) fn create_behind(start: Start, skip: u64) -> Result<Box<dyn Sink>> {
    let branches = plan(&start)?;
    let limit = BUFFERS.min(BASKET * branches.len());
    let out = Container::create(&start.path, LEVEL, skip)?;
    let tree = if start.table.is_empty() { TREE.to_string() } else { start.table.replace('/', "_") };
    let (path, schema, attributes) = (start.path, start.schema, start.attributes);
    Ok(Box::new(TreeWriter { out, path, tree, schema, attributes, branches, limit, pending: 0, rows: 0 }))
}

/// Where the numbers of a branch come from.
#[derive(Clone, Copy)]
enum Origin {
    Column(usize),
    /// The lengths of the rows of a jagged column.
    Lengths(usize),
}

struct Lane {
    origin: Origin,
    record: BranchRecord,
    /// For jagged branches: the column whose numbers must be their lengths.
    checked: Option<usize>,
    pending: Data,
}

struct TreeWriter {
    out: Container,
    path: PathBuf,
    tree: String,
    schema: Arc<Schema>,
    attributes: Vec<(String, String)>,
    branches: Vec<Lane>,
    limit: usize,
    /// Rows and bytes in the buffers.
    pending: usize,
    rows: u64,
}

/// One branch per column, and a counter before each jagged one that has none.
fn plan(start: &Start) -> Result<Vec<Lane>> {
    let columns = start.schema.columns();
    let mut places = HashMap::new();
    let mut lanes: Vec<Lane> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let mut counter = None;
        let mut checked = None;
        if column.shape == Shape::Jagged {
            let own = format!("n{}", column.name);
            let name = column.counter.clone().filter(|c| start.schema.position(c).is_some()).unwrap_or(own);
            let origin = match start.schema.position(&name) {
                Some(other) => {
                    let fits = columns[other].shape == Shape::Scalar && columns[other].element.is_integer();
                    if !fits || columns[other].element.size() > 4 {
                        let problem = format!(
                            "needs its lengths in an integer column of at most 32 bits, but \"{}\" is none; rename one of them",
                            columns[other]
                        );
                        return Err(Error::column(&start.path, &column.name, problem));
                    }
                    checked = Some(other);
                    Origin::Column(other)
                }
                None => Origin::Lengths(place),
            };
            let known = places.get(&name).copied();
            let at = known.unwrap_or_else(|| {
                let element = if let Origin::Column(other) = origin { columns[other].element } else { Element::I32 };
                lanes.push(lane(origin, &name, element, Shape::Scalar, None));
                lanes.len() - 1
            });
            lanes[at].record.counts = Some(0);
            places.insert(name, at);
            counter = Some(at);
        } else if places.contains_key(&column.name) {
            continue;
        }
        let dimension = counter.map(|at| lanes[at].record.name.clone());
        let mut lane = lane(Origin::Column(place), &column.name, column.element, column.shape, dimension);
        lane.record.counter = counter;
        lane.checked = checked;
        places.insert(column.name.clone(), lanes.len());
        lanes.push(lane);
    }
    Ok(lanes)
}

fn lane(origin: Origin, name: &str, element: Element, shape: Shape, counter: Option<String>) -> Lane {
    let (length, dimensions) = match (shape, counter) {
        (Shape::Fixed(n), _) => (n, format!("[{n}]")),
        (_, Some(counter)) => (1, format!("[{counter}]")),
        _ => (1, String::new()),
    };
    let record = BranchRecord {
        name: name.to_string(),
        element,
        length,
        dimensions,
        counter: None,
        counts: None,
        basket_bytes: Vec::new(),
        basket_entry: Vec::new(),
        basket_seek: Vec::new(),
        total_bytes: 0,
        zip_bytes: 0,
    };
    let offsets = (shape == Shape::Jagged).then(|| vec![0]);
    Lane { origin, record, checked: None, pending: Data { values: Values::empty(element), offsets } }
}

impl Sink for TreeWriter {
    fn write(&mut self, block: &Block) -> Result<()> {
        self.check_counters(block)?;
        // Rows are taken in steps, so that a large block fills buffers no further than a small one.
        let bytes: usize = block.data().iter().map(|d| d.values.len() * d.values.element().size()).sum();
        let step = (self.limit / (bytes / block.rows().max(1)).max(1)).clamp(1, 1 << 20);
        let mut start = 0;
        while start < block.rows() {
            let end = block.rows().min(start + step);
            let part = block.slice(start..end)?;
            for lane in &mut self.branches {
                match lane.origin {
                    Origin::Column(place) => lane.pending.append(&part.data()[place]),
                    Origin::Lengths(place) => {
                        let lengths = lengths(&part.data()[place]).map(|n| n as i32).collect();
                        lane.pending.append(&Data { values: Values::I32(lengths), offsets: None });
                    }
                }
            }
            self.pending += end - start;
            start = end;
            let held: usize = self.branches.iter().map(|l| l.pending.values.len() * l.record.element.size()).sum();
            if held >= self.limit {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<()> {
        self.attributes.push((name.to_string(), text.to_string()));
        Ok(())
    }

    fn close(mut self: Box<Self>) -> Result<AtomicFile> {
        self.flush()?;
        for (name, text) in &self.attributes {
            let mut object = Put::default();
            object.named(name, text, 0);
            let key = self.out.key("TNamed", name, "", Vec::new());
            self.out.put(key, object.bytes, true)?;
        }
        let key = self.out.key("TTree", &self.tree, "", Vec::new());
        let records: Vec<BranchRecord> = self.branches.into_iter().map(|lane| lane.record).collect();
        let object = metadata::tree(&self.tree, self.rows as i64, &records, key.length());
        self.out.put(key, object, true)?;
        self.out.close()
    }
}

fn lengths(data: &Data) -> impl Iterator<Item = usize> + '_ {
    data.offsets.iter().flat_map(|offsets| offsets.windows(2).map(|pair| pair[1] - pair[0]))
}

impl TreeWriter {
    /// A counter that is a column must agree with the lengths of the rows; the largest count is kept for all.
    fn check_counters(&mut self, block: &Block) -> Result<()> {
        let before = self.rows + self.pending as u64;
        for index in 0..self.branches.len() {
            let lane = &self.branches[index];
            let (Some(counter), Origin::Column(place)) = (lane.record.counter, lane.origin) else { continue };
            let data = &block.data()[place];
            let largest = lengths(data).max().unwrap_or(0) as i64;
            if largest > i64::from(i32::MAX) {
                let problem = format!("a row has {largest} numbers, more than a ROOT counter can state");
                return Err(Error::value(&self.path, &lane.record.name, before, problem));
            }
            if let Some(other) = lane.checked {
                let name = &self.schema.columns()[other].name;
                let counts: Vec<i64> = block.numbers(name)?;
                let differs = lengths(data).zip(&counts).position(|(length, &count)| length as i64 != count);
                if let Some(row) = differs {
                    let found = lengths(data).nth(row).unwrap_or(0);
                    let problem = format!("has {found} numbers, but its counter \"{name}\" says {}", counts[row]);
                    return Err(Error::value(&self.path, &lane.record.name, before + row as u64, problem));
                }
            }
            let counts = &mut self.branches[counter].record.counts;
            *counts = Some(counts.unwrap_or(0).max(largest));
        }
        Ok(())
    }

    /// Writes every buffer as a basket.
    fn flush(&mut self) -> Result<()> {
        if self.pending == 0 {
            return Ok(());
        }
        for lane in &mut self.branches {
            let mut key = self.out.key("TBasket", &lane.record.name, &self.tree, vec![0; 19]);
            let key_length = key.length();
            let mut object = lane.pending.values.to_be();
            let last = (key_length + object.len()) as u32;
            let mut size = (lane.record.length * lane.record.element.size()) as u32;
            if let Some(offsets) = &lane.pending.offsets {
                let bytes = lane.record.element.size();
                object.extend_from_slice(&(offsets.len() as u32).to_be_bytes());
                object.extend(offsets.iter().flat_map(|end| ((key_length + end * bytes) as u32).to_be_bytes()));
                size = offsets.len() as u32 + 1;
            }
            // fVersion, fBufferSize, fNevBufSize, fNevBuf, fLast, and a flag that nothing else follows.
            let mut extra = Put::default();
            extra.u16(3).u32(32000).u32(size).u32(self.pending as u32).u32(last).u8(0);
            key.extra = extra.bytes;
            let written = self.out.put(key, object, false)?;
            lane.record.basket_bytes.push(written.bytes as i32);
            lane.record.basket_entry.push(self.rows as i64);
            lane.record.basket_seek.push(written.seek as i64);
            lane.record.total_bytes += written.uncompressed as i64;
            lane.record.zip_bytes += i64::from(written.bytes);
            lane.pending.clear();
        }
        self.rows += self.pending as u64;
        self.pending = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, TableReader};

    #[test]
    fn a_tree_beyond_two_gigabytes_has_large_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.root");
        let schema = Arc::new(Schema::new(vec![Column::jagged("x", Element::F32)]).unwrap());
        let block = Block::new(schema.clone(), 2, vec![Data::jagged(&[vec![1f32], vec![2.0, 3.0]])]).unwrap();
        let attributes = vec![("seed".to_string(), "42".to_string())];
        let start = Start { path: path.clone(), table: String::new(), schema, attributes };
        // The gap is a hole in the file, which takes no space.
        let mut sink = create_behind(start, 5_000_000_000).unwrap();
        sink.write(&block).unwrap();
        sink.close().unwrap().commit().unwrap();
        let mut reader = TableReader::open(&path).unwrap().select(&["x"]).unwrap();
        assert_eq!(reader.attributes()[0].1, "42");
        assert_eq!(reader.read(0..2).unwrap().data(), block.data());
        if let Ok(copy) = std::env::var("TABLES_LARGE") {
            // For other programs to look at.
            std::fs::rename(&path, copy).unwrap();
        }
    }
}
