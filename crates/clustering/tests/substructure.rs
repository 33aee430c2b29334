//! Soft drop and N-subjettiness in cases that can be computed by hand.

mod common;

use clustering::{Algorithm, Axes, Error, FourVector, JetDefinition, NSubjettiness, SoftDrop};
use common::Random;

const AXES: [Axes; 4] = [Axes::Kt, Axes::WinnerTakesAllKt, Axes::OnePassKt, Axes::OnePassWinnerTakesAllKt];

fn prong(random: &mut Random, [y, phi, pt]: [f64; 3], spread: f64, n: usize) -> Vec<FourVector> {
    (0..n)
        .map(|_| {
            let (dy, dphi) = (random.between(-spread, spread), random.between(-spread, spread));
            FourVector::massless([y + dy, phi + dphi, pt / n as f64 * random.between(0.5, 1.5)])
        })
        .collect()
}

#[test]
fn two_prongs_pass_soft_drop_exactly_when_the_formula_says_so() {
    let (z, r) = (0.2, 0.5);
    let pair = [[0.1, 3.0, 80.0], [0.1 + r * 0.6, 3.0 + r * 0.8, 20.0]].map(FourVector::massless);
    for beta in [0.0, 0.5, 1.0, 2.0, -1.0] {
        for r0 in [0.4, 1.0] {
            // z > z_cut (r / r0)^beta.
            let limit = z / f64::powf(r / r0, beta);
            let passes = SoftDrop::new(beta, limit * (1.0 - 1e-9), r0).groom(&pair).unwrap();
            assert!((passes.z.unwrap() - z).abs() < 1e-12 && (passes.r.unwrap() - r).abs() < 1e-12);
            assert_eq!((passes.constituents, passes.dropped, passes.passed), (vec![0, 1], 0, 1));
            let fails = SoftDrop::new(beta, limit * (1.0 + 1e-9), r0).groom(&pair).unwrap();
            assert_eq!((fails.momentum, fails.constituents), (pair[0], vec![0]));
            assert_eq!((fails.z, fails.r, fails.dropped, fails.passed), (None, None, 1, 0));
        }
    }
}

#[test]
fn soft_drop_removes_wide_soft_radiation_and_numbers_what_is_left_as_the_event() {
    let mut random = Random(21);
    let mut particles = vec![FourVector::massless([-3.0, 0.0, 50.0])];
    particles.extend(prong(&mut random, [0.0, 0.0, 100.0], 0.01, 6));
    particles.extend(prong(&mut random, [0.3, 0.0, 60.0], 0.01, 6));
    let kept: Vec<usize> = (1..13).collect();
    particles.extend([[0.6, 0.2, 0.5], [0.1, -0.6, 0.4], [-0.4, 0.1, 0.3]].map(FourVector::massless));
    let sequence = JetDefinition::new(Algorithm::AntiKt, 1.0).cluster(&particles).unwrap();
    let jet = sequence.inclusive_jets(100.0)[0];
    assert_eq!(sequence.constituents(jet.index).len(), 15);
    let groomed = sequence.soft_drop(jet.index, &SoftDrop::new(0.0, 0.1, 1.0)).unwrap();
    assert_eq!((&groomed.constituents, groomed.dropped), (&kept, 3));
    let sums = [&particles[1..7], &particles[7..13]].map(|p| p.iter().copied().sum::<FourVector>());
    let z = sums[1].pt() / (sums[0].pt() + sums[1].pt());
    assert!((groomed.z.unwrap() - z).abs() < 1e-12);
    assert!(
        (groomed.r.unwrap() - (sums[0].rapidity() - sums[1].rapidity()).hypot(sums[0].phi() - sums[1].phi())).abs()
            < 1e-9
    );
}

#[test]
fn recursive_soft_drop_grooms_inside_the_prongs_too() {
    // Each of two prongs has a soft companion at 0.1; one layer leaves both, two layers drop both.
    let particles = [[0.0, 0.0, 50.0], [0.1, 0.0, 1.0], [0.8, 0.0, 40.0], [0.8, 0.1, 0.8]].map(FourVector::massless);
    let once = SoftDrop::new(0.0, 0.1, 1.0).groom(&particles).unwrap();
    assert_eq!(once.constituents, [0, 1, 2, 3]);
    let twice = SoftDrop { layers: 2, ..SoftDrop::new(0.0, 0.1, 1.0) }.groom(&particles).unwrap();
    assert_eq!((twice.constituents, twice.passed), (vec![0, 2], 1));
    assert_eq!((twice.z, twice.r), (once.z, once.r));
}

#[test]
fn n_particles_have_no_n_subjettiness_left() {
    let mut random = Random(22);
    for n in 1..5 {
        let particles = prong(&mut random, [0.0, 0.0, 10.0], 0.4, n);
        for axes in AXES {
            let tau = NSubjettiness { axes, ..NSubjettiness::default() }.tau(&particles, 6).unwrap();
            assert!(tau[n - 1..].iter().all(|&t| t == 0.0) && tau[..n - 1].iter().all(|&t| t > 0.0), "{tau:?}");
        }
    }
}

#[test]
fn two_particles_have_the_tau_of_their_axis() {
    // At distance 0.5 across phi = pi, shares 3/4 and 1/4. With beta = 1 every minimum of the sum is the harder particle; with
    // beta = 2 it is the mean, where tau_1 = (3/4)(1/4) r^2.
    let pi = std::f64::consts::PI;
    let particles = [[0.0, pi - 0.1, 3.0], [0.3, pi + 0.3, 1.0]].map(FourVector::massless);
    let tau = |beta, r0, axes| NSubjettiness { beta, r0, axes }.tau(&particles, 1).unwrap()[0];
    for axes in [Axes::WinnerTakesAllKt, Axes::OnePassWinnerTakesAllKt] {
        assert!((tau(1.0, 1.0, axes) - 0.25 * 0.5).abs() < 1e-9);
        assert!((tau(1.0, 0.8, axes) - 0.25 * 0.5 / 0.8).abs() < 1e-9);
    }
    assert!((tau(2.0, 1.0, Axes::WinnerTakesAllKt) - 0.25 * 0.25).abs() < 1e-12);
    for axes in [Axes::OnePassKt, Axes::OnePassWinnerTakesAllKt] {
        assert!((tau(2.0, 1.0, axes) - 0.75 * 0.25 * 0.25).abs() < 1e-12);
    }
}

#[test]
fn minimised_axes_cannot_be_improved_by_a_small_move() {
    let starts = [(Axes::Kt, Axes::OnePassKt), (Axes::WinnerTakesAllKt, Axes::OnePassWinnerTakesAllKt)];
    for (beta, (from, to), seed) in
        [1.0, 1.5, 2.0].into_iter().flat_map(|b| starts.into_iter().flat_map(move |a| (0..10).map(move |s| (b, a, s))))
    {
        let mut random = Random(23 + seed);
        let particles: Vec<FourVector> =
            [[0.0, 0.0, 50.0], [0.5, 0.2, 40.0]].into_iter().flat_map(|p| prong(&mut random, p, 0.3, 15)).collect();
        let start = NSubjettiness { beta, r0: 1.0, axes: from };
        let minimised = NSubjettiness { axes: to, ..start };
        let best = minimised.tau(&particles, 2).unwrap()[1];
        assert!(best <= start.tau(&particles, 2).unwrap()[1]);
        let axes = minimised.axes(&particles, 2).unwrap();
        let total: f64 = particles.iter().map(FourVector::pt).sum();
        let tau = |axes: &[[f64; 2]]| {
            let nearest = |p: &FourVector| {
                axes.iter().map(|a| (p.rapidity() - a[0]).hypot(p.phi() - a[1])).fold(f64::INFINITY, f64::min)
            };
            particles.iter().map(|p| p.pt() * nearest(p).powf(beta)).sum::<f64>() / total
        };
        assert!((tau(&axes) - best).abs() < 1e-9);
        for _ in 0..300 {
            // Small, lest another particle change its axis: then the sum may have another minimum near by.
            let step = 10f64.powf(random.between(-6.0, -4.0));
            let moved: Vec<_> = axes
                .iter()
                .map(|a| [a[0] + step * random.between(-1.0, 1.0), a[1] + step * random.between(-1.0, 1.0)])
                .collect();
            assert!(
                tau(&moved) >= best - 1e-11,
                "{beta} {to:?} {seed} step {step} {} {best} {axes:?} {moved:?}",
                tau(&moved)
            );
        }
    }
}

#[test]
fn the_ratio_is_small_for_as_many_axes_as_prongs() {
    let mut random = Random(24);
    let places = [[0.0, 0.0, 50.0], [0.5, 0.2, 40.0], [-0.2, 0.5, 30.0]];
    for axes in AXES {
        let measure = NSubjettiness { axes, ..NSubjettiness::default() };
        let two: Vec<_> = places[..2].iter().flat_map(|&p| prong(&mut random, p, 0.01, 5)).collect();
        let three: Vec<_> = places.iter().flat_map(|&p| prong(&mut random, p, 0.01, 5)).collect();
        assert!(measure.ratio(&two, 2).unwrap() < 0.1);
        assert!(measure.ratio(&three, 3).unwrap() < 0.1 && measure.ratio(&three, 2).unwrap() > 0.2);
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let one = [FourVector::massless([0.0, 0.0, 1.0])];
    let parameter = |error: Error| match error {
        Error::Parameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(parameter(SoftDrop::new(f64::NAN, 0.1, 1.0).groom(&one).unwrap_err()), "beta");
    assert_eq!(parameter(SoftDrop::new(0.0, -0.1, 1.0).groom(&one).unwrap_err()), "z_cut");
    assert_eq!(parameter(SoftDrop::new(0.0, 0.1, 0.0).groom(&one).unwrap_err()), "R0");
    assert!(matches!(SoftDrop::new(0.0, 0.1, 1.0).groom(&[]), Err(Error::Count { .. })));
    let zero = NSubjettiness { beta: 0.0, ..NSubjettiness::default() };
    assert_eq!(parameter(zero.tau(&one, 1).unwrap_err()), "beta");
    assert_eq!(parameter(NSubjettiness::default().ratio(&one, 1).unwrap_err()), "N of tau_N / tau_(N - 1)");
}
