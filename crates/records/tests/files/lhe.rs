//! LHE as hep-ph/0609017 and arXiv:1405.1067 describe it.

use records::{Beam, Owner, Process, RunInfo, Tool};

use super::{read, read_all, text};

#[test]
fn the_init_block_and_the_header_are_read() {
    let (run, _) = read_all(text("madgraph.lhe"));
    let beam = Beam { pdg: 2212, energy: 6500.0, pdf_group: 0, pdf_set: 247000 };
    assert_eq!(run.beams, Some([beam, Beam { pdf_set: 247001, ..beam }]));
    assert_eq!(run.weighting, Some(-4));
    let first = Process { id: 66, cross_section: 50.109093, error: 0.14185456, max_weight: 50.109093 };
    assert_eq!(run.processes, [first, Process { id: 67, cross_section: 1.5, error: 0.25, max_weight: 3.0 }]);
    let tool =
        Tool { name: "MadGraph5_aMC@NLO".into(), version: "3.5.1".into(), description: "please cite & thank".into() };
    assert_eq!(run.tools, [tool]);
    assert!(run.header.starts_with("<MGVersion> 3.5.1 </MGVersion>\n<slha>"), "{}", run.header);
    assert_eq!(run.weight_names, [RunInfo::NOMINAL, "1001", "1002", "pdf <3>"]);
}

#[test]
fn weights_follow_the_order_of_their_declaration() {
    let (_, events) = read_all(text("madgraph.lhe"));
    assert_eq!(events[0].weights, [50.109093, 60.0, -50.0, 1.0]);
    assert_eq!(events[1].weights, [-0.1, 1.0, -2.0, 3.0]);
}

#[test]
fn weights_that_nothing_declares_are_named_by_the_first_event() {
    let bare = text("madgraph.lhe").replace("initrwgt", "other");
    let (run, events, error) = read(bare);
    assert_eq!(run.weight_names, [RunInfo::NOMINAL, "1002", "1001", "pdf <3>"]);
    assert_eq!((events[0].weights[1], events.len()), (-50.0, 2));
    assert!(error.is_none());
}

#[test]
fn mothers_make_vertices_and_everything_else_survives() {
    let (_, events) = read_all(text("madgraph.lhe"));
    let event = &events[0];
    assert_eq!(event.topology().incoming, [vec![0, 1], vec![2]]);
    assert_eq!(event.topology().outgoing, [vec![2, 3], vec![4]]);
    assert_eq!(event.particles.iter().map(|p| p.status).collect::<Vec<_>>(), [21, 21, 2, 1, 1]);
    assert_eq!(event.particles[4].mothers, [3, 3]);
    assert_eq!(event.particles[0].colours, [501, 0]);
    let w = event.particles[2];
    assert_eq!([w.px, w.mass, w.lifetime, w.spin], [-84.258804, 80.398, 0.5, 0.0]);
    assert_eq!((event.process, event.scale), (Some(66), Some(141.37688)));
    // -1 says that a coupling is not known.
    assert_eq!((event.alpha_qed, event.alpha_qcd), (Some(0.0075563862), None));
    assert_eq!(event.pdf.unwrap().x, [0.022, 0.144]);
    assert_eq!(event.attribute(Owner::Event, "lhe_tag"), Some("npLO=\" 2 \" npNLO=\" 0 \""));
    let rest = event.attribute(Owner::Event, "lhe_text").unwrap();
    assert!(rest.starts_with("# extra generator comment\n<mgrwt>") && rest.ends_with("</scales>"), "{rest}");
    assert_eq!(events.iter().map(|e| e.number).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn mothers_that_share_a_daughter_share_a_vertex() {
    // Vector-boson fusion: each quark has a daughter of its own, both make the Higgs boson.
    let event = "<event>\n5 66 1 -1 -1 -1\n2 -1 0 0 501 0 0 0 50 50 0 0 9\n1 -1 0 0 502 0 0 0 -50 50 0 0 9\n\
                 2 1 1 0 501 0 0 0 10 10 0 0 9\n1 1 2 2 502 0 0 0 -10 10 0 0 9\n25 1 1 2 0 0 0 0 0 80 80 0 9\n</event>\n";
    let file = text("madgraph.lhe").replace("initrwgt", "other");
    let (head, _) = file.split_once("<eventgroup").unwrap();
    let (_, events) = read_all(format!("{head}{event}</LesHouchesEvents>\n"));
    assert_eq!(events[0].vertices.len(), 1);
    assert_eq!(events[0].parents(2).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(events[0].particles[2].mothers, [1, 0]);
}
