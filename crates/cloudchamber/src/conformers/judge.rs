//! Coverage and matching of generated conformers; see [`matter::Coverage`].

use matter::{Coverage, Symmetries};

use super::Ensemble;

/// The scores of conformers generated for a molecule against its own. None without either, or if the molecule has too many symmetries or a
/// generated position is not finite.
pub fn judge(molecule: &Ensemble, generated: &[Vec<[f64; 3]>], delta: f64) -> Option<Coverage> {
    if generated.iter().flatten().flatten().any(|x| !x.is_finite()) {
        return None;
    }
    let symmetries = Symmetries::of(&molecule.graph).ok()?;
    Coverage::of(&symmetries.rmsd_matrix(&molecule.conformers, generated), delta)
}
