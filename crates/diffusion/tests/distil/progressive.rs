use diffusion::distil::*;
use diffusion::exact::Gaussian;
use diffusion::*;

use super::{M, S, State, flow, gap};

fn states() -> State {
    vec![-2.0, 0.1, 3.5]
}

/// `sample` along given times with DDIM.
fn ddim(model: &dyn Denoise<State>, times: &[f64], x: State) -> State {
    let grid = Grid::new(times.to_vec()).unwrap().without_clean_step();
    sample(model, &Ddim { eta: 0.0 }, &grid, x, &mut Rng::new(0), &mut |_| {}).x
}

/// A student that returns its lesson whatever it is asked.
struct Fixed<P>(P, State);

impl<P: Path> Denoise<State> for Fixed<P> {
    fn path(&self) -> &dyn Path {
        &self.0
    }

    fn denoise(&self, _: &State, _: f64) -> State {
        self.1.clone()
    }
}

#[test]
fn one_step_of_the_student_is_two_of_the_teacher() {
    for name in ["linear", "vp", "edm", "cosine"] {
        let path: AnyPath = name.parse().unwrap();
        let teacher = Gaussian::isotropic(path.clone(), 3, M, S).unwrap();
        for [t, middle, s] in [[0.9, 0.6, 0.2], [0.4, 0.39, 0.3]] {
            let lesson = progressive(&path, &per_row(&teacher), states(), &[t], &[middle], &[s]).unwrap();
            let student = Fixed(path.clone(), lesson.target);
            let gap = gap(&ddim(&student, &[t, s], states()), &ddim(&teacher, &[t, middle, s], states()));
            assert!(gap < 1e-11, "{name}: {gap}");
        }
    }
}

#[test]
fn the_loss_vanishes_at_the_exact_two_step_teacher_and_nowhere_else() {
    // On the EDM path a DDIM step multiplies x - m by f(t, s) = 1 - (t - s) t/(S² + t²). Two of them are the student's
    // one, g + (s/t)(1 - g) = f(t, r) f(r, s), for its estimate m + g (x - m).
    let (path, [t, r, s]) = (Edm::default(), [2.0, 1.1, 0.3]);
    let teacher = Gaussian::isotropic(path, 3, M, S).unwrap();
    let lesson = progressive(&path, &per_row(&teacher), states(), &[t], &[r], &[s]).unwrap();
    let factor = |t: f64, s: f64| 1.0 - (t - s) * t / (S * S + t * t);
    let gain = (factor(t, r) * factor(r, s) - s / t) / (1.0 - s / t);
    let truth: State = states().iter().map(|x| M + gain * (x - M)).collect();
    assert!(lesson.errors(&truth, Metric::Squared)[0] < 1e-28);
    // The teacher itself is off by what one long step loses against two short ones.
    assert!(lesson.errors(&teacher.denoise(&states(), t), Metric::Squared)[0] > 1e-3);
    assert_eq!(lesson.weight, [1.0], "truncated signal-to-noise ratio: 1/4 counts as 1");
    let clean = progressive(&path, &per_row(&teacher), states(), &[0.5], &[0.4], &[0.3]).unwrap();
    assert_eq!(clean.weight, [4.0]);
}

/// The student after `halvings`, whose steps have length `2^halvings/8`.
fn student(teacher: &Gaussian<Linear>, halvings: u32, x: &State, t: f64) -> State {
    if halvings == 0 {
        return teacher.denoise(x, t);
    }
    let length = 2f64.powi(halvings as i32) / 8.0;
    let teach = |x: &State, t: &[f64]| student(teacher, halvings - 1, x, t[0]);
    progressive(&Linear, &teach, x.clone(), &[t], &[t - 0.5 * length], &[t - length]).unwrap().target
}

#[test]
fn after_three_halvings_one_step_from_noise_to_data_is_the_teachers_eight() {
    let teacher = Gaussian::isotropic(Linear, 3, M, S).unwrap();
    let grid = Grid::uniform_t(&Linear, 8).unwrap();
    let eight = sample(&teacher, &Ddim { eta: 0.0 }, &grid, states(), &mut Rng::new(0), &mut |_| {}).x;
    assert!(gap(&student(&teacher, 3, &states(), 1.0), &eight) < 1e-12);
}

#[test]
fn a_teacher_that_knows_the_flow_makes_a_student_that_knows_it_in_any_steps() {
    for name in ["linear", "edm", "vp", "cosine"] {
        let path: AnyPath = name.parse().unwrap();
        let exact = |x: &State, t: &[f64], s: &[f64]| flow(&path, x, t[0], s[0]);
        for [t, s] in [[0.9, 0.2], [0.4, 0.3]] {
            let lesson = progressive_jump(&path, &exact, states(), &[t], &[s]).unwrap();
            let student = Fixed(path.clone(), lesson.target.clone());
            let gap = gap(&ddim(&student, &[t, s], states()), &flow(&path, &states(), t, s));
            assert!(gap < 1e-11, "{name}: {gap}");
            // Multistep consistency: the truth of later times teaches that of earlier ones, to the segment's end and at it.
            let truth = |x: &State, u: &[f64]| landing(&path, x, flow(&path, x, u[0], s), u, &[s]);
            for u in [0.5 * (t + s), s] {
                let times: [&[f64]; 3] = [&[t], &[u], &[s]];
                let asked = |x: &State, u: &[f64]| if u[0] > s { truth(x, u) } else { vec![7.0; x.len()] };
                let within = multistep_consistency_distillation(&path, &exact, &asked, states(), times).unwrap();
                assert!(within.errors(&lesson.target, Metric::Squared)[0] < 1e-24, "{name} by way of {u}");
            }
        }
    }
}

#[test]
fn a_segment_may_end_in_the_data() {
    // Where sigma = 0 the student is not needed: the teacher's step has arrived.
    let exact = |x: &State, t: &[f64], s: &[f64]| flow(&Linear, x, t[0], s[0]);
    let nobody = |x: &State, _: &[f64]| vec![7.0; x.len()];
    let lesson =
        multistep_consistency_distillation(&Linear, &exact, &nobody, states(), [&[0.7], &[0.0], &[0.0]]).unwrap();
    assert!(gap(&lesson.target, &flow(&Linear, &states(), 0.7, 0.0)) < 1e-12);
}

#[test]
fn times_that_do_not_run_from_noise_to_data_are_refused() {
    let teacher = Gaussian::isotropic(Linear, 3, M, S).unwrap();
    let lesson =
        |t: &[f64], r: &[f64], s: &[f64]| progressive(&Linear, &per_row(&teacher), states(), t, r, s).unwrap_err();
    assert!(matches!(lesson(&[0.5], &[0.5], &[0.1]), Error::Grid { .. }));
    assert!(matches!(lesson(&[0.5], &[0.3], &[0.4]), Error::Grid { .. }));
    assert!(matches!(lesson(&[f64::NAN], &[0.3], &[0.1]), Error::Grid { .. }));
    assert!(matches!(lesson(&[0.5, 0.6], &[0.3], &[0.1]), Error::Length { expected: 1, got: 2, .. }));
}
