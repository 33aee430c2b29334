//! Clustering in O(N^2) with nearest neighbours (Cacciari and Salam, hep-ph/0512210): for few particles.
//!
//! If d_ij is the smallest distance of all and i the one with the smaller factor min(f_i, f_j), then j is i's nearest neighbour in the
//! plane. So it is enough to know for each pseudojet its nearest neighbour within R, and to take the smallest of N numbers.
//! After a step neighbours change for those that are nearer to the new pseudojet and for those whose neighbour is gone.
//!
//! Everything is one array per quantity, so that the loops over pseudojets become vector instructions.

use crate::ClusterSequence;
use crate::pseudojet::distance2;

/// A neighbour that does not exist: the beam is nearer.
const BEAM: u64 = u64::MAX;

/// The pseudojets that are left, without holes.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    y: Vec<f64>,
    phi: Vec<f64>,
    factor: Vec<f64>,
    /// Squared distance to the nearest neighbour, or R^2.
    near2: Vec<f64>,
    /// The nearest neighbour; of the width of the distances, for the sake of vector instructions.
    near: Vec<u64>,
    /// near2 times the smaller factor: R^2 d.
    d: Vec<f64>,
    /// Number in the sequence.
    id: Vec<u32>,
    /// Squared distances to one pseudojet.
    to: Vec<f64>,
}

impl Plain {
    /// Clusters the particles that a fresh sequence holds.
    #[inline(always)]
    pub(crate) fn run(&mut self, sequence: &mut ClusterSequence) {
        let r2 = sequence.definition.radius * sequence.definition.radius;
        self.fill(sequence, r2);
        let mut n = sequence.particles;
        while n > 0 {
            let (i, smallest) = argmin(&self.d[..n]);
            let (d, neighbour) = (smallest / r2, self.near[i]);
            n -= 1;
            if neighbour == BEAM {
                sequence.beam(self.id[i], d);
                self.take_out(i, n);
                self.renew(n, i as u64, BEAM - 1, n as u64, r2);
                continue;
            }
            // The lower of the two places takes the new one, so that the last pseudojet can move to the other.
            let (kept, freed) = (i.min(neighbour as usize), i.max(neighbour as usize));
            let merged = sequence.merge(self.id[i], self.id[neighbour as usize], d);
            self.take_out(freed, n);
            let new = &sequence.pseudojets[merged as usize];
            (self.y[kept], self.phi[kept], self.id[kept]) = (new.rapidity, new.phi, merged);
            self.factor[kept] = sequence.definition.algorithm.factor(new.pt2);
            // Its own neighbour is looked for below.
            self.near[kept] = BEAM;
            self.renew(n, kept as u64, freed as u64, n as u64, r2);
            self.meet(n, kept, r2);
        }
    }

    #[inline(always)]
    fn fill(&mut self, sequence: &ClusterSequence, r2: f64) {
        let n = sequence.particles;
        for list in [&mut self.y, &mut self.phi, &mut self.factor, &mut self.d, &mut self.to, &mut self.near2] {
            list.clear();
        }
        self.near.clear();
        self.id.clear();
        self.y.extend(sequence.pseudojets.iter().map(|p| p.rapidity));
        self.phi.extend(sequence.pseudojets.iter().map(|p| p.phi));
        self.factor.extend(sequence.pseudojets.iter().map(|p| sequence.definition.algorithm.factor(p.pt2)));
        self.near2.resize(n, r2);
        self.d.resize(n, 0.0);
        self.to.resize(n, 0.0);
        self.near.resize(n, BEAM);
        self.id.extend(0..n as u32);
        for i in 0..n {
            self.meet(i, i, r2);
        }
        for i in 0..n {
            self.value(i);
        }
    }

    /// Puts the last pseudojet, number `n`, to place `i`.
    #[inline(always)]
    fn take_out(&mut self, i: usize, n: usize) {
        for list in [&mut self.y, &mut self.phi, &mut self.factor, &mut self.near2, &mut self.d] {
            list[i] = list[n];
        }
        self.near[i] = self.near[n];
        self.id[i] = self.id[n];
    }

    /// New neighbours for those whose neighbour was at `gone` or `freed`; what was at `last` is at the higher of the two now.
    #[inline(always)]
    fn renew(&mut self, n: usize, kept: u64, freed: u64, last: u64, r2: f64) {
        let moved = if freed == BEAM - 1 { kept } else { freed };
        for k in 0..n {
            let near = self.near[k];
            if near == kept || near == freed {
                self.search(k, n, r2);
            } else if near == last {
                self.near[k] = moved;
            }
        }
    }

    /// The nearest neighbour of `k` by looking at all.
    #[inline(always)]
    fn search(&mut self, k: usize, n: usize, r2: f64) {
        self.measure(k, n);
        self.to[k] = f64::INFINITY;
        let (nearest, distance) = argmin(&self.to[..n]);
        (self.near2[k], self.near[k]) = if distance < r2 { (distance, nearest as u64) } else { (r2, BEAM) };
        self.value(k);
    }

    #[inline(always)]
    fn value(&mut self, k: usize) {
        let f = self.factor[k];
        let other = self.factor.get(self.near[k] as usize).copied().unwrap_or(f);
        self.d[k] = self.near2[k] * if other < f { other } else { f };
    }

    #[inline(always)]
    fn measure(&mut self, k: usize, n: usize) {
        let (y, phi) = (self.y[k], self.phi[k]);
        for ((to, &y2), &phi2) in self.to[..n].iter_mut().zip(&self.y[..n]).zip(&self.phi[..n]) {
            *to = distance2(y, phi, y2, phi2);
        }
    }

    /// The new pseudojet at `k` finds its neighbour among the first `n` and becomes that of those it is nearer to.
    #[inline(always)]
    fn meet(&mut self, n: usize, k: usize, r2: f64) {
        self.measure(k, n);
        if k < n {
            self.to[k] = f64::INFINITY;
        }
        let f = self.factor[k];
        let others = self.to[..n].iter().zip(&self.factor[..n]);
        let known = self.near2[..n].iter_mut().zip(&mut self.near[..n]).zip(&mut self.d[..n]);
        for ((&to, &other), ((near2, near), d)) in others.zip(known) {
            let closer = to < *near2;
            *near2 = if closer { to } else { *near2 };
            *near = if closer { k as u64 } else { *near };
            *d = if closer { to * if other < f { other } else { f } } else { *d };
        }
        let (nearest, distance) = argmin(&self.to[..n]);
        (self.near2[k], self.near[k]) = if distance < r2 { (distance, nearest as u64) } else { (r2, BEAM) };
        self.value(k);
    }
}

/// Place and value of the smallest number, infinite for none; the first of equal ones.
#[inline(always)]
pub(crate) fn argmin(values: &[f64]) -> (usize, f64) {
    let mut lanes = [f64::INFINITY; 8];
    let (whole, rest) = values.as_chunks::<8>();
    for chunk in whole {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value < *lane { value } else { *lane };
        }
    }
    let mut smallest = f64::INFINITY;
    for &value in lanes.iter().chain(rest) {
        smallest = if value < smallest { value } else { smallest };
    }
    (place(values, smallest), smallest)
}

/// The first place of a value that is known to be there.
#[inline(always)]
fn place(values: &[f64], wanted: f64) -> usize {
    let (whole, rest) = values.as_chunks::<8>();
    for (c, chunk) in whole.iter().enumerate() {
        let mut found = false;
        for &value in chunk {
            found |= value == wanted;
        }
        if found {
            return 8 * c + chunk.iter().position(|&value| value == wanted).unwrap_or(0);
        }
    }
    8 * whole.len() + rest.iter().position(|&value| value == wanted).unwrap_or(0)
}
