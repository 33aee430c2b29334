//! Averages of the weights chosen after training: track two power-function averages, reconstruct any other.
//!
//! 1. the average of profile gamma at time t: `(gamma + 1)/t^(gamma + 1) int_0^t tau^gamma theta(tau) dtau`
//! 2. kept up to date by `average <- b average + (1 - b) theta`, `b = (1 - 1/t)^(gamma + 1)`, exact for weights that change in
//!    steps; the first update forgets the start
//! 3. its relative width `sigma_rel`: `sigma_rel^2 = (gamma + 1)/((gamma + 2)^2 (gamma + 3))`
//! 4. `<p_i, p_j> = (g_i + 1)(g_j + 1)/(g_i + g_j + 1) m^(g_i + g_j + 1)/(t_i^(g_i + 1) t_j^(g_j + 1))`, `m = min(t_i, t_j)`
//!
//! The profile wanted is the combination of the snapshots' nearest to it in the square integral: `A c = b` with inner products
//! 4. Karras et al., Analyzing and improving the training dynamics of diffusion models (EDM2), arXiv:2312.02696, section 3.

use crate::error::Error;

/// The power-function profile of an average: how much of it comes from which time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// The exponent, >= 0: the larger, the more recent.
    pub gamma: f64,
    /// The optimiser step at which the average was taken, >= 1.
    pub t: f64,
}

/// The widest profile: a plain average over all of training, `gamma = 0`, has `sigma_rel = 1/sqrt(12)`.
const WIDEST: f64 = 0.288_675_134_594_812_9;

impl Profile {
    /// The profile with an exponent.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative exponent or a time below 1.
    pub fn new(gamma: f64, t: f64) -> Result<Profile, Error> {
        let refuse = |what, value, allowed| Err(Error::Parameter { what, value, allowed });
        match (gamma.is_finite() && gamma >= 0.0, t.is_finite() && t >= 1.0) {
            (false, _) => refuse("gamma", gamma, "a finite number >= 0"),
            (_, false) => refuse("step", t, "a finite number >= 1"),
            _ => Ok(Profile { gamma, t }),
        }
    }

    /// The profile whose standard deviation in time is `sigma_rel` of the length of training, e.g. 0.05 or 0.1.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside (0, 1/sqrt(12)] or for a time below 1.
    pub fn with_width(sigma_rel: f64, t: f64) -> Result<Profile, Error> {
        if !(sigma_rel > 0.0 && sigma_rel <= WIDEST) {
            let allowed = "numbers in (0, 0.2886], the width of the plain average";
            return Err(Error::Parameter { what: "sigma_rel", value: sigma_rel, allowed });
        }
        // The width decreases from gamma = 0 on, and is below 1/(gamma + 2).
        let (mut low, mut high) = (0.0, 1.0 / sigma_rel);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if width(middle) > sigma_rel { low = middle } else { high = middle }
        }
        Profile::new(0.5 * (low + high), t)
    }

    /// `sigma_rel`.
    pub fn width(&self) -> f64 {
        width(self.gamma)
    }

    /// `<p, q>`, the integral of the product of two profiles.
    pub fn inner(&self, other: &Profile) -> f64 {
        let (g, h) = (self.gamma, other.gamma);
        let (early, late) = if self.t <= other.t { (self, other) } else { (other, self) };
        // One factor 1/t_late, the rest a ratio of times: nothing overflows.
        let ratio = (early.t / late.t).powf(late.gamma);
        (g + 1.0) * (h + 1.0) / (g + h + 1.0) * ratio / late.t
    }
}

fn width(gamma: f64) -> f64 {
    ((gamma + 1.0) / (gamma + 3.0)).sqrt() / (gamma + 2.0)
}

/// A power-function average over flat slices of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerEma {
    /// The exponent, >= 0; see [`Profile::with_width`].
    pub gamma: f64,
}

impl PowerEma {
    /// Moves `average` towards `parameters` after optimiser step number `step`, from 1.
    ///
    /// # Panics
    /// Unless they are equally long.
    pub fn update(&self, average: &mut [f32], parameters: &[f32], step: u64) {
        assert_eq!(average.len(), parameters.len(), "average and parameters of different lengths");
        // 1 - (1 - 1/t)^(gamma + 1), which is gamma/t late in training.
        let rest = -((self.gamma + 1.0) * (-1.0 / step.max(1) as f64).ln_1p()).exp_m1();
        average.iter_mut().zip(parameters).for_each(|(a, p)| *a += (rest * f64::from(p - *a)) as f32);
    }
}

/// The factors with which snapshots of these profiles come nearest to `wanted`.
///
/// # Errors
/// [`Error::Length`] without snapshots.
pub fn posthoc_factors(snapshots: &[Profile], wanted: &Profile) -> Result<Vec<f64>, Error> {
    let n = snapshots.len();
    if n == 0 {
        return Err(Error::Length { what: "snapshots (at least one)", expected: 1, got: 0 });
    }
    // Profiles of unit length, so that one bound on the pivots fits all.
    let lengths: Vec<f64> = snapshots.iter().map(|p| p.inner(p).sqrt()).collect();
    let product = |i: usize, j: usize| snapshots[i].inner(&snapshots[j]) / (lengths[i] * lengths[j]);
    let matrix: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| product(i, j)).collect()).collect();
    let right: Vec<f64> = (0..n).map(|i| snapshots[i].inner(wanted) / lengths[i]).collect();
    let solution = least_squares(matrix, right);
    Ok(solution.iter().zip(&lengths).map(|(c, length)| c / length).collect())
}

/// `sum_i factors[i] averages[i]`, of flat slices of the same length.
///
/// # Errors
/// [`Error::Length`] if the lengths differ.
pub fn posthoc_average(averages: &[&[f32]], factors: &[f64]) -> Result<Vec<f32>, Error> {
    if averages.len() != factors.len() {
        return Err(Error::Length { what: "factors of the snapshots", expected: averages.len(), got: factors.len() });
    }
    let size = averages.first().map_or(0, |a| a.len());
    let mut sum = vec![0.0; size];
    for (average, factor) in averages.iter().zip(factors) {
        if average.len() != size {
            return Err(Error::Length { what: "parameters of a snapshot", expected: size, got: average.len() });
        }
        sum.iter_mut().zip(*average).for_each(|(sum, a)| *sum += factor * f64::from(*a));
    }
    Ok(sum.into_iter().map(|s| s as f32).collect())
}

/// Solves a positive semidefinite system with unit diagonal by Cholesky's method with pivoting. Directions below rounding, of
/// snapshots that the others contain, get no factor.
fn least_squares(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    let mut order: Vec<usize> = (0..n).collect();
    let mut rank = n;
    for k in 0..n {
        let best = (k..n).max_by(|i, j| a[*i][*i].total_cmp(&a[*j][*j])).expect("k < n");
        a.swap(k, best);
        a.iter_mut().for_each(|row| row.swap(k, best));
        b.swap(k, best);
        order.swap(k, best);
        if a[k][k] <= 1e-14 {
            rank = k;
            break;
        }
        let (above, below) = a.split_at_mut(k + 1);
        let (pivot, value) = (&above[k], b[k]);
        for (row, rest) in below.iter_mut().zip(&mut b[k + 1..]) {
            let factor = row[k] / pivot[k];
            row.iter_mut().zip(pivot).skip(k + 1).for_each(|(entry, p)| *entry -= factor * p);
            *rest -= factor * value;
        }
    }
    let mut solution = vec![0.0; n];
    for k in (0..rank).rev() {
        let rest: f64 = (k + 1..rank).map(|j| a[k][j] * solution[order[j]]).sum();
        solution[order[k]] = (b[k] - rest) / a[k][k];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The average of a trajectory given at steps 1, 2, ..., constant in between, by profile's definition.
    fn direct(theta: impl Fn(usize) -> f64, profile: &Profile) -> f64 {
        let power = profile.gamma + 1.0;
        let until = |i: usize| (i as f64 / profile.t).powf(power);
        (1..=profile.t as usize).map(|i| theta(i) * (until(i) - until(i - 1))).sum()
    }

    #[test]
    fn exponents_of_common_widths() {
        // Roots of sigma² (gamma + 2)² (gamma + 3) = gamma + 1, found independently.
        for (width, gamma) in [(0.05, 16.972199), (0.10, 6.937204), (0.15, 3.557869), (0.20, 1.826214)] {
            let profile = Profile::with_width(width, 100.0).unwrap();
            assert!((profile.gamma - gamma).abs() < 1e-6, "{width}: {}", profile.gamma);
            let g: f64 = profile.gamma;
            assert!((width * width * (g + 2.0).powi(2) * (g + 3.0) - g - 1.0).abs() < 1e-9);
            // The same from the moments of tau^gamma on a fine grid.
            let n = 20_000;
            let moment = |k: i32| -> f64 {
                (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).map(|u| u.powf(g) * u.powi(k)).sum()
            };
            let mean = moment(1) / moment(0);
            assert!(((moment(2) / moment(0) - mean * mean).sqrt() - width).abs() < 1e-6);
        }
        assert!(Profile::with_width(0.29, 10.0).is_err() && Profile::with_width(0.0, 10.0).is_err());
        assert!(Profile::new(-0.1, 10.0).is_err() && Profile::new(1.0, 0.0).is_err());
    }

    #[test]
    fn inner_products_are_integrals() {
        for (p, q) in [((2.0, 50.0), (7.0, 80.0)), ((16.9, 90.0), (6.9, 30.0)), ((1.5, 40.0), (1.5, 40.0))] {
            let (p, q) = (Profile::new(p.0, p.1).unwrap(), Profile::new(q.0, q.1).unwrap());
            let at = |p: &Profile, tau: f64| {
                if tau > p.t { 0.0 } else { (p.gamma + 1.0) * (tau / p.t).powf(p.gamma) / p.t }
            };
            let end = p.t.min(q.t);
            let n = 20_000;
            let nodes = (0..n).map(|i| end * (f64::from(i) + 0.5) / f64::from(n));
            let integral: f64 = nodes.map(|tau| at(&p, tau) * at(&q, tau)).sum::<f64>() * end / f64::from(n);
            assert!((p.inner(&q) / integral - 1.0).abs() < 1e-5, "{} {integral}", p.inner(&q));
        }
    }

    #[test]
    fn the_update_keeps_the_average_of_its_profile() {
        let theta = |i: usize| (0.05 * i as f64).sin() + 0.01 * i as f64;
        for gamma in [0.0, 1.826214, 16.972199] {
            let mut average = [123.0];
            for step in 1..=300 {
                PowerEma { gamma }.update(&mut average, &[theta(step) as f32], step as u64);
            }
            let exact = direct(theta, &Profile::new(gamma, 300.0).unwrap());
            assert!((f64::from(average[0]) - exact).abs() < 1e-5, "gamma {gamma}: {} {exact}", average[0]);
        }
    }

    #[test]
    fn any_width_is_reconstructed_from_two_exponents_and_a_few_snapshots() {
        // A smooth trajectory, two weights: tracked at widths 0.05 and 0.10, 24 snapshots of each.
        let theta = |i: usize, w: usize| {
            let u = i as f64 / 1200.0;
            if w == 0 { (1.0 - (-6.0 * u).exp()) + 0.1 * (9.0 * u).sin() } else { 0.3 * u * u - (4.0 * u).cos() }
        };
        let kept = [0.05, 0.10].map(|width| Profile::with_width(width, 1200.0).unwrap().gamma);
        let (mut profiles, mut snapshots) = (Vec::new(), Vec::<[f32; 2]>::new());
        let mut averages = [[0.0f32; 2]; 2];
        for step in 1..=1200 {
            for (average, gamma) in averages.iter_mut().zip(kept) {
                PowerEma { gamma }.update(average, &[theta(step, 0) as f32, theta(step, 1) as f32], step as u64);
                if step % 50 == 0 {
                    profiles.push(Profile::new(gamma, step as f64).unwrap());
                    snapshots.push(*average);
                }
            }
        }
        let slices: Vec<&[f32]> = snapshots.iter().map(|s| &s[..]).collect();
        for (width, t) in [(0.05, 1200.0), (0.08, 1200.0), (0.15, 1200.0), (0.20, 1200.0), (0.12, 900.0)] {
            let wanted = Profile::with_width(width, t).unwrap();
            let found = posthoc_average(&slices, &posthoc_factors(&profiles, &wanted).unwrap()).unwrap();
            for (w, found) in found.iter().enumerate() {
                let exact = direct(|i| theta(i, w), &wanted);
                // The early times, seen by few snapshots, matter more the wider the profile.
                assert!((f64::from(*found) - exact).abs() < 1e-3, "width {width} at {t}: {found} {exact}");
            }
        }
    }

    #[test]
    fn a_snapshots_own_profile_is_itself_even_among_copies() {
        let profiles = [(5.0, 100.0), (5.0, 100.0), (9.0, 70.0)].map(|(g, t)| Profile::new(g, t).unwrap());
        let factors = posthoc_factors(&profiles, &profiles[0]).unwrap();
        assert!((factors[0] + factors[1] - 1.0).abs() < 1e-9 && factors[2].abs() < 1e-9, "{factors:?}");
        assert!(posthoc_factors(&[], &profiles[0]).is_err());
        assert!(posthoc_average(&[&[1.0, 2.0], &[1.0]], &[0.5, 0.5]).is_err());
        assert!(posthoc_average(&[&[1.0, 2.0]], &[0.5, 0.5]).is_err());
    }
}
