//! The page of several generators: tables of quality and cost, all observables with all generators, their classifiers' weights.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::report::KEY;
use super::tails;
use super::{Cost, EventPage, channel, chip, numbers, observable, of_jets, panels, weights};
use crate::events::judge::Judgement;
use crate::events::judge::peak::shift;
use crate::plot::document::{Document, figure, thousands};
use crate::plot::label::{escape, html as rich};
use crate::progress::{duration, significant};
use crate::report::table::{measured, protocol};

/// A number in a table, and how bad it is; the least bad of a column is set in bold.
struct Cell {
    html: String,
    badness: f64,
}

/// The page as one self-contained HTML text.
pub fn compare(page: &EventPage) -> String {
    let mut jets: Vec<usize> = page.models.iter().flat_map(|m| m.judged.iter().map(|j| j.jets)).collect();
    jets.sort_unstable();
    jets.dedup();
    let mut header = String::from("<nav><a href=\"#summary\">Summary</a>");
    for n in &jets {
        let _ = write!(header, "<a href=\"#jets-{n}\">{}</a>", channel(*n));
    }
    header += "</nav>";
    let mut body = format!(
        "<section id=\"protocol\"><h2>Protocol</h2>{}</section>\n<section id=\"summary\"><h2>Summary</h2>{}<h3>Cost</h3>{}\
         <p class=\"key\">Bold: the best of a column. A dash: the files do not say. Median deviation: |generated/true − 1| over the bins of all observables \
         that hold at least 1 % of the true events. Evaluations are per event and network.</p></section>\n",
        protocol(&page.protocol),
        overview(page, &jets),
        costs(page)
    );
    for n in jets {
        body += &section(page, n);
    }
    Document { title: &page.title, header: &header, body: &body, footer: &page.footer }.html()
}

fn section(page: &EventPage, jets: usize) -> String {
    let mut out = format!("<section class=\"class\" id=\"jets-{jets}\"><h2>{}</h2>\n", channel(jets));
    out += &quality(page, jets);
    out += "<p class=\"key\">";
    for (i, model) in page.models.iter().enumerate() {
        let _ = write!(out, "<span>{}{}</span>", chip(i), escape(&model.name));
    }
    out += "</p>\n";
    out += &panels(page, jets);
    out += "<h3>Weights of classifiers</h3>";
    out += &figure(
        &weights::svg(page, jets),
        "Each generator against the true events, on events that its classifier was not trained on, after calibration; grey and dashed: the floor.",
    );
    out += "<h3>Where the weights are extreme</h3>";
    for (i, model) in page.models.iter().enumerate() {
        if let Some(judged) = of_jets(&model.judged, jets) {
            let _ = write!(out, "<h3>{}{}</h3><p class=\"lead\">{}</p>", chip(i), escape(&model.name), numbers(judged));
            out += &tails::html(judged);
        }
    }
    out + "</section>\n"
}

fn percent(x: f64) -> Cell {
    Cell { html: format!("{:.2} %", 100.0 * x).replace('-', "\u{2212}"), badness: x.abs() }
}

fn with_error([value, error]: [f64; 2], target: f64) -> Cell {
    Cell { html: measured(value, error, 1.0), badness: (value - target).abs() }
}

/// Name of a column in HTML and its cell.
type Column<'a, T> = (String, Box<dyn Fn(&T) -> Option<Cell> + 'a>);

/// The figures of a number of jets.
fn quality(page: &EventPage, jets: usize) -> String {
    let mut columns: Vec<Column<Judgement>> =
        vec![("Median deviation".into(), Box::new(|j| Some(percent(j.deviation))))];
    for name in KEY.into_iter().filter(|name| observable(name).jets <= jets) {
        let cell = move |j: &Judgement| Some(percent(j.distribution(name)?.deviation));
        columns.push((format!("of {}", rich(observable(name).label)), Box::new(cell)));
    }
    columns.push(("Z peak, MeV".into(), Box::new(|j| Some(with_error(shift(&j.peak)[0].map(|x| 1000.0 * x), 0.0)))));
    columns.push(("Z width, %".into(), Box::new(|j| Some(with_error(shift(&j.peak)[1].map(|x| 100.0 * x), 0.0)))));
    columns.push(("AUC".into(), Box::new(|j| Some(with_error(j.auc, 0.5)))));
    columns
        .push(("Worst correlation".into(), Box::new(|j| Some(with_error(j.worst_correlation()?.difference(), 0.0)))));
    if jets > 1 {
        columns.push(("Overlapping".into(), Box::new(|j| Some(percent(j.overlapping)))));
    }
    // More events are no better quality: this column has no best.
    let events = |j: &Judgement| Some(Cell { html: thousands(j.effective.round() as usize), badness: f64::NAN });
    columns.push(("Effective events".into(), Box::new(events)));
    let models = page.models.iter().map(|m| of_jets(&m.judged, jets)).collect::<Vec<_>>();
    table(page, of_jets(&page.floor, jets), &models, &columns)
}

/// Two figures of quality per number of jets.
fn overview(page: &EventPage, jets: &[usize]) -> String {
    let mut columns: Vec<Column<[Judgement]>> = Vec::new();
    for n in jets.iter().copied() {
        let cell = move |judged: &[Judgement]| Some(percent(of_jets(judged, n)?.deviation));
        columns.push((format!("Deviation, {}", channel(n)), Box::new(cell)));
    }
    for n in jets.iter().copied() {
        let cell = move |judged: &[Judgement]| Some(with_error(of_jets(judged, n)?.auc, 0.5));
        columns.push((format!("AUC, {}", channel(n)), Box::new(cell)));
    }
    let models: Vec<_> = page.models.iter().map(|m| Some(&m.judged[..])).collect();
    table(page, (!page.floor.is_empty()).then_some(&page.floor[..]), &models, &columns)
}

/// What the generators cost.
fn costs(page: &EventPage) -> String {
    let small = |badness: f64, html: String| Some(Cell { html, badness });
    let mut columns: Vec<Column<Cost>> = vec![
        ("Training".into(), Box::new(move |c| c.training_seconds.and_then(|s| small(s, duration(s))))),
        ("Steps".into(), Box::new(move |c| c.steps.and_then(|n| small(n as f64, thousands(n as usize))))),
        ("Parameters".into(), Box::new(move |c| c.parameters.and_then(|n| small(n as f64, thousands(n))))),
        ("Evaluations".into(), Box::new(move |c| c.evaluations.and_then(|n| small(n, n.to_string())))),
        ("Events/s".into(), Box::new(move |c| c.events_per_second.and_then(|n| small(-n, significant(n))))),
    ];
    let told = page.models.iter().flat_map(|model| &model.cost.likelihood);
    for jets in told.map(|one| one.jets).collect::<BTreeSet<usize>>() {
        let cell = move |c: &Cost| {
            let one = c.likelihood.iter().find(|one| one.jets == jets)?;
            small(-one.nats, format!("{:.3} ± {:.3}", one.nats, one.error).replace('-', "\u{2212}"))
        };
        columns.push((format!("ln p, {}", channel(jets)), Box::new(cell)));
    }
    table(page, None, &page.models.iter().map(|m| Some(&m.cost)).collect::<Vec<_>>(), &columns)
}

/// A row for the floor and one for each generator; the best of these in bold.
fn table<T: ?Sized>(page: &EventPage, floor: Option<&T>, models: &[Option<&T>], columns: &[Column<T>]) -> String {
    let mut out = String::from("<div class=\"scroll\"><table class=\"summary figures\"><thead><tr><th></th>");
    columns.iter().for_each(|(name, _)| out += &format!("<th>{name}</th>"));
    out += "</tr></thead><tbody>";
    let cells: Vec<Vec<Option<Cell>>> =
        models.iter().map(|row| columns.iter().map(|(_, cell)| row.and_then(cell)).collect()).collect();
    if let Some(floor) = floor {
        out += "<tr><th>Floor</th>";
        for (_, cell) in columns {
            let _ = write!(out, "<td>{}</td>", cell(floor).map_or("–".into(), |c| c.html));
        }
        out += "</tr>";
    }
    for (i, row) in cells.iter().enumerate() {
        let name = page.models.get(i).map_or("", |m| m.name.as_str());
        let _ = write!(out, "<tr><th>{}{}</th>", chip(i), escape(name));
        for (k, cell) in row.iter().enumerate() {
            let best = cells.iter().filter_map(|row| row[k].as_ref()).map(|c| c.badness).fold(f64::INFINITY, f64::min);
            let _ = match cell {
                None => write!(out, "<td>–</td>"),
                Some(cell) if cells.len() > 1 && cell.badness == best => write!(out, "<td><b>{}</b></td>", cell.html),
                Some(cell) => write!(out, "<td>{}</td>", cell.html),
            };
        }
        out += "</tr>";
    }
    out + "</tbody></table></div>\n"
}
