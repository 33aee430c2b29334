//! One observable: densities of true, floor and generated events above, ratios to the truth below.

use std::fmt::Write;

use collider::zjets::observables::{Axis as Scale, Observable};

use super::channel;
use crate::events::judge::distribution::{Bin, Distribution};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::histogram::{band, broken_steps, ratio_range, steps, with_room};
use crate::plot::palette::{REAL_FILL, REAL_LINE, category};
use crate::plot::svg::{Anchor, Canvas, FAINT, INK, Type, num, picture};

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 306.0;
const MAIN: [f64; 4] = [54.0, 22.0, 272.0, 170.0];
const RATIO: [f64; 2] = [198.0, 64.0];
/// Width of the legend, as a fraction of the main frame.
const LEGEND: f64 = 0.40;
/// Densities that differ by more are shown on a logarithmic axis.
const LOGARITHMIC: f64 = 100.0;
/// A larger share of events below the axis is told.
const BELOW: f64 = 0.004;

/// A generator's distribution.
pub(super) struct Series<'a> {
    /// Its place in the palette.
    pub place: usize,
    /// Its distribution.
    pub of: &'a Distribution,
}

/// A panel as a picture; all series have the bins of the first. One series is drawn with points and a legend, several as lines.
pub(super) fn svg(observable: &Observable, jets: usize, series: &[Series], floor: Option<&Distribution>) -> String {
    let mut c = Canvas::default();
    let title = format!("{}: {}", channel(jets), observable.label);
    let Some(first) = series.first().map(|s| &s.of.bins) else {
        return picture(WIDTH, HEIGHT, &title, c);
    };
    let edges: Vec<f64> = first.iter().map(|b| b.low).chain(first.last().map(|b| b.high)).collect();
    let floor = floor.map(|f| &f.bins[..]).filter(|bins| bins.len() == first.len());
    let [left, top, width, height] = MAIN;
    let logarithmic = observable.axis == Scale::Logarithmic;
    let x = Axis { lo: edges[0], hi: edges[edges.len() - 1], log: logarithmic, labels: 6 };
    let density = |b: usize, share: f64| share / (edges[b + 1] - edges[b]);

    let top_of = |b: usize| {
        let ours = series.iter().map(|s| s.of.bins[b].generated + s.of.bins[b].generated_error);
        density(b, ours.fold(first[b].truth, f64::max))
    };
    let tops: Vec<f64> = (0..first.len()).map(top_of).collect();
    let highest = tops.iter().copied().fold(0.0, f64::max);
    let truths = (0..first.len()).map(|b| density(b, first[b].truth)).filter(|d| *d > 0.0);
    let lowest = truths.fold(highest, f64::min);
    let entries = legend(series, floor.is_some());
    let room = [LEGEND, 0.12 + 0.085 * entries.len() as f64];
    let (y, corner) = with_room(&x, &edges, &tops, lowest, highest > LOGARITHMIC * lowest, room);
    let frame = Frame { left, top, width, height, x, y };

    let outline = steps(&frame, &edges, |b| density(b, first[b].truth));
    let foot = num(frame.top + frame.height);
    c.path(&format!("{outline}V{foot}H{}z", num(frame.left)), &format!("fill=\"{REAL_FILL}\""));
    c.path(&outline, &format!("fill=\"none\" stroke=\"{REAL_LINE}\" stroke-width=\"1\""));
    for s in series {
        let errors = band(&frame, &edges, |b| {
            let bin = &s.of.bins[b];
            (density(b, bin.generated - bin.generated_error), density(b, bin.generated + bin.generated_error))
        });
        c.path(&errors, &format!("fill=\"{}\" fill-opacity=\".25\"", category(s.place)));
    }
    if let Some(bins) = floor {
        c.path(&steps(&frame, &edges, |b| density(b, bins[b].generated)), &floor_style());
    }
    for s in series {
        c.path(&steps(&frame, &edges, |b| density(b, s.of.bins[b].generated)), &line_style(s.place, 1.3));
    }
    let per_unit = if observable.unit.is_empty() { "" } else { " [GeV^{\u{2212}1}]" };
    frame.draw(&mut c, Labels { y_numbers: true, y: &format!("Density{per_unit}"), ..Labels::default() });
    draw_legend(&mut c, &frame, corner, &channel(jets), &entries);
    remark(&mut c, &frame, series, floor.is_some());

    let unit = if observable.unit.is_empty() { String::new() } else { format!(" [{}]", observable.unit) };
    let frame = Frame { top: RATIO[0], height: RATIO[1], ..frame };
    ratios(&mut c, frame, &edges, series, floor, &format!("{}{unit}", observable.label));
    picture(WIDTH, HEIGHT, &title, c)
}

fn line_style(place: usize, width: f64) -> String {
    // The palette begins anew behind its end; dots keep the lines apart.
    let dots = if place >= 6 { " stroke-dasharray=\"1.5 1.5\"" } else { "" };
    format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{dots}", category(place))
}

fn floor_style() -> String {
    format!("fill=\"none\" stroke=\"{INK}\" stroke-width=\".9\" stroke-dasharray=\"3 2\"")
}

/// What a line of the legend shows beside its name.
#[derive(Clone, Copy)]
enum Mark {
    Truth,
    Floor,
    Line(usize),
    Draws(usize),
}

/// The lines of the legend; several generators are named once for all panels, not in each.
fn legend(series: &[Series], floor: bool) -> Vec<(Mark, &'static str)> {
    let mut entries = vec![(Mark::Truth, "Truth")];
    if floor {
        entries.push((Mark::Floor, "Floor"));
    }
    if let [one] = series {
        entries.push((Mark::Line(one.place), "Generated"));
        if one.of.bins.iter().any(|b| b.draws.is_some()) {
            entries.push((Mark::Draws(one.place), "Draws"));
        }
    }
    entries
}

fn draw_legend(c: &mut Canvas, frame: &Frame, corner: f64, head: &str, entries: &[(Mark, &str)]) {
    let inner = 0.03 * frame.width;
    let x = frame.left + inner + corner * (frame.width - 2.0 * inner - 84.0);
    let mut y = frame.top + 17.0;
    c.text(x, y, Type { bold: true, ..Type::new(11.5, Anchor::Start) }, head);
    for (mark, name) in entries {
        y += 14.5;
        let middle = format!("M{} {}h16", num(x), num(y - 3.5));
        match mark {
            Mark::Truth => {
                c.rect([x, y - 8.0, 16.0, 9.0], &format!("fill=\"{REAL_FILL}\" stroke=\"{REAL_LINE}\""));
            }
            Mark::Floor => c.path(&middle, &floor_style()),
            Mark::Line(place) => {
                c.rect([x, y - 8.0, 16.0, 9.0], &format!("fill=\"{}\" fill-opacity=\".25\"", category(*place)));
                c.path(&middle, &line_style(*place, 1.4));
            }
            Mark::Draws(place) => c.rect([x, y - 8.0, 16.0, 9.0], &draws_style(*place)),
        }
        c.text(x + 22.0, y, Type::new(11.0, Anchor::Start), name);
    }
}

fn draws_style(place: usize) -> String {
    format!("fill=\"{}\" fill-opacity=\".4\"", category(place))
}

/// The figures of a single generator above its frame.
fn remark(c: &mut Canvas, frame: &Frame, series: &[Series], floor: bool) {
    if let [one] = series {
        let d = one.of;
        let text = format!(
            "deviation {:.1} %  ·  *χ*^{{2}}/bins = {:.0}/{}  ·  largest pull {:+.1}",
            100.0 * d.deviation,
            d.chi_square,
            d.pulls,
            d.largest_pull
        );
        let style = Type { fill: FAINT, ..Type::new(9.5, Anchor::End) };
        c.text(frame.left + frame.width, frame.top - 6.0, style, &text.replace('-', "\u{2212}"));
        if d.below.iter().any(|share| *share > BELOW) {
            let [truth, generated] = d.below.map(|share| 100.0 * share);
            let text = format!("below: {truth:.2} % true, {generated:.2} % generated");
            let style = Type { fill: FAINT, ..Type::new(9.5, Anchor::Start) };
            c.text(frame.left + 8.0, frame.top + frame.height - 7.0, style, &text);
        }
    } else if !floor {
        c.text(frame.left, frame.top - 6.0, Type { fill: FAINT, ..Type::new(9.5, Anchor::Start) }, "no floor given");
    }
}

/// Ratio and its error of a bin, from the generated events alone; `None` where one of the samples is empty.
fn ratio(bin: &Bin) -> Option<(f64, f64)> {
    (bin.truth > 0.0 && bin.generated > 0.0).then(|| (bin.ratio(), bin.generated_error / bin.truth))
}

fn ratios(c: &mut Canvas, frame: Frame, edges: &[f64], series: &[Series], floor: Option<&[Bin]>, label: &str) {
    let truth = &series[0].of.bins;
    let all = series.iter().flat_map(|s| &s.of.bins).filter(|b| b.truth > 0.0 && b.generated > 0.0);
    let (lo, hi) = ratio_range(&all.map(|b| (b.ratio(), b.error / b.ratio())).collect::<Vec<_>>());
    let frame = Frame { y: Axis { lo, hi, log: false, labels: 3 }, ..frame };
    let errors = band(&frame, edges, |b| {
        let relative = if truth[b].truth > 0.0 { truth[b].truth_error / truth[b].truth } else { 0.0 };
        (1.0 - relative, 1.0 + relative)
    });
    c.path(&errors, &format!("fill=\"{REAL_FILL}\""));
    let one = num(frame.py(1.0));
    c.path(
        &format!("M{} {one}h{}", num(frame.left), num(frame.width)),
        &format!("stroke=\"{REAL_LINE}\" stroke-width=\".8\""),
    );
    for s in series {
        let spread = band(&frame, edges, |b| match (s.of.bins[b].draws, truth[b].truth) {
            (Some(d), t) if t > 0.0 && d.spread > 0.0 => ((d.mean - d.spread) / t, (d.mean + d.spread) / t),
            _ => (1.0, 1.0),
        });
        c.path(&spread, &draws_style(s.place));
    }
    c.open_window(frame.window());
    if let Some(bins) = floor {
        c.path(&broken_steps(&frame, edges, |b| ratio(&bins[b]).map(|r| r.0)), &floor_style());
    }
    match series {
        [one] => points(c, &frame, edges, one, lo, hi),
        _ => {
            for s in series {
                let line = broken_steps(&frame, edges, |b| ratio(&s.of.bins[b]).map(|r| r.0));
                c.path(&line, &line_style(s.place, 1.2));
            }
        }
    }
    c.close_window();
    frame.draw(c, Labels { x_numbers: true, y_numbers: true, x: label, y: "" });
    let style = Type { upright: true, ..Type::new(10.5, Anchor::Middle) };
    c.text(frame.left - 40.0, frame.top + frame.height / 2.0, style, "Ratio to truth");
}

/// Ratios as points with bars; an arrow head at the border stands for a point beyond it.
fn points(c: &mut Canvas, frame: &Frame, edges: &[f64], one: &Series, lo: f64, hi: f64) {
    let colour = category(one.place);
    let (mut bars, mut beyond) = (String::new(), String::new());
    c.raw(&format!("<g fill=\"{colour}\">"));
    for (b, bin) in one.of.bins.iter().enumerate() {
        let Some((value, error)) = ratio(bin) else { continue };
        let x = (frame.px(edges[b]) + frame.px(edges[b + 1])) / 2.0;
        if value > hi || value < lo {
            let (y, tip) = if value > hi { (frame.top + 5.5, -4.0) } else { (frame.top + frame.height - 5.5, 4.0) };
            let _ = write!(beyond, "M{} {}h4.4l-2.2 {}z", num(x - 2.2), num(y), num(tip));
        } else {
            c.circle(x, frame.py(value), 1.7, "");
        }
        let (a, z) = (frame.py(value - error), frame.py(value + error));
        if a - z > 0.01 {
            let _ = write!(bars, "M{} {}V{}", num(x), num(a), num(z));
        }
    }
    c.path(&beyond, "");
    c.raw("</g>");
    c.path(&bars, &format!("stroke=\"{colour}\" stroke-width=\"1\""));
}
