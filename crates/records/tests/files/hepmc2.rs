//! HepMC2 as its user manual describes it.

use records::Owner;

use super::{read, read_all, text};

#[test]
fn weights_and_their_names_come_from_the_events() {
    let (run, events) = read_all(text("ions.hepmc2"));
    assert_eq!(run.weight_names, ["nominal", "scale up, \\x"]);
    assert_eq!(events[0].weights, [0.5, -0.25]);
    assert_eq!(events[1].weights, [1.0, 2.0]);
    let (_, events, error) = read(text("ions.hepmc2").replacen(
        "E 13 -1 -1 -1 -1 0 0 1 0 0 0 2 1 2",
        "E 13 -1 -1 -1 -1 0 0 1 0 0 0 3 1 2 3",
        1,
    ));
    assert_eq!(events.len(), 1);
    assert!(error.unwrap().to_string().contains("expected 2 weights, one per name, found 3"));
}

#[test]
fn f_c_and_h_lines_are_read_and_zeros_are_nothing() {
    let (_, events) = read_all(text("ions.hepmc2"));
    let event = &events[0];
    let xs = event.cross_section.as_ref().unwrap();
    assert_eq!((xs.values[0], xs.errors[0]), (2500.5, 12.25));
    let heavy = event.attribute(Owner::Event, "GenHeavyIon").unwrap();
    assert!(heavy.starts_with("v0 1 2 3 4 5 6 7 8 9 2.5 0.125 0.5 70 "), "{heavy}");
    let pdf = event.pdf.unwrap();
    assert_eq!((pdf.partons, pdf.x, pdf.scale, pdf.xf), ([21, 21], [0.125, 0.25], 91.1876, [0.5, 0.75]));
    assert_eq!(event.attribute(Owner::Event, "mpi"), Some("5"));
    assert_eq!(event.attribute(Owner::Event, "random_states"), Some("4711 4712"));
    assert_eq!((event.scale, event.alpha_qcd, event.alpha_qed), (Some(91.1876), Some(0.118), None));
    assert_eq!((events[1].pdf, events[1].process, events[1].scale), (None, None, None));
}

#[test]
fn barcodes_of_any_kind_join_particles_and_vertices() {
    let (_, events) = read_all(text("ions.hepmc2"));
    let event = &events[0];
    // Order of the file: 101, 103, 102, 104, 105, 106, 107.
    assert_eq!(event.particles.iter().map(|p| p.pdg).collect::<Vec<_>>(), [2212, 21, 2212, 23, 22, 13, -13]);
    assert_eq!(event.topology().incoming, [vec![0], vec![1, 2], vec![3]]);
    assert_eq!(event.topology().outgoing, [vec![1], vec![3, 4], vec![5, 6]]);
    assert_eq!(event.signal_vertex, Some(1));
    assert_eq!(event.vertices[1].status, 7);
    assert_eq!(event.vertices[1].position, Some([1.0, 2.0, 3.0, 4.0]));
    assert_eq!(event.vertices[0].position, Some([0.0; 4]));
    assert_eq!(event.particles[1].colours, [501, 502]);
    assert_eq!(event.particles[4].colours, [1, 2]);
    assert_eq!(event.attribute(Owner::Particle(4), "flow3"), Some("33"));
    assert_eq!(event.attribute(Owner::Particle(3), "theta"), Some("0.75"));
    assert_eq!(event.attribute(Owner::Particle(3), "phi"), Some("-0.5"));
    assert_eq!(event.attribute(Owner::Vertex(1), "weights"), Some("0.5 1.5"));
    assert_eq!((event.particles[3].mass, event.particles[3].px), (91.1876, 1.5005));
}
