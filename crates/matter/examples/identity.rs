//! Validity and identity of molecules, line by line.
//!
//! ```text
//! $ echo 'OC1=CC=CC=C1' | cargo run --release -p matter --example identity
//! {"aromatic":[false,true,true,true,true,true,true],"hydrogens":[1,0,1,1,1,1,1],"largest":"Oc1ccccc1","smiles":"Oc1ccccc1","valid":true}
//! ```
//!
//! A line of input is a SMILES or `{"elements": [6, 1], "charges": [0, 0], "bonds": [[0, 1, 1]]}` with atomic numbers and bond orders 1, 2, 3,
//! or 4 for aromatic; `charges` may be absent. A line of output has the canonical SMILES of the whole and of the largest fragment and, atom for
//! atom, counted hydrogens and aromaticity; or `"valid": false` and why.

mod common;

use std::io::{BufRead, BufWriter, Write};

use matter::Graph;
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = match read(line.trim()) {
            Ok(graph) => json!({
                "valid": true,
                "smiles": graph.canonical_smiles(),
                "largest": graph.largest_fragment().canonical_smiles(),
                "hydrogens": graph.atoms().iter().map(|a| a.hydrogens).collect::<Vec<_>>(),
                "aromatic": graph.atoms().iter().map(|a| a.aromatic).collect::<Vec<_>>(),
            }),
            Err(error) => json!({"valid": false, "error": error}),
        };
        writeln!(out, "{answer}")?;
    }
    out.flush()
}

fn read(line: &str) -> Result<Graph, String> {
    if !line.starts_with('{') {
        return Graph::from_smiles(line).map_err(|e| e.to_string());
    }
    let value: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    common::graph(&value)
}
