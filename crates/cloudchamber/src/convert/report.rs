//! What a conversion did, for people and for programs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::kind::{Input, Output};
use super::output::Broken;
use crate::progress::duration;

/// Counts and sums of a conversion.
#[derive(Clone, Debug)]
pub struct Report {
    /// The input.
    pub from: PathBuf,
    /// Its format.
    pub from_format: String,
    /// The output.
    pub to: PathBuf,
    /// Its format.
    pub to_format: String,
    /// Counts and sums over the events that were written, where there are events.
    pub summary: Option<records::Summary>,
    /// Rows that were written, where there are rows.
    pub rows: Option<u64>,
    /// Columns that were written.
    pub columns: Vec<String>,
    /// Columns of the input that hold no numbers, with what they hold.
    pub skipped: Vec<(String, String)>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Where the input broke off, if it did.
    pub broken: Option<Broken>,
    /// Time that it took, s.
    pub seconds: f64,
    pub(super) start: Instant,
}

impl Report {
    pub(super) fn new(from: &Path, input: &Input, to: &Path, output: &Output) -> Report {
        let mut report = Report {
            from: from.to_path_buf(),
            from_format: input.format(),
            to: to.to_path_buf(),
            to_format: output.format(to),
            summary: None,
            rows: None,
            columns: Vec::new(),
            skipped: Vec::new(),
            notes: Vec::new(),
            broken: None,
            seconds: 0.0,
            start: Instant::now(),
        };
        if let Input::Table(reader) = input {
            report.notes.extend(reader.notes().iter().cloned());
        }
        report
    }

    /// One line for people.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if let Some(s) = &self.summary {
            parts.push(format!("{} events of {} particles", s.events, s.particles));
            parts.push(match s.negative_weights {
                0 => "no negative weights".to_string(),
                n => format!("{n} with negative weight"),
            });
            parts.push(format!("sum of weights {}", s.sum_of_weights));
        }
        if let Some(rows) = self.rows {
            parts.push(format!("{rows} rows of {} columns", self.columns.len()));
        }
        let (from, to) = (&self.from_format, &self.to_format);
        format!("{}: {}; {from} to {to} in {}\n", self.to.display(), parts.join(", "), duration(self.seconds))
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let s = self.summary.as_ref();
        let skipped: Vec<Value> = self.skipped.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        json!({
            "from": self.from.display().to_string(),
            "from_format": self.from_format,
            "to": self.broken.as_ref().map_or(&self.to, |b| &b.kept).display().to_string(),
            "to_format": self.to_format,
            "complete": self.broken.is_none(),
            "error": self.broken.as_ref().map(|b| &b.message),
            "events": s.map(|s| s.events),
            "particles": s.map(|s| s.particles),
            "negative_weights": s.map(|s| s.negative_weights),
            "sum_of_weights": s.map(|s| s.sum_of_weights),
            "sum_of_squared_weights": s.map(|s| s.sum_of_squares),
            "rows": self.rows,
            "columns": self.columns,
            "skipped": skipped,
            "notes": self.notes,
            "seconds": self.seconds,
        })
    }
}
