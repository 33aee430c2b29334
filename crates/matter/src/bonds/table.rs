//! Tables of typical bond lengths, each with a name that never changes its meaning.
//!
//! Stability is a property of a molecule and of a table: figures by different tables cannot be compared, which is why
//! every table has a name, and why a better one comes beside the old ones instead of in their place.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::edm;
use crate::{BondOrder, Element};

/// Orders that a length can have, in the order of [`Pair::lengths`].
const ORDERS: [BondOrder; 3] = [BondOrder::Single, BondOrder::Double, BondOrder::Triple];

/// Typical lengths of the bonds between two elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The elements, in any order.
    pub elements: [Element; 2],
    /// Length of a single, a double and a triple bond in pm; none where there is no such bond.
    pub lengths: [Option<f64>; 3],
}

/// Typical bond lengths, their margins, and the valences that make an atom stable.
///
/// Atoms at distance d are bonded if d < L1 + m1; doubly if also d < L2 + m2; triply if also d < L3 + m3
/// (Hoogeboom et al., arXiv:2203.17003, appendix D).
#[derive(Clone, Debug)]
pub struct BondTable {
    name: String,
    source: String,
    /// Row of each atomic number in `limits` and `valences`; none for elements that the table lacks.
    rows: HashMap<Element, usize>,
    /// L + m in pm for the orders of two rows; the first order that is missing ends the list.
    limits: Vec<[Option<f64>; 3]>,
    valences: Vec<Vec<u8>>,
}

static EDM: LazyLock<BondTable> = LazyLock::new(|| {
    let source = "github.com/ehoogeboom/e3_diffusion_for_molecules, qm9/bond_analyze.py, commit d28fd52 (2022)";
    BondTable::new("edm-2022", source, &edm::pairs(), edm::MARGINS, &edm::valences())
});

impl BondTable {
    /// Names of the tables that are built in.
    pub const NAMES: [&'static str; 1] = ["edm-2022"];

    /// A table of these pairs, margins in pm of the three orders, and allowed sums of bond orders.
    pub fn new(
        name: &str,
        source: &str,
        pairs: &[Pair],
        margins: [f64; 3],
        valences: &[(Element, Vec<u8>)],
    ) -> BondTable {
        let mut rows = HashMap::new();
        let elements = pairs.iter().flat_map(|p| p.elements).chain(valences.iter().map(|v| v.0));
        for element in elements {
            let next = rows.len();
            rows.entry(element).or_insert(next);
        }
        let n = rows.len();
        let mut limits = vec![[None; 3]; n * n];
        for pair in pairs {
            let [a, b] = pair.elements.map(|e| rows[&e]);
            let mut orders = [None; 3];
            for k in 0..3 {
                orders[k] = pair.lengths[k].map(|length| length + margins[k]);
            }
            (limits[a * n + b], limits[b * n + a]) = (orders, orders);
        }
        let mut allowed = vec![Vec::new(); n];
        for (element, sums) in valences {
            allowed[rows[element]].clone_from(sums);
        }
        BondTable { name: name.to_string(), source: source.to_string(), rows, limits, valences: allowed }
    }

    /// The table of EDM, which published stabilities on QM9 use: [`BondTable::by_name`] of `edm-2022`.
    pub fn edm() -> &'static BondTable {
        &EDM
    }

    /// A table that is built in, if one has this name.
    pub fn by_name(name: &str) -> Option<&'static BondTable> {
        (name == EDM.name).then_some(&*EDM)
    }

    /// Its name; the same name always means the same numbers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the numbers are from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the table knows bonds or valences of an element.
    pub fn knows(&self, element: Element) -> bool {
        self.rows.contains_key(&element)
    }

    /// Sums of bond orders that make an atom of this element stable; none for an element that the table lacks.
    pub fn allowed_valences(&self, element: Element) -> &[u8] {
        self.rows.get(&element).map_or(&[], |&row| &self.valences[row])
    }

    /// Atoms at this distance in Angstrom or farther apart are not bonded, whatever their elements.
    pub fn longest(&self) -> f64 {
        self.limits.iter().filter_map(|limits| limits[0]).fold(0.0, f64::max) / 100.0
    }

    /// Order of the bond between atoms of two elements at a distance in Angstrom; none if they are not bonded.
    pub fn order(&self, a: Element, b: Element, distance: f64) -> Option<BondOrder> {
        let (&a, &b) = (self.rows.get(&a)?, self.rows.get(&b)?);
        let picometres = 100.0 * distance;
        let limits = &self.limits[a * self.rows.len() + b];
        let reached = limits.iter().take_while(|limit| limit.is_some_and(|limit| picometres < limit)).count();
        reached.checked_sub(1).map(|k| ORDERS[k])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_between_the_limits_of_edm_have_their_orders() {
        let table = BondTable::edm();
        let of = |a: &str, b: &str, pm: f64| {
            let [a, b] = [a, b].map(|s| Element::from_symbol(s).unwrap());
            let order = table.order(a, b, pm / 100.0);
            assert_eq!(order, table.order(b, a, pm / 100.0));
            order.map_or(0, |o| o as u8 + 1)
        };
        // Just below and above L + margin.
        for (a, b, limits) in [
            ("C", "C", [164.0, 139.0, 123.0]),
            ("C", "N", [157.0, 134.0, 119.0]),
            ("C", "O", [153.0, 125.0, 116.0]),
            ("N", "N", [155.0, 130.0, 113.0]),
        ] {
            for (k, limit) in limits.into_iter().enumerate() {
                assert_eq!((of(a, b, limit - 0.01), of(a, b, limit + 0.01)), (k as u8 + 1, k as u8), "{a} {b} {limit}");
            }
        }
        assert_eq!((of("N", "O", 125.9), of("N", "O", 90.0), of("N", "O", 126.1)), (2, 2, 1));
        assert_eq!((of("H", "H", 10.0), of("H", "H", 84.1), of("C", "F", 144.9)), (1, 0, 1));
        // Beyond QM9: no length is known for two elements, and elements without a row.
        assert_eq!(
            (of("C", "S", 164.9), of("S", "P", 190.9), of("As", "C", 100.0), of("Xe", "F", 100.0)),
            (2, 2, 0, 0)
        );
        assert_eq!(table.order(Element::C, Element::C, f64::NAN), None);
    }

    #[test]
    fn a_table_is_found_by_its_name_and_says_where_it_is_from() {
        for name in BondTable::NAMES {
            let table = BondTable::by_name(name).unwrap();
            assert_eq!(table.name(), name);
            assert!(table.source().contains("bond_analyze.py"));
        }
        assert!(BondTable::by_name("edm").is_none());
        let table = BondTable::edm();
        assert_eq!(table.allowed_valences(Element::N), [3]);
        assert_eq!(table.allowed_valences(Element::from_symbol("P").unwrap()), [3, 5]);
        assert!(table.allowed_valences(Element::from_symbol("Xe").unwrap()).is_empty());
        // Valences without lengths are a row too.
        assert!(table.knows(Element::from_symbol("Bi").unwrap()) && !table.knows(Element::from_symbol("Xe").unwrap()));
    }
}
