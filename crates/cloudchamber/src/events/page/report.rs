//! The page of one generator.

use std::fmt::Write;

use super::{EventPage, channel, maps, numbers, observable, observables, of_jets, panels, tails, weights};
use crate::events::judge::Judgement;
use crate::events::judge::peak::shift;
use crate::plot::document::{Document, figure};
use crate::report::table;
use crate::report::{ClassReport, Goal, MetricRow};

/// Observables whose deviation is in the summary: the resonance, the recoil, and what needs two jets.
pub(super) const KEY: [&str; 5] = ["mass_z", "pt_z", "pt_j1", "dr_j1_j2", "mass_j1_j2"];

/// The page as one self-contained HTML text; of the generators, the first is shown.
pub fn report(page: &EventPage) -> String {
    let judged = page.models.first().map_or(&[][..], |m| &m.judged);
    let mut header = String::from("<nav><a href=\"#summary\">Summary</a>");
    for one in judged {
        let _ = write!(header, "<a href=\"#jets-{0}\">{1}</a>", one.jets, channel(one.jets));
    }
    header += "</nav>";
    let classes: Vec<ClassReport> = judged
        .iter()
        .map(|one| ClassReport {
            label: channel(one.jets),
            colour: one.jets - 1,
            metrics: rows(one, of_jets(&page.floor, one.jets)),
            ..ClassReport::default()
        })
        .collect();
    let mut body = format!(
        "<section id=\"protocol\"><h2>Protocol</h2>{}</section>\n<section id=\"summary\"><h2>Summary</h2>{}</section>\n",
        table::protocol(&page.protocol),
        table::summary(&classes)
    );
    for one in judged {
        body += &section(page, one);
    }
    Document { title: &page.title, header: &header, body: &body, footer: &page.footer }.html()
}

fn section(page: &EventPage, one: &Judgement) -> String {
    let floor = of_jets(&page.floor, one.jets);
    let mut out = format!(
        "<section class=\"class\" id=\"jets-{}\"><h2>{}</h2><p class=\"lead\">{}</p>\n",
        one.jets,
        channel(one.jets),
        numbers(one)
    );
    out += &panels(page, one.jets);
    out += "<h3>All observables</h3>";
    out += &observables::table(one, floor);
    out += "<h3>Weights of a classifier</h3>";
    let c = &one.classifier.calibration;
    let caption = format!(
        "Weights <i>w</i> = <i>D</i>/(1 − <i>D</i>) on events that the classifier was not trained on, after calibration: 1 where it finds no difference; \
         low where too many events are generated, high where too few. Grey and dashed: the classifier between true events and the floor. \
         Trained on {} true and {} generated events; calibration error {:.2} % before and {:.2} % after calibration (slope {:.2}), {:.2} % by chance.",
        one.classifier.events[0],
        one.classifier.events[1],
        100.0 * c.before,
        100.0 * c.after,
        c.slope,
        100.0 * c.expected
    );
    out += &figure(&weights::svg(page, one.jets), &caption);
    out += &limits(one, floor);
    out += "<h3>Where the weights are extreme</h3>";
    out += &tails::html(one);
    out += "<h3>Correlations</h3><div class=\"rows\">";
    one.correlations.iter().for_each(|correlation| out += &maps::svg(correlation));
    out + "</div></section>\n"
}

/// Shares of events with extreme weights.
fn limits(one: &Judgement, floor: Option<&Judgement>) -> String {
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>Share of events with</th>");
    for limit in &one.classifier.limits {
        let side = if limit.weight < 1.0 { "&lt;" } else { "&gt;" };
        let _ = write!(out, "<th><i>w</i> {side} {}</th>", limit.weight);
    }
    out += "</tr></thead><tbody>";
    let samples = [("generated", Some(one)), ("floor", floor)];
    for (name, judged) in samples.into_iter().filter_map(|(name, j)| Some((name, j?))) {
        for (what, side) in [("true events", 0), (if name == "floor" { "floor events" } else { "generated events" }, 1)]
        {
            let of = if name == "floor" { ", floor" } else { "" };
            let what = if side == 0 { format!("{what}{of}") } else { what.to_string() };
            let _ = write!(out, "<tr><th>{what}</th>");
            for limit in &judged.classifier.limits {
                let _ = write!(out, "<td>{:.3} %</td>", 100.0 * [limit.truth, limit.generated][side]);
            }
            out += "</tr>";
        }
    }
    out + "</tbody></table></div>\n"
}

/// The figures of the summary.
fn rows(one: &Judgement, floor: Option<&Judgement>) -> Vec<MetricRow> {
    let row = |name: String, goal: Goal, why: &str, of: &dyn Fn(&Judgement) -> Option<[f64; 2]>| {
        let [value, error] = of(one)?;
        let [floor, floor_error] = floor.and_then(of).unwrap_or([f64::NAN; 2]);
        Some(MetricRow { value, error, floor, floor_error, goal, explanation: why.into(), ..MetricRow::new(&name) })
    };
    let none = f64::NAN;
    let mut rows = vec![row(
        "Median deviation [%]".into(),
        Goal::Small,
        "|generated/true − 1|, median over the bins of all observables that hold at least 1 % of the true events",
        &|j| Some([100.0 * j.deviation, none]),
    )];
    for name in KEY {
        let label = format!("of {} [%]", observable(name).label);
        rows.push(row(label, Goal::Small, "", &|j| Some([100.0 * j.distribution(name)?.deviation, none])));
    }
    rows.extend([
        row("*χ*^{2}/bins".into(), Goal::Small, "all observables; about 1 for samples of one law", &|j| {
            let (chi, bins) = j.distributions.iter().fold((0.0, 0), |(c, n), d| (c + d.chi_square, n + d.pulls));
            Some([chi / bins as f64, none])
        }),
        row("Largest |pull|".into(), Goal::Small, "(generated − true)/error in any bin of any observable", &|j| {
            Some([j.worst_pull()?.largest_pull.abs(), none])
        }),
        row(
            "Z peak [MeV]".into(),
            Goal::Near(0.0),
            "mean mass of the muons within 5 GeV of the Z, less the true one",
            &|j| Some(shift(&j.peak)[0].map(|x| 1000.0 * x)),
        ),
        row("Z width [%]".into(), Goal::Near(0.0), "standard deviation there, over the true one, less 1", &|j| {
            Some(shift(&j.peak)[1].map(|x| 100.0 * x))
        }),
        row("Correlation".into(), Goal::Small, "the rank correlation furthest from the true one, by its error", &|j| {
            let [difference, error] = j.worst_correlation()?.difference();
            Some([difference.abs(), error])
        }),
        row(
            "AUC".into(),
            Goal::Near(0.5),
            "area under the ROC curve of a classifier; 1/2: it finds no difference",
            &|j| Some(j.auc),
        ),
        row("*w* < 0.1 [%]".into(), Goal::Small, "generated events in regions with ten times too many", &|j| {
            Some([100.0 * j.classifier.limits.iter().find(|l| l.weight == 0.1)?.generated, none])
        }),
    ]);
    if one.jets > 1 {
        rows.push(row(
            "Overlapping jets [%]".into(),
            Goal::Small,
            "generated events with two jets closer than the cut",
            &|j| Some([100.0 * j.overlapping, none]),
        ));
    }
    if one.soft > 0.0 {
        rows.push(row("Soft jets [%]".into(), Goal::Small, "generated events with a jet below the cut", &|j| {
            Some([100.0 * j.soft, none])
        }));
    }
    rows.into_iter().flatten().collect()
}
