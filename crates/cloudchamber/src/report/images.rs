//! Average jet images: the mean transverse momentum in each pixel of the (eta, phi) plane, real, generated, and their
//! difference in units of its standard error (from the spread between jets, so agreement looks like noise of size one).

use super::ClassReport;
use super::display::JET_RADIUS;
use crate::plot::frame::{Axis, Frame, Labels};
use crate::plot::heat::{cells, colour_bar};
use crate::plot::palette::{self, REAL_LINE};
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, picture};
use collider::Jets;

const PIXELS: usize = 40;
const HALF: f64 = 0.46;
const CELL: f64 = 5.2;
const SIDE: f64 = CELL * PIXELS as f64;
/// Decades below the brightest pixel.
const DECADES: f64 = 5.0;
const PULL: f64 = 5.0;

/// Mean of each pixel and the variance of that mean; row-major from the lower left corner.
pub(super) struct Image {
    pub mean: Vec<f64>,
    pub variance: Vec<f64>,
}

/// Averages the images of all jets.
pub(super) fn average(jets: &Jets) -> Image {
    let mut sum = vec![0.0; PIXELS * PIXELS];
    let mut square = vec![0.0; PIXELS * PIXELS];
    let mut own: Vec<(usize, f64)> = Vec::new();
    let pixel = |v: f32| {
        let u = (f64::from(v) + HALF) / (2.0 * HALF) * PIXELS as f64;
        (u >= 0.0 && u < PIXELS as f64).then_some(u as usize)
    };
    for i in 0..jets.len() {
        own.clear();
        for &[eta, phi, pt] in super::particles(jets, i) {
            if let (Some(x), Some(y), true) = (pixel(eta), pixel(phi), pt.is_finite()) {
                own.push((y * PIXELS + x, f64::from(pt)));
            }
        }
        own.sort_unstable_by_key(|p| p.0);
        for same in own.chunk_by(|a, b| a.0 == b.0) {
            let pt: f64 = same.iter().map(|p| p.1).sum();
            sum[same[0].0] += pt;
            square[same[0].0] += pt * pt;
        }
    }
    let n = (jets.len() as f64).max(1.0);
    let mean: Vec<f64> = sum.iter().map(|s| s / n).collect();
    let variance = square.iter().zip(&mean).map(|(q, m)| (q / n - m * m).max(0.0) / n).collect();
    Image { mean, variance }
}

/// The three maps of a class.
pub(super) fn maps(class: &ClassReport) -> String {
    let (real, generated) = (average(&class.real), average(&class.generated));
    let brightest = real.mean.iter().chain(&generated.mean).copied().fold(0.0, f64::max);
    let title = format!("Average {} jet: real, generated, difference", class.label);
    let mut c = Canvas::default();
    let (left, top, gap) = (56.0, 30.0, 12.0);
    if brightest <= 0.0 || class.real.len() < 2 || class.generated.len() < 2 {
        c.text(left, 60.0, Type { fill: FAINT, ..Type::new(13.0, Anchor::Start) }, "no entries");
        return picture(400.0, 90.0, &title, c);
    }
    let pt = Axis { lo: brightest * 10f64.powf(-DECADES), hi: brightest, log: true, labels: 6 };
    let level = |m: f64| if m > 0.0 { pt.unit(m).max(0.0) } else { 0.0 };
    let pull = Axis { lo: -PULL, hi: PULL, log: false, labels: 5 };
    let pulls: Vec<f64> = (0..PIXELS * PIXELS)
        .map(|i| {
            let error = (real.variance[i] + generated.variance[i]).sqrt();
            if error > 0.0 { pull.unit((generated.mean[i] - real.mean[i]) / error) } else { 0.5 }
        })
        .collect();
    let second = left + SIDE + gap;
    let third = second + SIDE + 80.0;
    let of = |image: &Image| image.mean.iter().map(|&m| level(m)).collect::<Vec<_>>();
    map(&mut c, left, top, "Real", true, &of(&real), &palette::sequential);
    map(&mut c, second, top, "Generated", false, &of(&generated), &palette::sequential);
    map(&mut c, third, top, "(Generated − real) / *σ*", false, &pulls, &palette::diverging);
    colour_bar(&mut c, [second + SIDE + 8.0, top, SIDE], pt, "⟨*p*_{T}^{rel}⟩", palette::sequential);
    colour_bar(&mut c, [third + SIDE + 8.0, top, SIDE], pull, "", palette::diverging);
    picture(third + SIDE + 46.0, top + SIDE + 38.0, &title, c)
}

fn map(c: &mut Canvas, x: f64, y: f64, name: &str, first: bool, values: &[f64], colour: &dyn Fn(f64) -> String) {
    cells(c, [x, y, SIDE, SIDE], PIXELS, values, colour);
    let axis = Axis { lo: -HALF, hi: HALF, log: false, labels: 5 };
    let frame = Frame { left: x, top: y, width: SIDE, height: SIDE, x: axis, y: axis };
    let cone = format!("fill=\"none\" stroke=\"{REAL_LINE}\" stroke-width=\".8\" stroke-dasharray=\"3 2.5\"");
    c.circle(x + SIDE / 2.0, y + SIDE / 2.0, JET_RADIUS / HALF * SIDE / 2.0, &cone);
    let phi = if first { "*φ*^{rel}" } else { "" };
    frame.draw(c, Labels { x_numbers: true, y_numbers: first, x: "*η*^{rel}", y: phi });
    c.text(x, y - 8.0, Type { bold: true, ..Type::new(12.0, Anchor::Start) }, name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::jets_of;

    #[test]
    fn the_pixels_of_an_average_image_sum_to_the_mean_momentum_inside() {
        let jets = jets_of(&[vec![[0.0, 0.0, 0.5], [0.1, -0.1, 0.25]], vec![[0.0, 0.0, 0.75], [0.9, 0.0, 0.25]]]);
        let image = average(&jets);
        assert!((image.mean.iter().sum::<f64>() - 0.75).abs() < 1e-6, "the particle at 0.9 is outside");
        // The central pixel saw 0.5 and 0.75: the mean of two has variance (0.125)^2 / 2.
        let centre = 20 * PIXELS + 20;
        assert!((image.variance[centre] - 0.125f64.powi(2) / 2.0).abs() < 1e-9);
    }
}
