//! What holds for all events, as attributes of a table and back.
//!
//! `weight_names` is a JSON list of \[column, name\], `run` a JSON object with `beams` \[id, energy, PDF group, PDF set\],
//! `weighting`, `processes` \[id, cross section, error, largest weight\], `tools` \[name, version, description\] and
//! `attributes` \[name, value\]. Text of an LHE header is left out: it may have megabytes.

use records::{Beam, Event, Process, RunInfo, Tool};
use serde::{Deserialize, Serialize};

use super::columns::weight_columns;

/// Attribute with the names of the weights.
pub const WEIGHT_NAMES: &str = "weight_names";
/// Attribute with the rest.
pub const RUN: &str = "run";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Text {
    beams: Option<[(i32, f64, i32, i32); 2]>,
    weighting: Option<i32>,
    processes: Vec<(i32, f64, f64, f64)>,
    tools: Vec<(String, String, String)>,
    attributes: Vec<(String, String)>,
}

/// The attributes of a table of events; beams that the run does not state are taken from the first event.
pub fn attributes(run: &RunInfo, first: &Event) -> Vec<(String, String)> {
    // Incoming partons are no beams.
    let of_event = || {
        let beams: Vec<_> = first.particles.iter().filter(|p| p.status == 4).collect();
        if let [a, b] = beams[..] { Some([a, b].map(|p| (p.pdg, p.e, -1, -1))) } else { None }
    };
    let text = Text {
        beams: run.beams.map(|beams| beams.map(|b| (b.pdg, b.energy, b.pdf_group, b.pdf_set))).or_else(of_event),
        weighting: run.weighting,
        processes: run.processes.iter().map(|p| (p.id, p.cross_section, p.error, p.max_weight)).collect(),
        tools: run.tools.iter().map(|t| (t.name.clone(), t.version.clone(), t.description.clone())).collect(),
        attributes: run.attributes.clone(),
    };
    let mut list = Vec::new();
    if !run.weight_names.is_empty() {
        let pairs: Vec<_> = weight_columns(&run.weight_names).into_iter().zip(&run.weight_names).collect();
        list.push((WEIGHT_NAMES.to_string(), serde_json::json!(pairs).to_string()));
    }
    list.push((RUN.to_string(), serde_json::json!(text).to_string()));
    list
}

/// Names of weights by their columns, as the attributes of a table have them.
pub fn weight_names(attributes: &[(String, String)]) -> Vec<(String, String)> {
    let text = attributes.iter().find(|(name, _)| name == WEIGHT_NAMES);
    text.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The run that the attributes of a table describe, without names of weights; empty if they describe none.
pub fn run(attributes: &[(String, String)]) -> RunInfo {
    let text = attributes.iter().find(|(name, _)| name == RUN);
    let text: Text = text.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default();
    let beam = |(pdg, energy, pdf_group, pdf_set)| Beam { pdg, energy, pdf_group, pdf_set };
    let process = |(id, cross_section, error, max_weight)| Process { id, cross_section, error, max_weight };
    RunInfo {
        beams: text.beams.map(|beams| beams.map(beam)),
        weighting: text.weighting,
        processes: text.processes.into_iter().map(process).collect(),
        tools: text.tools.into_iter().map(|(name, version, description)| Tool { name, version, description }).collect(),
        attributes: text.attributes,
        ..RunInfo::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_comes_back_from_its_attributes() {
        let beam = Beam { pdg: 2212, energy: 6500.1, pdf_group: 0, pdf_set: 247_000 };
        let there = RunInfo {
            beams: Some([beam, Beam { pdg: -2212, ..beam }]),
            weighting: Some(-4),
            processes: vec![Process { id: 66, cross_section: 50.1, error: 0.1, max_weight: 3.0 }],
            tools: vec![Tool { name: "a \"b\"".into(), version: "1".into(), description: "c\nd".into() }],
            attributes: vec![("key".into(), "value".into())],
            weight_names: ["nominal", "MUR=2 \\ \"x\""].map(String::from).to_vec(),
            ..RunInfo::default()
        };
        let list = attributes(&there, &Event::default());
        let names = weight_names(&list);
        assert_eq!(names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), there.weight_names);
        assert_eq!(RunInfo { weight_names: there.weight_names.clone(), ..run(&list) }, there);
        assert_eq!(run(&[(RUN.into(), "no JSON".into())]), RunInfo::default());
    }
}
