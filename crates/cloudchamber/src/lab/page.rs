//! The page of a comparison: distances against evaluations, then each method's field, ways and samples.

use std::fmt::Write;

use super::Arrow;
use super::compare::{Comparison, Entry, Mean};
use super::scene::{HEIGHT, Scene, Shade, WIDTH};
use crate::Error;
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::label::{escape, html as rich};
use crate::plot::palette;
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, num, picture};

const STYLE: &str = include_str!("../report/page.css");
/// Noise level, in units of the target's spread, at which fields are drawn: half way between shapeless and sharp.
const LEVEL: f64 = 0.4;
/// Arrows in each direction.
const ARROWS: usize = 17;
/// Name of the target's density in a page.
const SHADE: &str = "target";
/// Ways drawn, and states in all of them together: long ways are few, so that they can be told apart.
const WAYS: usize = 40;
const STATES: usize = 1200;
/// Scenes in a row of the gallery, and points in each.
const COLUMNS: usize = 4;
const GALLERY: usize = 800;
/// Points drawn in a scene.
const SHOWN: usize = 1500;
const PLOT: [f64; 2] = [640.0, 400.0];

/// The page as one self-contained HTML text.
///
/// # Errors
/// Those of sampling.
pub fn html(comparison: &Comparison, name: &str, entries: &[Entry], floor: Mean) -> Result<String, Error> {
    let title = format!("Laboratory: {name}");
    let mut out = format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{0}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n<p class=\"lead\">{1} methods; Wasserstein-2 distance of {2} samples \
         to {2} of the target, mean of {3} seeds from {4}. The floor is the distance of two samples of the target: {5}.</p>\n</header>\n<main>\n",
        escape(&title),
        entries.len(),
        comparison.points,
        comparison.repeats,
        comparison.seed,
        cell(floor)
    );
    let _ = writeln!(
        out,
        "<section><h2>Distance against evaluations</h2><figure>{}<figcaption>Grey: the floor and its error. Below it nothing can be told from the target \
         with this many points.</figcaption></figure>{}</section>",
        distances(entries, floor),
        table(entries)
    );
    out.push_str(&shade(comparison).define(SHADE));
    for (i, entry) in entries.iter().enumerate() {
        section(&mut out, comparison, entry, i)?;
    }
    let _ = writeln!(out, "<footer>chamber {}</footer>\n</main>\n</body>\n</html>", env!("CARGO_PKG_VERSION"));
    Ok(out)
}

/// The target's density: exact where it is known.
fn shade(comparison: &Comparison) -> Shade {
    let (target, window) = (&comparison.target, comparison.target.window());
    match target.density(window.1) {
        Some(_) => Shade::of(window, |x| target.density(x).unwrap_or(0.0)),
        None => Shade::histogram(window, &comparison.truth(comparison.seed)),
    }
}

fn section(out: &mut String, comparison: &Comparison, entry: &Entry, index: usize) -> Result<(), Error> {
    let recipe = &entry.trained.recipe;
    let (few, many) = few_and_many(&recipe.evaluations);
    let window = comparison.target.window();
    let scene = |title: String| Scene { title, window, colour: index, shade: SHADE, ..Scene::default() };
    let places = Scene::grid(comparison.target.window(), ARROWS);
    let field = entry.trained.field(&places, LEVEL);
    let arrows = places.into_iter().zip(field).map(|(at, field)| Arrow { at, field }).collect();
    let samples = |n: usize| entry.trained.samples(n, comparison.seed, SHOWN);
    let of = |n: usize| format!("{n} evaluation{}", if n == 1 { "" } else { "s" });
    let scenes = [
        Scene { arrows, ..scene("Field half way".into()) },
        Scene {
            trajectories: entry.trained.trajectories(many, comparison.seed, (STATES / many).clamp(4, WAYS))?,
            ..scene(format!("Ways, {}", of(many)))
        },
        Scene { points: samples(few)?, ..scene(of(few)) },
        Scene { points: samples(many)?, ..scene(of(many)) },
    ];
    let mut c = Canvas::default();
    for (k, scene) in scenes.iter().enumerate() {
        scene.draw(&mut c, WIDTH * k as f64, 0.0);
    }
    let title = if recipe.title.is_empty() { &recipe.name } else { &recipe.title };
    let _ = writeln!(
        out,
        "<section id=\"{}\"><h2>{}</h2><p class=\"lead\">{}</p><figure>{}<figcaption>Shade: the target's density. Arrows: the direction of the probability flow \
         towards the data at noise {LEVEL} of the target's spread (lengths as roots). Lines: states on the way, each divided by α + σ, which makes every path the straight one; black \
         dots are noise, coloured ones data.</figcaption></figure></section>",
        escape(&recipe.name),
        rich(title),
        rich(&recipe.about),
        picture(WIDTH * scenes.len() as f64, HEIGHT, title, c)
    );
    Ok(())
}

/// The evaluations to show side by side: the smallest number from four on, and the largest.
fn few_and_many(evaluations: &[usize]) -> (usize, usize) {
    let mut sorted = evaluations.to_vec();
    sorted.sort_unstable();
    let few = sorted.iter().copied().find(|n| *n >= 4).unwrap_or(sorted[0]);
    (few, sorted[sorted.len() - 1])
}

fn cell(mean: Mean) -> String {
    if mean.error > 0.0 { format!("{:.3} ± {:.3}", mean.value, mean.error) } else { format!("{:.3}", mean.value) }
}

fn table(entries: &[Entry]) -> String {
    let mut columns: Vec<usize> = entries.iter().flat_map(|e| e.trained.recipe.evaluations.clone()).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>Method</th><th>Training, s</th>");
    for n in &columns {
        let _ = write!(out, "<th>{n}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for (i, entry) in entries.iter().enumerate() {
        let recipe = &entry.trained.recipe;
        let title = if recipe.title.is_empty() { &recipe.name } else { &recipe.title };
        let _ = write!(
            out,
            "<tr><th><span class=\"chip\" style=\"background:{}\"></span><a href=\"#{}\">{}</a></th><td>{:.0}</td>",
            palette::category(i),
            escape(&recipe.name),
            rich(title),
            entry.measured.seconds
        );
        for n in &columns {
            let found = entry.measured.distances.iter().find(|(k, _)| k == n);
            let _ = write!(out, "<td>{}</td>", found.map_or(String::new(), |(_, mean)| cell(*mean)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// Samples of every method with few evaluations, side by side, as one picture that stands alone.
///
/// # Errors
/// Those of sampling.
pub fn gallery(comparison: &Comparison, entries: &[Entry]) -> Result<String, Error> {
    let columns = COLUMNS.min(entries.len().max(1));
    let mut c = Canvas::default();
    c.raw(&format!("<defs>{}</defs>", shade(comparison).group(SHADE)));
    for (i, entry) in entries.iter().enumerate() {
        let (few, _) = few_and_many(&entry.trained.recipe.evaluations);
        let title = format!("{}, {few}", entry.measured.name);
        let points = entry.trained.samples(few, comparison.seed, GALLERY)?;
        let scene =
            Scene { title, window: comparison.target.window(), colour: i, shade: SHADE, points, ..Scene::default() };
        scene.draw(&mut c, WIDTH * (i % columns) as f64, HEIGHT * (i / columns) as f64);
    }
    let rows = entries.len().div_ceil(columns).max(1);
    Ok(picture(WIDTH * columns as f64, HEIGHT * rows as f64, "Samples of every method", c))
}

/// All methods in one frame, on logarithmic axes, with the floor as a band.
fn distances(entries: &[Entry], floor: Mean) -> String {
    let all = || entries.iter().flat_map(|e| &e.measured.distances);
    let bounds = |values: &mut dyn Iterator<Item = f64>| {
        values.filter(|v| v.is_finite() && *v > 0.0).fold((f64::INFINITY, 0.0f64), |(lo, hi), v| (lo.min(v), hi.max(v)))
    };
    let (x_lo, x_hi) = bounds(&mut all().map(|(n, _)| *n as f64));
    let (y_lo, y_hi) = bounds(&mut all().map(|(_, m)| m.value).chain([floor.value]));
    let frame = Frame {
        left: 60.0,
        top: 16.0,
        width: PLOT[0] - 250.0,
        height: PLOT[1] - 62.0,
        x: Axis { lo: x_lo / 1.15, hi: x_hi * 1.15, log: true, labels: 6 },
        y: Axis { lo: y_lo / 1.3, hi: y_hi * 1.3, log: true, labels: 6 },
    };
    let mut c = Canvas::default();
    let (top, bottom) = (frame.py(floor.value + floor.error), frame.py((floor.value - floor.error).max(frame.y.lo)));
    c.rect([frame.left, top, frame.width, (bottom - top).max(1.0)], "fill=\"#dcdcdc\"");
    for (i, entry) in entries.iter().enumerate() {
        let colour = palette::category(i);
        let dash = ["", " stroke-dasharray=\"5 3\"", " stroke-dasharray=\"1.5 2.5\""][(i / 6) % 3];
        let mut line = String::new();
        for (k, (n, mean)) in entry.measured.distances.iter().enumerate() {
            let _ = write!(
                line,
                "{}{} {}",
                if k == 0 { "M" } else { "L" },
                num(frame.px(*n as f64)),
                num(frame.py(mean.value))
            );
        }
        c.path(&line, &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{dash}"));
        for (n, mean) in &entry.measured.distances {
            c.circle(frame.px(*n as f64), frame.py(mean.value), 2.4, &format!("fill=\"{colour}\""));
        }
        let y = frame.top + 10.0 + 15.0 * i as f64;
        let x = frame.left + frame.width + 14.0;
        c.path(&format!("M{} {}h20", num(x), num(y - 4.0)), &format!("stroke=\"{colour}\" stroke-width=\"1.6\"{dash}"));
        c.text(x + 26.0, y, Type::new(11.0, Anchor::Start), short(&entry.trained.recipe.title, &entry.measured.name));
    }
    c.text(frame.left + 6.0, bottom + 13.0, Type { fill: FAINT, ..Type::new(10.0, Anchor::Start) }, "floor");
    frame.draw(&mut c, Labels { x_numbers: true, y_numbers: true, x: "Network evaluations", y: "*W*_{2}" });
    picture(PLOT[0], PLOT[1].max(40.0 + 15.0 * entries.len() as f64), "Distance against evaluations", c)
}

fn short<'a>(title: &'a str, name: &'a str) -> &'a str {
    if title.is_empty() || title.chars().count() > 26 { name } else { title }
}
