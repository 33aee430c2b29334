//! The picture: one column per class with average images and their ratio, single jets, and three distributions with ratios.

use std::fmt::Write;

use super::Sample;
use super::images::{Image, PIXELS, SIDE, centre, mass, profile};

const COLUMN: f64 = 360.0;
const LEFT: f64 = 54.0;
const REAL: &str = "#dcdcdc";
const OUTLINE: &str = "#7a7a7a";
const COLOURS: [&str; 3] = ["#0072b2", "#009e73", "#d55e00"];
const DECODED: &str = "#555555";

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

fn text(out: &mut String, x: f64, y: f64, style: &str, words: &str) {
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{words}</text>");
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

/// A quantity as mean and standard error per bin: real, decoded, generated.
struct Panel<'a> {
    edges: Vec<f64>,
    log_x: bool,
    log_y: bool,
    x_label: &'a str,
    y_label: &'a str,
    values: [Vec<(f64, f64)>; 3],
}

impl Panel<'_> {
    fn new<'a>(
        sample: &Sample,
        edges: Vec<f64>,
        [log_x, log_y]: [bool; 2],
        [x_label, y_label]: [&'a str; 2],
        entries: impl Fn(&Image) -> Vec<(f64, f64)>,
    ) -> Panel<'a> {
        let values = [&sample.real, &sample.decoded, &sample.generated].map(|i| profile(i, &edges, &entries));
        Panel { edges, log_x, log_y, x_label, y_label, values }
    }

    fn draw(&self, out: &mut String, [left, top]: [f64; 2], tint: &str) {
        let (width, height, low, ratio) = (COLUMN - LEFT - 24.0, 130.0, top + 138.0, 54.0);
        let bins = self.edges.len() - 1;
        let scale = |v: f64| if self.log_x { v.ln() } else { v };
        let (from, to) = (scale(self.edges[0]), scale(self.edges[bins]));
        let px = |v: f64| left + width * (scale(v) - from) / (to - from);
        let middle = |b: usize| 0.5 * (px(self.edges[b]) + px(self.edges[b + 1]));
        let highest = self.values.iter().flatten().map(|v| v.0).fold(0.0, f64::max);
        let lowest = self.values.iter().flatten().map(|v| v.0).filter(|v| *v > 0.0).fold(highest, f64::min);
        let floor = if self.log_y { lowest.max(1e-5 * highest).log10().floor() } else { 0.0 };
        let roof = if self.log_y { (2.0 * highest).log10() } else { 1.15 * highest };
        let level = |v: f64| if self.log_y { v.max(1e-300).log10() } else { v };
        let py = |v: f64| top + height * (1.0 - ((level(v) - floor) / (roof - floor)).clamp(0.0, 1.0));

        let steps = |values: &[(f64, f64)]| {
            let mut d = format!("M{:.1} {:.1}", left, top + height);
            for (b, v) in values.iter().enumerate() {
                let _ = write!(d, "V{:.1}H{:.1}", py(v.0), px(self.edges[b + 1]));
            }
            d
        };
        let [real, decoded, generated] = &self.values;
        let _ =
            writeln!(out, "<path d=\"{}V{:.1}z\" fill=\"{REAL}\" stroke=\"{OUTLINE}\"/>", steps(real), top + height);
        let dashed = format!("fill=\"none\" stroke=\"{DECODED}\" stroke-dasharray=\"3 2\"");
        let _ = writeln!(out, "<path d=\"{}\" {dashed}/>", steps(decoded));
        let _ =
            writeln!(out, "<path d=\"{}\" fill=\"none\" stroke=\"{tint}\" stroke-width=\"1.5\"/>", steps(generated));

        let part = |value: f64| low + ratio * (1.0 - ((value - 0.5) / 1.0).clamp(0.0, 1.0));
        for b in 0..bins {
            let (l, r) = (px(self.edges[b]), px(self.edges[b + 1]));
            let (mean, error) = real[b];
            if mean <= 0.0 {
                continue;
            }
            let (high, deep) = (part(1.0 + error / mean), part(1.0 - error / mean));
            let _ = writeln!(
                out,
                "<rect x=\"{l:.1}\" y=\"{high:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{REAL}\"/>",
                r - l,
                deep - high
            );
            let _ = writeln!(out, "<path d=\"M{l:.1} {:.1}H{r:.1}\" {dashed}/>", part(decoded[b].0 / mean));
            let (value, error) = (generated[b].0 / mean, generated[b].1 / mean);
            let (a, z) = (part(value + error), part(value - error));
            let x = middle(b);
            let _ = writeln!(out, "<path d=\"M{x:.1} {a:.1}V{z:.1}\" stroke=\"{tint}\"/>");
            if (0.5..=1.5).contains(&value) {
                let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"1.8\" fill=\"{tint}\"/>", part(value));
            } else {
                // An arrow at the border stands for a point beyond it.
                let (y, tip) = if value > 1.5 { (low + 6.0, -5.0) } else { (low + ratio - 6.0, 5.0) };
                let _ = writeln!(out, "<path d=\"M{:.1} {y:.1}h5l-2.5 {tip}z\" fill=\"{tint}\"/>", x - 2.5);
            }
        }
        let _ = writeln!(
            out,
            "<path d=\"M{left} {:.1}h{width}\" stroke=\"{OUTLINE}\" stroke-dasharray=\"1 2\"/>",
            part(1.0)
        );
        for (y, h) in [(top, height), (low, ratio)] {
            let _ = writeln!(
                out,
                "<rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{h}\" fill=\"none\" stroke=\"#333\"/>"
            );
        }
        for v in self.ticks() {
            text(out, px(v), low + ratio + 13.0, "class=\"n\" text-anchor=\"middle\"", &number(v));
            let _ = writeln!(
                out,
                "<path d=\"M{0:.1} {1:.1}v-4M{0:.1} {2:.1}v-4\" stroke=\"#333\"/>",
                px(v),
                top + height,
                low + ratio
            );
        }
        let heights: Vec<f64> = if self.log_y {
            (floor as i32..=roof.floor() as i32).map(|e| 10f64.powi(e)).collect()
        } else {
            let step = nice(highest / 3.5);
            (0..5).map(|k| step * f64::from(k)).filter(|v| *v < roof).collect()
        };
        for v in heights {
            text(out, left - 4.0, py(v) + 3.5, "class=\"n\" text-anchor=\"end\"", &number(v));
            let _ = writeln!(out, "<path d=\"M{left} {:.1}h4\" stroke=\"#333\"/>", py(v));
        }
        for v in [0.5, 1.0] {
            text(out, left - 4.0, part(v) + 3.5, "class=\"n\" text-anchor=\"end\"", &number(v));
        }
        text(out, left + width, low + ratio + 27.0, "text-anchor=\"end\"", self.x_label);
        text(out, left, top - 5.0, "", self.y_label);
    }

    fn ticks(&self) -> Vec<f64> {
        let end = self.edges[self.edges.len() - 1];
        if self.log_x {
            return (-6..=0)
                .map(|e| 10f64.powi(e))
                .filter(|v| *v >= 0.999 * self.edges[0] && *v <= 1.001 * end)
                .collect();
        }
        let step = nice(end / 4.0);
        (0..6).map(|k| step * f64::from(k)).filter(|v| *v <= 1.001 * end).collect()
    }
}

/// 1, 2 or 5 times a power of ten, near `v`.
fn nice(v: f64) -> f64 {
    let unit = 10f64.powf(v.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|m| *m >= 0.99 * v).unwrap_or(10.0 * unit)
}

fn number(v: f64) -> String {
    if v != 0.0 && !(1e-2..1e4).contains(&v) {
        return format!("10<tspan dy=\"-4\" font-size=\"8\">{}</tspan>", v.log10().round());
    }
    format!("{v:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
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
            even(0.4, 10),
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
    let legend = "grey: real · dashed: real, encoded and decoded · colour: generated · below: ratio to real, with statistical errors";
    text(&mut out, LEFT, height - 10.0, "", legend);
    out + "</svg>\n"
}
