//! Bounds on the likelihood of tokens, `-ln p(data) <= ...` in nats.
//!
//! 1. D3PM: `KL(q(x_T | data) | pi) + sum KL(q(x_s | x_t, data) | p(x_s | x_t)) - ln p(data | x_1)` over a grid's steps
//! 2. MDLM, continuous time, the limit of 1 for masks: `int_0^1 E[sum over masked tokens of -ln p(data | x_t)] du/u`, with
//!    `u = 1 - a(t)` the share of masked tokens: the same for every schedule
//!
//! Austin et al., arXiv:2107.03006, eq. 1; Sahoo et al., arXiv:2406.07524, eq. 10.

use super::{Categorical, Probabilities, Tokens};
use crate::error::{Error, positive};
use crate::{Grid, Process, Rng};

/// A model of clean tokens given noisy ones: `p(data | x_t)` at each place.
type Model<'a> = dyn Fn(&Tokens, f64) -> Probabilities + 'a;

/// D3PM's bound for each sequence, one draw of noise per time of the grid: unbiased. The grid's times lie in (0, 1].
///
/// # Errors
/// [`Error::Token`] for data of a class that the process has not, [`Error::Length`] for data or a model's answer of another
/// shape.
pub fn elbo(
    process: &Categorical,
    model: &Model,
    grid: &Grid,
    data: &Tokens,
    rng: &mut Rng,
) -> Result<Vec<f64>, Error> {
    data.below(process.classes())?;
    let times = grid.times();
    let stationary = process.stationary();
    let start = |place| divergence(&process.marginal(data.values[place] as usize, times[0]), &stationary);
    let mut total = per_row(data, start);
    for (index, &t) in times.iter().enumerate() {
        let x = process.corrupt(data, &vec![t; data.rows()], rng);
        let estimate = ask(process, model, &x, t)?;
        let term = |place: usize| {
            let (state, truth) = (x.values[place] as usize, data.values[place] as usize);
            match times.get(index + 1) {
                Some(&s) => {
                    let exact = process.posterior(state, truth, t, s);
                    divergence(&exact, &process.mixed(state, estimate.of(place), t, s))
                }
                None if process.mask().is_some() && state == truth => 0.0,
                None => -estimate.of(place)[truth].ln(),
            }
        };
        total.iter_mut().zip(per_row(data, term)).for_each(|(sum, term)| *sum += term);
    }
    Ok(total)
}

/// MDLM's bound for each sequence: the mean over `draws` evenly spread shares of masked tokens, shifted together at random:
/// unbiased.
///
/// # Errors
/// [`Error::Parameter`] if the process has no mask or there are no draws; as [`elbo`].
pub fn masked_elbo(
    process: &Categorical,
    model: &Model,
    data: &Tokens,
    draws: usize,
    rng: &mut Rng,
) -> Result<Vec<f64>, Error> {
    let Some(mask) = process.mask() else {
        let value = process.states() as f64;
        return Err(Error::Parameter { what: "states of the process", value, allowed: "its classes and a mask" });
    };
    positive("draws", draws as f64)?;
    data.below(process.classes())?;
    let schedule = process.schedule();
    let mut total = vec![0.0; data.rows()];
    // Sample 0's number whatever the batch, so that a sequence's bound does not depend on its batch.
    let shift = rng.clone().at(0).uniform(1, 1)[0];
    rng.draw += 1;
    for draw in 0..draws {
        let share = (draw as f64 + shift) / draws as f64;
        let t = schedule.time(share);
        let x = process.corrupt(data, &vec![t; data.rows()], rng);
        let estimate = ask(process, model, &x, t)?;
        let weight = 1.0 / (share * draws as f64);
        let surprise = |place: usize| {
            let hidden = x.values[place] == mask;
            if hidden { -weight * estimate.of(place)[data.values[place] as usize].ln() } else { 0.0 }
        };
        total.iter_mut().zip(per_row(data, surprise)).for_each(|(sum, term)| *sum += term);
    }
    Ok(total)
}

/// The model's answer, if it has the shape that it must have.
fn ask(process: &Categorical, model: &Model, x: &Tokens, t: f64) -> Result<Probabilities, Error> {
    let estimate = model(x, t);
    estimate.fit(x, process.classes())?;
    Ok(estimate)
}

/// `KL(p | q) = sum p ln(p/q)`.
fn divergence(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| p * (p / q).ln()).sum()
}

/// The sum over each sequence of a term per place.
fn per_row(data: &Tokens, term: impl Fn(usize) -> f64) -> Vec<f64> {
    let length = data.length;
    (0..data.rows()).map(|row| (row * length..(row + 1) * length).map(&term).sum()).collect()
}
