//! The list of classes that a ROOT file carries (TStreamerInfo), by which other versions of ROOT read its objects.
//!
//! It is the one of uproot 5.7.7 (BSD-3-Clause, <https://github.com/scikit-hep/uproot5>) for the very versions of classes that are
//! written here, TTree 20 and TBranch 13 among them, as `scripts/make_table_samples.py` takes it from a file of uproot.

use std::io::Read;

const DEFLATED: &[u8] = include_bytes!("streamers.zz");

/// Length of the key before the list: references within the list count from its beginning.
pub(super) const KEY_LENGTH: usize = 64;

/// The TList.
pub(super) fn list() -> std::io::Result<Vec<u8>> {
    let mut list = Vec::new();
    flate2::read::ZlibDecoder::new(DEFLATED).read_to_end(&mut list)?;
    Ok(list)
}
