//! HepMC3 as arXiv:1912.08005 describes it.

use records::{Owner, Tool};

use super::{read, read_all, text};

#[test]
fn run_information_and_names_lose_their_escapes() {
    let (run, events) = read_all(text("dijet.hepmc3"));
    assert_eq!(run.weight_names, ["nominal", "MUR=2 MUF=1", "back\\slash"]);
    let tool = Tool { name: "Pythia8".into(), version: "8.310".into(), description: "shower\nand hadrons".into() };
    assert_eq!(run.tools[0], tool);
    assert_eq!(run.tools[1], Tool { name: "none".into(), ..Tool::default() });
    assert_eq!(run.attributes, [("beam_note".to_string(), "two beams\nhead on".to_string())]);
    assert_eq!(events.iter().map(|e| e.number).collect::<Vec<_>>(), [41, -1]);
}

#[test]
fn mev_and_cm_become_gev_and_mm() {
    let (_, events) = read_all(text("dijet.hepmc3"));
    let event = &events[0];
    let z = event.particles[2];
    assert_eq!([z.px, z.py, z.pz, z.e, z.mass], [1.5005, -2.50025, 3.5, 91.3, 91.1876]);
    assert_eq!(event.position, Some([1.0, 2.0, 3.0, 4.0]));
    assert_eq!(event.vertices[0].position, Some([0.1, -0.2, 0.3, 0.4]));
    // Scales and cross sections are in GeV and pb whatever the U line says.
    assert_eq!(event.scale, Some(91.1876));
    let xs = event.cross_section.as_ref().unwrap();
    assert_eq!((xs.accepted, xs.attempted), (Some(100), Some(200)));
    assert_eq!((&xs.values[..], &xs.errors[..]), (&[3.5, 4.5, 5.5][..], &[0.25, 0.5, 0.75][..]));
    // The next event is in GeV and mm.
    assert_eq!(events[1].particles[0].e, 5.0);
}

#[test]
fn a_vertex_without_a_line_lies_between_mother_and_daughters() {
    let (_, events) = read_all(text("dijet.hepmc3"));
    let event = &events[0];
    // Particles 4 and 5 name particle 3 instead of a vertex; the free number is -2.
    assert_eq!(event.parents(3).collect::<Vec<_>>(), [2]);
    assert_eq!(event.children(2).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(event.particles[2].end, Some(1));
    assert_eq!(event.particles[4].end, Some(2));
    assert_eq!(event.attribute(Owner::Vertex(2), "barcode"), Some("17"));
    assert_eq!(event.topology().incoming, [vec![0, 1], vec![2], vec![4]]);
    assert_eq!(event.topology().outgoing, [vec![2], vec![3, 4], vec![5, 6]]);
    // It has no position of its own; that of the vertex before counts.
    assert_eq!(event.position_of(1), [0.1, -0.2, 0.3, 0.4]);
    assert_eq!(event.position_of(2), [0.1, -0.2, 0.3, 0.4]);
    assert_eq!(event.beams(), [0, 1]);
}

#[test]
fn statuses_weights_and_attributes_are_read_as_written() {
    let (_, events) = read_all(text("dijet.hepmc3"));
    let event = &events[0];
    assert_eq!(event.particles.iter().map(|p| p.status).collect::<Vec<_>>(), [4, 4, 62, 1, 2, 1, 1]);
    assert_eq!(event.particles.iter().map(|p| p.pdg).collect::<Vec<_>>(), [2212, 2212, 23, 11, -11, -11, 22]);
    assert_eq!(event.vertices.iter().map(|v| v.status).collect::<Vec<_>>(), [3, 0, 0]);
    assert_eq!(event.weights, [1.25, -3e-5, 0.0]);
    assert_eq!((event.particles[2].colours, event.particles[6].colours), ([501, 502], [503, 504]));
    assert_eq!((event.alpha_qcd, event.alpha_qed), (Some(0.118), Some(0.0078125)));
    assert_eq!((event.process, event.signal_vertex), (Some(221), Some(0)));
    assert_eq!(event.attribute(Owner::Event, "note"), Some("first line\nsecond \\ line"));
    assert_eq!(event.attribute(Owner::Particle(4), "theta"), Some("0.5"));
    let pdf = event.pdf.unwrap();
    assert_eq!((pdf.partons, pdf.x, pdf.sets), ([2, -1], [0.125, 0.25], [13100, 13101]));
    assert_eq!((pdf.scale, pdf.xf), (91.1876, [0.5, 0.75]));
}

#[test]
fn older_files_count_their_names_and_files_may_be_concatenated() {
    let (run, events) = read_all(text("old_names.hepmc3"));
    assert_eq!(run.weight_names, ["Weight", "Baseline"]);
    assert_eq!(events.iter().map(|e| e.particles[0].e).collect::<Vec<_>>(), [3.0, 4.0]);
    let other = text("old_names.hepmc3").replacen("Baseline", "Other", 1);
    let (_, events, error) = read(other);
    assert_eq!(events.len(), 1);
    assert!(error.unwrap().to_string().contains("the weights [\"Weight\", \"Other\"] again"));
}

#[test]
fn lines_may_come_in_any_order_and_with_dos_ends() {
    // Vertices before their incoming particles and numbered backwards; a vertex without particles is not written.
    let file = "HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\nE 7 3 4\nU GEV MM\n\
                V -3 5 [4] @ 1 2 3 4\nP 1 -3 22 1 2 3 4 0 1\nP 2 0 2212 0 0 1 1 0 4\nP 3 0 2212 0 0 -1 1 0 4\n\
                P 4 -1 23 1 2 3 4 0 2\nV -1 0 [2,3]\nHepMC::Asciiv3-END_EVENT_LISTING\n";
    for text in [file.to_string(), file.replace('\n', "\r\n")] {
        let (_, events) = read_all(text);
        let event = &events[0];
        assert!(event.weights.is_empty() && event.weight() == 1.0);
        assert_eq!(event.parents(0).collect::<Vec<_>>(), [3]);
        assert_eq!(event.parents(3).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(event.vertices.iter().map(|v| v.status).collect::<Vec<_>>(), [0, 5]);
    }
}
