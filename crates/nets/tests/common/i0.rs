//! The modified Bessel function I0 in double precision, by series that share nothing with the network's.

/// `ln I0(k) - k`: the power series below 30, Hankel's asymptotic series above.
pub fn log_scaled(k: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    if k < 30.0 {
        for m in 1..200 {
            term *= (0.5 * k / f64::from(m)).powi(2);
            sum += term;
        }
        return sum.ln() - k;
    }
    for j in 1..12 {
        term *= f64::from(2 * j - 1).powi(2) / (8.0 * k * f64::from(j));
        sum += term;
    }
    sum.ln() - 0.5 * (std::f64::consts::TAU * k).ln()
}
