//! The page: one HTML file that is also well-formed XML, with its style and pictures inside and no scripts.

use super::display::JET_RADIUS;
use super::panel_svg::{self, HEIGHT, WIDTH};
use super::{ClassReport, Panel, Report, curves, display, images, observables, table};
use crate::plot::label::{escape, html as rich};
use crate::plot::palette;
use crate::plot::svg::{Canvas, picture};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
/// Jets in a row of displays.
const DISPLAYED: usize = 4;

/// Renders the report as one self-contained HTML page.
pub fn html(report: &Report) -> String {
    let title = escape(&crate::plot::label::plain(&report.title));
    let mut out = format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n",
        rich(&report.title)
    );
    if !report.subtitle.is_empty() {
        let _ = writeln!(out, "<p class=\"lead\">{}</p>", rich(&report.subtitle));
    }
    out.push_str("<nav>");
    if !report.classes.is_empty() {
        out.push_str("<a href=\"#summary\">Summary</a>");
    }
    if !report.training.is_empty() {
        out.push_str("<a href=\"#training\">Training</a>");
    }
    for (i, class) in report.classes.iter().enumerate() {
        let _ = write!(out, "<a href=\"#class-{i}\">{}{} jets</a>", chip(class), escape(&capital(&class.label)));
    }
    out.push_str("</nav>\n</header>\n<main>\n");
    for trajectory in &report.trajectories {
        let caption = format!(
            "{}: one generated jet at decreasing noise. Discs are particles; their area and colour show \
             <i>p</i><sub>T</sub><sup>rel</sup>; the dashed circle is Δ<i>R</i> = {JET_RADIUS}.",
            rich(&trajectory.label)
        );
        figure(&mut out, &display::strip_svg(trajectory), &caption);
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
    if !report.footer.is_empty() {
        let _ = writeln!(out, "<footer>{}</footer>", rich(&report.footer));
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
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
    figure(out, &rows, &caption);
    let mut panels = String::from("<div class=\"panels\">");
    for panel in observables::panels(class) {
        panels.push_str(&panel_svg(&panel));
    }
    panels.push_str("</div>");
    figure(
        out,
        &panels,
        "Grey: real jets. Colour: generated jets with their statistical error. Lower frames: ratio, with the statistical \
         error of the real jets as a grey band and that of the generated jets as bars; arrow heads are points outside. \
         Ranges hold the central 99.8 % of the real jets. Errors of particle distributions allow for the correlation of \
         particles within a jet; <i>χ</i><sup>2</sup> is over bins with at least ten jets.",
    );
    figure(
        out,
        &images::maps(class),
        "Average jet: mean <i>p</i><sub>T</sub><sup>rel</sup> in each pixel, and the difference in units of its standard error.",
    );
    out.push_str("</section>\n");
}

fn figure(out: &mut String, body: &str, caption: &str) {
    let _ = writeln!(out, "<figure>{body}<figcaption>{caption}</figcaption></figure>");
}

fn chip(class: &ClassReport) -> String {
    format!("<span class=\"chip\" style=\"background:{}\"></span>", palette::category(class.colour))
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
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
