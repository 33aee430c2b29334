//! Canonical numbering and symmetries of a graph with coloured vertices and labelled edges.
//!
//! Colours are refined until vertices of one colour have neighbours of the same colours by the same labels (Weisfeiler and Lehman; Morgan,
//! J. Chem. Doc. 5 (1965) 107). Where that leaves vertices alike, each is singled out in turn and refinement goes on; the numbering with the
//! smallest list of edges is canonical. Two numberings with one list are a symmetry, which spares its images from being searched (McKay,
//! Congr. Numer. 30 (1981) 45). The result is exact: two graphs have one certificate only if they are the same.

/// Vertices with colours and neighbours `(vertex, label)`.
pub(crate) struct Coloured {
    pub(crate) colours: Vec<u32>,
    pub(crate) neighbours: Vec<Vec<(usize, u32)>>,
}

struct Leaf {
    path: Vec<usize>,
    ranks: Vec<u32>,
    certificate: Vec<u32>,
}

struct Search<'a> {
    graph: &'a Coloured,
    first: Option<Leaf>,
    best: Option<Leaf>,
    symmetries: Vec<Vec<usize>>,
}

impl Coloured {
    /// Colours split until they tell nothing more. A colour is the number of vertices of smaller ones.
    fn refine(&self, mut colours: Vec<u32>) -> Vec<u32> {
        let n = colours.len();
        let mut order: Vec<usize> = (0..n).collect();
        let mut keys: Vec<Vec<u64>> = vec![vec![]; n];
        let mut cells = 0;
        loop {
            for v in 0..n {
                keys[v].clear();
                keys[v].extend(
                    self.neighbours[v].iter().map(|&(w, label)| u64::from(label) << 32 | u64::from(colours[w])),
                );
                keys[v].sort_unstable();
                keys[v].insert(0, u64::from(colours[v]));
            }
            order.sort_unstable_by(|&a, &b| keys[a].cmp(&keys[b]));
            let (mut count, mut colour) = (0, 0);
            for k in 0..n {
                if k == 0 || keys[order[k]] != keys[order[k - 1]] {
                    (count, colour) = (count + 1, k as u32);
                }
                colours[order[k]] = colour;
            }
            if count == cells {
                return colours;
            }
            cells = count;
        }
    }

    /// Colours of the refined graph: vertices that differ in them are not images of each other.
    pub(crate) fn refined(&self) -> Vec<u32> {
        self.refine(self.colours.clone())
    }

    /// Rank of each vertex in the canonical numbering.
    pub(crate) fn canonical_ranks(&self) -> Vec<u32> {
        let mut search = Search { graph: self, first: None, best: None, symmetries: vec![] };
        search.descend(self.refined(), &mut vec![]);
        search.best.map_or(vec![], |leaf| leaf.ranks)
    }

    fn certificate(&self, ranks: &[u32]) -> Vec<u32> {
        let mut at = vec![0; ranks.len()];
        ranks.iter().enumerate().for_each(|(v, &r)| at[r as usize] = v);
        let mut certificate = vec![];
        for (r, &v) in at.iter().enumerate() {
            let mut row: Vec<(u32, u32)> = self.neighbours[v].iter().map(|&(w, label)| (ranks[w], label)).collect();
            row.retain(|&(other, _)| other < r as u32);
            row.sort_unstable();
            certificate.push(row.len() as u32);
            certificate.extend(row.into_iter().flat_map(|(other, label)| [other, label]));
        }
        certificate
    }

    /// All symmetries, as lists of images; `None` if there are more than `most`.
    pub(crate) fn symmetries(&self, most: usize) -> Option<Vec<Vec<usize>>> {
        let colours = self.refined();
        let order = self.search_order(&colours);
        let mut found = vec![];
        let mut image = vec![usize::MAX; colours.len()];
        let mut used = vec![false; colours.len()];
        self.extend(&order, 0, &colours, &mut image, &mut used, most, &mut found).then_some(found)
    }

    /// Vertices such that each is next to one before it where possible, the rarest colours first.
    fn search_order(&self, colours: &[u32]) -> Vec<usize> {
        let n = colours.len();
        let size = |v: usize| colours.iter().filter(|&&c| c == colours[v]).count();
        let (mut order, mut taken, mut near) = (vec![], vec![false; n], vec![false; n]);
        for _ in 0..n {
            let next = (0..n).filter(|&v| !taken[v]).min_by_key(|&v| (!near[v], size(v), v)).expect("some are left");
            taken[next] = true;
            order.push(next);
            self.neighbours[next].iter().for_each(|&(w, _)| near[w] = true);
        }
        order
    }

    #[allow(clippy::too_many_arguments)]
    fn extend(
        &self,
        order: &[usize],
        depth: usize,
        colours: &[u32],
        image: &mut Vec<usize>,
        used: &mut Vec<bool>,
        most: usize,
        found: &mut Vec<Vec<usize>>,
    ) -> bool {
        let Some(&v) = order.get(depth) else {
            found.push(image.clone());
            return found.len() <= most;
        };
        for w in 0..order.len() {
            let fits = !used[w]
                && colours[w] == colours[v]
                && self.neighbours[v]
                    .iter()
                    .all(|&(u, label)| image[u] == usize::MAX || self.neighbours[w].contains(&(image[u], label)));
            if fits {
                (image[v], used[w]) = (w, true);
                let go_on = self.extend(order, depth + 1, colours, image, used, most, found);
                (image[v], used[w]) = (usize::MAX, false);
                if !go_on {
                    return false;
                }
            }
        }
        true
    }
}

impl Search<'_> {
    /// Searches below a node; returns the depth at which the search goes on.
    fn descend(&mut self, colours: Vec<u32>, path: &mut Vec<usize>) -> usize {
        let depth = path.len();
        let Some(cell) = smallest_cell(&colours) else { return self.leaf(colours, path) };
        let mut tried: Vec<usize> = vec![];
        for &v in &cell {
            if self.is_image(v, &tried, path) {
                continue;
            }
            tried.push(v);
            // v comes before the others of its colour.
            let singled =
                (0..colours.len()).map(|w| colours[w] + u32::from(w != v && colours[w] == colours[v])).collect();
            path.push(v);
            let back = self.descend(self.graph.refine(singled), path);
            path.pop();
            if back < depth {
                return back;
            }
        }
        depth
    }

    fn leaf(&mut self, ranks: Vec<u32>, path: &[usize]) -> usize {
        let certificate = self.graph.certificate(&ranks);
        let leaf =
            |path: &[usize]| Leaf { path: path.to_vec(), ranks: ranks.clone(), certificate: certificate.clone() };
        if self.first.is_none() {
            (self.first, self.best) = (Some(leaf(path)), Some(leaf(path)));
            return path.len();
        }
        let same = [&self.first, &self.best].into_iter().flatten().find(|other| other.certificate == certificate);
        if let Some(other) = same {
            let mut at = vec![0; ranks.len()];
            ranks.iter().enumerate().for_each(|(v, &r)| at[r as usize] = v);
            self.symmetries.push(other.ranks.iter().map(|&r| at[r as usize]).collect());
            // What is below the node where the paths part is the image of what has been searched there.
            return other.path.iter().zip(path).take_while(|(a, b)| a == b).count();
        }
        if self.best.as_ref().is_some_and(|best| certificate < best.certificate) {
            self.best = Some(leaf(path));
        }
        path.len()
    }

    /// Whether symmetries that keep the path map a vertex tried before to this one.
    fn is_image(&self, v: usize, tried: &[usize], path: &[usize]) -> bool {
        if tried.is_empty() {
            return false;
        }
        let keep: Vec<&Vec<usize>> = self.symmetries.iter().filter(|s| path.iter().all(|&p| s[p] == p)).collect();
        let mut reached = vec![false; self.graph.colours.len()];
        let mut open = tried.to_vec();
        tried.iter().for_each(|&t| reached[t] = true);
        while let Some(u) = open.pop() {
            for symmetry in &keep {
                if !std::mem::replace(&mut reached[symmetry[u]], true) {
                    open.push(symmetry[u]);
                }
            }
        }
        reached[v]
    }
}

/// Vertices of the first of the smallest colours that several share.
fn smallest_cell(colours: &[u32]) -> Option<Vec<usize>> {
    let mut sizes = vec![0; colours.len()];
    colours.iter().for_each(|&c| sizes[c as usize] += 1);
    let colour = (0..sizes.len()).filter(|&c| sizes[c] > 1).min_by_key(|&c| sizes[c])?;
    Some((0..colours.len()).filter(|&v| colours[v] as usize == colour).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn plain(n: usize, edges: &[(usize, usize)]) -> Coloured {
        let mut neighbours = vec![vec![]; n];
        for &(a, b) in edges {
            neighbours[a].push((b, 1));
            neighbours[b].push((a, 1));
        }
        Coloured { colours: vec![0; n], neighbours }
    }

    fn certificate(graph: &Coloured) -> Vec<u32> {
        graph.certificate(&graph.canonical_ranks())
    }

    /// Every graph of six vertices: 156 different ones (OEIS A000088), and each in 6! / |symmetries| numberings.
    #[test]
    fn all_small_graphs_fall_into_as_many_classes_as_there_are() {
        let pairs: Vec<(usize, usize)> = (0..6).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let mut classes: BTreeMap<Vec<u32>, (usize, usize)> = BTreeMap::new();
        for set in 0..1 << pairs.len() {
            let edges: Vec<_> = (0..pairs.len()).filter(|k| set >> k & 1 == 1).map(|k| pairs[k]).collect();
            let graph = plain(6, &edges);
            let class = classes.entry(certificate(&graph)).or_insert_with(|| (graph.symmetries(720).unwrap().len(), 0));
            class.1 += 1;
        }
        assert_eq!(classes.len(), 156);
        assert!(classes.values().all(|&(symmetries, numberings)| symmetries * numberings == 720));
    }

    /// Two strongly regular graphs of the same parameters (16, 6, 2, 2), which refinement cannot tell apart from anything like them.
    #[test]
    fn the_shrikhande_and_the_rook_graph_differ() {
        let at = |x: usize, y: usize| 4 * (x % 4) + y % 4;
        let grid = || (0..16).map(|k| (k / 4, k % 4));
        let shrikhande: Vec<_> =
            grid().flat_map(|(x, y)| [(1, 0), (0, 1), (1, 1)].map(|(a, b)| (at(x, y), at(x + a, y + b)))).collect();
        let rook: Vec<_> = grid()
            .flat_map(|(x, y)| [(1, 0), (2, 0), (0, 1), (0, 2)].map(|(a, b)| (at(x, y), at(x + a, y + b))))
            .collect();
        // Two steps lead to the same place from either side.
        let mut rook: Vec<_> = rook.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
        rook.sort_unstable();
        rook.dedup();
        let (a, b) = (plain(16, &shrikhande), plain(16, &rook));
        assert_eq!((shrikhande.len(), rook.len()), (48, 48));
        assert_ne!(certificate(&a), certificate(&b));
        assert_eq!(a.symmetries(2000).unwrap().len(), 192);
        assert_eq!(b.symmetries(2000).unwrap().len(), 1152);
        let mut random = crate::graph::tests::random(5);
        for (graph, edges) in [(&a, &shrikhande), (&b, &rook)] {
            for _ in 0..5 {
                let mut places: Vec<usize> = (0..16).collect();
                (1..16).rev().for_each(|i| places.swap(i, random(i + 1)));
                let moved: Vec<_> = edges.iter().map(|&(x, y)| (places[x], places[y])).collect();
                assert_eq!(certificate(&plain(16, &moved)), certificate(graph));
            }
        }
    }

    #[test]
    fn symmetries_beyond_the_limit_are_refused() {
        let star = plain(6, &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
        assert_eq!(star.symmetries(120).unwrap().len(), 120);
        assert!(star.symmetries(119).is_none());
    }
}
