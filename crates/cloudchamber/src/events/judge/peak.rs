//! Position and width of the resonance.

use collider::zjets::Event;
use serde::Serialize;

/// Window around the mass of the Z for its peak \[GeV\].
const WINDOW: [f64; 2] = [86.19, 96.19];

/// Position and width of the resonance: mean and standard deviation of the pair's mass between 86.19 and 96.19 GeV.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Peak {
    /// Mean \[GeV\].
    pub position: f64,
    /// Its statistical error, width / sqrt(n) \[GeV\].
    pub position_error: f64,
    /// Standard deviation \[GeV\].
    pub width: f64,
    /// Its statistical error, width / sqrt(2 n) \[GeV\].
    pub width_error: f64,
}

impl Peak {
    /// The peak of weighted events; n is their effective number in the window.
    pub fn of(events: &[Event]) -> Peak {
        let masses = events.iter().map(|e| (e.boson().mass(), e.weight));
        let (mut n, mut squares, mut sum, mut second) = (0.0, 0.0, 0.0, 0.0);
        for (mass, weight) in masses.filter(|(m, _)| (WINDOW[0]..WINDOW[1]).contains(m)) {
            n += weight;
            squares += weight * weight;
            sum += weight * mass;
            second += weight * mass * mass;
        }
        let position = sum / n;
        let width = (second / n - position * position).max(0.0).sqrt();
        let effective = n * n / squares;
        Peak {
            position,
            position_error: width / effective.sqrt(),
            width,
            width_error: width / (2.0 * effective).sqrt(),
        }
    }
}

/// How far a generated peak is from the true one: shift \[GeV\] and relative change of the width, each with its statistical error.
pub fn shift([truth, generated]: &[Peak; 2]) -> [[f64; 2]; 2] {
    let ratio = generated.width / truth.width;
    let relative = (generated.width_error / generated.width).hypot(truth.width_error / truth.width);
    [
        [generated.position - truth.position, generated.position_error.hypot(truth.position_error)],
        [ratio - 1.0, ratio * relative],
    ]
}
