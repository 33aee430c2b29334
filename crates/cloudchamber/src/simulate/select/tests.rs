//! Selections on events made by hand, whose answers are known.

use collider::JetClass;

use super::*;
use crate::simulate::card::{DijetsSelection, DisSelection, JetsSelection, Order, ZjetsSelection};
use crate::simulate::protocol::Line;

/// A line of the record from (pT, eta, phi, mass).
fn line(pdg: i32, status: i32, mothers: [i32; 2], [pt, eta, phi, mass]: [f64; 4]) -> Line {
    let p = FourVector::from_pt_eta_phi_mass(pt, eta, phi, mass);
    Line { pdg, status, mothers, momentum: [p.px, p.py, p.pz, p.e], mass, ..Line::default() }
}

/// The system, two protons and two incoming gluons, and what follows from line 5 on.
fn event(rest: &[Line]) -> Record {
    let at_rest = [0.0, 0.0, 0.0, 1.0];
    let mut lines = vec![line(90, -11, [0, 0], at_rest)];
    lines.extend([1, 2].map(|_| line(2212, -12, [0, 0], at_rest)));
    lines.extend([1, 2].map(|beam| line(21, -21, [beam, 0], at_rest)));
    lines.extend_from_slice(rest);
    Record { weight: 0.5, lines, ..Record::default() }
}

fn table(selection: &mut Selection, event: &Record) -> tables::Block {
    let mut rows = selection.start();
    selection.select(event, 0, &mut rows).unwrap();
    let Rows::Table(table) = rows else { panic!("rows of a table") };
    table.block(usize::MAX).unwrap()
}

fn numbers(block: &tables::Block, name: &str) -> Vec<f64> {
    block.numbers::<f32>(name).unwrap().into_iter().map(f64::from).collect()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 2e-6 * (1.0 + b.abs());
    assert!(found.iter().zip(expected).all(near), "{found:?} {expected:?}");
}

const MUON: f64 = 0.10566;

/// Z -> mu mu (the negative one radiates a photon), and particles of the rest of the event.
fn z_event(rest: &[Line]) -> Record {
    let mut lines = vec![
        line(23, -22, [3, 4], [50.0, 0.0, 0.0, 91.2]),
        line(1, -23, [3, 4], [50.0, 0.0, 3.0, 0.33]),
        line(23, -62, [5, 5], [51.0, 0.0, 0.0, 91.2]),
        line(13, -23, [7, 0], [40.0, 0.5, 0.1, MUON]),
        line(-13, 23, [7, 0], [30.0, -0.5, -2.0, MUON]),
        line(13, 51, [8, 0], [35.0, 0.4, 0.1, MUON]),
        line(22, 51, [8, 0], [5.0, 0.9, 0.1, 0.0]),
    ];
    lines.extend_from_slice(rest);
    event(&lines)
}

fn pion(pt: f64, eta: f64, phi: f64) -> Line {
    line(211, 83, [6, 0], [pt, eta, phi, 0.1396])
}

#[test]
fn the_muons_of_the_z_and_neutrinos_are_in_no_jet() {
    let mut zjets = Selection::new(&Select::Zjets(ZjetsSelection::default())).unwrap();
    let block = table(
        &mut zjets,
        &z_event(&[
            pion(30.0, 1.0, 2.0),
            pion(60.0, -2.0, -1.0),
            line(14, 91, [6, 0], [100.0, 3.0, 1.0, 0.0]), // a neutrino
            line(13, 91, [6, 0], [10.0, 1.0, 2.0, MUON]), // a muon of a hadron, in the first jet
            pion(10.0, 0.0, -3.0),                        // too soft
            pion(25.0, 5.1, 0.0),                         // too far forward
        ]),
    );
    assert_eq!(block.rows(), 1);
    close(&numbers(&block, "mu1_pt"), &[35.0]);
    close(&numbers(&block, "mu1_eta"), &[0.4]);
    close(&numbers(&block, "mu2_pt"), &[30.0]);
    close(&numbers(&block, "mu2_phi"), &[-2.0]);
    close(&numbers(&block, "jet_pt"), &[60.0, 40.0]);
    close(&numbers(&block, "jet_eta")[..1], &[-2.0]);
    close(&numbers(&block, "jet_phi"), &[-1.0, 2.0]);
    assert_eq!(block.numbers::<f64>("weight").unwrap(), [0.5]);
}

#[test]
fn one_to_three_jets_above_twenty_gev_are_asked_for() {
    let places = [(30.0, 0.0, 1.5), (40.0, 1.0, -1.0), (50.0, -1.0, 2.5), (60.0, 2.0, 2.0)];
    for n in 0..=4 {
        let jets: Vec<Line> = places[..n].iter().map(|&(pt, eta, phi)| pion(pt, eta, phi)).collect();
        let mut zjets = Selection::new(&Select::Zjets(ZjetsSelection::default())).unwrap();
        let block = table(&mut zjets, &z_event(&jets));
        assert_eq!(block.rows(), usize::from((1..=3).contains(&n)), "{n} jets");
        let mut falling: Vec<f64> = places[..n].iter().map(|p| p.0).collect();
        falling.sort_by(|a, b| b.total_cmp(a));
        if block.rows() == 1 {
            close(&numbers(&block, "jet_pt"), &falling);
        }
    }
    for (pt, rows) in [(19.9, 0), (20.1, 1)] {
        let mut zjets = Selection::new(&Select::Zjets(ZjetsSelection::default())).unwrap();
        assert_eq!(table(&mut zjets, &z_event(&[pion(pt, 0.0, 1.5)])).rows(), rows);
    }
}

#[test]
fn two_jets_nearer_than_the_separation_reject_the_event() {
    for (distance, rows) in [(0.65, 1), (0.55, 0)] {
        let card = ZjetsSelection { separation: 0.6, ..ZjetsSelection::default() };
        let mut zjets = Selection::new(&Select::Zjets(card)).unwrap();
        let jets = [pion(30.0, 0.0, 1.5), pion(40.0, distance, 1.5)];
        assert_eq!(table(&mut zjets, &z_event(&jets)).rows(), rows);
    }
}

fn jets_of(card: JetsSelection, event: &Record) -> collider::Jets {
    let mut selection = Selection::new(&Select::Jets(card)).unwrap();
    let mut rows = selection.start();
    selection.select(event, 0, &mut rows).unwrap();
    let Rows::Jets(jets) = rows else { panic!("jets") };
    jets
}

fn tops() -> JetsSelection {
    JetsSelection { class: Some(JetClass::T), parton_pt: Some(1000.0), ..JetsSelection::default() }
}

/// Two tops back to back and the particles they become: three in the first jet, two in the second.
fn top_event(pt: f64) -> Record {
    event(&[
        line(6, -22, [3, 4], [pt, 0.2, 0.1, 173.0]),
        line(-6, -22, [3, 4], [pt, -0.4, -3.0, 173.0]),
        pion(500.0, 0.25, 0.15),
        pion(300.0, 0.1, 0.0),
        pion(150.0, 0.2, 0.3),
        pion(700.0, -0.4, -3.0),
        pion(200.0, -0.4, 3.1), // across the seam of the azimuth
        line(12, 91, [5, 0], [400.0, 0.2, 0.1, 0.0]),
    ])
}

#[test]
fn jets_near_a_parton_of_their_class_become_relative_particles() {
    let jets = jets_of(tops(), &top_event(1003.0));
    assert_eq!(jets.len(), 2);
    let sum: FourVector = [(500.0, 0.25, 0.15), (300.0, 0.1, 0.0), (150.0, 0.2, 0.3)]
        .map(|(pt, eta, phi)| FourVector::from_pt_eta_phi_mass(pt, eta, phi, 0.1396))
        .into_iter()
        .sum();
    let [pt, eta, mass, count] = jets.jet[0].map(f64::from);
    close(&[pt, eta, count], &[sum.pt(), sum.eta(), 3.0]);
    assert!((mass - sum.mass()).abs() < 1e-3);
    let first = jets.particles_of(0)[0].map(f64::from);
    close(&first, &[0.25 - sum.eta(), 0.15 - sum.phi(), 500.0 / sum.pt()]);
    let shares: Vec<f64> = jets.particles_of(0).iter().map(|p| f64::from(p[2])).collect();
    assert!(shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
    assert!(jets.particles_of(1).iter().all(|p| p[1].abs() < 0.3), "the azimuth is wrapped");
    jets.validate().unwrap();
}

#[test]
fn jets_of_another_class_or_far_from_the_parton_or_outside_the_window_do_not_count() {
    let good = top_event(1003.0);
    assert_eq!(jets_of(JetsSelection { class: Some(JetClass::W), ..tops() }, &good).len(), 0);
    assert_eq!(jets_of(tops(), &top_event(1011.0)).len(), 0, "beyond the tolerance");
    assert_eq!(jets_of(JetsSelection { parton_pt: None, ..tops() }, &top_event(1011.0)).len(), 2);
    assert_eq!(jets_of(JetsSelection { leading: 1, ..tops() }, &good).len(), 1);
    assert_eq!(jets_of(JetsSelection { pt: [920.0, 1600.0], ..tops() }, &good).len(), 1);
    assert_eq!(jets_of(JetsSelection { eta: Some(0.3), ..tops() }, &good).len(), 1);
    assert_eq!(jets_of(JetsSelection { distance: 0.01, ..tops() }, &good).len(), 0);
    let few = jets_of(JetsSelection { constituents: 2, ..tops() }, &good);
    assert_eq!((few.capacity, &few.count[..], few.jet[0][3]), (2, &[2, 2][..], 2.0));
    // A copy of the top after radiation (status -44) is no parton of the hard process.
    let mut copies = good.clone();
    for k in [5, 6] {
        copies.lines[k].status = -44;
    }
    assert_eq!(jets_of(tops(), &copies).len(), 0);
}

#[test]
fn a_light_quark_class_ignores_gluons_and_heavy_quarks() {
    for (pdg, count) in [(1, 1), (-2, 1), (3, 1), (4, 0), (5, 0), (21, 0)] {
        let quarks = event(&[line(pdg, -23, [3, 4], [1000.0, 0.0, 0.0, 0.0]), pion(950.0, 0.0, 0.0)]);
        let card = JetsSelection { class: Some(JetClass::Q), ..JetsSelection::default() };
        assert_eq!(jets_of(card, &quarks).len(), count, "{pdg}");
    }
}

#[test]
fn rounding_to_bits_keeps_what_fits_and_takes_the_nearest() {
    use super::jets::rounded;
    assert_eq!(rounded(1.0 + 2f32.powi(-12), 12), 1.0 + 2f32.powi(-12));
    assert_eq!(rounded(1.0 + 2f32.powi(-13) + 2f32.powi(-20), 12), 1.0 + 2f32.powi(-12));
    assert_eq!(rounded(1.0 + 2f32.powi(-13), 12), 1.0, "a tie goes to the even one");
    for k in 1..2000 {
        let x = 0.37 * k as f32 * if k % 2 == 0 { -1.0 } else { 1.0 };
        assert_eq!(rounded(x, 23), x);
        assert!((rounded(x, 12) / x - 1.0).abs() <= 2f32.powi(-13) * 1.0001);
        assert_eq!(rounded(x, 12).to_bits() & 0x7ff, 0);
    }
}

#[test]
fn the_scattered_electron_gives_q2_x_and_y_of_the_textbook() {
    // Massless: Q2 = 4 E E' cos^2(theta / 2), y = 1 - E'/E sin^2(theta / 2), x = Q2 / (s y), theta from the proton's direction.
    let (beam, proton, scattered, theta) = (10.0f64, 275.0f64, 12.0f64, 2.2f64);
    let q2 = 4.0 * beam * scattered * (theta / 2.0).cos().powi(2);
    let y = 1.0 - scattered / beam * (theta / 2.0).sin().powi(2);
    let x = q2 / (4.0 * beam * proton * y);
    let eta = -(theta / 2.0).tan().ln();
    let electron = [scattered * theta.sin(), eta, 0.7, 0.0];
    let along = |pdg, pz: f64| Line { pdg, status: -12, momentum: [0.0, 0.0, pz, pz.abs()], ..Line::default() };
    let mut dis = event(&[
        line(11, -23, [3, 4], electron),
        line(2, -23, [3, 4], [4.0, 1.0, -2.0, 0.0]),
        line(11, 44, [5, 5], electron),
        line(11, 91, [6, 0], [9.0, 0.0, 0.0, 0.0]), // an electron of a hadron
        line(321, 83, [6, 0], [3.0, 1.0, -2.0, 0.494]),
        line(2112, 63, [1, 0], [0.01, 9.0, 1.0, 0.94]),
    ]);
    dis.lines[1] = along(2212, proton);
    dis.lines[2] = along(11, -beam);
    let mut selection = Selection::new(&Select::Dis(DisSelection::default())).unwrap();
    let block = table(&mut selection, &dis);
    assert_eq!(block.rows(), 1);
    for (name, expected) in [("Q2", q2), ("x", x), ("y", y), ("lepton_pt", electron[0]), ("lepton_eta", eta)] {
        close(&numbers(&block, name), &[expected]);
    }
    close(&numbers(&block, "W2"), &[q2 * (1.0 / x - 1.0)]);
    assert_eq!(block.numbers::<i32>("particle_pdg").unwrap(), [11, 321, 2112]);
    close(&numbers(&block, "particle_pt"), &[9.0, 3.0, 0.01]);
    close(&numbers(&block, "particle_mass"), &[0.0, 0.494, 0.94]);

    let cut = |card: DisSelection| table(&mut Selection::new(&Select::Dis(card)).unwrap(), &dis);
    let central = cut(DisSelection { eta: Some(5.0), ids: vec![11, 321], ..DisSelection::default() });
    assert_eq!(central.numbers::<i32>("particle_pdg").unwrap(), [11, 321]);
    assert_eq!(cut(DisSelection { q2: [q2 * 1.01, f64::INFINITY], ..DisSelection::default() }).rows(), 0);
    assert_eq!(cut(DisSelection { particles: Some(2), ..DisSelection::default() }).rows(), 0);
}

#[test]
fn the_two_leading_jets_are_ordered_in_mass_and_keep_their_insides() {
    // The leading jet has two prongs and a mass, the second is one particle; a third jet and a neutrino are left out.
    let dijets = event(&[
        pion(900.0, 0.3, 0.0),
        pion(500.0, -0.3, 0.0),
        pion(1300.0, 0.5, 3.0),
        pion(100.0, -2.0, 1.5),
        pion(5000.0, 2.6, 1.0), // too far forward
        line(16, 91, [5, 0], [3000.0, 0.0, 1.5, 0.0]),
    ]);
    let heavy = [
        FourVector::from_pt_eta_phi_mass(900.0, 0.3, 0.0, 0.1396),
        FourVector::from_pt_eta_phi_mass(500.0, -0.3, 0.0, 0.1396),
    ];
    let heavy = heavy[0] + heavy[1];
    let light = FourVector::from_pt_eta_phi_mass(1300.0, 0.5, 3.0, 0.1396);
    let cut = |card: DijetsSelection| table(&mut Selection::new(&Select::Dijets(card)).unwrap(), &dijets);
    let block = cut(DijetsSelection { label: 1, ..DijetsSelection::default() });
    assert_eq!(block.rows(), 1);
    close(&numbers(&block, "j1_pt"), &[1300.0]);
    close(&numbers(&block, "j2_mass"), &[heavy.mass()]);
    close(&numbers(&block, "m_jj"), &[(heavy + light).mass()]);
    close(&numbers(&block, "j2_ptrel"), &[900.0 / heavy.pt(), 500.0 / heavy.pt()]);
    close(&numbers(&block, "j2_etarel"), &[0.3 - heavy.eta(), -0.3 - heavy.eta()]);
    close(&numbers(&block, "j2_tau21"), &[0.0]);
    assert_eq!(block.numbers::<u8>("label").unwrap(), [1]);

    let by_pt = cut(DijetsSelection { order: Order::Pt, constituents: 1, ..DijetsSelection::default() });
    close(&numbers(&by_pt, "j1_mass"), &[heavy.mass()]);
    assert_eq!(numbers(&by_pt, "j1_ptrel").len(), 1);
    assert_eq!(cut(DijetsSelection { pt: 1500.0, ..DijetsSelection::default() }).rows(), 0);
    assert_eq!(cut(DijetsSelection { second_pt: 1350.0, ..DijetsSelection::default() }).rows(), 0);
}
