//! AVX-512's products of pairs of bfloat16 numbers, `vdpbf16ps`, for processors without a matrix unit; rounding for both.

use std::arch::x86_64::{
    __m512bh, __m512i, _mm512_cvtne2ps_pbh, _mm512_dpbf16_ps, _mm512_loadu_si512, _mm512_maskz_loadu_ps,
    _mm512_set1_epi32, _mm512_setzero_ps, _mm512_store_si512, _mm512_storeu_ps,
};
use std::mem::transmute;

use crate::bf16::{Line, ROWS, STEP};

/// Whether the processor has the instructions.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512bf16")
}

/// Rounds a row, 32 numbers to a line; the last line is filled up with zeros.
///
/// # Safety
/// [`available`].
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(crate) unsafe fn round_row<'a>(row: &[f32], lines: impl Iterator<Item = &'a mut Line>) {
    for (line, numbers) in lines.zip(row.chunks(STEP)) {
        let mask = if numbers.len() == STEP { u32::MAX } else { (1 << numbers.len()) - 1 };
        // SAFETY: masked numbers are not read; a line is aligned to its 64 bytes.
        unsafe {
            let low = _mm512_maskz_loadu_ps(mask as u16, numbers.as_ptr());
            let high = _mm512_maskz_loadu_ps((mask >> 16) as u16, numbers.as_ptr().wrapping_add(STEP / 2));
            let both = _mm512_cvtne2ps_pbh(high, low);
            _mm512_store_si512(line.0.as_mut_ptr().cast(), transmute::<__m512bh, __m512i>(both));
        }
    }
}

/// Sums of `rows` rows of a panel with one or two blocks of columns, in rows of 32.
///
/// # Safety
/// [`available`]; `left` has `steps` times 32 lines, each block of `right` `steps` times 16.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(crate) unsafe fn sums(left: &[Line], right: [&[Line]; 2], steps: usize, rows: usize, to: &mut [f32; 1024]) {
    debug_assert!(left.len() >= 32 * steps && right.iter().all(|r| r.len() >= 16 * steps));
    const M: usize = 8;
    for first in (0..rows).step_by(M) {
        // SAFETY: the caller's; rows up to the next multiple of 8 exist in a panel and in the result.
        unsafe {
            let mut sums = [[_mm512_setzero_ps(); 2]; M];
            for step in 0..steps {
                for pair in 0..ROWS {
                    let b = right.map(|right| {
                        let line = right.as_ptr().add(step * ROWS + pair);
                        transmute::<__m512i, __m512bh>(_mm512_loadu_si512(line.cast()))
                    });
                    for (m, sums) in sums.iter_mut().enumerate() {
                        let line = left.as_ptr().add(step * 2 * ROWS + first + m);
                        let pair = _mm512_set1_epi32(line.cast::<i32>().add(pair).read());
                        let a = transmute::<__m512i, __m512bh>(pair);
                        sums[0] = _mm512_dpbf16_ps(sums[0], a, b[0]);
                        sums[1] = _mm512_dpbf16_ps(sums[1], a, b[1]);
                    }
                }
            }
            for (m, sums) in sums.iter().enumerate() {
                let row = to.as_mut_ptr().add((first + m) * 32);
                _mm512_storeu_ps(row, sums[0]);
                _mm512_storeu_ps(row.add(16), sums[1]);
            }
        }
    }
}
