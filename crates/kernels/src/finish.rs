//! What is done with the sums of a product while they are in registers.

use pulp::Simd;

use crate::matrix::Matrix;
use crate::norm::Modulation;
use crate::product::{Finish, load, store};
use crate::simd::hard_swish;

/// Where a product is written: element `(i, j)` is `base[i * stride + j]`.
pub(crate) struct Out<'a> {
    base: &'a mut [f32],
    stride: usize,
}

impl<'a> Out<'a> {
    /// A matrix from its first row on.
    pub fn of(matrix: &'a mut Matrix) -> Out<'a> {
        let stride = matrix.stride();
        Out { base: matrix.all_mut(), stride }
    }

    /// Rows of `stride` numbers.
    pub fn new(base: &'a mut [f32], stride: usize) -> Out<'a> {
        Out { base, stride }
    }

    fn check(&self, rows: usize, columns: usize) {
        let end = if rows == 0 { 0 } else { (rows - 1) * self.stride + columns };
        assert!(end <= self.base.len(), "the result ends after its matrix");
    }

    /// # Safety
    /// As for [`Finish::put`].
    #[inline(always)]
    unsafe fn at(&mut self, row: usize, column: usize) -> *mut f32 {
        // SAFETY: the caller's: it was checked that this is within the slice.
        unsafe { self.base.as_mut_ptr().add(row * self.stride + column) }
    }
}

/// Numbers that the rows of a sample share: columns of its row in a matrix.
#[derive(Clone, Copy)]
pub(crate) struct PerSample<'a> {
    pub rows: &'a Matrix,
    pub column: usize,
    /// The sample of each row.
    pub owner: &'a [u32],
}

impl PerSample<'_> {
    fn check(&self, rows: usize, columns: usize) {
        assert!(rows <= self.owner.len() && self.column + columns <= self.rows.stride());
        let samples = self.rows.rows();
        assert!(self.owner[..rows].iter().all(|&sample| (sample as usize) < samples), "a row of no sample");
    }

    /// # Safety
    /// As for [`Finish::put`].
    #[inline(always)]
    unsafe fn at<S: Simd>(&self, row: usize, column: usize) -> S::f32s {
        // SAFETY: the caller's: row, its sample and the columns were checked.
        unsafe {
            let sample = *self.owner.get_unchecked(row) as usize;
            load::<S>(self.rows.all().as_ptr().add(sample * self.rows.stride() + self.column + column))
        }
    }

    /// The numbers of a row's sample.
    pub fn of(&self, row: usize, columns: usize) -> &[f32] {
        &self.rows.row(self.owner[row] as usize)[self.column..self.column + columns]
    }
}

/// What only the backward pass wants: written if there is a place for it.
pub(crate) struct Kept<'a>(Option<Out<'a>>);

impl<'a> Kept<'a> {
    /// Into a matrix, if there is one, of this size.
    pub fn of(matrix: Option<&'a mut Matrix>, rows: usize, columns: usize) -> Kept<'a> {
        Kept(matrix.map(|matrix| {
            matrix.reshape(rows, columns);
            Out::of(matrix)
        }))
    }

    fn check(&self, rows: usize, columns: usize) {
        if let Some(out) = &self.0 {
            out.check(rows, columns);
        }
    }

    /// # Safety
    /// As for [`Finish::put`].
    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, row: usize, column: usize, x: S::f32s) {
        if let Some(out) = &mut self.0 {
            // SAFETY: the caller's.
            unsafe { store::<S>(out.at(row, column), x) }
        }
    }
}

/// Writes the sums.
pub(crate) struct Store<'a>(pub Out<'a>);

impl Finish for Store<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.0.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, _: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe { store::<S>(self.0.at(row, column), sums) }
    }
}

/// Adds the sums to what is there.
pub(crate) struct Add<'a>(pub Out<'a>);

impl Finish for Add<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.0.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe {
            let to = self.0.at(row, column);
            store::<S>(to, simd.add_f32s(load::<S>(to), sums));
        }
    }
}

/// Adds the sums, and numbers that the rows of a sample share, to what is there.
pub(crate) struct AddShared<'a> {
    pub to: Out<'a>,
    pub shared: PerSample<'a>,
}

impl Finish for AddShared<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.to.check(rows, columns);
        self.shared.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe {
            let to = self.to.at(row, column);
            let more = simd.add_f32s(sums, self.shared.at::<S>(row, column));
            store::<S>(to, simd.add_f32s(load::<S>(to), more));
        }
    }
}

/// Writes the sums and their hard swish.
pub(crate) struct Swish<'a> {
    pub before: Kept<'a>,
    pub after: Out<'a>,
}

impl Finish for Swish<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.before.check(rows, columns);
        self.after.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe {
            self.before.put::<S>(row, column, sums);
            store::<S>(self.after.at(row, column), hard_swish(simd, sums));
        }
    }
}

/// Writes the sums, and `sums (1 + scale) + shift`, or the hard swish of that.
pub(crate) struct Film<'a> {
    pub before: Kept<'a>,
    pub after: Out<'a>,
    pub modulation: Modulation<'a>,
    pub activate: bool,
}

impl Finish for Film<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.before.check(rows, columns);
        self.after.check(rows, columns);
        self.modulation.scale.check(rows, columns);
        self.modulation.shift.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe {
            self.before.put::<S>(row, column, sums);
            let Modulation { scale, shift } = self.modulation;
            let shifted = simd.add_f32s(sums, shift.at::<S>(row, column));
            let film = simd.mul_add_e_f32s(sums, scale.at::<S>(row, column), shifted);
            let film = if self.activate { hard_swish(simd, film) } else { film };
            store::<S>(self.after.at(row, column), film);
        }
    }
}

/// Writes the sums, and adds `gate * sums` to the state.
pub(crate) struct Gated<'a> {
    pub update: Kept<'a>,
    pub state: Out<'a>,
    pub gate: PerSample<'a>,
}

impl Finish for Gated<'_> {
    fn check(&self, rows: usize, columns: usize) {
        self.update.check(rows, columns);
        self.state.check(rows, columns);
        self.gate.check(rows, columns);
    }

    #[inline(always)]
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s) {
        // SAFETY: the caller's.
        unsafe {
            self.update.put::<S>(row, column, sums);
            let state = self.state.at(row, column);
            store::<S>(state, simd.mul_add_e_f32s(self.gate.at::<S>(row, column), sums, load::<S>(state)));
        }
    }
}
