//! The EPiC network of `nets` (`nets::Epic`), forward and backward.

use nets::ParameterInfo;
use pulp::{Simd, WithSimd};

use crate::cloud::Net;
use crate::elementwise::{FilmBackward, add, swish, swish_backward};
use crate::embedding::{Embedded, Embedding};
use crate::finish::{Add, AddShared, Out, PerSample};
use crate::gathered::Gathered;
use crate::linear::{Gradient, Layer, Weights};
use crate::matrix::{Columns, Matrix};
use crate::norm::Modulation;
use crate::ragged::Ragged;
use crate::simd::{padded, run};

/// The scale of the sum over particles, as in `nets`.
const SUM_SCALE: f32 = 1e-2;

/// The layers.
#[derive(Clone, Debug)]
pub(crate) struct Epic {
    weights: Weights,
    embedding: Embedding,
    input: Layer,
    start: Layer,
    layers: Vec<EpicLayer>,
    output: Layer,
    width: usize,
    global: usize,
}

#[derive(Clone, Copy, Debug)]
struct EpicLayer {
    local_in: Layer,
    modulation: Layer,
    pool: Layer,
    update: Layer,
    local_out: Layer,
    broadcast: Layer,
}

/// What the backward pass needs, and room to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    embedded: Embedded,
    start: Matrix,
    input: Matrix,
    state: Matrix,
    global: Matrix,
    /// One per layer when gradients are wanted, otherwise one for all.
    layers: Vec<LayerTape>,
    last: Matrix,
    back: Back,
}

#[derive(Clone, Debug, Default)]
struct LayerTape {
    /// The state before the layer; only kept for gradients.
    state: Matrix,
    joined: Matrix,
    films: Matrix,
    before: Matrix,
    hidden: Matrix,
    pooled: Matrix,
    pool_before: Matrix,
    pool: Matrix,
    /// The global vector after the layer.
    global: Matrix,
    broadcast: Matrix,
}

/// Gradients on their way back.
#[derive(Clone, Debug, Default)]
struct Back {
    state: Matrix,
    rows: Matrix,
    films: Matrix,
    global: Matrix,
    context: Matrix,
    sample: Matrix,
    pooled: Matrix,
    joined: Matrix,
}

impl Epic {
    /// The network's layers, without weights yet.
    pub fn new(net: &nets::Epic, inventory: &[ParameterInfo]) -> Epic {
        let config = net.config();
        let (width, global) = (config.width, config.global);
        let mut weights = Weights::new(inventory);
        let one = Columns::one;
        let layer = |weights: &mut Weights, l: usize| {
            let mut layer = |name: &str, i, o| weights.layer(&format!("layers.{l}.{name}"), i, o);
            EpicLayer {
                local_in: layer("local_in", one(width), one(width)),
                modulation: layer("modulation", Columns::equal(2, global), Columns::equal(2, width)),
                pool: layer("pool", Columns::of(&[width, width, global, global]), one(width)),
                update: layer("update", one(width), one(global)),
                local_out: layer("local_out", one(width), one(width)),
                broadcast: layer("broadcast", one(global), one(width)),
            }
        };
        Epic {
            embedding: Embedding::new(&mut weights, config.shape.conditions, global),
            input: weights.layer("input", one(config.shape.features), one(width)),
            start: weights.layer("start", one(global), Columns::equal(2, width)),
            layers: (0..config.layers).map(|l| layer(&mut weights, l)).collect(),
            output: weights.layer("output", one(width), one(config.shape.features)),
            weights,
            width,
            global,
        }
    }

    fn modulation<'a>(&self, films: &'a Matrix, owner: &'a [u32]) -> Modulation<'a> {
        Modulation::of(films, 0, self.width, owner)
    }

    fn layer(&self, layer: &EpicLayer, context: &Matrix, ragged: &Ragged, tape: &mut Tape, own: usize, keep: bool) {
        let weights = &self.weights;
        let (state, global, tape) = (&mut tape.state, &mut tape.global, &mut tape.layers[own]);
        let (width, narrow) = (padded(self.width), padded(self.global));
        if keep {
            tape.state.clone_from(state);
        }
        tape.joined.reshape(context.rows(), 2 * narrow);
        for i in 0..context.rows() {
            let row = tape.joined.row_mut(i);
            row[..narrow].copy_from_slice(global.row(i));
            row[narrow..].copy_from_slice(context.row(i));
        }
        weights.apply(layer.modulation, &tape.joined, &mut tape.films);
        let films = self.modulation(&tape.films, &ragged.owner);
        weights.film(layer.local_in, state, films, true, keep.then_some(&mut tape.before), &mut tape.hidden);
        tape.pooled.zero(context.rows(), 2 * width + 2 * narrow);
        for i in 0..context.rows() {
            tape.pooled.row_mut(i)[2 * width..].copy_from_slice(tape.joined.row(i));
        }
        run(Pool { x: &tape.hidden, ragged, to: &mut tape.pooled });
        weights.swish(layer.pool, &tape.pooled, keep.then_some(&mut tape.pool_before), &mut tape.pool);
        weights.forward(layer.update, &tape.pool, Add(Out::of(global)));
        tape.global.clone_from(global);
        weights.apply(layer.broadcast, global, &mut tape.broadcast);
        let shared = PerSample { rows: &tape.broadcast, column: 0, owner: &ragged.owner };
        weights.forward(layer.local_out, &tape.hidden, AddShared { to: Out::of(state), shared });
    }

    /// `back.state` and `back.global` go from the gradients of the layer's results to those of what it was given; adds to `back.context`.
    fn layer_backward(
        &self,
        layer: &EpicLayer,
        ragged: &Ragged,
        tape: &LayerTape,
        back: &mut Back,
        gradient: &mut Gradient,
    ) {
        let weights = &self.weights;
        let (width, narrow) = (padded(self.width), padded(self.global));
        back.sample.zero(ragged.samples(), width);
        for (i, owner) in ragged.owner.iter().enumerate() {
            add(back.sample.row_mut(*owner as usize), back.state.row(i));
        }
        gradient.add(layer.broadcast, &tape.global, &back.sample);
        weights.add_input_gradient(layer.broadcast, &back.sample, &mut back.global);
        gradient.add(layer.local_out, &tape.hidden, &back.state);
        weights.input_gradient(layer.local_out, &back.state, &mut back.rows);
        gradient.add(layer.update, &tape.pool, &back.global);
        weights.input_gradient(layer.update, &back.global, &mut back.sample);
        swish_backward(&mut back.sample, &tape.pool_before);
        gradient.add(layer.pool, &tape.pooled, &back.sample);
        weights.input_gradient(layer.pool, &back.sample, &mut back.pooled);
        for i in 0..ragged.samples() {
            let rows = ragged.of(i);
            let share = 1.0 / rows.len().max(1) as f32;
            let (mean, rest) = back.pooled.row_mut(i).split_at_mut(width);
            mean.iter_mut().zip(&*rest).for_each(|(mean, sum)| *mean = *mean * share + sum * SUM_SCALE);
            rows.for_each(|row| add(back.rows.row_mut(row), mean));
            add(back.global.row_mut(i), &rest[width..width + narrow]);
            add(back.context.row_mut(i), &rest[width + narrow..]);
        }
        back.films.zero(tape.films.rows(), tape.films.stride());
        let op = FilmBackward {
            d: &mut back.rows,
            u: &tape.before,
            modulation: self.modulation(&tape.films, &ragged.owner),
            activated: true,
            films: &mut back.films,
        };
        op.run();
        gradient.add(layer.local_in, &tape.state, &back.rows);
        weights.add_input_gradient(layer.local_in, &back.rows, &mut back.state);
        gradient.add(layer.modulation, &tape.joined, &back.films);
        weights.input_gradient(layer.modulation, &back.films, &mut back.joined);
        for i in 0..ragged.samples() {
            add(back.global.row_mut(i), &back.joined.row(i)[..narrow]);
            add(back.context.row_mut(i), &back.joined.row(i)[narrow..]);
        }
    }
}

/// Mean over the rows of each sample, and [`SUM_SCALE`] times their sum, into the first columns of the sample's row.
struct Pool<'a> {
    x: &'a Matrix,
    ragged: &'a Ragged,
    to: &'a mut Matrix,
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.x.stride();
        for sample in 0..self.ragged.samples() {
            let rows = self.ragged.of(sample);
            let (share, scale) = (simd.splat_f32s(1.0 / rows.len().max(1) as f32), simd.splat_f32s(SUM_SCALE));
            let (mean, rest) = self.to.row_mut(sample).split_at_mut(width);
            let (mean, _) = S::as_mut_simd_f32s(mean);
            let (sum, _) = S::as_mut_simd_f32s(&mut rest[..width]);
            sum.fill(simd.splat_f32s(0.0));
            for row in rows {
                for (sum, x) in sum.iter_mut().zip(S::as_simd_f32s(self.x.row(row)).0) {
                    *sum = simd.add_f32s(*sum, *x);
                }
            }
            for (mean, sum) in mean.iter_mut().zip(sum) {
                *mean = simd.mul_f32s(*sum, share);
                *sum = simd.mul_f32s(*sum, scale);
            }
        }
    }
}

impl Net for Epic {
    type Tape = Tape;

    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn forward(&self, batch: &Gathered, tape: &mut Tape, keep: bool, output: &mut Matrix) {
        let ragged = &batch.ragged;
        self.embedding.forward(&self.weights, batch.samples(), &mut tape.embedded);
        self.weights.apply(self.start, &tape.embedded.context, &mut tape.start);
        let start = self.modulation(&tape.start, &ragged.owner);
        self.weights.film(self.input, &batch.x, start, true, keep.then_some(&mut tape.input), &mut tape.state);
        tape.global.clone_from(&tape.embedded.context);
        tape.layers.resize_with(if keep { self.layers.len() } else { 1 }, LayerTape::default);
        let context = std::mem::take(&mut tape.embedded.context);
        for (l, layer) in self.layers.iter().enumerate() {
            self.layer(layer, &context, ragged, tape, if keep { l } else { 0 }, keep);
        }
        tape.embedded.context = context;
        swish(&tape.state, &mut tape.last);
        self.weights.apply(self.output, &tape.last, output);
    }

    fn products(&self, particles: usize) -> u64 {
        let n = particles as u64;
        let of = |layers: &[Layer]| self.weights.products(layers);
        let one =
            |l: &EpicLayer| of(&[l.modulation, l.pool, l.update, l.broadcast]) + n * of(&[l.local_in, l.local_out]);
        let ends = of(&self.embedding.layers()) + of(&[self.start]) + n * of(&[self.input, self.output]);
        ends + self.layers.iter().map(one).sum::<u64>()
    }

    fn backward(
        &self,
        batch: &Gathered,
        tape: &mut Tape,
        d_output: &Matrix,
        gradient: &mut Gradient,
        d_input: Option<&mut Matrix>,
    ) {
        let (weights, ragged, back) = (&self.weights, &batch.ragged, &mut tape.back);
        let context = &tape.embedded.context;
        back.context.zero(context.rows(), context.stride());
        back.global.zero(context.rows(), context.stride());
        gradient.add(self.output, &tape.last, d_output);
        weights.input_gradient(self.output, d_output, &mut back.state);
        swish_backward(&mut back.state, &tape.state);
        for (layer, tape) in self.layers.iter().zip(&tape.layers).rev() {
            self.layer_backward(layer, ragged, tape, back, gradient);
        }
        for i in 0..context.rows() {
            add(back.context.row_mut(i), back.global.row(i));
        }
        back.films.zero(tape.start.rows(), tape.start.stride());
        let op = FilmBackward {
            d: &mut back.state,
            u: &tape.input,
            modulation: self.modulation(&tape.start, &ragged.owner),
            activated: true,
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
