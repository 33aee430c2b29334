//! N-subjettiness tau_N = sum_i pT_i min_k Delta R(i, axis k)^beta / sum_i pT_i (Thaler and Van Tilburg, arXiv:1011.2268, eq. 2.1, R0 = 1):
//! how well N axes explain a jet.
//!
//! The axes are those of exclusive kT clustering without beam distance, d_ij = min(pT_i, pT_j)^2 Delta R_ij^2, stopped at N
//! pseudojets (ibid., section 2.2).

use clustering::{Algorithm, FourVector, JetDefinition};

use crate::observables::{Particle, distance, power, ratio, sum_pt, wide};

/// How two pseudojets become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recombination {
    /// Four-momenta add (the E scheme).
    #[default]
    Sum,
    /// pT adds, the direction is that of the harder one (arXiv:1310.7584): axes insensitive to recoil.
    WinnerTakesAll,
}

impl From<Recombination> for clustering::Recombination {
    fn from(recombination: Recombination) -> clustering::Recombination {
        match recombination {
            Recombination::Sum => clustering::Recombination::EScheme,
            Recombination::WinnerTakesAll => clustering::Recombination::WinnerTakesAll,
        }
    }
}

/// tau_1, tau_2, tau_3 and their ratios.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Subjettiness {
    /// tau_N for N = 1, 2, 3; 0 for jets with at most N constituents.
    pub tau: [f64; 3],
}

impl Subjettiness {
    /// From the constituents of a jet, with axes recombined as said; `beta` weighs the angles (1 is usual).
    pub fn of(particles: &[Particle], recombination: Recombination, beta: f64) -> Subjettiness {
        let total = sum_pt(particles);
        let axes = kt_axes(particles, recombination);
        let tau = axes.map(|axes| {
            let nearest = |p: &Particle| axes.iter().map(|&a| distance(wide(p), a)).fold(f64::INFINITY, f64::min);
            if axes.len() >= particles.len() {
                return 0.0;
            }
            ratio(particles.iter().map(|p| f64::from(p[2]) * power(nearest(p), beta)).sum(), total)
        });
        Subjettiness { tau }
    }

    /// tau_2 / tau_1, small for two-pronged jets (W, Z); 0 where tau_1 vanishes.
    pub fn tau21(&self) -> f64 {
        ratio(self.tau[1], self.tau[0])
    }

    /// tau_3 / tau_2, small for three-pronged jets (top); 0 where tau_2 vanishes.
    pub fn tau32(&self) -> f64 {
        ratio(self.tau[2], self.tau[1])
    }
}

/// The pseudojets (rapidity, azimuth, pT) left when exclusive kT clustering arrives at 1, 2 and 3; fewer if there are fewer constituents.
pub fn kt_axes(particles: &[Particle], recombination: Recombination) -> [Vec<[f64; 3]>; 3] {
    let momenta: Vec<FourVector> = particles.iter().map(|p| FourVector::massless(wide(p))).collect();
    let definition = JetDefinition { recombination: recombination.into(), ..JetDefinition::whole(Algorithm::Kt) };
    // Particles of a file are finite (`jetnet` refuses others); what no clustering takes has no axes.
    let Ok(sequence) = definition.cluster(&momenta) else { return Default::default() };
    [1, 2, 3].map(|n| {
        let jets = sequence.exclusive_jets(n.min(particles.len())).unwrap_or_default();
        jets.iter().map(|jet| &sequence.pseudojets()[jet.index]).map(|p| [p.rapidity, p.phi, p.pt()]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `prongs` tight groups of five constituents each, `spread` wide, at distances of order one.
    fn pronged(prongs: usize, spread: f32) -> Vec<Particle> {
        let centres = [[0.0f32, 0.3], [-0.4, -0.2], [0.35, -0.3]];
        let mut out = Vec::new();
        for (c, centre) in centres.iter().take(prongs).enumerate() {
            for k in 0..5 {
                let angle = (k + 3 * c) as f32 * 1.3;
                out.push([
                    centre[0] + spread * angle.sin(),
                    centre[1] + spread * angle.cos(),
                    0.05 + 0.01 * k as f32 + 0.05 * c as f32,
                ]);
            }
        }
        out
    }

    #[test]
    fn n_prongs_are_explained_by_n_axes() {
        for recombination in [Recombination::Sum, Recombination::WinnerTakesAll] {
            let two = Subjettiness::of(&pronged(2, 0.01), recombination, 1.0);
            assert!(two.tau21() < 0.1, "{two:?}");
            let three = Subjettiness::of(&pronged(3, 0.01), recombination, 1.0);
            // Two axes still leave one of three groups unexplained.
            assert!(three.tau32() < 0.1 && three.tau21() > 0.2, "{three:?}");
        }
    }

    #[test]
    fn the_axes_of_separate_groups_are_the_sums_of_their_momenta() {
        let p = pronged(3, 0.01);
        let mut axes = kt_axes(&p, Recombination::Sum)[2].clone();
        let mut sums: Vec<_> =
            p.chunks(5).map(|g| g.iter().map(|q| FourVector::massless(wide(q))).sum::<FourVector>()).collect();
        axes.sort_by(|a, b| a[0].total_cmp(&b[0]));
        sums.sort_by(|a, b| a.rapidity().total_cmp(&b.rapidity()));
        for (axis, sum) in axes.iter().zip(&sums) {
            assert!(distance(*axis, [sum.rapidity(), sum.phi(), 0.0]) < 1e-12);
            assert!((axis[2] - sum.pt()).abs() < 1e-12);
        }
    }

    #[test]
    fn the_single_axis_is_the_jet_momentum_whatever_the_order() {
        let mut p = pronged(3, 0.2);
        let sum = crate::observables::momentum(&p);
        let first = kt_axes(&p, Recombination::Sum)[0][0];
        assert!(distance(first, [sum.rapidity(), sum.phi(), 0.0]) < 1e-12);
        let before = Subjettiness::of(&p, Recombination::Sum, 1.0);
        p.reverse();
        let after = Subjettiness::of(&p, Recombination::Sum, 1.0);
        for (a, b) in before.tau.iter().zip(after.tau) {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn two_constituents_with_the_winner_as_axis_have_the_softer_share_times_the_distance() {
        let p: [Particle; 2] = [[0.25, 0.0, 0.75], [-0.25, 0.0, 0.25]];
        let s = Subjettiness::of(&p, Recombination::WinnerTakesAll, 1.0);
        assert!((s.tau[0] - 0.25 * 0.5).abs() < 1e-12);
        assert_eq!(s.tau[1..], [0.0, 0.0]);
        let squared = Subjettiness::of(&p, Recombination::WinnerTakesAll, 2.0);
        assert!((squared.tau[0] - 0.25 * 0.25).abs() < 1e-12);
    }

    #[test]
    fn clustering_merges_the_pair_with_the_smallest_distance_found_by_search() {
        let p = pronged(3, 0.15);
        // With n constituents and n - 1 axes the pair merged first is the global minimum; take n = 4 for three axes.
        for start in 0..p.len() - 4 {
            let four = &p[start..start + 4];
            let mut best = (f64::INFINITY, 0, 0);
            for i in 0..4 {
                for j in 0..i {
                    let d = f64::from(four[i][2].min(four[j][2])) * distance(wide(&four[i]), wide(&four[j]));
                    if d < best.0 {
                        best = (d, i, j);
                    }
                }
            }
            let merged = FourVector::massless(wide(&four[best.1])) + FourVector::massless(wide(&four[best.2]));
            let axes = &kt_axes(four, Recombination::Sum)[2];
            assert!(axes.iter().any(|a| distance(*a, [merged.rapidity(), merged.phi(), 0.0]) < 1e-9));
        }
    }

    #[test]
    fn jets_with_few_constituents_have_no_subjettiness_left() {
        for n in 0..=1 {
            let s = Subjettiness::of(&pronged(1, 0.1)[..n], Recombination::Sum, 1.0);
            assert_eq!((s.tau, s.tau21(), s.tau32()), ([0.0; 3], 0.0, 0.0));
        }
    }
}
