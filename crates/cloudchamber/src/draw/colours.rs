//! Colours of the elements, and how depth changes them.

use matter::Element;

/// Red, green, blue from 0 to 255.
pub(super) type Colour = [f64; 3];

/// Jmol's colours of the elements that molecules are mostly made of, a little darker where they would vanish on white.
pub(super) fn colour(element: Element) -> Colour {
    match element.symbol() {
        "H" => [244.0, 244.0, 244.0],
        "C" => [96.0, 96.0, 96.0],
        "N" => [48.0, 80.0, 248.0],
        "O" => [240.0, 20.0, 20.0],
        "F" => [120.0, 200.0, 70.0],
        "B" => [240.0, 160.0, 160.0],
        "Na" | "K" | "Li" => [150.0, 90.0, 220.0],
        "Mg" | "Ca" => [80.0, 190.0, 60.0],
        "Si" => [220.0, 185.0, 140.0],
        "P" => [245.0, 128.0, 10.0],
        "S" => [235.0, 205.0, 40.0],
        "Cl" => [40.0, 205.0, 40.0],
        "Br" => [150.0, 40.0, 35.0],
        "I" => [148.0, 0.0, 148.0],
        _ => [190.0, 120.0, 150.0],
    }
}

/// A share of the way from one colour to another.
pub(super) fn mix(from: Colour, to: Colour, share: f64) -> Colour {
    [0, 1, 2].map(|k| from[k] + share * (to[k] - from[k]))
}

/// The notation of SVG.
pub(super) fn hex(colour: Colour) -> String {
    let [r, g, b] = colour.map(|x| x.round().clamp(0.0, 255.0) as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

pub(super) const WHITE: Colour = [255.0; 3];
const SHADE: Colour = [18.0, 18.0, 34.0];

/// Light, middle, dark and edge of a ball of this colour behind `fog` (from 0 to 1) of the page.
pub(super) fn ball(colour: Colour, fog: f64) -> [Colour; 4] {
    [mix(colour, WHITE, 0.78), colour, mix(colour, SHADE, 0.48), mix(colour, SHADE, 0.72)].map(|c| mix(c, WHITE, fog))
}

/// Middle, light and edge of a stick.
pub(super) fn stick(colour: Colour, fog: f64) -> [Colour; 3] {
    // White sticks of hydrogen need more shade than balls, which have a rim.
    let body = mix(colour, SHADE, 0.12);
    [body, mix(colour, WHITE, 0.55), mix(colour, SHADE, 0.72)].map(|c| mix(c, WHITE, fog))
}
