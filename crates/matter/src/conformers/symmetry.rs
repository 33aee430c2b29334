//! Root mean square distance of heavy atoms, smallest over rotations, translations and symmetries of the molecular graph: what RDKit's
//! `GetBestRMS` returns after `RemoveHs`, and what ConfGF (arXiv:2105.03902) and its successors measure.

use nalgebra::{Matrix3, UnitQuaternion, Vector3};

use super::superpose::{centred, overlap, rotation};
use crate::BondOrder;
use crate::graph::Graph;

/// More symmetries than this are not enumerated.
const MOST: usize = 500_000;

/// The symmetries of a molecule's heavy atoms: renumberings after which elements, charges and bonds are as before.
///
/// The two ends of carboxyl, carboxylate, nitro, amidine and similar groups count as alike, whichever bond was drawn double.
#[derive(Clone, Debug)]
pub struct Symmetries {
    atoms: Vec<usize>,
    /// Each a list of places in `atoms`.
    images: Vec<Vec<usize>>,
}

/// The molecule has too many symmetries to try them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the molecule has more than {MOST} symmetries; expected fewer, as all are tried: leave it out of the comparison"
)]
pub struct TooManySymmetries;

impl Symmetries {
    /// Those of a graph, whose hydrogens may be atoms or counted.
    ///
    /// # Errors
    /// [`TooManySymmetries`] beyond 500 000.
    pub fn of(graph: &Graph) -> Result<Symmetries, TooManySymmetries> {
        let atoms = graph.heavy_atoms();
        let shared: Vec<Option<usize>> = (0..graph.len()).map(|i| shares_a_double_bond(graph, i)).collect();
        let mut coloured = graph.coloured(&atoms, |i| {
            let atom = &graph.atoms()[i];
            (if shared[i].is_some() { 0 } else { atom.charge }, atom.isotope)
        });
        for (k, &i) in atoms.iter().enumerate() {
            if let Some(centre) = shared[i].and_then(|c| atoms.iter().position(|&a| a == c)) {
                const EITHER: u32 = u32::MAX;
                coloured.neighbours[k].iter_mut().for_each(|n| n.1 = EITHER);
                coloured.neighbours[centre].iter_mut().filter(|n| n.0 == k).for_each(|n| n.1 = EITHER);
            }
        }
        let images = coloured.symmetries(MOST).ok_or(TooManySymmetries)?;
        Ok(Symmetries { atoms, images })
    }

    /// Number of symmetries; 1 for a molecule without any.
    pub fn count(&self) -> usize {
        self.images.len()
    }

    /// Numbers of the heavy atoms.
    pub fn atoms(&self) -> &[usize] {
        &self.atoms
    }

    /// Smallest root mean square distance of the heavy atoms of two conformers, in Angstrom; mirror images are not superposed. Positions are those
    /// of all atoms of the graph.
    ///
    /// # Panics
    /// If there are fewer positions than atoms.
    pub fn rmsd(&self, a: &[[f64; 3]], b: &[[f64; 3]]) -> f64 {
        let pick = |x: &[[f64; 3]]| centred(self.atoms.iter().map(|&i| x[i]).collect::<Vec<_>>().into_iter());
        self.rmsd_centred(&pick(a), &pick(b))
    }

    /// Distances of each of `a` (rows) from each of `b` (columns), as [`Symmetries::rmsd`].
    ///
    /// # Panics
    /// As [`Symmetries::rmsd`].
    pub fn rmsd_matrix(&self, a: &[Vec<[f64; 3]>], b: &[Vec<[f64; 3]>]) -> Vec<Vec<f64>> {
        let pick = |x: &Vec<[f64; 3]>| centred(self.atoms.iter().map(|&i| x[i]).collect::<Vec<_>>().into_iter());
        let b: Vec<_> = b.iter().map(pick).collect();
        a.iter().map(pick).map(|a| b.iter().map(|b| self.rmsd_centred(&a, b)).collect()).collect()
    }

    /// All atoms of `a` moved to where its heavy atoms are nearest to those of `b`: so far away as [`Symmetries::rmsd`] says.
    ///
    /// # Panics
    /// If there are fewer positions than atoms.
    pub fn superposed(&self, a: &[[f64; 3]], b: &[[f64; 3]]) -> Vec<[f64; 3]> {
        let pick = |x: &[[f64; 3]]| self.atoms.iter().map(|&i| x[i]).collect::<Vec<_>>();
        let mean = |x: &[[f64; 3]]| x.iter().map(|p| Vector3::from(*p)).sum::<Vector3<f64>>() / x.len().max(1) as f64;
        let (heavy, goal) = (pick(a), pick(b));
        let (p, q) = (centred(heavy.iter().copied()), centred(goal.iter().copied()));
        let products =
            |image: &Vec<usize>| p.iter().zip(image).map(|(p, &j)| p * q[j].transpose()).sum::<Matrix3<f64>>();
        let best = self.images.iter().map(products).max_by(|s, t| overlap(s).total_cmp(&overlap(t)));
        let turn = best.map_or_else(UnitQuaternion::identity, |s| rotation(&s));
        let (from, to) = (mean(&heavy), mean(&goal));
        a.iter().map(|x| (turn * (Vector3::from(*x) - from) + to).into()).collect()
    }

    fn rmsd_centred(&self, a: &[Vector3<f64>], b: &[Vector3<f64>]) -> f64 {
        let squares: f64 = a.iter().chain(b).map(|p| p.norm_squared()).sum();
        let most = self
            .images
            .iter()
            .map(|image| overlap(&a.iter().zip(image).map(|(p, &j)| p * b[j].transpose()).sum::<Matrix3<f64>>()))
            .fold(0.0, f64::max);
        ((squares - 2.0 * most).max(0.0) / a.len().max(1) as f64).sqrt()
    }
}

/// The neighbour of an oxygen or nitrogen with no other, if it is bound by a single bond to that one and by a double bond to another, or
/// the other way round.
fn shares_a_double_bond(graph: &Graph, i: usize) -> Option<usize> {
    let only_neighbour = |i: usize| {
        let end = matches!(graph.atoms()[i].element.symbol(), "O" | "N");
        let mut heavy = graph.neighbours(i).iter().filter(|&&(j, _)| !graph.is_plain_hydrogen(j));
        let (&(centre, edge), others) = (heavy.next()?, heavy.next());
        (end && others.is_none()).then_some((centre, graph.edges()[edge].order()))
    };
    let (centre, order) = only_neighbour(i)?;
    let other = match order {
        BondOrder::Single => BondOrder::Double,
        BondOrder::Double => BondOrder::Single,
        BondOrder::Triple | BondOrder::Aromatic => return None,
    };
    let partner = graph.neighbours(centre).iter().any(|&(j, _)| j != i && only_neighbour(j) == Some((centre, other)));
    partner.then_some(centre)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(smiles: &str) -> usize {
        let graph = Graph::from_smiles(smiles).unwrap();
        let heavy = Symmetries::of(&graph).unwrap().count();
        assert_eq!(Symmetries::of(&graph.with_hydrogens()).unwrap().count(), heavy, "{smiles}");
        heavy
    }

    #[test]
    fn symmetries_are_as_many_as_the_molecule_has() {
        let cases = [
            ("C", 1),
            ("CC", 2),
            ("CO", 1),
            ("CC(C)(C)C", 24),
            ("c1ccccc1", 12),
            ("C12C3C4C1C5C2C3C45", 48),
            ("CC(=O)O", 2),
            ("CC(=O)[O-]", 2),
            ("CC(=O)OC", 1),
            ("CC(=O)N", 1),
            ("NC(=N)C", 2),
            ("C[N+](=O)[O-]", 2),
            ("CS(=O)(=O)O", 6),
            ("NCC[NH3+]", 1),
            ("NCCN", 2),
            ("[13CH3]C", 1),
            ("FC(F)(F)c1ccccc1", 12),
            ("CC=CC", 2),
            ("OCC(=O)C(=O)CO", 2),
        ];
        for (smiles, expected) in cases {
            assert_eq!(count(smiles), expected, "{smiles}");
        }
        let neo = "C(C(C)(C)C)(C(C)(C)C)(C(C)(C)C)C(C)(C)C";
        assert_eq!(count(neo), 24 * 6usize.pow(4));
        let more = "C(C(F)(F)F)(C(C)(C)C)(C(C(C)(C)C)(C(C)(C)C)C(C)(C)C)C(C)(C)C";
        assert_eq!(Symmetries::of(&Graph::from_smiles(more).unwrap()).unwrap_err(), TooManySymmetries);
    }

    /// What is left between heavy atoms after superposition, matched as well as they can be, is the distance that was told; hydrogens come along.
    #[test]
    fn superposed_molecules_are_as_far_away_as_was_said() {
        let graph = Graph::from_smiles("CC(=O)O").unwrap().with_hydrogens();
        let symmetries = Symmetries::of(&graph).unwrap();
        let mut random = crate::graph::tests::random(7);
        for _ in 0..20 {
            let mut points = || -> Vec<[f64; 3]> {
                (0..graph.len()).map(|_| std::array::from_fn(|_| random(10_000) as f64 / 2500.0 - 2.0)).collect()
            };
            let (a, b) = (points(), points());
            let moved = symmetries.superposed(&a, &b);
            let left = |order: [usize; 4]| {
                let pairs = order.iter().enumerate().map(|(i, &j)| (moved[i], b[j]));
                let sum: f64 = pairs.flat_map(|(x, y)| (0..3).map(move |k| (x[k] - y[k]).powi(2))).sum();
                (sum / 4.0).sqrt()
            };
            // The oxygens, atoms 2 and 3, count as alike.
            let found = left([0, 1, 2, 3]).min(left([0, 1, 3, 2]));
            assert!((found - symmetries.rmsd(&a, &b)).abs() < 1e-9);
            assert!(crate::superposed_distance2(&a, &moved) < 1e-9, "moved as a whole");
        }
    }

    #[test]
    fn renumbered_conformers_are_the_same_and_mirrored_ones_are_not() {
        // Isobutane without its hydrogens: swapping two methyls nearly undoes a reflection.
        let isobutane = Symmetries::of(&Graph::from_smiles("CC(C)C").unwrap()).unwrap();
        let x = [[0.0, 1.4, 0.3], [0.0, 0.0, 0.0], [1.2, -0.7, 0.3], [-1.2, -0.8, 0.35]];
        let swapped = [x[2], x[1], x[3], x[0]];
        assert!(isobutane.rmsd(&x, &swapped) < 1e-7);
        // One labelled arm each: no way back.
        let chiral = Symmetries::of(&Graph::from_smiles("NC(O)F").unwrap()).unwrap();
        let mirrored = x.map(|[a, b, c]| [a, b, -c]);
        assert!(chiral.rmsd(&x, &mirrored) > 0.1);
        // Turned about the second axis and the methyls swapped, two atoms are left sqrt(0.1^2 + 0.05^2) apart.
        assert!(isobutane.rmsd(&x, &mirrored) < (0.025f64 / 4.0).sqrt());
        // A chain of three, one arm longer by d: after centring, the distances left are those of a straight line.
        let d = 0.3;
        let chain = Symmetries::of(&Graph::from_smiles("NCO").unwrap()).unwrap();
        let straight = chain
            .rmsd(&[[-1.0, 0.0, 0.0], [0.0; 3], [1.0, 0.0, 0.0]], &[[-1.0, 0.0, 0.0], [0.0; 3], [1.0 + d, 0.0, 0.0]]);
        assert!((straight - d * (2.0f64 / 9.0).sqrt()).abs() < 1e-9);
    }
}
