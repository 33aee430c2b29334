//! Writing SMILES: the canonical one.

use std::fmt::Write as _;

use super::{AROMATIC, ORGANIC, organic_hydrogens};
use crate::graph::canon::Coloured;
use crate::graph::{Edge, Graph};
use crate::{BondOrder, Element};

impl Graph {
    /// The molecule's identity as a SMILES: the same text for every numbering and Kekulé structure of one molecule, different texts for different
    /// molecules.
    ///
    /// Hydrogens that are atoms of the graph are written as atoms. So a graph from generated atoms that lacked a hydrogen, which was filled
    /// in, differs from the complete one; EDM's uniqueness (arXiv:2203.17003) counts them as two.
    ///
    /// ```
    /// use matter::Graph;
    ///
    /// let one = Graph::from_smiles("OC1=CC=CC=C1C")?;
    /// let other = Graph::from_smiles("Cc1c(O)cccc1")?;
    /// assert_eq!(one.canonical_smiles(), other.canonical_smiles());
    /// # Ok::<(), matter::SmilesError>(())
    /// ```
    pub fn canonical_smiles(&self) -> String {
        let mut texts: Vec<String> = self.fragments().iter().map(Graph::write_fragment).collect();
        texts.sort_unstable();
        texts.join(".")
    }

    /// Rank of each atom in a numbering that depends on nothing but the molecule: two of one molecule are the same atom for atom in it.
    pub fn canonical_ranks(&self) -> Vec<usize> {
        let kept = self.heavy_atoms();
        let coloured = self.coloured(&kept, |i| {
            let atom = &self.atoms()[i];
            let hydrogens = self.neighbours(i).iter().filter(|&&(j, _)| self.is_plain_hydrogen(j)).count();
            (atom.charge, atom.isotope, atom.hydrogens, hydrogens, atom.aromatic)
        });
        let mut ranks = vec![usize::MAX; self.len()];
        kept.iter().zip(coloured.canonical_ranks()).for_each(|(&i, rank)| ranks[i] = rank as usize);
        // Hydrogens of one atom are alike: any order of them will do.
        let mut plain: Vec<(usize, usize)> = (0..self.len())
            .filter(|&i| self.is_plain_hydrogen(i))
            .map(|i| (ranks[self.neighbours(i)[0].0], i))
            .collect();
        plain.sort_unstable();
        plain.iter().enumerate().for_each(|(k, &(_, i))| ranks[i] = kept.len() + k);
        ranks
    }

    /// The graph of some atoms, coloured by their elements, their bonds among each other and `more`.
    pub(crate) fn coloured<K: Ord>(&self, kept: &[usize], more: impl Fn(usize) -> K) -> Coloured {
        let mut number = vec![usize::MAX; self.len()];
        kept.iter().enumerate().for_each(|(k, &i)| number[i] = k);
        let neighbours: Vec<Vec<(usize, u32)>> = kept
            .iter()
            .map(|&i| {
                let inside = self.neighbours(i).iter().filter(|&&(j, _)| number[j] != usize::MAX);
                inside.map(|&(j, e)| (number[j], self.edges()[e].order() as u32)).collect()
            })
            .collect();
        let key = |k: usize| {
            let element = self.atoms()[kept[k]].element;
            // The rank decides where a SMILES starts: at an end, with carbon.
            (neighbours[k].len(), element.number().abs_diff(6), element, more(kept[k]))
        };
        let keys: Vec<_> = (0..kept.len()).map(key).collect();
        let mut sorted: Vec<_> = keys.iter().collect();
        sorted.sort_unstable();
        let colours = keys.iter().map(|k| sorted.partition_point(|other| *other < k) as u32).collect();
        Coloured { colours, neighbours }
    }

    /// A connected graph, from its atom of lowest rank along neighbours of lowest rank.
    fn write_fragment(&self) -> String {
        let ranks = self.canonical_ranks();
        let tree = Tree::of(self, &ranks);
        let mut text = String::new();
        let mut numbers: Vec<Option<usize>> = vec![];
        // What is to be written, the next last.
        let mut stack = vec![Piece::Atom(tree.root, None)];
        while let Some(piece) = stack.pop() {
            let (i, by) = match piece {
                Piece::Text(c) => {
                    text.push(c);
                    continue;
                }
                Piece::Atom(i, by) => (i, by),
            };
            if let Some(e) = by {
                text.push_str(self.bond_text(&self.edges()[e]));
            }
            self.write_atom(i, &mut text);
            for &e in &tree.closes[i] {
                let k = numbers.iter().position(|&n| n == Some(e)).expect("a ring is opened before it is closed");
                write_number(k + 1, &mut text);
                numbers[k] = None;
            }
            for &e in &tree.opens[i] {
                let k = numbers.iter().position(Option::is_none).unwrap_or_else(|| {
                    numbers.push(None);
                    numbers.len() - 1
                });
                numbers[k] = Some(e);
                text.push_str(self.bond_text(&self.edges()[e]));
                write_number(k + 1, &mut text);
            }
            if let Some((&(main, e), branches)) = tree.children[i].split_last() {
                stack.push(Piece::Atom(main, Some(e)));
                for &(branch, e) in branches.iter().rev() {
                    stack.extend([Piece::Text(')'), Piece::Atom(branch, Some(e)), Piece::Text('(')]);
                }
            }
        }
        text
    }

    fn write_atom(&self, i: usize, text: &mut String) {
        let atom = &self.atoms()[i];
        let symbol = atom.element.symbol();
        let lower = atom.aromatic && AROMATIC.contains(&symbol);
        let written = if lower { symbol.to_lowercase() } else { symbol.to_owned() };
        let counted = atom.hydrogens == organic_hydrogens(atom.element, self.bonded(i));
        // [nH]: without a bracket it would look for a double bond.
        let pyrrole = atom.aromatic && atom.hydrogens > 0 && atom.element != Element::C;
        let plain = atom.charge == 0 && atom.isotope == 0 && counted && !pyrrole;
        if plain && ORGANIC.contains(&symbol) {
            text.push_str(&written);
            return;
        }
        text.push('[');
        if atom.isotope != 0 {
            let _ = write!(text, "{}", atom.isotope);
        }
        text.push_str(&written);
        match atom.hydrogens {
            0 => {}
            1 => text.push('H'),
            n => text.extend(['H', char::from(b'0' + n.min(9))]),
        }
        match atom.charge {
            0 => {}
            1 => text.push('+'),
            -1 => text.push('-'),
            q => {
                let _ = write!(text, "{q:+}");
            }
        }
        text.push(']');
    }

    fn bond_text(&self, edge: &Edge) -> &'static str {
        match edge.order() {
            BondOrder::Aromatic => "",
            BondOrder::Single if edge.atoms.iter().all(|&i| self.atoms()[i].aromatic) => "-",
            BondOrder::Single => "",
            BondOrder::Double => "=",
            BondOrder::Triple => "#",
        }
    }
}

enum Piece {
    Atom(usize, Option<usize>),
    Text(char),
}

/// How a text walks through a connected graph.
struct Tree {
    root: usize,
    /// Of each atom the next ones and the bonds to them, the longest branch last.
    children: Vec<Vec<(usize, usize)>>,
    /// Bonds that open a ring at an atom.
    opens: Vec<Vec<usize>>,
    /// Bonds that close a ring at an atom.
    closes: Vec<Vec<usize>>,
}

impl Tree {
    /// Depth first, so that every other bond leads back to an atom on the way.
    fn of(graph: &Graph, ranks: &[usize]) -> Tree {
        let n = graph.len();
        let root = (0..n).min_by_key(|&i| ranks[i]).unwrap_or(0);
        let mut tree = Tree { root, children: vec![vec![]; n], opens: vec![vec![]; n], closes: vec![vec![]; n] };
        let mut sorted: Vec<Vec<(usize, usize)>> = (0..n).map(|i| graph.neighbours(i).to_vec()).collect();
        // Along multiple bonds first, so that they do not close rings.
        let single = |e: usize| matches!(graph.edges()[e].order(), BondOrder::Single | BondOrder::Aromatic);
        sorted.iter_mut().for_each(|list| list.sort_unstable_by_key(|&(j, e)| (single(e), ranks[j])));
        let (mut seen, mut size, mut used) = (vec![false; n], vec![1; n], vec![false; graph.edges().len()]);
        let mut stack = vec![(root, 0)];
        seen[root] = true;
        while let Some(&mut (i, ref mut next)) = stack.last_mut() {
            if let Some(&(j, e)) = sorted[i].get(*next) {
                *next += 1;
                if std::mem::replace(&mut used[e], true) {
                } else if seen[j] {
                    tree.opens[j].push(e);
                    tree.closes[i].push(e);
                } else {
                    seen[j] = true;
                    tree.children[i].push((j, e));
                    stack.push((j, 0));
                }
            } else {
                stack.pop();
                if let Some(&(parent, _)) = stack.last() {
                    size[parent] += size[i];
                }
            }
        }
        tree.children.iter_mut().for_each(|list| list.sort_by_key(|&(j, _)| size[j]));
        tree
    }
}

fn write_number(number: usize, text: &mut String) {
    let _ = if number < 10 { write!(text, "{number}") } else { write!(text, "%{number:02}") };
}
