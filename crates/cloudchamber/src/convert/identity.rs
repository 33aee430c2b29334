//! Which particles columns are about, by the names that columns have in tables of collisions.

/// Masses of leptons in GeV (Particle Data Group, 2024), for tables that leave them out.
pub const MASSES: [(i32, f64); 3] = [(11, 0.000_510_998_95), (13, 0.105_658_375_5), (15, 1.776_93)];

/// What the name of a group of columns says about the particles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// This PDG id.
    Known(i32),
    /// A charged lepton: this PDG id for charge -1, the opposite for charge +1.
    Lepton(i32),
    /// Nothing.
    Unknown,
}

impl Identity {
    /// The identity that a name stands for: `mu1`, `Muon`, `jet`, `j2`, `photons`, ...
    ///
    /// Of numbered leptons, the first is the negative one and the second the positive one (`mu1`, `mu2`).
    pub fn of(name: &str) -> Identity {
        let lower = name.to_ascii_lowercase();
        let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        let number: Option<u32> = lower[stem.len()..].parse().ok();
        let stem = stem.trim_end_matches('_');
        let identity = match stem {
            "mu" | "muon" | "muons" => Identity::Lepton(13),
            "e" | "el" | "ele" | "electron" | "electrons" => Identity::Lepton(11),
            "tau" | "taus" => Identity::Lepton(15),
            "mum" | "muminus" | "mu_minus" => Identity::Known(13),
            "mup" | "muplus" | "mu_plus" => Identity::Known(-13),
            "em" | "eminus" | "e_minus" => Identity::Known(11),
            "ep" | "eplus" | "e_plus" => Identity::Known(-11),
            "photon" | "photons" | "gamma" | "ph" | "pho" => Identity::Known(22),
            "j" | "jet" | "jets" | "fatjet" | "fatjets" => Identity::Known(21),
            _ => Identity::Unknown,
        };
        match (identity, number) {
            (Identity::Lepton(id), Some(1)) => Identity::Known(id),
            (Identity::Lepton(id), Some(2)) => Identity::Known(-id),
            (identity, _) => identity,
        }
    }
}

/// Mass of a particle whose table gives none: that of a charged lepton, or 0.
pub fn mass(pdg: i32) -> f64 {
    MASSES.iter().find(|(id, _)| *id == pdg.abs()).map_or(0.0, |(_, mass)| *mass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_understood_as_physicists_mean_them() {
        for (name, expected) in [
            ("mu1", Identity::Known(13)),
            ("mu2", Identity::Known(-13)),
            ("Muon", Identity::Lepton(13)),
            ("mu3", Identity::Lepton(13)),
            ("Electron", Identity::Lepton(11)),
            ("j3", Identity::Known(21)),
            ("Jet", Identity::Known(21)),
            ("jet_1", Identity::Known(21)),
            ("photons", Identity::Known(22)),
            ("mu_plus", Identity::Known(-13)),
            ("MET", Identity::Unknown),
            ("Z", Identity::Unknown),
            ("", Identity::Unknown),
        ] {
            assert_eq!(Identity::of(name), expected, "{name}");
        }
    }
}
