//! Events as rows of a table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use records::{Event, RunInfo, Summary};
use tables::{Block, Column, Data, Schema, TableWriter, Values};

use super::columns::{Field, event_table};
use super::output::{self, Outcome};
use super::source::{Source, pump};
use super::{Options, Report, run_text};
use crate::Error;
use crate::progress::Progress;

/// Most particles of a block, about 8 MB of columns.
const PARTICLES: usize = 1 << 16;
/// Most events of a block.
const EVENTS: usize = 1 << 12;

/// Writes the events of a source as rows.
pub(super) fn into_table(
    source: &mut dyn Source,
    to: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<Outcome, Error> {
    let run = source.run().clone();
    let mut rows: Option<Flattened> = None;
    let mut progress = Progress::new("convert", source.unit(), options.quiet);
    let broken = pump(source, options.limit, &mut progress, |event| {
        let rows = match &mut rows {
            Some(rows) => rows,
            // The first event knows beams and the number of weights.
            None => rows.insert(Flattened::create(&report.from, to, &run, event, options)?),
        };
        rows.add(event)
    })?;
    let mut rows = match rows {
        Some(rows) => rows,
        None => Flattened::create(&report.from, to, &run, &Event::default(), options)?,
    };
    rows.flush()?;
    report.summary = Some(rows.summary);
    report.rows = Some(rows.writer.rows());
    report.columns = rows.schema.names().into_iter().map(String::from).collect();
    let count = rows.writer.rows();
    let outcome =
        output::finish(to, broken, options.force, count, "events", |path| Ok(rows.writer.finish_as(path)?))?;
    progress.clear();
    Ok(outcome)
}

/// A table of events being written.
struct Flattened {
    /// The input, for messages.
    from: PathBuf,
    writer: TableWriter,
    schema: Arc<Schema>,
    fields: Vec<Field>,
    data: Vec<Data>,
    /// Weights that the columns can hold; any number if they have no names.
    weights: Option<usize>,
    final_only: bool,
    /// Particles of the event that become rows, as indices.
    kept: Vec<usize>,
    rows: usize,
    particles: usize,
    summary: Summary,
}

impl Flattened {
    fn create(from: &Path, to: &Path, run: &RunInfo, first: &Event, options: &Options) -> Result<Flattened, Error> {
        let unnamed = run.weight_names.is_empty() && first.weights.len() > 1;
        let all = event_table(&run.weight_names, unnamed, options.final_only);
        let (columns, fields): (Vec<Column>, Vec<Field>) = match &options.columns {
            None => all.into_iter().unzip(),
            Some(names) => {
                let known: Vec<&str> = all.iter().map(|(column, _)| column.name.as_str()).collect();
                let find = |name: &String| {
                    let found = all.iter().find(|(column, _)| column.name == *name).cloned();
                    found.ok_or_else(|| Error::unknown("column", name, "--columns", known.iter().copied()))
                };
                names.iter().map(find).collect::<Result<Vec<_>, _>>()?.into_iter().unzip()
            }
        };
        let schema = Schema::new(columns)?;
        let writer = TableWriter::create(to, schema.clone(), &run_text::attributes(run, first))?;
        let mut rows = Flattened {
            from: from.to_path_buf(),
            writer,
            schema: Arc::new(schema),
            fields,
            data: Vec::new(),
            weights: (!unnamed).then_some(run.weight_names.len().max(1)),
            final_only: options.final_only,
            kept: Vec::new(),
            rows: 0,
            particles: 0,
            summary: Summary::default(),
        };
        rows.clear();
        Ok(rows)
    }

    fn clear(&mut self) {
        let empty = |column: &Column| Data {
            values: Values::empty(column.element),
            offsets: column.width().is_none().then(|| vec![0]),
        };
        self.data = self.schema.columns().iter().map(empty).collect();
        (self.rows, self.particles) = (0, 0);
    }

    fn add(&mut self, event: &Event) -> Result<(), Error> {
        if let Some(most) = self.weights.filter(|&most| event.weights.len() > most) {
            return Err(Error::Content {
                path: self.from.clone(),
                found: format!("event {} has {} weights, the first has {most}", event.number, event.weights.len()),
                expected: "weights with names, or the same number of them in every event".into(),
            });
        }
        self.kept.clear();
        let wanted = |p: &records::Particle| !self.final_only || p.status == 1;
        self.kept.extend((0..event.particles.len()).filter(|&i| wanted(&event.particles[i])));
        for (field, data) in self.fields.iter().zip(&mut self.data) {
            append(*field, event, &self.kept, &mut data.values);
            let end = data.values.len();
            if let Some(offsets) = &mut data.offsets {
                offsets.push(end);
            }
        }
        self.rows += 1;
        self.particles += self.kept.len();
        self.summary.add(event);
        if self.rows == EVENTS || self.particles >= PARTICLES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.rows > 0 {
            let data = std::mem::take(&mut self.data);
            self.writer.write(&Block::new(self.schema.clone(), self.rows, data)?)?;
        }
        self.clear();
        Ok(())
    }
}

/// Appends what an event says in a column; the column has the type of the field.
fn append(field: Field, event: &Event, kept: &[usize], values: &mut Values) {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let weight = |k: usize| if k == 0 { event.weight() } else { event.weights.get(k).copied().unwrap_or(f64::NAN) };
    match (field, values) {
        (Field::Number, Values::I64(v)) => v.push(event.number),
        (Field::Integer(f), Values::I32(v)) => v.push(f(event)),
        (Field::Float(f), Values::F64(v)) => v.push(f(event)),
        (Field::Weight(k), Values::F64(v)) => v.push(weight(k)),
        (Field::Weights, Values::F64(v)) => v.extend_from_slice(&event.weights),
        (Field::Particles, Values::I32(v)) => v.push(count(kept.len())),
        (Field::ParticleInteger(f), Values::I32(v)) => v.extend(kept.iter().map(|&i| f(&event.particles[i]))),
        (Field::ParticleFloat(f), Values::F64(v)) => v.extend(kept.iter().map(|&i| f(&event.particles[i]))),
        (Field::Vertices, Values::I32(v)) => v.push(count(event.vertices.len())),
        (Field::VertexInteger(f), Values::I32(v)) => v.extend(event.vertices.iter().map(f)),
        (Field::VertexFloat(f), Values::F64(v)) => v.extend(event.vertices.iter().map(f)),
        _ => debug_assert!(false, "a column of another type than its field"),
    }
}
