//! Every metric between two samples, by the protocol.

use metrics::{C2st, Emd, Estimate, Pool, bootstrap_wasserstein, c2st, coverage_emd};

use super::{Best, Features, Figure, Protocol, Value};
use crate::{Error, interrupt};

/// One measured metric with its description.
pub(super) struct Measured {
    name: &'static str,
    value: Value,
    unit: f64,
    best: Best,
    meaning: &'static str,
}

pub(super) fn figure(value: Measured, floor: Measured) -> Figure {
    Figure {
        name: value.name,
        value: value.value,
        floor: floor.value,
        unit: value.unit,
        best: value.best,
        meaning: value.meaning,
    }
}

/// All metrics, in the order of the table.
pub(super) fn all(
    real: &Features,
    other: &Features,
    protocol: &Protocol,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Measured>, Error> {
    let mut list = Vec::new();
    let mut step = |name: &str| {
        say(name);
        interrupt::check()
    };
    let mut push = |name, value: Estimate, unit, best, meaning| {
        list.push(Measured { name, value: value.into(), unit, best, meaning })
    };

    step("W1M")?;
    let pool = |f: &Features| Pool::scalar(f.mass.iter().copied());
    let w1m = bootstrap_wasserstein(&pool(real)?, &pool(other)?, &protocol.wasserstein)?;
    push("W1M", w1m, 1e-3, Best::Small, "jet mass");

    step("W1P")?;
    let mut single = Vec::new();
    for column in 0..3 {
        single.push(bootstrap_wasserstein(&real.particles(column)?, &other.particles(column)?, &protocol.wasserstein)?);
    }
    push("W1P", mean(&single), 1e-3, Best::Small, "particle features, mean of the three below");
    for (name, value, meaning) in [
        ("W1P eta", single[0], "pseudorapidity of the particles relative to the jet"),
        ("W1P phi", single[1], "azimuth of the particles relative to the jet"),
        ("W1P pT", single[2], "momentum of the particles relative to the jet"),
    ] {
        push(name, value, 1e-3, Best::Small, meaning);
    }

    step("W1EFP")?;
    let mut graphs = Vec::new();
    for column in collider::efp::W1EFP {
        let pool = |f: &Features| Pool::scalar(f.efps.column(column));
        graphs.push(bootstrap_wasserstein(&pool(real)?, &pool(other)?, &protocol.wasserstein)?);
    }
    push("W1EFP", mean(&graphs), 1e-5, Best::Small, "five energy-flow polynomials: correlations of four particles");

    step("FPD")?;
    push(
        "FPD",
        metrics::fpd(&real.efps, &other.efps, &protocol.fpd)?,
        1e-4,
        Best::Small,
        "means and correlations of 36 energy-flow polynomials",
    );
    step("KPD")?;
    push(
        "KPD",
        metrics::kpd(&real.efps, &other.efps, &protocol.kpd)?,
        1e-6,
        Best::Small,
        "their higher moments; zero within its error is perfect",
    );

    step("COV and MMD")?;
    let coverage = coverage(real, other, protocol)?;
    push("COV", coverage.0, 1.0, Best::Large, "part of the real jets that are nearest to some generated jet");
    push("MMD", coverage.1, 1e-2, Best::Small, "energy mover's distance of a real jet to its nearest generated jet");

    step("AUC")?;
    push(
        "AUC",
        classifier(real, other, protocol)?,
        1.0,
        Best::Half,
        "classifier that tells generated from real; 0.5 is a guess",
    );
    Ok(list)
}

/// Mean of several estimates, with their errors taken as independent.
fn mean(list: &[Estimate]) -> Estimate {
    let n = list.len() as f64;
    let error = list.iter().map(|e| e.error * e.error).sum::<f64>().sqrt() / n;
    Estimate { value: list.iter().map(|e| e.value).sum::<f64>() / n, error }
}

/// COV and MMD with the energy mover's distance.
fn coverage(real: &Features, other: &Features, protocol: &Protocol) -> Result<(Estimate, Estimate), Error> {
    let found = coverage_emd(&real.clouds(), &other.clouds(), &protocol.coverage, &Emd::default())?;
    Ok((found.coverage, found.mmd))
}

/// AUC of the classifier on at most the protocol's number of jets of each sample.
fn classifier(real: &Features, other: &Features, protocol: &Protocol) -> Result<Estimate, Error> {
    let some = |f: &Features| {
        f.observables.select(&(0..f.jets.len().min(protocol.classifier_jets) as u32).collect::<Vec<_>>())
    };
    let auc = c2st(&some(real), &some(other), &C2st::default())?.auc;
    Ok(Estimate { value: auc.value, error: auc.error })
}
