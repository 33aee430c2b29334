//! Causal transformer that writes an event number by number: `p(x | c) = prod_t p(x_t | x_1 ... x_(t-1), c)`, JetGPT of
//! arXiv:2305.10475.
//!
//! Position 0 holds a start token embedded from the conditions, position t the number `x_t`. The output at position t -
//! 1 gives, by a head of its own for every t, the mixture that `x_t` follows ([`Component`]). Every position has its
//! own embedding, too, whose bias is the learned position: all parameters belong to linear layers, so the Bayesian
//! switch ([`Spread`]) reaches them all.
//!
//! Block (pre-norm, arXiv:2002.04745): `h <- h + Attention(LN h)`, `h <- h + W2 act(W1 LN h)`; layer norms have no
//! weights. Sampling keeps keys and values of the numbers already drawn, so that a number costs one position, not the
//! whole row again.

use burn::{
    module::{Module, Param},
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor, TensorData, activation::softmax},
};

use crate::{
    Component, Dual, Spread,
    bayes::{linear, part},
    hard_swish, host,
    pieces::in_pieces,
};

/// Added to the attention logits of later positions.
const MASKED: f32 = -1e4;

/// Configuration of [`EventGpt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventGptConfig {
    /// The family of each number's mixture, in the order in which they are written; their number is T >= 1.
    pub tokens: Vec<Component>,
    /// Condition columns, C; 0 for none.
    pub conditions: usize,
    /// Components of every mixture, K.
    pub components: usize,
    /// Width of a position's vector; a multiple of `heads`.
    pub width: usize,
    /// Attention heads.
    pub heads: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Width of the perceptrons in the blocks as a multiple of `width`.
    pub expansion: usize,
}

impl EventGptConfig {
    /// The sizes of arXiv:2305.10475: width 128, 4 heads, 4 blocks, 43 components, perceptrons four times as wide.
    pub fn new(tokens: Vec<Component>, conditions: usize) -> EventGptConfig {
        EventGptConfig { tokens, conditions, components: 43, width: 128, heads: 4, layers: 4, expansion: 4 }
    }

    /// Freshly initialised network: every mixture is broad and the same whatever came before (zero-initialised heads).
    ///
    /// # Panics
    /// If there are no tokens, or the width is not a multiple of the heads.
    pub fn init(&self, device: &Device) -> EventGpt {
        assert!(!self.tokens.is_empty(), "an event of at least one number");
        assert_eq!(self.width % self.heads, 0, "the width {} is a multiple of the heads {}", self.width, self.heads);
        let new = |i: usize, o| LinearConfig::new(i, o).init(device);
        let head = |token: &Component| {
            let zeros = LinearConfig::new(self.width, 3 * self.components).with_initializer(Initializer::Zeros);
            let bias = Tensor::from_floats(token.start(self.components).as_slice(), device);
            Linear { bias: Some(Param::from_tensor(bias)), ..zeros.init(device) }
        };
        EventGpt {
            start: new(self.conditions.max(1), self.width),
            embeddings: self.tokens[1..].iter().zip(&self.tokens).map(|(_, t)| new(t.inputs(), self.width)).collect(),
            blocks: (0..self.layers)
                .map(|_| CausalBlock {
                    qkv: new(self.width, 3 * self.width),
                    projection: new(self.width, self.width),
                    expand: new(self.width, self.expansion * self.width),
                    contract: new(self.expansion * self.width, self.width),
                })
                .collect(),
            outputs: self.tokens.iter().map(head).collect(),
            tokens: self.tokens.clone(),
            conditions: self.conditions,
            heads: self.heads,
            expansion: self.expansion,
        }
    }
}

/// Causal transformer over the numbers of an event; see the module's head.
#[derive(Module, Debug)]
pub struct EventGpt {
    start: Linear,
    embeddings: Vec<Linear>,
    blocks: Vec<CausalBlock>,
    outputs: Vec<Linear>,
    #[module(skip)]
    tokens: Vec<Component>,
    conditions: usize,
    heads: usize,
    expansion: usize,
}

#[derive(Module, Debug)]
struct CausalBlock {
    qkv: Linear,
    projection: Linear,
    expand: Linear,
    contract: Linear,
}

/// Keys and values of the positions already seen by a block, `[B, heads, P, W/heads]` each.
type Memory = Option<(Tensor<4>, Tensor<4>)>;

impl CausalBlock {
    /// `h` `[B, P, W]` stands after what `memory` holds; `mask` `[1, 1, P, P]` among the new positions.
    fn forward(
        &self,
        h: Tensor<3>,
        heads: usize,
        memory: &mut Memory,
        mask: &Tensor<4>,
        spread: Spread<Self>,
    ) -> Tensor<3> {
        let [batch, positions, width] = h.dims();
        let size = width / heads;
        let qkv = linear(&self.qkv, layer_norm(h.clone()), part(spread, |s| &s.qkv));
        let third = |k: usize| -> Tensor<4> {
            let part = qkv.clone().slice([0..batch, 0..positions, k * width..(k + 1) * width]);
            part.reshape([batch, positions, heads, size]).swap_dims(1, 2)
        };
        let (q, mut k, mut v) = (third(0).mul_scalar(1.0 / (size as f64).sqrt()), third(1), third(2));
        if let Some((keys, values)) = memory.take() {
            (k, v) = (Tensor::cat(vec![keys, k], 2), Tensor::cat(vec![values, v], 2));
        }
        *memory = Some((k.clone(), v.clone()));
        let mut logits = q.matmul(k.swap_dims(2, 3));
        if positions > 1 {
            logits = logits + mask.clone();
        }
        let mixed = softmax(logits, 3).matmul(v).swap_dims(1, 2).reshape([batch, positions, width]);
        let h = h + linear(&self.projection, mixed, part(spread, |s| &s.projection));
        let y = hard_swish(linear(&self.expand, layer_norm(h.clone()), part(spread, |s| &s.expand)));
        h + linear(&self.contract, y, part(spread, |s| &s.contract))
    }
}

fn layer_norm(x: Tensor<3>) -> Tensor<3> {
    Dual::from(x).layer_norm().primal
}

impl EventGpt {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> EventGptConfig {
        let [_, width] = self.start.weight.dims();
        EventGptConfig {
            tokens: self.tokens.clone(),
            conditions: self.conditions,
            components: self.outputs[0].weight.dims()[1] / 3,
            width,
            heads: self.heads,
            layers: self.blocks.len(),
            expansion: self.expansion,
        }
    }

    /// `ln p(x | condition)` in nats, `[B]`: `x` `[B, T]`, `condition` `[B, C]`; plain, or with a spread Bayesian (see
    /// [`Spread`]).
    pub fn log_density(&self, x: Tensor<2>, condition: Tensor<2>, spread: Spread<Self>) -> Tensor<1> {
        self.log_densities(x, condition, spread).sum_dim(1).squeeze_dim(1)
    }

    /// `ln p(x_t | x_1 ... x_(t-1), condition)` of every number, `[B, T]`.
    pub fn log_densities(&self, x: Tensor<2>, condition: Tensor<2>, spread: Spread<Self>) -> Tensor<2> {
        let mixtures = self.mixtures(x.clone(), condition, spread);
        let each = self.tokens.iter().zip(mixtures).enumerate().map(|(t, (token, raw))| {
            let x_t = column(&x, t).squeeze_dim(1);
            token.log_density(raw, x_t).unsqueeze_dim::<2>(1)
        });
        Tensor::cat(each.collect(), 1)
    }

    /// The parameters of every number's mixture given those before it, T tensors `[B, 3 K]` as
    /// [`Component::log_density`] takes them.
    pub fn mixtures(&self, x: Tensor<2>, condition: Tensor<2>, spread: Spread<Self>) -> Vec<Tensor<2>> {
        let [batch, count] = x.dims();
        let mut sequence = vec![self.first(condition, batch, spread)];
        sequence.extend((1..count).map(|t| self.embed(t, column(&x, t - 1), spread)));
        let mut h = Tensor::cat(sequence, 1);
        let mask = causal(count, &x.device());
        for (l, block) in self.blocks.iter().enumerate() {
            h = block.forward(h, self.heads, &mut None, &mask, part(spread, |s| &s.blocks[l]));
        }
        let [_, _, width] = h.dims();
        let h = layer_norm(h);
        let position = |t: usize| h.clone().slice([0..batch, t..t + 1, 0..width]).reshape([batch, width]);
        (0..count).map(|t| linear(&self.outputs[t], position(t), part(spread, |s| &s.outputs[t]))).collect()
    }

    /// Exact samples, `[B, T]`, for `condition` `[B, C]`, each number from its mixture given those before.
    ///
    /// `uniform(row)` gives the next uniform number in (0, 1) of row `row`'s own sequence, which must not depend on the
    /// other rows'; a row's sample then does not depend on the batch it is in. Three numbers are used for a normal,
    /// four or more for an angle.
    pub fn sample(&self, condition: Tensor<2>, mut uniform: impl FnMut(usize) -> f64) -> Tensor<2> {
        in_pieces([condition], |first, rows, [condition]| {
            let ([batch, _], device) = (condition.dims(), condition.device());
            let mask = causal(1, &device);
            let mut memories: Vec<Memory> = vec![None; self.blocks.len()];
            let mut next = self.first(condition, batch, None);
            let mut columns = Vec::with_capacity(self.tokens.len());
            for (t, token) in self.tokens.iter().enumerate() {
                let mut h = next.clone();
                for (block, memory) in self.blocks.iter().zip(&mut memories) {
                    h = block.forward(h, self.heads, memory, &mask, None);
                }
                let [_, _, width] = h.dims();
                let raw = host(linear(&self.outputs[t], layer_norm(h).reshape([batch, width]), None));
                let size = raw.len() / batch;
                let mut drawn: Vec<f32> = raw
                    .chunks(size)
                    .take(rows)
                    .enumerate()
                    .map(|(row, raw)| token.draw(raw, &mut || uniform(first + row)) as f32)
                    .collect();
                drawn.resize(batch, 0.0);
                let drawn = Tensor::from_data(TensorData::new(drawn, [batch, 1]), &device);
                if t + 1 < self.tokens.len() {
                    next = self.embed(t + 1, drawn.clone(), None);
                }
                columns.push(drawn);
            }
            Tensor::cat(columns, 1)
        })
    }

    /// The start token, `[B, 1, W]`; without conditions its bias.
    fn first(&self, condition: Tensor<2>, batch: usize, spread: Spread<Self>) -> Tensor<3> {
        let condition = if self.conditions > 0 { condition } else { Tensor::zeros([batch, 1], &condition.device()) };
        linear(&self.start, condition, part(spread, |s| &s.start)).unsqueeze_dim(1)
    }

    /// Position `t`: the number before it, `[B, 1] -> [B, 1, W]`.
    fn embed(&self, t: usize, x: Tensor<2>, spread: Spread<Self>) -> Tensor<3> {
        let x = self.tokens[t - 1].features(x);
        linear(&self.embeddings[t - 1], x, part(spread, |s| &s.embeddings[t - 1])).unsqueeze_dim(1)
    }
}

fn column(x: &Tensor<2>, t: usize) -> Tensor<2> {
    let [batch, _] = x.dims();
    x.clone().slice([0..batch, t..t + 1])
}

/// `[1, 1, P, P]`, [`MASKED`] where the key comes after the query.
fn causal(positions: usize, device: &Device) -> Tensor<4> {
    let mask = |i: usize| if i % positions > i / positions { MASKED } else { 0.0 };
    let values: Vec<f32> = (0..positions * positions).map(mask).collect();
    Tensor::from_data(TensorData::new(values, [1, 1, positions, positions]), device)
}
