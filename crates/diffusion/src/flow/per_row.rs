//! Models asked about each sample of a batch at a time of its own.
//!
//! Solvers that give every sample its own step ask for the samples that are still under way; `rows` says which samples of
//! the original batch these are, so that a model with a condition for each sample can pick the right ones.

use burn::tensor::Tensor;

use crate::{Batch, Cloud, Denoise, Jvp, Path, Precond, Pullback, Target, Vjp};

/// A model of a batch whose samples are at different times.
pub trait DenoiseRows<X>: Denoise<X> {
    /// `E[data | x]` of each sample `r` of `x`, at time `t[r]`; it is sample `rows[r]` of the original batch.
    fn denoise_rows(&self, x: &X, t: &[f64], rows: &[usize]) -> X;
}

/// The same with derivatives forward.
pub trait JvpRows<X>: Jvp<X> {
    /// The estimate and its change `J v` along `v`, each sample at its own time.
    fn jvp_rows(&self, x: &X, t: &[f64], rows: &[usize], v: &X) -> (X, X);
}

/// The same with derivatives backward.
pub trait VjpRows<X>: Vjp<X> {
    /// The estimate and its pullback, each sample at its own time.
    fn vjp_rows<'a>(&'a self, x: &X, t: &[f64], rows: &[usize]) -> (X, Pullback<'a, X>);
}

impl<M: Denoise<Vec<f64>> + ?Sized> DenoiseRows<Vec<f64>> for M {
    fn denoise_rows(&self, x: &Vec<f64>, t: &[f64], _: &[usize]) -> Vec<f64> {
        self.denoise(x, t[0])
    }
}

impl<M: Jvp<Vec<f64>> + ?Sized> JvpRows<Vec<f64>> for M {
    fn jvp_rows(&self, x: &Vec<f64>, t: &[f64], _: &[usize], v: &Vec<f64>) -> (Vec<f64>, Vec<f64>) {
        self.jvp(x, t[0], v, 0.0)
    }
}

impl<M: Vjp<Vec<f64>> + ?Sized> VjpRows<Vec<f64>> for M {
    fn vjp_rows<'a>(&'a self, x: &Vec<f64>, t: &[f64], _: &[usize]) -> (Vec<f64>, Pullback<'a, Vec<f64>>) {
        self.vjp(x, t[0])
    }
}

/// The probability-flow velocity of each sample at its own time, `sigma(t) > 0`.
pub fn velocity_rows<X: Batch>(model: &dyn DenoiseRows<X>, x: &X, t: &[f64], rows: &[usize]) -> X {
    let (of_data, of_state) = velocity_factors(model.path(), t);
    model.denoise_rows(x, t, rows).axpby_rows(&of_data, &of_state, x)
}

/// [`Coef::velocity`](crate::Coef::velocity) at each time.
pub(super) fn velocity_factors(path: &dyn Path, t: &[f64]) -> (Vec<f64>, Vec<f64>) {
    t.iter().map(|t| path.at(*t).velocity()).unzip()
}

/// A network that is told the noise level of each sample, read as a [`DenoiseRows`]; see [`Preconditioned`](crate::Preconditioned).
pub struct PreconditionedRows<P, F> {
    /// The path the network was trained on.
    pub path: P,
    /// What the network's raw output is.
    pub target: Target,
    /// The network `F(x, noise_levels, rows)`, one noise level per sample; `rows` are the samples' numbers in their batch.
    pub network: F,
}

impl<P: Path, F> PreconditionedRows<P, F> {
    pub(super) fn estimate<X: Batch>(&self, x: &X, t: &[f64], rows: &[usize]) -> X
    where
        F: Fn(X, &[f64], &[usize]) -> X,
    {
        let read: Vec<Precond> = t.iter().map(|t| self.target.row(self.path.at(*t))).collect();
        let column = |of: fn(&Precond) -> f64| read.iter().map(of).collect::<Vec<f64>>();
        let input = x.clone().axpby_rows(&column(|row| row.input), &vec![0.0; t.len()], x);
        let output = (self.network)(input, &column(|row| row.noise), rows);
        output.axpby_rows(&column(|row| row.out), &column(|row| row.skip), x)
    }
}

impl<X: Batch, P: Path, F: Fn(X, &[f64], &[usize]) -> X> Denoise<X> for PreconditionedRows<P, F> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let rows: Vec<usize> = (0..x.rows()).collect();
        self.estimate(x, &vec![t; rows.len()], &rows)
    }
}

// One impl per kind of batch: a single one for all of them would include the vectors above.
impl<const D: usize, P: Path, F: Fn(Tensor<D>, &[f64], &[usize]) -> Tensor<D>> DenoiseRows<Tensor<D>>
    for PreconditionedRows<P, F>
{
    fn denoise_rows(&self, x: &Tensor<D>, t: &[f64], rows: &[usize]) -> Tensor<D> {
        self.estimate(x, t, rows)
    }
}

impl<P: Path, F: Fn(Cloud, &[f64], &[usize]) -> Cloud> DenoiseRows<Cloud> for PreconditionedRows<P, F> {
    fn denoise_rows(&self, x: &Cloud, t: &[f64], rows: &[usize]) -> Cloud {
        self.estimate(x, t, rows)
    }
}

impl<A: Batch, B: Batch, P: Path, F: Fn((A, B), &[f64], &[usize]) -> (A, B)> DenoiseRows<(A, B)>
    for PreconditionedRows<P, F>
{
    fn denoise_rows(&self, x: &(A, B), t: &[f64], rows: &[usize]) -> (A, B) {
        self.estimate(x, t, rows)
    }
}
