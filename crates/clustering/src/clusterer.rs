//! From particles to a history: checks, coordinates, the choice between the two ways of clustering, many events at once.

use rayon::prelude::*;

use crate::plain::Plain;
use crate::tiled::Tiled;
use crate::{ClusterSequence, Error, FourVector, JetDefinition, PseudoJet};

/// The largest size of a component: squares and sums of squares stay finite.
const LARGEST: f64 = 1e150;

/// How the smallest distance is found. All give the same clustering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The faster one for the number of particles and the radius.
    #[default]
    Best,
    /// Nearest neighbours among all.
    Plain,
    /// Nearest neighbours among tiles.
    Tiled,
}

/// Clusters events one after the other, and keeps its memory between them.
///
/// ```
/// use clustering::{Algorithm, Clusterer, FourVector, JetDefinition};
///
/// let mut clusterer = Clusterer::new(JetDefinition::new(Algorithm::AntiKt, 0.4))?;
/// let particles = [[0.0, 0.0, 50.0], [0.1, 0.2, 30.0], [1.0, -3.0, 60.0]].map(FourVector::massless); // eta, phi, pT
/// let sequence = clusterer.cluster(&particles)?;
/// let jets = sequence.inclusive_jets(20.0);
/// assert_eq!(jets.len(), 2);
/// assert_eq!(sequence.constituents(jets[0].index), [0, 1]);
/// # Ok::<(), clustering::Error>(())
/// ```
#[derive(Debug)]
pub struct Clusterer {
    strategy: Strategy,
    sequence: ClusterSequence,
    plain: Plain,
    tiled: Tiled,
}

impl Clusterer {
    /// A clusterer for one definition.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a radius or an exponent out of range.
    pub fn new(definition: JetDefinition) -> Result<Clusterer, Error> {
        Clusterer::with_strategy(definition, Strategy::Best)
    }

    /// The same with a given way of finding the smallest distance.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a radius or an exponent out of range.
    pub fn with_strategy(definition: JetDefinition, strategy: Strategy) -> Result<Clusterer, Error> {
        definition.validate()?;
        let sequence = ClusterSequence::empty(definition);
        Ok(Clusterer { strategy, sequence, plain: Plain::default(), tiled: Tiled::default() })
    }

    /// Clusters one event; the sequence lives until the next.
    ///
    /// # Errors
    /// [`Error::Momentum`], [`Error::Energy`] or [`Error::TooMany`] for particles that cannot be clustered. A vanishing
    /// four-momentum is no error: see [`PseudoJet`].
    pub fn cluster(&mut self, particles: &[FourVector]) -> Result<&ClusterSequence, Error> {
        check(particles)?;
        let strategy = match self.strategy {
            Strategy::Best => best(particles.len(), self.sequence.definition.radius),
            chosen => chosen,
        };
        let sequence = &mut self.sequence;
        sequence.particles = particles.len();
        sequence.pseudojets.clear();
        sequence.steps.clear();
        sequence.pseudojets.reserve(2 * particles.len());
        sequence.steps.reserve(particles.len());
        let (plain, tiled) = (&mut self.plain, &mut self.tiled);
        vectorised(Work { sequence, particles, plain, tiled, strategy });
        Ok(sequence)
    }

    /// The sequence of the last event, for keeps.
    pub fn into_sequence(self) -> ClusterSequence {
        self.sequence
    }
}

/// Runs with AVX2 where there is AVX2. No product is fused with a sum: the digits are the same without.
fn vectorised(work: Work) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return pulp::Simd::vectorize(simd, work);
    }
    pulp::Arch::new().dispatch(work);
}

/// The clustering as one function, compiled for every instruction set.
struct Work<'a> {
    sequence: &'a mut ClusterSequence,
    particles: &'a [FourVector],
    plain: &'a mut Plain,
    tiled: &'a mut Tiled,
    strategy: Strategy,
}

impl pulp::WithSimd for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for &p in self.particles {
            self.sequence.pseudojets.push(PseudoJet::new(p));
        }
        if self.strategy == Strategy::Tiled { self.tiled.run(self.sequence) } else { self.plain.run(self.sequence) }
    }
}

impl JetDefinition {
    /// Clusters one event.
    ///
    /// # Errors
    /// As [`Clusterer::new`] and [`Clusterer::cluster`].
    pub fn cluster(&self, particles: &[FourVector]) -> Result<ClusterSequence, Error> {
        let mut clusterer = Clusterer::new(*self)?;
        clusterer.cluster(particles)?;
        Ok(clusterer.into_sequence())
    }

    /// Clusters many events on all threads of the pool and keeps of each what `keep(event number, sequence)` answers, in the order of
    /// the events. Every event is clustered by itself: the number of threads does not change a digit.
    ///
    /// # Errors
    /// [`Error::Event`] with the number of an event that cannot be clustered, or what [`Clusterer::new`] answers.
    pub fn cluster_events<P, T, F>(&self, events: &[P], keep: F) -> Result<Vec<T>, Error>
    where
        P: AsRef<[FourVector]> + Sync,
        T: Send,
        F: Fn(usize, &ClusterSequence) -> T + Sync,
    {
        self.validate()?;
        let one = |clusterer: &mut Result<Clusterer, Error>, (event, particles): (usize, &P)| {
            let clusterer = clusterer.as_mut().map_err(|e| e.clone())?;
            let sequence = clusterer.cluster(particles.as_ref());
            sequence.map(|s| keep(event, s)).map_err(|source| Error::Event { event, source: Box::new(source) })
        };
        events.par_iter().enumerate().map_init(|| Clusterer::new(*self), one).collect()
    }
}

/// The faster strategy, by measurement (`cargo bench -p clustering`): tiles pay for many particles in small radii.
fn best(n: usize, radius: f64) -> Strategy {
    if n >= 100 && radius < 1.5 { Strategy::Tiled } else { Strategy::Plain }
}

/// Particles must be such that every sum of them has coordinates.
fn check(particles: &[FourVector]) -> Result<(), Error> {
    let limit = (u32::MAX / 8) as usize;
    if particles.len() > limit {
        return Err(Error::TooMany { particles: particles.len(), limit });
    }
    for (particle, p) in particles.iter().enumerate() {
        let good = |value: f64| value.abs() <= LARGEST;
        if !(good(p.e) && good(p.px) && good(p.py) && good(p.pz)) {
            let components = [("E", p.e), ("px", p.px), ("py", p.py), ("pz", p.pz)];
            let (component, value) = components.into_iter().find(|&(_, v)| !good(v)).unwrap_or(("E", p.e));
            return Err(Error::Momentum { particle, component, value });
        }
        if p.e <= 0.0 && (p.e < 0.0 || p.px != 0.0 || p.py != 0.0 || p.pz != 0.0) {
            return Err(Error::Energy { particle, energy: p.e, p: p.p() });
        }
    }
    Ok(())
}
