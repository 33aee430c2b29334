//! How well molecules survive an autoencoder, and how near its networks are to the identity on positions.
//!
//! For a network from positions `x` to `y`, over all molecules: the relative difference `|y - x|/|x|`, and, with the best scale
//! `s = (x, y)/(x, x)`, the part of `y` that it explains, `R^2 = 1 - |y - s x|^2/|y|^2`.

use matter::Molecule;
use matter::bonds::{BondTable, Stability, perceive};
use serde::{Deserialize, Serialize};

use super::coder::Coder;
use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow};

/// What became of molecules that were encoded and decoded, from the encoder's means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reconstruction {
    /// Molecules.
    pub molecules: usize,
    /// Share of atoms with the right element, 0 to 1.
    pub elements: f64,
    /// Root mean square deviation of a molecule's positions in Angstrom, the mean over molecules.
    pub rmsd: f64,
    /// Share of stable molecules before and after.
    pub stable: [f64; 2],
    /// Of those that were stable before, the share that still is; nothing if there were none.
    pub still_stable: Option<f64>,
    /// The encoder, from positions to latent points.
    pub encoder: Identity,
    /// The decoder, from latent points to positions.
    pub decoder: Identity,
}

/// How near a network is to the identity on positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// `|y - x|/|x|`.
    pub difference: f64,
    /// The best scale `s`.
    pub scale: f64,
    /// `R^2` after it.
    pub r2: f64,
}

impl Identity {
    /// Of numbers before and after.
    pub fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Identity {
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in pairs {
            (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        }
        let scale = xy / xx;
        Identity {
            difference: ((yy - 2.0 * xy + xx).max(0.0) / xx).sqrt(),
            scale,
            r2: 1.0 - (yy - 2.0 * scale * xy + scale * scale * xx).max(0.0) / yy,
        }
    }
}

impl Reconstruction {
    /// Of molecules in codes, which must have been held out for the figures to mean anything; none without molecules, or if a figure is not
    /// finite, as for single atoms, which have no positions about their centre.
    pub fn of(coder: &Coder, encoding: &MoleculeEncoding, rows: &[MoleculeRow]) -> Option<Reconstruction> {
        let latents = coder.encode(rows);
        let codes = |rows: &[MoleculeRow]| -> Vec<Vec<f32>> {
            let of = |row: &MoleculeRow| {
                let mut codes = Vec::new();
                encoding.push_codes(&mut codes, row);
                codes
            };
            rows.iter().map(of).collect()
        };
        let decoded = coder.decode(&codes(&latents));
        let pairs: Vec<(Molecule, Molecule)> = codes(rows)
            .iter()
            .zip(&decoded)
            .filter_map(|(before, after)| Some((encoding.decode(before)?, encoding.decode(after)?)))
            .collect();
        let atoms: usize = pairs.iter().map(|(molecule, _)| molecule.len()).sum();
        if atoms == 0 {
            return None;
        }
        let count = pairs.len() as f64;
        let right = |(a, b): &(Molecule, Molecule)| a.elements.iter().zip(&b.elements).filter(|(a, b)| a == b).count();
        let stable: Vec<[bool; 2]> = pairs.iter().map(|(a, b)| [a, b].map(is_stable)).collect();
        let both = stable.iter().filter(|[before, after]| *before && *after).count() as f64;
        let share = |k: usize| stable.iter().filter(|stable| stable[k]).count() as f64 / count;
        let [before, after] = [share(0), share(1)];
        let columns = encoding.layout().columns();
        let position = |codes: &[f32]| -> Vec<f64> {
            codes.chunks_exact(columns).flat_map(|atom| [0, 1, 2].map(|k| f64::from(atom[k]))).collect()
        };
        let numbers = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let triple = rows.iter().zip(&latents).zip(&decoded);
        let (mut encoder, mut decoder) = (Vec::new(), Vec::new());
        for ((row, latent), decoded) in triple {
            encoder.extend(numbers(&row.positions).into_iter().zip(numbers(&latent.positions)));
            decoder.extend(numbers(&latent.positions).into_iter().zip(position(decoded)));
        }
        let found = Reconstruction {
            molecules: pairs.len(),
            elements: pairs.iter().map(right).sum::<usize>() as f64 / atoms as f64,
            rmsd: pairs.iter().map(|(a, b)| deviation(a, b)).sum::<f64>() / count,
            stable: [before, after],
            still_stable: (before > 0.0).then(|| both / (before * count)),
            encoder: Identity::of(encoder.into_iter()),
            decoder: Identity::of(decoder.into_iter()),
        };
        found.scalars().iter().all(|(_, value)| value.is_finite()).then_some(found)
    }

    /// Names and values, as a run's log has them.
    pub fn scalars(&self) -> Vec<(&'static str, f64)> {
        let mut all = vec![
            ("elements_right", self.elements),
            ("rmsd", self.rmsd),
            ("stable", self.stable[1]),
            ("encoder_difference", self.encoder.difference),
            ("encoder_r2", self.encoder.r2),
            ("decoder_difference", self.decoder.difference),
            ("decoder_r2", self.decoder.r2),
        ];
        all.extend(self.still_stable.map(|share| ("still_stable", share)));
        all
    }

    /// For people, two lines.
    pub fn text(&self) -> String {
        let still =
            self.still_stable.map_or("none was stable".into(), |s| format!("{:.2} % of stable stay so", 100.0 * s));
        let identity = |name: &str, i: &Identity| {
            format!("{name} |y - x|/|x| = {:.4}, R2 = {:.5} at scale {:.4}", i.difference, i.r2, i.scale)
        };
        format!(
            "autoencoder, {} molecules held out: {:.3} % of elements right, {:.4} A RMSD, {still}\n  {}; {}",
            self.molecules,
            100.0 * self.elements,
            self.rmsd,
            identity("encoder", &self.encoder),
            identity("decoder", &self.decoder)
        )
    }
}

fn is_stable(molecule: &Molecule) -> bool {
    let table = BondTable::edm();
    Stability::of_bonds(&molecule.elements, &perceive(molecule, table), table).stable_molecule
}

/// Root mean square deviation of positions, which have one centre and one orientation.
fn deviation(a: &Molecule, b: &Molecule) -> f64 {
    let square = |(a, b): (&[f64; 3], &[f64; 3])| (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>();
    (a.positions.iter().zip(&b.positions).map(square).sum::<f64>() / a.len().max(1) as f64).sqrt()
}
