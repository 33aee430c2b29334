//! N-subjettiness: how well N axes explain a jet (Thaler and Van Tilburg, arXiv:1011.2268 eq. 2.1, arXiv:1108.2701),
//!
//! ```text
//! tau_N = sum_i pT_i min_k Delta R(i, axis k)^beta / (sum_i pT_i R0^beta)
//! ```
//!
//! Axes come from exclusive kT clustering stopped at N pseudojets, and may then be moved to a local minimum of tau_N. One step of that
//! ("one pass" is all steps from one start) gives every particle to its nearest axis and moves each axis to the mean of its particles with weights
//! pT Delta R^(beta - 2) (arXiv:1108.2701; for beta = 2 Lloyd's algorithm, for beta = 1 Weiszfeld's).

use crate::fourvector::wrap_phi;
use crate::pseudojet::distance2;
use crate::{Algorithm, ClusterSequence, Clusterer, Error, FourVector, JetDefinition, PseudoJet, Recombination};

/// Where the axes come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axes {
    /// Exclusive kT jets in the E scheme.
    #[default]
    Kt,
    /// Exclusive kT jets where the winner takes all.
    WinnerTakesAllKt,
    /// The first, moved to a local minimum of tau_N.
    OnePassKt,
    /// The second, moved to a local minimum of tau_N.
    OnePassWinnerTakesAllKt,
}

impl Axes {
    fn recombination(self) -> Recombination {
        match self {
            Axes::Kt | Axes::OnePassKt => Recombination::EScheme,
            Axes::WinnerTakesAllKt | Axes::OnePassWinnerTakesAllKt => Recombination::WinnerTakesAll,
        }
    }

    fn minimised(self) -> bool {
        matches!(self, Axes::OnePassKt | Axes::OnePassWinnerTakesAllKt)
    }
}

/// The measure and its axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NSubjettiness {
    /// The power of the angle, positive; 1 is usual.
    pub beta: f64,
    /// The radius in the denominator, positive; 1 leaves it out.
    pub r0: f64,
    /// Where the axes come from.
    pub axes: Axes,
}

impl Default for NSubjettiness {
    fn default() -> NSubjettiness {
        NSubjettiness { beta: 1.0, r0: 1.0, axes: Axes::Kt }
    }
}

/// Steps after which a minimisation gives up.
const MOST_STEPS: usize = 1000;
/// Distance below which axes count as at rest.
const AT_REST: f64 = 1e-10;
/// Share of a step below which a minimum is taken for reached.
const SMALLEST_SHARE: f64 = 1e-9;

impl NSubjettiness {
    /// tau_1 to tau_`most` of a jet's particles; 0 from the number of particles on, and for a jet without pT.
    ///
    /// # Errors
    /// [`Error::Parameter`] for beta or R0 out of range; as [`Clusterer::cluster`] for the particles.
    pub fn tau(&self, particles: &[FourVector], most: usize) -> Result<Vec<f64>, Error> {
        for (name, value) in [("beta", self.beta), ("R0", self.r0)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Parameter { name, value, expected: "positive and finite" });
            }
        }
        let sequence = kt_sequence(particles, self.axes.recombination())?;
        (1..=most).map(|n| self.tau_of(&sequence, n)).collect()
    }

    /// tau_N / tau_(N - 1), small for jets of N prongs; 0 where the denominator vanishes. `n` is at least 2.
    ///
    /// # Errors
    /// As [`NSubjettiness::tau`]; [`Error::Parameter`] for an `n` below 2.
    pub fn ratio(&self, particles: &[FourVector], n: usize) -> Result<f64, Error> {
        if n < 2 {
            return Err(Error::Parameter { name: "N of tau_N / tau_(N - 1)", value: n as f64, expected: "at least 2" });
        }
        let tau = self.tau(particles, n)?;
        Ok(if tau[n - 2] > 0.0 { tau[n - 1] / tau[n - 2] } else { 0.0 })
    }

    /// The axes (rapidity, azimuth) of tau_`n`.
    ///
    /// # Errors
    /// [`Error::Count`] if there are fewer particles; as [`Clusterer::cluster`] for the particles.
    pub fn axes(&self, particles: &[FourVector], n: usize) -> Result<Vec<[f64; 2]>, Error> {
        let sequence = kt_sequence(particles, self.axes.recombination())?;
        self.axes_of(&sequence, n)
    }

    fn axes_of(&self, sequence: &ClusterSequence, n: usize) -> Result<Vec<[f64; 2]>, Error> {
        let jets = sequence.exclusive_jets(n)?;
        let place = |index: usize| (sequence.pseudojets()[index].rapidity, sequence.pseudojets()[index].phi);
        let axes = jets.iter().map(|jet| place(jet.index)).map(|(y, phi)| [y, phi]).collect();
        Ok(if self.axes.minimised() {
            self.minimise(&sequence.pseudojets()[..sequence.particles()], axes)
        } else {
            axes
        })
    }

    fn tau_of(&self, sequence: &ClusterSequence, n: usize) -> Result<f64, Error> {
        let particles = &sequence.pseudojets()[..sequence.particles()];
        if n >= particles.len() {
            return Ok(0.0);
        }
        let total: f64 = particles.iter().map(PseudoJet::pt).sum();
        let axes = self.axes_of(sequence, n)?;
        Ok(if total > 0.0 { self.sum(particles, &axes) / (total * self.r0.powf(self.beta)) } else { 0.0 })
    }

    /// The numerator.
    fn sum(&self, particles: &[PseudoJet], axes: &[[f64; 2]]) -> f64 {
        particles.iter().map(|p| p.pt() * power(nearest(p, axes).1, self.beta)).sum()
    }

    /// Moves axes until they rest; a step that leads uphill is halved.
    fn minimise(&self, particles: &[PseudoJet], start: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
        let (mut axes, mut best) = (start.clone(), self.sum(particles, &start));
        for _ in 0..MOST_STEPS {
            let shifts = self.shifts(particles, &axes);
            let mut share = 1.0;
            let (moved, sum) = loop {
                let to = |(a, s): (&[f64; 2], &[f64; 2])| [a[0] + share * s[0], wrap_phi(a[1] + share * s[1])];
                let moved: Vec<[f64; 2]> = axes.iter().zip(&shifts).map(to).collect();
                let sum = self.sum(particles, &moved);
                if sum <= best {
                    break (moved, sum);
                }
                if share < SMALLEST_SHARE {
                    return axes;
                }
                share *= 0.5;
            };
            (axes, best) = (moved, sum);
            if shifts.iter().all(|s| share * s[0].hypot(s[1]) < AT_REST) {
                break;
            }
        }
        axes
    }

    /// How far each axis is from the weighted mean of the particles nearest to it.
    ///
    /// For beta < 2 a particle on the axis has an infinite weight and would hold it for ever. Its pull is its pT for beta = 1 and nothing
    /// for larger beta: the axis stays where that is more than the pull of the others, otherwise the mean of the others counts, by the
    /// share of its pull that is left (Vardi and Zhang, PNAS 97 (2000) 1423).
    fn shifts(&self, particles: &[PseudoJet], axes: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let mut sums = vec![[0.0; 4]; axes.len()];
        for p in particles {
            let (k, distance2) = nearest(p, axes);
            let [weight, y, phi, on] = &mut sums[k];
            if self.beta < 2.0 && distance2 < AT_REST * AT_REST {
                *on += p.pt();
                continue;
            }
            let w = p.pt() * distance2.powf(0.5 * self.beta - 1.0);
            // Relative to the axis, so that the azimuth has no seam.
            *weight += w;
            *y += w * (p.rapidity - axes[k][0]);
            *phi += w * wrap_phi(p.phi - axes[k][1]);
        }
        let shift = |&[weight, y, phi, on]: &[f64; 4]| {
            let pull = f64::hypot(y, phi);
            let held = match self.beta {
                beta if beta > 1.0 || on == 0.0 => 0.0,
                1.0 => (on / pull).min(1.0),
                _ => 1.0,
            };
            if weight > 0.0 { [(1.0 - held) * y / weight, (1.0 - held) * phi / weight] } else { [0.0, 0.0] }
        };
        sums.iter().map(shift).collect()
    }
}

/// kT clustering without a beam, for exclusive jets of any number.
fn kt_sequence(particles: &[FourVector], recombination: Recombination) -> Result<ClusterSequence, Error> {
    let mut clusterer = Clusterer::new(JetDefinition { recombination, ..JetDefinition::whole(Algorithm::Kt) })?;
    clusterer.cluster(particles)?;
    Ok(clusterer.into_sequence())
}

/// The nearest axis and its squared distance.
fn nearest(p: &PseudoJet, axes: &[[f64; 2]]) -> (usize, f64) {
    let distances = axes.iter().map(|a| distance2(p.rapidity, p.phi, a[0], a[1])).enumerate();
    distances.fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
}

/// `distance2^(beta / 2)`, without the power function for the usual exponents.
fn power(distance2: f64, beta: f64) -> f64 {
    match beta {
        1.0 => distance2.sqrt(),
        2.0 => distance2,
        _ => distance2.powf(0.5 * beta),
    }
}
