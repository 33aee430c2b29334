//! The numbers of an event as a network sees them, and back: fitted on training events, kept inside the model file.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{Coordinates, Cuts, Event, STAGES};
use crate::Error;
use crate::encode::Quantile;

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

    fn encode(&self, x: &[f64]) -> Vec<f64> {
        match self {
            StageScale::Quantiles { maps } => maps.iter().zip(x).map(|(map, x)| map.forward(*x)).collect(),
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
    /// Share of events with one, two and three jets, by weight.
    pub multiplicity: [f64; 3],
    scales: Vec<StageScale>,
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
        let numbers: Vec<Vec<f64>> = events.iter().map(|event| coordinates.of(event, &cuts)).collect();
        let mut scales = Vec::new();
        for stage in STAGES {
            let end = stage.before + stage.features;
            let rows: Vec<Vec<f64>> =
                numbers.iter().filter(|x| x.len() >= end).map(|x| x[stage.before..end].to_vec()).collect();
            if rows.is_empty() {
                break;
            }
            let scale = StageScale::fit(&rows, stage.features, scaling).filter(|scale| scale.is_valid(stage.features));
            scales.push(scale.ok_or(Error::Spread { jets: stage.jets, events: rows.len() })?);
        }
        let mut multiplicity = [0.0; 3];
        events.iter().for_each(|event| multiplicity[event.jets.len() - 1] += event.weight);
        let total: f64 = multiplicity.iter().sum();
        Ok(EventEncoding { coordinates, cuts, multiplicity: multiplicity.map(|w| w / total), scales })
    }

    /// Number of stages of the chain that can be generated.
    pub fn stages(&self) -> usize {
        self.scales.len()
    }

    /// Condition columns of a stage: the number of jets, one-hot among those possible (none if there is one), and all codes before.
    pub fn conditions(&self, stage: usize) -> usize {
        STAGES[stage].before + if stage == 2 { 0 } else { 3 - stage }
    }

    /// The codes of an event: 9, 13 or 17.
    pub fn encode(&self, event: &Event) -> Vec<f64> {
        let numbers = self.coordinates.of(event, &self.cuts);
        let mut codes = Vec::with_capacity(numbers.len());
        for (stage, scale) in STAGES.iter().zip(&self.scales).take(event.jets.len()) {
            codes.extend(scale.encode(&numbers[stage.before..stage.before + stage.features]));
        }
        codes
    }

    /// The event of 9, 13 or 17 codes, turned by `turn`; finite whatever the codes are.
    pub fn decode(&self, codes: &[f64], turn: f64) -> Event {
        let mut numbers = Vec::with_capacity(codes.len());
        for (stage, scale) in STAGES.iter().zip(&self.scales) {
            if let Some(codes) = codes.get(stage.before..stage.before + stage.features) {
                numbers.extend(scale.decode(codes));
            }
        }
        self.coordinates.event(&numbers, turn, &self.cuts)
    }

    /// Appends what a stage is told of an event with `jets` jets whose codes so far are `before`.
    pub fn push_condition(&self, out: &mut Vec<f32>, stage: usize, jets: usize, before: &[f64]) {
        out.extend(before[..STAGES[stage].before].iter().map(|&code| code as f32));
        if stage < 2 {
            out.extend((STAGES[stage].jets..=3).map(|n| f32::from(u8::from(n == jets))));
        }
    }

    /// Whether all maps are usable; those read from a file may not be.
    pub fn is_valid(&self) -> bool {
        let scales = self.scales.iter().zip(STAGES).all(|(scale, stage)| scale.is_valid(stage.features));
        let shares = self.multiplicity.iter().all(|share| *share >= 0.0);
        scales
            && shares
            && (1..=3).contains(&self.stages())
            && (self.multiplicity.iter().sum::<f64>() - 1.0).abs() < 1e-6
    }
}
