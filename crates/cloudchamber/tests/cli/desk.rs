//! A directory with a program, a model and jets in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudchamber::collider::encode::Encoding;
use cloudchamber::collider::file;
use cloudchamber::collider::{JetClass, Jets};
use cloudchamber::model::{Model, cloud_network, table_network};
use cloudchamber::recipe::Recipe;

pub struct Desk {
    pub dir: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        Desk { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Runs `chamber` in the desk's directory.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_chamber")).args(args).current_dir(self.dir.path()).output().unwrap()
    }

    /// Runs `chamber`, expects this exit status and all of these words on standard error, and no panic.
    pub fn fails(&self, args: &[&str], status: i32, words: &[&str]) {
        let output = self.run(args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "chamber {args:?}:\n{text}");
        for word in words {
            assert!(text.contains(word), "chamber {args:?}: '{word}' is missing in:\n{text}");
        }
        assert!(!text.contains("panicked"), "chamber {args:?}:\n{text}");
    }

    /// Names of all files and directories on the desk, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A model with fresh weights: bad jets, but all of the machinery.
    pub fn model(&self) -> PathBuf {
        let text = "name = \"tiny\"\n[data]\nparticles = 6\n[network]\nwidth = 16\nlayers = 1\nlatent = 4\n[jet_network]\nwidth = 16\nlayers = 1\n[sample]\nsteps = 3\n";
        let recipe = Recipe::parse(text, Path::new("tiny.toml"), &[]).unwrap();
        let samples = [(JetClass::G, jets(1, 200)), (JetClass::T, jets(2, 200))];
        let encoding = Encoding::fit(&samples, 6, |_, i| (i as f64 + 0.5) / 200.0).unwrap();
        let device = cloudchamber::device::DeviceName::Cpu.open().unwrap();
        let table = nets::values(&table_network(&recipe, &encoding, &device));
        let cloud = nets::values(&cloud_network(&recipe, &encoding, &device));
        let model = Model::new(&recipe, encoding, table, cloud, serde_json::Value::Null).unwrap();
        model.save(&self.path("tiny.safetensors")).unwrap();
        self.path("tiny.safetensors")
    }
}

/// Irregular jets with up to six particles.
pub fn jets(seed: usize, n: usize) -> Jets {
    let mut jets = Jets::new(6);
    for i in 0..n {
        let wave = |k: usize, f: f32| ((seed * 97 + i * 31 + k) as f32 * f).sin();
        let count = 2 + (seed + i) % 5;
        let particles: Vec<_> = (0..count)
            .map(|k| [0.2 * wave(k, 1.7), 0.2 * wave(k, 2.3), (0.6 + 0.1 * wave(k, 3.1)) / (k + 1) as f32])
            .collect();
        jets.push([1000.0 + 100.0 * wave(0, 0.7), wave(0, 1.1), 80.0 + 9.0 * wave(0, 1.3), count as f32], &particles)
            .unwrap();
    }
    jets
}

pub fn save(path: &Path, jets: &Jets) {
    file::write(path, jets, &[]).unwrap();
}
