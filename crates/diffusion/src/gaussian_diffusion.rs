//! Gaussian noise along a path as a [`Process`]: its bridge is DDIM's step, DDPM's at `eta = 1`.
//!
//! Song, Meng & Ermon, arXiv:2010.02502, eq. 12 and 16 (see [`Ddim`](crate::Ddim)).

use std::marker::PhantomData;

use crate::{Batch, Ddim, Denoise, Path, Process, Rng, Step};

/// Gaussian diffusion of states `X`.
#[derive(Clone, Copy, Debug)]
pub struct GaussianDiffusion<P, X> {
    /// From data to noise.
    pub path: P,
    /// Share of the posterior standard deviation drawn anew in each step, in [0, 1]; 1 is the process's own reverse.
    pub eta: f64,
    state: PhantomData<fn() -> X>,
}

impl<P: Path, X: Batch> GaussianDiffusion<P, X> {
    /// Gaussian diffusion along `path` whose bridge is the posterior of DDPM, `eta = 1`.
    pub fn new(path: P) -> GaussianDiffusion<P, X> {
        GaussianDiffusion { path, eta: 1.0, state: PhantomData }
    }
}

/// The estimate that a bridge is given, as a model.
struct Given<'a, X>(&'a dyn Path, &'a X);

impl<X: Clone> Denoise<X> for Given<'_, X> {
    fn path(&self) -> &dyn Path {
        self.0
    }

    fn denoise(&self, _: &X, _: f64) -> X {
        self.1.clone()
    }
}

impl<P: Path, X: Batch> Process for GaussianDiffusion<P, X> {
    type State = X;
    type Estimate = X;

    fn prior(&self, like: &X, t: f64, rng: &mut Rng) -> X {
        like.randn_like(rng).scale(self.path.at(t).sigma)
    }

    fn corrupt(&self, data: &X, t: &[f64], rng: &mut Rng) -> X {
        let (alpha, sigma): (Vec<f64>, Vec<f64>) =
            t.iter().map(|t| self.path.at(*t)).map(|c| (c.alpha, c.sigma)).unzip();
        data.clone().axpby_rows(&alpha, &sigma, &data.randn_like(rng))
    }

    fn bridge(&self, x: X, estimate: &X, t: f64, s: f64, rng: &mut Rng) -> X {
        Ddim { eta: self.eta }.step(&Given(&self.path, estimate), x, t, s, &mut (), rng)
    }

    fn finish(&self, _: X, estimate: &X, _: f64, _: &mut Rng) -> X {
        estimate.clone()
    }
}
