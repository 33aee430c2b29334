//! Which columns of numbers the branches of a tree are.
//!
//! | branch | column |
//! |---|---|
//! | one leaf `x/F` | scalar |
//! | one leaf `x[3]/F`, `x[2][3]/F` | fixed, row-major |
//! | one leaf `x[n]/F` | jagged with counter n |
//! | several leaves `x/F:y/I` | one column each, `branch.x`, `branch.y` |
//! | `std::vector<float>` | jagged; each entry begins with ten bytes: byte count, version, size |
//! | members of a split object, of a TClonesArray, of a `std::vector` of objects | scalar, fixed or jagged |

use super::tree::{Branch, Leaf, Tree};
use crate::reader::Skipped;
use crate::{Column, Element, Shape};

/// How the numbers of a column lie in the entries of its branch.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Bytes before the first number of an entry.
    pub(super) skip: usize,
    /// Bytes of an entry, where all have the same number.
    pub(super) stride: Option<usize>,
}

/// A column and the branch it comes from.
pub(super) struct Found {
    pub(super) column: Column,
    pub(super) layout: Layout,
    pub(super) branch: Branch,
}

/// All columns of a tree, and what else it has.
pub(super) fn columns(tree: Tree) -> (Vec<Found>, Vec<Skipped>) {
    let mut collected = (Vec::new(), Vec::new());
    let entries = tree.entries;
    for branch in tree.branches {
        collect(branch, "", entries, &mut collected);
    }
    (collected.0, collected.1)
}

fn collect(mut branch: Branch, parent: &str, entries: i64, out: &mut (Vec<Found>, Vec<Skipped>)) {
    let taken = |name: &str| out.0.iter().any(|f| f.column.name == name) || out.1.iter().any(|s| s.name == name);
    let mut name = branch.name.trim_end_matches('.').to_string();
    if taken(&name) && !parent.is_empty() {
        name = format!("{parent}/{name}");
    }
    if !branch.branches.is_empty() {
        for child in std::mem::take(&mut branch.branches) {
            collect(child, &name, entries, out);
        }
        return;
    }
    let found = if branch.entries != entries {
        Err(format!("a branch of {} entries in a tree of {entries}", branch.entries))
    } else if !branch.file.is_empty() {
        Err(format!("a branch whose baskets lie in another file, {}", branch.file))
    } else {
        kinds(&branch, &name)
    };
    let found = found.and_then(|found| match found.iter().find(|(column, _)| taken(&column.name)) {
        Some((column, _)) => Err(format!("a second branch named {}", column.name)),
        None => Ok(found),
    });
    match found {
        Ok(found) => {
            out.0.extend(found.into_iter().map(|(column, layout)| Found { column, layout, branch: branch.clone() }));
        }
        Err(kind) => out.1.push(Skipped { name, kind }),
    }
}

/// The columns of a branch without branches below it, or the name of its type.
fn kinds(branch: &Branch, name: &str) -> Result<Vec<(Column, Layout)>, String> {
    if branch.class == "TBranchElement" || branch.class == "TBranch" {
        if let [leaf] = branch.leaves.as_slice() {
            return one_leaf(branch, leaf, name).map(|found| vec![found]);
        }
    } else {
        return Err(if branch.holds.is_empty() { branch.class.clone() } else { branch.holds.clone() });
    }
    // Several leaves lie one after the other in each entry.
    let mut found = Vec::new();
    let mut skip = 0;
    for leaf in &branch.leaves {
        let list = || format!("leaf list with {} \"{}\"", leaf.class, leaf.name);
        if leaf.counter.is_some() {
            return Err(format!("leaf list with an array of variable length \"{}\"", leaf.name));
        }
        let element = plain_element(leaf).ok_or_else(list)?;
        let n = usize::try_from(leaf.length).ok().filter(|&n| n > 0).ok_or_else(list)?;
        let column = Column { shape: shape(n), ..Column::scalar(format!("{name}.{}", leaf.name), element) };
        found.push((column, Layout { skip, stride: None }));
        skip += n * element.size();
    }
    for (_, layout) in &mut found {
        layout.stride = Some(skip);
    }
    if found.is_empty() { Err("a branch without leaves".to_string()) } else { Ok(found) }
}

fn one_leaf(branch: &Branch, leaf: &Leaf, name: &str) -> Result<(Column, Layout), String> {
    let n = usize::try_from(leaf.length).ok().filter(|&n| n > 0).unwrap_or(1);
    let nested = || format!("{}[n][{n}]", leaf.class);
    if leaf.class != "TLeafElement" {
        let element = plain_element(leaf).ok_or_else(|| leaf_name(leaf))?;
        return match (&leaf.counter, n) {
            (Some(counter), 1) => Ok((jagged(name, element, Some(counter)), Layout { skip: 0, stride: None })),
            (Some(_), _) => Err(nested()),
            (None, n) => Ok(flat(name, element, n)),
        };
    }
    if let Some(element) = vector_element(&branch.holds) {
        if leaf.counter.is_some() {
            return Err(format!("vector<{}>", branch.holds));
        }
        return Ok((jagged(name, element, None), Layout { skip: 10, stride: None }));
    }
    let holds = || if branch.holds.is_empty() { format!("type {}", leaf.kind) } else { branch.holds.clone() };
    // Of TStreamerInfo's numbers, 1 to 19 are numbers, 21 to 39 arrays of them, 41 to 59 arrays behind a pointer.
    let element = streamer_element(leaf.kind.rem_euclid(20)).ok_or_else(holds)?;
    match (leaf.kind, &leaf.counter) {
        (1..=19, Some(counter)) if n == 1 => {
            Ok((jagged(name, element, Some(counter)), Layout { skip: 0, stride: None }))
        }
        (1..=19 | 21..=39, None) => Ok(flat(name, element, n)),
        (21..=39, Some(_)) => Err(nested()),
        (41..=59, None) => Ok((jagged(name, element, None), Layout { skip: 1, stride: None })),
        _ => Err(holds()),
    }
}

fn shape(n: usize) -> Shape {
    if n == 1 { Shape::Scalar } else { Shape::Fixed(n) }
}

fn flat(name: &str, element: Element, n: usize) -> (Column, Layout) {
    let column = Column { shape: shape(n), ..Column::scalar(name, element) };
    (column, Layout { skip: 0, stride: Some(n * element.size()) })
}

fn jagged(name: &str, element: Element, counter: Option<&String>) -> Column {
    Column { counter: counter.cloned(), ..Column::jagged(name, element) }
}

fn plain_element(leaf: &Leaf) -> Option<Element> {
    let (signed, unsigned) = match leaf.class.as_str() {
        "TLeafO" => return Some(Element::Bool),
        "TLeafF" => return Some(Element::F32),
        "TLeafD" => return Some(Element::F64),
        "TLeafB" => (Element::I8, Element::U8),
        "TLeafS" => (Element::I16, Element::U16),
        "TLeafI" => (Element::I32, Element::U32),
        "TLeafL" | "TLeafG" => (Element::I64, Element::U64),
        _ => return None,
    };
    Some(if leaf.unsigned { unsigned } else { signed })
}

fn leaf_name(leaf: &Leaf) -> String {
    match leaf.class.as_str() {
        "TLeafC" => "string (TLeafC)".to_string(),
        "TLeafF16" => "Float16_t (TLeafF16)".to_string(),
        "TLeafD32" => "Double32_t (TLeafD32)".to_string(),
        other => other.to_string(),
    }
}

/// Element of a `std::vector` of numbers.
fn vector_element(class: &str) -> Option<Element> {
    let inner = class.trim().trim_start_matches("std::").strip_prefix("vector<")?.strip_suffix('>')?;
    // An allocator may be named too.
    let inner = inner.split(',').next()?.trim();
    Some(match inner {
        "float" | "Float_t" => Element::F32,
        "double" | "Double_t" => Element::F64,
        "char" | "signed char" | "Char_t" | "int8_t" => Element::I8,
        "unsigned char" | "UChar_t" | "uint8_t" => Element::U8,
        "short" | "Short_t" | "int16_t" => Element::I16,
        "unsigned short" | "UShort_t" | "uint16_t" => Element::U16,
        "int" | "Int_t" | "int32_t" => Element::I32,
        "unsigned int" | "unsigned" | "UInt_t" | "uint32_t" => Element::U32,
        "long" | "long long" | "Long_t" | "Long64_t" | "int64_t" => Element::I64,
        "unsigned long" | "unsigned long long" | "ULong_t" | "ULong64_t" | "uint64_t" => Element::U64,
        "bool" | "Bool_t" => Element::Bool,
        _ => return None,
    })
}

/// Element of TStreamerInfo's number of a basic type (TVirtualStreamerInfo::EReadWrite).
fn streamer_element(kind: i32) -> Option<Element> {
    Some(match kind {
        1 | 10 => Element::I8,
        2 => Element::I16,
        3 | 6 => Element::I32,
        4 | 16 => Element::I64,
        5 => Element::F32,
        8 => Element::F64,
        11 => Element::U8,
        12 => Element::U16,
        13 | 15 => Element::U32,
        14 | 17 => Element::U64,
        18 => Element::Bool,
        _ => return None,
    })
}
