//! Between molecules and the numbers that a network learns: positions in units of a length, one-hot elements and nuclear charges, both
//! scaled down (Hoogeboom et al., arXiv:2203.17003, section 3.2 and appendix C).

use matter::{Element, Molecule};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::recipe::EncodingSection;

/// Columns of a position.
pub const SPACE: usize = 3;

/// Between molecules and codes; fitted to training molecules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoleculeEncoding {
    /// Atomic numbers of the elements, ascending: one column each.
    pub elements: Vec<u8>,
    /// Angstrom per unit of a position.
    pub positions: f64,
    /// What one-hot elements are divided by.
    pub one_hot: f64,
    /// What nuclear charges are divided by; 0 if there is no such column.
    pub charges: f64,
    /// Root mean square of the codes: of positions about their centre, of elements, of charges.
    pub spread: [f64; 3],
    /// How many training molecules have so many atoms: `sizes[n]` of `n`.
    pub sizes: Vec<u64>,
    /// What the network is told besides.
    #[serde(default)]
    pub properties: Vec<Property>,
}

/// A property of molecules as a condition: `(value - mean)/deviation`, with the mean absolute deviation as in EDM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Property {
    /// Its name in the files.
    pub name: String,
    /// Mean of the training molecules.
    pub mean: f64,
    /// Their mean absolute deviation.
    pub deviation: f64,
    /// Their least and largest value.
    pub range: [f64; 2],
}

impl Property {
    /// Fitted to the values of training molecules; none if there are none, or all are alike.
    pub fn fit(name: &str, values: &[f64]) -> Option<Property> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let deviation = values.iter().map(|v| (v - mean).abs()).sum::<f64>() / n;
        let range = values.iter().fold([f64::MAX, f64::MIN], |[low, high], v| [low.min(*v), high.max(*v)]);
        (deviation > 0.0 && deviation.is_finite()).then(|| Property { name: name.into(), mean, deviation, range })
    }
}

/// A molecule in codes.
#[derive(Clone, Debug, PartialEq)]
pub struct MoleculeRow {
    /// Column of each atom's element.
    pub elements: Vec<u8>,
    /// Positions about their centre, three numbers per atom; of latent points if there are latent features.
    pub positions: Vec<f32>,
    /// Values of the properties, one for each or none.
    pub properties: Vec<f64>,
    /// Latent features in place of element and charge, as many for each atom; nothing in a molecule's own codes.
    pub latent: Vec<f32>,
}

impl MoleculeRow {
    /// Number of atoms.
    pub fn atoms(&self) -> usize {
        self.elements.len()
    }
}

impl MoleculeEncoding {
    /// The encoding of a recipe, fitted to molecules; none without atoms.
    pub fn fit<'a>(
        section: &EncodingSection,
        molecules: impl Iterator<Item = &'a Molecule> + Clone,
    ) -> Option<MoleculeEncoding> {
        let mut counts = [0u64; 256];
        let (mut sizes, mut squares) = (Vec::new(), 0.0);
        for molecule in molecules.filter(|m| !m.is_empty()) {
            sizes.resize(sizes.len().max(molecule.len() + 1), 0);
            sizes[molecule.len()] += 1;
            molecule.elements.iter().for_each(|element| counts[usize::from(element.number())] += 1);
            squares += centred(&molecule.positions).iter().flatten().map(|x| x * x).sum::<f64>();
        }
        let atoms: u64 = counts.iter().sum();
        let numbers: Vec<u8> = (1..=255).filter(|&z| counts[usize::from(z)] > 0).collect();
        if atoms == 0 {
            return None;
        }
        let charge: f64 = numbers.iter().map(|&z| counts[usize::from(z)] as f64 * f64::from(z).powi(2)).sum();
        let positions = (squares / (SPACE as f64 * atoms as f64)).sqrt() / section.positions;
        let spread = [
            // A single atom has no spread.
            if positions > 0.0 { positions } else { 1.0 },
            (1.0 / numbers.len() as f64).sqrt() / section.elements,
            if section.charges > 0.0 { (charge / atoms as f64).sqrt() / section.charges } else { 1.0 },
        ];
        Some(MoleculeEncoding {
            elements: numbers,
            positions: section.positions,
            one_hot: section.elements,
            charges: section.charges,
            spread,
            sizes,
            properties: Vec::new(),
        })
    }

    /// Whether the numbers can be used, for one that was read from a file.
    pub fn is_valid(&self) -> bool {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let known = |z: &u8| Element::from_number(*z).is_some();
        !self.elements.is_empty()
            && self.elements.iter().all(known)
            && positive(self.positions)
            && positive(self.one_hot)
            && self.charges >= 0.0
            && self.charges.is_finite()
            && self.spread.into_iter().all(positive)
            && self.sizes.iter().skip(1).any(|&n| n > 0)
            && self.properties.iter().all(|p| positive(p.deviation) && p.mean.is_finite())
    }

    /// Symbols of the elements.
    pub fn symbols(&self) -> Vec<&'static str> {
        self.elements.iter().filter_map(|&z| Element::from_number(z)).map(Element::symbol).collect()
    }

    /// Columns besides the positions.
    pub fn features(&self) -> usize {
        self.elements.len() + usize::from(self.charges > 0.0)
    }

    /// The columns of a molecule's own codes.
    pub fn layout(&self) -> Layout {
        Layout { widths: [self.elements.len(), usize::from(self.charges > 0.0)], spread: self.spread }
    }

    /// All columns of a molecule's own codes.
    pub fn columns(&self) -> usize {
        SPACE + self.features()
    }

    /// Columns of the condition: for each property its value, and whether it is told.
    pub fn conditions(&self) -> usize {
        2 * self.properties.len()
    }

    /// Appends a molecule's condition; a property that is not told is zero in both columns.
    pub fn push_condition(&self, condition: &mut Vec<f32>, values: impl Fn(usize) -> Option<f64>) {
        for (i, property) in self.properties.iter().enumerate() {
            let told = values(i).map(|value| ((value - property.mean) / property.deviation) as f32);
            condition.extend([told.unwrap_or(0.0), f32::from(u8::from(told.is_some()))]);
        }
    }

    /// The molecule in codes, or the first of its elements that has no column.
    pub fn encode(&self, molecule: &Molecule) -> Result<MoleculeRow, Element> {
        let column = |element: &Element| self.elements.iter().position(|z| *z == element.number()).ok_or(*element);
        let elements = molecule.elements.iter().map(|e| column(e).map(|c| c as u8)).collect::<Result<_, _>>()?;
        let positions = centred(&molecule.positions).into_iter().flatten().map(|x| (x / self.positions) as f32);
        Ok(MoleculeRow { elements, positions: positions.collect(), properties: Vec::new(), latent: Vec::new() })
    }

    /// Appends a row's codes: for each atom its position, its element and its charge; or its latent features after the position.
    pub fn push_codes(&self, codes: &mut Vec<f32>, row: &MoleculeRow) {
        if !row.latent.is_empty() {
            let features = row.latent.chunks_exact(row.latent.len() / row.atoms());
            for (position, features) in row.positions.chunks_exact(SPACE).zip(features) {
                codes.extend(position.iter().chain(features));
            }
            return;
        }
        for (position, &element) in row.positions.chunks_exact(SPACE).zip(&row.elements) {
            codes.extend_from_slice(position);
            let one = |column: usize| if column == usize::from(element) { (1.0 / self.one_hot) as f32 } else { 0.0 };
            codes.extend((0..self.elements.len()).map(one));
            if self.charges > 0.0 {
                codes.push((f64::from(self.elements[usize::from(element)]) / self.charges) as f32);
            }
        }
    }

    /// The molecule of these codes: of each atom's elements the one with the largest code. None if a number is not finite.
    pub fn decode(&self, codes: &[f32]) -> Option<Molecule> {
        if codes.iter().any(|code| !code.is_finite()) {
            return None;
        }
        let mut molecule = Molecule::default();
        for atom in codes.chunks_exact(self.columns()) {
            molecule.positions.push([0, 1, 2].map(|k| f64::from(atom[k]) * self.positions));
            let one_hot = &atom[SPACE..SPACE + self.elements.len()];
            let (column, _) = one_hot.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
            molecule.elements.push(Element::from_number(self.elements[column])?);
        }
        Some(molecule)
    }

    /// The number of atoms below which a fraction `u` of the training molecules lie.
    pub fn size(&self, u: f64) -> usize {
        let total: u64 = self.sizes.iter().skip(1).sum();
        let mut left = u * total as f64;
        for (n, &count) in self.sizes.iter().enumerate().skip(1) {
            left -= count as f64;
            if left < 0.0 {
                return n;
            }
        }
        self.largest()
    }

    /// Most atoms of a training molecule.
    pub fn largest(&self) -> usize {
        self.sizes.len().saturating_sub(1)
    }
}

/// Positions about their unweighted mean.
fn centred(positions: &[[f64; SPACE]]) -> Vec<[f64; SPACE]> {
    let count = positions.len().max(1) as f64;
    let centre = [0, 1, 2].map(|k| positions.iter().map(|x| x[k]).sum::<f64>() / count);
    positions.iter().map(|x| [0, 1, 2].map(|k| x[k] - centre[k])).collect()
}
