//! The gradient of the E(n)-equivariant graph network, from its last layer to its first.
//!
//! With `g = 1/(N (d + 1))`, `v = phi_x` and `s = v g` of a pair: `dv = g dx_i . (x_i - x_j)`, and `d` enters by `g`, whose derivative with respect to
//! `d^2` is `-N g^2/(2 d)`, and by `d^2` in both perceptrons.

use crate::egnn::{Egnn, EgnnLayer, LayerTape, Near, PairTape, Perceptron, SOFT, SPACE, Tape, centred};
use crate::elementwise::{add, swish_backward};
use crate::gathered::Gathered;
use crate::linear::Gradient;
use crate::matrix::Matrix;
use crate::pairs::{Dots, DotsBackward, JoinBackward, Pairs, With, apart};
use crate::ragged::Ragged;
use crate::simd::padded;

/// Gradients on their way back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Back {
    state: Matrix,
    positions: Vec<[f32; SPACE]>,
    /// Of the positions after a layer, while those before it are made.
    after: Vec<[f32; SPACE]>,
    features: Matrix,
    /// Of messages and of the shift's perceptron, outside and inside.
    outer: Matrix,
    inner: Matrix,
    from: Matrix,
    to: Matrix,
    joined: Matrix,
    hidden: Matrix,
    /// Of each pair: of `d^2`, and numbers on their way.
    squares: Vec<f32>,
    values: Vec<f32>,
    /// Of each pair's `d0^2`, the sum over layers; nothing unless the gradient of the input is wanted.
    first: Option<Vec<f32>>,
    context: Matrix,
    start: Matrix,
}

impl Back {
    /// Begins the sum for `d0^2` of this many pairs, or none.
    pub fn follow_first(&mut self, pairs: Option<usize>) {
        self.first = pairs.map(|pairs| vec![0.0; pairs]);
    }
}

impl Egnn {
    /// Adds the gradient of the weights, given that of the output.
    pub fn differentiate(&self, batch: &Gathered, tape: &mut Tape, d_output: &Matrix, gradient: &mut Gradient) {
        let (weights, ragged) = (&self.weights, &batch.ragged);
        let back = &mut tape.back;
        let rows = d_output.rows();
        back.positions.clear();
        back.positions.extend((0..rows).map(|i| [0, 1, 2].map(|k| d_output.row(i)[k])));
        // Taking the mean away is its own transpose.
        centred(&mut back.positions, ragged);
        let features = tape.features.stride();
        back.features.zero(rows, features);
        for i in 0..rows {
            let width = features.min(d_output.stride() - SPACE);
            back.features.row_mut(i)[..width].copy_from_slice(&d_output.row(i)[SPACE..SPACE + width]);
        }
        gradient.add(self.output, &tape.state, &back.features);
        weights.input_gradient(self.output, &back.features, &mut back.state);
        for (layer, own) in self.layers.iter().zip(&tape.layers).rev() {
            self.layer_backward(layer, own, &tape.pairs, &tape.first, back, gradient);
        }
        gradient.add(self.input, &tape.features, &back.state);
        back.start.zero(ragged.samples(), padded(self.width));
        for (i, owner) in ragged.owner.iter().enumerate() {
            add(back.start.row_mut(*owner as usize), back.state.row(i));
        }
        gradient.add(self.start, &tape.embedded.context, &back.start);
        weights.input_gradient(self.start, &back.start, &mut back.context);
        self.embedding.backward(weights, &mut tape.embedded, &back.context, gradient);
    }

    /// After [`Egnn::differentiate`]: the gradient of positions and features that the network was given. An output position is a movement, so
    /// the input counts against it; distances of the input enter every layer.
    pub fn differentiate_input(&self, tape: &mut Tape, d_output: &Matrix, ragged: &Ragged, d_input: &mut Matrix) {
        let back = &mut tape.back;
        back.after.clear();
        back.after.extend((0..d_output.rows()).map(|i| [0, 1, 2].map(|k| d_output.row(i)[k])));
        centred(&mut back.after, ragged);
        for (p, &(i, j)) in tape.pairs.atoms.iter().enumerate() {
            let slope = 2.0 * back.first.as_ref().map_or(0.0, |first| first[p]);
            move_apart(&mut back.positions, i, j, apart(&tape.input, i, j).map(|d| slope * d));
        }
        self.weights.input_gradient(self.input, &back.state, &mut back.features);
        d_input.zero(d_output.rows(), d_output.stride());
        for i in 0..d_output.rows() {
            let row = d_input.row_mut(i);
            (0..SPACE).for_each(|k| row[k] = back.positions[i][k] - back.after[i][k]);
            row[SPACE..SPACE + self.features].copy_from_slice(&back.features.row(i)[..self.features]);
        }
    }

    /// `back.state` and `back.positions` go from the gradients of the layer's results to those of what it was given.
    fn layer_backward(
        &self,
        layer: &EgnnLayer,
        own: &LayerTape,
        pairs: &Pairs,
        first: &[f32],
        back: &mut Back,
        gradient: &mut Gradient,
    ) {
        let (weights, width) = (&self.weights, padded(self.width));
        let near = Near { squares: [&own.squares, first], splines: &own.splines };
        gradient.add(layer.update_out, &own.hidden, &back.state);
        weights.input_gradient(layer.update_out, &back.state, &mut back.hidden);
        swish_backward(&mut back.hidden, &own.before);
        gradient.add(layer.update, &own.joined, &back.hidden);
        weights.input_gradient(layer.update, &back.hidden, &mut back.joined);
        for i in 0..back.state.rows() {
            add(back.state.row_mut(i), &back.joined.row(i)[..width]);
        }
        back.squares.clear();
        back.squares.resize(pairs.atoms.len(), 0.0);
        back.values.resize(pairs.atoms.len(), 0.0);

        // Without a perceptron of its own `phi_x` reads the message, whose gradient then begins with its part.
        self.pull_backward(own, pairs, back);
        let [d_weight] = gradient.vectors([layer.shift_out]);
        let dots = DotsBackward {
            x: if layer.shift.is_some() { &own.shift.outer } else { &own.message.outer },
            w: weights.of(layer.shift_out),
            slopes: &back.values,
            gathered: None,
            keep: false,
            d_x: &mut back.outer,
            d_w: d_weight,
        };
        dots.run();
        if let Some(shift) = &layer.shift {
            self.perceptron_backward(shift, &own.shift, pairs, near, &own.joined, back, gradient);
        }

        // Messages: from the gradient of their sum to that of the attention's logit.
        let heard = With::First(pairs, &back.joined, width);
        Dots { x: &own.message.outer, with: heard, values: &mut back.values }.run();
        for (value, e) in back.values.iter_mut().zip(&own.attention) {
            *value *= self.share * e * (1.0 - e);
        }
        let [d_weight, d_bias] = gradient.vectors(layer.attention);
        d_bias[0] += back.values.iter().sum::<f32>();
        let dots = DotsBackward {
            x: &own.message.outer,
            w: weights.of(layer.attention[0]),
            slopes: &back.values,
            gathered: Some((&own.shares, heard)),
            keep: layer.shift.is_none(),
            d_x: &mut back.outer,
            d_w: d_weight,
        };
        dots.run();
        self.perceptron_backward(&layer.message, &own.message, pairs, near, &own.joined, back, gradient);

        for (p, &(i, j)) in pairs.atoms.iter().enumerate() {
            let slope = 2.0 * back.squares[p];
            move_apart(&mut back.positions, i, j, apart(&own.positions, i, j).map(|d| slope * d));
        }
    }

    /// From the gradient of positions to `back.values`, those of `phi_x`; adds to `back.squares` and `back.positions`.
    fn pull_backward(&self, own: &LayerTape, pairs: &Pairs, back: &mut Back) {
        back.after.clone_from(&back.positions);
        for (p, &(i, j)) in pairs.atoms.iter().enumerate() {
            let distance = (own.squares[p] + SOFT).sqrt();
            let factor = self.share / (distance + 1.0);
            let d = back.after[i as usize];
            let along: f32 = apart(&own.positions, i, j).iter().zip(d).map(|(x, d)| x * d).sum();
            back.values[p] = along * factor;
            back.squares[p] -= along * own.pull[p] * factor / (distance + 1.0) / (2.0 * distance);
            let step = own.pull[p] * factor;
            move_apart(&mut back.positions, i, j, d.map(|d| step * d));
        }
    }

    /// From `back.outer` to the state, which the first columns of `joined` hold; adds to `back.state` and `back.squares`.
    #[allow(clippy::too_many_arguments)]
    fn perceptron_backward(
        &self,
        pair: &Perceptron,
        own: &PairTape,
        pairs: &Pairs,
        near: Near,
        joined: &Matrix,
        back: &mut Back,
        gradient: &mut Gradient,
    ) {
        let weights = &self.weights;
        swish_backward(&mut back.outer, &own.outer_before);
        gradient.add(pair.outer, &own.after, &back.outer);
        weights.input_gradient(pair.outer, &back.outer, &mut back.inner);
        swish_backward(&mut back.inner, &own.before);
        back.from.zero(back.state.rows(), back.state.stride());
        back.to.zero(back.state.rows(), back.state.stride());
        let rows = weights.all_of(pair.splines);
        let (sums, d_rows) = gradient.with_rows(pair.distances, pair.splines);
        let join = JoinBackward {
            pairs,
            d: &back.inner,
            distances: self.distances(pair, near, &rows),
            from: &mut back.from,
            to: &mut back.to,
            sums,
            rows: d_rows,
            squares: &mut back.squares,
        };
        join.run();
        if let Some(first) = &mut back.first {
            let weight = With::Weights(weights.of(pair.distances[1]));
            Dots { x: &back.inner, with: weight, values: &mut back.values }.run();
            add(first, &back.values);
        }
        for (layer, d) in [(pair.from, &back.from), (pair.to, &back.to)] {
            gradient.add(layer, joined, d);
            weights.add_input_gradient(layer, d, &mut back.state);
        }
    }
}

/// Adds `d` to the gradient of `x_i` and takes it from that of `x_j`.
fn move_apart(positions: &mut [[f32; SPACE]], i: u32, j: u32, d: [f32; SPACE]) {
    for (k, d) in d.into_iter().enumerate() {
        positions[i as usize][k] += d;
        positions[j as usize][k] -= d;
    }
}
