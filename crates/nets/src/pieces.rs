//! Batches cut into pieces of one fixed size, so that a row's result does not depend on the batch it came in.
//!
//! A matrix product may add in another order when its number of rows changes. With the number fixed, and the last piece
//! filled up with rows of zeros, every row is computed alike whatever its neighbours are.

use burn::tensor::Tensor;

/// Rows per piece.
const PIECE: usize = 128;

/// `run(first row, rows in use, pieces of the inputs)` on every piece, its outputs `[PIECE, O]` put together to `[B,
/// O]`.
pub(crate) fn in_pieces<const N: usize>(
    inputs: [Tensor<2>; N],
    mut run: impl FnMut(usize, usize, [Tensor<2>; N]) -> Tensor<2>,
) -> Tensor<2> {
    let [batch, _] = inputs[0].dims();
    let outputs = (0..batch.max(1)).step_by(PIECE).map(|first| {
        let rows = PIECE.min(batch - first);
        let pieces = inputs.each_ref().map(|input| piece(input, first, rows));
        let output = run(first, rows, pieces);
        let [_, columns] = output.dims();
        output.slice([0..rows, 0..columns])
    });
    Tensor::cat(outputs.collect(), 0)
}

fn piece(input: &Tensor<2>, first: usize, rows: usize) -> Tensor<2> {
    let [_, columns] = input.dims();
    let filled = Tensor::zeros([PIECE, columns], &input.device());
    if columns == 0 || rows == 0 {
        return filled;
    }
    filled.slice_assign([0..rows, 0..columns], input.clone().slice([first..first + rows, 0..columns]))
}
