//! Average velocities: MeanFlow and shortcut models.

use diffusion::distil::*;
use diffusion::exact::Gaussian;
use diffusion::*;

use super::{M, S, State, average, flow, gap, moments};

const SPANS: [(f64, f64); 4] = [(1.0, 0.0), (0.9, 0.4), (0.5, 0.49), (0.3, 0.0)];

fn states() -> State {
    vec![-2.0, 0.1, 3.5]
}

fn model() -> Gaussian<Linear> {
    Gaussian::isotropic(Linear, 3, M, S).unwrap()
}

/// `factor` times the true average velocity and its derivative along `(v, 1, 0)`, written out: with `rho = q_s/q_t`,
/// `u = (x - alpha_s m - rho (x - alpha_t m))/(t - s)`, `q_t dq_t/dt = t - (1-t) S²`.
fn tangent(factor: f64) -> impl Fn(&State, &[f64], &[f64], &State) -> (State, State) {
    move |x, t, s, v| {
        let (t, s) = (t[0], s[0]);
        let ((mean, wide), (_, narrow)) = (moments(&Linear, t), moments(&Linear, s));
        let rho = narrow / wide;
        let rho_rate = -rho * (t - (1.0 - t) * S * S) / (wide * wide);
        let u = average(&Linear, x, t, s);
        let change = |((x, v), u): ((&f64, &f64), &f64)| {
            let inner = v - rho_rate * (x - mean) - rho * (v + M);
            factor * (inner - u) / (t - s)
        };
        let du = x.iter().zip(v).zip(&u).map(change).collect();
        (u.scale(factor), du)
    }
}

#[test]
fn the_derivative_used_here_is_a_central_difference() {
    let (t, s, h) = (0.7, 0.2, 1e-5);
    let v = vec![1.0, -0.3, 0.2];
    let at = |h: f64| average(&Linear, &states().axpby(1.0, h, &v), t + h, s);
    let difference = at(h).axpby(0.5 / h, -0.5 / h, &at(-h));
    assert!(gap(&tangent(1.0)(&states(), &[t], &[s], &v).1, &difference) < 1e-8);
}

#[test]
fn mean_flow_has_no_loss_at_the_true_average_velocity_and_some_elsewhere() {
    for (t, s) in SPANS {
        let v = velocity(&model(), &states(), t);
        let lesson = |factor| mean_flow(&tangent(factor), states(), &v, &[t], &[s], Adaptive::default()).unwrap();
        let u = average(&Linear, &states(), t, s);
        let true_lesson = lesson(1.0);
        assert!(gap(&true_lesson.target, &u) < 1e-11, "{t} {s}");
        assert!((true_lesson.weight[0] - 1e3).abs() < 1e-3, "1/offset where there is no error");
        let wrong = lesson(1.1);
        assert!(wrong.errors(&u.scale(1.1), Metric::Squared)[0] > 1e-4, "{t} {s}");
        assert!(wrong.weight[0] < 1e3);
    }
}

#[test]
fn conditional_velocities_have_the_same_target_on_average() {
    // The target is linear in v, so two data points at plus and minus one posterior deviation stand for the posterior.
    let (t, s) = (0.6, 0.1);
    let (model, x) = (model(), states());
    let estimate = model.denoise(&x, t);
    let deviation = model.posterior_variance(t)[0].sqrt();
    let targets = [-deviation, deviation].map(|d| {
        let v = x.iter().zip(&estimate).map(|(x, e)| (x - (1.0 - t) * (e + d)) / t - (e + d)).collect();
        let flat = Adaptive { power: 0.0, offset: 1e-3 };
        let lesson = mean_flow(&tangent(1.0), x.clone(), &v, &[t], &[s], flat).unwrap();
        assert_eq!(lesson.weight, [1.0]);
        lesson.target
    });
    let [low, high] = targets;
    assert!(gap(&low, &high) > 0.1);
    assert!(gap(&low.axpby(0.5, 0.5, &high), &average(&Linear, &x, t, s)) < 1e-12);
}

#[test]
fn mean_flow_over_no_time_is_flow_matching() {
    let v = vec![1.0, 2.0, 3.0];
    let any = |x: &State, _: &[f64], _: &[f64], _: &State| (x.clone(), vec![1e3; 3]);
    let lesson = mean_flow(&any, states(), &v, &[0.4], &[0.4], Adaptive::default()).unwrap();
    assert_eq!(lesson.target, v);
    assert!(mean_flow(&any, states(), &v, &[0.4], &[0.5], Adaptive::default()).is_err());
    let (t, s) = mean_flow_times(&mut Rng::new(1), 10_000, 0.75);
    let equal = t.iter().zip(&s).filter(|(t, s)| t == s).count() as f64;
    // Binomial(10^4, 3/4): sigma = 43.
    assert!((equal - 7500.0).abs() < 4.0 * 43.3 && t.iter().zip(&s).all(|(t, s)| s <= t));
}

#[test]
fn steps_of_the_true_average_velocity_are_exact_whatever_their_number() {
    let u = |x: &State, t: f64, s: f64| average(&Linear, x, t, s);
    let exact = flow(&Linear, &states(), 1.0, 0.0);
    for times in [vec![1.0, 0.0], vec![1.0, 0.3, 0.0], vec![1.0, 0.8, 0.5, 0.1, 0.0]] {
        assert!(gap(&average_velocity_steps(&u, &times, states()), &exact) < 1e-13);
    }
}

#[test]
fn shortcuts_have_no_loss_at_the_true_average_velocity_and_some_elsewhere() {
    let truth = |x: &State, t: &[f64], s: &[f64]| average(&Linear, x, t[0], s[0]);
    let instant = |x: &State, t: &[f64], _: &[f64]| velocity(&model(), x, t[0]);
    for (t, s) in SPANS {
        let lesson = shortcut(&truth, states(), &[t], &[s]).unwrap();
        assert!(lesson.errors(&truth(&states(), &[t], &[s]), Metric::Squared)[0] < 1e-24, "{t} {s}");
        let lesson = shortcut(&instant, states(), &[t], &[s]).unwrap();
        assert!(lesson.errors(&instant(&states(), &[t], &[s]), Metric::Squared)[0] > 1e-6, "{t} {s}");
    }
}

/// The student of steps `2^doublings/8`, taught by the student of half as long steps; Euler's step at the beginning.
fn taught(doublings: u32, x: &State, t: f64) -> State {
    if doublings == 0 {
        return velocity(&model(), x, t);
    }
    let half = |x: &State, t: &[f64], _: &[f64]| taught(doublings - 1, x, t[0]);
    shortcut(&half, x.clone(), &[t], &[t - 2f64.powi(doublings as i32) / 8.0]).unwrap().target
}

#[test]
fn after_three_doublings_one_shortcut_is_eight_euler_steps() {
    let grid = Grid::uniform_t(&Linear, 8).unwrap();
    let eight = Sampler::Euler.run(&model(), &grid, states(), &mut Rng::new(0), &mut |_| {}).x;
    let one = average_velocity_steps(&|x: &State, t: f64, _: f64| taught(3, x, t), &[1.0, 0.0], states());
    assert!(gap(&one, &eight) < 1e-12);
}

/// The levels of a student of 8 steps on EDM's path, and its data end.
const LEVELS: [f64; 9] = [6.0, 4.0, 2.7, 1.7, 1.0, 0.5, 0.25, 0.1, 0.0];

/// An affine estimate `a + b x` for each pair of levels: all that normal data need.
type Told = std::collections::HashMap<(usize, usize), (f64, f64)>;

/// The student's answer for steps between levels.
fn told(student: &Told, x: &State, t: f64, s: f64) -> State {
    let place = |time: f64| LEVELS.iter().position(|level| *level == time).unwrap();
    let (a, b) = student[&(place(t), place(s))];
    x.iter().map(|x| a + b * x).collect()
}

/// The line through the lesson's targets.
fn fitted(lesson: &Lesson<State>) -> (f64, f64) {
    let ([x, y, _], [f, g, h]) = (lesson.input[..].try_into().unwrap(), lesson.target[..].try_into().unwrap());
    let slope = (g - f) / (y - x);
    assert!((f + slope * (lesson.input[2] - x) - h).abs() < 1e-9, "the targets lie on a line");
    (f - slope * x, slope)
}

#[test]
fn taught_the_shortest_steps_a_told_student_learns_the_flow_over_all_lengths() {
    let path = Edm::default();
    let teacher = Gaussian::isotropic(path, 3, M, S).unwrap();
    let exact = |x: &State, t: &[f64], s: &[f64]| flow(&path, x, t[0], s[0]);
    let steps = [1, 2, 4, 8].map(|stride| (0..8 / stride).map(move |k| (stride * k, stride * (k + 1))));
    let steps: Vec<(usize, usize)> = steps.into_iter().flatten().collect();
    // It begins as the teacher, whatever the length.
    let affine = |&(t, s): &(usize, usize)| {
        let at = |x: f64| teacher.denoise(&vec![x; 3], LEVELS[t])[0];
        ((t, s), (at(0.0), at(1.0) - at(0.0)))
    };
    let mut student: Told = steps.iter().map(affine).collect();
    let error = |student: &Told, t: usize, s: usize| {
        let (t, s) = (LEVELS[t], LEVELS[s]);
        gap(&ddim_rows(&path, &states(), &told(student, &states(), t, s), &[t], &[s]), &flow(&path, &states(), t, s))
    };
    assert!(error(&student, 0, 8) > 0.1);
    for sweep in 0..4 {
        let now = student.clone();
        let own = |x: &State, t: &[f64], s: &[f64]| told(&now, x, t[0], s[0]);
        for &(i, j) in &steps {
            let (t, s) = ([LEVELS[i]], [LEVELS[j]]);
            let lesson = match j - i {
                1 => progressive_jump(&path, &exact, states(), &t, &s),
                _ => shortcut_jump(&path, &own, states(), [&t, &[LEVELS[(i + j) / 2]], &s]),
            };
            student.insert((i, j), fitted(&lesson.unwrap()));
        }
        // Each sweep makes the next longer steps exact.
        for &(i, j) in steps.iter().filter(|(i, j)| j - i <= 1 << sweep) {
            assert!(error(&student, i, j) < 1e-9, "{i} to {j} after sweep {sweep}: {}", error(&student, i, j));
        }
    }
    // Sampling asks for the steps of the grid, of whatever length, and arrives.
    for stride in [1, 2, 4, 8] {
        let asked = std::cell::RefCell::new(Vec::new());
        let grid = Grid::new(LEVELS[..8].iter().copied().step_by(stride).collect()).unwrap();
        let jump = |x: &State, t: f64, s: f64| {
            asked.borrow_mut().push((t, s));
            told(&student, x, t, if s == path.span().0 { 0.0 } else { s })
        };
        let model = AlongGrid { path, grid: &grid, jump };
        let sampled = Sampler::Ddim { eta: 0.0 }.run(&model, &grid, states(), &mut Rng::new(0), &mut |_| {});
        assert!(gap(&sampled.x, &flow(&path, &states(), 6.0, 0.0)) < 1e-9, "{stride}");
        assert_eq!(sampled.evaluations, 8 / stride);
        let ends: Vec<f64> = LEVELS.iter().copied().step_by(stride).skip(1).collect();
        let expected = LEVELS.iter().copied().step_by(stride).zip(ends);
        let expected: Vec<(f64, f64)> = expected.map(|(t, s)| (t, if s == 0.0 { path.span().0 } else { s })).collect();
        assert_eq!(asked.into_inner(), expected);
    }
}

#[test]
fn the_length_of_a_step_is_the_part_of_the_noise_that_it_takes_away() {
    let edm = Edm::default();
    for (t, s, length) in [(6.0, 3.0, 0.5), (6.0, 0.6, 0.9), (0.25, 0.25, 0.0), (0.25, 0.0, 1.0), (6.0, 0.0, 1.0)] {
        assert!((step_length(&edm, t, s) - length).abs() < 1e-15, "{t} {s}");
    }
    // The same levels sigma/alpha, the same length, on every path.
    for name in AnyPath::NAMES {
        let path: AnyPath = name.parse().unwrap();
        let at = |sigma: f64| path.time(-f64::ln(sigma));
        assert!((step_length(&path, at(2.0), at(0.5)) - 0.75).abs() < 1e-6, "{name}");
        assert_eq!(step_length(&path, at(2.0), path.span().0), 1.0, "{name}");
    }
}

#[test]
fn two_halves_that_do_not_follow_one_another_are_refused() {
    let any = |x: &State, _: &[f64], _: &[f64]| x.clone();
    let lesson =
        |times: [f64; 3]| shortcut_jump(&Edm::default(), &any, states(), times.each_ref().map(std::slice::from_ref));
    assert!(lesson([2.0, 1.0, 0.0]).is_ok());
    for times in [[2.0, 2.0, 0.0], [2.0, 1.0, 1.0], [1.0, 2.0, 0.0]] {
        assert!(matches!(lesson(times), Err(Error::Grid { .. })), "{times:?}");
    }
}

#[test]
fn shortcut_times_are_dyadic() {
    let (t, s) = shortcut_times(&mut Rng::new(2), 1000, 7);
    let mut seen = std::collections::BTreeSet::new();
    for (t, s) in t.iter().zip(&s) {
        let parts = 1.0 / (t - s);
        assert!(parts.fract() == 0.0 && (parts as u64).is_power_of_two() && (t * parts).fract() == 0.0);
        assert!(*t <= 1.0 && *s >= 0.0);
        seen.insert(parts as u64);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 64]);
}
