//! Vectors of the widest instruction set that the processor has: AVX-512, AVX2 with FMA, Neon, or plain code.
//!
//! Every matrix of this crate has rows of whole [`BLOCK`]s, so no loop over columns has a remainder.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};
use pulp::{Arch, Simd, WithSimd};

/// Columns that a register tile holds; rows of matrices are padded to a multiple of it with zeros.
pub(crate) const BLOCK: usize = 16;

/// `n` columns and their padding.
pub(crate) fn padded(n: usize) -> usize {
    n.next_multiple_of(BLOCK)
}

/// Runs an operation with the best instructions there are.
pub(crate) fn run<K: WithSimd>(operation: K) -> K::Output {
    #[cfg(test)]
    if tests::PORTABLE.get() {
        return operation.with_simd(pulp::Scalar);
    }
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = V4::try_new() {
            return Simd::vectorize(simd, operation);
        }
        if let Some(simd) = V3::try_new() {
            return Simd::vectorize(simd, operation);
        }
    }
    Arch::new().dispatch(operation)
}

/// The instruction set that products and activations use here.
pub fn instruction_set() -> &'static str {
    struct Width;
    impl WithSimd for Width {
        type Output = usize;

        fn with_simd<S: Simd>(self, _: S) -> usize {
            lanes::<S>()
        }
    }
    match run(Width) {
        16 => "AVX-512",
        8 => "AVX2",
        4 => "128-bit vectors",
        _ => "portable",
    }
}

/// Numbers in a vector.
pub(crate) const fn lanes<S: Simd>() -> usize {
    size_of::<S::f32s>() / size_of::<f32>()
}

/// `exp(x)` to one unit in the last place for `x <= 88`; what is below -87 gives zero: numbers too small for a normal one would cost a product some
/// hundred cycles each.
///
/// `2^y = 2^n 2^f` with `n` the nearest integer: adding 1.5 2^23 leaves `n` in the last bits of the sum.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    const MAGIC: f32 = 12_582_912.0;
    // ln(2)^k/k!, k = 7 ... 0: the next term is below 1e-8 for |f| <= 1/2.
    const TAYLOR: [f32; 8] = [
        1.525_273_4e-5,
        1.540_353e-4,
        1.333_355_8e-3,
        9.618_129e-3,
        5.550_411e-2,
        2.402_265e-1,
        std::f32::consts::LN_2,
        1.0,
    ];
    let y = simd.mul_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E));
    let least = simd.splat_f32s(-126.0);
    let nothing = simd.less_than_f32s(y, least);
    let y = simd.max_f32s(y, least);
    let shifted = simd.add_f32s(y, simd.splat_f32s(MAGIC));
    let f = simd.sub_f32s(y, simd.sub_f32s(shifted, simd.splat_f32s(MAGIC)));
    let mut power = simd.splat_f32s(TAYLOR[0]);
    for c in &TAYLOR[1..] {
        power = simd.mul_add_e_f32s(power, f, simd.splat_f32s(*c));
    }
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    let power = simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(power), n));
    simd.select_f32s(nothing, simd.splat_f32s(0.0), power)
}

/// `x clamp(x/6 + 1/2, 0, 1)`.
#[inline(always)]
pub(crate) fn hard_swish<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let gate = simd.mul_add_e_f32s(x, simd.splat_f32s(1.0 / 6.0), simd.splat_f32s(0.5));
    simd.mul_f32s(x, simd.min_f32s(simd.max_f32s(gate, simd.splat_f32s(0.0)), simd.splat_f32s(1.0)))
}

/// Its slope: 0 below -3, 1 above 3, `x/3 + 1/2` between.
#[inline(always)]
pub(crate) fn hard_swish_slope<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let inner = simd.mul_add_e_f32s(x, simd.splat_f32s(1.0 / 3.0), simd.splat_f32s(0.5));
    let right = simd.select_f32s(simd.less_than_f32s(simd.splat_f32s(3.0), x), one, inner);
    simd.select_f32s(simd.less_than_f32s(x, simd.splat_f32s(-3.0)), zero, right)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// Whether operations of this thread run on the portable path.
        pub static PORTABLE: Cell<bool> = const { Cell::new(false) };
    }

    struct Each<'a>(&'a [f32], &'a mut [f32], bool);

    impl WithSimd for Each<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (x, _) = S::as_simd_f32s(self.0);
            let (y, _) = S::as_mut_simd_f32s(self.1);
            for (x, y) in x.iter().zip(y) {
                *y = if self.2 { exp(simd, *x) } else { hard_swish(simd, *x) };
            }
        }
    }

    fn each(x: &[f32], exponential: bool) -> Vec<f32> {
        let mut y = vec![0.0; x.len()];
        run(Each(x, &mut y, exponential));
        y
    }

    #[test]
    fn the_exponential_has_single_precision_on_every_path() {
        let x: Vec<f32> = (0..1600).map(|i| -80.0 + 0.0725 * i as f32 / 1.4).collect();
        for portable in [false, true] {
            PORTABLE.set(portable);
            for (x, y) in x.iter().zip(each(&x, true)) {
                let exact = f64::from(*x).exp();
                // The rounding of x log2(e) alone costs |x| 2^-24.
                let allowed = 2e-7 + f64::from(x.abs()) * 1.2e-7;
                assert!((f64::from(y) / exact - 1.0).abs() < allowed, "exp({x}) = {y}, not {exact}");
            }
        }
        PORTABLE.set(false);
        assert!(each(&[-1e30; 16], true).iter().all(|y| *y == 0.0));
    }

    #[test]
    fn hard_swish_is_zero_left_identity_right_and_quadratic_between() {
        let mut x = [0.0; 16];
        x[..7].copy_from_slice(&[-5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0]);
        for (a, b) in each(&x, false).iter().zip([0.0, 0.0, -0.375, 0.0, 1.125, 3.0, 5.0]) {
            assert!((a - b).abs() < 1e-6, "{a} against {b}");
        }
    }
}
