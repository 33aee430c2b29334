//! From one format to another: what stays, what is lost, what is refused.

use records::{Beam, Event, Format, Particle, Process, RunInfo, Vertex};

use super::{ending, proton_beams, read_all, text, written};

fn through(format: Format, run: &RunInfo, events: &[Event]) -> (RunInfo, Vec<Event>) {
    read_all(written(ending(format), run, events).unwrap())
}

#[test]
fn an_lhe_file_through_hepmc3_is_the_same_hard_process() {
    let (run, events) = read_all(text("madgraph.lhe"));
    let (run3, events3) = through(Format::HepMc3, &run, &events);
    assert_eq!(RunInfo { attributes: vec![], ..run3.clone() }, run);
    for (event, original) in events3.iter().zip(&events) {
        // Beams of the <init> block were put before the partons.
        let beams = event.beams();
        assert_eq!(beams.len(), 2);
        let total: f64 = beams.iter().map(|&i| event.particles[i].pz).sum();
        assert_eq!((event.particles[beams[0]].e, total), (6500.0, 0.0));
        for &beam in &beams {
            let parton = event.children(beam).collect::<Vec<_>>();
            assert_eq!(parton.len(), 1);
            // The parton flies with its beam.
            assert!(event.particles[parton[0]].pz * event.particles[beam].pz > 0.0);
        }
        assert_eq!(event.particles.len(), original.particles.len() + 2);
    }
    let (back_run, back) = through(Format::Lhe, &run3, &events3);
    assert_eq!(back_run, run);
    for (back, original) in back.iter().zip(&events) {
        let same_mothers = |p: &Particle| {
            let [first, last] = p.mothers;
            Particle { mothers: [first, if last == first { 0 } else { last }], ..*p }
        };
        assert!(back.particles.iter().copied().eq(original.particles.iter().map(same_mothers)));
        assert_eq!((&back.weights, back.scale, back.pdf), (&original.weights, original.scale, original.pdf));
        assert_eq!(back.attributes, original.attributes);
    }
}

#[test]
fn hepmc2_and_hepmc3_exchange_what_both_hold() {
    let (run, events) = read_all(text("ions.hepmc2"));
    let (run3, events3) = through(Format::HepMc3, &run, &events);
    assert_eq!(run3, run);
    let (_, back) = through(Format::HepMc2, &run3, &events3);
    // The order of particles may differ between the formats, but not here, where each vertex lists what it makes.
    assert_eq!(back.iter().map(|e| e.particles.len()).collect::<Vec<_>>(), [7, 3]);
    for (event, original) in back.iter().zip(&events) {
        let set = |e: &Event| super::random::canonical(e);
        assert_eq!(set(event), set(original));
    }
}

/// A shower as Pythia numbers it: beams, incoming partons 21, resonance 22, outgoing 23, then final copies.
fn shower() -> Event {
    let beams = proton_beams();
    let mut event = Event { weights: vec![1.0], process: Some(221), ..Event::default() };
    event.vertices = vec![Vertex::default(); 6];
    let mut add = |pdg, status, p: [f64; 4], production, end| {
        event.particles.push(Particle { production, end, ..Particle::new(pdg, status, p) });
    };
    add(2212, 4, beams[0].1, None, Some(0));
    add(2212, 4, beams[1].1, None, Some(1));
    add(2, 61, [0.0, 0.0, 46.0, 46.0], Some(0), Some(2));
    add(-2, 21, [0.0, 0.0, -45.0, 45.0], Some(1), Some(3));
    add(2, 21, [0.0, 0.0, 45.0, 45.0], Some(2), Some(3));
    add(23, 22, [0.0, 0.0, 0.0, 90.0], Some(3), Some(4));
    add(23, 44, [1.0, 0.0, 0.0, 90.0], None, None);
    add(11, 23, [0.0, 45.0, 0.0, 45.0], Some(4), Some(5));
    add(-11, 23, [0.0, -45.0, 0.0, 45.0], Some(4), None);
    add(11, 1, [0.0, 44.0, 0.0, 44.0], Some(5), None);
    add(22, 1, [0.0, 1.0, 0.0, 1.0], Some(5), None);
    event
}

#[test]
fn the_hard_process_of_a_shower_is_what_lhe_keeps() {
    let (run, events) = through(Format::Lhe, &RunInfo::default(), &[shower()]);
    let event = &events[0];
    let kept: Vec<_> = event.particles.iter().map(|p| (p.pdg, p.status, p.mothers)).collect();
    let expected = [(-2, 21, [0, 0]), (2, 21, [0, 0]), (23, 2, [1, 2]), (11, 1, [3, 0]), (-11, 1, [3, 0])];
    assert_eq!(kept, expected);
    assert_eq!(run.beams.unwrap().map(|b| (b.pdg, b.energy)), [(2212, 6500.0); 2]);
    assert_eq!(run.processes[0].id, 221);
    // Momentum is conserved between what comes in and what goes out.
    let sum = |status: i32| event.particles.iter().filter(|p| p.status == status).map(|p| p.e).sum::<f64>();
    assert_eq!(sum(21), sum(1));
}

#[test]
fn what_lhe_cannot_say_is_refused() {
    let refused = |change: &dyn Fn(&mut Event), run: &RunInfo| {
        let mut event = shower();
        change(&mut event);
        written("lhe", run, &[event]).unwrap_err().to_string()
    };
    let run = RunInfo::default();
    let no_23 = refused(&|e| e.particles.retain(|p| p.status != 23), &run);
    assert!(no_23.contains("status 61, which LHE does not know"), "{no_23}");
    let no_beams = refused(&|e| e.particles.retain(|p| p.status == 1), &run);
    assert!(no_beams.contains("no incoming particles (status 4 or 21)"), "{no_beams}");
    let process = Process { id: 5, ..Process::default() };
    let other = refused(&|_| {}, &RunInfo { processes: vec![process], ..run.clone() });
    assert!(other.contains("its process is 221, but the run declares [5]"), "{other}");
    let weights = refused(&|e| e.weights = vec![1.0, 2.0], &run);
    assert!(weights.contains("2 weights") && weights.contains("0 names"), "{weights}");
    let scattered = refused(
        &|e| {
            // The electron comes from the first parton and the resonance, which are 1 and 3.
            e.particles[3].end = Some(4);
        },
        &run,
    );
    assert!(scattered.contains("mothers [1, 3]; LHE can only name a first and a last one"), "{scattered}");
}

#[test]
fn what_hepmc_cannot_say_is_refused() {
    let mut lonely = shower();
    lonely.vertices.clear();
    lonely.particles.iter_mut().for_each(|p| (p.production, p.end) = (None, None));
    assert!(written("hepmc3", &RunInfo::default(), std::slice::from_ref(&lonely)).is_ok());
    let message = written("hepmc2", &RunInfo::default(), &[lonely]).unwrap_err().to_string();
    assert!(message.contains("particle 0 belongs to no vertex"), "{message}");
    let named = |name: &str| RunInfo { weight_names: vec!["a".into(), name.into()], ..RunInfo::default() };
    for (ending, name) in [("hepmc2", "a\"b"), ("hepmc3", "a\nb"), ("lhe", " a"), ("lhe", "")] {
        let message = written(ending, &named(name), &[]).unwrap_err().to_string();
        assert!(message.contains("the run information cannot be written as"), "{message}");
    }
    let header = "<initrwgt><weight id='x'/></initrwgt>".to_string();
    let message = written("lhe", &RunInfo { header, ..named("y") }, &[]).unwrap_err().to_string();
    assert!(message.contains("declares the weights [\"x\"]") && message.contains("[\"y\"]"), "{message}");
}

#[test]
fn beams_are_added_only_where_they_are_missing() {
    let (_, events) = through(Format::HepMc3, &RunInfo::default(), &[shower()]);
    assert_eq!(events[0].beams(), [0, 1]);
    let (run, hard) = read_all(text("madgraph.lhe"));
    let unknown = RunInfo { beams: None, ..run.clone() };
    let (_, without) = through(Format::HepMc3, &unknown, &hard);
    assert_eq!(without[0].particles.len(), hard[0].particles.len());
    let electrons = [11, -11].map(|pdg| Beam { pdg, energy: 5.0, pdf_group: -1, pdf_set: -1 });
    let (_, with) = through(Format::HepMc2, &RunInfo { beams: Some(electrons), ..run }, &hard[1..]);
    let beams: Vec<_> = with[0].particles.iter().filter(|p| p.status == 4).map(|p| (p.pdg, p.pz, p.mass)).collect();
    assert_eq!(beams, [(11, 5.0, 0.0), (-11, -5.0, 0.0)]);
}
