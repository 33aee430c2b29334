//! The E(n)-equivariant graph network of `nets` (`nets::Egnn`), forward; `egnn_backward` has its gradient.
//!
//! A row of the batch is an atom: three coordinates, then its features; so is a row of the output.

use nets::ParameterInfo;

use crate::cloud::Net;
use crate::elementwise::add;
use crate::embedding::{Embedded, Embedding};
use crate::finish::{Add, Out};
use crate::gathered::Gathered;
use crate::linear::{Gradient, Layer, Vector, Vectors, Weights};
use crate::matrix::{Columns, Matrix};
use crate::pairs::{Active, Distances, Dots, Gather, Join, Pairs, With, apart};
use crate::ragged::Ragged;
use crate::simd::padded;

/// Keeps the distance differentiable where two atoms meet, as in `nets`.
pub(crate) const SOFT: f32 = 1e-8;
/// Coordinates of an atom.
pub(crate) const SPACE: usize = 3;
/// Pairs per piece, about: a matrix of them fits the second cache.
const PAIRS: usize = 400;

/// The layers.
#[derive(Clone, Debug)]
pub(crate) struct Egnn {
    pub weights: Weights,
    pub embedding: Embedding,
    pub input: Layer,
    pub start: Layer,
    pub layers: Vec<EgnnLayer>,
    pub output: Layer,
    pub width: usize,
    pub features: usize,
    /// `1/N`.
    pub share: f32,
    /// Spacing and number of the splines' knots.
    spline: Option<(f32, usize)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EgnnLayer {
    pub message: Perceptron,
    pub attention: [Vector; 2],
    pub update: Layer,
    pub update_out: Layer,
    /// Nothing if `phi_x` reads the message.
    pub shift: Option<Perceptron>,
    pub shift_out: Vector,
}

/// A perceptron of pairs: its first layer in parts, and its second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Perceptron {
    pub from: Layer,
    pub to: Layer,
    /// Weights of `d^2` and `d0^2`, and the bias.
    pub distances: [Vector; 3],
    /// Weights of the splines of `d`, none or one row for each knot of each kind of pair.
    pub splines: Vectors,
    pub outer: Layer,
}

/// What the backward pass needs, and room to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    pub embedded: Embedded,
    pub features: Matrix,
    start: Matrix,
    pub pairs: Pairs,
    /// Squared distances of the input.
    pub first: Vec<f32>,
    /// One per layer when gradients are wanted, otherwise one for all.
    pub layers: Vec<LayerTape>,
    pub state: Matrix,
    /// Positions of the input, and where they are now.
    pub input: Vec<[f32; SPACE]>,
    positions: Vec<[f32; SPACE]>,
    /// New features.
    output: Matrix,
    pub back: crate::egnn_backward::Back,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct LayerTape {
    /// Positions before the layer.
    pub positions: Vec<[f32; SPACE]>,
    pub squares: Vec<f32>,
    pub splines: Vec<Active>,
    pub message: PairTape,
    /// Attention, and its share of the sum.
    pub attention: Vec<f32>,
    pub shares: Vec<f32>,
    /// The state before the layer and the sum of messages, side by side.
    pub joined: Matrix,
    pub before: Matrix,
    pub hidden: Matrix,
    pub shift: PairTape,
    /// `phi_x` of each pair.
    pub pull: Vec<f32>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct PairTape {
    from: Matrix,
    to: Matrix,
    pub before: Matrix,
    pub after: Matrix,
    pub outer_before: Matrix,
    pub outer: Matrix,
}

/// What pairs see of their distances.
#[derive(Clone, Copy)]
pub(crate) struct Near<'a> {
    /// `d^2` and `d0^2` of each pair.
    pub squares: [&'a [f32]; 2],
    /// Splines of `d`, of each pair or none.
    pub splines: &'a [Active],
}

impl Egnn {
    /// The network's layers, without weights yet.
    pub fn new(net: &nets::Egnn, inventory: &[ParameterInfo]) -> Egnn {
        let config = net.config();
        let (width, features) = (config.width, config.shape.features);
        let mut weights = Weights::new(inventory);
        let rows = config.spline.map_or(0, |spline| config.kinds * spline.knots);
        let one = Columns::one;
        let layer = |weights: &mut Weights, l: usize| {
            let name = |part: &str| format!("layers.{l}.{part}");
            let mut perceptron = |first: &str, outer: &str| {
                let distances = name(&format!("{first}.distances"));
                Perceptron {
                    from: weights.layer(&name(&format!("{first}.from")), one(width), one(width)),
                    to: weights.layer(&name(&format!("{first}.to")), one(width), one(width)),
                    distances: [
                        weights.vector(&format!("{distances}.weight"), 0, width),
                        weights.vector(&format!("{distances}.weight"), 1, width),
                        weights.vector(&format!("{distances}.bias"), 0, width),
                    ],
                    splines: weights.vectors(&format!("{}.weight", name(&format!("{first}.spline"))), rows, width),
                    outer: weights.layer(&name(outer), one(width), one(width)),
                }
            };
            let message = perceptron("message", "message_out");
            let shift = (!config.shared).then(|| perceptron("shift", "shift_hidden"));
            let attention = name("attention");
            EgnnLayer {
                message,
                shift,
                attention: [
                    weights.vector(&format!("{attention}.weight"), 0, width),
                    weights.vector(&format!("{attention}.bias"), 0, 1),
                ],
                update: weights.layer(&name("update"), Columns::equal(2, width), one(width)),
                update_out: weights.layer(&name("update_out"), one(width), one(width)),
                shift_out: weights.vector(&name("shift_out.weight"), 0, width),
            }
        };
        Egnn {
            embedding: Embedding::new(&mut weights, config.shape.conditions, config.global),
            input: weights.layer("input", one(features), one(width)),
            start: weights.layer("start", one(config.global), one(width)),
            layers: (0..config.layers).map(|l| layer(&mut weights, l)).collect(),
            output: weights.layer("output", one(width), one(features)),
            weights,
            width,
            features,
            share: (1.0 / config.neighbours) as f32,
            spline: config.spline.map(|spline| (spline.spacing() as f32, spline.knots)),
        }
    }

    /// What pairs add to a first layer; `rows` are the weights of its splines.
    pub fn distances<'a>(&'a self, pair: &Perceptron, near: Near<'a>, rows: &'a [&'a [f32]]) -> Distances<'a> {
        let [square, first, bias] = pair.distances.map(|vector| self.weights.of(vector));
        Distances { squares: near.squares, weights: [square, first], bias, splines: near.splines, rows }
    }

    /// From atoms to the perceptron's hard swish of each pair; `keep` what the backward pass needs.
    fn perceptron(
        &self,
        pair: &Perceptron,
        state: &Matrix,
        pairs: &Pairs,
        near: Near,
        tape: &mut PairTape,
        keep: bool,
    ) {
        self.weights.apply(pair.from, state, &mut tape.from);
        self.weights.apply(pair.to, state, &mut tape.to);
        let rows = self.weights.all_of(pair.splines);
        let join = Join {
            pairs,
            from: &tape.from,
            to: &tape.to,
            distances: self.distances(pair, near, &rows),
            before: keep.then_some(&mut tape.before),
            after: &mut tape.after,
        };
        join.run();
        let before = keep.then_some(&mut tape.outer_before);
        self.weights.swish(pair.outer, &tape.after, before, &mut tape.outer);
    }

    fn layer(&self, layer: &EgnnLayer, tape: &mut Tape, own: usize, keep: bool) {
        let (pairs, width) = (&tape.pairs, padded(self.width));
        let (state, positions, own) = (&mut tape.state, &mut tape.positions, &mut tape.layers[own]);
        own.positions.clone_from(positions);
        pairs.squares(positions, &mut own.squares);
        own.splines.clear();
        if let Some((spacing, knots)) = self.spline {
            let at = |(square, kind): (&f32, &u32)| Active::at(*square, SOFT, spacing, knots).of_kind(*kind, knots);
            own.splines.extend(own.squares.iter().zip(&pairs.kinds).map(at));
        }
        let near = Near { squares: [&own.squares, &tape.first], splines: &own.splines };

        self.perceptron(&layer.message, state, pairs, near, &mut own.message, keep);
        let [weight, bias] = layer.attention.map(|vector| self.weights.of(vector));
        Dots { x: &own.message.outer, with: With::Weights(weight), values: &mut own.attention }.run();
        own.attention.iter_mut().for_each(|logit| *logit = 1.0 / (1.0 + (-*logit - bias[0]).exp()));
        own.shares.clear();
        own.shares.extend(own.attention.iter().map(|e| e * self.share));
        own.joined.zero(state.rows(), 2 * width);
        for i in 0..state.rows() {
            own.joined.row_mut(i)[..width].copy_from_slice(state.row(i));
        }
        Gather { pairs, x: &own.message.outer, shares: &own.shares, to: &mut own.joined, column: width }.run();

        if let Some(shift) = &layer.shift {
            self.perceptron(shift, state, pairs, near, &mut own.shift, keep);
        }
        let weight = With::Weights(self.weights.of(layer.shift_out));
        let seen = if layer.shift.is_some() { &own.shift.outer } else { &own.message.outer };
        Dots { x: seen, with: weight, values: &mut own.pull }.run();
        for (p, &(i, j)) in pairs.atoms.iter().enumerate() {
            let step = own.pull[p] * self.share / ((own.squares[p] + SOFT).sqrt() + 1.0);
            let along = apart(&own.positions, i, j);
            positions[i as usize].iter_mut().zip(along).for_each(|(x, d)| *x += step * d);
        }

        self.weights.swish(layer.update, &own.joined, keep.then_some(&mut own.before), &mut own.hidden);
        self.weights.forward(layer.update_out, &own.hidden, Add(Out::of(state)));
    }
}

/// Takes the mean over its sample from each row's coordinates.
pub(crate) fn centred(x: &mut [[f32; SPACE]], ragged: &Ragged) {
    for sample in 0..ragged.samples() {
        let rows = &mut x[ragged.of(sample)];
        let count = rows.len().max(1) as f32;
        for k in 0..SPACE {
            let mean = rows.iter().map(|x| x[k]).sum::<f32>() / count;
            rows.iter_mut().for_each(|x| x[k] -= mean);
        }
    }
}

impl Net for Egnn {
    type Tape = Tape;

    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn samples_per_piece(&self, particles: usize) -> usize {
        (PAIRS / (particles * particles).max(1)).max(1)
    }

    fn forward(&self, batch: &Gathered, tape: &mut Tape, keep: bool, output: &mut Matrix) {
        let (weights, ragged) = (&self.weights, &batch.ragged);
        self.embedding.forward(weights, batch.samples(), &mut tape.embedded);
        weights.apply(self.start, &tape.embedded.context, &mut tape.start);
        tape.input.clear();
        tape.input.extend((0..batch.x.rows()).map(|i| [0, 1, 2].map(|k| batch.x.row(i)[k])));
        tape.features.zero(batch.x.rows(), padded(self.features));
        for i in 0..batch.x.rows() {
            let features = &batch.x.row(i)[SPACE..SPACE + self.features];
            tape.features.row_mut(i)[..self.features].copy_from_slice(features);
        }
        weights.apply(self.input, &tape.features, &mut tape.state);
        for (i, owner) in ragged.owner.iter().enumerate() {
            add(tape.state.row_mut(i), tape.start.row(*owner as usize));
        }
        tape.pairs.fill(ragged, &batch.kinds);
        tape.pairs.squares(&tape.input, &mut tape.first);
        tape.positions.clone_from(&tape.input);
        tape.layers.resize_with(if keep { self.layers.len() } else { 1 }, LayerTape::default);
        for (l, layer) in self.layers.iter().enumerate() {
            self.layer(layer, tape, if keep { l } else { 0 }, keep);
        }
        for (x, start) in tape.positions.iter_mut().zip(&tape.input) {
            x.iter_mut().zip(start).for_each(|(x, start)| *x -= start);
        }
        centred(&mut tape.positions, ragged);
        weights.apply(self.output, &tape.state, &mut tape.output);
        output.zero(batch.x.rows(), batch.x.stride());
        for (i, moved) in tape.positions.iter().enumerate() {
            let row = output.row_mut(i);
            row[..SPACE].copy_from_slice(moved);
            row[SPACE..SPACE + self.features].copy_from_slice(&tape.output.row(i)[..self.features]);
        }
    }

    fn products(&self, particles: usize) -> u64 {
        let n = particles as u64;
        let of = |layers: &[Layer]| self.weights.products(layers);
        let pair = |p: &Perceptron| n * of(&[p.from, p.to]) + n * n.saturating_sub(1) * of(&[p.outer]);
        let one =
            |l: &EgnnLayer| pair(&l.message) + l.shift.as_ref().map_or(0, pair) + n * of(&[l.update, l.update_out]);
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
        tape.back.follow_first(d_input.is_some().then_some(tape.pairs.atoms.len()));
        self.differentiate(batch, tape, d_output, gradient);
        if let Some(d_input) = d_input {
            self.differentiate_input(tape, d_output, &batch.ragged, d_input);
        }
    }
}
