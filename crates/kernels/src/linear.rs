//! Linear layers `y = x W + b` packed for the tiles, and their gradients.

use std::collections::HashMap;

use nets::ParameterInfo;

use crate::aligned::Aligned;
use crate::bf16::{Packed, Precision};
use crate::finish::{Add, Film, Kept, Out, Store, Swish};
use crate::half_product::HalfProduct;
use crate::matrix::{Columns, Matrix};
use crate::norm::Modulation;
use crate::product::{Finish, Left, Product, Right};
use crate::simd::{BLOCK, padded};

/// A loss: from the number of a sample and its output, it writes its derivative with respect to the output.
pub type Loss<'a> = dyn FnMut(usize, &[f32], &mut [f32]) + 'a;

/// Which layer of [`Weights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layer(usize);

/// Which vector of [`Weights`]: parameters that are no matrix of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vector(usize);

/// Which vectors of [`Weights`], one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vectors {
    first: usize,
    count: usize,
}

/// A layer's place in the flat parameters, and its packed weights.
#[derive(Clone, Debug)]
struct Linear {
    weight: usize,
    bias: usize,
    inputs: Columns,
    outputs: Columns,
    /// `W`, in blocks of 16 outputs.
    forward: Aligned,
    /// `W^T`, in blocks of 16 inputs.
    backward: Aligned,
    shift: Aligned,
    /// `W`, rounded, if products are to be.
    rounded: Option<Packed>,
}

impl Linear {
    /// Rounds the weights, or forgets that they were.
    fn round(&mut self, precision: Precision) {
        let (depth, padded, columns) = (self.inputs.depth(), self.inputs.padded(), self.outputs.padded());
        self.rounded = (precision == Precision::Bf16).then(|| {
            let mut rounded = Packed::zero(depth, columns);
            for j in 0..columns {
                for k in 0..depth {
                    rounded.set(k, j, self.forward[(j / BLOCK) * padded * BLOCK + k * BLOCK + j % BLOCK]);
                }
            }
            rounded
        });
    }
}

/// All linear layers of a network, and where its parameters lie in the flat vector of [`nets::values`].
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    precision: Precision,
    places: HashMap<String, usize>,
    parameters: usize,
    layers: Vec<Linear>,
    /// Place and length of each vector, and its numbers with padding.
    vectors: Vec<(usize, usize, Aligned)>,
}

impl Weights {
    /// No layers yet, of a network with these parameters.
    pub fn new(inventory: &[ParameterInfo]) -> Weights {
        let mut parameters = 0;
        let mut places = HashMap::new();
        for info in inventory {
            places.insert(info.name.clone(), parameters);
            parameters += info.shape.iter().product::<usize>();
        }
        Weights { precision: Precision::Single, places, parameters, layers: Vec::new(), vectors: Vec::new() }
    }

    /// The layer of this name, from and to these columns.
    pub fn layer(&mut self, name: &str, inputs: Columns, outputs: Columns) -> Layer {
        let place = |part: &str| self.place(&format!("{name}.{part}"));
        self.layers.push(Linear {
            weight: place("weight"),
            bias: place("bias"),
            forward: Aligned::zeros(inputs.padded() * outputs.padded()),
            backward: Aligned::zeros(inputs.padded() * outputs.padded()),
            shift: Aligned::zeros(outputs.padded()),
            rounded: None,
            inputs,
            outputs,
        });
        Layer(self.layers.len() - 1)
    }

    /// Row `row` of `n` numbers of the parameter of this name.
    pub fn vector(&mut self, name: &str, row: usize, n: usize) -> Vector {
        self.vectors.push((self.place(name) + row * n, n, Aligned::zeros(padded(n))));
        Vector(self.vectors.len() - 1)
    }

    /// All `rows` rows of `n` numbers of the parameter of this name.
    pub fn vectors(&mut self, name: &str, rows: usize, n: usize) -> Vectors {
        let first = self.vectors.len();
        for row in 0..rows {
            self.vector(name, row, n);
        }
        Vectors { first, count: rows }
    }

    /// Their numbers with padding.
    pub fn all_of(&self, vectors: Vectors) -> Vec<&[f32]> {
        (vectors.first..vectors.first + vectors.count).map(|v| self.of(Vector(v))).collect()
    }

    /// Its numbers with padding.
    pub fn of(&self, vector: Vector) -> &[f32] {
        &self.vectors[vector.0].2
    }

    fn place(&self, name: &str) -> usize {
        *self.places.get(name).unwrap_or_else(|| panic!("no parameter {name} in the network"))
    }

    /// How numbers enter the products of a forward pass.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
        self.layers.iter_mut().for_each(|layer| layer.round(precision));
    }

    /// What was set.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Takes over the parameters, in the order of [`nets::values`].
    pub fn load(&mut self, flat: &[f32]) {
        assert_eq!(flat.len(), self.parameters, "flat parameters of another network");
        for layer in &mut self.layers {
            let (depth, back) = (layer.inputs.padded(), layer.outputs.padded());
            let mut weight = flat[layer.weight..].iter();
            for k in layer.inputs.places() {
                for (j, w) in layer.outputs.places().zip(&mut weight) {
                    layer.forward[(j / BLOCK) * depth * BLOCK + k * BLOCK + j % BLOCK] = *w;
                    layer.backward[(k / BLOCK) * back * BLOCK + j * BLOCK + k % BLOCK] = *w;
                }
            }
            for (j, b) in layer.outputs.places().zip(&flat[layer.bias..]) {
                layer.shift[j] = *b;
            }
            layer.round(self.precision);
        }
        for (place, n, numbers) in &mut self.vectors {
            numbers[..*n].copy_from_slice(&flat[*place..*place + *n]);
        }
    }

    /// Multiplications of these layers for one row, without padding.
    pub fn products(&self, layers: &[Layer]) -> u64 {
        let size = |columns: &Columns| columns.places().count() as u64;
        layers.iter().map(|layer| &self.layers[layer.0]).map(|l| size(&l.inputs) * size(&l.outputs)).sum()
    }

    /// Padded outputs of a layer.
    pub fn outputs(&self, layer: Layer) -> usize {
        self.layers[layer.0].outputs.padded()
    }

    /// `finish(x W + b)`.
    pub fn forward<F: Finish>(&self, layer: Layer, x: &Matrix, finish: F) {
        let linear = &self.layers[layer.0];
        let (rows, depth, columns) = (x.rows(), linear.inputs.depth(), linear.outputs.padded());
        let (left, bias) = (Left::of(x), Some(&linear.shift[..]));
        match &linear.rounded {
            Some(right) => HalfProduct { rows, depth, columns, left, right, bias, finish }.run(),
            None => {
                let right = Right::packed(&linear.forward, linear.inputs.padded());
                Product { rows, depth, columns, left, right, bias, finish }.run();
            }
        }
    }

    /// `y = x W + b`.
    pub fn apply(&self, layer: Layer, x: &Matrix, y: &mut Matrix) {
        y.reshape(x.rows(), self.outputs(layer));
        self.forward(layer, x, Store(Out::of(y)));
    }

    /// `before = x W + b`, if it is wanted, and its hard swish.
    pub fn swish(&self, layer: Layer, x: &Matrix, before: Option<&mut Matrix>, after: &mut Matrix) {
        let (rows, columns) = (x.rows(), self.outputs(layer));
        after.reshape(rows, columns);
        self.forward(layer, x, Swish { before: Kept::of(before, rows, columns), after: Out::of(after) });
    }

    /// `before = x W + b`, if it is wanted, and `after` that modulated, or the hard swish of that.
    pub fn film(
        &self,
        layer: Layer,
        x: &Matrix,
        modulation: Modulation,
        activate: bool,
        before: Option<&mut Matrix>,
        after: &mut Matrix,
    ) {
        let (rows, columns) = (x.rows(), self.outputs(layer));
        after.reshape(rows, columns);
        let before = Kept::of(before, rows, columns);
        self.forward(layer, x, Film { before, after: Out::of(after), modulation, activate });
    }

    /// `finish(dy W^T)`.
    fn pullback<F: Finish>(&self, layer: Layer, dy: &Matrix, finish: F) {
        let linear = &self.layers[layer.0];
        let product = Product {
            rows: dy.rows(),
            depth: linear.outputs.depth(),
            columns: linear.inputs.padded(),
            left: Left::of(dy),
            right: Right::packed(&linear.backward, linear.outputs.padded()),
            bias: None,
            finish,
        };
        product.run();
    }

    /// `dx = dy W^T`.
    pub fn input_gradient(&self, layer: Layer, dy: &Matrix, dx: &mut Matrix) {
        dx.reshape(dy.rows(), self.layers[layer.0].inputs.padded());
        self.pullback(layer, dy, Store(Out::of(dx)));
    }

    /// `dx <- dx + dy W^T`.
    pub fn add_input_gradient(&self, layer: Layer, dy: &Matrix, dx: &mut Matrix) {
        self.pullback(layer, dy, Add(Out::of(dx)));
    }
}

/// Sums of the gradients of [`Weights`] over samples, in the same padded layout.
#[derive(Clone, Debug)]
pub(crate) struct Gradient {
    /// Weight and bias of each layer.
    layers: Vec<(Matrix, Vec<f32>)>,
    vectors: Vec<Vec<f32>>,
}

impl Gradient {
    /// Zero.
    pub fn zero(weights: &Weights) -> Gradient {
        let zero = |layer: &Linear| {
            let mut matrix = Matrix::default();
            matrix.zero(layer.inputs.padded(), layer.outputs.padded());
            (matrix, vec![0.0; layer.outputs.padded()])
        };
        let vectors = weights.vectors.iter().map(|(_, _, numbers)| vec![0.0; numbers.len()]).collect();
        Gradient { layers: weights.layers.iter().map(zero).collect(), vectors }
    }

    /// Forgets all samples.
    pub fn clear(&mut self) {
        for (weight, bias) in &mut self.layers {
            weight.all_mut().fill(0.0);
            bias.fill(0.0);
        }
        self.vectors.iter_mut().for_each(|vector| vector.fill(0.0));
    }

    /// Adds `x^T dy` and the column sums of `dy`.
    pub fn add(&mut self, layer: Layer, x: &Matrix, dy: &Matrix) {
        let (weight, bias) = &mut self.layers[layer.0];
        let product = Product {
            rows: weight.rows(),
            depth: x.rows(),
            columns: weight.stride(),
            left: Left::transposed(x),
            right: Right::of(dy),
            bias: None,
            finish: Add(Out::of(weight)),
        };
        product.run();
        for i in 0..dy.rows() {
            bias.iter_mut().zip(dy.row(i)).for_each(|(b, d)| *b += d);
        }
    }

    /// Those of some vectors, with padding, to add to.
    pub fn vectors<const N: usize>(&mut self, which: [Vector; N]) -> [&mut [f32]; N] {
        let all = self.vectors.get_disjoint_mut(which.map(|v| v.0)).expect("different vectors");
        all.map(Vec::as_mut_slice)
    }

    /// Those of some vectors and of several that were made after them.
    pub fn with_rows<const N: usize>(
        &mut self,
        which: [Vector; N],
        rows: Vectors,
    ) -> ([&mut [f32]; N], &mut [Vec<f32>]) {
        let (before, after) = self.vectors.split_at_mut(rows.first);
        let few = before.get_disjoint_mut(which.map(|v| v.0)).expect("different vectors, made before the rows");
        (few.map(Vec::as_mut_slice), &mut after[..rows.count])
    }

    /// All of it in the order of [`nets::values`].
    pub fn flat(&self, weights: &Weights) -> Vec<f32> {
        let mut flat = vec![0.0; weights.parameters];
        for (layer, (weight, bias)) in weights.layers.iter().zip(&self.layers) {
            let mut to = flat[layer.weight..].iter_mut();
            for k in layer.inputs.places() {
                let row = weight.row(k);
                for (j, to) in layer.outputs.places().zip(&mut to) {
                    *to = row[j];
                }
            }
            for (j, to) in layer.outputs.places().zip(&mut flat[layer.bias..]) {
                *to = bias[j];
            }
        }
        for ((place, n, _), vector) in weights.vectors.iter().zip(&self.vectors) {
            flat[*place..*place + *n].copy_from_slice(&vector[..*n]);
        }
        flat
    }
}
