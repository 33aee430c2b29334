//! What a model thinks of events that it has not seen: `ln p` of their codes and of the labels of radiated jets, given the number of jets.
//!
//! Exact for networks with a likelihood; for the others that of the probability flow (arXiv:2011.13456, section 4.3), with the exact
//! divergence. The law is that of generated events: the mean over a Bayesian model's draws and over the images under its symmetries, but
//! for those that the cuts reject. Codes of different coordinates or scalings are different variables: their densities do not compare.

use burn::tensor::{Device, Tensor, TensorData};
use collider::zjets::{Event, STAGES, Topology};
use diffusion::flow::{RungeKutta, Trace, log_density};
use diffusion::{AnyPath, Path, Target};
use nets::{Dual, ResidualMlp};
use serde::Serialize;

use super::maker;
use super::model::EventModel;
use super::network::EventNet;
use super::tokens::Tokens;
use crate::Error;
use crate::trace::{solver, trace};

/// Evaluations of a regression network, each with one tangent per dimension: 20 steps of the classical Runge-Kutta method.
const EVALUATIONS: usize = 80;
/// Events at a time.
const BATCH: usize = 500;

/// Mean log density of events with the same number of jets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Likelihood {
    /// Number of jets.
    pub jets: usize,
    /// Number of events.
    pub events: usize,
    /// Mean of ln p \[nats per event\].
    pub nats: f64,
    /// Its standard error.
    pub error: f64,
}

/// The probability flow of a regression network told conditions.
struct Flow<'a> {
    net: &'a ResidualMlp,
    path: &'a AnyPath,
    target: Target,
    condition: Tensor<2>,
}

impl Trace<Tensor<2>> for Flow<'_> {
    fn path(&self) -> &dyn Path {
        self.path
    }

    fn trace(&self, x: &Tensor<2>, t: &[f64], _: &[usize]) -> (Tensor<2>, Vec<f64>) {
        let network =
            |input: Dual<2>, level: Tensor<2>| self.net.jvp(input, level.into(), self.condition.clone().into());
        trace(self.target, self.path, x, t, &network)
    }
}

/// Mean log densities of the events with one, two and three jets, as far as the model makes them; of the first `most` of each. `progress`
/// hears of events done and their number, and may stop it.
///
/// # Errors
/// A recipe whose path has no flow; [`Error::Argument`] if no event can be judged.
pub fn likelihood(
    model: &EventModel,
    events: &[Event],
    most: usize,
    progress: &mut dyn FnMut(u64, u64) -> Result<(), Error>,
) -> Result<Vec<Likelihood>, Error> {
    let stages = model.meta.encoding.stages();
    let groups: Vec<Vec<&Event>> =
        (1..=stages).map(|jets| events.iter().filter(|e| e.jets.len() == jets).take(most).collect()).collect();
    let total = groups.iter().map(Vec::len).sum::<usize>() as u64;
    let mut done = 0;
    let mut found = Vec::new();
    for (jets, group) in (1..).zip(&groups).filter(|(_, group)| group.len() > 1) {
        let mut logs = Vec::with_capacity(group.len());
        for batch in group.chunks(BATCH) {
            logs.extend(log_densities(model, batch)?);
            done += batch.len() as u64;
            progress(done, total)?;
        }
        let n = logs.len() as f64;
        let nats = logs.iter().sum::<f64>() / n;
        let variance = logs.iter().map(|l| (l - nats).powi(2)).sum::<f64>() / (n - 1.0);
        found.push(Likelihood { jets, events: logs.len(), nats, error: (variance / n).sqrt() });
    }
    if found.is_empty() {
        return Err(Error::argument("--real", "no such events", format!("events with 1 to {stages} jets")));
    }
    Ok(found)
}

/// `ln p` of the codes of events with the same number of jets.
fn log_densities(model: &EventModel, events: &[&Event]) -> Result<Vec<f64>, Error> {
    let (recipe, encoding) = (&model.recipe, &model.meta.encoding);
    let draws = recipe.bayes.as_ref().map_or(1, |bayes| bayes.draws);
    let images = 1 << recipe.data.symmetries.len();
    let kinds: Vec<Topology> = events.iter().map(|event| encoding.topology(event)).collect();
    let mut terms = vec![Vec::with_capacity(draws as usize * images); events.len()];
    for draw in 0..draws {
        let networks = maker::parameters(model, 0, draw);
        for image in 0..images {
            let codes: Vec<Vec<f64>> = events
                .iter()
                .map(|&event| {
                    let chosen = recipe.data.symmetries.iter().enumerate().filter(|(k, _)| image >> k & 1 == 1);
                    encoding.encode(&chosen.fold(event.clone(), |event, (_, symmetry)| symmetry.of(&event)))
                })
                .collect();
            // Images have the labels of their event.
            let mut logs: Vec<f64> = kinds.iter().map(|kind| encoding.share(kind).ln()).collect();
            for (stage, _) in STAGES.iter().enumerate().take(events[0].jets.len()) {
                let more = stage_densities(model, stage, &networks[stage], &codes, &kinds)?;
                logs.iter_mut().zip(more).for_each(|(sum, log)| *sum += log);
            }
            terms.iter_mut().zip(logs).for_each(|(terms, log)| terms.push(log));
        }
    }
    Ok(terms.iter().map(|terms| log_mean_exp(terms)).collect())
}

/// `ln p` of a stage's codes given those before, for events of these kinds.
fn stage_densities(
    model: &EventModel,
    stage: usize,
    parameters: &[f32],
    codes: &[Vec<f64>],
    kinds: &[Topology],
) -> Result<Vec<f64>, Error> {
    let (recipe, encoding, device) = (&model.recipe, &model.meta.encoding, Device::flex());
    let (what, rows) = (STAGES[stage], codes.len());
    let tensor = |data: Vec<f32>| {
        let columns = data.len() / rows;
        Tensor::<2>::from_data(TensorData::new(data, [rows, columns]), &device)
    };
    let mut conditions = Vec::new();
    let told = kinds.iter().zip(codes);
    told.for_each(|(kind, codes)| encoding.push_condition(&mut conditions, stage, kind, codes));
    let conditions = tensor(conditions);
    let own = |codes: &Vec<f64>| -> Vec<f32> {
        codes[what.before..what.before + what.features].iter().map(|&c| c as f32).collect()
    };
    let net = nets::load(EventNet::new(recipe, encoding, stage, &device), parameters);
    if let EventNet::Residual(net) = &net {
        let path = recipe.path()?;
        let flow = Flow { net, path: &path, target: recipe.objective.target(), condition: conditions };
        let data = tensor(codes.iter().flat_map(own).collect());
        return Ok(log_density(&flow, &solver(&path, RungeKutta::RK4, EVALUATIONS)?, data)?.log_density);
    }
    let tokens = Tokens::of(recipe, stage);
    let mut numbers = Vec::new();
    let slopes: Vec<f64> = codes.iter().map(|codes| tokens.write(&own(codes), &mut numbers)).collect();
    let logs = match &net {
        EventNet::Flow(flow) => flow.log_density(tensor(numbers), conditions, None),
        EventNet::Gpt(gpt) => gpt.log_density(tensor(numbers), conditions, None),
        EventNet::Residual(_) => unreachable!("those have a flow"),
    };
    Ok(nets::host(logs).into_iter().zip(slopes).map(|(log, slope)| f64::from(log) + slope).collect())
}

fn log_mean_exp(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + (terms.iter().map(|t| (t - largest).exp()).sum::<f64>() / terms.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use collider::zjets::EventEncoding;

    use super::super::files;
    use super::super::network::Posterior;
    use super::super::recipe::EventRecipe;
    use super::*;
    use crate::recipe::FileRecipe;

    /// Untrained, a flow is the identity, and EDM's estimate is that for standard normal data: both have the standard normal's density, and labels their share.
    #[test]
    fn untrained_networks_hold_codes_for_standard_normal() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let events = files::read(&root.join("data/zjets/zjets.parquet"), None).unwrap();
        let small = ["network.width=8", "network.layers=2", "data.symmetries=[\"mirror\"]"];
        for (name, tolerance) in [("inn", 1e-4), ("edm", 0.02)] {
            let path = root.join(format!("recipes/zjets/{name}.toml"));
            let recipe = EventRecipe::load(&path, &small.map(String::from)).unwrap();
            let data = &recipe.data;
            let encoding = EventEncoding::fit(&events, data.coordinates, data.scaling, data.cuts).unwrap();
            let fresh = |stage| nets::values(&Posterior::new(&recipe, &encoding, stage, &Device::flex()));
            let networks = (0..3).map(fresh).collect();
            let model = EventModel::new(&recipe, encoding, networks, serde_json::Value::Null).unwrap();
            for jets in 1..=3 {
                let some: Vec<Event> = events.iter().filter(|e| e.jets.len() == jets).take(50).cloned().collect();
                let found = likelihood(&model, &some, 50, &mut |_, _| Ok(())).unwrap()[0];
                assert_eq!((found.jets, found.events), (jets, 50));
                let log = |z: &f64| -0.5 * (z * z + std::f64::consts::TAU.ln());
                // The mirror image has other codes, of the same distance from zero but for the knots of the quantiles.
                let of = |event: &Event| {
                    let both = [event.clone(), event.mirrored()];
                    let encoding = &model.meta.encoding;
                    let label = encoding.share(&encoding.topology(event)).ln();
                    label + log_mean_exp(&both.map(|e| encoding.encode(&e).iter().map(log).sum()))
                };
                let expected = some.iter().map(of).sum::<f64>() / 50.0;
                // The probability flow starts at noise 0.005 and takes 20 steps; at noise 20 it ends on a normal of variance 400, not 401.
                assert!((found.nats - expected).abs() < tolerance, "{name} {jets}: {} {expected}", found.nats);
            }
        }
    }
}
