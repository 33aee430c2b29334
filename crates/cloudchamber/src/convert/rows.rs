//! The rows of a table as a source of events.
//!
//! Numbers of the event are columns by name ([`super::columns`]); `genWeight` (NanoAOD) and `mcEventWeight` are weights too.
//! Rows without any particle become no event: no format of event records can hold it.

use records::{CrossSection, Event, Particle, RunInfo};
use tables::{Block, Schema, Shape, TableReader};

use super::blocks::Blocks;
use super::identity::{self, Identity};
use super::layout::{self, Coordinates, Group};
use super::row_event::{self, Loaded};
use super::source::Source;
use super::{Options, run_text};
use crate::Error;

const WEIGHTS: [&str; 5] = ["weight", "event_weight", "genWeight", "mcEventWeight", "eventWeight"];
const NUMBERS: [&str; 3] = ["event_number", "eventNumber", "event"];
const PROCESS: &str = "process_id";
const SECTION: &str = "cross_section";
/// Jagged weights without names.
const UNNAMED: &str = "weights";
const OTHERS: [&str; 4] = ["scale", "alphaQCD", "alphaQED", "cross_section_error"];

/// A table whose rows are events.
pub struct Rows {
    blocks: Blocks,
    run: RunInfo,
    beams: [Particle; 2],
    groups: Vec<Group>,
    notes: Vec<String>,
    number: Option<String>,
    /// Columns of the weights, the nominal one first; none if each event counts once.
    weights: Vec<String>,
    block: Option<Present>,
    empty: (u64, f64),
}

/// A block, and where in it the next event is.
struct Present {
    block: Block,
    first: u64,
    row: usize,
    groups: Vec<Loaded>,
    number: Option<Vec<i64>>,
    weights: Vec<Vec<f64>>,
    process: Option<Vec<i32>>,
    /// scale, alphaQCD, alphaQED, cross_section_error, cross_section.
    others: [Option<Vec<f64>>; 5],
}

impl Rows {
    /// Finds the particles of a table.
    ///
    /// # Errors
    /// Those of [`layout::choose`].
    pub fn new(reader: TableReader, options: &Options) -> Result<Rows, Error> {
        let path = reader.path().display().to_string();
        let schema = reader.schema().clone();
        let (groups, mut notes) = layout::choose(&schema, &path, options)?;
        let mut run = run_text::run(reader.attributes());
        let number = first(&schema, &NUMBERS);
        let weights = weights(&schema, reader.attributes(), &mut run);
        if let Some(energies) = options.beams {
            run.beams = Some(row_event::protons(energies));
        }
        let stated = run.beams.filter(|beams| beams.iter().all(|b| b.energy > 0.0 && b.pdg != 0));
        let beams = stated.unwrap_or_else(|| row_event::protons([6500.0; 2]));
        let is_graph = |g: &Group| g.vertices.is_some() && g.status.is_some();
        if !groups.iter().any(is_graph) {
            run.beams = Some(beams);
            let from = if stated.is_some() { "" } else { " (--beams gives others)" };
            notes.push(format!("beams of {} and {} GeV{from}", beams[0].energy, beams[1].energy));
        }
        let massless: Vec<&str> = groups.iter().filter(|g| is_massless(g)).map(|g| g.name.as_str()).collect();
        if !massless.is_empty() {
            notes.push(format!("no masses of {}: they are massless, but for leptons", massless.join(", ")));
        }
        let reader = reader.select(&wanted(&schema, &groups, &number, &weights))?;
        Ok(Rows {
            blocks: Blocks::new(reader, options.limit),
            run,
            beams: row_event::beam_particles(&beams),
            groups,
            notes,
            number,
            weights,
            block: None,
            empty: (0, 0.0),
        })
    }

    /// What was inferred.
    pub fn notes(&self) -> Vec<String> {
        let names: Vec<&str> = self.groups.iter().map(|g| g.name.as_str()).collect();
        let mut notes = vec![format!("particles: {}", names.join(", "))];
        notes.extend(self.notes.iter().cloned());
        notes
    }

    /// What was left out while reading.
    pub fn remark(&self) -> Option<String> {
        let (rows, weights) = self.empty;
        (rows > 0).then(|| format!("{rows} rows without particles (sum of weights {weights}) became no events"))
    }

    /// Whether rows say to which process they belong, or their cross section.
    pub fn has_processes(&self) -> bool {
        let schema = self.blocks.reader().schema();
        [PROCESS, SECTION].iter().any(|name| schema.position(name).is_some())
    }

    fn load(&mut self) -> Result<bool, Error> {
        let Some((first, block)) = self.blocks.read()? else {
            return Ok(false);
        };
        let mut groups = Vec::new();
        for group in &self.groups {
            let loaded = Loaded::new(&block, group)?;
            groups.push(loaded.map_err(|problem| self.wrong(first, Some(block.rows()), problem))?);
        }
        let has = |name: &str| block.schema().position(name).is_some();
        let numbers = |name: &str| has(name).then(|| block.numbers::<f64>(name)).transpose();
        let [scale, qcd, qed, error] = OTHERS;
        let read = Present {
            groups,
            number: self.number.as_ref().map(|name| block.numbers(name)).transpose()?,
            weights: self.weights.iter().map(|name| block.numbers(name)).collect::<Result<_, _>>()?,
            process: has(PROCESS).then(|| block.numbers(PROCESS)).transpose()?,
            others: [numbers(scale)?, numbers(qcd)?, numbers(qed)?, numbers(error)?, numbers(SECTION)?],
            first,
            row: 0,
            block,
        };
        self.block = Some(read);
        Ok(true)
    }

    fn wrong(&self, row: u64, rows: Option<usize>, problem: String) -> Error {
        let place = rows.map_or(format!("row {row}"), |n| format!("rows {row} to {}", row + n as u64 - 1));
        Error::Content {
            path: self.blocks.reader().path().to_path_buf(),
            found: format!("{place}: {problem}"),
            expected: "finite momenta in GeV, PDG ids other than 0, as many of each as of the others".into(),
        }
    }
}

impl Present {
    /// Fills an event from the present row; false if it has no particles.
    fn fill(&self, event: &mut Event, beams: &[Particle; 2]) -> tables::Result<Result<bool, String>> {
        let row = self.row;
        event.clear();
        event.number = match &self.number {
            Some(numbers) => numbers[row],
            None => (self.first + row as u64) as i64,
        };
        let block = &self.block;
        match block.schema().position(UNNAMED) {
            Some(place) => event.weights = block.slice(row..row + 1)?.numbers(&block.schema().columns()[place].name)?,
            None => event.weights.extend(self.weights.iter().map(|w| w[row])),
        }
        if event.weights.is_empty() {
            event.weights.push(1.0);
        }
        let value = |k: usize| self.others[k].as_ref().map(|v| v[row]).filter(|x| !x.is_nan());
        (event.scale, event.alpha_qcd, event.alpha_qed) = (value(0), value(1), value(2));
        let error = value(3).unwrap_or(0.0);
        let section = |x| CrossSection { values: vec![x], errors: vec![error], ..CrossSection::default() };
        event.cross_section = value(4).map(section);
        event.process = self.process.as_ref().map(|p| p[row]).filter(|&id| id != 0);
        let mut particles = Vec::new();
        for group in &self.groups {
            if let Err(problem) = group.particles(block, row, &mut particles) {
                return Ok(Err(problem));
            }
        }
        let filled = match &self.groups[..] {
            [only] if only.is_graph() => row_event::graph(event, particles, row_event::vertices(block, row)?),
            _ => Ok(row_event::join(event, &particles, beams)),
        };
        // Formats would refuse it later, but not name the row.
        Ok(filled.and_then(|there| event.check().map(|()| there).map_err(|e| e.to_string())))
    }
}

impl Source for Rows {
    fn run(&self) -> &RunInfo {
        &self.run
    }

    fn next(&mut self, event: &mut Event) -> Result<bool, Error> {
        loop {
            let Some(block) = self.block.as_mut().filter(|b| b.row < b.block.rows()) else {
                if self.load()? {
                    continue;
                }
                return Ok(false);
            };
            let filled = block.fill(event, &self.beams)?;
            let row = block.first + block.row as u64;
            block.row += 1;
            match filled {
                Ok(true) => return Ok(true),
                Ok(false) => self.empty = (self.empty.0 + 1, self.empty.1 + event.weight()),
                Err(problem) => return Err(self.wrong(row, None, problem)),
            }
        }
    }

    fn done(&self) -> (u64, u64) {
        let (next, end) = self.blocks.done();
        (self.block.as_ref().map_or(next, |b| b.first + b.row as u64), end)
    }

    fn unit(&self) -> &'static str {
        "rows"
    }
}

/// Whether the particles get the mass 0 because the table says nothing else.
fn is_massless(group: &Group) -> bool {
    let known = match (group.identity, &group.pdg) {
        (Identity::Known(id) | Identity::Lepton(id), None) => identity::mass(id) > 0.0 || id == 22,
        _ => false,
    };
    group.mass.is_none() && group.energy.is_none() && !known
}

/// The first of these names that is a column of one number per row.
fn first(schema: &Schema, names: &[&str]) -> Option<String> {
    let scalar = |name: &&&str| schema.columns().iter().any(|c| c.name == ***name && c.shape == Shape::Scalar);
    names.iter().find(scalar).map(|name| name.to_string())
}

/// The columns of the weights; their names go to the run.
fn weights(schema: &Schema, attributes: &[(String, String)], run: &mut RunInfo) -> Vec<String> {
    let Some(nominal) = first(schema, &WEIGHTS) else { return Vec::new() };
    let stated = run_text::weight_names(attributes);
    if !stated.is_empty() && stated.iter().all(|(column, _)| schema.position(column).is_some()) {
        let (columns, names) = stated.into_iter().unzip();
        run.weight_names = names;
        return columns;
    }
    let mut columns = vec![nominal];
    let scalars = schema.columns().iter().filter(|c| c.shape == Shape::Scalar);
    for column in scalars {
        if let Some(name) = column.name.strip_prefix("weight_").filter(|name| !name.is_empty()) {
            columns.push(column.name.clone());
            if run.weight_names.is_empty() {
                run.weight_names.push(RunInfo::NOMINAL.to_string());
            }
            run.weight_names.push(name.to_string());
        }
    }
    columns
}

/// Names of all columns that are needed.
fn wanted(schema: &Schema, groups: &[Group], number: &Option<String>, weights: &[String]) -> Vec<String> {
    let mut names: Vec<String> = number.iter().cloned().chain(weights.iter().cloned()).collect();
    let scalar = |name: &&str| first(schema, &[name]).is_some();
    names.extend(OTHERS.iter().chain(&[PROCESS, SECTION]).copied().filter(scalar).map(String::from));
    let jagged = |name: &&str| schema.columns().iter().any(|c| c.name == **name && c.shape == Shape::Jagged);
    let mut more = vec![UNNAMED];
    if groups.iter().any(|g| g.vertices.is_some()) {
        more.extend(["vertex_status", "vertex_x", "vertex_y", "vertex_z", "vertex_t"]);
    }
    names.extend(more.into_iter().filter(jagged).map(String::from));
    for group in groups {
        let (Coordinates::Cartesian(momentum) | Coordinates::Collider(momentum)) = &group.momentum;
        let others = [&group.energy, &group.mass, &group.pdg, &group.charge, &group.status].into_iter().flatten();
        names.extend(momentum.iter().chain(others).chain(group.vertices.iter().flatten()).cloned());
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}
