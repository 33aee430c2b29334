//! Derivatives of the exact models against central differences and against each other.

use diffusion::exact::{Component, Gaussian, Mixture};
use diffusion::*;

type State = Vec<f64>;

fn mixture(path: AnyPath) -> Mixture<AnyPath> {
    let component = |weight, mean: [f64; 3], std| Component { weight, mean: mean.to_vec(), std };
    let parts = [(0.3, [1.0, 0.0, -1.0], 0.4), (0.5, [-1.0, 0.5, 0.2], 0.7), (0.2, [0.3, -1.2, 1.0], 0.2)];
    Mixture::new(path, parts.map(|(w, m, s)| component(w, m, s)).to_vec()).unwrap()
}

fn gaussian(path: AnyPath) -> Gaussian<AnyPath> {
    Gaussian::new(path, vec![1.0, -0.5, 0.2], vec![0.3, 1.0, 2.0]).unwrap()
}

/// At random points of times from near data to near noise: forward derivatives are central differences in every direction and
/// in time, and the pullback is the transpose of the pushforward.
fn check<M: Jvp<State> + Vjp<State>>(model: &M) {
    let mut rng = Rng::new(3);
    for t in [0.15, 0.4, 0.7, 0.9] {
        let c = model.path().at(t);
        for _ in 0..5 {
            let draws = rng.normal_f64(3, 3);
            let [x, v, w] = [0, 1, 2].map(|i| draws[3 * i..3 * i + 3].to_vec());
            let x = x.scale(c.alpha.hypot(c.sigma));
            for (direction, dt) in [(v.clone(), 0.0), (vec![0.0; 3], 1.0), (v.clone(), -0.6)] {
                let (estimate, change) = model.jvp(&x, t, &direction, dt);
                assert_eq!(estimate, model.denoise(&x, t));
                let h = 1e-5;
                let at = |h: f64| model.denoise(&x.clone().axpby(1.0, h, &direction), t + h * dt);
                let difference = at(h).axpby(0.5 / h, -0.5 / h, &at(-h));
                let gap = change.clone().axpby(1.0, -1.0, &difference);
                let relative = (gap.dot(&gap)[0] / (1.0 + change.dot(&change)[0])).sqrt();
                assert!(relative < 1e-6, "t = {t}: {change:?} {difference:?}");
            }
            let (estimate, pullback) = model.vjp(&x, t);
            assert_eq!(estimate, model.denoise(&x, t));
            let (forward, backward) = (w.dot(&model.jvp(&x, t, &v, 0.0).1)[0], pullback(&w).dot(&v)[0]);
            assert!((forward - backward).abs() < 1e-10 * (1.0 + forward.abs()), "{forward} {backward}");
        }
    }
}

#[test]
fn derivatives_of_exact_models_are_their_central_differences() {
    for name in ["vp", "linear", "edm", "cosine"] {
        check(&mixture(name.parse().unwrap()));
        check(&gaussian(name.parse().unwrap()));
    }
}
