//! A molecule as atoms and bonds, without positions.
//!
//! Whoever holds a [`Graph`] knows that it is one a chemist could draw: charges of nitro groups and their like are separated, every valence
//! is allowed, double bonds are placed (Kekulé) and aromatic rings marked. Constructors refuse everything else and say why, so "valid" means
//! "there is a graph". What they check and mark follows the documented behaviour of RDKit's sanitisation (The RDKit Book, BSD licence).
//!
//! Hydrogens are atoms of the graph or counted at their atom, as in SMILES; [`Graph::with_hydrogens`] and [`Graph::without_hydrogens`] turn
//! one into the other. Stereochemistry is not kept.

mod aromatic;
pub(crate) mod canon;
mod charges;
mod extended;
mod invalid;
mod kekule;
mod rings;
#[cfg(test)]
pub(crate) mod tests;
mod valence;

pub use extended::Link;
pub use invalid::Invalid;
pub(crate) use valence::{fewest_hydrogens, smallest_valence};

use crate::{Bond, BondOrder, Element, Molecule};

/// An atom of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atom {
    /// Element.
    pub element: Element,
    /// Formal charge, in elementary charges.
    pub charge: i8,
    /// Mass number, 0 for the natural mixture.
    pub isotope: u16,
    /// Hydrogens at this atom that are no atoms of the graph.
    pub hydrogens: u8,
    /// Whether it is in an aromatic ring.
    pub aromatic: bool,
}

/// A bond of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// Numbers of the atoms, the smaller first.
    pub atoms: [usize; 2],
    /// Order in one Kekulé structure: never [`BondOrder::Aromatic`].
    pub kekule: BondOrder,
    /// Whether it is an aromatic bond, of which Kekulé structures say different things.
    pub aromatic: bool,
}

impl Edge {
    /// Its order, whichever Kekulé structure was drawn.
    pub fn order(&self) -> BondOrder {
        if self.aromatic { BondOrder::Aromatic } else { self.kekule }
    }
}

/// A molecule as atoms and bonds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    atoms: Vec<Atom>,
    edges: Vec<Edge>,
    /// Of each atom the neighbours: (atom, edge).
    neighbours: Vec<Vec<(usize, usize)>>,
}

impl Graph {
    /// The graph of these atoms and bonds, implicit hydrogens filled in up to the smallest allowed valence.
    ///
    /// `charges` has a value for each atom or none. Bonds may be aromatic. An atom with too few bonds is valid, as in RDKit: it gets hydrogens.
    ///
    /// # Errors
    /// [`Invalid`] says which atom or bond cannot be.
    pub fn new(elements: &[Element], charges: &[i8], bonds: &[Bond]) -> Result<Graph, Invalid> {
        if !charges.is_empty() && charges.len() != elements.len() {
            return Err(Invalid::Charges { charges: charges.len(), atoms: elements.len() });
        }
        let atom = |i: usize, element: Element| Atom {
            element,
            charge: charges.get(i).copied().unwrap_or(0),
            isotope: 0,
            hydrogens: 0,
            aromatic: false,
        };
        let atoms = elements.iter().enumerate().map(|(i, &element)| atom(i, element)).collect();
        let mut graph = Graph::join(atoms, bonds)?;
        graph.kekulise()?;
        graph.separate_charges();
        graph.check_valences()?;
        for i in 0..graph.len() {
            graph.atoms[i].hydrogens =
                fewest_hydrogens(graph.atoms[i].element, graph.atoms[i].charge, graph.valence(i));
        }
        graph.perceive_aromaticity();
        Ok(graph)
    }

    /// The graph of a molecule with known bonds.
    ///
    /// # Errors
    /// As [`Graph::new`]; [`Invalid::Unknown`] if the bonds are not known.
    pub fn from_molecule(molecule: &Molecule) -> Result<Graph, Invalid> {
        let bonds = molecule.bonds.as_ref().ok_or(Invalid::Unknown)?;
        Graph::new(&molecule.elements, &molecule.charges, bonds)
    }

    /// Separates charges, checks valences and marks aromatic rings, once double bonds and hydrogens are in place.
    pub(crate) fn finish(mut self) -> Result<Graph, Invalid> {
        self.separate_charges();
        self.check_valences()?;
        self.perceive_aromaticity();
        Ok(self)
    }

    /// Only checks that the bonds name atoms; their orders may be aromatic still, and the hydrogens uncounted.
    pub(crate) fn join(atoms: Vec<Atom>, bonds: &[Bond]) -> Result<Graph, Invalid> {
        let mut neighbours: Vec<Vec<(usize, usize)>> = vec![vec![]; atoms.len()];
        let mut edges = Vec::with_capacity(bonds.len());
        for (k, bond) in bonds.iter().enumerate() {
            let [a, b] = [bond.atoms[0].min(bond.atoms[1]), bond.atoms[0].max(bond.atoms[1])];
            if b >= atoms.len() || a == b || neighbours[a].iter().any(|&(c, _)| c == b) {
                return Err(Invalid::Bond { bond: k, between: bond.atoms, atoms: atoms.len() });
            }
            neighbours[a].push((b, k));
            neighbours[b].push((a, k));
            let aromatic = bond.order == BondOrder::Aromatic;
            edges.push(Edge { atoms: [a, b], kekule: if aromatic { BondOrder::Single } else { bond.order }, aromatic });
        }
        Ok(Graph { atoms, edges, neighbours })
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.atoms.len()
    }

    /// Whether there are no atoms.
    pub fn is_empty(&self) -> bool {
        self.atoms.is_empty()
    }

    /// The atoms.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    pub(crate) fn atoms_mut(&mut self) -> &mut [Atom] {
        &mut self.atoms
    }

    /// The bonds.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Neighbours of an atom and the bonds to them, by number.
    ///
    /// # Panics
    /// If there is no atom of this number.
    pub fn neighbours(&self, atom: usize) -> &[(usize, usize)] {
        &self.neighbours[atom]
    }

    /// Number of the fragment of each atom; fragments are numbered by their first atom.
    pub fn components(&self) -> Vec<usize> {
        let mut of = vec![usize::MAX; self.len()];
        let mut count = 0;
        for start in 0..self.len() {
            if of[start] != usize::MAX {
                continue;
            }
            let mut open = vec![start];
            of[start] = count;
            while let Some(i) = open.pop() {
                for &(j, _) in &self.neighbours[i] {
                    if of[j] == usize::MAX {
                        of[j] = count;
                        open.push(j);
                    }
                }
            }
            count += 1;
        }
        of
    }

    /// The connected pieces, in the order of their first atoms.
    pub fn fragments(&self) -> Vec<Graph> {
        let of = self.components();
        let count = of.iter().max().map_or(0, |m| m + 1);
        (0..count).map(|c| self.induced(|i| of[i] == c)).collect()
    }

    /// The piece of most atoms (hydrogens of the graph counted), the first of equals: what EDM (arXiv:2203.17003) judges.
    pub fn largest_fragment(&self) -> Graph {
        let fragments = self.fragments();
        let most = fragments.iter().map(Graph::len).max();
        fragments.into_iter().find(|f| Some(f.len()) == most).unwrap_or_default()
    }

    /// The atoms that are kept and the bonds between them, in their order.
    fn induced(&self, keep: impl Fn(usize) -> bool) -> Graph {
        let mut number = vec![usize::MAX; self.len()];
        let mut atoms = vec![];
        for i in (0..self.len()).filter(|&i| keep(i)) {
            number[i] = atoms.len();
            atoms.push(self.atoms[i]);
        }
        let mut graph = Graph { neighbours: vec![vec![]; atoms.len()], atoms, edges: vec![] };
        for edge in &self.edges {
            let [a, b] = edge.atoms.map(|i| number[i]);
            if a != usize::MAX && b != usize::MAX {
                graph.push(Edge { atoms: [a, b], ..*edge });
            }
        }
        graph
    }

    fn push(&mut self, edge: Edge) {
        let [a, b] = edge.atoms;
        self.neighbours[a].push((b, self.edges.len()));
        self.neighbours[b].push((a, self.edges.len()));
        self.edges.push(edge);
    }

    /// Counted hydrogens made atoms: after all others, in the order of the atoms they sit at.
    pub fn with_hydrogens(&self) -> Graph {
        let mut graph = self.clone();
        for i in 0..self.len() {
            for _ in 0..std::mem::take(&mut graph.atoms[i].hydrogens) {
                let h = graph.len();
                graph.atoms.push(Atom { element: Element::H, charge: 0, isotope: 0, hydrogens: 0, aromatic: false });
                graph.neighbours.push(vec![]);
                graph.push(Edge { atoms: [i, h], kekule: BondOrder::Single, aromatic: false });
            }
        }
        graph
    }

    /// Hydrogens counted at their atoms instead, but for those that SMILES must write: charged, of a named isotope, bridging, or bound to
    /// nothing but hydrogen.
    pub fn without_hydrogens(&self) -> Graph {
        let plain: Vec<bool> = (0..self.len()).map(|i| self.is_plain_hydrogen(i)).collect();
        let mut counted = self.clone();
        for i in (0..self.len()).filter(|&i| plain[i]) {
            counted.atoms[self.neighbours[i][0].0].hydrogens += 1;
        }
        counted.induced(|i| !plain[i])
    }

    /// Numbers of the atoms that [`Graph::without_hydrogens`] keeps.
    pub fn heavy_atoms(&self) -> Vec<usize> {
        (0..self.len()).filter(|&i| !self.is_plain_hydrogen(i)).collect()
    }

    /// Whether it could as well be counted at its neighbour.
    pub(crate) fn is_plain_hydrogen(&self, i: usize) -> bool {
        let atom = &self.atoms[i];
        let alone = atom.element == Element::H && atom.charge == 0 && atom.isotope == 0 && atom.hydrogens == 0;
        alone && matches!(self.neighbours[i][..], [(j, _)] if self.atoms[j].element != Element::H)
    }

    /// The same graph with atom `i` at place `places[i]`.
    #[cfg(test)]
    pub(crate) fn permuted(&self, places: &[usize]) -> Graph {
        let mut atoms = self.atoms.clone();
        for (i, &place) in places.iter().enumerate() {
            atoms[place] = self.atoms[i];
        }
        let mut graph = Graph { neighbours: vec![vec![]; atoms.len()], atoms, edges: vec![] };
        for edge in &self.edges {
            let [a, b] = edge.atoms.map(|i| places[i]);
            graph.push(Edge { atoms: [a.min(b), a.max(b)], ..*edge });
        }
        graph
    }
}
