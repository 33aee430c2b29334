//! Between the codes of a stage and the numbers that a network with a likelihood writes: their order, and azimuths on the circle.

use std::f64::consts::{PI, TAU};

use collider::zjets::{Coordinates, STAGES};
use diffusion::normal_quantile;
use metrics::normal_cdf;
use nets::Component;

use super::recipe::{Angles, EventNetworkKind, EventRecipe, Order};

/// The numbers of a stage as a network writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Number `t` is code `codes[t]`.
    codes: Vec<usize>,
    /// The family of each number; a von Mises number is the angle `psi = 2 pi Phi(z) - pi` of a code `z`, whose cut is anywhere on the circle.
    families: Vec<Component>,
}

impl Tokens {
    /// Those of a recipe's stage.
    pub fn of(recipe: &EventRecipe, stage: usize) -> Tokens {
        let (what, network) = (STAGES[stage], &recipe.network);
        let is_gpt = network.kind == EventNetworkKind::Gpt;
        let first = |code: &usize| recipe.data.coordinates.directions().contains(&(what.before + code));
        let mut codes: Vec<usize> = (0..what.features).collect();
        if is_gpt && network.order == Order::Angles {
            codes.sort_by_key(|code| !first(code));
        }
        let periodic = is_gpt && network.angles == Angles::Vonmises;
        let family = |code: &usize| match Coordinates::AZIMUTHS.contains(&(what.before + code)) {
            true if periodic => Component::VonMises,
            _ => Component::Gaussian,
        };
        let families = codes.iter().map(family).collect();
        Tokens { codes, families }
    }

    /// The families of the numbers.
    pub fn families(&self) -> &[Component] {
        &self.families
    }

    /// Appends the numbers of a row of codes; ln |d numbers/d codes|.
    pub fn write(&self, codes: &[f32], out: &mut Vec<f32>) -> f64 {
        let mut log_slope = 0.0;
        for (&code, family) in self.codes.iter().zip(&self.families) {
            out.push(match family {
                Component::Gaussian => codes[code],
                Component::VonMises => {
                    let z = f64::from(codes[code]);
                    log_slope += 0.5 * (TAU.ln() - z * z);
                    (TAU * normal_cdf(z) - PI) as f32
                }
            });
        }
        log_slope
    }

    /// Appends the codes of a row of numbers, the inverse of [`Tokens::write`].
    pub fn read(&self, numbers: &[f32], out: &mut Vec<f32>) {
        let start = out.len();
        out.resize(start + numbers.len(), 0.0);
        for ((&code, family), &number) in self.codes.iter().zip(&self.families).zip(numbers) {
            out[start + code] = match family {
                Component::Gaussian => number,
                Component::VonMises => {
                    let share = (f64::from(number) + PI) / TAU;
                    normal_quantile(share.clamp(1e-7, 1.0 - 1e-7)) as f32
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::recipe::FileRecipe;

    fn recipe(network: &str) -> EventRecipe {
        let text = format!("[data]\ndomain = \"zjets\"\nfiles = [\"a.csv\"]\n[network]\n{network}\n");
        EventRecipe::parse(&text, Path::new("r.toml"), &[]).unwrap()
    }

    #[test]
    fn numbers_become_codes_again_and_the_slope_is_that_of_finite_differences() {
        let recipe = recipe("kind = \"gpt\"\nangles = \"vonmises\"\norder = \"angles\"\nwidth = 8");
        for (stage, what) in STAGES.iter().enumerate() {
            let tokens = Tokens::of(&recipe, stage);
            let row: Vec<f32> = (0..what.features).map(|k| 0.7 * k as f32 - 1.5).collect();
            let (mut numbers, mut again) = (Vec::new(), Vec::new());
            let log_slope = tokens.write(&row, &mut numbers);
            tokens.read(&numbers, &mut again);
            // An angle near pi is known to 2e-7, and the code 3.4 to 2e-7/(2 pi density(3.4)) = 3e-5.
            row.iter().zip(&again).for_each(|(a, b)| assert!((a - b).abs() < 1e-4, "{row:?} {again:?}"));
            // The map is diagonal up to the order: its determinant is the product of the slopes.
            let step = 1e-2;
            let mut expected = 0.0;
            for k in 0..row.len() {
                let moved = |by: f32| {
                    let (mut row, mut numbers) = (row.clone(), Vec::new());
                    row[k] += by;
                    tokens.write(&row, &mut numbers);
                    numbers
                };
                let change: f32 = moved(step).iter().zip(moved(-step)).map(|(a, b)| (a - b).abs()).sum();
                expected += f64::from(change / (2.0 * step)).ln();
            }
            assert!((log_slope - expected).abs() < 1e-3, "{log_slope} {expected}");
        }
    }

    #[test]
    fn directions_come_first_where_asked_for() {
        let tokens = Tokens::of(&recipe("kind = \"gpt\"\norder = \"angles\"\nwidth = 8"), 1);
        // Of (pT, eta, phi, m) the second and the third.
        assert_eq!(tokens.codes, [1, 2, 0, 3]);
        assert_eq!(Tokens::of(&recipe("kind = \"flow\""), 1).codes, [0, 1, 2, 3]);
    }
}
