//! Who comes from whom: reading the graph of an event, and putting it in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Event;

/// For each vertex the particles that go in and those that come out, in increasing order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// Particles that end in each vertex.
    pub incoming: Vec<Vec<usize>>,
    /// Particles that come from each vertex.
    pub outgoing: Vec<Vec<usize>>,
}

impl Event {
    /// Lists of incoming and outgoing particles of all vertices, in one pass.
    ///
    /// Indices that point to no vertex are left out; [`Event::check`] finds them.
    pub fn topology(&self) -> Topology {
        let mut lists = Topology {
            incoming: vec![Vec::new(); self.vertices.len()],
            outgoing: vec![Vec::new(); self.vertices.len()],
        };
        for (i, particle) in self.particles.iter().enumerate() {
            if let Some(list) = particle.end.and_then(|v| lists.incoming.get_mut(v)) {
                list.push(i);
            }
            if let Some(list) = particle.production.and_then(|v| lists.outgoing.get_mut(v)) {
                list.push(i);
            }
        }
        lists
    }

    /// Particles that go into the vertex where `particle` was made: its mothers.
    pub fn parents(&self, particle: usize) -> impl Iterator<Item = usize> + '_ {
        let vertex = self.particles.get(particle).and_then(|p| p.production);
        (0..self.particles.len()).filter(move |&i| vertex.is_some() && self.particles[i].end == vertex)
    }

    /// Particles that come out of the vertex where `particle` ends: its daughters.
    pub fn children(&self, particle: usize) -> impl Iterator<Item = usize> + '_ {
        let vertex = self.particles.get(particle).and_then(|p| p.end);
        (0..self.particles.len()).filter(move |&i| vertex.is_some() && self.particles[i].production == vertex)
    }

    /// Indices of the beam particles: those of status 4, or, if there are none, the only two that come from nowhere
    /// and go somewhere. Empty if neither is found.
    pub fn beams(&self) -> Vec<usize> {
        let find = |test: &dyn Fn(&crate::Particle) -> bool| -> Vec<usize> {
            self.particles.iter().enumerate().filter(|(_, p)| test(p)).map(|(i, _)| i).collect()
        };
        let beams = find(&|p| p.status == 4);
        if !beams.is_empty() {
            return beams;
        }
        let roots = find(&|p| p.production.is_none() && p.end.is_some());
        if roots.len() == 2 { roots } else { Vec::new() }
    }

    /// x, y, z, ct of a vertex in mm: its own, or that of the nearest vertex before it that has one, or the event's.
    pub fn position_of(&self, vertex: usize) -> [f64; 4] {
        self.positions(&self.topology()).get(vertex).copied().unwrap_or_default()
    }

    /// The positions of all vertices, by the rule of [`Event::position_of`].
    pub(crate) fn positions(&self, topology: &Topology) -> Vec<[f64; 4]> {
        let mut found: Vec<Option<[f64; 4]>> = self.vertices.iter().map(|v| v.position).collect();
        let mut way = Vec::new();
        for start in 0..found.len() {
            // Walk up the first incoming line until a position is known; a way longer than all vertices is a circle.
            way.clear();
            let mut here = Some(start);
            let mut position = None;
            while let Some(v) = here.filter(|_| way.len() <= found.len()) {
                position = found.get(v).copied().flatten();
                if position.is_some() {
                    break;
                }
                way.push(v);
                let mother = topology.incoming.get(v).and_then(|list| list.first());
                here = mother.and_then(|&i| self.particles.get(i)).and_then(|p| p.production);
            }
            let position = position.or(self.position).unwrap_or_default();
            for &v in &way {
                found[v] = Some(position);
            }
        }
        found.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// An order of the particles in which mothers come before daughters, as close to the given one as that allows.
    ///
    /// Particles on a closed loop have no such order; they come last, in the order they had.
    pub(crate) fn mothers_first(&self, topology: &Topology) -> Vec<usize> {
        let last_mother = |v: usize| topology.incoming.get(v).and_then(|list| list.last());
        let sorted = |(i, p): (usize, &crate::Particle)| p.production.and_then(last_mother).is_none_or(|&m| m < i);
        if self.particles.iter().enumerate().all(sorted) {
            return (0..self.particles.len()).collect();
        }
        let mut waiting: Vec<usize> = topology.incoming.iter().map(Vec::len).collect();
        let is_root = |i: &usize| match self.particles[*i].production {
            Some(v) => waiting.get(v).is_none_or(|&n| n == 0),
            None => true,
        };
        let mut ready: BinaryHeap<Reverse<usize>> = (0..self.particles.len()).filter(is_root).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.particles.len());
        let mut placed = vec![false; self.particles.len()];
        while let Some(Reverse(i)) = ready.pop() {
            order.push(i);
            placed[i] = true;
            let Some((v, left)) = self.particles[i].end.and_then(|v| waiting.get_mut(v).map(|left| (v, left))) else {
                continue;
            };
            *left -= 1;
            if *left == 0 {
                ready.extend(topology.outgoing[v].iter().copied().map(Reverse));
            }
        }
        order.extend((0..self.particles.len()).filter(|&i| !placed[i]));
        order
    }
}
