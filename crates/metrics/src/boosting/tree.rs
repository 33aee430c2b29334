//! One regression tree on binned features, grown leaf by leaf where the gain is largest:
//! gain = GL^2/(HL+l2) + GR^2/(HR+l2) - G^2/(H+l2), leaf value -G/(H+l2) x learning rate, with G and H the sums of first and second
//! derivatives of the loss. The histogram of the larger child is that of the parent minus that of the smaller one.

use super::Boosting;
use rayon::prelude::*;

/// A node: feature, last bin that goes left, children; a leaf has feature u32::MAX.
#[derive(Debug, Clone)]
struct Node {
    feature: u32,
    bin: u8,
    left: u32,
    right: u32,
    value: f64,
}

const LEAF: u32 = u32::MAX;

/// A grown tree.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn value(&self, columns: &[Vec<u8>], row: usize) -> f64 {
        let mut node = &self.nodes[0];
        while node.feature != LEAF {
            let right = columns[node.feature as usize][row] > node.bin;
            node = &self.nodes[if right { node.right } else { node.left } as usize];
        }
        node.value
    }

    /// No split was worth making.
    pub(super) fn is_constant(&self) -> bool {
        self.nodes.len() == 1
    }
}

/// Sums of (first, second) derivatives per bin, 256 for each feature.
type Histogram = Vec<[f64; 2]>;
const BINS: usize = 256;

#[derive(Debug, Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    bin: usize,
}

/// A leaf that may still be split: rows start..end of the row list.
struct Leaf {
    node: usize,
    start: usize,
    end: usize,
    sums: [f64; 2],
    histogram: Histogram,
    split: Option<Split>,
}

/// Grows trees, keeping its buffers.
pub(super) struct Grower<'a> {
    settings: &'a Boosting,
    features: usize,
    rows: Vec<u32>,
    moved: Vec<u32>,
    ordered: Vec<[f32; 2]>,
    spare: Vec<Histogram>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(settings: &'a Boosting, rows: usize, features: usize) -> Self {
        let (rows, moved) = ((0..rows as u32).collect(), Vec::with_capacity(rows));
        Self { settings, features, rows, moved, ordered: Vec::new(), spare: Vec::new() }
    }

    /// Grows one tree on the derivatives and adds its values to `log_odds`.
    pub(super) fn grow(&mut self, columns: &[Vec<u8>], slopes: &[[f32; 2]], log_odds: &mut [f64]) -> Tree {
        self.rows.sort_unstable();
        let mut nodes = vec![self.leaf_node([0.0; 2])];
        let histogram = self.histogram(0, slopes.len(), columns, slopes);
        let sums = histogram[..BINS].iter().fold([0.0; 2], |s, b| [s[0] + b[0], s[1] + b[1]]);
        let mut leaves = vec![self.leaf(0, 0, slopes.len(), sums, histogram)];
        while leaves.len() < self.settings.leaves {
            let gain = |l: &Leaf| l.split.map_or(0.0, |s| s.gain);
            // The first of equal gains, so that the order is defined.
            let best = (0..leaves.len()).rev().max_by(|&a, &b| gain(&leaves[a]).total_cmp(&gain(&leaves[b])));
            let Some((at, split)) = best.and_then(|at| leaves[at].split.map(|s| (at, s))) else { break };
            let parent = leaves.swap_remove(at);
            let [left, right] = self.divide(parent, split, columns, slopes, &mut nodes);
            leaves.push(left);
            leaves.push(right);
        }
        for leaf in leaves {
            nodes[leaf.node] = self.leaf_node(leaf.sums);
            for &row in &self.rows[leaf.start..leaf.end] {
                log_odds[row as usize] += nodes[leaf.node].value;
            }
            self.spare.push(leaf.histogram);
        }
        Tree { nodes }
    }

    fn leaf_node(&self, [g, h]: [f64; 2]) -> Node {
        let value = -g / (h + self.settings.l2).max(f64::MIN_POSITIVE) * self.settings.learning_rate;
        Node { feature: LEAF, bin: 0, left: 0, right: 0, value }
    }

    fn leaf(&self, node: usize, start: usize, end: usize, sums: [f64; 2], histogram: Histogram) -> Leaf {
        let split = self.best_split(sums, &histogram);
        Leaf { node, start, end, sums, histogram, split }
    }

    fn divide(
        &mut self,
        parent: Leaf,
        split: Split,
        columns: &[Vec<u8>],
        slopes: &[[f32; 2]],
        nodes: &mut Vec<Node>,
    ) -> [Leaf; 2] {
        let bins = &columns[split.feature];
        let (start, end) = (parent.start, parent.end);
        // Stable partition: rows stay in increasing order within each leaf.
        self.moved.clear();
        let mut middle = start;
        for k in start..end {
            let row = self.rows[k];
            if usize::from(bins[row as usize]) <= split.bin {
                self.rows[middle] = row;
                middle += 1;
            } else {
                self.moved.push(row);
            }
        }
        self.rows[middle..end].copy_from_slice(&self.moved);

        let first = split.feature * BINS;
        let left_sums =
            parent.histogram[first..=first + split.bin].iter().fold([0.0; 2], |s, b| [s[0] + b[0], s[1] + b[1]]);
        let right_sums = [parent.sums[0] - left_sums[0], parent.sums[1] - left_sums[1]];
        let left_is_small = middle - start <= end - middle;
        let small = if left_is_small { (start, middle) } else { (middle, end) };
        let small = self.histogram(small.0, small.1, columns, slopes);
        let mut large = parent.histogram;
        for (l, s) in large.iter_mut().zip(&small) {
            *l = [l[0] - s[0], l[1] - s[1]];
        }
        let (left, right) = if left_is_small { (small, large) } else { (large, small) };
        let at = nodes.len();
        nodes[parent.node] = Node {
            feature: split.feature as u32,
            bin: split.bin as u8,
            left: at as u32,
            right: at as u32 + 1,
            value: 0.0,
        };
        nodes.push(self.leaf_node(left_sums));
        nodes.push(self.leaf_node(right_sums));
        [self.leaf(at, start, middle, left_sums, left), self.leaf(at + 1, middle, end, right_sums, right)]
    }

    fn histogram(&mut self, start: usize, end: usize, columns: &[Vec<u8>], slopes: &[[f32; 2]]) -> Histogram {
        let rows = &self.rows[start..end];
        self.ordered.clear();
        self.ordered.extend(rows.iter().map(|&r| slopes[r as usize]));
        let ordered = &self.ordered;
        let mut histogram = self.spare.pop().unwrap_or_else(|| vec![[0.0; 2]; self.features * BINS]);
        // A task should be worth its hand-over: at least about 10,000 additions.
        let least = 10_000 / rows.len().max(1) + 1;
        histogram.par_chunks_mut(BINS).zip(columns).with_min_len(least).for_each(|(sums, bins)| {
            sums.fill([0.0; 2]);
            for (&row, slope) in rows.iter().zip(ordered) {
                let sum = &mut sums[usize::from(bins[row as usize])];
                sum[0] += f64::from(slope[0]);
                sum[1] += f64::from(slope[1]);
            }
        });
        histogram
    }

    fn best_split(&self, sums: [f64; 2], histogram: &Histogram) -> Option<Split> {
        let (l2, least) = (self.settings.l2, self.settings.min_hessian);
        let score = |g: f64, h: f64| g * g / (h + l2);
        let whole = score(sums[0], sums[1]);
        let best_of = |(feature, bins): (usize, &[[f64; 2]])| {
            let (mut best, mut g, mut h) = (Split { gain: 0.0, feature, bin: 0 }, 0.0, 0.0);
            for (bin, b) in bins[..BINS - 1].iter().enumerate() {
                g += b[0];
                h += b[1];
                let rest = sums[1] - h;
                if h < least || b[1] == 0.0 {
                    continue;
                }
                if rest < least {
                    break;
                }
                let gain = score(g, h) + score(sums[0] - g, rest) - whole;
                if gain > best.gain {
                    best = Split { gain, feature, bin };
                }
            }
            best
        };
        let each: Vec<Split> = histogram.par_chunks(BINS).enumerate().with_min_len(16).map(best_of).collect();
        // Rounding in the subtraction of histograms must not pass for a gain.
        let threshold = 1e-9 * (1.0 + whole);
        each.into_iter().reduce(|a, b| if b.gain > a.gain { b } else { a }).filter(|s| s.gain > threshold)
    }
}
