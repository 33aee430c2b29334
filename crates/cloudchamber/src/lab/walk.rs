//! From noise to data along any model's grid, with as many steps as a number of evaluations allows.

use std::cell::Cell;

use burn::tensor::Tensor;
use diffusion::{AnyPath, Denoise, Grid, Path, Progress, Rng, Sampler, velocity};

use super::denoiser::unit;
use super::student::See;
use crate::Error;
use crate::recipe::SampleSection;

/// The section's sampler and its longest grid that costs at most `evaluations`; one step if none is that cheap.
///
/// # Errors
/// An unknown sampler, an impossible grid.
pub fn affordable(
    section: &SampleSection,
    path: &AnyPath,
    evaluations: usize,
    cost: &dyn Fn(&Sampler, &Grid) -> usize,
) -> Result<(Sampler, Grid), Error> {
    let sampler = section.sampler()?;
    let mut steps = evaluations.max(1);
    loop {
        let grid = section.grid(path, steps)?;
        if steps == 1 || cost(&sampler, &grid) <= evaluations {
            return Ok((sampler, grid));
        }
        steps -= 1;
    }
}

/// What a grid costs with a model that asks `price(lambda)` networks at each evaluation.
pub fn priced(sampler: &Sampler, path: &AnyPath, grid: &Grid, price: &dyn Fn(f64) -> usize) -> usize {
    let counter = Counter { path, price, total: Cell::new(0) };
    sampler.run(&counter, grid, vec![0.0], &mut Rng::new(0), &mut |_| {});
    counter.total.get()
}

struct Counter<'a> {
    path: &'a AnyPath,
    price: &'a dyn Fn(f64) -> usize,
    total: Cell<usize>,
}

impl Denoise<Vec<f64>> for Counter<'_> {
    fn path(&self) -> &dyn Path {
        self.path
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        self.total.set(self.total.get() + (self.price)(self.path.at(t).lambda()));
        x.clone()
    }
}

/// Samples like `like` from a model; `see` is shown the states on the way, in units of `alpha + sigma`.
pub fn walk(
    model: &dyn Denoise<Tensor<2>>,
    sampler: &Sampler,
    grid: &Grid,
    like: &Tensor<2>,
    rng: &mut Rng,
    see: See,
) -> Tensor<2> {
    let start = grid.prior(model.path(), like, rng);
    sampler.run(model, grid, start, rng, &mut shown(model.path(), see)).x
}

/// Shows `see` the states on a way, in units of `alpha + sigma`.
pub fn shown<'a>(path: &'a dyn Path, see: See<'a>) -> impl FnMut(&Progress<Tensor<2>>) + 'a {
    move |p| see(&p.x.clone().mul_scalar(1.0 / unit(path, p.t)))
}

/// The probability flow towards the data at noise `sigma/alpha = level`; `x` is in units of `alpha + sigma`.
pub fn towards(model: &dyn Denoise<Tensor<2>>, x: Tensor<2>, level: f64) -> Tensor<2> {
    let t = model.path().time(-level.ln());
    velocity(model, &x.mul_scalar(unit(model.path(), t)), t).neg()
}

#[cfg(test)]
mod tests {
    use diffusion::{Edm, Interval};

    use super::*;

    #[test]
    fn the_price_of_a_grid_is_that_of_its_evaluations() {
        let path = AnyPath::Edm(Edm::default());
        for name in Sampler::NAMES {
            let sampler: Sampler = name.parse().unwrap();
            let grid = Grid::edm(&path, 7).unwrap();
            assert_eq!(priced(&sampler, &path, &grid, &|_| 1), sampler.evaluations(&grid), "{name}");
        }
        // Noise 4, 2, 1 of which 2 alone is inside of [1.5, 3]: three evaluations, one of them double.
        let grid = Grid::new(vec![4.0, 2.0, 1.0]).unwrap();
        let weight = Interval::between(3.0, 1.5, 3.0);
        let price = |lambda: f64| if weight.at(lambda) == 1.0 { 1 } else { 2 };
        assert_eq!(priced(&Sampler::Euler, &path, &grid, &price), 4);
    }

    #[test]
    fn the_longest_affordable_grid_is_taken() {
        let path = AnyPath::Edm(Edm::default());
        let section = SampleSection { sampler: "heun".into(), ..SampleSection::default() };
        for evaluations in [1, 2, 9, 10] {
            let (sampler, grid) = affordable(&section, &path, evaluations, &|s, g| s.evaluations(g)).unwrap();
            let longer = section.grid(&path, grid.steps() + 1).unwrap();
            assert!(sampler.evaluations(&grid) <= evaluations && sampler.evaluations(&longer) > evaluations);
        }
    }
}
