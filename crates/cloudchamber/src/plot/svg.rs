//! The few SVG elements the figures are made of, written straight into a string.
//!
//! Coordinates carry two decimals, which is a fiftieth of a pixel at the sizes used here. All style is in attributes, so
//! a picture looks the same inside a page and on its own.

use super::label;
use std::fmt::Write;

/// Colour of frames and text.
pub(crate) const INK: &str = "#1a1a1a";
/// Colour of remarks.
pub(crate) const FAINT: &str = "#6b6b6b";
const FONT: &str = "Helvetica,Arial,&#39;Liberation Sans&#39;,&#39;Nimbus Sans&#39;,sans-serif";

/// A coordinate with at most two decimals; anything not finite is written as 0 so that a picture never breaks.
pub(crate) fn num(x: f64) -> String {
    if !x.is_finite() {
        return "0".to_string();
    }
    let mut s = format!("{:.2}", x.clamp(-1e6, 1e6));
    while s.ends_with('0') {
        s.pop();
    }
    if s.ends_with('.') {
        s.pop();
    }
    if s == "-0" { "0".to_string() } else { s }
}

/// Which end of a text sits at its coordinates.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub size: f64,
    pub anchor: Anchor,
    pub fill: &'static str,
    pub bold: bool,
    /// Reads upwards.
    pub upright: bool,
}

impl Type {
    pub fn new(size: f64, anchor: Anchor) -> Type {
        Type { size, anchor, fill: INK, bold: false, upright: false }
    }
}

/// A growing piece of a picture.
#[derive(Default)]
pub(crate) struct Canvas {
    out: String,
}

impl Canvas {
    pub fn raw(&mut self, element: &str) {
        self.out.push_str(element);
    }

    pub fn rect(&mut self, [x, y, w, h]: [f64; 4], style: &str) {
        let _ = write!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {style}/>",
            num(x),
            num(y),
            num(w.max(0.0)),
            num(h.max(0.0))
        );
    }

    pub fn circle(&mut self, x: f64, y: f64, r: f64, style: &str) {
        let space = if style.is_empty() { "" } else { " " };
        let _ =
            write!(self.out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{space}{style}/>", num(x), num(y), num(r.max(0.0)));
    }

    pub fn path(&mut self, d: &str, style: &str) {
        if !d.is_empty() {
            let _ = write!(self.out, "<path d=\"{d}\" {style}/>");
        }
    }

    pub fn text(&mut self, x: f64, y: f64, style: Type, markup: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if style.bold { " font-weight=\"bold\"" } else { "" };
        let fill = if style.fill == INK { String::new() } else { format!(" fill=\"{}\"", style.fill) };
        let (x, y) = (num(x), num(y));
        let turn = if style.upright { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
        let _ = write!(
            self.out,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"{anchor}{bold}{fill}{turn}>{}</text>",
            num(style.size),
            label::svg(markup, style.size)
        );
    }

    /// Opens a window: what lies outside it is cut off. Coordinates inside are those outside.
    pub fn open_window(&mut self, [x, y, w, h]: [f64; 4]) {
        let (x, y, w, h) = (num(x), num(y), num(w), num(h));
        let _ = write!(
            self.out,
            "<svg x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" overflow=\"hidden\">"
        );
    }

    pub fn close_window(&mut self) {
        self.out.push_str("</svg>");
    }

    pub fn finish(self) -> String {
        self.out
    }
}

/// A complete picture on white, `width` x `height` user units, that stands inside a page or alone in a file.
pub(crate) fn picture(width: f64, height: f64, title: &str, body: Canvas) -> String {
    let (w, h) = (num(width), num(height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
         font-family=\"{FONT}\" fill=\"{INK}\"><title>{}</title>\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>{}</svg>",
        label::escape(&label::plain(title)),
        body.finish()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_two_decimals_and_are_always_finite() {
        assert_eq!(num(1.0), "1");
        assert_eq!(num(-0.001), "0");
        assert_eq!(num(12.3456), "12.35");
        assert_eq!(num(100.0), "100");
        assert_eq!(num(f64::NAN), "0");
        assert_eq!(num(f64::INFINITY), "0");
    }
}
