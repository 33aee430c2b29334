//! Lengths of bonds and angles between them.

use std::collections::BTreeMap;

use super::{AngleKind, BondKind};
use crate::{Bond, Molecule};

/// Length of each bond in Angstrom with its type; bonds of atoms that are not there are left out.
pub fn lengths(molecule: &Molecule, bonds: &[Bond]) -> Vec<(BondKind, f64)> {
    let length = |bond: &Bond| {
        let kind = BondKind::of(molecule, bond)?;
        let [a, b] = bond.atoms.map(|i| molecule.positions.get(i));
        Some((kind, norm(minus(a?, b?))))
    };
    bonds.iter().filter_map(length).collect()
}

/// Angle between every two bonds of an atom in degrees with its type: six in methane.
///
/// atan2(|u x v|, u . v), which is exact near 0 and 180 degrees where the arc cosine is not.
pub fn angles(molecule: &Molecule, bonds: &[Bond]) -> Vec<(AngleKind, f64)> {
    let n = molecule.len().min(molecule.positions.len());
    let mut neighbours = vec![Vec::new(); n];
    for [a, b] in bonds.iter().map(|bond| bond.atoms).filter(|ends| ends.iter().all(|&i| i < n)) {
        neighbours[a].push(b);
        neighbours[b].push(a);
    }
    let mut found = Vec::new();
    for (centre, around) in neighbours.iter().enumerate() {
        for (k, &a) in around.iter().enumerate() {
            for &b in &around[k + 1..] {
                let [u, v] = [a, b].map(|i| minus(&molecule.positions[i], &molecule.positions[centre]));
                let dot: f64 = u.iter().zip(&v).map(|(x, y)| x * y).sum();
                let kind = AngleKind::new(molecule.elements[centre], [molecule.elements[a], molecule.elements[b]]);
                found.push((kind, norm(cross(u, v)).atan2(dot).to_degrees()));
            }
        }
    }
    found
}

/// Dihedral angle of four atoms in a chain in degrees, -180 to 180: 0 if the ends are on one side, and of the sign by which the far end is turned
/// clockwise, seen along the middle bond (IUPAC 1974).
///
/// atan2(|v| u . (v x w), (u x v) . (v x w)) for bonds u, v, w.
pub fn dihedral([a, b, c, d]: [&[f64; 3]; 4]) -> f64 {
    let (u, v, w) = (minus(b, a), minus(c, b), minus(d, c));
    let dot = |p: [f64; 3], q: [f64; 3]| p.iter().zip(&q).map(|(x, y)| x * y).sum::<f64>();
    let far = cross(v, w);
    (norm(v) * dot(u, far)).atan2(dot(cross(u, v), far)).to_degrees()
}

fn cross(u: [f64; 3], v: [f64; 3]) -> [f64; 3] {
    [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn norm(v: [f64; 3]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Lengths and angles of many molecules by type, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// Lengths of bonds in Angstrom.
    pub lengths: BTreeMap<BondKind, Vec<f64>>,
    /// Angles between bonds in degrees.
    pub angles: BTreeMap<AngleKind, Vec<f64>>,
}

impl Shapes {
    /// Adds a molecule with these bonds.
    pub fn add(&mut self, molecule: &Molecule, bonds: &[Bond]) {
        for (kind, length) in lengths(molecule, bonds) {
            self.lengths.entry(kind).or_default().push(length);
        }
        for (kind, angle) in angles(molecule, bonds) {
            self.angles.entry(kind).or_default().push(angle);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bonds::perceive;
    use crate::{BondOrder, BondTable, Element};

    /// Methane with bonds of this length: hydrogens on four corners of a cube.
    pub(in crate::geometry) fn methane(length: f64) -> (Molecule, Vec<Bond>) {
        let h = length / 3f64.sqrt();
        let molecule = Molecule {
            elements: [vec![Element::C], vec![Element::H; 4]].concat(),
            positions: vec![[0.0; 3], [h, h, h], [h, -h, -h], [-h, h, -h], [-h, -h, h]],
            ..Molecule::default()
        };
        let bonds = (1..5).map(|h| Bond { atoms: [0, h], order: BondOrder::Single }).collect();
        (molecule, bonds)
    }

    #[test]
    fn methane_is_a_tetrahedron() {
        let (molecule, bonds) = methane(1.09);
        assert!(
            lengths(&molecule, &bonds).iter().all(|(kind, d)| kind.to_string() == "C-H" && (d - 1.09).abs() < 1e-12)
        );
        let found = angles(&molecule, &bonds);
        assert_eq!(found.len(), 6);
        let tetrahedral = (-1.0f64 / 3.0).acos().to_degrees();
        assert!(found.iter().all(|(kind, a)| kind.to_string() == "H-C-H" && (a - tetrahedral).abs() < 1e-12));
        assert!(lengths(&molecule, &[Bond { atoms: [0, 9], order: BondOrder::Single }]).is_empty());
    }

    #[test]
    fn straight_and_right_angles_are_exact() {
        let mut molecule = Molecule { elements: vec![Element::H, Element::C, Element::N], ..Molecule::default() };
        let bonds =
            [Bond { atoms: [0, 1], order: BondOrder::Single }, Bond { atoms: [1, 2], order: BondOrder::Triple }];
        molecule.positions = vec![[0.0, 0.0, -1.06], [0.0; 3], [0.0, 0.0, 1.15]];
        assert_eq!(angles(&molecule, &bonds)[0].1, 180.0);
        molecule.positions[2] = [1.15, 0.0, 0.0];
        assert_eq!(angles(&molecule, &bonds)[0].1, 90.0);
        // Near 180 degrees the arc cosine would lose half of the digits.
        let tiny = 1e-9f64;
        molecule.positions[2] = [tiny.sin(), 0.0, tiny.cos()];
        assert!((180.0 - angles(&molecule, &bonds)[0].1 - tiny.to_degrees()).abs() < 1e-13);
    }

    /// Shapes of the bundled sample of QM9.
    pub(in crate::geometry) fn qm9() -> (Shapes, Vec<(Molecule, Vec<Bond>)>) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/molecules/qm9.parquet");
        let (records, _) = crate::files::read_all(path).unwrap();
        let mut shapes = Shapes::default();
        let all: Vec<_> = records
            .into_iter()
            .map(|r| {
                let bonds = perceive(&r.molecule, BondTable::edm());
                (r.molecule, bonds)
            })
            .collect();
        all.iter().for_each(|(molecule, bonds)| shapes.add(molecule, bonds));
        (shapes, all)
    }

    #[test]
    fn lengths_of_the_sample_are_those_of_qm9() {
        let (shapes, _) = qm9();
        // Means and deviations over QM9's test part [Angstrom], the means with half of a last digit.
        for (name, mean, deviation) in [
            ("C-H", 1.093, 0.007),
            ("C-C", 1.521, 0.035),
            ("C=O", 1.206, 0.009),
            ("O-H", 0.9645, 0.003),
            ("N-H", 1.013, 0.006),
            ("C#N", 1.156, 0.002),
        ] {
            let found = shapes.lengths.iter().find(|(kind, _)| kind.to_string() == name).unwrap().1;
            let n = found.len() as f64;
            let average = found.iter().sum::<f64>() / n;
            // Bonds of one molecule are alike: count molecules at most.
            let error = 5e-4 + 4.0 * deviation / n.min(400.0).sqrt();
            assert!(n > 10.0 && (average - mean).abs() < error, "{name}: {average} of {n}, expected {mean} +- {error}");
        }
        assert!(shapes.angles.values().flatten().all(|a| (0.0..=180.0).contains(a)));
    }

    /// Ends at known angles about the z axis, seen along it; a mirror image has the other sign.
    #[test]
    fn dihedrals_are_the_angles_about_the_middle_bond() {
        for degrees in [-179.0f64, -90.0, -60.0, 0.0, 30.0, 120.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            // The axis points away from who looks, so that clockwise is from x to -y.
            let chain = [[1.0, 0.0, 0.3], [0.0, 0.0, 0.0], [0.0, 0.0, -1.5], [0.8 * cos, -0.8 * sin, -1.9]];
            let [a, b, c, d] = &chain;
            assert!((dihedral([a, b, c, d]) - degrees).abs() < 1e-9, "{degrees}");
            assert!((dihedral([d, c, b, a]) - degrees).abs() < 1e-9, "{degrees}");
            let mirrored = chain.map(|[x, y, z]| [x, -y, z]);
            let [a, b, c, d] = &mirrored;
            assert!((dihedral([a, b, c, d]) + degrees).abs() < 1e-9, "{degrees}");
        }
    }
}
