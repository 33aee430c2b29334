use diffusion::distil::*;
use diffusion::exact::Gaussian;
use diffusion::*;

use super::{M, S, State, flow, gap, moments};

const PATH: Edm = Edm { sigma_min: 0.002, sigma_max: 80.0 };

/// The consistency function: the flow map to `sigma_min`.
fn truth(x: &State, t: &[f64]) -> State {
    flow(&PATH, x, t[0], PATH.sigma_min)
}

fn states() -> State {
    vec![-4.0, 0.5, 6.0]
}

#[test]
fn distillation_has_no_loss_at_the_truth_when_the_teachers_step_is_exact() {
    let exact = |x: &State, t: &[f64], s: &[f64]| flow(&PATH, x, t[0], s[0]);
    for (t, s) in [(80.0, 60.0), (1.0, 0.5), (0.01, 0.002)] {
        let lesson = consistency_distillation(&exact, &truth, states(), &[t], &[s]).unwrap();
        for metric in [Metric::Squared, Metric::PseudoHuber { c: 0.001 }] {
            assert!(lesson.errors(&truth(&states(), &[t]), metric)[0] < 1e-24, "{t}");
            assert!(lesson.errors(&states(), metric)[0] > 1e-8, "{t}: the identity is wrong");
        }
    }
}

#[test]
fn distillation_inherits_the_order_of_the_teachers_step() {
    // One step of order p is off by (t - s)^(p+1), and so is the target.
    let model = Gaussian::isotropic(PATH, 3, M, S).unwrap();
    let heun = |x: &State, t: &[f64], s: &[f64]| heun_rows(&PATH, &per_row(&model), x, t, s);
    let euler = |x: &State, t: &[f64], s: &[f64]| ddim_rows(&PATH, x, &model.denoise(x, t[0]), t, s);
    let error = |step: &JumpRows<State>, h: f64| {
        let lesson = consistency_distillation(step, &truth, states(), &[2.0], &[2.0 - h]).unwrap();
        gap(&lesson.target, &truth(&states(), &[2.0]))
    };
    for (step, power) in [(&heun as &JumpRows<State>, 3.0), (&euler, 2.0)] {
        let slope = (error(step, 0.02) / error(step, 0.01)).log2();
        assert!((slope - power).abs() < 0.05, "{slope} instead of {power}");
    }
}

/// Four pairs of data and noise with the first and second moments of `N(m, s²) x N(0, 1)`, so that what is quadratic is exact.
fn quadrature(s: f64) -> (State, State) {
    (vec![M + s, M + s, M - s, M - s], vec![1.0, -1.0, 1.0, -1.0])
}

#[test]
fn training_has_the_closed_form_floor_and_no_gradient_at_the_truth() {
    // With k = q_min/q: target - f(x_t) = (k_s - k_t)(data - m) + (k_s s - k_t t) noise. Its square is O((t-s)²), and so is
    // its product with x_t, which is the gradient with respect to a factor of f.
    let (data, noise) = quadrature(S);
    let k = |t: f64| moments(&PATH, PATH.sigma_min).1 / moments(&PATH, t).1;
    let mut slopes = Vec::new();
    for h in [0.02, 0.01] {
        let (t, s) = (1.5, 1.5 - h);
        let lesson = consistency_training(&PATH, &truth, data.clone(), &noise, &[t], &[s]).unwrap();
        let output = truth(&lesson.input, &[t]);
        let floor = ((k(s) - k(t)) * S).powi(2) + (k(s) * s - k(t) * t).powi(2);
        let error = lesson.errors(&output, Metric::Squared)[0];
        assert!((error * h / floor - 1.0).abs() < 1e-9, "weight 1/(t - s): {error} {floor}");
        let product = |(o, (target, x)): (&f64, (&f64, &f64))| (target - o) * (x - M);
        slopes.push(output.iter().zip(lesson.target.iter().zip(&lesson.input)).map(product).sum::<f64>() / 4.0);
        assert!(error < 1.1 * S * S * h && slopes[slopes.len() - 1].abs() < h * h);
    }
    assert!((slopes[0] / slopes[1] - 4.0).abs() < 0.1, "{slopes:?}");
}

#[test]
fn training_on_a_single_point_has_no_loss_at_all() {
    let (data, noise) = quadrature(0.0);
    let point = |x: &State, _: &[f64]| vec![M; x.len()];
    let lesson = consistency_training(&PATH, &point, data, &noise, &[2.0], &[0.5]).unwrap();
    assert_eq!(lesson.errors(&vec![M; 4], Metric::Squared), [0.0]);
}

#[test]
fn the_boundary_makes_any_network_the_identity_at_the_smallest_noise() {
    let boundary = Boundary::new(0.5, 0.002).unwrap();
    let row = boundary.row(0.002);
    assert_eq!((row.skip, row.out), (1.0, 0.0));
    // Far from it the skip vanishes and the output has the spread of the data; the input has unit spread everywhere.
    let far = boundary.row(80.0);
    assert!(far.skip < 1e-4 && (far.out - 0.5).abs() < 1e-4);
    for sigma in [0.002, 0.3, 80.0] {
        assert!(((0.5f64.powi(2) + sigma * sigma).sqrt() * boundary.row(sigma).input - 1.0).abs() < 1e-12);
    }
    // With no noise left out they are EDM's own coefficients.
    let whole = Boundary::new(0.5, 1e-14).unwrap();
    for sigma in [0.01, 0.3, 80.0] {
        let (ours, edm) = (whole.row(sigma), Target::Edm { sigma_data: 0.5 }.row(PATH.at(sigma)));
        for (a, b) in [(ours.skip, edm.skip), (ours.out, edm.out), (ours.input, edm.input), (ours.noise, edm.noise)] {
            assert!((a - b).abs() < 1e-11, "{sigma}: {ours:?} {edm:?}");
        }
    }
    assert!(Boundary::new(0.0, 0.002).is_err());
}

#[test]
fn multistep_sampling_keeps_the_law_at_any_number_of_steps() {
    let n = 20_000;
    for times in [vec![80.0], vec![80.0, 1.0], vec![80.0, 5.0, 0.8, 0.1]] {
        let grid = Grid::new(times).unwrap();
        let mut rng = Rng::new(4);
        let (mean, wide) = moments(&PATH, 80.0);
        let start: State = rng.normal_f64(1, n).iter().map(|z| mean + wide * z).collect();
        let x = multistep_consistency(&PATH, &|x: &State, t| truth(x, &[t]), &grid, start, &mut rng);
        let mean = x.iter().sum::<f64>() / n as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        // Standard errors S/sqrt(n) and S² sqrt(2/n).
        assert!((mean - M).abs() < 4.0 * S / (n as f64).sqrt(), "{mean}");
        assert!((variance - S * S).abs() < 4.0 * S * S * (2.0 / n as f64).sqrt(), "{variance}");
    }
}

#[test]
fn the_curriculum_doubles_its_levels_and_follows_its_law() {
    // 400,000 steps, 10 to 1280: seven doublings, so eight stages of 50,000.
    let at = |step| levels(step, 400_000, 10, 1280);
    assert_eq!([0, 49_999, 50_000, 349_999, 350_000, 399_999].map(at), [11, 11, 21, 641, 1281, 1281]);
    // Levels one standard deviation apart: 0.1359, 0.3413, 0.3413 of a normal law (standard tables), normalised.
    let sigmas = [-2.0, -1.0, 0.0, 1.0].map(|z: f64| (-1.1 + 2.0 * z).exp());
    let shares = level_shares(&sigmas, -1.1, 2.0).unwrap();
    let exact = [0.135905, 0.341345, 0.341345].map(|p| p / 0.818595);
    assert!(gap(&shares, &exact.to_vec()) < 1e-5, "{shares:?}");
    assert!(level_shares(&[1.0], 0.0, 1.0).is_err() && level_shares(&[0.0, 1.0], 0.0, 1.0).is_err());
    assert!(level_shares(&[2.0, 1.0], 0.0, 1.0).is_err());
}
