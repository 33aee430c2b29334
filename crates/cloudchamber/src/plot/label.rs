//! Typography of labels: a notation of three marks, set either as SVG or as HTML.
//!
//! `*x*` is italic, `_{x}` a subscript, `^{x}` a superscript, so transverse momentum is `*p*_{T}`.
//! A superscript directly after a subscript is set above it. Everything else is taken literally and escaped.

use super::svg::num;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Level {
    Base,
    Sub,
    Sup,
}

#[derive(Clone, Debug, PartialEq)]
struct Run {
    text: String,
    italic: bool,
    level: Level,
}

const SMALL: f64 = 0.72;

/// Escapes text for XML and drops the control characters that XML 1.0 forbids.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn parse(markup: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    parse_level(markup, Level::Base, &mut runs);
    runs
}

fn parse_level(markup: &str, level: Level, runs: &mut Vec<Run>) {
    let mut rest = markup;
    let mut plain = String::new();
    let flush = |plain: &mut String, runs: &mut Vec<Run>| {
        if !plain.is_empty() {
            let text = std::mem::take(plain);
            runs.push(Run { text, italic: false, level });
        }
    };
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c == '*'
            && let Some(end) = after.find('*').filter(|&end| end > 0)
        {
            flush(&mut plain, runs);
            runs.push(Run { text: after[..end].to_string(), italic: true, level });
            rest = &after[end + 1..];
        } else if (c == '_' || c == '^')
            && level == Level::Base
            && after.starts_with('{')
            && let Some(end) = after.find('}')
        {
            flush(&mut plain, runs);
            let inner = if c == '_' { Level::Sub } else { Level::Sup };
            parse_level(&after[1..end], inner, runs);
            rest = &after[end + 1..];
        } else {
            plain.push(c);
            rest = after;
        }
    }
    flush(&mut plain, runs);
}

/// Advance widths of Helvetica for the characters from space to tilde, in thousandths of the type size.
#[rustfmt::skip]
const ADVANCE: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn advance(run: &Run, size: f64) -> f64 {
    let scale = if run.level == Level::Base { size } else { size * SMALL };
    let per_mille: f64 = run
        .text
        .chars()
        .map(|c| f64::from((c as usize).checked_sub(32).and_then(|i| ADVANCE.get(i)).copied().unwrap_or(556)))
        .sum();
    per_mille * scale / 1000.0
}

/// Width of a label in user units at a type size, from Helvetica's advances.
pub(crate) fn width(markup: &str, size: f64) -> f64 {
    let mut total = 0.0;
    let mut sub = 0.0;
    for run in parse(markup) {
        let w = advance(&run, size);
        total += match run.level {
            Level::Sup => (w - sub).max(0.0),
            _ => w,
        };
        sub = if run.level == Level::Sub { sub + w } else { 0.0 };
    }
    total
}

/// The inside of an SVG `<text>` element at a type size.
pub(crate) fn svg(markup: &str, size: f64) -> String {
    let mut out = String::new();
    // dy is cumulative in SVG, so every run undoes the shift of the run before it.
    let mut shift = 0.0;
    let (mut sub, mut sup) = (0.0, 0.0);
    for run in parse(markup) {
        let w = advance(&run, size);
        let (wanted, dx) = match run.level {
            Level::Base => (0.0, if sup > 0.0 { f64::max(sub - sup, 0.0) } else { 0.0 }),
            Level::Sub => (0.24 * size, 0.0),
            Level::Sup => (-0.40 * size, if sup == 0.0 { -sub } else { 0.0 }),
        };
        match run.level {
            Level::Base => (sub, sup) = (0.0, 0.0),
            Level::Sub => sub += w,
            Level::Sup => sup += w,
        }
        let mut attributes = String::new();
        if run.italic {
            attributes.push_str(" font-style=\"italic\"");
        }
        if run.level != Level::Base {
            let _ = write!(attributes, " font-size=\"{}\"", num(size * SMALL));
        }
        if wanted != shift {
            let _ = write!(attributes, " dy=\"{}\"", num(wanted - shift));
        }
        if dx != 0.0 {
            let _ = write!(attributes, " dx=\"{}\"", num(dx));
        }
        shift = wanted;
        let text = escape(&run.text);
        if attributes.is_empty() {
            out.push_str(&text);
        } else {
            let _ = write!(out, "<tspan{attributes}>{text}</tspan>");
        }
    }
    out
}

/// A label as HTML.
pub(crate) fn html(markup: &str) -> String {
    let mut out = String::new();
    for run in parse(markup) {
        let text = escape(&run.text);
        let text = if run.italic { format!("<i>{text}</i>") } else { text };
        match run.level {
            Level::Base => out.push_str(&text),
            Level::Sub => {
                let _ = write!(out, "<sub>{text}</sub>");
            }
            Level::Sup => {
                let _ = write!(out, "<sup>{text}</sup>");
            }
        }
    }
    out
}

/// A label without its marks, for tool tips and titles (not escaped).
pub(crate) fn plain(markup: &str) -> String {
    parse(markup).into_iter().map(|run| run.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transverse_momentum_is_an_italic_p_with_a_subscript_and_a_superscript_above_it() {
        assert_eq!(html("*p*_{T}^{rel} [GeV]"), "<i>p</i><sub>T</sub><sup>rel</sup> [GeV]");
        let set = svg("*p*_{T}^{rel} x", 10.0);
        // The superscript steps back by the width of the subscript: 0.611 em of 7.2.
        assert!(set.contains("dx=\"-4.4\""), "{set}");
        let shifts: f64 = set.split("dy=\"").skip(1).map(|s| s[..s.find('"').unwrap()].parse::<f64>().unwrap()).sum();
        assert!(shifts.abs() < 1e-9, "the baseline is restored: {set}");
    }

    #[test]
    fn unmatched_marks_are_literal_and_markup_characters_are_escaped() {
        assert_eq!(html("a*b <c> & _x ^{"), "a*b &lt;c&gt; &amp; _x ^{");
        assert_eq!(plain("*p*_{T} < 3"), "pT < 3");
        assert_eq!(escape("a\u{0}b\u{7}\""), "a b &quot;");
    }

    #[test]
    fn a_stacked_superscript_adds_no_width_beyond_the_wider_of_the_two() {
        let sub = width("*p*_{T}", 10.0);
        let both = width("*p*_{T}^{rel}", 10.0);
        let sup = width("*p*^{rel}", 10.0);
        assert!((both - sub.max(sup)).abs() < 1e-9);
    }
}
