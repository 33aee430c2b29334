//! Groups that are drawn without charges although their atoms cannot have so many bonds: nitro, azide, perchlorate, and the like.
//!
//! ```text
//! -N(=O)=O     ->  -[N+](=O)[O-]           -N=N#N    ->  -N=[N+]=[N-]
//! O-Cl(=O)=O   ->  O-[Cl+2]([O-])[O-]      C=P(=O)-  ->  C=[P+]([O-])-
//! ```
//!
//! As RDKit's clean-up before its valence check. Bonds perceived from distances know no charges, so generated nitro groups arrive like this.

use super::Graph;
use crate::BondOrder::{Double, Single, Triple};
use crate::Element;

impl Graph {
    pub(super) fn separate_charges(&mut self) {
        for i in 0..self.len() {
            if self.atoms[i].charge != 0 {
                continue;
            }
            match (self.atoms[i].element.symbol(), self.valence(i)) {
                ("N", 5) => self.separate_nitrogen(i),
                ("P", 5) => self.separate_phosphorus(i),
                ("Cl" | "Br" | "I", 3 | 5 | 7) => self.separate_halogen(i),
                _ => {}
            }
        }
    }

    /// Takes a pair of electrons from `centre` to `end`.
    fn shift(&mut self, centre: usize, end: usize, edge: usize) {
        self.edges[edge].kekule = if self.edges[edge].kekule == Triple { Double } else { Single };
        self.atoms[centre].charge += 1;
        self.atoms[end].charge -= 1;
    }

    fn separate_nitrogen(&mut self, i: usize) {
        let find = |kind| {
            self.neighbours[i]
                .iter()
                .copied()
                .find(|&(j, e)| self.atoms[j].charge == 0 && (self.atoms[j].element, self.edges[e].kekule) == kind)
        };
        // Oxygen first, so that N2O does not depend on the order of its atoms.
        let found = find((Element::O, Double)).or_else(|| find((Element::N, Triple)));
        if let Some((j, e)) = found {
            self.shift(i, j, e);
        }
    }

    fn separate_phosphorus(&mut self, i: usize) {
        if self.neighbours[i].len() != 3 {
            return;
        }
        let double = |symbols: &[&str], terminal: bool| {
            self.neighbours[i].iter().copied().find(|&(j, e)| {
                let fits = symbols.contains(&self.atoms[j].element.symbol()) && self.atoms[j].charge == 0;
                fits && self.edges[e].kekule == Double && (self.neighbours[j].len() == 1) == terminal
            })
        };
        if let (Some((oxygen, e)), Some(_)) = (double(&["O"], true), double(&["C", "N"], false)) {
            self.shift(i, oxygen, e);
        }
    }

    fn separate_halogen(&mut self, i: usize) {
        let ends = self.neighbours[i].clone();
        if ends.iter().any(|&(j, _)| self.atoms[j].element.symbol() != "O") {
            return;
        }
        for (j, e) in ends {
            if self.edges[e].kekule == Double && self.atoms[j].charge == 0 {
                self.shift(i, j, e);
            }
        }
    }
}
