//! A directory with a program in it, and files to convert.

use std::path::PathBuf;
use std::process::{Command, Output};

use cloudchamber::records::{CrossSection, Event, Particle, Reader, RunInfo, Tool, Vertex, Writer};
use serde_json::Value;

pub struct Desk {
    pub dir: tempfile::TempDir,
}

/// A file that is checked in with one of the crates below.
pub fn sample(crate_name: &str, name: &str) -> String {
    format!("{}/../{crate_name}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

impl Desk {
    pub fn new() -> Desk {
        Desk { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chamber"));
        command.arg("convert").args(args).current_dir(self.dir.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Converts, and returns what `--json` says.
    pub fn converts(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "convert {args:?}:\n{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Expects this exit status and all of these words on standard error, and no panic.
    pub fn fails(&self, args: &[&str], status: i32, words: &[&str]) {
        let output = self.run(args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "convert {args:?}:\n{text}");
        for word in words {
            assert!(text.contains(word), "convert {args:?}: '{word}' is missing in:\n{text}");
        }
        assert!(!text.contains("panicked"), "convert {args:?}:\n{text}");
    }

    /// Names of all files on the desk, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub fn events(&self, name: &str) -> (RunInfo, Vec<Event>) {
        let reader = Reader::open(self.path(name)).unwrap();
        let run = reader.run().clone();
        (run, reader.map(Result::unwrap).collect())
    }

    /// Writes `n` events of two processes with three named weights, some of them negative.
    pub fn sample_events(&self, name: &str, n: usize) {
        let run = RunInfo {
            weight_names: ["nominal", "MUR=2 MUF=1", "MUR=0.5/MUF=1"].map(String::from).to_vec(),
            tools: vec![Tool { name: "toy".into(), version: "1.0".into(), description: "decays a Z".into() }],
            attributes: vec![("tune".into(), "none".into())],
            ..RunInfo::default()
        };
        let mut writer = Writer::create(self.path(name), &run).unwrap();
        for i in 0..n {
            writer.write(&event(i)).unwrap();
        }
        writer.finish().unwrap();
    }
}

/// Numbers with all their digits, without a random generator.
pub fn wave(i: usize, k: usize) -> f64 {
    ((i * 7 + k) as f64 * 0.731).sin()
}

/// Two quarks, a Z of status 2 and its muons; an initial state that LHE can hold.
pub fn event(i: usize) -> Event {
    let z = [20.0 * wave(i, 0), 20.0 * wave(i, 1), 300.0 * wave(i, 2), 400.0];
    let first = [30.0 * wave(i, 3), 25.0 * wave(i, 4), 90.0 * wave(i, 5), 120.0];
    let second = [z[0] - first[0], z[1] - first[1], z[2] - first[2], z[3] - first[3]];
    let made = |v, p: Particle| Particle { production: Some(v), ..p };
    let ends = |v, p: Particle| Particle { end: Some(v), ..p };
    let parton = |pdg, pz: f64| ends(0, Particle::new(pdg, 21, [0.0, 0.0, pz, pz.abs()]));
    let nominal = if i % 5 == 3 { -1.25 - wave(i, 6).abs() } else { 1.0 + wave(i, 6).abs() };
    Event {
        number: 100 + i as i64,
        weights: vec![nominal, 2.0 * nominal, 0.1 * nominal],
        particles: vec![
            parton(2, 350.0),
            parton(-2, -50.0),
            ends(1, made(0, Particle::new(23, 2, z))),
            made(1, Particle { mass: 0.105_658_4, ..Particle::new(13, 1, first) }),
            made(1, Particle { mass: 0.105_658_4, ..Particle::new(-13, 1, second) }),
        ],
        vertices: vec![Vertex::default(), Vertex { position: Some([0.1, -0.2, wave(i, 7), 0.5]), status: 3 }],
        process: Some(if i.is_multiple_of(3) { 221 } else { 222 }),
        scale: Some(91.0 + wave(i, 8)),
        alpha_qcd: Some(0.118),
        alpha_qed: Some(1.0 / 128.0),
        cross_section: Some(CrossSection {
            values: vec![40.0 + 2.0 / (i + 1) as f64],
            errors: vec![0.5],
            ..CrossSection::default()
        }),
        ..Event::default()
    }
}

/// Final particles: identity, momentum, energy, mass.
pub fn final_state(event: &Event) -> Vec<(i32, [f64; 5])> {
    let last = event.particles.iter().filter(|p| p.status == 1);
    last.map(|p| (p.pdg, [p.px, p.py, p.pz, p.e, p.mass])).collect()
}
