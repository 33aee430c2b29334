//! From the numbers that a file gives to its vertices to their places in memory.

use std::collections::HashMap;

/// Numbers are mostly 1, 2, 3, ...: a table holds those, a map the rest, so that no number in a file makes it large.
#[derive(Default)]
pub(crate) struct Barcodes {
    table: Vec<Option<u32>>,
    rest: HashMap<u64, u32>,
    len: usize,
}

impl Barcodes {
    pub(crate) fn clear(&mut self) {
        self.table.clear();
        self.rest.clear();
        self.len = 0;
    }

    /// Adds `code`; false if it is there already.
    pub(crate) fn insert(&mut self, code: u64, place: usize) -> bool {
        if self.get(code).is_some() {
            return false;
        }
        let Ok(value) = u32::try_from(place) else { return false };
        self.len += 1;
        match usize::try_from(code) {
            Ok(code) if code < 1024 + 4 * self.len => {
                if self.table.len() <= code {
                    self.table.resize(code + 1, None);
                }
                self.table[code] = Some(value);
            }
            _ => {
                self.rest.insert(code, value);
            }
        }
        true
    }

    #[inline]
    pub(crate) fn get(&self, code: u64) -> Option<usize> {
        let in_table = usize::try_from(code).ok().and_then(|code| self.table.get(code).copied().flatten());
        let found = in_table.or_else(|| if self.rest.is_empty() { None } else { self.rest.get(&code).copied() });
        found.map(|place| place as usize)
    }
}
