//! Rows of objects as events: Z plus jets, NanoAOD, Delphes, JetNet.

use std::sync::Arc;

use cloudchamber::collider::fourvector::FourVector;
use cloudchamber::collider::{Jets, file};
use cloudchamber::records::Reader;
use cloudchamber::tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter};

use super::desk::{Desk, final_state, wave};

fn csv(desk: &Desk) {
    desk.write(
        "z.csv",
        "weight,weight_up,mu1_pt,mu1_eta,mu1_phi,mu2_pt,mu2_eta,mu2_phi,j1_pt,j1_eta,j1_phi,j1_mass,j2_pt,j2_eta,j2_phi,j2_mass\n\
         1.5,2,40,0.1,0.2,35,-0.3,2.9,30,1.2,-1,4,,,,\n\
         -0.5,1,41,0.1,0.2,35,-0.3,2.9,50,1.2,-1,4,25,2,0,3\n",
    );
}

#[test]
fn z_plus_jets_become_muons_and_jets_with_beams() {
    let desk = Desk::new();
    csv(&desk);
    for out in ["z.hepmc3", "z.hepmc2.gz", "z.lhe"] {
        let summary = desk.converts(&["z.csv", out]);
        assert_eq!((summary["events"].as_u64(), summary["negative_weights"].as_u64()), (Some(2), Some(1)));
        let (run, events) = desk.events(out);
        assert_eq!(run.weight_names, ["Default", "up"]);
        assert_eq!(events[1].weights, [-0.5, 1.0]);
        let of = |i: usize| final_state(&events[i]).iter().map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!((of(0), of(1)), (vec![13, -13, 21], vec![13, -13, 21, 21]), "the second jet of row 0 is missing");
        let (_, [px, py, pz, e, mass]) = final_state(&events[1])[2];
        let p = FourVector::new(e, px, py, pz);
        assert!((p.pt() - 50.0).abs() < 1e-12 && (p.eta() - 1.2).abs() < 1e-12 && (p.phi() + 1.0).abs() < 1e-12);
        assert!((p.mass() - 4.0).abs() < 1e-9 && mass == 4.0);
        let (_, [px, py, pz, e, mass]) = final_state(&events[0])[0];
        assert!((FourVector::new(e, px, py, pz).mass() - 0.105_658_375_5).abs() < 1e-6 && mass == 0.105_658_375_5);
        if out != "z.hepmc2.gz" {
            assert_eq!(run.beams.unwrap().map(|b| (b.pdg, b.energy)), [(2212, 6500.0); 2]);
        }
        // LHE's beams come in with status -1, which is 21 here.
        let beams = events[0].particles.iter().filter(|p| p.pdg == 2212);
        assert_eq!(beams.map(|p| p.pz.signum()).collect::<Vec<_>>(), [1.0, -1.0]);
    }
    desk.converts(&["z.csv", "b.hepmc3", "--objects", "j1", "--pdg", "j1=5", "--beams", "7000,4000"]);
    let (_, events) = desk.events("b.hepmc3");
    assert_eq!(final_state(&events[1]).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5]);
    assert_eq!(events[0].beams().iter().map(|&i| events[0].particles[i].e).collect::<Vec<_>>(), [7000.0, 4000.0]);
}

#[test]
fn lists_of_objects_become_particles_with_their_charges_and_ids() {
    let desk = Desk::new();
    let names =
        ["Muon_pt", "Muon_eta", "Muon_phi", "Jet.PT", "Jet.Eta", "Jet.Phi", "Jet.Mass", "Electron_pt", "Electron_eta"];
    let mut columns: Vec<Column> = names.iter().map(|name| Column::jagged(*name, Element::F32)).collect();
    columns.extend(["Electron_phi", "Electron_mass"].map(|name| Column::jagged(name, Element::F32)));
    columns.push(Column::jagged("Muon_charge", Element::I8));
    columns.push(Column::jagged("Electron_pdgId", Element::I32));
    columns.push(Column::scalar("genWeight", Element::F32));
    let counts = |name: &str| match &name[..1] {
        "M" => [2, 0, 1],
        "J" => [1, 0, 0],
        _ => [0, 0, 1],
    };
    let numbers = |name: &str, k: usize| -> Vec<Vec<f32>> {
        counts(name)
            .iter()
            .enumerate()
            .map(|(i, &n)| (0..n).map(|j| 20.0 + 9.0 * wave(3 * i + j, k) as f32).collect())
            .collect()
    };
    let mut data: Vec<Data> =
        columns[..11].iter().enumerate().map(|(k, c)| Data::jagged(&numbers(&c.name, k))).collect();
    for k in [1, 2, 4, 5, 8, 9] {
        let small: Vec<Vec<f32>> =
            numbers(&columns[k].name, k).into_iter().map(|row| row.into_iter().map(|x| x / 20.0).collect()).collect();
        data[k] = Data::jagged(&small);
    }
    data.push(Data::jagged(&[vec![1i8, -1], vec![], vec![1]]));
    data.push(Data::jagged(&[vec![], vec![], vec![-11i32]]));
    data.push(Data::flat(vec![2.0f32, 3.0, -1.0]));
    let schema = Schema::new(columns).unwrap();
    let block = Block::new(Arc::new(schema.clone()), 3, data).unwrap();
    let mut writer = TableWriter::create(desk.path("n.root"), schema, &[]).unwrap();
    writer.write(&block).unwrap();
    writer.finish().unwrap();

    let summary = desk.converts(&["n.root", "n.hepmc3"]);
    let notes = summary["notes"].to_string();
    assert!(notes.contains("1 rows without particles (sum of weights 3)"), "{notes}");
    let (_, events) = desk.events("n.hepmc3");
    let ids = |i: usize| final_state(&events[i]).iter().map(|(id, _)| *id).collect::<Vec<_>>();
    assert_eq!((events.len(), ids(0), ids(1)), (2, vec![-13, 13, 21], vec![-13, -11]));
    assert_eq!((events[1].weights[0], events[1].number), (-1.0, 2));
    desk.converts(&["n.root", "m.hepmc3", "--objects", "Electron"]);
    let (_, [px, py, ..]) = final_state(&desk.events("m.hepmc3").1[0])[0];
    let pt: Vec<f32> =
        TableReader::open(desk.path("n.root")).unwrap().read(2..3).unwrap().numbers("Electron_pt").unwrap();
    assert!((px.hypot(py) - f64::from(pt[0])).abs() < 1e-12);
}

#[test]
fn tables_without_particles_and_wrong_names_are_mistakes() {
    let desk = Desk::new();
    desk.write("a.csv", "weight,met_pt,met_phi\n1,2,3\n");
    desk.fails(&["a.csv", "a.hepmc3"], 2, &["IN", "met_pt", "mu1_pt", "--pdg"]);
    desk.write("z.csv", "Z_pt,Z_eta,Z_phi\n1,2,3\n");
    desk.fails(&["z.csv", "a.hepmc3"], 2, &["z.csv with Z", "--pdg NAME=ID"]);
    desk.fails(&["z.csv", "a.hepmc3", "--pdg", "Y=23"], 2, &["--pdg", "'Y'", "Z"]);
    desk.fails(&["z.csv", "a.hepmc3", "--pdg", "Z=0"], 2, &["--pdg", "0 is the PDG id of no particle"]);
    desk.fails(&["z.csv", "a.hepmc3", "--objects", "Z"], 2, &["--pdg", "Z=ID"]);
    desk.fails(&["z.csv", "a.hepmc3", "--beams", "6500"], 2, &["--beams", "two energies"]);
    desk.converts(&["z.csv", "a.hepmc3", "--pdg", "Z=23"]);
    assert_eq!(final_state(&desk.events("a.hepmc3").1[0])[0].0, 23);
}

#[test]
fn a_row_that_is_no_event_is_named_and_the_rows_before_it_are_kept() {
    let desk = Desk::new();
    let mut text = String::from("particle_pdg,particle_px,particle_py,particle_pz,particle_e\n");
    for i in 0..400 {
        text += if i == 333 { "0,1,2,3,4\n" } else { "22,1,2,2,3\n" };
    }
    desk.write("a.csv", text);
    desk.fails(&["a.csv", "a.hepmc3"], 1, &["row 333", "PDG id 0", "333 events", "a.partial.hepmc3"]);
    assert_eq!(desk.events("a.partial.hepmc3").1.len(), 333);
}

fn jets() -> Jets {
    let mut jets = Jets::new(6);
    for i in 0..50 {
        let particles: Vec<[f32; 3]> = (0..1 + i % 6)
            .map(|k| [wave(i, k) as f32 * 0.3, wave(i, k + 9) as f32 * 0.3, 0.5 / (k + 1) as f32])
            .collect();
        let count = particles.len() as f32;
        jets.push([1000.0 + 50.0 * wave(i, 20) as f32, wave(i, 21) as f32, 80.0, count], &particles).unwrap();
    }
    jets
}

#[test]
fn jets_of_jetnet_become_events_and_other_layouts() {
    let desk = Desk::new();
    let jets = jets();
    file::write(desk.path("g.hdf5"), &jets, &[]).unwrap();
    let notes = desk.converts(&["g.hdf5", "g.hepmc3"])["notes"].to_string();
    assert!(notes.contains("211") && notes.contains("phi = 0"), "{notes}");
    let events: Vec<_> = Reader::open(desk.path("g.hepmc3")).unwrap().map(Result::unwrap).collect();
    assert_eq!(events.len(), 50);
    for (i, event) in events.iter().enumerate() {
        let there = final_state(event);
        assert_eq!(there.len(), jets.particles_of(i).len());
        for ((id, [px, py, pz, e, mass]), [eta, phi, pt]) in there.into_iter().zip(jets.particles_of(i)) {
            let p = FourVector::new(e, px, py, pz);
            assert_eq!((id, mass), (211, 0.0));
            assert!((p.pt() / (f64::from(*pt) * f64::from(jets.jet[i][0])) - 1.0).abs() < 1e-12);
            assert!((p.eta() - f64::from(*eta) - f64::from(jets.jet[i][1])).abs() < 1e-9);
            assert!((p.phi() - f64::from(*phi)).abs() < 1e-12);
        }
    }
    desk.converts(&["g.hdf5", "h.hdf5", "--limit", "20"]);
    assert_eq!(cloudchamber::collider::jetnet::read(desk.path("h.hdf5")).unwrap(), jets.slice(0..20));
    for table in ["g.root", "g.parquet"] {
        desk.converts(&["g.hdf5", table]);
        let mut reader = TableReader::open(desk.path(table)).unwrap().select(&["ptrel", "jet_pt"]).unwrap();
        let block = reader.read(0..50).unwrap();
        let all: Vec<f32> = (0..50).flat_map(|i| jets.particles_of(i).iter().map(|p| p[2])).collect();
        assert_eq!(block.numbers::<f32>("ptrel").unwrap(), all, "{table}");
    }
}
