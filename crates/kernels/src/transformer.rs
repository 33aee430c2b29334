//! The particle transformer of `nets` (`nets::ParticleTransformer`), forward and backward.

use nets::{ParameterInfo, ParticleTransformer};

use crate::attention::{Attention, Heads};
use crate::cloud::Net;
use crate::elementwise::{FilmBackward, GateBackward, swish_backward};
use crate::embedding::{Embedded, Embedding};
use crate::finish::{Gated, Kept, Out, PerSample};
use crate::gathered::Gathered;
use crate::linear::{Gradient, Layer, Weights};
use crate::matrix::{Columns, Matrix};
use crate::norm::{Modulation, Normed};
use crate::ragged::Ragged;
use crate::simd::padded;

/// The layers.
#[derive(Clone, Debug)]
pub(crate) struct Transformer {
    weights: Weights,
    embedding: Embedding,
    input: Layer,
    start: Layer,
    blocks: Vec<Block>,
    output: Layer,
    width: usize,
    heads: Heads,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    modulation: Layer,
    gates: Layer,
    qkv: Layer,
    projection: Layer,
    expand: Layer,
    contract: Layer,
}

/// What the backward pass needs, and room to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    embedded: Embedded,
    start: Matrix,
    input: Matrix,
    state: Matrix,
    /// One per block when gradients are wanted, otherwise one for all.
    blocks: Vec<BlockTape>,
    last: Normed,
    back: Back,
}

#[derive(Clone, Debug, Default)]
struct BlockTape {
    films: Matrix,
    gates: Matrix,
    first: Normed,
    qkv: Matrix,
    attention: Attention,
    mixed: Matrix,
    attended: Matrix,
    second: Normed,
    before: Matrix,
    hidden: Matrix,
    update: Matrix,
}

/// Gradients on their way back.
#[derive(Clone, Debug, Default)]
struct Back {
    state: Matrix,
    update: Matrix,
    wide: Matrix,
    rows: Matrix,
    films: Matrix,
    gates: Matrix,
    context: Matrix,
}

impl Transformer {
    /// The network's layers, without weights yet.
    pub fn new(net: &ParticleTransformer, inventory: &[ParameterInfo]) -> Transformer {
        let config = net.config();
        let (width, global) = (config.width, config.global);
        let heads = Heads { count: config.heads, size: width / config.heads };
        let mut weights = Weights::new(inventory);
        let one = Columns::one;
        let block = |weights: &mut Weights, l: usize| {
            let mut layer = |name: &str, i, o| weights.layer(&format!("blocks.{l}.{name}"), i, o);
            Block {
                modulation: layer("modulation", one(global), Columns::equal(4, width)),
                gates: layer("gates", one(global), Columns::equal(2, width)),
                qkv: layer("qkv", one(width), Columns::equal(3 * heads.count, heads.size)),
                projection: layer("projection", Columns::equal(heads.count, heads.size), one(width)),
                expand: layer("expand", one(width), one(2 * width)),
                contract: layer("contract", one(2 * width), one(width)),
            }
        };
        Transformer {
            embedding: Embedding::new(&mut weights, config.shape.conditions, global),
            input: weights.layer("input", one(config.shape.features), one(width)),
            start: weights.layer("start", one(global), Columns::equal(2, width)),
            blocks: (0..config.layers).map(|l| block(&mut weights, l)).collect(),
            output: weights.layer("output", one(width), one(config.shape.features)),
            weights,
            width,
            heads,
        }
    }

    fn modulation<'a>(&self, films: &'a Matrix, k: usize, owner: &'a [u32]) -> Modulation<'a> {
        Modulation::of(films, k, self.width, owner)
    }

    fn gate<'a>(&self, gates: &'a Matrix, k: usize, owner: &'a [u32]) -> PerSample<'a> {
        PerSample { rows: gates, column: k * padded(self.width), owner }
    }

    /// `state` goes through a block; `keep` what the backward pass needs.
    fn block(
        &self,
        block: &Block,
        context: &Matrix,
        ragged: &Ragged,
        state: &mut Matrix,
        tape: &mut BlockTape,
        keep: bool,
    ) {
        let (weights, owner) = (&self.weights, &ragged.owner[..]);
        weights.apply(block.modulation, context, &mut tape.films);
        weights.apply(block.gates, context, &mut tape.gates);
        tape.first.forward(state, self.width, Some(self.modulation(&tape.films, 0, owner)));
        weights.apply(block.qkv, &tape.first.output, &mut tape.qkv);
        tape.attention.forward(self.heads, &tape.qkv, ragged, &mut tape.mixed);
        let gate = self.gate(&tape.gates, 0, owner);
        gated(weights, block.projection, &tape.mixed, gate, keep.then_some(&mut tape.attended), state);
        tape.second.forward(state, self.width, Some(self.modulation(&tape.films, 1, owner)));
        weights.swish(block.expand, &tape.second.output, keep.then_some(&mut tape.before), &mut tape.hidden);
        let gate = self.gate(&tape.gates, 1, owner);
        gated(weights, block.contract, &tape.hidden, gate, keep.then_some(&mut tape.update), state);
    }

    /// `back.state` goes from the gradient of the block's result to that of its state; adds to `back.context`.
    fn block_backward(
        &self,
        block: &Block,
        context: &Matrix,
        ragged: &Ragged,
        tape: &mut BlockTape,
        back: &mut Back,
        gradient: &mut Gradient,
    ) {
        let (weights, owner) = (&self.weights, &ragged.owner[..]);
        back.films.zero(tape.films.rows(), tape.films.stride());
        back.gates.zero(tape.gates.rows(), tape.gates.stride());

        let gate = self.gate(&tape.gates, 1, owner);
        back.gate(&tape.update, gate);
        gradient.add(block.contract, &tape.hidden, &back.update);
        weights.input_gradient(block.contract, &back.update, &mut back.wide);
        swish_backward(&mut back.wide, &tape.before);
        gradient.add(block.expand, &tape.second.output, &back.wide);
        weights.input_gradient(block.expand, &back.wide, &mut back.rows);
        let modulation = Some((self.modulation(&tape.films, 1, owner), &mut back.films));
        tape.second.backward(&mut back.rows, self.width, modulation, &mut back.state);

        let gate = self.gate(&tape.gates, 0, owner);
        back.gate(&tape.attended, gate);
        gradient.add(block.projection, &tape.mixed, &back.update);
        weights.input_gradient(block.projection, &back.update, &mut back.rows);
        tape.attention.backward(self.heads, &tape.qkv, ragged, &back.rows, &mut back.wide);
        gradient.add(block.qkv, &tape.first.output, &back.wide);
        weights.input_gradient(block.qkv, &back.wide, &mut back.rows);
        let modulation = Some((self.modulation(&tape.films, 0, owner), &mut back.films));
        tape.first.backward(&mut back.rows, self.width, modulation, &mut back.state);

        for (layer, d) in [(block.modulation, &back.films), (block.gates, &back.gates)] {
            gradient.add(layer, context, d);
            weights.add_input_gradient(layer, d, &mut back.context);
        }
    }
}

/// `update = x W + b`, if it is wanted, `state <- state + gate update`.
fn gated(
    weights: &Weights,
    layer: Layer,
    x: &Matrix,
    gate: PerSample,
    update: Option<&mut Matrix>,
    state: &mut Matrix,
) {
    let update = Kept::of(update, x.rows(), weights.outputs(layer));
    weights.forward(layer, x, Gated { update, state: Out::of(state), gate });
}

impl Back {
    /// `update` becomes the gradient of a gated update.
    fn gate(&mut self, update: &Matrix, gate: PerSample) {
        let op = GateBackward { d: &self.state, update, gate, d_update: &mut self.update, gates: &mut self.gates };
        op.run();
    }
}

impl Net for Transformer {
    type Tape = Tape;

    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn forward(&self, batch: &Gathered, tape: &mut Tape, keep: bool, output: &mut Matrix) {
        let (weights, ragged) = (&self.weights, &batch.ragged);
        self.embedding.forward(weights, batch.samples(), &mut tape.embedded);
        let context = &tape.embedded.context;
        weights.apply(self.start, context, &mut tape.start);
        let start = self.modulation(&tape.start, 0, &ragged.owner);
        weights.film(self.input, &batch.x, start, false, keep.then_some(&mut tape.input), &mut tape.state);
        tape.blocks.resize_with(if keep { self.blocks.len() } else { 1 }, BlockTape::default);
        for (l, block) in self.blocks.iter().enumerate() {
            let own = if keep { l } else { 0 };
            self.block(block, context, ragged, &mut tape.state, &mut tape.blocks[own], keep);
        }
        tape.last.forward(&tape.state, self.width, None);
        weights.apply(self.output, &tape.last.normal, output);
    }

    fn products(&self, particles: usize) -> u64 {
        let n = particles as u64;
        let of = |layers: &[Layer]| self.weights.products(layers);
        let block = |b: &Block| {
            let attention = 2 * (self.heads.count * self.heads.size) as u64 * n * n;
            of(&[b.modulation, b.gates]) + n * of(&[b.qkv, b.projection, b.expand, b.contract]) + attention
        };
        let ends = of(&self.embedding.layers()) + of(&[self.start]) + n * of(&[self.input, self.output]);
        ends + self.blocks.iter().map(block).sum::<u64>()
    }

    fn backward(
        &self,
        batch: &Gathered,
        tape: &mut Tape,
        d_output: &Matrix,
        gradient: &mut Gradient,
        d_input: Option<&mut Matrix>,
    ) {
        let (weights, ragged) = (&self.weights, &batch.ragged);
        let back = &mut tape.back;
        let context = &tape.embedded.context;
        back.context.zero(context.rows(), context.stride());
        back.state.zero(tape.state.rows(), tape.state.stride());
        gradient.add(self.output, &tape.last.normal, d_output);
        weights.input_gradient(self.output, d_output, &mut back.rows);
        tape.last.backward(&mut back.rows, self.width, None, &mut back.state);
        for (block, tape) in self.blocks.iter().zip(&mut tape.blocks).rev() {
            self.block_backward(block, context, ragged, tape, back, gradient);
        }
        back.films.zero(tape.start.rows(), tape.start.stride());
        let op = FilmBackward {
            d: &mut back.state,
            u: &tape.input,
            modulation: self.modulation(&tape.start, 0, &ragged.owner),
            activated: false,
            films: &mut back.films,
        };
        op.run();
        gradient.add(self.input, &batch.x, &back.state);
        if let Some(d_input) = d_input {
            weights.input_gradient(self.input, &back.state, d_input);
        }
        gradient.add(self.start, context, &back.films);
        weights.add_input_gradient(self.start, &back.films, &mut back.context);
        self.embedding.backward(weights, &mut tape.embedded, &back.context, gradient);
    }
}
