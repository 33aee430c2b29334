//! Molecules as JSON.

use matter::{Bond, BondOrder, Element, Graph};
use serde_json::Value;

/// The graph of `{"elements": [...], "charges": [...], "bonds": [[a, b, order], ...]}`.
pub fn graph(value: &Value) -> Result<Graph, String> {
    let integers =
        |value: &Value| -> Vec<i64> { value.as_array().into_iter().flatten().filter_map(Value::as_i64).collect() };
    let element =
        |z: i64| u8::try_from(z).ok().and_then(Element::from_number).ok_or(format!("{z} is no atomic number"));
    let elements = integers(&value["elements"]).into_iter().map(element).collect::<Result<Vec<_>, _>>()?;
    let charges: Vec<i8> = integers(&value["charges"]).into_iter().map(|q| q as i8).collect();
    let bond = |value: &Value| {
        let [a, b, order] = integers(value)[..] else {
            return Err(format!("expected [atom, atom, order], found {value}"));
        };
        let order = match order {
            1 => BondOrder::Single,
            2 => BondOrder::Double,
            3 => BondOrder::Triple,
            4 => BondOrder::Aromatic,
            _ => return Err(format!("expected a bond order from 1 to 4, found {order}")),
        };
        Ok(Bond { atoms: [a as usize, b as usize], order })
    };
    let bonds = value["bonds"].as_array().into_iter().flatten().map(bond).collect::<Result<Vec<_>, _>>()?;
    Graph::new(&elements, &charges, &bonds).map_err(|e| e.to_string())
}
