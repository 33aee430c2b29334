//! The list of classes that a ROOT file carries (TStreamerInfo).

use super::put::Put;

/// An empty TList.
pub(super) fn list() -> Vec<u8> {
    let mut out = Put::default();
    out.object(5, |p| {
        p.t_object(0).string("").u32(0);
    });
    out.bytes
}
