use super::*;

/// Jets of two prongs with an opening angle and a tail, reproducible; `scale` widens the angle.
fn jets(seed: u64, n: usize, scale: f64) -> Jets {
    let mut jets = Jets::new(8);
    for i in 0..n {
        let mut rng = diffusion::Rng::new(seed).at(i as u64);
        let z = rng.normal(1, 24);
        let count = 4 + (z[0].abs() * 2.0) as usize % 5;
        let mut pts: Vec<f32> = (0..count).map(|k| (0.5 * z[k + 1]).exp() / count as f32).collect();
        pts.sort_by(|a, b| b.total_cmp(a));
        let angle = |k: usize| (scale * 0.1 * f64::from(z[k])) as f32;
        let particles: Vec<[f32; 3]> =
            pts.iter().enumerate().map(|(k, pt)| [angle(9 + k), angle(16 + k), *pt]).collect();
        jets.push([1000.0 + z[1], z[2], 100.0, count as f32], &particles).unwrap();
    }
    jets
}

fn small() -> Protocol {
    let mut protocol = Protocol::new(true);
    protocol.wasserstein.size = 1500;
    protocol.fpd = metrics::Fpd { min_samples: 600, max_samples: 1500, batches: 4, ..metrics::Fpd::default() };
    protocol.kpd.size = 500;
    protocol.coverage = metrics::Bootstrap { size: 40, batches: 2, seed: 1 };
    protocol
}

fn figure<'a>(result: &'a ClassResult, name: &str) -> &'a Figure {
    result.figures.iter().find(|f| f.name == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn an_independent_sample_stays_at_the_floor_and_a_wider_one_stands_out() {
    let real = jets(1, 3000, 1.0);
    let judge = |generated| {
        let samples = Samples { class: JetClass::G, real: real.clone(), generated, floor: Some(jets(2, 3000, 1.0)) };
        evaluate_class(&samples, &small(), &mut |_| {}).unwrap()
    };
    let (good, bad) = (judge(jets(3, 3000, 1.0)), judge(jets(4, 3000, 1.3)));
    for name in ["W1M", "W1P", "W1P eta", "W1EFP"] {
        let (g, b) = (figure(&good, name), figure(&bad, name));
        // Both values of a fair pair are fluctuations of one size; a factor 3 apart would be beyond 4 sigma for a positive distance.
        assert!(g.value.value < 3.0 * g.floor.value, "{name}: {g:?}");
        assert!(b.value.value > 4.0 * b.floor.value, "{name}: {b:?}");
    }
    let auc = figure(&good, "AUC");
    assert!((auc.value.value - 0.5).abs() < 4.0 * auc.value.error, "{auc:?}");
    let auc = figure(&bad, "AUC");
    assert!(auc.value.value > 0.5 + 5.0 * auc.value.error, "{auc:?}");
}

#[test]
fn a_uniform_scale_of_the_angles_moves_w1p_by_the_mean_angle() {
    // W1 between X and 1.3 X is 0.3 E|X| for any X: for X = 0.1 N(0,1), 0.3 * 0.1 * sqrt(2/pi) = 0.02394.
    let samples = Samples { class: JetClass::G, real: jets(1, 4000, 1.0), generated: jets(5, 4000, 1.3), floor: None };
    let result = evaluate_class(&samples, &small(), &mut |_| {}).unwrap();
    let eta = figure(&result, "W1P eta").value.value;
    // Draws of 1500 jets of about 6 particles: the spread of a W1 is about 0.1 / sqrt(9000) = 0.001 on each side; 4 sigma of the mean of 5.
    assert!((eta - 0.3 * 0.1 * (2.0 / std::f64::consts::PI).sqrt()).abs() < 0.003, "{eta}");
}

#[test]
fn the_floor_of_halves_is_that_of_two_disjoint_samples() {
    let samples = Samples { class: JetClass::T, real: jets(6, 2001, 1.0), generated: jets(7, 500, 1.0), floor: None };
    let result = evaluate_class(&samples, &small(), &mut |_| {}).unwrap();
    assert_eq!((result.real, result.generated, result.floor), (2001, 500, [1000, 1000]));
    assert!(result.figures.iter().all(|f| f.value.value.is_finite() && f.floor.value.is_finite()), "{result:?}");
    assert!(result.observables.iter().all(|o| o.real.len() == 2001 && o.generated.len() == 500));
    assert!(!result.observables.is_empty());
}

#[test]
fn a_handful_of_jets_is_refused() {
    let samples = Samples { class: JetClass::W, real: jets(1, 100, 1.0), generated: jets(2, 5, 1.0), floor: None };
    let message = evaluate_class(&samples, &small(), &mut |_| {}).unwrap_err().to_string();
    assert!(message.contains("class w: only 5 generated jets"), "{message}");
}

#[test]
fn the_table_names_every_metric_and_the_protocol() {
    let value = Value { value: 0.31e-3, error: 0.02e-3 };
    let figure = Figure { name: "W1M", value, floor: value, unit: 1e-3, best: Best::Small, meaning: "" };
    let class = ClassResult {
        class: JetClass::Q,
        real: 9,
        generated: 8,
        floor: [4, 4],
        figures: vec![figure],
        observables: Vec::new(),
    };
    let text = table(&Evaluation { protocol: Protocol::new(false), classes: vec![class] });
    for part in [
        "light quark jets: 8 generated against 9 real; floor: 4 against 4",
        "W1M [1e-3]",
        "0.310 +- 0.020",
        "1.00",
        "clipping",
    ] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    assert!(text.contains("5 draws of 50000 jets"), "the JetNet protocol draws 5 times 50 000:\n{text}");
}
