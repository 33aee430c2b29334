//! The page of a comparison: distances against evaluations, then each method's field, ways and samples.

use std::fmt::Write;

use super::Arrow;
use super::compare::{Comparison, Entry, Mean};
use super::curves;
use super::goal::Goal;
use super::scene::{HEIGHT, Scene, Shade, WIDTH};
use super::transport::wasserstein2;
use crate::Error;
use crate::plot::document::Document;
use crate::plot::label::{escape, html as rich};
use crate::plot::palette;
use crate::plot::svg::{Canvas, picture};

/// Noise level, in units of the target's spread, at which fields are drawn: half way between shapeless and sharp.
const LEVEL: f64 = 0.4;
/// Arrows in each direction.
const ARROWS: usize = 17;
/// Ways drawn, and states in all of them together: long ways are few, so that they can be told apart.
const WAYS: usize = 40;
const STATES: usize = 1200;
/// Scenes in a row of the gallery, and points in each.
const COLUMNS: usize = 4;
const GALLERY: usize = 800;
/// Points drawn in a scene.
const SHOWN: usize = 1500;

/// The page as one self-contained HTML text.
///
/// # Errors
/// Those of sampling.
pub fn html(comparison: &Comparison, name: &str, entries: &[Entry], floor: Mean) -> Result<String, Error> {
    let title = format!("Laboratory: {name}");
    let header = format!(
        "<p class=\"lead\">{} methods; Wasserstein-2 distance of {1} samples \
         to {1} of the target, mean of {2} seeds from {3}. The floor is the distance of two samples of the target: {4}. Methods that are asked for a part \
         of the target are compared with samples of that part, and with its own floor.</p>",
        entries.len(),
        comparison.points,
        comparison.repeats,
        comparison.seed,
        cell(floor)
    );
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<section><h2>Distance against evaluations</h2><figure>{}<figcaption>Grey: the floor and its error, below which nothing can be told from the truth \
         with this many points; other methods with the same goal.</figcaption></figure>{}</section>",
        curves::distances(entries),
        table(entries, "", |e| Some(&e.measured.distances))
    );
    let own = comparison.negative_entropy();
    if let Some(plot) = curves::likelihoods(entries, own) {
        let own = own.map_or("not known".into(), cell);
        let _ = writeln!(
            out,
            "<section><h2>Likelihood against evaluations</h2><figure>{plot}<figcaption>Mean log-likelihood in nats of points of the target that no method has seen, by the \
             probability flow (Heun’s method, exact divergence, for whatever sampler the method has). The target’s own, minus its entropy: {own}. Nobody gets above it but by chance, \
             or with steps too long for the result to be a density.</figcaption></figure>{}</section>",
            table(entries, "-", |e| e.measured.log_likelihood.as_deref())
        );
    }
    for (goal, name) in shades(entries) {
        out.push_str(&shade(comparison, &goal).define(&name));
    }
    for (i, entry) in entries.iter().enumerate() {
        section(&mut out, comparison, entry, i)?;
    }
    let footer = format!("chamber {}", env!("CARGO_PKG_VERSION"));
    Ok(Document { title: &title, header: &header, body: &out, footer: &footer }.html())
}

/// The goals' densities, once each, and their names in the page.
fn shades(entries: &[Entry]) -> Vec<(Goal, String)> {
    let mut all: Vec<(Goal, String)> = Vec::new();
    for entry in entries {
        if all.iter().all(|(goal, _)| *goal != entry.goal) {
            all.push((entry.goal, shade_name(&entry.goal)));
        }
    }
    all
}

fn shade_name(goal: &Goal) -> String {
    goal.describe().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// A goal's density: exact where it is known.
fn shade(comparison: &Comparison, goal: &Goal) -> Shade {
    let (target, window) = (&comparison.target, comparison.target.window());
    match goal.density(target, window.1) {
        Some(_) => Shade::of(window, |x| goal.density(target, x).unwrap_or(0.0)),
        None => Shade::histogram(window, &comparison.truth(goal, comparison.seed)),
    }
}

fn section(out: &mut String, comparison: &Comparison, entry: &Entry, index: usize) -> Result<(), Error> {
    let recipe = &entry.trained.recipe;
    let (few, many) = few_and_many(&recipe.evaluations);
    let window = comparison.target.window();
    let scene =
        |title: String| Scene { title, window, colour: index, shade: shade_name(&entry.goal), ..Scene::default() };
    let places = Scene::grid(comparison.target.window(), ARROWS);
    let field = entry.trained.field(&places, LEVEL);
    let arrows = places.into_iter().zip(field).map(|(at, field)| Arrow { at, field }).collect();
    let samples = |n: usize| entry.trained.samples(n, comparison.seed, SHOWN);
    let of = |n: usize| format!("{n} evaluation{}", if n == 1 { "" } else { "s" });
    let mut rows = vec![vec![
        Scene { arrows, ..scene("Field half way".into()) },
        Scene {
            trajectories: entry.trained.trajectories(many, comparison.seed, (STATES / many).clamp(4, WAYS))?,
            ..scene(format!("Ways, {}", of(many)))
        },
        Scene { points: samples(few)?, ..scene(of(few)) },
        Scene { points: samples(many)?, ..scene(of(many)) },
    ]];
    let exhibits = entry.trained.exhibits(many, comparison.seed, comparison.points)?;
    if !exhibits.is_empty() {
        let truth = comparison.truth(&entry.goal, comparison.seed + 1000);
        let shown = exhibits.into_iter().map(|(title, points)| {
            let title = format!("{title}: *W*_{{2}} = {:.2}", wasserstein2(&points, &truth));
            Scene { points, ..scene(title) }
        });
        rows.push(shown.collect());
    }
    let mut c = Canvas::default();
    for (j, row) in rows.iter().enumerate() {
        for (k, scene) in row.iter().enumerate() {
            scene.draw(&mut c, WIDTH * k as f64, HEIGHT * j as f64);
        }
    }
    let goal = match entry.goal {
        Goal::Target => String::new(),
        _ => format!(
            " Compared with {}, whose density is the shade; floor {}.",
            entry.measured.goal,
            cell(entry.measured.floor)
        ),
    };
    let title = if recipe.title.is_empty() { &recipe.name } else { &recipe.title };
    let _ = writeln!(
        out,
        "<section id=\"{}\"><h2>{}</h2><p class=\"lead\">{}</p><figure>{}<figcaption>Shade: the density that is asked for.{} Arrows: the direction of the probability flow \
         towards the data at noise {LEVEL} of the target's spread (lengths as roots). Lines: states on the way, each divided by α + σ, which makes every path the straight one; black \
         dots are noise, coloured ones data.</figcaption></figure></section>",
        escape(&recipe.name),
        rich(title),
        rich(&recipe.about),
        picture(WIDTH * rows[0].len() as f64, HEIGHT * rows.len() as f64, title, c),
        escape(&goal)
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

/// The smallest number of evaluations whose distance is within a tenth of the least.
fn enough(distances: &[(usize, Mean)]) -> usize {
    let least = distances.iter().map(|(_, m)| m.value).fold(f64::INFINITY, f64::min);
    let near = distances.iter().filter(|(_, m)| m.value <= 1.1 * least);
    near.map(|(n, _)| *n).min().unwrap_or(1)
}

fn cell(mean: Mean) -> String {
    if mean.error > 0.0 { format!("{:.3} ± {:.3}", mean.value, mean.error) } else { format!("{:.3}", mean.value) }
}

/// A row for each method; `none` stands where it has no curve.
fn table(entries: &[Entry], none: &str, curve: impl Fn(&Entry) -> Option<&[(usize, Mean)]>) -> String {
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
            let text = match curve(entry) {
                Some(curve) => curve.iter().find(|(k, _)| k == n).map_or(String::new(), |(_, mean)| cell(*mean)),
                None => none.to_string(),
            };
            let _ = write!(out, "<td>{text}</td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// Samples of every method with as few evaluations as it needs, side by side, as one picture that stands alone.
///
/// # Errors
/// Those of sampling.
pub fn gallery(comparison: &Comparison, entries: &[Entry]) -> Result<String, Error> {
    let columns = COLUMNS.min(entries.len().max(1));
    let mut c = Canvas::default();
    for (goal, name) in shades(entries) {
        c.raw(&format!("<defs>{}</defs>", shade(comparison, &goal).group(&name)));
    }
    for (i, entry) in entries.iter().enumerate() {
        let few = enough(&entry.measured.distances);
        let title = format!("{}, {few}", entry.measured.name);
        let points = entry.trained.samples(few, comparison.seed, GALLERY)?;
        let (window, shade) = (comparison.target.window(), shade_name(&entry.goal));
        let scene = Scene { title, window, colour: i, shade, points, ..Scene::default() };
        scene.draw(&mut c, WIDTH * (i % columns) as f64, HEIGHT * (i / columns) as f64);
    }
    let rows = entries.len().div_ceil(columns).max(1);
    Ok(picture(WIDTH * columns as f64, HEIGHT * rows as f64, "Samples of every method", c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_evaluations_are_the_fewest_that_are_about_as_good_as_any() {
        let of = |values: &[(usize, f64)]| {
            values.iter().map(|(n, v)| (*n, Mean { value: *v, error: 0.1 })).collect::<Vec<_>>()
        };
        assert_eq!(enough(&of(&[(1, 9.0), (64, 1.0), (16, 1.09), (8, 1.2)])), 16);
        assert_eq!(enough(&of(&[(4, f64::NAN), (8, 2.0)])), 8);
        assert_eq!(enough(&of(&[(4, f64::NAN)])), 1);
    }
}
