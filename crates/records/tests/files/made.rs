//! Events made of arrays of final particles.

use records::{Error, Event, Particle, RunInfo};

use super::{proton_beams, read_all, written};

fn made() -> Event {
    let particles = [(13, [3.0, 0.0, 4.0, 5.001]), (-13, [-3.0, 0.5, -4.0, 5.1]), (21, [0.0, -0.5, 12.0, 12.1])];
    Event::from_final_state(3, proton_beams(), particles, -0.75).unwrap()
}

#[test]
fn every_format_gives_back_a_made_event() {
    for ending in ["hepmc3", "hepmc2", "lhe"] {
        let (run, events) = read_all(written(ending, &RunInfo::default(), &[made()]).unwrap());
        let event = &events[0];
        assert_eq!(event.weights, [-0.75]);
        let bare = |p: &Particle| (p.pdg, p.px, p.py, p.pz, p.e, p.mass);
        let made = made();
        assert!(event.particles.iter().map(bare).eq(made.particles.iter().map(bare)), "{ending}");
        assert_eq!(event.topology(), made.topology());
        if ending == "lhe" {
            let [a, b] = run.beams.unwrap();
            assert_eq!((a.pdg, a.energy, b.pdg, b.energy), (2212, 6500.0, 2212, 6500.0));
            assert_eq!(run.processes.len(), 1);
            assert_eq!(event.particles[4].mothers, [1, 2]);
            assert_eq!(event.particles.iter().map(|p| p.status).collect::<Vec<_>>(), [21, 21, 1, 1, 1]);
        } else {
            assert_eq!((event.number, event.beams()), (3, vec![0, 1]));
            assert_eq!(event.particles.iter().map(|p| p.status).collect::<Vec<_>>(), [4, 4, 1, 1, 1]);
        }
    }
}

#[test]
fn impossible_particles_are_refused() {
    let refused = |particles: Vec<(i32, [f64; 4])>, weight: f64| {
        Event::from_final_state(9, proton_beams(), particles, weight).unwrap_err().to_string()
    };
    let fine = (22, [0.0, 0.0, 1.0, 1.0]);
    assert!(refused(vec![], 1.0).contains("event 9 cannot be written: it has no final particles"));
    assert!(refused(vec![fine, (22, [0.0, f64::NAN, 1.0, 1.0])], 1.0).contains("py of particle 3 is NaN"));
    assert!(refused(vec![(0, [0.0, 0.0, 1.0, 1.0])], 1.0).contains("particle 2 has PDG id 0"));
    assert!(refused(vec![fine], f64::INFINITY).contains("weight 0 is inf"));
}

#[test]
fn masses_are_those_of_the_momenta() {
    let event = made();
    for p in &event.particles {
        let square = p.e * p.e - p.px * p.px - p.py * p.py - p.pz * p.pz;
        assert!((p.mass * p.mass - square).abs() < 1e-12 * p.e * p.e, "{p:?}");
    }
    let spacelike = Particle::new(22, 1, [0.0, 0.0, 2.0, 1.0]);
    assert_eq!(spacelike.mass, 0.0);
}

#[test]
fn check_finds_what_no_file_could_hold() {
    let broken = |change: &dyn Fn(&mut Event)| {
        let mut event = made();
        change(&mut event);
        let error = event.check().unwrap_err();
        assert!(matches!(error, Error::Event { number: 3, .. }));
        error.to_string()
    };
    assert!(broken(&|e| e.particles[2].end = Some(4)).contains("vertex 4, but the event has 1"));
    assert!(broken(&|e| e.particles[2].end = Some(0)).contains("begins and ends"));
    assert!(broken(&|e| e.vertices[0].position = Some([0.0, f64::NAN, 0.0, 0.0])).contains("NaN"));
    assert!(broken(&|e| e.set_attribute(records::Owner::Vertex(1), "x", String::new())).contains("Vertex(1)"));
    assert!(broken(&|e| e.set_attribute(records::Owner::Event, "a b", String::new())).contains("one word"));
    assert!(broken(&|e| e.signal_vertex = Some(1)).contains("signal vertex"));
    assert!(broken(&|e| e.cross_section = Some(Default::default())).contains("0 values"));
}
