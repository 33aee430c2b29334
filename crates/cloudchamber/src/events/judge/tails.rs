//! Where the classifier's weights are extreme: the events with the lowest and the highest weights, in clusters of phase space.
//!
//! Generated events with the lowest weights lie where the model makes too many, true events with the highest weights where it makes too few.
//! Their observables, standardised by all tested events of the same sample (in the logarithm on logarithmic axes), are clustered by k-means.

use collider::zjets::Event;
use collider::zjets::observables::{Axis, OBSERVABLES, Observable};
use metrics::{Matrix, kmeans};
use serde::Serialize;

use crate::Error;

/// Share of the tested events of a sample in its tail.
const SHARE: f64 = 0.02;
/// Least number of events of a tail; where this is more than a fifth of the sample there is no tail.
const LEAST: usize = 60;
/// Clusters of a tail.
const CLUSTERS: usize = 3;
/// Seed of their first centres.
const SEED: u64 = 0x7a11;

/// Which tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Generated events with the lowest weights: too many are made.
    Surplus,
    /// True events with the highest weights: too few are made.
    Lack,
}

/// The events at one end of the weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tail {
    /// Which end, and of which sample.
    pub side: Side,
    /// The weight where it begins.
    pub threshold: f64,
    /// Number of events.
    pub events: usize,
    /// Its clusters, the largest first.
    pub clusters: Vec<Cluster>,
}

/// Events of a tail that are close to each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cluster {
    /// Share of the tail's events.
    pub share: f64,
    /// Median weight.
    pub weight: f64,
    /// Every observable of such events, in their order.
    pub shifts: Vec<Shift>,
}

/// Where a cluster lies in one observable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// The observable.
    pub observable: &'static str,
    /// Mean of the cluster less mean of all events of the sample, in standard deviations of the latter.
    pub deviations: f64,
    /// Median in the cluster, in the observable's unit.
    pub median: f64,
}

impl Cluster {
    /// The observables in which it is furthest from all events, the furthest first.
    pub fn furthest(&self, count: usize) -> Vec<Shift> {
        let mut shifts = self.shifts.clone();
        shifts.sort_by(|a, b| b.deviations.abs().total_cmp(&a.deviations.abs()));
        shifts.truncate(count);
        shifts
    }
}

/// Both tails of true and generated events with the logarithms of their weights; none of a sample that is too small.
pub fn tails([truth, generated]: [&[Event]; 2], logs: [&[f64]; 2]) -> Result<Vec<Tail>, Error> {
    let lack = tail(Side::Lack, truth, logs[0])?;
    let surplus = tail(Side::Surplus, generated, logs[1])?;
    Ok(surplus.into_iter().chain(lack).collect())
}

fn tail(side: Side, events: &[Event], logs: &[f64]) -> Result<Option<Tail>, Error> {
    let count = LEAST.max((SHARE * events.len() as f64) as usize);
    if 5 * count > events.len() {
        return Ok(None);
    }
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by(|a, b| logs[*a].total_cmp(&logs[*b]));
    let chosen: &[usize] = if side == Side::Surplus { &order[..count] } else { &order[events.len() - count..] };
    let threshold = if side == Side::Surplus { logs[chosen[count - 1]] } else { logs[chosen[0]] }.exp();

    let columns: Vec<(&Observable, Vec<f64>)> = OBSERVABLES.iter().filter_map(|o| standardised(o, events)).collect();
    let row = |event: usize| columns.iter().map(move |(_, column)| column[event]);
    let points: Vec<f64> = chosen.iter().flat_map(|event| row(*event)).collect();
    let found = kmeans(&Matrix::new(count, columns.len(), points)?, CLUSTERS, SEED)?;
    let cluster = |(k, centre): (usize, &Vec<f64>)| {
        let own: Vec<usize> =
            chosen.iter().zip(&found.of).filter(|(_, of)| **of == k).map(|(event, _)| *event).collect();
        let median = |value: &dyn Fn(usize) -> f64| {
            metrics::quantile(&own.iter().map(|event| value(*event)).collect::<Vec<_>>(), 0.5)
        };
        let shift = |((observable, _), deviations): (&(&Observable, Vec<f64>), &f64)| Shift {
            observable: observable.name,
            deviations: *deviations,
            median: median(&|event| observable.of(&events[event]).unwrap_or(f64::NAN)),
        };
        Cluster {
            share: own.len() as f64 / count as f64,
            weight: median(&|event| logs[event]).exp(),
            shifts: columns.iter().zip(centre).map(shift).collect(),
        }
    };
    let clusters = found.centres.iter().enumerate().map(cluster).collect();
    Ok(Some(Tail { side, threshold, events: count, clusters }))
}

/// An observable of all events with mean 0 and standard deviation 1; `None` if they do not have it or it does not vary.
fn standardised<'a>(observable: &'a Observable, events: &[Event]) -> Option<(&'a Observable, Vec<f64>)> {
    let logarithmic = observable.axis == Axis::Logarithmic;
    let number = |e: &Event| observable.of(e).map(|x| if logarithmic { x.max(1e-6).ln() } else { x });
    let mut column: Vec<f64> = events.iter().map(number).collect::<Option<_>>()?;
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let deviation = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    if !(deviation > 1e-9 && deviation.is_finite()) {
        return None;
    }
    column.iter_mut().for_each(|x| *x = (*x - mean) / deviation);
    Some((observable, column))
}
