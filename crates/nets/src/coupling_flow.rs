//! Conditional normalising flow of spline coupling layers: arXiv:1906.04032 (neural spline flows), couplings after
//! arXiv:1605.08803.
//!
//! A layer keeps a part `a` of the variables and bends every other one by a rational-quadratic spline whose knots a
//! perceptron reads off `(a, condition)`; the Jacobian is triangular and the inverse as cheap as the forward pass.
//! Layers come in pairs that exchange the two parts. Pair p parts the variables by bit `p` of a code (arXiv:2001.05486,
//! section 3.2): variable i of D has the code `floor(i 2^m / D)`, `m = ceil(log2 D)`, whose bits all divide the
//! variables nearly in halves. After m pairs every two variables have been told apart, and each has been bent m times.
//!
//! `ln p(x | c) = ln N(z; 0, 1) + sum ln |dz/dx|`. The perceptron sees `a` cut to the spline's box: far outliers do not
//! shout.

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Int, Tensor},
};

use crate::{
    Spread,
    bayes::{linear, part},
    hard_swish,
    pieces::in_pieces,
    spline,
};

/// Configuration of [`CouplingFlow`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CouplingFlowConfig {
    /// Variables, D >= 1, best of mean 0 and standard deviation 1.
    pub features: usize,
    /// Condition columns, C; 0 for none.
    pub conditions: usize,
    /// Number of coupling layers.
    pub layers: usize,
    /// Width of the perceptrons' hidden layers.
    pub width: usize,
    /// Hidden layers of every perceptron.
    pub hidden: usize,
    /// Bins of every spline, from 2 to 900.
    pub bins: usize,
    /// Half the side B of the splines' box; the identity outside.
    pub bound: f64,
}

impl CouplingFlowConfig {
    /// Ten layers of ten bins in the box of half side 6, two hidden layers of 128.
    pub fn new(features: usize, conditions: usize) -> CouplingFlowConfig {
        CouplingFlowConfig { features, conditions, layers: 10, width: 128, hidden: 2, bins: 10, bound: 6.0 }
    }

    /// Freshly initialised flow: the identity (zero-initialised last layers), hence the density of a standard normal.
    ///
    /// # Panics
    /// If there are no variables, or the number of bins is out of its range.
    pub fn init(&self, device: &Device) -> CouplingFlow {
        assert!(self.features > 0, "a flow of at least one variable");
        assert!((2..=900).contains(&self.bins), "from 2 to 900 bins, not {}", self.bins);
        CouplingFlow {
            couplings: (0..self.layers).map(|l| self.coupling(l, device)).collect(),
            features: self.features,
            conditions: self.conditions,
            width: self.width,
            hidden: self.hidden,
            bins: self.bins,
            bound: self.bound,
        }
    }

    fn coupling(&self, layer: usize, device: &Device) -> Coupling {
        let (kept, bent) = halves(self.features, layer);
        // A perceptron without inputs gets one zero, so that its biases are the spline.
        let inputs = (kept.len() + self.conditions).max(1);
        let size = |l: usize| if l == 0 { inputs } else { self.width };
        let mut perceptron: Vec<Linear> =
            (0..self.hidden).map(|l| LinearConfig::new(size(l), self.width).init(device)).collect();
        let outputs = bent.len() * spline::parameters(self.bins);
        perceptron
            .push(LinearConfig::new(size(self.hidden), outputs).with_initializer(Initializer::Zeros).init(device));
        Coupling { perceptron, layer }
    }
}

/// Which variables layer `layer` of a flow keeps, and which it bends.
fn halves(features: usize, layer: usize) -> (Vec<usize>, Vec<usize>) {
    if features == 1 {
        return (vec![], vec![0]);
    }
    let bits = features.next_power_of_two().trailing_zeros() as usize;
    // The highest bit first: it parts neighbours least and therefore the halves best.
    let bit = bits - 1 - (layer / 2) % bits;
    let side = |i: &usize| ((((i << bits) / features) >> bit) & 1) ^ (layer & 1) == 0;
    (0..features).partition(side)
}

#[derive(Module, Debug)]
struct Coupling {
    perceptron: Vec<Linear>,
    layer: usize,
}

/// Conditional density of `[B, D]` rows that can be evaluated and drawn from exactly; see the module's head.
#[derive(Module, Debug)]
pub struct CouplingFlow {
    couplings: Vec<Coupling>,
    features: usize,
    conditions: usize,
    width: usize,
    hidden: usize,
    bins: usize,
    bound: f64,
}

impl CouplingFlow {
    /// The configuration that makes a flow of this shape.
    pub fn config(&self) -> CouplingFlowConfig {
        CouplingFlowConfig {
            features: self.features,
            conditions: self.conditions,
            layers: self.couplings.len(),
            width: self.width,
            hidden: self.hidden,
            bins: self.bins,
            bound: self.bound,
        }
    }

    /// `ln p(x | condition)` in nats, `[B]`: `x` `[B, D]`, `condition` `[B, C]`; plain, or with a spread Bayesian (see
    /// [`Spread`]).
    pub fn log_density(&self, x: Tensor<2>, condition: Tensor<2>, spread: Spread<Self>) -> Tensor<1> {
        let (z, log_det) = self.to_noise(x, condition, spread);
        let constant = 0.5 * self.features as f64 * std::f64::consts::TAU.ln();
        let square: Tensor<1> = (z.clone() * z).sum_dim(1).squeeze_dim(1);
        square.mul_scalar(-0.5).sub_scalar(constant) + log_det
    }

    /// Data to noise: `z` `[B, D]` and `ln |det dz/dx|` `[B]`.
    pub fn to_noise(&self, x: Tensor<2>, condition: Tensor<2>, spread: Spread<Self>) -> (Tensor<2>, Tensor<1>) {
        let [batch, _] = x.dims();
        let (mut x, mut log_det) = (x, None::<Tensor<1>>);
        for (l, coupling) in self.couplings.iter().enumerate() {
            let spread = part(spread, |s| &s.couplings[l]);
            let change;
            (x, change) = self.layer(coupling, x, &condition, spread, spline::forward);
            log_det = Some(log_det.map_or(change.clone(), |sum| sum + change));
        }
        let log_det = log_det.unwrap_or_else(|| Tensor::zeros([batch], &x.device()));
        (x, log_det)
    }

    /// Noise to data, the inverse of [`CouplingFlow::to_noise`]: standard normal `z` `[B, D]` become samples `[B, D]`.
    /// A row's sample does not depend on the batch it is in.
    pub fn from_noise(&self, z: Tensor<2>, condition: Tensor<2>) -> Tensor<2> {
        in_pieces([z, condition], |_, _, [mut x, condition]| {
            for coupling in self.couplings.iter().rev() {
                (x, _) = self.layer(coupling, x, &condition, None, spline::inverse);
            }
            x
        })
    }

    fn layer(
        &self,
        coupling: &Coupling,
        x: Tensor<2>,
        condition: &Tensor<2>,
        spread: Spread<Coupling>,
        bend: impl Fn(Tensor<1>, Tensor<2>, f64) -> (Tensor<1>, Tensor<1>),
    ) -> (Tensor<2>, Tensor<1>) {
        let ([batch, _], device) = (x.dims(), x.device());
        let (kept, bent) = halves(self.features, coupling.layer);
        let columns = |which: &[usize]| {
            let indices: Vec<i64> = which.iter().map(|i| *i as i64).collect();
            Tensor::<1, Int>::from_data(indices.as_slice(), &device)
        };
        let mut inputs = Vec::new();
        let mut parts = Vec::new();
        if !kept.is_empty() {
            let kept = x.clone().select(1, columns(&kept));
            inputs.push(kept.clone().clamp(-self.bound, self.bound));
            parts.push(kept);
        }
        if self.conditions > 0 {
            inputs.push(condition.clone());
        }
        if inputs.is_empty() {
            inputs.push(Tensor::zeros([batch, 1], &device));
        }
        let raw = coupling.knots(Tensor::cat(inputs, 1), spread);
        let rows = batch * bent.len();
        let argument = x.select(1, columns(&bent)).reshape([rows]);
        let (value, log_slope) = bend(argument, raw.reshape([rows, spline::parameters(self.bins)]), self.bound);
        parts.push(value.reshape([batch, bent.len()]));
        let mut order = vec![0; self.features];
        for (place, variable) in kept.iter().chain(&bent).enumerate() {
            order[*variable] = place;
        }
        let log_det = log_slope.reshape([batch, bent.len()]).sum_dim(1).squeeze_dim(1);
        (Tensor::cat(parts, 1).select(1, columns(&order)), log_det)
    }
}

impl Coupling {
    /// `[B, kept + C] -> [B, bent (3 K - 1)]`.
    fn knots(&self, mut h: Tensor<2>, spread: Spread<Self>) -> Tensor<2> {
        for (l, layer) in self.perceptron.iter().enumerate() {
            if l > 0 {
                h = hard_swish(h);
            }
            h = linear(layer, h, part(spread, |s| &s.perceptron[l]));
        }
        h
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_variables_are_parted_and_every_variable_is_bent_often() {
        for features in 2..40usize {
            let bits = features.next_power_of_two().trailing_zeros() as usize;
            let layers: Vec<_> = (0..2 * bits).map(|l| halves(features, l)).collect();
            for (kept, bent) in &layers {
                assert_eq!(kept.len() + bent.len(), features);
                // Codes are spread evenly, so every bit halves the variables up to about one in a run of equal bits.
                assert!(kept.len().min(bent.len()) * 3 >= features - 1, "{features}: {kept:?} {bent:?}");
            }
            for i in 0..features {
                assert_eq!(layers.iter().filter(|(_, bent)| bent.contains(&i)).count(), bits);
                for j in (0..features).filter(|j| *j != i) {
                    assert!(layers.iter().any(|(kept, bent)| kept.contains(&i) && bent.contains(&j)), "{i} {j}");
                }
            }
        }
    }
}
