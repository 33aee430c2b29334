//! Event records into event records, into tables and back.

use super::desk::{Desk, event, final_state, sample};

#[test]
fn lhe_gets_all_processes_of_a_hepmc_file_and_gives_the_events_back() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3.gz", 30);
    let summary = desk.converts(&["a.hepmc3.gz", "b.lhe.zst"]);
    assert_eq!((summary["events"].as_u64(), summary["negative_weights"].as_u64()), (Some(30), Some(6)));
    let sum: f64 = (0..30).map(|i| event(i).weight()).sum();
    assert!((summary["sum_of_weights"].as_f64().unwrap() - sum).abs() < 1e-12);
    let (run, _) = desk.events("b.lhe.zst");
    assert_eq!(run.processes.iter().map(|p| p.id).collect::<Vec<_>>(), [221, 222]);
    // The last event has the best estimate of the cross section, 40 + 2 / 30 +- 0.5 pb.
    let total: f64 = run.processes.iter().map(|p| p.cross_section).sum();
    assert!((total - (40.0 + 2.0 / 30.0)).abs() < 1e-12, "{total}");
    let share: f64 = (0..30).step_by(3).map(|i| event(i).weight()).sum::<f64>() / sum;
    assert!((run.processes[0].cross_section / total - share).abs() < 1e-12);
    let largest = (0..30).step_by(3).map(|i| event(i).weight().abs()).fold(0.0, f64::max);
    assert_eq!(run.processes[0].max_weight, largest);

    desk.converts(&["b.lhe.zst", "c.hepmc3"]);
    let (run, events) = desk.events("c.hepmc3");
    assert_eq!(run.weight_names[1..], ["MUR=2 MUF=1", "MUR=0.5/MUF=1"]);
    assert_eq!(run.tools[0].name, "toy");
    assert_eq!(events.len(), 30);
    for (i, there) in events.iter().enumerate() {
        let here = event(i);
        assert_eq!((&there.weights, final_state(there)), (&here.weights, final_state(&here)));
        assert_eq!((there.process, there.scale), (here.process, here.scale));
    }
}

#[test]
fn hepmc2_keeps_names_units_and_numbers_of_a_file_in_mev_and_cm() {
    let desk = Desk::new();
    desk.converts(&[&sample("records", "dijet.hepmc3"), "a.hepmc2.gz"]);
    desk.converts(&["a.hepmc2.gz", "b.hepmc"]);
    let (run, events) = desk.events("b.hepmc");
    assert_eq!(run.weight_names, ["nominal", "MUR=2 MUF=1", "back\\slash"]);
    assert_eq!(events[0].weights, [1.25, -3e-5, 0.0]);
    assert_eq!((events[0].number, events[0].process, events[0].scale), (41, Some(221), Some(91.1876)));
    let photon = events[0].particles.iter().find(|p| p.pdg == 22).unwrap();
    assert_eq!([photon.px, photon.py, photon.pz, photon.e], [0.1, -0.1, 0.1, 0.3]);
}

#[test]
fn events_come_back_from_every_table_with_all_their_particles() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 300);
    let (run, here) = desk.events("a.hepmc3");
    for table in ["t.parquet", "t.root", "t.hdf5", "t.npz"] {
        let summary = desk.converts(&["a.hepmc3", table]);
        assert_eq!((summary["rows"].as_u64(), summary["negative_weights"].as_u64()), (Some(300), Some(60)), "{table}");
        desk.converts(&[table, "b.hepmc3", "--force"]);
        let (again, there) = desk.events("b.hepmc3");
        assert_eq!((&again.weight_names, &again.tools), (&run.weight_names, &run.tools), "{table}");
        assert_eq!(here.len(), there.len());
        for (a, b) in here.iter().zip(&there) {
            assert_eq!(
                (a.number, &a.weights, &a.particles, &a.vertices),
                (b.number, &b.weights, &b.particles, &b.vertices)
            );
            assert_eq!((a.process, a.scale, a.alpha_qcd, a.alpha_qed), (b.process, b.scale, b.alpha_qcd, b.alpha_qed));
            assert_eq!(a.cross_section.as_ref().unwrap().values, b.cross_section.as_ref().unwrap().values);
        }
    }
}

#[test]
fn the_final_state_alone_comes_back_with_beams() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 20);
    let summary = desk.converts(&["a.hepmc3", "t.parquet", "--final"]);
    let columns: Vec<&str> = summary["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert!(!columns.contains(&"particle_end") && columns.contains(&"weight_MUR_0_5_MUF_1"), "{columns:?}");
    for out in ["b.hepmc3", "b.lhe"] {
        desk.converts(&["t.parquet", out, "--beams", "4000,4000.5"]);
        let (run, events) = desk.events(out);
        assert_eq!(run.beams.unwrap().map(|b| (b.pdg, b.energy)), [(2212, 4000.0), (2212, 4000.5)]);
        for (i, there) in events.iter().enumerate() {
            let here = event(i);
            assert_eq!((&here.weights, final_state(&here)), (&there.weights, final_state(there)), "{out}");
            assert_eq!(there.particles.len(), 4);
        }
    }
    let (run, _) = desk.events("b.lhe");
    assert_eq!(run.processes.iter().map(|p| p.id).collect::<Vec<_>>(), [221, 222]);
}

#[test]
fn a_limit_and_a_choice_of_columns_are_kept_to() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 20);
    assert_eq!(desk.converts(&["a.hepmc3", "b.hepmc2", "--limit", "7"])["events"], 7);
    desk.converts(&["a.hepmc3", "w.csv", "--limit", "3", "--columns", "event_number,weight"]);
    let text = std::fs::read_to_string(desk.path("w.csv")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows[0], "event_number,weight");
    assert_eq!(rows[1..], [0, 1, 2].map(|i| format!("{},{:?}", 100 + i, event(i).weight())));
}

#[test]
fn negative_weights_are_said() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 20);
    let output = desk.run(&["a.hepmc3", "b.hepmc3"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("20 events") && text.contains("4 with negative weight") && text.contains("sum of weights"),
        "{text}"
    );
}
