//! SMILES: molecules as lines of text (OpenSMILES specification 1.0, opensmiles.org).
//!
//! Read: organic subset and brackets, isotopes, charges, hydrogens, branches, rings up to `%99`, aromatic atoms, fragments. Marks of stereochemistry
//! (`/`, `\`, `@`, `@@`, `@TH1`, ...) and atom classes are understood, counted and dropped: a graph does not keep them. Not read: `*` and `$`.
//!
//! Written: one text for one molecule, whatever the numbering of its atoms and whichever Kekulé structure was drawn.

mod error;
mod parse;
mod write;

pub use error::SmilesError;
pub use parse::Parsed;

use crate::Element;

/// Elements whose hydrogens need not be written.
const ORGANIC: [&str; 10] = ["B", "C", "N", "O", "P", "S", "F", "Cl", "Br", "I"];

/// Elements that may be written in lower case; those of one letter without a bracket too.
const AROMATIC: [&str; 10] = ["B", "C", "N", "O", "P", "S", "Se", "As", "Te", "Si"];

/// Hydrogens of an atom without bracket whose bonds sum to `bonded`.
fn organic_hydrogens(element: Element, bonded: u32) -> u8 {
    let valences: &[u32] = match element.symbol() {
        "B" => &[3],
        "C" => &[4],
        "N" | "P" => &[3, 5],
        "O" => &[2],
        "S" => &[2, 4, 6],
        _ => &[1],
    };
    valences.iter().find_map(|v| v.checked_sub(bonded)).map_or(0, |h| h as u8)
}

#[cfg(test)]
mod tests {
    use crate::{Graph, Parsed};

    #[test]
    fn broken_text_is_explained_with_its_place() {
        let cases = [
            ("", "expected an atom, found the end at character 1 of \"\""),
            ("CCx", "expected an atom, a bond, a ring number or a parenthesis, found \"x\" at character 3 of \"CCx\""),
            ("CC=", "expected an atom after the bond, found the end at character 4 of \"CC=\""),
            ("=C", "expected an atom, found \"=\" at character 1 of \"=C\""),
            ("C=)C", "expected an atom after the bond, found \")\" at character 3 of \"C=)C\""),
            ("CC(C", "expected \")\", found the end at character 5 of \"CC(C\""),
            ("CC)C", "expected a \"(\" before its \")\", found \")\" at character 3 of \"CC)C\""),
            ("CC()C", "expected an atom or a bond in the branch, found \")\" at character 4 of \"CC()C\""),
            ("C1CC", "expected the other end of each ring bond, found ring 1 left open at character 2 of \"C1CC\""),
            (
                "C11",
                "expected a ring bond between two atoms that are not bound yet, found a bond of an atom with itself at character 3 of \"C11\"",
            ),
            (
                "C1C1",
                "expected a ring bond between two atoms that are not bound yet, found a second bond between two atoms at character 4 of \"C1C1\"",
            ),
            (
                "C=1CC#1",
                "expected a double bond as at the other end of the ring, found a triple bond at character 7 of \"C=1CC#1\"",
            ),
            ("C%1", "expected two digits after \"%\", found \"1\" at character 3 of \"C%1\""),
            ("[C", "expected \"]\", found the end at character 3 of \"[C\""),
            ("[Xx]", "expected the symbol of an element, found \"X\" at character 2 of \"[Xx]\""),
            ("[99999C]", "expected an isotope up to 65535, found \"99999\" at character 2 of \"[99999C]\""),
            ("[C+99]", "expected a charge up to 15, found \"99\" at character 4 of \"[C+99]\""),
            ("C.", "expected an atom after \".\", found the end at character 3 of \"C.\""),
            ("C*", "expected an atom, a bond, a ring number or a parenthesis, found \"*\" at character 2 of \"C*\""),
            ("é", "expected an atom, found \"é\" at character 1 of \"é\""),
        ];
        for (smiles, message) in cases {
            assert_eq!(Graph::from_smiles(smiles).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn impossible_molecules_are_explained_with_their_place() {
        let cases = [
            ("CC(C)(C)(C)C", "\"CC(C)(C)(C)C\", atom at character 2: atom 1 (C) has valence 5; expected at most 4"),
            (
                "cC",
                "\"cC\", atom at character 1: atom 0 is marked aromatic; expected it to be in a ring of aromatic bonds, found none",
            ),
            ("O[He]", "\"O[He]\", atom at character 2: atom 1 (He) has valence 1; expected at most 0"),
        ];
        for (smiles, message) in cases {
            assert_eq!(Graph::from_smiles(smiles).unwrap_err().to_string(), message);
        }
        let pyrrole = Graph::from_smiles("c1cccn1").unwrap_err().to_string();
        assert!(pyrrole.contains("a hydrogen may be missing, as in [nH]"), "{pyrrole}");
    }

    #[test]
    fn stereochemistry_is_counted_and_dropped() {
        let stereo = Parsed::from_smiles("F/C=C/[C@H](Cl)[C@@](Br)(I)[C@TH2](F)(Cl)O").unwrap();
        assert_eq!(stereo.stereo_marks, 5);
        assert_eq!(Some(stereo.graph), Graph::from_smiles("FC=CC(Cl)C(Br)(I)[C](F)(Cl)O").ok());
    }

    /// Whatever the text, there is an answer and no panic.
    #[test]
    fn any_text_gets_an_answer() {
        let alphabet: Vec<char> = "CNOcnos[]()=#-+.:/\\@123%HFClBr5".chars().collect();
        let mut random = crate::graph::tests::random(11);
        let mut valid = 0;
        for _ in 0..20_000 {
            let text: String = (0..1 + random(12)).map(|_| alphabet[random(alphabet.len())]).collect();
            if let Ok(graph) = Graph::from_smiles(&text) {
                let smiles = graph.canonical_smiles();
                let again = Graph::from_smiles(&smiles).unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(again.canonical_smiles(), smiles, "{text}");
                valid += 1;
            }
        }
        assert!(valid > 300, "{valid}");
    }
}
