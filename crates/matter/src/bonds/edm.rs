//! EDM's typical bond lengths: facts of its `qm9/bond_analyze.py` (MIT; arXiv:2203.17003, tables 4 to 6), which took them
//! from wiredchemist.com ("Common bond energies and lengths") and chemistry-reference.com ("Bond lengths and enthalpies").
//!
//! The margins were tuned there until the molecules of QM9 themselves came out as stable as possible. Between two elements that
//! have no entry there is no bond, as EDM has it for GEOM; among those of QM9 there is an entry for every pair.

use super::table::Pair;
use crate::Element;

/// Margins of single, double and triple bonds (pm).
pub(super) const MARGINS: [f64; 3] = [10.0, 5.0, 3.0];

/// Single bonds (pm): an element, then elements with the length of their bond to it.
const SINGLE: [(&str, &str); 12] = [
    ("H", "H 74 C 109 N 101 O 96 F 92 B 119 Si 148 P 144 As 152 S 134 Cl 127 Br 141 I 161"),
    ("C", "C 154 N 147 O 143 F 135 Si 185 P 184 S 182 Cl 177 Br 194 I 214"),
    ("N", "N 145 O 140 F 136 P 177 S 168 Cl 175 Br 214 I 222"),
    ("O", "O 148 F 142 Si 163 P 163 S 151 Cl 164 Br 172 I 194"),
    ("F", "F 142 Si 160 P 156 S 158 Cl 166 Br 178 I 187"),
    ("B", "Cl 175"),
    ("Si", "Si 233 S 200 Cl 202 Br 215 I 243"),
    ("P", "P 221 S 210 Cl 203 Br 222"),
    ("S", "S 204 Cl 207 Br 225 I 234"),
    ("Cl", "Cl 199 Br 214"),
    ("Br", "Br 228"),
    ("I", "I 266"),
];
/// Double bonds (pm).
const DOUBLE: [(&str, &str); 4] =
    [("C", "C 134 N 129 O 120 S 160"), ("N", "N 125 O 121"), ("O", "O 121 P 150"), ("P", "S 186")];
/// Triple bonds (pm).
const TRIPLE: [(&str, &str); 2] = [("C", "C 120 N 116 O 113"), ("N", "N 110")];

/// Sums of bond orders of stable atoms.
const VALENCES: &str = "H 1 C 4 N 3 O 2 F 1 B 3 Al 3 Si 4 P 3,5 S 4 Cl 1 As 3 Br 1 I 1 Hg 1,2 Bi 3,5";

/// An element of the tables above, which name no others.
fn element(symbol: &str) -> Option<Element> {
    let element = Element::from_symbol(symbol);
    debug_assert!(element.is_some(), "{symbol}");
    element
}

/// Words of a table by twos: a symbol and what stands behind it.
fn entries(row: &str) -> impl Iterator<Item = (Element, &str)> {
    let words: Vec<&str> = row.split(' ').collect();
    words.chunks_exact(2).filter_map(|pair| Some((element(pair[0])?, pair[1]))).collect::<Vec<_>>().into_iter()
}

/// All pairs that have a single bond; double and triple ones are among them.
pub(super) fn pairs() -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (k, table) in [&SINGLE[..], &DOUBLE[..], &TRIPLE[..]].into_iter().enumerate() {
        for (first, row) in table {
            for (second, length) in entries(row) {
                let Some(first) = element(first) else { continue };
                let elements = [first, second];
                let reversed = [second, first];
                let known = pairs.iter_mut().find(|p| p.elements == elements || p.elements == reversed);
                let length = length.parse().ok();
                match known {
                    Some(pair) => pair.lengths[k] = length,
                    None => pairs.push(Pair { elements, lengths: [length, None, None] }),
                }
            }
        }
    }
    pairs
}

/// Allowed sums of bond orders.
pub(super) fn valences() -> Vec<(Element, Vec<u8>)> {
    entries(VALENCES).map(|(e, sums)| (e, sums.split(',').filter_map(|n| n.parse().ok()).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_complete_and_every_higher_bond_is_shorter() {
        let pairs = pairs();
        let count = |k: usize| pairs.iter().filter(|p| p.lengths[k].is_some()).count();
        // EDM's dictionaries: 64 unordered pairs with a single bond, 9 with a double, 4 with a triple.
        assert_eq!((count(0), count(1), count(2)), (64, 9, 4));
        for pair in &pairs {
            let limits: Vec<f64> = (0..3).filter_map(|k| pair.lengths[k].map(|l| l + MARGINS[k])).collect();
            assert!(limits.windows(2).all(|w| w[1] < w[0]), "{pair:?}");
        }
        assert_eq!(valences().len(), 16);
        assert!(valences().iter().all(|v| !v.1.is_empty()));
        // Every pair of QM9's elements is there.
        let qm9 = [Element::H, Element::C, Element::N, Element::O, Element::F];
        for (i, a) in qm9.into_iter().enumerate() {
            for b in &qm9[i..] {
                assert!(pairs.iter().any(|p| p.elements == [a, *b] || p.elements == [*b, a]), "{a} {b}");
            }
        }
    }
}
