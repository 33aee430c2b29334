//! Jets as pictures: the share of the transverse momentum in each pixel of the plane around the jet.
//!
//! Every jet is shifted to its centroid, turned until its principal axis is vertical, and flipped until the harder half is above
//! and to the right: what is left is substructure. De Oliveira et al., arXiv:1511.05190, section 2.1.

use collider::Jets;
use collider::observables::{girth, relative_mass};

/// Pixels per side.
pub const SIDE: usize = 16;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Half the width of the window, the radius of the jets.
pub const HALF: f64 = 0.4;
/// Width of a pixel.
pub const PIXEL: f64 = 2.0 * HALF / SIDE as f64;
/// Pixels below this share of the jet are empty, in the data as in what is generated.
pub const THRESHOLD: f64 = 1e-3;

/// Shares of the transverse momentum, row-major from the lower left corner, that sum to one.
pub type Image = Vec<f64>;

/// The images of all jets that have constituents inside the window.
pub fn images(jets: &Jets) -> Vec<Image> {
    (0..jets.len()).filter_map(|i| image(jets.particles_of(i))).collect()
}

fn image(particles: &[[f32; 3]]) -> Option<Image> {
    let particles: Vec<[f64; 3]> = particles.iter().map(|p| p.map(f64::from)).collect();
    let mean = |of: &dyn Fn(&[f64; 3]) -> f64| {
        particles.iter().map(|p| p[2] * of(p)).sum::<f64>() / particles.iter().map(|p| p[2]).sum::<f64>()
    };
    let (eta, phi) = (mean(&|p| p[0]), mean(&|p| p[1]));
    let (a, b) = (mean(&|p| (p[0] - eta).powi(2)), mean(&|p| (p[1] - phi).powi(2)));
    let c = mean(&|p| (p[0] - eta) * (p[1] - phi));
    // The principal axis lies at half the angle of (a - b, 2 c); a quarter turn takes the horizontal to the vertical.
    let angle = std::f64::consts::FRAC_PI_2 - 0.5 * (2.0 * c).atan2(a - b);
    let (sin, cos) = angle.sin_cos();
    let turned = particles.iter().map(|p| {
        let (x, y) = (p[0] - eta, p[1] - phi);
        [cos * x - sin * y, sin * x + cos * y, p[2]]
    });
    let turned: Vec<[f64; 3]> = turned.collect();
    let side = |k: usize| if turned.iter().map(|p| p[2] * p[k].signum()).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    let flip = [side(0), side(1)];
    let mut image = vec![0.0; PIXELS];
    for p in &turned {
        let place = [0, 1].map(|k| (flip[k] * p[k] + HALF) / PIXEL);
        if place.iter().all(|u| (0.0..SIDE as f64).contains(u)) {
            image[place[1] as usize * SIDE + place[0] as usize] += p[2];
        }
    }
    cleaned(image)
}

/// The image without pixels below the threshold, normalised; nothing if nothing is left.
pub fn cleaned(mut image: Image) -> Option<Image> {
    let total: f64 = image.iter().sum();
    image.iter_mut().for_each(|v| *v = if *v < THRESHOLD * total { 0.0 } else { *v });
    let left: f64 = image.iter().sum();
    (left > 0.0).then(|| image.into_iter().map(|v| v / left).collect())
}

/// The middle of a pixel.
pub fn centre(pixel: usize) -> [f64; 2] {
    [pixel % SIDE, pixel / SIDE].map(|k| (k as f64 + 0.5) * PIXEL - HALF)
}

fn particles(image: &Image) -> Vec<[f32; 3]> {
    let lit = image.iter().enumerate().filter(|(_, v)| **v > 0.0);
    lit.map(|(i, v)| [centre(i)[0] as f32, centre(i)[1] as f32, *v as f32]).collect()
}

/// Mass over transverse momentum, every pixel a massless particle at its middle.
pub fn mass(image: &Image) -> f64 {
    relative_mass(&particles(image))
}

/// Mean distance from the axis, weighted by transverse momentum.
pub fn mean_radius(image: &Image) -> f64 {
    girth(&particles(image))
}

/// Mean and standard error per image of what `entries` (value, weight) adds to each bin.
pub fn profile(images: &[Image], edges: &[f64], entries: impl Fn(&Image) -> Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let bins = edges.len() - 1;
    let (mut sum, mut square, n) = (vec![0.0; bins], vec![0.0; bins], images.len() as f64);
    for image in images {
        let mut own = vec![0.0; bins];
        for (value, weight) in entries(image) {
            let above = edges.partition_point(|edge| *edge <= value);
            if (1..=bins).contains(&above) {
                own[above - 1] += weight;
            }
        }
        for (bin, v) in own.iter().enumerate() {
            sum[bin] += v;
            square[bin] += v * v;
        }
    }
    let of = |bin: usize| {
        let (mean, width) = (sum[bin] / n, edges[bin + 1] - edges[bin]);
        (mean / width, ((square[bin] / n - mean * mean).max(0.0) / n).sqrt() / width)
    };
    (0..bins).map(of).collect()
}
