//! Products of tiles on the matrix unit of x86 (AMX): 16 x 16 sums over 32 steps in one instruction.
//!
//! The registers are a thread's: they are configured for as long as a [`Tiles`] lives. A process asks the system for them once.

use std::arch::asm;
use std::cell::Cell;
use std::marker::PhantomData;

use crate::bf16::Line;

thread_local! {
    /// How many [`Tiles`] this thread has.
    static TILES: Cell<usize> = const { Cell::new(0) };
}

/// Palette 1: eight tiles of 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Config([u8; 64]);

const CONFIG: Config = {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    let mut tile = 0;
    while tile < 8 {
        bytes[16 + 2 * tile] = 64;
        bytes[48 + tile] = 16;
        tile += 1;
    }
    Config(bytes)
};

/// Whether the processor has the unit and the system lends it.
pub(crate) fn available() -> bool {
    #[cfg(target_os = "linux")]
    {
        // arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA), Linux 5.16 and later: it fails where either lacks.
        let (request, tile_data): (libc::c_ulong, libc::c_ulong) = (0x1023, 18);
        // Leaf 7: AMX-BF16 and AMX-TILE.
        let leaf = std::arch::x86_64::__cpuid_count(7, 0);
        let unit = leaf.edx & (1 << 22) != 0 && leaf.edx & (1 << 24) != 0;
        // SAFETY: the call takes two numbers and changes nothing but what the process may use.
        unit && unsafe { libc::syscall(libc::SYS_arch_prctl, request, tile_data) } == 0
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// This thread's tile registers.
pub(crate) struct Tiles(PhantomData<*const ()>);

impl Tiles {
    /// Configures them, unless they are.
    ///
    /// # Safety
    /// [`available`].
    pub unsafe fn new() -> Tiles {
        if TILES.get() == 0 {
            // SAFETY: the caller's; the configuration is a valid one.
            unsafe { asm!("ldtilecfg [{config}]", config = in(reg) &CONFIG, options(nostack, readonly)) }
        }
        TILES.set(TILES.get() + 1);
        Tiles(PhantomData)
    }

    /// Sums of a panel of `2 R` tiles' rows with one or two blocks of columns, in rows of 32.
    ///
    /// # Safety
    /// `left` has `steps` times 32 lines, each block of `right` `steps` times 16.
    #[inline(always)]
    pub unsafe fn sums(&self, left: &[Line], right: [&[Line]; 2], steps: usize, tall: bool, sums: &mut [f32; 1024]) {
        debug_assert!(left.len() >= 32 * steps && right.iter().all(|r| r.len() >= 16 * steps) && steps > 0);
        let two = !std::ptr::eq(right[0], right[1]);
        // SAFETY: the caller's; a tile is 16 lines of 64 bytes, results are 16 rows of 64 bytes at intervals of 128.
        unsafe {
            match (tall, two) {
                (true, true) => asm!(
                    "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                    "2:",
                    "tileloadd tmm4, [{a} + {line}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{c} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "tileloadd tmm5, [{a} + {line}*1 + 1024]",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "tdpbf16ps tmm3, tmm5, tmm7",
                    "add {a}, 2048", "add {b}, 1024", "add {c}, 1024",
                    "dec {steps}", "jnz 2b",
                    "tilestored [{to} + {row}*1], tmm0",
                    "tilestored [{to} + {row}*1 + 64], tmm1",
                    "tilestored [{to} + {row}*1 + 2048], tmm2",
                    "tilestored [{to} + {row}*1 + 2112], tmm3",
                    a = inout(reg) left.as_ptr() => _, b = inout(reg) right[0].as_ptr() => _,
                    c = inout(reg) right[1].as_ptr() => _, steps = inout(reg) steps => _,
                    line = in(reg) 64usize, row = in(reg) 128usize, to = in(reg) sums.as_mut_ptr(),
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _, out("tmm4") _, out("tmm5") _,
                    out("tmm6") _, out("tmm7") _, options(nostack),
                ),
                (false, true) => asm!(
                    "tilezero tmm0", "tilezero tmm1",
                    "2:",
                    "tileloadd tmm4, [{a} + {line}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tileloadd tmm7, [{c} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm1, tmm4, tmm7",
                    "add {a}, 2048", "add {b}, 1024", "add {c}, 1024",
                    "dec {steps}", "jnz 2b",
                    "tilestored [{to} + {row}*1], tmm0",
                    "tilestored [{to} + {row}*1 + 64], tmm1",
                    a = inout(reg) left.as_ptr() => _, b = inout(reg) right[0].as_ptr() => _,
                    c = inout(reg) right[1].as_ptr() => _, steps = inout(reg) steps => _,
                    line = in(reg) 64usize, row = in(reg) 128usize, to = in(reg) sums.as_mut_ptr(),
                    out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _, options(nostack),
                ),
                (true, false) => asm!(
                    "tilezero tmm0", "tilezero tmm2",
                    "2:",
                    "tileloadd tmm4, [{a} + {line}*1]",
                    "tileloadd tmm5, [{a} + {line}*1 + 1024]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "tdpbf16ps tmm2, tmm5, tmm6",
                    "add {a}, 2048", "add {b}, 1024",
                    "dec {steps}", "jnz 2b",
                    "tilestored [{to} + {row}*1], tmm0",
                    "tilestored [{to} + {row}*1 + 2048], tmm2",
                    a = inout(reg) left.as_ptr() => _, b = inout(reg) right[0].as_ptr() => _,
                    steps = inout(reg) steps => _,
                    line = in(reg) 64usize, row = in(reg) 128usize, to = in(reg) sums.as_mut_ptr(),
                    out("tmm0") _, out("tmm2") _, out("tmm4") _, out("tmm5") _, out("tmm6") _, options(nostack),
                ),
                (false, false) => asm!(
                    "tilezero tmm0",
                    "2:",
                    "tileloadd tmm4, [{a} + {line}*1]",
                    "tileloadd tmm6, [{b} + {line}*1]",
                    "tdpbf16ps tmm0, tmm4, tmm6",
                    "add {a}, 2048", "add {b}, 1024",
                    "dec {steps}", "jnz 2b",
                    "tilestored [{to} + {row}*1], tmm0",
                    a = inout(reg) left.as_ptr() => _, b = inout(reg) right[0].as_ptr() => _,
                    steps = inout(reg) steps => _,
                    line = in(reg) 64usize, row = in(reg) 128usize, to = in(reg) sums.as_mut_ptr(),
                    out("tmm0") _, out("tmm4") _, out("tmm6") _, options(nostack),
                ),
            }
        }
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        TILES.set(TILES.get() - 1);
        if TILES.get() == 0 {
            // SAFETY: the registers were configured by this thread.
            unsafe { asm!("tilerelease", options(nostack, nomem)) }
        }
    }
}
