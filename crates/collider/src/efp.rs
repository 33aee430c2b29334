//! Energy flow polynomials (Komiske, Metodiev, Thaler, arXiv:1712.07124): for a multigraph G on n vertices
//!
//! EFP_G = sum_{i1..in} z_i1 ... z_in  prod_{(k,l) in G} theta_{ik il},  z = ptrel (not normalised),
//! theta = sqrt(d_eta^2 + d_phi^2) without wrapping phi (beta = 1).
//!
//! All 36 multigraphs with at most 4 edges, in the order of the JetNet protocol (arXiv:2211.10295), from a few matrix contractions
//! per jet: O(n^2) for trees, O(n^3) for the four graphs with a triangle or a square, which need the matrix product theta z theta.
//! A disconnected graph is the product of its components. [`Graph`] evaluates any multigraph by definition.

use rayon::prelude::*;

/// Number of polynomials with at most four edges.
pub const COUNT: usize = 36;

/// The graphs: edges as pairs of vertices, `^` for multiple edges, `|` between components; the first has a vertex and no edge.
#[rustfmt::skip]
pub const NAMES: [&str; COUNT] = [
    "", "01", "01^2", "01^3", "01^4",
    "01 02", "01 02^2", "01 02^3", "01^2 02^2", "01 02 12", "01 02^2 12",
    "01 02 03", "01 02^2 03", "01 02 13", "01 02^2 13", "01^2 02 13", "01 02 12 03", "01 02 13 23",
    "01 02 03 04", "01 02 03 14", "01 02 13 24",
    "01|23", "01|23^2", "01|23^3", "01^2|23^2", "01|23 24", "01^2|23 24", "01|23 24^2", "01|23 24 34",
    "01|23|45", "01|23 24 25", "01|23 24 35", "01 02|34 35", "01|23|45^2", "01|23|45 46", "01|23|45|67",
];

/// The five connected graphs with four vertices and four edges, whose Wasserstein distances make W1EFP.
pub const W1EFP: [usize; 5] = [12, 14, 15, 16, 17];

/// A multigraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Number of vertices; isolated ones are allowed.
    pub vertices: usize,
    /// Edges (k, l) with multiplicity.
    pub edges: Vec<(usize, usize, u32)>,
}

impl Graph {
    /// Graph of one of the [`NAMES`], or of another name of the same form with up to ten vertices; `None` if it cannot be read.
    pub fn parse(name: &str) -> Option<Self> {
        let (mut vertices, mut edges) = (1, Vec::new());
        for edge in name.split([' ', '|']).filter(|e| !e.is_empty()) {
            let (pair, power) = edge.split_once('^').unwrap_or((edge, "1"));
            let ends: Vec<usize> = pair.chars().map(|c| c.to_digit(10).map(|d| d as usize)).collect::<Option<_>>()?;
            let &[k, l] = ends.as_slice() else { return None };
            vertices = vertices.max(k + 1).max(l + 1);
            edges.push((k, l, power.parse().ok()?));
        }
        Some(Self { vertices, edges })
    }

    /// The polynomial by its definition, a sum over all particles^vertices assignments; particles are [etarel, phirel, ptrel].
    pub fn evaluate(&self, particles: &[[f32; 3]]) -> f64 {
        self.sum(particles, &mut Vec::with_capacity(self.vertices), 1.0)
    }

    fn sum(&self, particles: &[[f32; 3]], chosen: &mut Vec<usize>, product: f64) -> f64 {
        let v = chosen.len();
        if v == self.vertices {
            return product;
        }
        let mut sum = 0.0;
        for i in 0..particles.len() {
            chosen.push(i);
            let closed = self.edges.iter().filter(|&&(k, l, _)| k.max(l) == v);
            let angles = closed.map(|&(k, l, m)| theta(&particles[chosen[k]], &particles[chosen[l]]).powi(m as i32));
            let factor = f64::from(particles[i][2]) * angles.product::<f64>();
            sum += self.sum(particles, chosen, product * factor);
            chosen.pop();
        }
        sum
    }
}

fn theta(p: &[f32; 3], q: &[f32; 3]) -> f64 {
    let (x, y) = (f64::from(p[0]) - f64::from(q[0]), f64::from(p[1]) - f64::from(q[1]));
    (x * x + y * y).sqrt()
}

/// All [`COUNT`] polynomials of `jets` jets, row-major jets x COUNT; `particles_of(i)` are the [etarel, phirel, ptrel] of jet i.
///
/// Parallel over jets; every jet is computed in the same order of operations, whatever the number of threads.
pub fn efps<'a>(jets: usize, particles_of: impl Fn(usize) -> &'a [[f32; 3]] + Sync) -> Vec<f64> {
    let mut out = vec![0.0; jets * COUNT];
    out.par_chunks_mut(COUNT)
        .enumerate()
        .with_min_len(16)
        .for_each_init(Scratch::default, |scratch, (jet, row)| row.copy_from_slice(&scratch.efps(particles_of(jet))));
    out
}

/// Buffers for jets of any size; reuse one per thread.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    z: Vec<f64>,
    xy: [Vec<f64>; 2],
    theta: Vec<f64>,
    /// theta z theta.
    square: Vec<f64>,
    /// r_k = theta^k z for k = 1..4.
    r: [Vec<f64>; 4],
}

impl Scratch {
    /// All polynomials of one jet of [etarel, phirel, ptrel] in the order of [`NAMES`]; particles with ptrel = 0 do not count.
    pub fn efps(&mut self, particles: &[[f32; 3]]) -> [f64; COUNT] {
        let n = self.load(particles);
        let (z, theta) = (&self.z, &self.theta);
        let row = |i: usize| i * n..(i + 1) * n;

        let (mut e, mut star, mut path) = ([0.0; 5], [0.0; 7], [0.0; 5]);
        let (mut triangle, mut doubled, mut tailed, mut cycle) = (0.0, 0.0, 0.0, 0.0);
        let [r1, r2, r3, r4] = &self.r;
        for i in 0..n {
            let (zi, a, b, c, d) = (z[i], r1[i], r2[i], r3[i], r4[i]);
            for (e, term) in e.iter_mut().zip([1.0, a, b, c, d]) {
                *e += zi * term;
            }
            for (s, term) in star.iter_mut().zip([a * a, a * b, a * c, b * b, a * a * a, a * a * b, a * a * a * a]) {
                *s += zi * term;
            }
            // s = theta z r1 and t = theta^2 z r1 at vertex i; corner, corner2, square2: the closed walks from i.
            let (mut s, mut t, mut corner, mut corner2, mut square2) = (0.0, 0.0, 0.0, 0.0, 0.0);
            let (angles, two_steps) = (&theta[row(i)], &self.square[row(i)]);
            for j in 0..n {
                let (w, m) = (z[j] * angles[j], two_steps[j]);
                s += w * r1[j];
                t += w * angles[j] * r1[j];
                corner += w * m;
                corner2 += w * angles[j] * m;
                square2 += z[j] * m * m;
            }
            for (p, term) in path.iter_mut().zip([a * s, b * s, a * t, a * a * s, s * s]) {
                *p += zi * term;
            }
            triangle += zi * corner;
            doubled += zi * corner2;
            tailed += zi * a * corner;
            cycle += zi * square2;
        }
        let [total, e1, e2, e3, e4] = e;
        let [v11, v12, v13, v22, v111, v112, v1111] = star;
        let [p4, p4_end, p4_middle, fork, p5] = path;
        #[rustfmt::skip]
        let all = [
            total, e1, e2, e3, e4,
            v11, v12, v13, v22, triangle, doubled,
            v111, v112, p4, p4_end, p4_middle, tailed, cycle,
            v1111, fork, p5,
            e1 * e1, e1 * e2, e1 * e3, e2 * e2, e1 * v11, e2 * v11, e1 * v12, e1 * triangle,
            e1 * e1 * e1, e1 * v111, e1 * p4, v11 * v11, e1 * e1 * e2, e1 * e1 * v11, e1 * e1 * e1 * e1,
        ];
        all
    }

    /// Fills the angles, their products and vertex sums; returns the number of particles with weight.
    fn load(&mut self, particles: &[[f32; 3]]) -> usize {
        self.z.clear();
        self.xy.iter_mut().for_each(Vec::clear);
        for p in particles.iter().filter(|p| p[2] != 0.0) {
            self.z.push(f64::from(p[2]));
            self.xy[0].push(f64::from(p[0]));
            self.xy[1].push(f64::from(p[1]));
        }
        let (n, [x, y]) = (self.z.len(), &self.xy);
        self.theta.resize(n * n, 0.0);
        self.square.resize(n * n, 0.0);
        self.r.iter_mut().for_each(|r| r.resize(n, 0.0));
        for (i, row) in self.theta.chunks_exact_mut(n.max(1)).enumerate() {
            for ((t, xj), yj) in row.iter_mut().zip(x).zip(y) {
                let (dx, dy) = (x[i] - xj, y[i] - yj);
                *t = (dx * dx + dy * dy).sqrt();
            }
            let mut sums = [0.0; 4];
            for (t, z) in row.iter().zip(&self.z) {
                let (first, square) = (z * t, t * t);
                sums[0] += first;
                sums[1] += z * square;
                sums[2] += first * square;
                sums[3] += z * square * square;
            }
            self.r.iter_mut().zip(sums).for_each(|(r, s)| r[i] = s);
        }
        for i in 0..n {
            let out = &mut self.square[i * n..(i + 1) * n];
            out.fill(0.0);
            for k in 0..n {
                let w = self.theta[i * n + k] * self.z[k];
                let row = &self.theta[k * n..(k + 1) * n];
                out.iter_mut().zip(row).for_each(|(o, t)| *o += w * t);
            }
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jets with a reproducible spread of angles and momenta (SplitMix64).
    fn jet(seed: u64, n: usize) -> Vec<[f32; 3]> {
        let mut state = seed;
        let mut uniform = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
        };
        (0..n).map(|_| [uniform() - 0.5, uniform() - 0.5, uniform()]).collect()
    }

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance * (a.abs() + b.abs() + 1e-12)
    }

    #[test]
    fn every_polynomial_agrees_with_its_definition() {
        for n in 0..=6 {
            // Eight vertices on six particles are 1.7 million terms, so one jet of that size has to do.
            for seed in 0..if n < 5 { 5 } else { 1 } {
                let particles = jet(100 * n as u64 + seed, n);
                let fast = Scratch::default().efps(&particles);
                for (name, value) in NAMES.iter().zip(fast) {
                    let truth = Graph::parse(name).unwrap().evaluate(&particles);
                    assert!(close(value, truth, 1e-12), "{name} on {n} particles: {value} {truth}");
                }
            }
        }
    }

    #[test]
    fn two_particles_give_the_closed_form() {
        // Every edge must join the two particles, so a connected graph with d edges takes one of its 2-colourings:
        // theta^d (z1^a z2^b + z1^b z2^a) for a bipartite graph with sides a and b, zero for a triangle.
        let (z, w, angle) = (0.5_f64, 0.25_f64, 5.0_f64 / 16.0);
        let particles = [[0.0, 0.0, z as f32], [3.0 / 16.0, -0.25, w as f32]];
        let found = Scratch::default().efps(&particles);
        let sides = |a: i32, b: i32| z.powi(a) * w.powi(b) + z.powi(b) * w.powi(a);
        for (name, edges, a, b) in
            [("01^3", 3, 1, 1), ("01 02", 2, 1, 2), ("01 02 03", 3, 1, 3), ("01 02 13", 3, 2, 2)].into_iter().chain([
                ("01 02 13 23", 4, 2, 2),
                ("01 02 03 04", 4, 1, 4),
                ("01 02 13 24", 4, 3, 2),
                ("01 02 03 14", 4, 2, 3),
            ])
        {
            let at = NAMES.iter().position(|n| *n == name).unwrap();
            assert!(close(found[at], angle.powi(edges) * sides(a, b), 1e-14), "{name}");
        }
        assert_eq!((found[9], found[10], found[16]), (0.0, 0.0, 0.0));
        assert!(close(found[0], z + w, 1e-14));
    }

    #[test]
    fn names_are_all_multigraphs_with_the_known_numbers_per_degree() {
        // 1, 1, 3, 8, 23 multigraphs without isolated vertices have 0, 1, 2, 3, 4 edges (OEIS A050535).
        let graphs: Vec<Graph> = NAMES.iter().map(|n| Graph::parse(n).unwrap()).collect();
        let degree = |g: &Graph| g.edges.iter().map(|e| e.2).sum::<u32>();
        assert_eq!([0, 1, 2, 3, 4].map(|d| graphs.iter().filter(|g| degree(g) == d).count()), [1, 1, 3, 8, 23]);
        // Different graphs: their values on a generic jet all differ.
        let mut values = Scratch::default().efps(&jet(3, 9)).to_vec();
        values.sort_by(f64::total_cmp);
        assert!(values.windows(2).all(|w| w[1] - w[0] > 1e-9 * w[1]), "{values:?}");
        for at in W1EFP {
            assert_eq!((graphs[at].vertices, degree(&graphs[at])), (4, 4));
            assert!(!NAMES[at].contains('|'));
        }
        assert!(Graph::parse("0").is_none() && Graph::parse("0x").is_none() && Graph::parse("01^z").is_none());
    }

    #[test]
    fn rotation_translation_and_permutation_do_not_matter() {
        let particles = jet(5, 30);
        let before = Scratch::default().efps(&particles);
        let (sin, cos) = 0.7_f32.sin_cos();
        let mut moved: Vec<[f32; 3]> =
            particles.iter().map(|&[x, y, z]| [cos * x - sin * y + 0.25, sin * x + cos * y - 0.5, z]).collect();
        moved.reverse();
        moved.swap(3, 17);
        let after = Scratch::default().efps(&moved);
        // Coordinates are single precision: relative error of an angle about 1e-6, times four edges.
        assert!(before.iter().zip(after).all(|(a, b)| close(*a, b, 4e-6)));
    }

    #[test]
    fn momentum_scales_each_polynomial_by_its_number_of_vertices_and_angle_by_its_number_of_edges() {
        let particles = jet(6, 12);
        let scaled: Vec<[f32; 3]> = particles.iter().map(|p| [0.5 * p[0], 0.5 * p[1], 2.0 * p[2]]).collect();
        let (before, after) = (Scratch::default().efps(&particles), Scratch::default().efps(&scaled));
        for (k, name) in NAMES.iter().enumerate() {
            let graph = Graph::parse(name).unwrap();
            let degree: u32 = graph.edges.iter().map(|e| e.2).sum();
            assert!(close(after[k], before[k] * 2.0_f64.powi(graph.vertices as i32 - degree as i32), 1e-13), "{name}");
        }
    }

    #[test]
    fn padding_order_of_jets_and_reuse_of_buffers_do_not_matter() {
        let mut jets: Vec<Vec<[f32; 3]>> = [30, 1, 0, 7, 30].iter().map(|&n| jet(n as u64, n)).collect();
        let plain = efps(jets.len(), |i| &jets[i]);
        jets.iter_mut().for_each(|j| j.resize(40, [0.0; 3]));
        assert_eq!(plain, efps(jets.len(), |i| &jets[i]));
        assert_eq!(plain[COUNT..2 * COUNT], Scratch::default().efps(&jets[1]));
        assert_eq!(plain[2 * COUNT..3 * COUNT], [0.0; COUNT]);
    }
}
