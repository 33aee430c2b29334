//! The plane without a disc onto the whole plane and back, so that what keeps a distance has coordinates without an edge.
//!
//! `r'^2 = r^2 - R^2 s(r)` along each ray, with `s = 1` up to `2 R` and falling smoothly to 0 at `5 R`. Where `s = 1` areas are kept (r' dr' = r dr), so
//! a density that ends abruptly at the disc becomes one that is smooth across a point; beyond `5 R` nothing changes, so the period of an azimuth
//! survives for `5 R < pi`.

/// A disc of radius `R` around the origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hole {
    /// R.
    pub radius: f64,
}

impl Hole {
    /// `s` at `r`: the smooth step `1 - 10 u^3 + 15 u^4 - 6 u^5`.
    fn share(&self, r: f64) -> f64 {
        let u = ((r / self.radius - 2.0) / 3.0).clamp(0.0, 1.0);
        1.0 - u * u * u * (10.0 + u * (6.0 * u - 15.0))
    }

    fn closed(&self, r: f64) -> f64 {
        (r * r - self.radius * self.radius * self.share(r)).max(0.0).sqrt()
    }

    /// From outside the disc to the whole plane; what lies in the disc goes to the origin.
    pub fn close(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let r = x.hypot(y);
        if r == 0.0 {
            return [0.0, 0.0];
        }
        let factor = self.closed(r) / r;
        [x * factor, y * factor]
    }

    /// From the whole plane to outside the disc; the origin goes to the disc's edge on the first axis.
    pub fn open(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let to = x.hypot(y);
        if to >= 5.0 * self.radius {
            return [x, y];
        }
        let direction = if to == 0.0 { [1.0, 0.0] } else { [x / to, y / to] };
        // r' grows with r, from 0 at R to 5 R at 5 R.
        let (mut low, mut high) = (self.radius, 5.0 * self.radius);
        if to * to <= 3.0 * self.radius * self.radius {
            let r = (to * to + self.radius * self.radius).sqrt();
            return direction.map(|d| d * r);
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.closed(middle) < to { low = middle } else { high = middle }
        }
        direction.map(|d| d * high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLE: Hole = Hole { radius: 0.4 };

    #[test]
    fn opening_undoes_closing_everywhere_outside_the_disc() {
        for i in 0..400 {
            let (r, angle) = (0.4 + 0.01 * f64::from(i), 0.7 * f64::from(i));
            let point = [r * angle.cos(), r * angle.sin()];
            let back = HOLE.open(HOLE.close(point));
            assert!((back[0] - point[0]).hypot(back[1] - point[1]) < 1e-9, "at r = {r}");
        }
    }

    #[test]
    fn nothing_opened_lies_in_the_disc_and_far_points_stay() {
        for i in 0..300 {
            let point =
                [0.01 * f64::from(i) * (1.3 * f64::from(i)).cos(), 0.01 * f64::from(i) * (1.3 * f64::from(i)).sin()];
            let [x, y] = HOLE.open(point);
            assert!(x.hypot(y) >= 0.4 - 1e-12);
        }
        assert_eq!(HOLE.open([0.0, 0.0]), [0.4, 0.0]);
        assert_eq!(HOLE.close([2.5, -1.0]), [2.5, -1.0]);
        assert_eq!(HOLE.close([0.1, 0.1]), [0.0, 0.0]);
    }

    #[test]
    fn areas_near_the_disc_are_kept() {
        // The determinant of the map by central differences.
        let h = 1e-5;
        for (x, y) in [(0.45, 0.1), (-0.3, 0.5), (0.0, 0.7)] {
            let along = |dx: f64, dy: f64| {
                let (a, b) = (HOLE.close([x + dx, y + dy]), HOLE.close([x - dx, y - dy]));
                [(a[0] - b[0]) / (2.0 * h), (a[1] - b[1]) / (2.0 * h)]
            };
            let (u, v) = (along(h, 0.0), along(0.0, h));
            assert!((u[0] * v[1] - u[1] * v[0] - 1.0).abs() < 1e-6, "at {x}, {y}");
        }
    }

    #[test]
    fn the_map_grows_along_every_ray() {
        let radii: Vec<f64> = (0..2000).map(|i| HOLE.closed(0.4 + 0.001 * f64::from(i))).collect();
        assert!(radii.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
