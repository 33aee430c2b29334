//! The cylinder of pseudorapidity and azimuth around a point, by distance and angle: a least distance is the edge of one number alone.
//!
//! `r = sqrt(eta^2 + phi^2)` and `psi = atan2(phi, eta)`, where `|phi| <= pi`. Beyond `r = pi` a circle leaves the cylinder, and only the angles within
//! `theta = asin(pi/r)` of the axis are there; they are stretched by `pi/(2 theta)`, so that all angles occur at all distances.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::fourvector::wrap_phi;

/// Half of the angle on either side that a circle of radius `r` has on the cylinder.
fn opening(r: f64) -> f64 {
    if r > PI { (PI / r).asin() } else { FRAC_PI_2 }
}

/// Multiplies the angle to the nearer side of the axis.
fn stretched(psi: f64, factor: f64) -> f64 {
    if psi.abs() <= FRAC_PI_2 { psi * factor } else { (PI - (PI - psi.abs()) * factor).copysign(psi) }
}

/// Distance and angle in (-pi, pi] of a difference in pseudorapidity and one in azimuth within plus and minus pi.
pub fn to_polar([eta, phi]: [f64; 2]) -> [f64; 2] {
    let r = eta.hypot(phi);
    [r, stretched(phi.atan2(eta), FRAC_PI_2 / opening(r))]
}

/// The differences of a distance and any angle, the inverse of [`to_polar`].
pub fn from_polar([r, angle]: [f64; 2]) -> [f64; 2] {
    let (sin, cos) = stretched(wrap_phi(angle), opening(r) / FRAC_PI_2).sin_cos();
    [r * cos, (r * sin).clamp(-PI, PI)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_the_cylinder_have_a_distance_and_an_angle_and_come_back() {
        for i in 0..2000 {
            let (a, b) = (f64::from(i) * 0.618_034 % 1.0, f64::from(i) * 0.754_878 % 1.0);
            let point = [16.0 * (a - 0.5), 2.0 * PI * (b - 0.5)];
            let [r, angle] = to_polar(point);
            assert!((r - point[0].hypot(point[1])).abs() < 1e-12 && angle.abs() <= PI + 1e-12);
            let back = from_polar([r, angle]);
            assert!((back[0] - point[0]).hypot(back[1] - point[1]) < 1e-9, "{point:?} {back:?}");
        }
    }

    #[test]
    fn every_distance_and_angle_is_a_point_at_that_distance() {
        for i in 0..2000 {
            let [r, angle] = [0.4 + 0.005 * f64::from(i), 0.7 * f64::from(i)];
            let [eta, phi] = from_polar([r, angle]);
            assert!(phi.abs() <= PI && (eta.hypot(phi) - r).abs() < 1e-9, "{r} {angle}");
            let again = to_polar([eta, phi]);
            assert!(wrap_phi(again[1] - angle).abs() < 1e-6, "{r} {angle} {again:?}");
        }
    }

    #[test]
    fn nearby_the_angle_is_that_of_the_plane() {
        assert_eq!(to_polar([1.0, 1.0]), [2f64.sqrt(), PI / 4.0]);
        assert_eq!(to_polar([-0.5, 0.0]), [0.5, PI]);
        // Far out along the cylinder, an azimuth of pi is as far round as one can go.
        assert!((to_polar([10.0, PI])[1] - FRAC_PI_2).abs() < 1e-12);
    }
}
