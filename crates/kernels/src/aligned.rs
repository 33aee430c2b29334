//! Numbers that begin at a multiple of 64 bytes, so that no vector straddles two cache lines: a store that does is several times as slow, and
//! a load right after it waits.

use std::ops::{Deref, DerefMut};

use crate::simd::BLOCK;

#[repr(C, align(64))]
#[derive(Clone, Copy, Debug)]
struct Block([f32; BLOCK]);

/// A vector whose memory only grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned {
    blocks: Vec<Block>,
    len: usize,
}

impl Aligned {
    /// So many zeros.
    pub fn zeros(len: usize) -> Aligned {
        let mut numbers = Aligned::default();
        numbers.resize(len);
        numbers
    }

    /// Makes room for `len` numbers; new ones are zero, old ones whatever they were.
    pub fn resize(&mut self, len: usize) {
        let blocks = len.div_ceil(BLOCK);
        if self.blocks.len() < blocks {
            self.blocks.resize(blocks, Block([0.0; BLOCK]));
        }
        self.len = len;
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a block is 16 numbers without padding, and there are blocks for `len` numbers.
        unsafe { std::slice::from_raw_parts(self.blocks.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as for `deref`.
        unsafe { std::slice::from_raw_parts_mut(self.blocks.as_mut_ptr().cast(), self.len) }
    }
}
