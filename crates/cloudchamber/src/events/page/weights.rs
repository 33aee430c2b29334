//! The weights w = D/(1-D) of the classifiers, on true and on generated events.

use super::{EventPage, channel, of_jets};
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::histogram::steps;
use crate::plot::palette::{REAL_FILL, REAL_LINE, category};
use crate::plot::svg::{Anchor, Canvas, INK, Type, num, picture};

const BINS: usize = 60;
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 270.0;
/// The histogram shows weights between these quantiles of every sample.
const SHOWN: f64 = 0.0005;
/// Its range is from one over the first of these that is enough to that.
const RANGES: [f64; 5] = [2.0, 5.0, 10.0, 100.0, 1000.0];

/// One histogram for the true and one for the generated events; the classifiers of several generators share a picture, and so does that of the floor.
pub(super) fn svg(page: &EventPage, jets: usize) -> String {
    let ours = page.models.iter().enumerate().filter_map(|(i, m)| Some((Some(i), of_jets(&m.judged, jets)?)));
    let all: Vec<_> = of_jets(&page.floor, jets).map(|f| (None, f)).into_iter().chain(ours).collect();
    let mut reach = 0.0f64;
    for (_, judged) in &all {
        for logs in judged.classifier.log_weights.iter().filter(|logs| !logs.is_empty()) {
            let at = |q: f64| logs[(q * (logs.len() - 1) as f64).round() as usize];
            reach = reach.max(at(SHOWN).abs()).max(at(1.0 - SHOWN).abs());
        }
    }
    let reach = RANGES.into_iter().map(f64::ln).find(|range| *range >= reach).unwrap_or(RANGES[4].ln());
    let edge = |k: usize| (reach * (2.0 * k as f64 / BINS as f64 - 1.0)).exp();
    let edges: Vec<f64> = (0..=BINS).map(edge).collect();
    let histogram = |logs: &[f64]| -> Vec<f64> {
        let mut shares = vec![0.0; BINS];
        for log in logs {
            let place = ((log / reach + 1.0) / 2.0 * BINS as f64).clamp(0.0, BINS as f64 - 1.0);
            shares[place as usize] += 1.0 / logs.len() as f64;
        }
        shares
    };
    let mut c = Canvas::default();
    let axis = |lo: f64, hi: f64| Axis { lo, hi, log: true, labels: 6 };
    let mut left = 58.0;
    for (side, name) in [(0, "True events"), (1, "Generated events")] {
        let frame = Frame {
            left,
            top: 30.0,
            width: WIDTH - 76.0,
            height: HEIGHT - 72.0,
            x: axis(edges[0], edges[BINS]),
            y: axis(2e-5, 1.5),
        };
        let middle = num(frame.px(1.0));
        c.path(
            &format!("M{middle} {}v{}", num(frame.top), num(frame.height)),
            &format!("stroke=\"{REAL_LINE}\" stroke-width=\".8\""),
        );
        for (place, judged) in &all {
            let shares = histogram(&judged.classifier.log_weights[side]);
            let line = steps(&frame, &edges, |b| shares[b]);
            match place {
                None => {
                    let foot = num(frame.top + frame.height);
                    c.path(&format!("{line}V{foot}H{}z", num(frame.left)), &format!("fill=\"{REAL_FILL}\""));
                    c.path(
                        &line,
                        &format!("fill=\"none\" stroke=\"{INK}\" stroke-width=\".9\" stroke-dasharray=\"3 2\""),
                    );
                }
                Some(i) => {
                    c.path(&line, &format!("fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\"", category(*i)));
                }
            }
        }
        frame.draw(
            &mut c,
            Labels {
                x_numbers: true,
                y_numbers: true,
                x: "Weight  *w* = *D*/(1 \u{2212} *D*)",
                y: "Share of events per bin",
            },
        );
        c.text(frame.left, 20.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, name);
        left += WIDTH;
    }
    picture(2.0 * WIDTH, HEIGHT, &format!("{}: weights of the classifier", channel(jets)), c)
}
