//! `chamber simulate` through the binary, with a driver that speaks the protocol without Pythia.
//!
//! The tests need `python3`; where there is none they say so and pass.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::desk::Desk;

const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/fake_pythia.py");

fn no_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: there is no python3");
    }
    !found
}

fn command(desk: &Desk, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chamber"));
    command.args(["-q", "simulate", "pythia8"]).args(args).current_dir(desk.dir.path());
    command.env("CHAMBER_SIMULATION_DRIVER", DRIVER).env_remove("CHAMBER_PYTHON");
    command
}

fn run(desk: &Desk, args: &[&str]) -> Output {
    command(desk, args).output().unwrap()
}

fn succeeds(desk: &Desk, args: &[&str]) -> String {
    let output = run(desk, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(desk: &Desk, args: &[&str], status: i32, words: &[&str]) {
    let output = run(desk, args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{args:?}:\n{text}");
    for word in words {
        assert!(text.contains(word), "{args:?}: '{word}' is missing in:\n{text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

/// A card with this trouble in it.
fn card(desk: &Desk, trouble: &str) -> PathBuf {
    let trouble = if trouble.is_empty() { String::new() } else { format!(", \"fake:{trouble}\"") };
    let text =
        format!("[pythia]\nblock = 20\ncommands = [\"Beams:eCM = 13000.\"{trouble}]\n[select]\nwrite = \"zjets\"\n");
    desk.write("my.toml", text)
}

fn rows(desk: &Desk, name: &str) -> (u64, Vec<f32>) {
    let mut reader = tables::TableReader::open(desk.path(name)).unwrap();
    let n = reader.rows();
    let block = reader.next_block(usize::MAX >> 1).unwrap().unwrap();
    (n, block.numbers("jet_pt").unwrap())
}

#[test]
fn the_file_is_the_same_for_any_number_of_jobs_and_has_exactly_the_rows_asked_for() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "");
    for jobs in ["1", "2", "3"] {
        succeeds(&desk, &["my.toml", "-n", "77", "--seed", "5", "-j", jobs, "-o", &format!("{jobs}.parquet")]);
    }
    let bytes = |name: &str| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(rows(&desk, "1.parquet").0, 77);
    assert!(bytes("1.parquet") == bytes("2.parquet") && bytes("1.parquet") == bytes("3.parquet"));
    succeeds(&desk, &["my.toml", "-n", "77", "--seed", "6", "-j", "2", "-o", "other.parquet"]);
    assert_ne!(rows(&desk, "1.parquet").1, rows(&desk, "other.parquet").1);
    // A longer run begins with the shorter one.
    succeeds(&desk, &["my.toml", "-n", "150", "--seed", "5", "-j", "2", "-o", "long.parquet"]);
    let (long, short) = (rows(&desk, "long.parquet").1, rows(&desk, "1.parquet").1);
    assert_eq!(long[..short.len()], short);
    assert_eq!(desk.names(), ["1.parquet", "2.parquet", "3.parquet", "long.parquet", "my.toml", "other.parquet"]);
}

#[test]
fn the_file_says_where_it_comes_from() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "");
    let told = succeeds(&desk, &["my.toml", "-n", "10", "--json", "--set", "select.pt=30", "-o", "a.h5"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let events = told["events"].as_u64().unwrap();
    assert_eq!((told["written"].as_u64(), events % 20), (Some(10), 0), "whole blocks are counted");
    // 2e-6 mb.
    assert!((told["cross_section_pb"].as_f64().unwrap() - 2000.0).abs() < 1e-9);
    let reader = tables::TableReader::open(desk.path("a.h5")).unwrap();
    let find = |name: &str| reader.attributes().iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()).unwrap();
    assert_eq!(
        (find("seed"), find("pythia_version"), find("events")),
        ("1".into(), "8.fake".into(), events.to_string())
    );
    assert!(find("card").contains("pt = 30.0") && find("card").contains("Beams:eCM = 13000."));
    assert!((find("cross_section_pb").parse::<f64>().unwrap() - 2000.0).abs() < 0.1);
    assert!(find("generator").starts_with("chamber "));
}

#[test]
fn event_files_have_all_events() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "");
    let told = succeeds(&desk, &["my.toml", "-n", "25", "-j", "2", "-o", "a.lhe.gz"]);
    assert!(told.contains("25 events"), "{told}");
    let mut reader = records::Reader::open(desk.path("a.lhe.gz")).unwrap();
    let mut numbers = 0;
    while let Some(event) = reader.next_event().unwrap() {
        assert!(event.particles.iter().any(|p| p.pdg == 23) && event.process == Some(241));
        numbers += 1;
    }
    assert_eq!(numbers, 25);
}

#[test]
fn a_pythia_killed_half_way_leaves_what_was_complete() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "die = 2");
    for jobs in ["1", "2"] {
        fails(
            &desk,
            &["my.toml", "-n", "500", "-j", jobs, "--force", "-o", "a.parquet"],
            1,
            &["signal: 9", "kept: a.partial.parquet with", "of 500"],
        );
        assert_eq!(desk.names(), ["a.partial.parquet", "my.toml"]);
        // Two blocks of twenty events and ten events of the third, of which three in five have one to three jets.
        let (kept, pt) = rows(&desk, "a.partial.parquet");
        assert!((15..50).contains(&kept), "{kept}");
        card(&desk, "");
        succeeds(&desk, &["my.toml", "-n", &kept.to_string(), "-j", "1", "--force", "-o", "whole.parquet"]);
        assert_eq!(rows(&desk, "whole.parquet"), (kept, pt));
        std::fs::remove_file(desk.path("whole.parquet")).unwrap();
        card(&desk, "die = 2");
    }
    fails(&desk, &["my.toml", "-n", "500", "-o", "a.parquet"], 2, &["a.partial.parquet exists", "--force"]);
}

#[test]
fn death_behind_the_last_row_that_is_needed_does_not_matter() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "die = 3");
    succeeds(&desk, &["my.toml", "-n", "20", "-j", "2", "-o", "a.parquet"]);
    assert_eq!(desk.names(), ["a.parquet", "my.toml"]);
}

#[test]
fn a_driver_that_gives_up_is_quoted() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    let args = ["my.toml", "-n", "5000", "-o", "a.parquet"];
    card(&desk, "init = 1");
    fails(&desk, &args, 2, &["Pythia cannot start", "FAKE Error: this is why"]);
    card(&desk, "module = 1");
    fails(&desk, &args, 1, &["pythia8mc", "pip install pythia8mc", "CHAMBER_PYTHON"]);
    card(&desk, "run = 0");
    fails(&desk, &args, 1, &["out of luck", "this is why"]);
    card(&desk, "garbage = 0");
    fails(&desk, &args, 1, &["NOIS"]);
    assert_eq!(desk.names(), ["my.toml"]);
    card(&desk, "nan = 1");
    fails(&desk, &args, 1, &["event 3 of block 1", "py of particle", "NaN", "kept: a.partial.parquet"]);
    card(&desk, "pdg = 1");
    fails(&desk, &[&args[..], &["--force"]].concat(), 1, &["event 3 of block 1", "PDG id 0"]);
}

#[test]
fn a_missing_python_or_pythia_is_explained() {
    let desk = Desk::new();
    card(&desk, "");
    let args = ["my.toml", "-n", "5", "--python", "./no-such-python", "-o", "a.parquet"];
    fails(&desk, &args, 1, &["./no-such-python", "--python", "CHAMBER_PYTHON"]);
    assert_eq!(desk.names(), ["my.toml"]);
    if no_python() {
        return;
    }
    // Isolated, without the packages of the site: a Python that has no Pythia, whatever is installed.
    let python = desk.write("python", "#!/bin/sh\nexec python3 -I -S \"$@\"\n");
    std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let args = ["my.toml", "-n", "5", "--python", "./python", "-o", "a.parquet"];
    let output = command(&desk, &args).env_remove("CHAMBER_SIMULATION_DRIVER").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && text.contains("pip install pythia8mc"), "{text}");
}

#[test]
fn mistakes_are_answered_before_anything_starts() {
    let desk = Desk::new();
    card(&desk, "");
    fails(&desk, &["zjet", "-n", "5", "-o", "a.parquet"], 2, &["zjet", "did you mean 'zjets'", "jets-t"]);
    fails(&desk, &["no.toml", "-n", "5", "-o", "a.parquet"], 1, &["no.toml"]);
    fails(&desk, &["my.toml", "-n", "5", "-o", "a.csv"], 2, &["a.csv", ".parquet", ".hepmc3"]);
    fails(&desk, &["my.toml", "-n", "5", "-o", "a"], 2, &["-o", ".root"]);
    fails(&desk, &["jets-t", "-n", "5", "-o", "a.root"], 2, &["a.root", ".hdf5"]);
    fails(&desk, &["my.toml", "-n", "0", "-o", "a.h5"], 2, &["-n"]);
    fails(&desk, &["my.toml", "-n", "5", "--set", "select.raduis=1", "-o", "a.h5"], 2, &["did you mean 'radius'"]);
    fails(&desk, &["my.toml", "-n", "5", "-o", "none/a.h5"], 1, &["none/a.h5", "does not exist"]);
    assert_eq!(desk.names(), ["my.toml"]);
}

#[test]
fn an_interrupt_ends_all_and_leaves_a_partial_file_at_most() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "hang = 3");
    let mut child =
        command(&desk, &["my.toml", "-n", "500", "-j", "2", "-o", "a.parquet"]).stderr(Stdio::piped()).spawn().unwrap();
    // Long enough for three blocks, far less than the hanging one takes.
    std::thread::sleep(Duration::from_secs(2));
    let start = Instant::now();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(desk.names(), ["a.partial.parquet", "my.toml"]);
    assert!(rows(&desk, "a.partial.parquet").0 >= 15);
}

#[test]
fn a_full_disk_leaves_no_file_and_no_process() {
    if no_python() {
        return;
    }
    let desk = Desk::new();
    card(&desk, "");
    let chamber = env!("CARGO_BIN_EXE_chamber");
    let script = format!("trap '' XFSZ; ulimit -f 8; exec '{chamber}' -q simulate pythia8 my.toml -n 3000 -o a.h5");
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("CHAMBER_SIMULATION_DRIVER", DRIVER)
        .current_dir(desk.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("a.partial.h5") && !text.contains("panicked"), "{text}");
    assert_eq!(desk.names(), ["my.toml"]);
}

#[test]
#[ignore = "needs a Python with pythia8mc in CHAMBER_PYTHON"]
fn pythia_makes_the_same_z_events_with_one_and_two_jobs() {
    let python = std::env::var("CHAMBER_PYTHON").expect("CHAMBER_PYTHON names a Python with pythia8mc");
    let desk = Desk::new();
    for jobs in ["1", "2"] {
        let out = format!("{jobs}.parquet");
        let output = Command::new(env!("CARGO_BIN_EXE_chamber"))
            .args([
                "-q",
                "simulate",
                "pythia8",
                "zjets",
                "-n",
                "200",
                "--set",
                "pythia.block=100",
                "-j",
                jobs,
                "-o",
                &out,
            ])
            .args(["--python", &python])
            .current_dir(desk.dir.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let bytes = |name: &str| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(rows(&desk, "1.parquet").0, 200);
    assert!(bytes("1.parquet") == bytes("2.parquet"));
}
