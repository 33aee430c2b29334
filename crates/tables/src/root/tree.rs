//! A TTree as it lies in a file: its branches, their leaves, and where their baskets are.
//!
//! TTree of versions 16 to 20, TBranch of versions 10 to 13; what follows the parts that are needed is skipped by its byte
//! count. The members and their order are those of uproot's `models/TTree.py`, `TBranch.py` and `TLeaf.py` (BSD-3-Clause).

use std::collections::HashMap;

use super::cursor::{Cursor, Parse};

/// Tag of an object of a class that is named here for the first time.
const NEW_CLASS: u32 = 0xffff_ffff;
const CLASS: u32 = 0x8000_0000;
const BYTE_COUNT: u32 = 0x4000_0000;
/// References count from here.
const FIRST: usize = 2;
/// Branches within branches that are followed.
const DEPTH: usize = 32;

/// A leaf: what one number of a branch is.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) class: String,
    pub(super) name: String,
    /// Numbers per entry, or per element of the counter.
    pub(super) length: i32,
    pub(super) unsigned: bool,
    /// Name of the leaf that counts.
    pub(super) counter: Option<String>,
    /// TStreamerInfo's number of the type, in leaves of class TLeafElement.
    pub(super) kind: i32,
}

/// A branch: a column or several in baskets of their own, or a group of branches.
#[derive(Clone, Debug, Default)]
pub(super) struct Branch {
    pub(super) class: String,
    pub(super) name: String,
    /// Name of the C++ class, for branches of class TBranchElement.
    pub(super) holds: String,
    pub(super) entries: i64,
    pub(super) branches: Vec<Branch>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) baskets: usize,
    pub(super) basket_bytes: Vec<i32>,
    pub(super) basket_entry: Vec<i64>,
    pub(super) basket_seek: Vec<u64>,
    /// Another file that holds the baskets, if any.
    pub(super) file: String,
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) entries: i64,
    pub(super) branches: Vec<Branch>,
}

#[derive(Clone)]
enum Known {
    Class(String),
    Leaf(Leaf),
    Other,
}

enum Object {
    Branch(Branch),
    Leaf(Leaf),
    Nothing,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    /// References count from the beginning of the key.
    key_length: usize,
    known: HashMap<usize, Known>,
}

/// Reads the tree of an object of class TTree or derived from it by one step (TNtuple).
pub(super) fn parse(bytes: &[u8], key_length: usize, class: &str) -> Parse<Tree> {
    let mut parser = Parser { cursor: Cursor::new(bytes), key_length, known: HashMap::new() };
    if class != "TTree" {
        parser.cursor.header()?;
    }
    parser.tree()
}

impl Parser<'_> {
    fn tree(&mut self) -> Parse<Tree> {
        let c = &mut self.cursor;
        let version = c.header()?.version;
        if !(16..=20).contains(&version) {
            return Err(format!("it is a TTree of version {version}; 16 to 20 are read"));
        }
        c.named()?;
        for _ in ["TAttLine", "TAttFill", "TAttMarker"] {
            c.skip_object()?;
        }
        let entries = c.i64()?;
        let totals = if version >= 18 { 4 } else { 3 };
        c.take(8 * totals)?;
        c.take(8 + 3 * 4)?;
        if version >= 17 {
            c.u32()?;
        }
        let ranges = if version >= 19 { c.u32()? as usize } else { 0 };
        c.take(8 * if version >= 18 { 6 } else { 5 })?;
        if version >= 19 {
            for _ in ["fClusterRangeEnd", "fClusterSize"] {
                c.u8()?;
                c.take(ranges.saturating_mul(8))?;
            }
        }
        if version >= 20 {
            c.skip_object()?;
        }
        let branches = self.array(0)?.into_iter().filter_map(|object| match object {
            Object::Branch(branch) => Some(branch),
            _ => None,
        });
        Ok(Tree { entries, branches: branches.collect() })
    }

    /// TObjArray.
    fn array(&mut self, depth: usize) -> Parse<Vec<Object>> {
        let header = self.cursor.header()?;
        self.cursor.object()?;
        if header.version > 2 {
            self.cursor.string()?;
        }
        let count = self.cursor.i32()?;
        self.cursor.i32()?;
        let count = usize::try_from(count).unwrap_or(0);
        if count > self.cursor.rest() / 4 {
            return Err(format!("{count} objects do not fit into {} bytes", self.cursor.rest()));
        }
        let objects = (0..count).map(|_| self.any(depth)).collect::<Parse<_>>()?;
        self.cursor.leave(&header)?;
        Ok(objects)
    }

    /// An object behind a pointer: new, known already, or none (TBufferFile::ReadObjectAny).
    fn any(&mut self, depth: usize) -> Parse<Object> {
        if depth > DEPTH {
            return Err(format!("branches are nested more than {DEPTH} deep"));
        }
        let start = self.cursor.at();
        let first = self.cursor.u32()?;
        let counted = first & BYTE_COUNT != 0 && first != NEW_CLASS;
        let (tag, end) = if counted {
            let end = self.cursor.at() + (first & !BYTE_COUNT) as usize;
            (self.cursor.u32()?, Some(end))
        } else {
            (first, None)
        };
        if tag & CLASS == 0 {
            if let Some(end) = end {
                self.cursor.move_to(end)?;
            }
            return Ok(match self.known.get(&(tag as usize)) {
                Some(Known::Leaf(leaf)) => Object::Leaf(leaf.clone()),
                _ => Object::Nothing,
            });
        }
        let class = if tag == NEW_CLASS {
            let place = if counted { start + 4 + self.key_length + FIRST } else { self.known.len() + 1 };
            let class = self.cursor.c_string()?;
            self.known.insert(place, Known::Class(class.clone()));
            class
        } else {
            match self.known.get(&((tag & !CLASS) as usize)) {
                Some(Known::Class(class)) => class.clone(),
                _ => return Err(format!("an object at byte {start} is of a class that was never named")),
            }
        };
        let object = match class.as_str() {
            name if name.starts_with("TBranch") && name != "TBranchRef" => Object::Branch(self.branch(&class, depth)?),
            name if name.starts_with("TLeaf") => Object::Leaf(self.leaf(&class, depth)?),
            _ => {
                let end = end.ok_or_else(|| format!("an object of class {class} cannot be skipped"))?;
                self.cursor.move_to(end)?;
                Object::Nothing
            }
        };
        let place = if counted { start + self.key_length + FIRST } else { self.known.len() + 1 };
        let known = if let Object::Leaf(leaf) = &object { Known::Leaf(leaf.clone()) } else { Known::Other };
        self.known.insert(place, known);
        Ok(object)
    }

    fn branch(&mut self, class: &str, depth: usize) -> Parse<Branch> {
        if class == "TBranch" {
            let mut branch = self.plain_branch(depth)?;
            branch.class = class.to_string();
            return Ok(branch);
        }
        let header = self.cursor.header()?;
        let mut branch = self.plain_branch(depth)?;
        branch.class = class.to_string();
        if class != "TBranchClones" {
            branch.holds = self.cursor.string()?;
        }
        self.cursor.leave(&header)?;
        Ok(branch)
    }

    fn plain_branch(&mut self, depth: usize) -> Parse<Branch> {
        let c = &mut self.cursor;
        let header = c.header()?;
        let version = header.version;
        if !(10..=13).contains(&version) {
            return Err(format!("a TBranch is of version {version}; 10 to 13 are read"));
        }
        let (name, _) = c.named()?;
        c.skip_object()?;
        // fCompress, fBasketSize, fEntryOffsetLen, fWriteBasket, fEntryNumber
        c.take(12)?;
        let baskets = c.i32()?;
        c.i64()?;
        if version >= 13 {
            c.skip_object()?;
        }
        c.i32()?;
        let most = c.u32()? as usize;
        c.i32()?;
        let entries = c.i64()?;
        c.take(if version >= 11 { 24 } else { 16 })?;
        let branches = self.array(depth + 1)?.into_iter().filter_map(|object| match object {
            Object::Branch(branch) => Some(branch),
            _ => None,
        });
        let branches = branches.collect();
        let leaves = self.array(depth + 1)?.into_iter().filter_map(|object| match object {
            Object::Leaf(leaf) => Some(leaf),
            _ => None,
        });
        let leaves = leaves.collect();
        self.array(depth + 1)?;
        let c = &mut self.cursor;
        let mut array = |wide: fn(u8) -> bool| -> Parse<Vec<i64>> {
            let wide = wide(c.u8()?);
            let bytes = c.take(most.saturating_mul(if wide { 8 } else { 4 }))?;
            Ok(if wide {
                bytes.as_chunks().0.iter().map(|b| i64::from_be_bytes(*b)).collect()
            } else {
                bytes.as_chunks().0.iter().map(|b| i32::from_be_bytes(*b).into()).collect()
            })
        };
        let basket_bytes = array(|_| false)?.into_iter().map(|b| b as i32).collect();
        let basket_entry = array(|_| true)?;
        // Version 10 says with 2 that the addresses are of eight bytes; later versions always have them so.
        let seek = if version == 10 { array(|bump| bump == 2) } else { array(|_| true) }?;
        let basket_seek = seek.into_iter().map(|s| s as u64).collect();
        let file = c.string()?;
        if header.end.is_some() {
            c.leave(&header)?;
        }
        let baskets = usize::try_from(baskets).unwrap_or(0).min(most);
        let holds = String::new();
        let class = String::new();
        Ok(Branch {
            class,
            name,
            holds,
            entries,
            branches,
            leaves,
            baskets,
            basket_bytes,
            basket_entry,
            basket_seek,
            file,
        })
    }

    fn leaf(&mut self, class: &str, depth: usize) -> Parse<Leaf> {
        let outer = self.cursor.header()?;
        let header = if class == "TLeaf" { None } else { Some(self.cursor.header()?) };
        let (name, _) = self.cursor.named()?;
        let length = self.cursor.i32()?;
        self.cursor.take(8)?;
        self.cursor.u8()?;
        let unsigned = self.cursor.u8()? != 0;
        let counter = match self.any(depth + 1)? {
            Object::Leaf(leaf) => Some(leaf.name),
            _ => None,
        };
        if let Some(header) = &header {
            self.cursor.leave(header)?;
        }
        let mut kind = 0;
        if class == "TLeafElement" {
            self.cursor.i32()?;
            kind = self.cursor.i32()?;
        }
        self.cursor.leave(&outer)?;
        Ok(Leaf { class: class.to_string(), name, length, unsigned, counter, kind })
    }
}
