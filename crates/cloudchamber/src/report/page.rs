//! The page of a report.

use super::display::JET_RADIUS;
use super::panel_svg::{self, HEIGHT, WIDTH};
use super::{ClassReport, Panel, Report, curves, display, images, observables, table};
use crate::plot::document::{Document, figure, thousands};
use crate::plot::label::{escape, html as rich};
use crate::plot::palette;
use crate::plot::svg::{Canvas, picture};
use std::fmt::Write;

/// Jets in a row of displays.
const DISPLAYED: usize = 4;

/// Renders the report as one self-contained HTML page.
pub fn html(report: &Report) -> String {
    let mut header = String::new();
    if !report.subtitle.is_empty() {
        let _ = writeln!(header, "<p class=\"lead\">{}</p>", rich(&report.subtitle));
    }
    header.push_str("<nav>");
    if !report.classes.is_empty() {
        header.push_str("<a href=\"#summary\">Summary</a>");
    }
    if !report.training.is_empty() {
        header.push_str("<a href=\"#training\">Training</a>");
    }
    for (i, class) in report.classes.iter().enumerate() {
        let _ = write!(header, "<a href=\"#class-{i}\">{}{} jets</a>", chip(class), escape(&capital(&class.label)));
    }
    header.push_str("</nav>");
    let mut out = String::new();
    for trajectory in &report.trajectories {
        let caption = format!(
            "{}: one generated jet at decreasing noise. Discs are particles; their area and colour show \
             <i>p</i><sub>T</sub><sup>rel</sup>; the dashed circle is Δ<i>R</i> = {JET_RADIUS}.",
            rich(&trajectory.label)
        );
        out.push_str(&figure(&display::strip_svg(trajectory), &caption));
    }
    if !report.protocol.is_empty() {
        let _ =
            writeln!(out, "<section id=\"protocol\"><h2>Protocol</h2>{}</section>", table::protocol(&report.protocol));
    }
    if !report.classes.is_empty() {
        let _ = writeln!(out, "<section id=\"summary\"><h2>Summary</h2>{}</section>", table::summary(&report.classes));
    }
    if !report.training.is_empty() {
        out.push_str("<section id=\"training\"><h2>Training</h2><div class=\"curves\">");
        for curve in &report.training {
            out.push_str(&curves::loss_svg(curve));
        }
        out.push_str("</div></section>\n");
    }
    for (i, class) in report.classes.iter().enumerate() {
        section(&mut out, i, class);
    }
    Document { title: &report.title, header: &header, body: &out, footer: &report.footer }.html()
}

fn section(out: &mut String, i: usize, class: &ClassReport) {
    let _ = writeln!(
        out,
        "<section class=\"class\" id=\"class-{i}\"><h2>{}{} jets</h2><p class=\"lead\">{} real and {} generated jets</p>",
        chip(class),
        escape(&capital(&class.label)),
        thousands(class.real.len()),
        thousands(class.generated.len())
    );
    let rows = format!(
        "<div class=\"rows\">{}{}</div>",
        display::row(class, false, DISPLAYED),
        display::row(class, true, DISPLAYED)
    );
    let caption = format!(
        "The first {DISPLAYED} jets of each sample, not selected. Area and colour of a disc show \
         <i>p</i><sub>T</sub><sup>rel</sup>; the dashed circle is Δ<i>R</i> = {JET_RADIUS}."
    );
    out.push_str(&figure(&rows, &caption));
    let mut panels = String::from("<div class=\"panels\">");
    for panel in observables::panels(class) {
        panels.push_str(&panel_svg(&panel));
    }
    panels.push_str("</div>");
    out.push_str(&figure(
        &panels,
        "Grey: real jets. Colour: generated jets with their statistical error. Lower frames: ratio, with the statistical \
         error of the real jets as a grey band and that of the generated jets as bars; arrow heads are points outside. \
         Ranges hold the central 99.8 % of the real jets. Errors of particle distributions allow for the correlation of \
         particles within a jet; <i>χ</i><sup>2</sup> is over bins with at least ten jets.",
    ));
    out.push_str(&figure(
        &images::maps(class),
        "Average jet: mean <i>p</i><sub>T</sub><sup>rel</sup> in each pixel, and the difference in units of its standard error.",
    ));
    out.push_str("</section>\n");
}

fn chip(class: &ClassReport) -> String {
    format!("<span class=\"chip\" style=\"background:{}\"></span>", palette::category(class.colour))
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// One panel as a picture of its own.
pub fn panel_svg(panel: &Panel) -> String {
    panel_grid_svg(std::slice::from_ref(panel), 1)
}

/// Panels in rows of `columns` as one picture, for a README or a slide.
pub fn panel_grid_svg(panels: &[Panel], columns: usize) -> String {
    let columns = columns.clamp(1, panels.len().max(1));
    let rows = panels.len().div_ceil(columns).max(1);
    let mut c = Canvas::default();
    for (i, panel) in panels.iter().enumerate() {
        panel_svg::draw(&mut c, panel, WIDTH * (i % columns) as f64, HEIGHT * (i / columns) as f64);
    }
    let title = match panels {
        [one] => format!("{}: {}", one.tag, one.x_label),
        _ => "Real and generated jets".to_string(),
    };
    picture(WIDTH * columns as f64, HEIGHT * rows as f64, &title, c)
}
