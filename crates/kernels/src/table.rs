//! The residual perceptron of `nets` (`nets::ResidualMlp`) on batches of rows, forward and backward.

use nets::ResidualMlp;
use rayon::prelude::*;

use crate::bf16::Precision;
use crate::elementwise::{FilmBackward, add, swish, swish_backward};
use crate::embedding::{Embedded, Embedding};
use crate::finish::{Add, Out};
use crate::half_product::Ready;
use crate::linear::{Gradient, Layer, Loss, Weights};
use crate::matrix::{Columns, Matrix};
use crate::norm::Modulation;
use crate::pool::Pool;
use crate::simd::padded;

/// Rows per piece: their activations fit the second cache.
const PIECE: usize = 64;

/// What a table network is asked, as in [`nets::ResidualMlp::forward`].
#[derive(Clone, Copy, Debug)]
pub struct TableBatch<'a> {
    /// Noised rows, `[B, F]`.
    pub x: &'a [f32],
    /// Noise level of each row, `[B]`.
    pub noise: &'a [f32],
    /// Conditions, `[B, C]`.
    pub condition: &'a [f32],
}

/// A residual perceptron of `nets` with its weights packed for the processor; see [`CloudKernel`](crate::CloudKernel).
pub struct TableKernel {
    weights: Weights,
    embedding: Embedding,
    input: Layer,
    blocks: Vec<Block>,
    output: Layer,
    width: usize,
    features: usize,
    conditions: usize,
    rooms: Pool<Room>,
    gradients: Pool<Gradient>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    first: Layer,
    modulation: Layer,
    second: Layer,
}

#[derive(Default)]
struct Room {
    embedded: Embedded,
    x: Matrix,
    owner: Vec<u32>,
    state: Matrix,
    /// One per block when gradients are wanted, otherwise one for all.
    blocks: Vec<BlockTape>,
    last: Matrix,
    output: Matrix,
    back: Back,
}

#[derive(Default)]
struct BlockTape {
    state: Matrix,
    active: Matrix,
    films: Matrix,
    before: Matrix,
    hidden: Matrix,
}

/// Gradients on their way back.
#[derive(Default)]
struct Back {
    output: Matrix,
    state: Matrix,
    hidden: Matrix,
    active: Matrix,
    films: Matrix,
    context: Matrix,
}

impl TableKernel {
    /// The network with its present weights.
    pub fn new(net: &ResidualMlp) -> TableKernel {
        let config = net.config();
        let (width, half) = (config.width, config.width / 2);
        let mut weights = Weights::new(&nets::inventory(net));
        let one = Columns::one;
        let block = |weights: &mut Weights, l: usize| {
            let mut layer = |name: &str, i, o| weights.layer(&format!("blocks.{l}.{name}"), i, o);
            Block {
                first: layer("first", one(width), one(width)),
                modulation: layer("modulation", one(half), Columns::equal(2, width)),
                second: layer("second", one(width), one(width)),
            }
        };
        let mut kernel = TableKernel {
            embedding: Embedding::new(&mut weights, config.conditions, half),
            input: weights.layer("input", one(config.features), one(width)),
            blocks: (0..config.layers).map(|l| block(&mut weights, l)).collect(),
            output: weights.layer("output", one(width), one(config.features)),
            weights,
            width,
            features: config.features,
            conditions: config.conditions,
            rooms: Pool::new(),
            gradients: Pool::new(),
        };
        kernel.load(&nets::values(net));
        kernel
    }

    /// Takes over other parameters, in the order of [`nets::values`].
    ///
    /// # Panics
    /// If their number is not the network's.
    pub fn load(&mut self, parameters: &[f32]) {
        self.weights.load(parameters);
    }

    /// Lets numbers enter the products of forward passes in this precision; gradients too then start from such a pass.
    pub fn set_precision(&mut self, precision: Precision) {
        self.weights.set_precision(precision);
    }

    /// Raw output `F`, `[B, F]`. Pieces of the batch are shared by the threads of rayon's pool.
    ///
    /// # Panics
    /// If the batch's slices do not belong together.
    pub fn forward(&self, batch: &TableBatch) -> Vec<f32> {
        self.check(batch);
        let mut output = vec![0.0; batch.x.len()];
        output.par_chunks_mut(PIECE * self.features).enumerate().for_each(|(piece, output)| {
            let first = piece * PIECE;
            let _ready = Ready::of(self.weights.precision());
            self.rooms.with(Room::default, |room| {
                self.piece(batch, first..first + output.len() / self.features, room, false);
                for (i, to) in output.chunks_exact_mut(self.features).enumerate() {
                    to.copy_from_slice(&room.output.row(i)[..self.features]);
                }
            });
        });
        output
    }

    /// The gradient of a loss with respect to the parameters, in the order of [`nets::values`].
    ///
    /// `loss(row, output, d_output)` is called for every row, in order, with the output `[F]`, and writes the derivative of the loss with respect to it.
    /// Runs on the calling thread.
    ///
    /// # Panics
    /// If the batch's slices do not belong together.
    pub fn gradient(&self, batch: &TableBatch, loss: &mut Loss) -> Vec<f32> {
        self.check(batch);
        let rows = batch.noise.len();
        self.gradients.with(
            || Gradient::zero(&self.weights),
            |gradient| {
                gradient.clear();
                self.rooms.with(Room::default, |room| {
                    for first in (0..rows).step_by(PIECE) {
                        let last = (first + PIECE).min(rows);
                        self.piece(batch, first..last, room, true);
                        room.back.output.zero(room.output.rows(), room.output.stride());
                        for row in first..last {
                            let d = &mut room.back.output.row_mut(row - first)[..self.features];
                            loss(row, &room.output.row(row - first)[..self.features], d);
                        }
                        self.backward(room, gradient);
                    }
                });
                gradient.flat(&self.weights)
            },
        )
    }

    fn check(&self, batch: &TableBatch) {
        let rows = batch.noise.len();
        assert_eq!(batch.x.len(), rows * self.features, "features of every row");
        assert_eq!(batch.condition.len(), rows * self.conditions, "conditions of every row");
    }

    fn modulation<'a>(&self, films: &'a Matrix, owner: &'a [u32]) -> Modulation<'a> {
        Modulation::of(films, 0, self.width, owner)
    }

    fn piece(&self, batch: &TableBatch, rows: std::ops::Range<usize>, room: &mut Room, keep: bool) {
        let weights = &self.weights;
        let condition = |i: usize| &batch.condition[i * self.conditions..(i + 1) * self.conditions];
        let samples = rows.clone().map(|i| (batch.noise[i], condition(i)));
        self.embedding.forward(weights, samples, &mut room.embedded);
        room.owner.clear();
        room.owner.extend(0..rows.len() as u32);
        room.x.zero(rows.len(), padded(self.features));
        for (i, row) in rows.enumerate() {
            let from = &batch.x[row * self.features..(row + 1) * self.features];
            room.x.row_mut(i)[..self.features].copy_from_slice(from);
        }
        weights.apply(self.input, &room.x, &mut room.state);
        room.blocks.resize_with(if keep { self.blocks.len() } else { 1 }, BlockTape::default);
        for (l, block) in self.blocks.iter().enumerate() {
            let tape = &mut room.blocks[if keep { l } else { 0 }];
            if keep {
                tape.state.clone_from(&room.state);
            }
            swish(&room.state, &mut tape.active);
            weights.apply(block.modulation, &room.embedded.context, &mut tape.films);
            let films = self.modulation(&tape.films, &room.owner);
            let before = keep.then_some(&mut tape.before);
            weights.film(block.first, &tape.active, films, true, before, &mut tape.hidden);
            weights.forward(block.second, &tape.hidden, Add(Out::of(&mut room.state)));
        }
        swish(&room.state, &mut room.last);
        weights.apply(self.output, &room.last, &mut room.output);
    }

    fn backward(&self, room: &mut Room, gradient: &mut Gradient) {
        let (weights, back) = (&self.weights, &mut room.back);
        let context = &room.embedded.context;
        back.context.zero(context.rows(), context.stride());
        gradient.add(self.output, &room.last, &back.output);
        weights.input_gradient(self.output, &back.output, &mut back.state);
        swish_backward(&mut back.state, &room.state);
        for (block, tape) in self.blocks.iter().zip(&room.blocks).rev() {
            gradient.add(block.second, &tape.hidden, &back.state);
            weights.input_gradient(block.second, &back.state, &mut back.hidden);
            back.films.zero(tape.films.rows(), tape.films.stride());
            let op = FilmBackward {
                d: &mut back.hidden,
                u: &tape.before,
                modulation: self.modulation(&tape.films, &room.owner),
                activated: true,
                films: &mut back.films,
            };
            op.run();
            gradient.add(block.first, &tape.active, &back.hidden);
            weights.input_gradient(block.first, &back.hidden, &mut back.active);
            swish_backward(&mut back.active, &tape.state);
            add(back.state.all_mut(), back.active.all());
            gradient.add(block.modulation, context, &back.films);
            weights.add_input_gradient(block.modulation, &back.films, &mut back.context);
        }
        gradient.add(self.input, &room.x, &back.state);
        self.embedding.backward(weights, &mut room.embedded, &back.context, gradient);
    }
}
