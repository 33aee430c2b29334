//! Checks of whole pages: well-formed, finite, escaped, and calm in the face of bad input.

use super::*;

/// Uniform numbers in (0, 1) from a linear congruential generator (Knuth's MMIX constants), high bits only.
pub(super) fn uniform(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        })
        .collect()
}

/// Jets with these particles and a transverse momentum of 1 TeV.
pub(super) fn jets_of(all: &[Vec<[f32; 3]>]) -> Jets {
    let capacity = all.iter().map(Vec::len).max().unwrap_or(0);
    let mut jets = Jets { capacity, ..Jets::default() };
    for particles in all {
        jets.particles.extend(particles);
        jets.particles.resize((jets.count.len() + 1) * capacity, [0.0; 3]);
        jets.count.push(particles.len() as u16);
        jets.jet.push([1000.0, 0.1, 80.0, particles.len() as f32]);
    }
    jets
}

/// `n` jets that fall apart around two axes, with momenta that fall roughly like 1/z.
fn toy(seed: u64, n: usize) -> Jets {
    let mut u = uniform(seed, n * 400).into_iter();
    let mut next = || u.next().unwrap_or(0.5);
    let mut jets = Vec::new();
    let mut pt = Vec::new();
    for _ in 0..n {
        let count = 12 + (30.0 * next()) as usize;
        let (turn, opening) = (std::f64::consts::TAU * next(), 0.12 + 0.1 * next());
        let mut own: Vec<[f32; 3]> = (0..count.min(30))
            .map(|_| {
                let side = if next() < 0.6 { 0.4 } else { -0.6 };
                let (spread, around) = (0.05 * -next().ln(), std::f64::consts::TAU * next());
                let eta = side * opening * turn.cos() + spread * around.cos();
                let phi = side * opening * turn.sin() + spread * around.sin();
                [eta as f32, phi as f32, (-6.0 * next()).exp() as f32]
            })
            .collect();
        let sum: f32 = own.iter().map(|p| p[2]).sum();
        own.iter_mut().for_each(|p| p[2] /= sum * (1.0 + 0.1 * next() as f32));
        own.sort_by(|a, b| b[2].total_cmp(&a[2]));
        jets.push(own);
        pt.push(900.0 - 200.0 * next().ln() as f32);
    }
    let mut jets = jets_of(&jets);
    jets.jet.iter_mut().zip(pt).for_each(|(jet, pt)| jet[0] = pt);
    jets
}

fn full() -> Report {
    let classes = JetClass::ALL
        .iter()
        .enumerate()
        .map(|(i, &class)| {
            let mut c = ClassReport::new(class, toy(i as u64, 1200), toy(i as u64 + 10, 2000));
            let values = |seed, n| uniform(seed, n).into_iter().map(|u| (-u.ln()) as f32).collect();
            c.columns.push(Column {
                label: "*τ*_{21}".into(),
                real: values(1, 900),
                generated: values(2, 900),
                ..Column::default()
            });
            c.metrics.push(MetricRow {
                value: 0.5e-3,
                error: 4e-5,
                floor: 0.3e-3,
                floor_error: 3e-5,
                scale: 1e-3,
                ..MetricRow::new("*W*_{1}^{M}")
            });
            c
        })
        .collect();
    let noise = toy(3, 8);
    Report {
        title: "Toy jets".into(),
        protocol: vec![("Samples".into(), "5 × 50 000".into())],
        classes,
        trajectories: vec![Trajectory {
            label: "toy jet".into(),
            frames: (0..8).map(|i| (format!("*σ* = {i}"), noise.particles_of(i).to_vec())).collect(),
        }],
        training: vec![Curve {
            label: "run".into(),
            points: (1..200).map(|i| (f64::from(i), 1.0 / f64::from(i), f64::NAN)).collect(),
        }],
        ..Report::default()
    }
}

/// Panics unless `text` is well-formed: tags nest, attributes are quoted and unique, entities are known.
pub(crate) fn well_formed(text: &str) {
    let mut stack: Vec<&str> = Vec::new();
    let mut rest = text.strip_prefix("<!DOCTYPE html>").unwrap_or(text);
    while let Some(open) = rest.find('<') {
        entities(&rest[..open]);
        assert!(!rest[..open].contains('>') || stack.last() == Some(&"style"), "stray > in {}", &rest[..open]);
        let close = open + rest[open..].find('>').expect("a tag ends");
        let tag = &rest[open + 1..close];
        rest = &rest[close + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(stack.pop(), Some(name), "tags nest");
            continue;
        }
        let empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "name of <{tag}>");
        let mut seen = Vec::new();
        while !attributes.trim().is_empty() {
            let (key, value) =
                attributes.trim().split_once("=\"").unwrap_or_else(|| panic!("quoted attributes in <{tag}>"));
            let (value, others) = value.split_once('"').expect("attributes end");
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ':'), "key {key} of <{tag}>");
            assert!(!seen.contains(&key), "{key} twice in <{tag}>");
            entities(value);
            seen.push(key);
            attributes = others;
        }
        if !empty {
            stack.push(name);
        }
    }
    assert!(stack.is_empty(), "open at the end: {stack:?}");
}

fn entities(text: &str) {
    for part in text.split('&').skip(1) {
        let name = part.split(';').next().unwrap_or("");
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "entity &{name}");
    }
}

pub(crate) fn finite(text: &str) {
    assert!(!text.contains("NaN"), "{}", &text[text.find("NaN").unwrap_or(0).saturating_sub(80)..][..120]);
    let words = text.split(|c: char| !c.is_alphanumeric());
    assert!(!words.into_iter().any(|w| w.eq_ignore_ascii_case("inf")), "an infinite number is shown");
}

#[test]
fn a_page_of_five_classes_is_well_formed_finite_and_below_three_megabytes() {
    let page = html(&full());
    well_formed(&page);
    finite(&page);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    for text in ["Toy jets", "Top jets", "light quark", "0.500 ± 0.040", "floor 0.300 ± 0.030", "5 × 50 000"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("<script") && !page.contains("href=\"http") && !page.contains("src="), "self-contained");
}

#[test]
fn empty_broken_and_constant_samples_do_not_panic_and_say_no_entries() {
    let nan = jets_of(&[vec![[f32::NAN, f32::INFINITY, f32::NAN]; 3], vec![], vec![[0.0, 0.0, -1.0]]]);
    let same = jets_of(&vec![vec![[0.1, 0.1, 0.5]; 2]; 40]);
    let mut liar = same.clone();
    liar.count[3] = 900;
    liar.jet.truncate(5);
    let samples = [Jets::default(), nan, same, liar, toy(1, 50), jets_of(&[vec![]])];
    for real in &samples {
        for generated in &samples {
            let mut class = ClassReport::new(JetClass::T, real.clone(), generated.clone());
            class.columns.push(Column { log_x: true, log_y: true, real: vec![f32::NAN, -1.0], ..Column::default() });
            class.columns.push(Column {
                integer: true,
                real: vec![3e30, -3e30, f32::MAX],
                generated: vec![1e-30],
                ..Column::default()
            });
            class.metrics.push(MetricRow::new("x"));
            class.metrics.push(MetricRow { value: f64::INFINITY, floor: 0.0, error: 0.0, ..MetricRow::new("y") });
            let curve = Curve { label: "c".into(), points: vec![(f64::NAN, 1.0, 1.0), (0.0, -1.0, f64::INFINITY)] };
            let flat = Curve { label: "f".into(), points: vec![(1.0, 2.0, 2.0)] };
            let report = Report {
                classes: vec![class.clone()],
                training: vec![curve, flat, Curve::default()],
                trajectories: vec![
                    Trajectory::default(),
                    Trajectory { label: "l".into(), frames: vec![("a".into(), vec![[f32::NAN; 3]])] },
                ],
                ..Report::default()
            };
            let page = html(&report);
            well_formed(&page);
            finite(&page);
            assert!(page.contains("no entries"));
        }
    }
    well_formed(&html(&Report::default()));
}

#[test]
fn labels_are_escaped_wherever_they_appear() {
    let evil = "<b>&\"'</b>\u{1}";
    let mut class =
        ClassReport { label: evil.into(), real: toy(1, 30), generated: toy(2, 30), ..ClassReport::default() };
    class.columns.push(Column {
        label: evil.into(),
        unit: evil.into(),
        real: vec![1.0, 2.0],
        generated: vec![1.5],
        ..Column::default()
    });
    class.metrics.push(MetricRow { explanation: evil.into(), ..MetricRow::new(evil) });
    let report = Report {
        title: evil.into(),
        subtitle: evil.into(),
        footer: evil.into(),
        protocol: vec![(evil.into(), evil.into())],
        classes: vec![class],
        trajectories: vec![Trajectory { label: evil.into(), frames: vec![(evil.into(), vec![[0.0, 0.0, 1.0]])] }],
        training: vec![Curve { label: evil.into(), points: vec![(1.0, 1.0, 1.0)] }],
    };
    let page = html(&report);
    well_formed(&page);
    assert!(!page.contains("<b>&") && page.contains("&lt;b&gt;&amp;"));
}

#[test]
fn pictures_stand_alone_and_grids_hold_all_their_panels() {
    let class = ClassReport::new(JetClass::W, toy(1, 300), toy(2, 300));
    let all = panels(&class);
    assert_eq!(all.len(), 8);
    for columns in [0, 1, 3, 99] {
        let grid = panel_grid_svg(&all[..6], columns);
        well_formed(&grid);
        finite(&grid);
        assert!(grid.starts_with("<svg xmlns="));
        assert_eq!(grid.matches("Gen. / Real").count(), 6);
    }
    well_formed(&panel_grid_svg(&[], 3));
    well_formed(&displays_svg(&class, 4));
}

#[test]
fn a_written_page_is_the_rendered_page_and_leaves_nothing_else_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let report = Report { title: "t".into(), ..Report::default() };
    write(&report, &path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), html(&report));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
#[ignore = "for the eye: writes a page of toy jets and prints where"]
fn toy_page_for_looking_at() {
    let path = std::env::temp_dir().join("cloudchamber-toy-report.html");
    write(&full(), &path).unwrap();
    println!("{}", path.display());
}
