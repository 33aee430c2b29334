//! Where the ticks of an axis stand: 1-2-5 steps on linear axes, decades on logarithmic ones.

/// The ticks of one axis, in data coordinates and increasing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ticks {
    /// Labelled positions.
    pub major: Vec<f64>,
    /// One label for each major tick, in the notation of `label`.
    pub labels: Vec<String>,
    /// Positions in between.
    pub minor: Vec<f64>,
    /// Labels are in units of 10^exponent.
    pub exponent: i32,
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `x` > 0, and its leading digit.
fn nice(x: f64) -> (f64, u32) {
    let power = 10f64.powf(x.log10().floor());
    for (digit, limit) in [(1, 1.0), (2, 2.0), (5, 5.0)] {
        if x <= limit * power * (1.0 + 1e-9) {
            return (f64::from(digit) * power, digit);
        }
    }
    (10.0 * power, 1)
}

fn multiples(lo: f64, hi: f64, step: f64) -> Vec<f64> {
    let slack = 1e-9 * (hi - lo);
    let first = ((lo - slack) / step).ceil() as i64;
    let last = ((hi + slack) / step).floor() as i64;
    // Adding 0 turns -0 into 0.
    (first..=last).map(|i| i as f64 * step + 0.0).collect()
}

/// At most about `target` labelled ticks on a linear axis; none if the range is empty or not finite.
pub(crate) fn linear(lo: f64, hi: f64, target: usize) -> Ticks {
    let range = hi - lo;
    if !(range.is_finite() && range > 0.0) || range < 1e-12 * lo.abs().max(hi.abs()) {
        return Ticks::default();
    }
    let (step, digit) = nice(range / target.max(1) as f64);
    let parts = if digit == 2 { 4 } else { 5 };
    let major = multiples(lo, hi, step);
    let minor = multiples(lo, hi, step / f64::from(parts))
        .into_iter()
        .filter(|m| !major.iter().any(|x| (x - m).abs() < 0.1 * step / f64::from(parts)))
        .collect();
    let largest = lo.abs().max(hi.abs());
    let exponent = if (5e-3..2e4).contains(&largest) { 0 } else { largest.log10().floor() as i32 };
    let unit = 10f64.powi(exponent);
    let decimals = (-(step / unit).log10().floor()).max(0.0) as usize;
    let labels = major.iter().map(|x| format!("{:.decimals$}", x / unit).replace('-', "\u{2212}")).collect();
    Ticks { major, labels, minor, exponent }
}

fn power_label(k: i32) -> String {
    match k {
        0 => "1".to_string(),
        1 => "10".to_string(),
        k if k < 0 => format!("10^{{\u{2212}{}}}", -k),
        k => format!("10^{{{k}}}"),
    }
}

/// Decades on a logarithmic axis, thinned to about `target` labels; less than a decade and a half is also labelled at 2 and 5.
pub(crate) fn log(lo: f64, hi: f64, target: usize) -> Ticks {
    if !(lo > 0.0 && hi > lo && hi.is_finite()) {
        return Ticks::default();
    }
    let slack = 1.0 + 1e-9;
    let inside = |x: &f64| *x >= lo / slack && *x <= hi * slack;
    let (first, last) = (lo.log10().floor() as i32, hi.log10().ceil() as i32);
    let decades = hi.log10() - lo.log10();
    let stride = (decades / target.max(1) as f64).ceil().max(1.0) as i32;
    let mut ticks = Ticks::default();
    for k in first..=last {
        let power = 10f64.powi(k);
        for digit in 1..10 {
            let x = f64::from(digit) * power;
            if !inside(&x) {
                continue;
            }
            if digit == 1 && k.rem_euclid(stride) == 0 {
                ticks.major.push(x);
                ticks.labels.push(power_label(k));
            } else if decades < 1.5 && (digit == 2 || digit == 5) {
                ticks.major.push(x);
                let label = if (-2..=3).contains(&k) {
                    format!("{x:.*}", (-k).max(0) as usize)
                } else {
                    format!("{digit}·{}", power_label(k))
                };
                ticks.labels.push(label);
            } else if stride == 1 || digit == 1 {
                ticks.minor.push(x);
            }
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_steps_are_one_two_or_five_times_a_power_of_ten_and_stay_in_range() {
        for (lo, hi) in [(0.0, 1.0), (-0.4, 0.4), (3.0, 1234.5), (1e-7, 5e-6), (-17.0, -3.0), (0.99, 1.01), (0.0, 31.0)]
        {
            for target in [3, 5, 8] {
                let t = linear(lo, hi, target);
                assert!(t.major.len() <= target + 1, "{lo} {hi} {target}: {:?}", t.major);
                assert!(t.major.len() >= 2 || target < 5, "{lo} {hi}: {:?}", t.major);
                assert_eq!(t.major.len(), t.labels.len());
                let slack = 1e-6 * (hi - lo);
                assert!(t.major.iter().chain(&t.minor).all(|&x| x >= lo - slack && x <= hi + slack));
                for w in t.major.windows(2) {
                    let step = w[1] - w[0];
                    let digit = step / 10f64.powf((step.log10() + 1e-9).floor());
                    assert!([1.0, 2.0, 5.0].iter().any(|d| (d - digit).abs() < 1e-6), "step {step}");
                }
                let mut distinct = t.labels.clone();
                distinct.dedup();
                assert_eq!(distinct.len(), t.labels.len(), "labels tell ticks apart: {:?}", t.labels);
            }
        }
    }

    #[test]
    fn labels_times_their_power_of_ten_are_the_tick_positions() {
        for (lo, hi) in [(0.0, 4e-5), (-3e-4, 3e-4), (0.0, 250_000.0), (0.0, 31.0)] {
            let t = linear(lo, hi, 5);
            for (x, l) in t.major.iter().zip(&t.labels) {
                let value: f64 = l.replace('\u{2212}', "-").parse::<f64>().unwrap() * 10f64.powi(t.exponent);
                assert!((value - x).abs() < 1e-9 * (hi - lo), "{l} is not {x}");
            }
        }
    }

    #[test]
    fn logarithmic_labels_are_the_decades_inside_the_range() {
        let t = log(2e-3, 300.0, 8);
        assert_eq!(t.labels, ["10^{\u{2212}2}", "10^{\u{2212}1}", "1", "10", "10^{2}"]);
        assert!(t.minor.iter().all(|&x| (2e-3..=300.000_001).contains(&x)));
        // 2..9 of every full decade, without its power: 8 x 4 inside, 8 of the first (2..9e-3) and 2, 3 of the last.
        assert_eq!(t.minor.len(), 8 * 4 + 8 + 2);
        assert!(log(1e-12, 1.0, 5).major.len() <= 6);
    }

    #[test]
    fn impossible_ranges_have_no_ticks() {
        for (lo, hi) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(linear(lo, hi, 5).major.is_empty());
            assert!(log(lo, hi, 5).major.is_empty());
        }
        assert!(log(0.0, 1.0, 5).major.is_empty());
    }
}
