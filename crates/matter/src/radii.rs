//! Covalent radii (Cordero et al., Dalton Trans. 2008, 2832, table 2).

use crate::Element;

/// Radii from hydrogen to curium in pm; carbon is sp3, manganese, iron and cobalt are low-spin.
const RADII: [u16; 96] = [
    31, 28, 128, 96, 84, 76, 71, 66, 57, 58, 166, 141, 121, 111, 107, 105, 102, 106, 203, 176, 170, 160, 153, 139, 139,
    132, 126, 124, 132, 122, 122, 120, 119, 120, 120, 116, 220, 195, 190, 175, 164, 154, 147, 146, 142, 139, 145, 144,
    142, 139, 139, 138, 139, 140, 244, 215, 207, 204, 203, 201, 199, 198, 198, 196, 194, 192, 192, 189, 190, 187, 187,
    175, 170, 162, 151, 144, 141, 136, 136, 132, 145, 146, 148, 140, 150, 150, 260, 221, 215, 206, 200, 196, 190, 187,
    180, 169,
];

impl Element {
    /// Covalent radius in Angstrom; that of curium for what is heavier, of which none was measured.
    pub fn covalent_radius(self) -> f64 {
        f64::from(RADII[usize::from(self.number() - 1).min(RADII.len() - 1)]) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radii_add_up_to_known_bond_lengths() {
        // Gas phase, CRC Handbook: Cl2 1.988, HCl 1.275, C-C of ethane 1.535, Br2 2.281, H2O 0.958, I2 2.666 Angstrom.
        for (a, b, length) in [
            ("Cl", "Cl", 1.988),
            ("H", "Cl", 1.275),
            ("C", "C", 1.535),
            ("Br", "Br", 2.281),
            ("O", "H", 0.958),
            ("I", "I", 2.666),
        ] {
            let [a, b] = [a, b].map(|s| Element::from_symbol(s).unwrap().covalent_radius());
            assert!((a + b - length).abs() < 0.13, "{a} + {b} is far from {length}");
        }
        assert_eq!(Element::from_number(96).unwrap().covalent_radius(), 1.69);
        assert_eq!(Element::from_number(118).unwrap().covalent_radius(), 1.69);
    }
}
