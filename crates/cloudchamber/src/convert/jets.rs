//! Files of jets in JetNet's layout (arXiv:2106.11535), as events or in the other layouts of `docs/files.md`.
//!
//! An event is one jet. Its particles have pT = ptrel pT_jet, eta = etarel + eta_jet, phi = phirel (the jet's own phi is not in
//! such files and taken to be 0) and no mass.

use std::path::Path;

use collider::file::{Contents, JetWriter};
use collider::fourvector::FourVector;
use collider::{JetClass, Jets, jetnet};
use records::{Event, Owner, Particle, RunInfo};
use tables::{Block, Column, Data, Element, Schema, TableWriter};

use super::output::Outcome;
use super::row_event::{beam_particles, join, protons};
use super::source::Source;
use super::{Options, Report, kind};
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Jets of a block: 150 particles of 12 bytes each make 4 MB.
const BLOCK: usize = 2048;
/// Identity of particles that are just particles: a positive pion, the most frequent one, because 0 is not legal everywhere.
const PION: i32 = 211;

/// A file of jets as a source of events.
pub struct JetEvents {
    reader: jetnet::Reader,
    run: RunInfo,
    beams: [Particle; 2],
    pdg: i32,
    /// The present block, its classes and its first jet.
    jets: Jets,
    classes: Option<Vec<JetClass>>,
    first: usize,
    next: usize,
    end: usize,
    particles: Vec<Particle>,
    /// Jets without particles.
    empty: u64,
}

impl JetEvents {
    /// The jets of an open file; `--pdg particle=ID` gives their particles another identity.
    pub fn new(reader: jetnet::Reader, options: &Options) -> Result<JetEvents, Error> {
        let mut pdg = PION;
        for (name, id) in &options.pdg {
            if name != "particle" {
                return Err(Error::unknown("group of columns", name, "--pdg, of a JetNet file", ["particle"]));
            }
            pdg = *id;
        }
        if let Some(name) = options.objects.iter().flatten().find(|name| *name != "particle") {
            return Err(Error::unknown("group of columns", name, "--objects, of a JetNet file", ["particle"]));
        }
        let beams = protons(options.beams.unwrap_or([6500.0; 2]));
        let attributes = reader.attributes().iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        let end = usize::try_from(options.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX).min(reader.len());
        Ok(JetEvents {
            run: RunInfo { beams: Some(beams), attributes, ..RunInfo::default() },
            beams: beam_particles(&beams),
            jets: Jets::new(reader.capacity()),
            reader,
            pdg,
            classes: None,
            first: 0,
            next: 0,
            end,
            particles: Vec::new(),
            empty: 0,
        })
    }

    /// What was left out while reading.
    pub fn left_out(&self) -> Option<String> {
        (self.empty > 0).then(|| format!("{} jets without particles became no events", self.empty))
    }

    /// What was assumed.
    pub fn remark(&self) -> String {
        format!(
            "particles of jets are not identified: they became massless particles of PDG id {} (--pdg particle=ID gives \
             another), around phi = 0, with beams of {} and {} GeV",
            self.pdg, self.beams[0].e, self.beams[1].e
        )
    }
}

impl Source for JetEvents {
    fn run(&self) -> &RunInfo {
        &self.run
    }

    fn next(&mut self, event: &mut Event) -> Result<bool, Error> {
        while self.next < self.end {
            if self.next >= self.first + self.jets.len() {
                let rows = self.next..self.end.min(self.next + BLOCK);
                self.first = self.next;
                self.jets = self.reader.read(rows.clone())?;
                self.classes = self.reader.read_classes(rows)?;
            }
            let i = self.next - self.first;
            let [jet_pt, jet_eta, ..] = self.jets.jet[i].map(f64::from);
            self.particles.clear();
            for particle in self.jets.particles_of(i) {
                let [eta, phi, pt] = particle.map(f64::from);
                let p = FourVector::massless([eta + jet_eta, phi, pt * jet_pt]);
                let particle = Particle::new(self.pdg, 1, [p.px, p.py, p.pz, p.e]);
                self.particles.push(Particle { mass: 0.0, ..particle });
            }
            event.clear();
            (event.number, event.weights) = (self.next as i64, vec![1.0]);
            let there = join(event, &self.particles, &self.beams);
            if let Some(classes) = &self.classes {
                event.set_attribute(Owner::Event, "jet_type", classes[i].letter().to_string());
            }
            self.next += 1;
            if there {
                return Ok(true);
            }
            // No format of event records can hold an event without particles.
            self.empty += 1;
        }
        Ok(false)
    }

    fn done(&self) -> (u64, u64) {
        (self.next as u64, self.end as u64)
    }

    fn unit(&self) -> &'static str {
        "jets"
    }
}

/// Writes jets in the layout that the format has for them.
pub(super) fn into_table(
    reader: &jetnet::Reader,
    to: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<Outcome, Error> {
    let end = usize::try_from(options.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX).min(reader.len());
    let mut progress = Progress::new("convert", "jets", options.quiet);
    let mut sink = Sink::create(reader, to, end)?;
    for start in (0..end).step_by(BLOCK) {
        interrupt::check()?;
        let rows = start..end.min(start + BLOCK);
        sink.write(&reader.read(rows.clone())?, reader.read_classes(rows.clone())?.unwrap_or_default())?;
        progress.update(rows.end as u64, end as u64, "");
    }
    report.rows = Some(end as u64);
    report.columns = sink.columns();
    sink.finish()?;
    progress.clear();
    Ok(Outcome::Complete)
}

/// Columns of jets without classes.
const PARQUET: [&str; 7] = ["jet_pt", "jet_eta", "jet_mass", "num_particles", "etarel", "phirel", "ptrel"];

/// Jets in their own layouts, or as a table of the columns that Parquet has for them.
enum Sink {
    Jets(Box<JetWriter>),
    Table(Box<TableWriter>),
}

impl Sink {
    fn create(reader: &jetnet::Reader, to: &Path, jets: usize) -> Result<Sink, Error> {
        let mixed = reader.read_classes(0..0)?.is_some();
        let attributes: Vec<_> = reader.attributes().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        if kind::table_ending(to).is_some_and(|ending| JetWriter::ENDINGS.contains(&ending)) {
            let contents = Contents { jets, capacity: reader.capacity(), mixed, attributes };
            return Ok(Sink::Jets(Box::new(JetWriter::create(to, contents)?)));
        }
        let counted =
            |name: &str| Column { counter: Some("num_particles".into()), ..Column::jagged(name, Element::F32) };
        let mut columns: Vec<Column> =
            ["jet_pt", "jet_eta", "jet_mass"].map(|name| Column::scalar(name, Element::F32)).to_vec();
        columns.push(Column::scalar("num_particles", Element::I32));
        if mixed {
            columns.push(Column::scalar("jet_type", Element::I8));
        }
        columns.extend(["etarel", "phirel", "ptrel"].map(counted));
        Ok(Sink::Table(Box::new(TableWriter::create(to, Schema::new(columns)?, &attributes)?)))
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Sink::Jets(writer) => match **writer {
                JetWriter::Parquet(_) => &PARQUET[..],
                JetWriter::Hdf5(_) | JetWriter::Npz(_) => &["particle_features", "jet_features"],
            }
            .iter()
            .map(|name| name.to_string())
            .collect(),
            Sink::Table(writer) => writer.schema().names().into_iter().map(String::from).collect(),
        }
    }

    fn write(&mut self, jets: &Jets, classes: Vec<JetClass>) -> Result<(), Error> {
        let writer = match self {
            Sink::Jets(writer) => return Ok(writer.write(jets, &classes)?),
            Sink::Table(writer) => writer,
        };
        let n = jets.len();
        let feature = |k: usize| Data::flat(jets.jet.iter().map(|jet| jet[k]).collect::<Vec<f32>>());
        let mut data = vec![feature(0), feature(1), feature(2)];
        data.push(Data::flat(jets.count.iter().map(|&count| i32::from(count)).collect::<Vec<i32>>()));
        if writer.schema().position("jet_type").is_some() {
            data.push(Data::flat(classes.iter().map(|class| class.index() as i8).collect::<Vec<i8>>()));
        }
        for k in 0..3 {
            let row = |i: usize| jets.particles_of(i).iter().map(|p| p[k]).collect();
            data.push(Data::jagged(&(0..n).map(row).collect::<Vec<Vec<f32>>>()));
        }
        Ok(writer.write(&Block::new(writer.schema().clone(), n, data)?)?)
    }

    fn finish(self) -> Result<(), Error> {
        match self {
            Sink::Jets(writer) => Ok(writer.finish()?),
            Sink::Table(writer) => Ok(writer.finish()?),
        }
    }
}
