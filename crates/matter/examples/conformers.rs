//! Distances between conformers and scores of coverage, line by line.
//!
//! A line of input is `{"elements": [...], "bonds": [[a, b, order], ...], "references": [[[x, y, z], ...], ...], "generated": [...]}`, optionally with
//! `charges` and `delta` (0.5 Angstrom); a line of output has the number of symmetries of the heavy atoms, the matrix of distances and the scores.
//!
//! ```text
//! $ cargo run --release -p matter --example conformers < molecules.ndjson
//! {"cov_p":1.0,"cov_r":1.0,"mat_p":0.0,"mat_r":0.0,"rmsd":[[0.0]],"symmetries":2}
//! ```

mod common;

use std::io::{BufRead, BufWriter, Write};

use matter::{Coverage, Symmetries};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&line?).unwrap_or_else(|error| json!({"error": error}));
        writeln!(out, "{answer}")?;
    }
    out.flush()
}

fn answer(line: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let graph = common::graph(&value)?;
    let conformers = |key: &str| -> Result<Vec<Vec<[f64; 3]>>, String> {
        let all: Vec<Vec<[f64; 3]>> = serde_json::from_value(value[key].clone()).map_err(|e| format!("{key}: {e}"))?;
        match all.iter().find(|c| c.len() != graph.len()) {
            Some(bad) => Err(format!("{key}: expected {} positions, found {}", graph.len(), bad.len())),
            None => Ok(all),
        }
    };
    let (references, generated) = (conformers("references")?, conformers("generated")?);
    let symmetries = Symmetries::of(&graph).map_err(|e| e.to_string())?;
    let rmsd = symmetries.rmsd_matrix(&references, &generated);
    let scores = Coverage::of(&rmsd, value["delta"].as_f64().unwrap_or(0.5)).ok_or("no conformers to compare")?;
    Ok(json!({
        "symmetries": symmetries.count(), "rmsd": rmsd,
        "cov_r": scores.cov_r, "mat_r": scores.mat_r, "cov_p": scores.cov_p, "mat_p": scores.mat_p,
    }))
}
