//! Colours that survive colour blindness and grey printing.
//!
//! Categories: Okabe and Ito (2008). Quantities: the `inferno` map (Smith and van der Walt, 2015), read from white to dark.
//! Signed quantities: blue through white to vermilion of the Okabe-Ito set.

/// Fill and outline of the real sample.
pub(crate) const REAL_FILL: &str = "#dcdcdc";
pub(crate) const REAL_LINE: &str = "#7a7a7a";

const CATEGORIES: [&str; 6] = ["#0072b2", "#009e73", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9"];

/// Colour of the i-th category.
pub(crate) fn category(i: usize) -> &'static str {
    CATEGORIES[i % CATEGORIES.len()]
}

const SEQUENTIAL: [[f64; 3]; 9] = [
    [255.0, 255.0, 255.0],
    [252.0, 222.0, 156.0],
    [252.0, 165.0, 10.0],
    [237.0, 105.0, 37.0],
    [207.0, 68.0, 70.0],
    [165.0, 44.0, 96.0],
    [114.0, 25.0, 110.0],
    [58.0, 9.0, 99.0],
    [12.0, 8.0, 38.0],
];

const DIVERGING: [[f64; 3]; 5] =
    [[0.0, 90.0, 160.0], [120.0, 180.0, 222.0], [255.0, 255.0, 255.0], [240.0, 170.0, 115.0], [200.0, 78.0, 0.0]];

fn interpolate(stops: &[[f64; 3]], u: f64) -> String {
    let u = if u.is_finite() { u.clamp(0.0, 1.0) } else { 0.0 };
    let at = u * (stops.len() - 1) as f64;
    let i = (at as usize).min(stops.len() - 2);
    let f = at - i as f64;
    let c: Vec<u8> = (0..3).map(|k| (stops[i][k] + f * (stops[i + 1][k] - stops[i][k])).round() as u8).collect();
    format!("#{:02x}{:02x}{:02x}", c[0], c[1], c[2])
}

/// White at 0 to nearly black at 1.
pub(crate) fn sequential(u: f64) -> String {
    interpolate(&SEQUENTIAL, u)
}

/// The density of what is real: white at 0 to a middle grey at 1, on which every category can be seen.
pub(crate) fn real_density(u: f64) -> String {
    interpolate(&[[255.0; 3], [150.0; 3]], u)
}

/// Blue at 0, white at one half, vermilion at 1.
pub(crate) fn diverging(u: f64) -> String {
    interpolate(&DIVERGING, u)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequential_map_darkens_monotonically() {
        let luminance = |u: f64| {
            let s = sequential(u);
            let c = |k: usize| f64::from(u8::from_str_radix(&s[k..k + 2], 16).unwrap());
            0.2126 * c(1) + 0.7152 * c(3) + 0.0722 * c(5)
        };
        let l: Vec<f64> = (0..=50).map(|i| luminance(f64::from(i) / 50.0)).collect();
        assert!(l.windows(2).all(|w| w[1] < w[0] + 1.0), "{l:?}");
        assert_eq!(sequential(f64::NAN), "#ffffff");
        assert_eq!(diverging(0.5), "#ffffff");
    }
}
