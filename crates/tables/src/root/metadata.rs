//! A TTree of version 20 with branches of version 13, as bytes.
//!
//! Members and their order are those of uproot's `writing/_cascadetree.py` (BSD-3-Clause), whose trees ROOT reads.

use super::put::Put;
use crate::Element;

/// kMustCleanup, which trees have.
const TREE_BITS: u32 = 0x8;
/// kDoNotUseBufferMap, which branches have.
const BRANCH_BITS: u32 = 0x0040_0000;

/// What a tree says about one of its branches.
pub(super) struct BranchRecord {
    pub(super) name: String,
    pub(super) element: Element,
    /// Numbers per entry, or 1 for jagged branches.
    pub(super) length: usize,
    /// What follows the name in its title: `[3]`, or `[nJet]`.
    pub(super) dimensions: String,
    /// For jagged branches: place of the counter among the branches, which must come before.
    pub(super) counter: Option<usize>,
    /// Whether another branch counts by it, and the largest count.
    pub(super) counts: Option<i64>,
    pub(super) basket_bytes: Vec<i32>,
    /// First entry of each basket.
    pub(super) basket_entry: Vec<i64>,
    pub(super) basket_seek: Vec<i64>,
    pub(super) total_bytes: i64,
    pub(super) zip_bytes: i64,
}

/// Letter of a type in a branch's title and leaf class of ROOT; small letters are unsigned.
fn letter(element: Element) -> char {
    match element {
        Element::F32 => 'F',
        Element::F64 => 'D',
        Element::I8 => 'B',
        Element::I16 => 'S',
        Element::I32 => 'I',
        Element::I64 => 'L',
        Element::U8 => 'b',
        Element::U16 => 's',
        Element::U32 => 'i',
        Element::U64 => 'l',
        Element::Bool => 'O',
    }
}

/// The object of a tree whose key has this length.
pub(super) fn tree(name: &str, entries: i64, branches: &[BranchRecord], key_length: usize) -> Vec<u8> {
    let mut out = Put::default();
    let mut leaves = Vec::new();
    let total: i64 = branches.iter().map(|b| b.total_bytes).sum();
    let zip: i64 = branches.iter().map(|b| b.zip_bytes).sum();
    out.object(20, |p| {
        p.named(name, "", TREE_BITS);
        // TAttLine, TAttFill, TAttMarker: ROOT's defaults.
        p.object(2, |p| {
            p.u16(602).u16(1).u16(1);
        });
        fill(p);
        p.object(2, |p| {
            p.u16(1).u16(1).raw(&1f32.to_be_bytes());
        });
        // fEntries, fTotBytes, fZipBytes, fSavedBytes, fFlushedBytes, fWeight
        p.i64(entries).i64(total).i64(zip).i64(0).i64(zip).raw(&1f64.to_be_bytes());
        // fTimerInterval, fScanField, fUpdate, fDefaultEntryOffsetLen, fNClusterRange
        p.i32(0).i32(25).i32(0).i32(1000).u32(0);
        // fMaxEntries, fMaxEntryLoop, fMaxVirtualSize, fAutoSave, fAutoFlush, fEstimate
        p.i64(1_000_000_000_000).i64(1_000_000_000_000).i64(0).i64(-300_000_000).i64(-30_000_000).i64(1_000_000);
        // fClusterRangeEnd, fClusterSize: none
        p.u8(0).u8(0);
        features(p);
        p.array(branches.len(), |p| {
            for branch in branches {
                let place = put_branch(p, branch, entries, key_length, &leaves);
                leaves.push(place);
            }
        });
        p.array(leaves.len(), |p| {
            for &place in &leaves {
                p.u32(place);
            }
        });
        // fAliases, fIndexValues, fIndex, fTreeIndex, fFriends, fUserInfo, fBranchRef: none
        p.raw(&[0; 28]);
    });
    out.bytes
}

/// TAttFill.
fn fill(p: &mut Put) {
    p.object(2, |p| {
        p.u16(0).u16(1001);
    });
}

/// ROOT::TIOFeatures without any; a class without a version has its checksum instead.
fn features(p: &mut Put) {
    p.object(0, |p| {
        p.raw(b"\x1a\xa1\x2f\x10").u8(0);
    });
}

/// Returns the number by which the branch's leaf is referred to.
fn put_branch(p: &mut Put, branch: &BranchRecord, entries: i64, key_length: usize, leaves: &[u32]) -> u32 {
    let mut place = 0;
    let counter = branch.counter.map(|counter| leaves[counter]);
    let letter = letter(branch.element);
    p.any("TBranch", |p| {
        p.object(13, |p| {
            p.named(&branch.name, &format!("{}{}/{letter}", branch.name, branch.dimensions), BRANCH_BITS);
            fill(p);
            let baskets = branch.basket_seek.len();
            // fCompress, fBasketSize, fEntryOffsetLen, fWriteBasket, fEntryNumber
            p.i32(0).i32(32000).i32(if counter.is_some() { 1000 } else { 0 }).u32(baskets as u32).i64(entries);
            features(p);
            // fOffset, fMaxBaskets, fSplitLevel, fEntries, fFirstEntry, fTotBytes, fZipBytes
            p.i32(0).u32(baskets as u32 + 1).i32(0).i64(entries).i64(0).i64(branch.total_bytes).i64(branch.zip_bytes);
            p.array(0, |_| {});
            p.array(1, |p| {
                place = (p.bytes.len() + key_length + 2) as u32;
                put_leaf(p, branch, letter, counter);
            });
            p.array(0, |_| {});
            // One entry more than baskets, as ROOT has it: the next basket would begin at the last entry.
            p.u8(1);
            for &x in branch.basket_bytes.iter().chain([&0]) {
                p.i32(x);
            }
            p.u8(1);
            for &x in branch.basket_entry.iter().chain([&entries]) {
                p.i64(x);
            }
            p.u8(1);
            for &x in branch.basket_seek.iter().chain([&0]) {
                p.i64(x);
            }
            p.string("");
        });
    });
    place
}

fn put_leaf(p: &mut Put, branch: &BranchRecord, letter: char, counter: Option<u32>) {
    let size = branch.element.size();
    p.any(&format!("TLeaf{}", letter.to_ascii_uppercase()), |p| {
        p.object(1, |p| {
            p.object(2, |p| {
                p.named(&branch.name, &format!("{}{}", branch.name, branch.dimensions), 0);
                // fLen, fLenType, fOffset, fIsRange, fIsUnsigned, fLeafCount
                p.u32(branch.length as u32).u32(size as u32).i32(0);
                p.u8(u8::from(branch.counts.is_some())).u8(u8::from(letter.is_ascii_lowercase()));
                p.u32(counter.unwrap_or(0));
            });
            // fMinimum, fMaximum: ROOT sizes its buffers by the largest count.
            let largest = branch.counts.unwrap_or(0).to_be_bytes();
            p.raw(&[0; 8][..size]).raw(&largest[8 - size..]);
        });
    });
}
