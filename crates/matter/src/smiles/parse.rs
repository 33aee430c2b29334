//! Reading SMILES.

use super::{AROMATIC, ORGANIC, SmilesError, organic_hydrogens};
use crate::graph::{Atom, Graph, Invalid};
use crate::{Bond, BondOrder, Element};

/// A molecule that was read, and what was dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The molecule.
    pub graph: Graph,
    /// Marks of stereochemistry, which the graph does not keep.
    pub stereo_marks: usize,
}

impl Graph {
    /// The molecule of a SMILES, without its stereochemistry.
    ///
    /// ```
    /// let caffeine = matter::Graph::from_smiles("Cn1c(=O)c2c(ncn2C)n(C)c1=O")?;
    /// assert_eq!((caffeine.len(), caffeine.with_hydrogens().len()), (14, 24));
    ///
    /// let error = matter::Graph::from_smiles("CC(=O").unwrap_err();
    /// assert_eq!(error.to_string(), r#"expected ")", found the end at character 6 of "CC(=O""#);
    /// # Ok::<(), matter::SmilesError>(())
    /// ```
    ///
    /// # Errors
    /// [`SmilesError`] for a text that breaks the grammar, and for a molecule that cannot be.
    pub fn from_smiles(smiles: &str) -> Result<Graph, SmilesError> {
        Parsed::from_smiles(smiles).map(|parsed| parsed.graph)
    }
}

impl Parsed {
    /// As [`Graph::from_smiles`], with the count of what was dropped.
    ///
    /// # Errors
    /// As [`Graph::from_smiles`].
    pub fn from_smiles(smiles: &str) -> Result<Parsed, SmilesError> {
        let mut parser = Parser::new(smiles);
        parser.read()?;
        let Parser { atoms, bonds, stereo_marks, .. } = parser;
        let place = |source: Invalid| {
            let atom = match &source {
                Invalid::Valence { atom, .. } | Invalid::NoRing { atom } => Some(*atom),
                Invalid::Kekule { atoms } => atoms.first().copied(),
                _ => None,
            };
            let position = atom.map(|a: usize| atoms[a].position + 1);
            SmilesError::Invalid { smiles: smiles.into(), position, source }
        };
        let graph = assemble(&atoms, bonds).map_err(place)?;
        Ok(Parsed { graph, stereo_marks })
    }
}

/// Counts hydrogens of atoms without brackets once the double bonds are placed.
fn assemble(atoms: &[Written], bonds: Vec<Joined>) -> Result<Graph, Invalid> {
    let plain: Vec<Bond> = bonds.iter().map(|b| Bond { atoms: b.atoms, order: b.order }).collect();
    let rings = Graph::join(atoms.iter().map(|a| a.atom).collect(), &plain)?.ring_edges();
    let plain: Vec<Bond> = bonds
        .iter()
        .zip(rings)
        // Between two aromatic rings an unwritten bond is single.
        .map(|(b, ring)| Bond { atoms: b.atoms, order: if b.unwritten && !ring { BondOrder::Single } else { b.order } })
        .collect();
    let mut graph = Graph::join(atoms.iter().map(|a| a.atom).collect(), &plain)?;
    graph.kekulise()?;
    for (i, written) in atoms.iter().enumerate() {
        if !written.bracket {
            graph.atoms_mut()[i].hydrogens = organic_hydrogens(written.atom.element, graph.bonded(i));
        }
    }
    graph.finish()
}

struct Written {
    atom: Atom,
    bracket: bool,
    position: usize,
}

struct Joined {
    atoms: [usize; 2],
    order: BondOrder,
    /// Nothing was written between two aromatic atoms.
    unwritten: bool,
}

/// A ring bond that waits for its other end.
struct Open {
    number: u32,
    atom: usize,
    order: Option<BondOrder>,
    position: usize,
}

struct Parser<'a> {
    smiles: &'a str,
    text: Vec<char>,
    at: usize,
    atoms: Vec<Written>,
    bonds: Vec<Joined>,
    rings: Vec<Open>,
    stereo_marks: usize,
}

impl<'a> Parser<'a> {
    fn new(smiles: &'a str) -> Parser<'a> {
        let text = smiles.chars().collect();
        Parser { smiles, text, at: 0, atoms: vec![], bonds: vec![], rings: vec![], stereo_marks: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, c: char) -> bool {
        let is = self.peek() == Some(c);
        self.at += usize::from(is);
        is
    }

    fn fail<T>(&self, expected: impl Into<String>) -> Result<T, SmilesError> {
        let found = self.peek().map_or("the end".into(), |c| format!("{:?}", c.to_string()));
        self.fail_at(self.at, expected, found)
    }

    fn fail_at<T>(&self, at: usize, expected: impl Into<String>, found: impl Into<String>) -> Result<T, SmilesError> {
        let (expected, found) = (expected.into(), found.into());
        Err(SmilesError::Syntax { smiles: self.smiles.into(), position: at + 1, expected, found })
    }

    fn read(&mut self) -> Result<(), SmilesError> {
        // The atom to bind to, and those to come back to, with the places of their parentheses.
        let mut last: Option<usize> = None;
        let mut branches: Vec<(Option<usize>, usize)> = vec![];
        let mut pending: Option<BondOrder> = None;
        while let Some(c) = self.peek() {
            let bond_waits = pending.is_some();
            match c {
                '(' if last.is_some() && !bond_waits => {
                    branches.push((last, self.at));
                    self.at += 1;
                    if matches!(self.peek(), Some('(' | ')') | None) {
                        return self.fail("an atom or a bond in the branch");
                    }
                }
                ')' if !branches.is_empty() && !bond_waits && last.is_some() => {
                    last = branches.pop().and_then(|(atom, _)| atom);
                    self.at += 1;
                }
                ')' if branches.is_empty() && !bond_waits => {
                    return self.fail("a \"(\" before its \")\"");
                }
                '.' if last.is_some() && !bond_waits => {
                    self.at += 1;
                    last = None;
                    if self.peek().is_none() {
                        return self.fail("an atom after \".\"");
                    }
                }
                '-' | '=' | '#' | ':' | '/' | '\\' if last.is_some() && !bond_waits => {
                    self.stereo_marks += usize::from(matches!(c, '/' | '\\'));
                    pending = Some(match c {
                        '=' => BondOrder::Double,
                        '#' => BondOrder::Triple,
                        ':' => BondOrder::Aromatic,
                        _ => BondOrder::Single,
                    });
                    self.at += 1;
                }
                '0'..='9' | '%' if last.is_some() => {
                    self.ring(last.expect("just asked"), pending.take())?;
                }
                _ => {
                    let atom = self.atom(last.is_some(), bond_waits)?;
                    if let Some(before) = last {
                        self.bind(before, atom, pending.take());
                    }
                    last = Some(atom);
                }
            }
        }
        if pending.is_some() {
            return self.fail("an atom after the bond");
        }
        if !branches.is_empty() {
            return self.fail("\")\"");
        }
        if let Some(open) = self.rings.first() {
            let found = format!("ring {} left open", open.number);
            return self.fail_at(open.position, "the other end of each ring bond", found);
        }
        if self.atoms.is_empty() {
            return self.fail("an atom");
        }
        Ok(())
    }

    fn bind(&mut self, a: usize, b: usize, order: Option<BondOrder>) {
        let aromatic = self.atoms[a].atom.aromatic && self.atoms[b].atom.aromatic;
        let usual = if aromatic { BondOrder::Aromatic } else { BondOrder::Single };
        self.bonds.push(Joined { atoms: [a, b], order: order.unwrap_or(usual), unwritten: order.is_none() });
    }

    fn ring(&mut self, atom: usize, order: Option<BondOrder>) -> Result<(), SmilesError> {
        let position = self.at;
        let number = if self.take('%') {
            let digits: String = self.text[self.at..].iter().take(2).collect();
            match digits.parse() {
                Ok(number) if digits.len() == 2 => {
                    self.at += 2;
                    number
                }
                _ => return self.fail("two digits after \"%\""),
            }
        } else {
            self.at += 1;
            self.text[position].to_digit(10).expect("the caller saw a digit")
        };
        let Some(k) = self.rings.iter().position(|open| open.number == number) else {
            self.rings.push(Open { number, atom, order, position });
            return Ok(());
        };
        let open = self.rings.remove(k);
        let pair = [open.atom, atom];
        let bound = self.bonds.iter().any(|b| b.atoms == pair || b.atoms == [atom, open.atom]);
        if open.atom == atom || bound {
            let found = if bound { "a second bond between two atoms" } else { "a bond of an atom with itself" };
            return self.fail_at(position, "a ring bond between two atoms that are not bound yet", found);
        }
        if let (Some(one), Some(other)) = (open.order, order)
            && one != other
        {
            let found = format!("a {} bond", name(other));
            return self.fail_at(position, format!("a {} bond as at the other end of the ring", name(one)), found);
        }
        self.bind(open.atom, atom, open.order.or(order));
        Ok(())
    }

    fn atom(&mut self, after_atom: bool, after_bond: bool) -> Result<usize, SmilesError> {
        let position = self.at;
        let (atom, bracket) = if self.take('[') {
            (self.bracket()?, true)
        } else {
            let Some((element, aromatic)) = self.symbol(|symbol, aromatic| {
                if aromatic { AROMATIC.contains(&symbol) && symbol.len() == 1 } else { ORGANIC.contains(&symbol) }
            }) else {
                return self.fail(match (after_atom, after_bond) {
                    (_, true) => "an atom after the bond",
                    (true, _) => "an atom, a bond, a ring number or a parenthesis",
                    (false, _) => "an atom",
                });
            };
            (Atom { element, charge: 0, isotope: 0, hydrogens: 0, aromatic }, false)
        };
        self.atoms.push(Written { atom, bracket, position });
        Ok(self.atoms.len() - 1)
    }

    /// The longest symbol here that passes, and whether it is in lower case.
    fn symbol(&mut self, passes: impl Fn(&str, bool) -> bool) -> Option<(Element, bool)> {
        for length in [2, 1] {
            let Some(text) = self.text.get(self.at..self.at + length) else { continue };
            let text: String = text.iter().collect();
            let aromatic = text.starts_with(|c: char| c.is_ascii_lowercase());
            let mut symbol = text;
            if aromatic {
                symbol[..1].make_ascii_uppercase();
            }
            if let Some(element) = Element::from_symbol(&symbol)
                && passes(&symbol, aromatic)
            {
                self.at += length;
                return Some((element, aromatic));
            }
        }
        None
    }

    /// `isotope? symbol chiral? hydrogens? charge? class? ]`
    fn bracket(&mut self) -> Result<Atom, SmilesError> {
        let isotope = self.number(u16::MAX.into(), "an isotope up to 65535")?.unwrap_or(0) as u16;
        let Some((element, aromatic)) = self.symbol(|symbol, aromatic| !aromatic || AROMATIC.contains(&symbol)) else {
            return self.fail("the symbol of an element");
        };
        if self.take('@') {
            self.stereo_marks += 1;
            if !self.take('@') {
                self.chiral_class()?;
            }
        }
        let mut hydrogens = 0;
        if self.take('H') {
            // OpenSMILES wants [H][H] for [HH], which others write nevertheless.
            hydrogens = self.number(9, "at most 9 hydrogens")?.unwrap_or(1) as u8;
        }
        let charge = self.charge()?;
        if self.take(':') && self.number(u32::MAX, "an atom class")?.is_none() {
            return self.fail("the number of an atom class");
        }
        if !self.take(']') {
            return self.fail("\"]\"");
        }
        Ok(Atom { element, charge, isotope, hydrogens, aromatic })
    }

    /// What follows `@`: nothing, or one of the classes with its number.
    fn chiral_class(&mut self) -> Result<(), SmilesError> {
        let class: String = self.text[self.at..].iter().take(2).collect();
        if let "TH" | "AL" | "SP" | "TB" | "OH" = class.as_str() {
            self.at += 2;
            if self.number(30, "a number up to 30")?.is_none() {
                return self.fail(format!("a number after @{class}"));
            }
        }
        Ok(())
    }

    fn charge(&mut self) -> Result<i8, SmilesError> {
        let sign = match self.peek() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return Ok(0),
        };
        let symbol = self.text[self.at];
        self.at += 1;
        if let Some(number) = self.number(15, "a charge up to 15")? {
            return Ok(sign * number as i8);
        }
        let mut charge = 1;
        while charge < 15 && self.take(symbol) {
            charge += 1;
        }
        Ok(sign * charge)
    }

    fn number(&mut self, most: u32, expected: &str) -> Result<Option<u32>, SmilesError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.text[start..self.at].iter().collect();
        match digits.parse::<u32>() {
            Ok(number) if number <= most => Ok(Some(number)),
            _ if digits.is_empty() => Ok(None),
            _ => self.fail_at(start, expected, format!("{digits:?}")),
        }
    }
}

fn name(order: BondOrder) -> &'static str {
    match order {
        BondOrder::Single => "single",
        BondOrder::Double => "double",
        BondOrder::Triple => "triple",
        BondOrder::Aromatic => "aromatic",
    }
}
