//! Several samples in double precision on the host, and models of one sample applied to each of a batch.

use crate::flow::{DenoiseRows, JvpRows, VjpRows};
use crate::{Batch, Denoise, Jvp, Path, Pullback, Rng, Rows, Space, Vjp};

/// A batch in double precision: one vector per sample, row `r` drawn as sample `rng.first + r`.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(pub Vec<Vec<f64>>);

impl Samples {
    fn zip(&self, y: &Self, of: impl Fn(usize, &Vec<f64>, &Vec<f64>) -> Vec<f64>) -> Samples {
        assert_eq!(self.0.len(), y.0.len(), "batches of different sizes");
        Samples(self.0.iter().zip(&y.0).enumerate().map(|(r, (x, y))| of(r, x, y)).collect())
    }
}

impl Space for Samples {
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self {
        let combined = self.0.into_iter().zip(&y.0).map(|(x, y)| x.axpby(a, b, y));
        Samples(combined.collect())
    }

    fn randn_like(&self, rng: &mut Rng) -> Self {
        let row = |(r, x): (u64, &Vec<f64>)| x.randn_like(&mut rng.clone().at(rng.first + r));
        let noise = (0..).zip(&self.0).map(row).collect();
        rng.draw += 1;
        Samples(noise)
    }
}

impl Batch for Samples {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        self.0.iter().zip(&y.0).flat_map(|(x, y)| x.dot(y)).collect()
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        self.zip(y, |r, x, y| x.clone().axpby(a[r], b[r], y))
    }

    fn size(&self) -> usize {
        self.0.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl Rows for Samples {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        Samples(rows.iter().map(|(part, row)| parts[*part].0[*row].clone()).collect())
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        self.0.clone()
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        Samples(rows.to_vec())
    }

    fn numbers(&self) -> Vec<usize> {
        self.0.iter().map(Vec::len).collect()
    }
}

/// A model of single vectors as a model of any batch, sample by sample on the host.
#[derive(Clone, Copy, Debug)]
pub struct Each<M>(pub M);

impl<X: Rows, M: Denoise<Vec<f64>>> Denoise<X> for Each<M> {
    fn path(&self) -> &dyn Path {
        self.0.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        x.with_host(&x.to_host().iter().map(|x| self.0.denoise(x, t)).collect::<Vec<_>>())
    }
}

impl<M: Denoise<Vec<f64>>> DenoiseRows<Samples> for Each<M> {
    fn denoise_rows(&self, x: &Samples, t: &[f64], _: &[usize]) -> Samples {
        Samples(x.0.iter().zip(t).map(|(x, t)| self.0.denoise(x, *t)).collect())
    }
}

impl<X: Rows, M: Jvp<Vec<f64>>> Jvp<X> for Each<M> {
    fn jvp(&self, x: &X, t: f64, v: &X, dt: f64) -> (X, X) {
        let one = |(x, v): (&Vec<f64>, &Vec<f64>)| self.0.jvp(x, t, v, dt);
        let (estimate, change): (Vec<_>, Vec<_>) = x.to_host().iter().zip(&v.to_host()).map(one).unzip();
        (x.with_host(&estimate), x.with_host(&change))
    }
}

impl<M: Jvp<Vec<f64>>> JvpRows<Samples> for Each<M> {
    fn jvp_rows(&self, x: &Samples, t: &[f64], _: &[usize], v: &Samples) -> (Samples, Samples) {
        let one = |((x, v), t): ((&Vec<f64>, &Vec<f64>), &f64)| self.0.jvp(x, *t, v, 0.0);
        let (estimate, change) = x.0.iter().zip(&v.0).zip(t).map(one).unzip();
        (Samples(estimate), Samples(change))
    }
}

impl<X: Rows + 'static, M: Vjp<Vec<f64>>> Vjp<X> for Each<M> {
    fn vjp<'a>(&'a self, x: &X, t: f64) -> (X, Pullback<'a, X>) {
        let (estimate, pullbacks): (Vec<_>, Vec<Pullback<'a, Vec<f64>>>) =
            x.to_host().iter().map(|x| self.0.vjp(x, t)).unzip();
        let value = x.with_host(&estimate);
        let like = value.clone();
        let back = move |v: &X| {
            let rows = v.to_host();
            like.with_host(&rows.iter().zip(&pullbacks).map(|(v, pullback)| pullback(v)).collect::<Vec<_>>())
        };
        (value, Box::new(back))
    }
}

impl<M: Vjp<Vec<f64>>> VjpRows<Samples> for Each<M> {
    fn vjp_rows<'a>(&'a self, x: &Samples, t: &[f64], _: &[usize]) -> (Samples, Pullback<'a, Samples>) {
        let (estimate, pullbacks): (_, Vec<Pullback<'a, Vec<f64>>>) =
            x.0.iter().zip(t).map(|(x, t)| self.0.vjp(x, *t)).unzip();
        let back = move |v: &Samples| Samples(v.0.iter().zip(&pullbacks).map(|(v, pullback)| pullback(v)).collect());
        (Samples(estimate), Box::new(back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_draws_and_combines_like_its_samples() {
        let like = Samples(vec![vec![0.0; 3]; 4]);
        let mut rng = Rng::new(3).at(10);
        let batch = like.randn_like(&mut rng);
        assert_eq!(rng.draw, 1);
        for (r, row) in (0..).zip(&batch.0) {
            assert_eq!(*row, vec![0.0; 3].randn_like(&mut Rng::new(3).at(10 + r)));
        }
        let sum = batch.clone().axpby_rows(&[1.0, 2.0, 0.0, -1.0], &[0.0, 1.0, 1.0, 1.0], &batch);
        let factors = [1.0, 3.0, 1.0, 0.0];
        assert!(sum.0.iter().zip(&batch.0).zip(factors).all(|((s, x), f)| *s == x.clone().scale(f)));
    }
}
