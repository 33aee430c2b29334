//! The picture: one column per class with average images and their ratio, single jets, and three distributions with ratios.

use std::fmt::Write;

use super::Sample;
use super::images::{Image, PIXELS, SIDE, centre, mass};
use super::panel::{COLUMN, LEFT, OUTLINE, Panel, text};

const COLOURS: [&str; 3] = ["#0072b2", "#009e73", "#d55e00"];

/// White, yellow, orange, red, violet, nearly black; then blue, white, vermilion.
const SEQUENTIAL: [[f64; 3]; 6] = [
    [255.0, 255.0, 255.0],
    [252.0, 222.0, 156.0],
    [247.0, 140.0, 20.0],
    [207.0, 68.0, 70.0],
    [114.0, 25.0, 110.0],
    [12.0, 8.0, 38.0],
];
const DIVERGING: [[f64; 3]; 3] = [[0.0, 90.0, 160.0], [255.0, 255.0, 255.0], [200.0, 78.0, 0.0]];

fn colour(stops: &[[f64; 3]], u: f64) -> String {
    let at = u.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let i = (at as usize).min(stops.len() - 2);
    let mix = |k: usize| (stops[i][k] + (at - i as f64) * (stops[i + 1][k] - stops[i][k])).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

/// One image, `size` wide; `None` is a pixel without a value.
fn map(out: &mut String, [x, y, size]: [f64; 3], stops: &[[f64; 3]], level: impl Fn(usize) -> Option<f64>) {
    let cell = size / SIDE as f64;
    for pixel in 0..PIXELS {
        let (column, row) = (pixel % SIDE, SIDE - 1 - pixel / SIDE);
        let fill = level(pixel).map_or("#eeeeee".to_owned(), |u| colour(stops, u));
        if fill != "#ffffff" {
            let (x, y) = (x + cell * column as f64, y + cell * row as f64);
            let side = cell + 0.15; // no seams
            let _ = writeln!(
                out,
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{side:.2}\" height=\"{side:.2}\" fill=\"{fill}\"/>"
            );
        }
    }
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{size}\" fill=\"none\" stroke=\"{OUTLINE}\"/>"
    );
}

/// From `10^-4.5` (white) to 0.3 (dark), logarithmic.
fn brightness(share: f64) -> Option<f64> {
    Some(if share > 0.0 { (share.log10() + 4.5) / (0.3f64.log10() + 4.5) } else { 0.0 })
}

fn mean(images: &[Image]) -> Image {
    (0..PIXELS).map(|p| images.iter().map(|i| i[p]).sum::<f64>() / images.len() as f64).collect()
}

fn even(to: f64, bins: u32) -> Vec<f64> {
    (0..=bins).map(|k| to * f64::from(k) / f64::from(bins)).collect()
}

fn column(out: &mut String, sample: &Sample, x: f64, tint: &str) {
    let left = x + LEFT;
    text(out, left, 24.0, "font-size=\"15\" font-weight=\"bold\"", &format!("{} jets", sample.class.name()));
    let (real, generated) = (mean(&sample.real), mean(&sample.generated));
    let size = 88.0;
    for (k, (name, image)) in [("mean, real", &real), ("mean, generated", &generated)].into_iter().enumerate() {
        let x = left + k as f64 * (size + 9.0);
        text(out, x, 44.0, "", name);
        map(out, [x, 50.0, size], &SEQUENTIAL, |p| brightness(image[p]));
    }
    let third = left + 2.0 * (size + 9.0);
    text(out, third, 44.0, "", "ratio, 1/2 to 2");
    map(out, [third, 50.0, size], &DIVERGING, |p| {
        (real[p] > 1e-5).then(|| 0.5 + 0.5 * (generated[p].max(1e-9) / real[p]).log2())
    });
    let small = 51.0;
    let rows = [("real", &sample.real), ("decoded", &sample.decoded), ("generated", &sample.generated)];
    for (row, (name, images)) in rows.into_iter().enumerate() {
        let y = 152.0 + row as f64 * (small + 6.0);
        let middle =
            format!("transform=\"rotate(-90 {:.1} {:.1})\" text-anchor=\"middle\"", left - 6.0, y + small / 2.0);
        text(out, left - 6.0, y + small / 2.0, &middle, name);
        for (k, image) in images.iter().take(5).enumerate() {
            map(out, [left + k as f64 * (small + 6.0), y, small], &SEQUENTIAL, |p| brightness(image[p]));
        }
    }
    let around =
        |image: &Image| image.iter().enumerate().map(|(p, v)| (centre(p)[0].hypot(centre(p)[1]), *v)).collect();
    let content = |image: &Image| image.iter().filter(|v| **v > 0.0).map(|v| (*v, *v)).collect();
    let bins = |k: i32| 10f64.powf(-3.0 + 3.0 * f64::from(k) / 20.0);
    let panels = [
        Panel::new(
            sample,
            even(0.4, 8),
            [false, true],
            ["distance from the axis", "share of pT per unit distance"],
            around,
        ),
        Panel::new(
            sample,
            (0..=20).map(bins).collect(),
            [true, true],
            ["share z of a pixel", "z × pixels per jet, per unit z"],
            content,
        ),
        Panel::new(sample, even(0.3, 30), [false, false], ["mass / pT", "probability density"], |i| {
            vec![(mass(i), 1.0)]
        }),
    ];
    for (k, panel) in panels.iter().enumerate() {
        panel.draw(out, [left, 350.0 + 262.0 * k as f64], tint);
    }
}

/// The whole picture.
pub fn svg(samples: &[Sample]) -> String {
    let (width, height) = (COLUMN * samples.len() as f64, 1130.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">\n<style>.n{{font-size:10px}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (k, sample) in samples.iter().enumerate() {
        column(&mut out, sample, COLUMN * k as f64, COLOURS[k % COLOURS.len()]);
    }
    let legend = "images: η and φ from -0.4 to 0.4, logarithmic, ratio from blue (1/2) to red (2) · grey: real · dashed: real, encoded and \
                  decoded · colour: generated · below: ratio to real, with statistical errors";
    text(&mut out, LEFT, height - 10.0, "", legend);
    out + "</svg>\n"
}
