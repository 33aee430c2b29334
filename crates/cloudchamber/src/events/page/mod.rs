//! Pages of judged events: one generator in full ([`report`]), or several side by side ([`compare`]).
//!
//! | module | draws |
//! |---|---|
//! | `panel` | one observable: densities and ratios to the truth |
//! | `weights` | the weights of the classifiers |
//! | `tails` | where these weights are extreme |
//! | `maps` | pairs of observables |
//! | `observables` | the table of all observables |
//! | `comparison` | the tables of several generators |

mod comparison;
mod cost;
mod maps;
mod observables;
mod panel;
mod report;
mod tails;
#[cfg(test)]
mod tests;
mod weights;

pub use comparison::compare;
pub use cost::Cost;
pub use report::report;

use collider::zjets::observables::{OBSERVABLES, Observable};

use super::judge::Judgement;
use crate::plot::document::{figure, thousands};
use crate::plot::palette;

/// A judged generator.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// Its events against the true ones, by number of jets.
    pub judged: Vec<Judgement>,
    /// What it costs.
    pub cost: Cost,
}

/// What a page is about.
#[derive(Clone, Debug, Default)]
pub struct EventPage {
    /// Heading.
    pub title: String,
    /// What was done, in pairs.
    pub protocol: Vec<(String, String)>,
    /// Other true events against the true ones, by number of jets; none if there are none.
    pub floor: Vec<Judgement>,
    /// The generators.
    pub models: Vec<Judged>,
    /// Last line: version, date.
    pub footer: String,
}

/// The judgement of a number of jets.
fn of_jets(judged: &[Judgement], jets: usize) -> Option<&Judgement> {
    judged.iter().find(|j| j.jets == jets)
}

/// An observable by its name; names are those of judgements.
fn observable(name: &str) -> &'static Observable {
    OBSERVABLES.iter().find(|o| o.name == name).expect("judgements name known observables")
}

/// "Z + 2 jets".
fn channel(jets: usize) -> String {
    format!("Z + {jets} jet{}", if jets == 1 { "" } else { "s" })
}

/// A colour's square in a text.
fn chip(i: usize) -> String {
    format!("<span class=\"chip\" style=\"background:{}\"></span>", palette::category(i))
}

/// The distributions of all generators and the floor that have this number of jets.
fn panels(page: &EventPage, jets: usize) -> String {
    let series: Vec<(usize, &Judgement)> =
        page.models.iter().enumerate().filter_map(|(i, m)| Some((i, of_jets(&m.judged, jets)?))).collect();
    let floor = of_jets(&page.floor, jets);
    let mut out = String::from("<div class=\"panels\">");
    for one in series.first().map_or(&[][..], |(_, judged)| &judged.distributions) {
        let name = one.observable.as_str();
        let drawn: Vec<panel::Series> = series
            .iter()
            .filter_map(|&(place, judged)| Some(panel::Series { place, of: judged.distribution(name)? }))
            .collect();
        out += &panel::svg(observable(name), jets, &drawn, floor.and_then(|f| f.distribution(name)));
    }
    out += "</div>";
    let several = series.len() > 1;
    let draws = series.iter().any(|(_, judged)| judged.draws > 1);
    let mut caption = String::from(
        "Grey: true events. Dashed: other true events, the floor. Lower frames: ratio to the true events; the grey band is their statistical error. ",
    );
    caption += match several {
        true => {
            "Lines are the generators, each in its colour, with its statistical error as a band in the upper frames. "
        }
        false => "Points are the generated events with their statistical error; arrow heads are points outside. ",
    };
    if draws {
        caption += "Broad bars: spread over draws of the Bayesian network’s weights, less what the statistics of a draw explain, around their mean; of few draws \
                    single bars are chance, a row of them is not. ";
    }
    caption += "Ranges hold the central 99.6 % of the true events; those of masses begin at a thirtieth of the median.";
    figure(&out, &caption)
}

/// Numbers of events, in a sentence.
fn numbers(judged: &Judgement) -> String {
    let draws = if judged.draws > 1 { format!(", {} draws of the weights", judged.draws) } else { String::new() };
    format!(
        "{} true and {} generated events, effectively {}{draws}",
        thousands(judged.events[0]),
        thousands(judged.events[1]),
        thousands(judged.effective.round() as usize)
    )
}
