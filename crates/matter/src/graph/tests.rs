//! Identity, valences and aromaticity against RDKit's answers, and against numbering, drawing and symmetry.

use std::collections::BTreeMap;

use super::*;

/// SMILES, RDKit's canonical SMILES, hydrogens, aromatic atoms.
fn samples() -> Vec<(&'static str, &'static str, usize, usize)> {
    let text = include_str!("../../tests/data/smiles.tsv");
    let row = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        (fields[0], fields[1], fields[2].parse().unwrap(), fields[3].parse().unwrap())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

fn read(smiles: &str) -> Graph {
    Graph::from_smiles(smiles).unwrap_or_else(|e| panic!("{e}"))
}

fn canonical(smiles: &str) -> String {
    read(smiles).canonical_smiles()
}

/// Numbers at random, the same every time.
pub(crate) fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    }
}

fn shuffled(n: usize, random: &mut impl FnMut(usize) -> usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    (1..n).rev().for_each(|i| places.swap(i, random(i + 1)));
    places
}

#[test]
fn hydrogens_and_aromatic_atoms_are_those_of_rdkit() {
    for (smiles, _, hydrogens, aromatic) in samples() {
        let graph = read(smiles).with_hydrogens();
        assert_eq!(graph.atoms().iter().filter(|a| a.element == Element::H).count(), hydrogens, "{smiles}");
        assert_eq!(graph.atoms().iter().filter(|a| a.aromatic).count(), aromatic, "{smiles}");
    }
}

#[test]
fn molecules_are_the_same_exactly_where_rdkit_says_so() {
    let mut classes: BTreeMap<String, &str> = BTreeMap::new();
    let mut others = std::collections::BTreeSet::new();
    for (smiles, other, ..) in samples() {
        let ours = canonical(smiles);
        assert_eq!(canonical(other), ours, "{smiles}");
        assert_eq!(*classes.entry(ours).or_insert(other), other, "{smiles}");
        others.insert(other);
    }
    assert_eq!(classes.len(), others.len());
}

#[test]
fn what_is_written_is_read_back_as_the_same() {
    for (smiles, ..) in samples() {
        let graph = read(smiles);
        let text = graph.canonical_smiles();
        let again = read(&text);
        assert_eq!(again.canonical_smiles(), text, "{smiles}");
        assert_eq!((again.len(), again.edges().len()), (graph.len(), graph.edges().len()), "{smiles}");
        let explicit = graph.with_hydrogens();
        assert_eq!(canonical(&explicit.canonical_smiles()), explicit.canonical_smiles(), "{smiles}");
        assert_eq!(explicit.without_hydrogens().canonical_smiles(), read(&text).without_hydrogens().canonical_smiles());
    }
}

#[test]
fn identity_does_not_depend_on_the_numbering() {
    let mut random = random(3);
    for (smiles, ..) in samples() {
        let graph = read(smiles).with_hydrogens();
        let text = graph.canonical_smiles();
        for _ in 0..4 {
            let places = shuffled(graph.len(), &mut random);
            let moved = graph.permuted(&places);
            assert_eq!(moved.canonical_smiles(), text, "{smiles} {places:?}");
            // The canonical ranks lay one over the other.
            let (mut ours, mut theirs) =
                (graph.permuted(&graph.canonical_ranks()), moved.permuted(&moved.canonical_ranks()));
            for g in [&mut ours, &mut theirs] {
                g.edges.iter_mut().filter(|e| e.aromatic).for_each(|e| e.kekule = BondOrder::Single);
                g.edges.sort_by_key(|e| e.atoms);
            }
            assert_eq!((ours.atoms, ours.edges), (theirs.atoms, theirs.edges), "{smiles}");
        }
    }
}

#[test]
fn drawings_of_one_molecule_are_one_molecule() {
    let same = [
        ["C1=CC=CC=C1C", "C1C=CC=CC=1C"],
        ["CC1=C(Cl)C=CC=C1", "CC1=CC=CC=C1Cl"],
        ["CN(=O)=O", "C[N+](=O)[O-]"],
        ["CN=[N+]=[N-]", "CN=N#N"],
        ["OCl(=O)(=O)=O", "O[Cl+3]([O-])([O-])[O-]"],
        ["[H]OC", "CO[H]"],
        ["C%12CC%12", "C1CC1"],
        ["C=1CCC1", "C1CCC=1"],
        ["C[C@H](N)C(=O)O", "C[C@@H](C(O)=O)N"],
        ["F/C=C/F", "F/C=C\\F"],
        ["[CH3:7][OH]", "CO"],
        ["C(C)(C)C", "CC(C)C"],
        ["O=n1ccccc1", "[O-][n+]1ccccc1"],
    ];
    for [a, b] in same {
        assert_eq!(canonical(a), canonical(b));
    }
}

#[test]
fn molecules_that_nearly_agree_are_told_apart() {
    // Neighbours of neighbours do not tell the first three pairs apart, only whole rings do; then tautomers, isotopes, charges, radicals.
    let different = [
        ["C1CCC2CCCCC2C1", "C1CCCC1C1CCCC1"],
        ["C12C3C4C1C5C2C3C45", "C12C3C4C1C1C4C3C12.C"],
        ["P12P3P1P4P2P34", "P12P3P4P1P3P24"],
        ["C1=CC=C1C", "C1=C(C)C=C1C"],
        ["CC1=C(C)C=CC=CC=C1", "CC1=CC=CC=CC=C1C"],
        ["Oc1ccccn1", "O=c1cccc[nH]1"],
        ["C", "[13CH4]"],
        ["CC(=O)O", "CC(=O)[O-]"],
        ["[CH3]", "C"],
        ["CC=O", "C=CO"],
        ["c1ncc[nH]1", "c1cnc[nH]1"],
    ];
    for [a, b] in &different[..10] {
        assert_ne!(canonical(a), canonical(b));
    }
    // One tautomer of imidazole, though it does not look it.
    let [a, b] = different[10];
    assert_eq!(canonical(a), canonical(b));
}

#[test]
fn what_atoms_cannot_do_is_refused() {
    let carbon = Element::C;
    let hydrogen = Element::H;
    let bond = |a, b, order| Bond { atoms: [a, b], order };
    let single = |a, b| bond(a, b, BondOrder::Single);
    let five = Graph::new(
        &[carbon, hydrogen, hydrogen, hydrogen, hydrogen, hydrogen],
        &[],
        &[1, 2, 3, 4, 5].map(|k| single(0, k)),
    );
    assert_eq!(five.unwrap_err().to_string(), "atom 0 (C) has valence 5; expected at most 4");
    let refused = |result: Result<Graph, Invalid>| result.unwrap_err();
    let ammonium = [Element::N, hydrogen, hydrogen, hydrogen, hydrogen];
    let four: Vec<Bond> = (1..5).map(|k| single(0, k)).collect();
    assert!(matches!(refused(Graph::new(&ammonium, &[], &four)), Invalid::Valence { atom: 0, valence: 4, .. }));
    assert_eq!(Graph::new(&ammonium, &[1, 0, 0, 0, 0], &four).unwrap().canonical_smiles(), "[N+]([H])([H])([H])[H]");
    assert!(matches!(refused(Graph::new(&[carbon; 2], &[], &[single(0, 2)])), Invalid::Bond { bond: 0, atoms: 2, .. }));
    assert!(matches!(refused(Graph::new(&[carbon; 2], &[], &[single(1, 1)])), Invalid::Bond { .. }));
    assert!(matches!(
        refused(Graph::new(&[carbon; 2], &[], &[single(0, 1), single(1, 0)])),
        Invalid::Bond { bond: 1, .. }
    ));
    assert!(matches!(refused(Graph::new(&[carbon; 2], &[1], &[])), Invalid::Charges { charges: 1, atoms: 2 }));
    let loose = Graph::new(&[carbon; 2], &[], &[bond(0, 1, BondOrder::Aromatic)]);
    assert_eq!(refused(loose), Invalid::NoRing { atom: 0 });
    let molecule = Molecule { elements: vec![carbon], positions: vec![[0.0; 3]], ..Molecule::default() };
    assert_eq!(Graph::from_molecule(&molecule).unwrap_err(), Invalid::Unknown);
}

#[test]
fn bonds_alone_make_the_molecule() {
    // Benzene with all its hydrogens, by aromatic bonds and by single and double ones.
    let elements = [[Element::C; 6], [Element::H; 6]].concat();
    let ring = |order: fn(usize) -> BondOrder| {
        let around = (0..6).map(move |k| Bond { atoms: [k, (k + 1) % 6], order: order(k) });
        let out = (0..6).map(|k| Bond { atoms: [k, k + 6], order: BondOrder::Single });
        around.chain(out).collect::<Vec<_>>()
    };
    let drawn = [
        ring(|_| BondOrder::Aromatic),
        ring(|k| if k % 2 == 0 { BondOrder::Single } else { BondOrder::Double }),
        ring(|k| if k % 2 == 1 { BondOrder::Single } else { BondOrder::Double }),
    ];
    for bonds in drawn {
        let graph = Graph::new(&elements, &[], &bonds).unwrap();
        assert_eq!(graph.without_hydrogens().canonical_smiles(), "c1ccccc1");
        assert_eq!(graph.canonical_smiles(), read("c1ccccc1").with_hydrogens().canonical_smiles());
    }
    // A missing hydrogen is filled in, and remembered as not having been there.
    let lacking = Graph::new(&elements[..11], &[], &ring(|_| BondOrder::Aromatic)[..11]).unwrap();
    assert_eq!(lacking.without_hydrogens().canonical_smiles(), "c1ccccc1");
    assert_ne!(lacking.canonical_smiles(), read("c1ccccc1").with_hydrogens().canonical_smiles());
}

#[test]
fn the_largest_fragment_is_the_first_of_those_with_most_atoms() {
    let salt = read("O.CC.[Na+].CO");
    assert_eq!(salt.components(), [0, 1, 1, 2, 3, 3]);
    assert_eq!(salt.largest_fragment().canonical_smiles(), "CC");
    assert_eq!(salt.fragments().len(), 4);
    assert_eq!(Graph::default().largest_fragment().canonical_smiles(), "");
}

#[test]
fn rings_are_as_many_as_the_literature_counts() {
    // Cubane has 5 in a smallest set but 6 that are alike; norbornane 2; C60 12 pentagons and 20 hexagons.
    let c60 = samples().into_iter().find(|s| s.3 == 60).unwrap().0;
    for (smiles, count) in [("C12C3C4C1C5C2C3C45", 6), ("C1CC2CCC1C2", 2), ("C1CC2CCC1CC2", 3), ("CCC", 0), (c60, 32)] {
        assert_eq!(read(smiles).relevant_cycles(24).len(), count, "{smiles}");
    }
    let rings = read(c60).relevant_cycles(24);
    assert_eq!(rings.iter().filter(|r| r.atoms.len() == 5).count(), 12);
    let biphenyl = read("c1ccccc1-c1ccccc1");
    assert_eq!(biphenyl.ring_edges().iter().filter(|&&r| !r).count(), 1);
}
