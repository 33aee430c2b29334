//! A frame with two axes: maps data to the page and draws tick marks inside on all four sides.

use super::svg::{Anchor, Canvas, INK, Type, num};
use super::ticks::{self, Ticks};
use std::fmt::Write;

/// A range of one coordinate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub lo: f64,
    pub hi: f64,
    pub log: bool,
    /// About how many labels.
    pub labels: usize,
}

impl Axis {
    /// Position on the axis, 0 at `lo` and 1 at `hi`; a coordinate that a logarithmic axis cannot show lies at its low end.
    pub fn unit(&self, x: f64) -> f64 {
        let u = if self.log {
            if x > 0.0 { (x / self.lo).ln() / (self.hi / self.lo).ln() } else { -1.0 }
        } else {
            (x - self.lo) / (self.hi - self.lo)
        };
        if u.is_finite() { u } else { -1.0 }
    }

    pub fn ticks(&self) -> Ticks {
        if self.log && self.hi / self.lo > 4.0 {
            ticks::log(self.lo, self.hi, self.labels)
        } else {
            ticks::linear(self.lo, self.hi, self.labels)
        }
    }
}

/// What a frame writes outside itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Labels<'a> {
    /// Numbers below the frame.
    pub x_numbers: bool,
    /// Numbers left of the frame.
    pub y_numbers: bool,
    /// Name of the horizontal axis, at its right end.
    pub x: &'a str,
    /// Name of the vertical axis, at its upper end.
    pub y: &'a str,
}

/// A rectangle on the page with axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    pub x: Axis,
    pub y: Axis,
}

const NUMBER: f64 = 10.0;
const NAME: f64 = 11.5;

impl Frame {
    /// Page coordinate of `x`, kept inside the frame.
    pub fn px(&self, x: f64) -> f64 {
        self.left + self.width * self.x.unit(x).clamp(0.0, 1.0)
    }

    /// Page coordinate of `y`, kept inside the frame.
    pub fn py(&self, y: f64) -> f64 {
        self.top + self.height * (1.0 - self.y.unit(y).clamp(0.0, 1.0))
    }

    /// Left, top, width and height.
    pub fn window(&self) -> [f64; 4] {
        [self.left, self.top, self.width, self.height]
    }

    /// Draws the frame, its ticks and labels.
    pub fn draw(&self, c: &mut Canvas, labels: Labels) {
        let (xt, yt) = (self.x.ticks(), self.y.ticks());
        let (l, t, w, h) = (self.left, self.top, self.width, self.height);
        let (r, b) = (l + w, t + h);
        let mut d = format!("M{} {}h{}v{}h{}z", num(l), num(t), num(w), num(h), num(-w));
        let long = (0.035 * w.min(h)).clamp(3.0, 6.0);
        for (positions, length) in [(&xt.major, long), (&xt.minor, long / 2.0)] {
            for &x in positions.iter().filter(|&&x| (1e-6..1.0 - 1e-6).contains(&self.x.unit(x))) {
                let x = num(self.px(x));
                let _ = write!(d, "M{x} {}v{}M{x} {}v{}", num(b), num(-length), num(t), num(length));
            }
        }
        for (positions, length) in [(&yt.major, long), (&yt.minor, long / 2.0)] {
            for &y in positions.iter().filter(|&&y| (1e-6..1.0 - 1e-6).contains(&self.y.unit(y))) {
                let y = num(self.py(y));
                let _ = write!(d, "M{} {y}h{}M{} {y}h{}", num(l), num(length), num(r), num(-length));
            }
        }
        c.path(&d, &format!("fill=\"none\" stroke=\"{INK}\" stroke-width=\".8\""));
        if labels.x_numbers {
            let scaled = xt.exponent != 0;
            for (&x, text) in xt.major.iter().zip(&xt.labels) {
                let x = self.px(x);
                if !(scaled && x > r - 22.0) {
                    c.text(x, b + 13.0, Type::new(NUMBER, Anchor::Middle), text);
                }
            }
            if scaled {
                c.text(r + 6.0, b + 13.0, Type::new(NUMBER, Anchor::End), &power(xt.exponent));
            }
        }
        if labels.y_numbers {
            for (&y, text) in yt.major.iter().zip(&yt.labels) {
                c.text(l - 5.0, self.py(y) + 3.5, Type::new(NUMBER, Anchor::End), text);
            }
            if yt.exponent != 0 {
                c.text(l - 5.0, t - 6.0, Type::new(NUMBER, Anchor::Middle), &power(yt.exponent));
            }
        }
        if !labels.x.is_empty() {
            let drop = if labels.x_numbers { 31.0 } else { 15.0 };
            c.text(r, b + drop, Type::new(NAME, Anchor::End), labels.x);
        }
        if !labels.y.is_empty() {
            let out = if labels.y_numbers { 40.0 } else { 8.0 };
            c.text(l - out, t, Type { upright: true, ..Type::new(NAME, Anchor::End) }, labels.y);
        }
    }
}

fn power(exponent: i32) -> String {
    format!("×10^{{{}}}", exponent.to_string().replace('-', "\u{2212}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_map_their_ends_to_the_ends_of_the_frame() {
        for log in [false, true] {
            let axis = Axis { lo: 0.01, hi: 100.0, log, labels: 5 };
            assert!(axis.unit(0.01).abs() < 1e-12 && (axis.unit(100.0) - 1.0).abs() < 1e-12);
        }
        let axis = Axis { lo: 0.01, hi: 100.0, log: true, labels: 5 };
        assert!((axis.unit(1.0) - 0.5).abs() < 1e-12, "the geometric mean is in the middle");
        let frame = Frame { left: 10.0, top: 20.0, width: 100.0, height: 50.0, x: axis, y: axis };
        assert_eq!((frame.px(0.0), frame.py(-1.0)), (10.0, 70.0));
        assert_eq!((frame.px(1e9), frame.py(f64::NAN)), (110.0, 70.0));
    }
}
