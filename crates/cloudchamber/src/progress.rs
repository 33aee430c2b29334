//! Progress on standard error: one line that is rewritten on a terminal, a line every ten seconds elsewhere, nothing if quiet.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Progress of one task, with the estimated time to its end.
#[derive(Debug)]
pub struct Progress {
    label: String,
    unit: &'static str,
    quiet: bool,
    terminal: bool,
    start: Instant,
    first: u64,
    shown: Option<Instant>,
    width: usize,
}

impl Progress {
    /// A task called `label` that counts in `unit`s ("jets", "steps").
    pub fn new(label: impl Into<String>, unit: &'static str, quiet: bool) -> Progress {
        let now = Instant::now();
        Progress {
            label: label.into(),
            unit,
            quiet,
            terminal: stderr().is_terminal(),
            start: now,
            first: 0,
            shown: None,
            width: 0,
        }
    }

    /// What an interrupted task had done before (it counts for nothing in the speed of this one).
    pub fn resuming_at(mut self, done: u64) -> Progress {
        self.first = done;
        self
    }

    /// Says that `done` of `total` are done, with a remark (loss, ...); prints only as often as is useful.
    pub fn update(&mut self, done: u64, total: u64, remark: &str) {
        let period = if self.terminal { Duration::from_millis(100) } else { Duration::from_secs(10) };
        let last = self.shown.unwrap_or(self.start);
        if self.quiet || (last.elapsed() < period && !(self.terminal && self.shown.is_none())) {
            return;
        }
        self.shown = Some(Instant::now());
        let text =
            line(&self.label, self.unit, self.start.elapsed(), done.saturating_sub(self.first), done, total, remark);
        self.print(&text);
    }

    /// Ends the task with a last line; on a terminal it replaces the progress.
    pub fn finish(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        self.print(text);
        if self.terminal {
            let _ = writeln!(stderr());
        }
        self.width = 0;
    }

    /// The name of the task.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Time since the task began, s.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Removes the unfinished line from a terminal, so that a message can follow.
    pub fn clear(&mut self) {
        if self.terminal && self.width > 0 {
            let _ = write!(stderr(), "\r{:w$}\r", "", w = self.width);
            self.width = 0;
        }
    }

    fn print(&mut self, text: &str) {
        // A closed standard error must not end the work.
        let mut err = stderr().lock();
        let _ = if self.terminal { write!(err, "\r{text:w$}", w = self.width) } else { writeln!(err, "{text}") };
        let _ = err.flush();
        self.width = text.chars().count();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn line(label: &str, unit: &str, elapsed: Duration, fresh: u64, done: u64, total: u64, remark: &str) -> String {
    let mut text = format!("{label}: {done} of {total} {unit}");
    let seconds = elapsed.as_secs_f64();
    if fresh > 0 && seconds > 0.2 {
        let rate = fresh as f64 / seconds;
        let left = total.saturating_sub(done) as f64 / rate;
        text += &format!(", {} {unit}/s, {} left", significant(rate), duration(left));
    }
    if !remark.is_empty() {
        text += ", ";
        text += remark;
    }
    text
}

/// A positive number with three significant digits and no exponent where it has few digits.
pub fn significant(value: f64) -> String {
    let digits = if value > 0.0 { value.log10().floor() as i32 } else { 0 };
    let decimals = (2 - digits).clamp(0, 6) as usize;
    format!("{value:.decimals$}")
}

/// Seconds as people say them: "12 s", "3 min 20 s", "2 h 05 min".
pub fn duration(seconds: f64) -> String {
    let s = if seconds.is_finite() { seconds.max(0.0).round() as u64 } else { return "?".into() };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_the_rest_at_the_speed_so_far() {
        // 100 of this session's steps in 10 s = 10/s; 1000 - 400 = 600 to go = 60 s.
        let text = line("train", "steps", Duration::from_secs(10), 100, 400, 1000, "loss 0.5");
        assert_eq!(text, "train: 400 of 1000 steps, 10.0 steps/s, 1 min 00 s left, loss 0.5");
        assert_eq!(line("x", "jets", Duration::ZERO, 0, 0, 5, ""), "x: 0 of 5 jets");
    }

    #[test]
    fn durations_and_rates_read_well() {
        assert_eq!([59.4, 60.0, 3599.0, 7500.0].map(duration), ["59 s", "1 min 00 s", "59 min 59 s", "2 h 05 min"]);
        assert_eq!([1234.5, 12.345, 0.012345].map(significant), ["1234", "12.3", "0.0123"]);
    }
}
