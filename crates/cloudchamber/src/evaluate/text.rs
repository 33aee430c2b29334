//! The judgement as a table for a terminal.

use std::fmt::Write;

use super::{Best, ClassResult, Evaluation, Figure};

/// A table for each class (value, error, floor, ratio to the floor), then the protocol.
pub fn table(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    for class in &evaluation.classes {
        class_table(class, &mut text);
    }
    let wide = evaluation.protocol.lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, what) in &evaluation.protocol.lines {
        let _ = writeln!(text, "{name:wide$}  {what}");
    }
    text
}

fn class_table(class: &ClassResult, text: &mut String) {
    let [a, b] = class.floor;
    let _ = writeln!(
        text,
        "{} jets: {} generated against {} real; floor: {a} against {b} real",
        class.class.name(),
        class.generated,
        class.real
    );
    let _ = writeln!(text, "  {:<14} {:>22} {:>22} {:>9}", "", "generated", "floor", "ratio");
    for figure in &class.figures {
        let _ = writeln!(
            text,
            "  {:<14} {:>22} {:>22} {:>9}",
            format!("{}{}", figure.name, unit(figure.unit)),
            value(figure.value.value, figure.value.error, figure.unit),
            value(figure.floor.value, figure.floor.error, figure.unit),
            ratio(figure)
        );
    }
    text.push('\n');
}

fn unit(unit: f64) -> String {
    if unit == 1.0 { String::new() } else { format!(" [{unit:e}]") }
}

fn value(value: f64, error: f64, unit: f64) -> String {
    let (value, error) = (value / unit, error / unit);
    let decimals = if error > 0.0 { (1.0 - error.log10().floor()).clamp(0.0, 4.0) as usize } else { 3 };
    format!("{value:.decimals$} +- {error:.decimals$}")
}

fn ratio(figure: &Figure) -> String {
    let ratio = figure.value.value / figure.floor.value;
    if figure.best == Best::Small && ratio.is_finite() && ratio > 0.0 { format!("{ratio:.2}") } else { "-".into() }
}
