//! From noise to data along any model's grid, with as many steps as a number of evaluations allows.

use burn::tensor::Tensor;
use diffusion::{AnyPath, Denoise, Grid, Progress, Rng, Sampler};

use super::denoiser::unit;
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

/// Samples like `like` from a model; `see` is shown the states on the way, in units of `alpha + sigma`.
pub fn walk(
    model: &dyn Denoise<Tensor<2>>,
    sampler: &Sampler,
    grid: &Grid,
    like: &Tensor<2>,
    rng: &mut Rng,
    see: &mut dyn FnMut(&Tensor<2>),
) -> Tensor<2> {
    let start = grid.prior(model.path(), like, rng);
    let mut show = |p: &Progress<Tensor<2>>| see(&p.x.clone().mul_scalar(1.0 / unit(model.path(), p.t)));
    sampler.run(model, grid, start, rng, &mut show).x
}

#[cfg(test)]
mod tests {
    use diffusion::Edm;

    use super::*;

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
