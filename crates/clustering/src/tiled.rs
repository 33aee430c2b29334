//! Clustering with nearest neighbours looked for in nine tiles (hep-ph/0512210, arXiv:1111.6097): for many particles.
//!
//! A tile keeps its pseudojets in blocks of four places, one vector instruction each; an empty place has an infinite rapidity and is
//! near to nobody. The smallest distance comes from a [`Minimum`].

use crate::ClusterSequence;
use crate::grid::Grid;
use crate::minimum::Minimum;
use crate::pseudojet::distance2;

/// Places per block.
const LANES: usize = 4;
/// A neighbour that does not exist: the beam is nearer.
const BEAM: u64 = u64::MAX;
/// No further block.
const END: u32 = u32::MAX;

/// Four pseudojets of a tile; place p is lane p % 4 of block p / 4.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Block {
    y: [f64; LANES],
    phi: [f64; LANES],
    near2: [f64; LANES],
    near: [u64; LANES],
    factor: [f64; LANES],
    id: [u32; LANES],
    next: u32,
}

const EMPTY: Block = Block {
    y: [f64::INFINITY; LANES],
    phi: [0.0; LANES],
    near2: [0.0; LANES],
    near: [BEAM; LANES],
    factor: [0.0; LANES],
    id: [0; LANES],
    next: END,
};

/// The pseudojets that are left, by tiles. The first block of tile t is block t.
#[derive(Debug, Default)]
pub(crate) struct Tiled {
    grid: Grid,
    blocks: Vec<Block>,
    smallest: Minimum,
    /// Places whose neighbour is gone.
    orphans: Vec<u64>,
}

impl Tiled {
    /// Clusters the particles that a fresh sequence holds.
    #[inline(always)]
    pub(crate) fn run(&mut self, sequence: &mut ClusterSequence) {
        let (r2, algorithm) = (sequence.definition.radius * sequence.definition.radius, sequence.definition.algorithm);
        self.fill(sequence, r2);
        for _ in 0..sequence.particles {
            let (i, smallest) = self.smallest.smallest();
            let (d, neighbour) = (smallest / r2, self.block(i as u64).near[i % LANES]);
            let i = i as u64;
            self.orphans.clear();
            let (tile, id) = self.remove(i);
            if neighbour == BEAM {
                sequence.beam(id, d);
                self.bereave(tile, i, i);
            } else {
                let (other_tile, other) = self.remove(neighbour);
                let merged = sequence.merge(id, other, d);
                let new = &sequence.pseudojets[merged as usize];
                let home = self.grid.tile(new.rapidity, new.phi);
                self.bereave(tile, i, neighbour);
                if other_tile != tile {
                    self.bereave(other_tile, i, neighbour);
                }
                let place = self.insert(home, new.rapidity, new.phi, algorithm.factor(new.pt2), merged);
                self.meet(home, place, r2);
            }
            for k in 0..self.orphans.len() {
                let orphan = self.orphans[k];
                self.search(orphan, r2);
            }
        }
    }

    #[inline(always)]
    fn fill(&mut self, sequence: &ClusterSequence, r2: f64) {
        let jets = &sequence.pseudojets;
        let extent = jets
            .iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], p| [low.min(p.rapidity), high.max(p.rapidity)]);
        self.grid = Grid::new(sequence.definition.radius, jets.len(), extent[0], extent[1]);
        self.blocks.clear();
        self.blocks.resize(self.grid.tiles(), EMPTY);
        self.smallest.reset(self.blocks.len() * LANES);
        for (id, p) in jets.iter().enumerate() {
            let tile = self.grid.tile(p.rapidity, p.phi);
            let factor = sequence.definition.algorithm.factor(p.pt2);
            let place = self.insert(tile, p.rapidity, p.phi, factor, id as u32);
            self.meet(tile, place, r2);
        }
    }

    #[inline(always)]
    fn block(&self, place: u64) -> &Block {
        &self.blocks[place as usize / LANES]
    }

    /// Empties a place; the answer is its tile and the number of the pseudojet.
    #[inline(always)]
    fn remove(&mut self, place: u64) -> (usize, u32) {
        let (block, lane) = (&mut self.blocks[place as usize / LANES], place as usize % LANES);
        let tile = self.grid.tile(block.y[lane], block.phi[lane]);
        block.y[lane] = f64::INFINITY;
        block.near[lane] = BEAM;
        block.near2[lane] = 0.0;
        self.smallest.set(place as usize, f64::INFINITY);
        (tile, block.id[lane])
    }

    /// Puts a pseudojet to an empty place of a tile.
    #[inline(always)]
    fn insert(&mut self, tile: usize, y: f64, phi: f64, factor: f64, id: u32) -> u64 {
        let mut b = tile;
        let (b, lane) = loop {
            let block = &self.blocks[b];
            if let Some(lane) = block.y.iter().position(|&y| y == f64::INFINITY) {
                break (b, lane);
            }
            if block.next == END {
                let new = self.blocks.len();
                self.blocks[b].next = new as u32;
                self.blocks.push(EMPTY);
                self.smallest.grow((new + 1) * LANES);
                break (new, 0);
            }
            b = block.next as usize;
        };
        let block = &mut self.blocks[b];
        (block.y[lane], block.phi[lane], block.factor[lane], block.id[lane]) = (y, phi, factor, id);
        (b * LANES + lane) as u64
    }

    /// Notes who around a tile had one of two as neighbour.
    #[inline(always)]
    fn bereave(&mut self, tile: usize, i: u64, j: u64) {
        let (blocks, orphans) = (&mut self.blocks, &mut self.orphans);
        let (tiles, count) = self.grid.around(tile);
        for &t in &tiles[..count] {
            let mut b = t;
            while b != END {
                let block = &mut blocks[b as usize];
                let mut any = false;
                for &near in &block.near {
                    any |= near == i || near == j;
                }
                if any {
                    for lane in 0..LANES {
                        if block.near[lane] == i || block.near[lane] == j {
                            // Noted once only; the search sets it anew.
                            block.near[lane] = BEAM;
                            orphans.push(u64::from(b) * LANES as u64 + lane as u64);
                        }
                    }
                }
                b = block.next;
            }
        }
    }

    /// A new pseudojet finds its neighbour and becomes that of those it is nearer to.
    #[inline(always)]
    fn meet(&mut self, tile: usize, place: u64, r2: f64) {
        let (own, lane) = (place as usize / LANES, place as usize % LANES);
        let (y, phi, factor) = (self.blocks[own].y[lane], self.blocks[own].phi[lane], self.blocks[own].factor[lane]);
        // Not to meet itself.
        self.blocks[own].y[lane] = f64::INFINITY;
        let mut nearest = Nearest::within(r2);
        let (blocks, smallest) = (&mut self.blocks, &mut self.smallest);
        let (tiles, count) = self.grid.around(tile);
        for &t in &tiles[..count] {
            let mut b = t;
            while b != END {
                let block = &mut blocks[b as usize];
                let to: [f64; LANES] = std::array::from_fn(|l| distance2(y, phi, block.y[l], block.phi[l]));
                nearest.see(b, &to);
                let mut any = false;
                for (&to, &near2) in to.iter().zip(&block.near2) {
                    any |= to < near2;
                }
                if any {
                    for (l, &to) in to.iter().enumerate() {
                        if to < block.near2[l] {
                            (block.near2[l], block.near[l]) = (to, place);
                            let f = if factor < block.factor[l] { factor } else { block.factor[l] };
                            smallest.set(b as usize * LANES + l, to * f);
                        }
                    }
                }
                b = block.next;
            }
        }
        self.blocks[own].y[lane] = y;
        self.settle(place, nearest);
    }

    /// The nearest neighbour of one by looking around.
    #[inline(always)]
    fn search(&mut self, place: u64, r2: f64) {
        let (own, lane) = (place as usize / LANES, place as usize % LANES);
        let (y, phi) = (self.blocks[own].y[lane], self.blocks[own].phi[lane]);
        self.blocks[own].y[lane] = f64::INFINITY;
        let mut nearest = Nearest::within(r2);
        let blocks = &self.blocks;
        let (tiles, count) = self.grid.around(self.grid.tile(y, phi));
        for &t in &tiles[..count] {
            let mut b = t;
            while b != END {
                let block = &blocks[b as usize];
                nearest.see(b, &std::array::from_fn(|l| distance2(y, phi, block.y[l], block.phi[l])));
                b = block.next;
            }
        }
        self.blocks[own].y[lane] = y;
        self.settle(place, nearest);
    }

    #[inline(always)]
    fn settle(&mut self, place: u64, nearest: Nearest) {
        let (near2, near) = nearest.find();
        let other = if near == BEAM { f64::INFINITY } else { self.block(near).factor[near as usize % LANES] };
        let (block, lane) = (&mut self.blocks[place as usize / LANES], place as usize % LANES);
        (block.near2[lane], block.near[lane]) = (near2, near);
        let f = if other < block.factor[lane] { other } else { block.factor[lane] };
        self.smallest.set(place as usize, near2 * f);
    }
}

/// The nearest so far, lane by lane.
struct Nearest {
    distance2: [f64; LANES],
    block: [u64; LANES],
    r2: f64,
}

impl Nearest {
    #[inline(always)]
    fn within(r2: f64) -> Nearest {
        Nearest { distance2: [r2; LANES], block: [END as u64; LANES], r2 }
    }

    #[inline(always)]
    fn see(&mut self, block: u32, to: &[f64; LANES]) {
        for ((&to, nearest), of) in to.iter().zip(&mut self.distance2).zip(&mut self.block) {
            let closer = to < *nearest;
            *nearest = if closer { to } else { *nearest };
            *of = if closer { u64::from(block) } else { *of };
        }
    }

    #[inline(always)]
    fn find(&self) -> (f64, u64) {
        let (mut best, mut lane) = (self.distance2[0], 0);
        for l in 1..LANES {
            if self.distance2[l] < best {
                (best, lane) = (self.distance2[l], l);
            }
        }
        if best < self.r2 { (best, self.block[lane] * LANES as u64 + lane as u64) } else { (self.r2, BEAM) }
    }
}
