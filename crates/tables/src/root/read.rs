//! Rows of a tree: for each column the baskets that overlap them, one kept unpacked per branch.

use std::ops::Range;
use std::path::Path;

use super::basket::{self, Basket};
use super::column::{Found, columns};
use super::cursor::Cursor;
use super::file::{Key, RootFile};
use super::tree;
use crate::reader::{Opened, Source};
use crate::{Data, Error, Result, Schema};

const TREES: [&str; 3] = ["TTree", "TNtuple", "TNtupleD"];

/// Names of the trees of a file.
pub(crate) fn tables(path: &Path) -> Result<Vec<String>> {
    let (_, keys) = RootFile::open(path)?;
    Ok(keys.into_iter().filter(|k| TREES.contains(&k.class.as_str())).map(|k| k.name).collect())
}

/// Opens a tree.
pub(crate) fn open(path: &Path, table: Option<&str>) -> Result<Opened> {
    let (mut file, keys) = RootFile::open(path)?;
    let trees: Vec<&Key> = keys.iter().filter(|k| TREES.contains(&k.class.as_str())).collect();
    let names = || trees.iter().map(|k| k.name.clone()).collect();
    let missing = |problem| Error::Table { path: path.to_path_buf(), problem, tables: names() };
    let ntuple = |key: &&Key| key.class.ends_with("RNTuple") && table.is_none_or(|t| t == key.name);
    let key = match (table, trees.as_slice()) {
        (Some(name), trees) if trees.iter().any(|k| k.name == name) => trees.iter().find(|k| k.name == name).copied(),
        (None, [one]) => Some(*one),
        _ => None,
    };
    let Some(key) = key else {
        if let Some(key) = keys.iter().find(ntuple) {
            let problem = format!(
                "\"{}\" is an RNTuple, which is not read; write it as a TTree, e.g. by RDataFrame::Snapshot",
                key.name
            );
            return Err(file.damaged(problem));
        }
        return Err(match (table, trees.len()) {
            (Some(name), _) => missing(format!("it has no tree \"{name}\"")),
            (None, 0) => missing(format!("it has no tree, but {} other objects", keys.len())),
            (None, n) => missing(format!("it has {n} trees and one must be chosen")),
        });
    };
    let bytes = file.object(key)?;
    let tree = tree::parse(&bytes, usize::from(key.key_length), &key.class);
    let tree = tree.map_err(|problem| file.damaged(format!("the tree \"{}\": {problem}", key.name)))?;
    let rows = u64::try_from(tree.entries)
        .map_err(|_| file.damaged(format!("the tree \"{}\" has {} entries", key.name, tree.entries)))?;
    let (mut found, skipped) = columns(tree);
    // Counts of split objects lie in branches that are no columns.
    let names: Vec<String> = found.iter().map(|f| f.column.name.clone()).collect();
    for found in &mut found {
        found.column.counter = found.column.counter.take().filter(|counter| names.contains(counter));
    }
    let schema = Schema::new(found.iter().map(|f| f.column.clone()).collect())?;
    let folder = key.name.rfind('/').map_or("", |end| &key.name[..=end]);
    let mut attributes = Vec::new();
    for other in keys.iter().filter(|k| k.class == "TNamed") {
        let Some(name) = other.name.strip_prefix(folder).filter(|name| !name.contains('/')) else { continue };
        let object = file.object(other)?;
        let named = Cursor::new(&object).named();
        let (_, text) = named.map_err(|problem| file.damaged(format!("the text \"{name}\": {problem}")))?;
        attributes.push((name.to_string(), text));
    }
    let lanes = found.into_iter().map(|found| Lane { found, kept: None }).collect();
    let source = Box::new(Trees { file, lanes });
    Ok(Opened { table: key.name.clone(), schema, rows, attributes, skipped, notes: Vec::new(), source })
}

/// A column and its basket read last.
struct Lane {
    found: Found,
    kept: Option<(usize, Basket)>,
}

struct Trees {
    file: RootFile,
    lanes: Vec<Lane>,
}

impl Source for Trees {
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        columns.iter().map(|&place| self.lanes[place].read(&mut self.file, rows.clone())).collect()
    }
}

impl Lane {
    fn read(&mut self, file: &mut RootFile, rows: Range<u64>) -> Result<Data> {
        let mut data = Data::empty(&self.found.column);
        let branch = &self.found.branch;
        let starts = &branch.basket_entry[..branch.baskets];
        let mut next = rows.start;
        let mut number = starts.partition_point(|&first| first as u64 <= next).saturating_sub(1);
        while next < rows.end {
            let Some(&first) = starts.get(number) else {
                let problem = "lies in a basket that was never flushed from the tree, which is not read; \
                               write the file again with TTree::FlushBaskets or uproot";
                return Err(Error::value(&file.path, &self.found.column.name, next, problem));
            };
            if self.kept.as_ref().is_none_or(|kept| kept.0 != number) {
                self.kept = None;
                let bytes = usize::try_from(branch.basket_bytes[number]).unwrap_or(0);
                let basket = basket::read(file, branch.basket_seek[number], bytes)?;
                self.kept = Some((number, basket));
            }
            let Some((_, basket)) = &self.kept else { break };
            let end = (first as u64).saturating_add(basket.entries as u64).min(rows.end);
            if first < 0 || (first as u64) > next || end <= next {
                // An empty basket has its successor's first entry.
                if basket.entries == 0 && (first as u64) == next {
                    number += 1;
                    continue;
                }
                let problem = format!("its basket {number} has entries {first}..{}", first + basket.entries as i64);
                return Err(Error::value(&file.path, &self.found.column.name, next, problem));
            }
            let part = (next - first as u64) as usize..(end - first as u64) as usize;
            append(&mut data, basket, part, &self.found).map_err(|(entry, problem)| {
                Error::value(&file.path, &self.found.column.name, first as u64 + entry as u64, problem)
            })?;
            next = end;
            number += 1;
        }
        Ok(data)
    }
}

/// Appends entries of a basket to a column; an error is the entry and what is wrong with it.
fn append(
    data: &mut Data,
    basket: &Basket,
    entries: Range<usize>,
    found: &Found,
) -> std::result::Result<(), (usize, String)> {
    let size = found.column.element.size();
    let layout = &found.layout;
    let Some(ends) = &mut data.offsets else {
        let width = found.column.width().unwrap_or(1) * size;
        let stride = layout.stride.unwrap_or(width);
        if basket.data.len() != basket.entries * stride {
            let problem =
                format!("its basket has {} bytes for {} entries of {stride}", basket.data.len(), basket.entries);
            return Err((entries.start, problem));
        }
        if stride == width {
            data.values.push_be(&basket.data[entries.start * stride..entries.end * stride]);
        } else {
            for entry in basket.data[entries.start * stride..entries.end * stride].chunks_exact(stride) {
                data.values.push_be(&entry[layout.skip..layout.skip + width]);
            }
        }
        return Ok(());
    };
    let Some(offsets) = &basket.offsets else {
        if !basket.data.is_empty() {
            return Err((entries.start, "its basket does not say where entries begin, which is not read".to_string()));
        }
        let end = ends.last().copied().unwrap_or(0);
        ends.resize(ends.len() + entries.len(), end);
        return Ok(());
    };
    for entry in entries.clone() {
        let bytes = &basket.data[offsets[entry] as usize..offsets[entry + 1] as usize];
        // A pointer to nothing has no numbers.
        let Some(numbers) = bytes.get(layout.skip..).filter(|n| n.len() % size == 0) else {
            return Err((entry, format!("{} bytes are not {} and some numbers of {size}", bytes.len(), layout.skip)));
        };
        // The size of a vector lies before its numbers.
        if layout.skip == 10 && bytes[6..10] != ((numbers.len() / size) as u32).to_be_bytes() {
            let stated = &bytes[6..10];
            return Err((entry, format!("a vector says that its size is {stated:?}, but has {} bytes", numbers.len())));
        }
        if layout.skip > 0 {
            data.values.push_be(numbers);
        }
        let end = ends.last().copied().unwrap_or(0);
        ends.push(end + numbers.len() / size);
    }
    if layout.skip == 0 {
        let (a, b) = (offsets[entries.start] as usize, offsets[entries.end] as usize);
        data.values.push_be(&basket.data[a..b]);
    }
    Ok(())
}
