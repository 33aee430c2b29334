//! The numbers of an event as a network sees them, and back: fitted on training events, kept inside the model file.
//!
//! Radiated jets have maps of their own: with `scaling = "normal"` each number is normal in either class.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::topology::{Topology, lot};
use super::{Coordinates, Cuts, Event, STAGES};
use crate::Error;
use crate::encode::Quantile;

/// Least number of events with a radiated jet that make a class of their own in a stage.
const LEAST_EVENTS: usize = 50;

/// How the numbers of a stage become ones of zero mean and unit spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// Each by itself, linearly.
    Standard,
    /// All of a stage together, linearly, until they are uncorrelated: `z = L^-1 (x - mean)` with the covariance `L L^T`.
    Whiten,
    /// Each by itself onto a standard normal, by its quantiles: only what connects the numbers is left to learn.
    #[default]
    Normal,
}

/// The map of one stage's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum StageScale {
    /// Mean, and the lower triangle `L` row by row.
    Linear {
        mean: Vec<f64>,
        root: Vec<Vec<f64>>,
    },
    Quantiles {
        maps: Vec<Quantile>,
    },
}

impl StageScale {
    fn fit(rows: &[Vec<f64>], features: usize, scaling: Scaling) -> Option<StageScale> {
        if scaling == Scaling::Normal {
            let column = |f: usize| Quantile::fit(&mut rows.iter().map(|row| row[f]).collect::<Vec<_>>());
            return (0..features).map(column).collect::<Option<_>>().map(|maps| StageScale::Quantiles { maps });
        }
        let n = rows.len() as f64;
        let mean: Vec<f64> = (0..features).map(|f| rows.iter().map(|row| row[f]).sum::<f64>() / n).collect();
        let mut covariance = DMatrix::zeros(features, features);
        for row in rows {
            let off = DVector::from_iterator(features, row.iter().zip(&mean).map(|(x, mean)| x - mean));
            covariance.ger(1.0 / n, &off, &off, 1.0);
        }
        if scaling == Scaling::Standard {
            covariance = DMatrix::from_diagonal(&covariance.diagonal());
        }
        let root = covariance.cholesky()?.l();
        let root = (0..features).map(|i| (0..=i).map(|j| root[(i, j)]).collect()).collect();
        Some(StageScale::Linear { mean, root })
    }

    /// The codes of numbers; `lots` between 0 and 1 choose among those of a number that many events share.
    fn encode(&self, x: &[f64], lots: &dyn Fn(usize) -> f64) -> Vec<f64> {
        match self {
            StageScale::Quantiles { maps } => {
                maps.iter().zip(x).enumerate().map(|(f, (map, x))| map.forward_at(*x, lots(f))).collect()
            }
            StageScale::Linear { mean, root } => {
                let mut z = Vec::with_capacity(x.len());
                for (i, row) in root.iter().enumerate() {
                    let known: f64 = row[..i].iter().zip(&z).map(|(l, z)| l * z).sum();
                    z.push((x[i] - mean[i] - known) / row[i]);
                }
                z
            }
        }
    }

    fn decode(&self, z: &[f64]) -> Vec<f64> {
        match self {
            StageScale::Quantiles { maps } => maps.iter().zip(z).map(|(map, z)| map.inverse(*z)).collect(),
            StageScale::Linear { mean, root } => {
                let one = |(row, mean): (&Vec<f64>, &f64)| mean + row.iter().zip(z).map(|(l, z)| l * z).sum::<f64>();
                root.iter().zip(mean).map(one).collect()
            }
        }
    }

    fn is_valid(&self, features: usize) -> bool {
        match self {
            StageScale::Quantiles { maps } => maps.len() == features && maps.iter().all(Quantile::is_valid),
            StageScale::Linear { mean, root } => {
                let row = |(i, row): (usize, &Vec<f64>)| {
                    row.len() == i + 1 && row[i] > 1e-9 && row.iter().all(|l| l.is_finite())
                };
                mean.len() == features
                    && root.len() == features
                    && mean.iter().all(|m| m.is_finite())
                    && root.iter().enumerate().all(row)
            }
        }
    }
}

/// Between events and the codes of the chain's stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventEncoding {
    /// Which numbers.
    pub coordinates: Coordinates,
    /// What all events fulfil.
    pub cuts: Cuts,
    /// The kinds of events and their shares, by weight.
    topologies: Vec<(Topology, f64)>,
    scales: Vec<StageScales>,
}

/// The maps of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StageScales {
    plain: StageScale,
    /// Of jets that a muon radiated; none where there were too few to learn from.
    radiated: Option<StageScale>,
}

impl StageScales {
    fn of(&self, is_radiated: bool) -> &StageScale {
        self.radiated.as_ref().filter(|_| is_radiated).unwrap_or(&self.plain)
    }
}

impl EventEncoding {
    /// Fits the maps to training events; stages that no event reaches have none.
    ///
    /// # Errors
    /// [`Error::Event`] for an event outside the cuts, with its row; [`Error::Spread`] for a number that hardly changes.
    pub fn fit(
        events: &[Event],
        coordinates: Coordinates,
        scaling: Scaling,
        cuts: Cuts,
    ) -> Result<EventEncoding, Error> {
        for (event, one) in events.iter().enumerate() {
            cuts.check(one).map_err(|problem| Error::Event { event, problem })?;
        }
        let all: Vec<Topology> = events.iter().map(|event| labelled(coordinates, event)).collect();
        let mut enough = [false; 3];
        for (stage, enough) in enough.iter_mut().enumerate() {
            *enough = all.iter().filter(|topology| topology.emitters[stage].is_some()).count() >= LEAST_EVENTS;
        }
        let kept = |topology: &Topology| -> Topology {
            let emitter = |stage: usize| topology.emitters[stage].filter(|_| enough[stage]);
            Topology { emitters: [0, 1, 2].map(emitter), ..*topology }
        };
        let all: Vec<Topology> = all.iter().map(kept).collect();
        let numbers: Vec<Vec<f64>> =
            events.iter().zip(&all).map(|(event, topology)| coordinates.of(event, topology, &cuts)).collect();
        let mut scales = Vec::new();
        for (index, stage) in STAGES.into_iter().enumerate() {
            let end = stage.before + stage.features;
            let fit = |radiated: bool| -> Result<Option<StageScale>, Error> {
                let mine = numbers
                    .iter()
                    .zip(&all)
                    .filter(|(x, topology)| x.len() >= end && topology.emitters[index].is_some() == radiated);
                let rows: Vec<Vec<f64>> = mine.map(|(x, _)| x[stage.before..end].to_vec()).collect();
                if rows.is_empty() {
                    return Ok(None);
                }
                let scale = StageScale::fit(&rows, stage.features, scaling);
                let usable = scale.filter(|scale| scale.is_valid(stage.features));
                usable.map(Some).ok_or(Error::Spread { jets: stage.jets, events: rows.len() })
            };
            let Some(plain) = fit(false)? else { break };
            scales.push(StageScales { plain, radiated: fit(true)? });
        }
        // Kinds that could have been seen and were not count half an event (Jeffreys' prior).
        let half = 0.5 * events.iter().map(|event| event.weight).sum::<f64>() / events.len() as f64;
        let possible = |topology: &Topology| (0..3).all(|k| enough[k] || topology.emitters[k].is_none());
        let kinds = (1..=scales.len()).flat_map(Topology::all).filter(possible);
        let weight = |kind: &Topology| {
            let mine = events.iter().zip(&all).filter(|(_, topology)| *topology == kind);
            mine.map(|(event, _)| event.weight).sum::<f64>().max(half)
        };
        let mut topologies: Vec<(Topology, f64)> = kinds.map(|kind| (kind, weight(&kind))).collect();
        let total: f64 = topologies.iter().map(|(_, weight)| weight).sum();
        topologies.iter_mut().for_each(|(_, share)| *share /= total);
        Ok(EventEncoding { coordinates, cuts, topologies, scales })
    }

    /// Number of stages of the chain that can be generated.
    pub fn stages(&self) -> usize {
        self.scales.len()
    }

    /// The kind of event that `lot`, between 0 and 1, chooses among those with `jets` jets, or among all.
    pub fn draw(&self, lot: f64, jets: Option<usize>) -> Topology {
        let jets = jets.map(|jets| jets.min(self.stages()));
        let among =
            || self.topologies.iter().filter(|(t, _)| jets.map_or(t.jets <= self.stages(), |jets| t.jets == jets));
        let mut left = lot * among().map(|(_, share)| share).sum::<f64>();
        let mut chosen = Topology::plain(jets.unwrap_or(1));
        for (topology, share) in among() {
            chosen = *topology;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
        chosen
    }

    /// Share of the events with so many jets.
    pub fn multiplicity(&self, jets: usize) -> f64 {
        self.topologies.iter().filter(|(kind, _)| kind.jets == jets).map(|(_, share)| share).sum()
    }

    /// Share of a kind of event among those with as many jets; 0 for kinds that the model does not make.
    pub fn share(&self, topology: &Topology) -> f64 {
        let known = self.topologies.iter().find(|(kind, _)| kind == topology);
        known.map_or(0.0, |(_, share)| share / self.multiplicity(topology.jets))
    }

    /// What kind of event this is, as far as the model knows such kinds.
    pub fn topology(&self, event: &Event) -> Topology {
        let mut topology = labelled(self.coordinates, event);
        for (stage, emitter) in topology.emitters.iter_mut().enumerate() {
            *emitter = emitter.filter(|_| self.scales.get(stage).is_some_and(|scales| scales.radiated.is_some()));
        }
        topology
    }

    /// Condition columns of a stage: the number of jets, one-hot among those possible (none if there is one), which muons radiated jets, and all codes before.
    pub fn conditions(&self, stage: usize) -> usize {
        let radiation = if self.coordinates.has_radiation() { Topology::COLUMNS } else { 0 };
        STAGES[stage].before + if stage == 2 { 0 } else { 3 - stage } + radiation
    }

    /// The codes of an event: 9, 13 or 17.
    pub fn encode(&self, event: &Event) -> Vec<f64> {
        let topology = self.topology(event);
        let numbers = self.coordinates.of(event, &topology, &self.cuts);
        let mut codes = Vec::with_capacity(numbers.len());
        for (k, (stage, scales)) in STAGES.iter().zip(&self.scales).take(event.jets.len()).enumerate() {
            let lots = |f: usize| lot(event, (3 + stage.before + f) as u64);
            let scale = scales.of(topology.emitters[k].is_some());
            codes.extend(scale.encode(&numbers[stage.before..stage.before + stage.features], &lots));
        }
        codes
    }

    /// The event of this kind of 9, 13 or 17 codes, turned by `turn`; finite whatever the codes are.
    pub fn decode(&self, codes: &[f64], topology: &Topology, turn: f64) -> Event {
        let mut numbers = Vec::with_capacity(codes.len());
        for (k, (stage, scales)) in STAGES.iter().zip(&self.scales).enumerate() {
            if let Some(codes) = codes.get(stage.before..stage.before + stage.features) {
                numbers.extend(scales.of(topology.emitters[k].is_some()).decode(codes));
            }
        }
        self.coordinates.event(&numbers, topology, turn, &self.cuts)
    }

    /// Appends what a stage is told of an event of this kind whose codes so far are `before`.
    pub fn push_condition(&self, out: &mut Vec<f32>, stage: usize, topology: &Topology, before: &[f64]) {
        out.extend(before[..STAGES[stage].before].iter().map(|&code| code as f32));
        if stage < 2 {
            out.extend((STAGES[stage].jets..=3).map(|n| f32::from(u8::from(n == topology.jets))));
        }
        if self.coordinates.has_radiation() {
            topology.push(out);
        }
    }

    /// Whether all maps are usable; those read from a file may not be.
    pub fn is_valid(&self) -> bool {
        let scales = self.scales.iter().zip(STAGES).all(|(scales, stage)| {
            scales.radiated.iter().chain([&scales.plain]).all(|scale| scale.is_valid(stage.features))
        });
        let shares = self.topologies.iter().all(|(topology, share)| topology.is_valid() && *share >= 0.0);
        scales
            && shares
            && (1..=3).contains(&self.stages())
            && (self.topologies.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-6
    }
}

/// An event's kind in these coordinates.
fn labelled(coordinates: Coordinates, event: &Event) -> Topology {
    if coordinates.has_radiation() { Topology::of(event) } else { Topology::plain(event.jets.len()) }
}
