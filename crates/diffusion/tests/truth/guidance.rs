//! Guidance between two normals, whose probability flow is linear and therefore known.

use std::cell::Cell;

use diffusion::exact::Gaussian;
use diffusion::*;

#[test]
fn guidance_moves_a_normal_to_the_extrapolated_mean() {
    // D_w = m_w + s²/(s² + sigma²)(x - m_w) with m_w = w m1 + (1 - w) m2, so x(0) = m_w + (x_T - m_w) s/sqrt(s² + T²).
    let (m1, m2, s, end) = (2.0, -1.0, 0.5, 80.0);
    let path = Edm::default();
    let grid = Grid::edm(&path, 400).unwrap();
    for w in [0.0, 0.5, 1.0, 2.5, 4.0] {
        let model = Extrapolate {
            conditional: Gaussian::isotropic(path, 1, m1, s).unwrap(),
            unconditional: Gaussian::isotropic(path, 1, m2, s).unwrap(),
            weight: Interval::always(w),
        };
        let m = w * m1 + (1.0 - w) * m2;
        for start in [-60.0, 35.0, 100.0] {
            let exact = m + (start - m) * s / s.hypot(end);
            for sampler in [Sampler::Heun, Sampler::DpmSolverPp2M] {
                let x = sampler.run(&model, &grid, vec![start], &mut Rng::new(0), &mut |_| {}).x[0];
                assert!((x - exact).abs() < 5e-4, "{sampler:?}, w = {w}: {x} against {exact}");
            }
        }
    }
}

/// Counts how often it is asked.
struct Asked<'a>(Gaussian<Edm>, &'a Cell<u32>);

impl Denoise<Vec<f64>> for Asked<'_> {
    fn path(&self) -> &dyn Path {
        self.0.path()
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        self.1.set(self.1.get() + 1);
        self.0.denoise(x, t)
    }
}

#[test]
fn outside_its_interval_guidance_is_the_conditional_model_alone() {
    let path = Edm::default();
    let (one, two) = (Gaussian::isotropic(path, 1, 2.0, 0.5).unwrap(), Gaussian::isotropic(path, 1, 0.0, 0.5).unwrap());
    let asked = Cell::new(0);
    let weight = Interval::between(3.0, 0.3, 5.0);
    let model = Extrapolate { conditional: one.clone(), unconditional: Asked(two, &asked), weight };
    for sigma in [0.1, 0.29, 5.1, 80.0] {
        assert_eq!(model.denoise(&vec![0.7], sigma), one.denoise(&vec![0.7], sigma));
    }
    assert_eq!(asked.get(), 0);
    for sigma in [0.31, 1.0, 4.9] {
        assert_ne!(model.denoise(&vec![0.7], sigma), one.denoise(&vec![0.7], sigma));
    }
    assert_eq!(asked.get(), 3);
}
