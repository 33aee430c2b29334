//! Soft drop (Larkoski, Marzani, Soyez and Thaler, arXiv:1402.2657), once or inside the branches again. Without a limit of layers that is
//! recursive soft drop with N = infinity (Dreyer, Necib, Soyez and Thaler, arXiv:1804.03657); a finite N counts all splittings of the jet
//! there, [`SoftDrop::layers`] those along each branch.
//!
//! The constituents of a jet are clustered again by Cambridge/Aachen. The clustering is undone from its last step on: where
//!
//! ```text
//! z = min(pT1, pT2) / (pT1 + pT2) > z_cut (Delta R12 / R0)^beta
//! ```
//!
//! the declustering stops (or, recursively, goes on inside both branches); otherwise the softer branch is dropped. A negative beta is the
//! tagging mode; here a jet of which nothing passes is left with the particle at the end of its harder branches in either mode. beta = 0 is the modified mass drop
//! tagger (arXiv:1307.0007).

use crate::{Algorithm, ClusterSequence, Clusterer, Error, FourVector, JetDefinition};

/// The condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftDrop {
    /// Exponent of the angle.
    pub beta: f64,
    /// Smallest share of pT at Delta R = R0; not negative.
    pub z_cut: f64,
    /// The radius at which `z_cut` applies, usually that of the jet; positive.
    pub r0: f64,
    /// Number of conditions to pass along each branch: 1 is soft drop, `usize::MAX` its recursive form.
    pub layers: usize,
}

impl SoftDrop {
    /// Soft drop with one condition to pass.
    pub fn new(beta: f64, z_cut: f64, r0: f64) -> SoftDrop {
        SoftDrop { beta, z_cut, r0, layers: 1 }
    }
}

/// What soft drop leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Groomed {
    /// Sum of the particles left.
    pub momentum: FourVector,
    /// Numbers of the particles left, in increasing order.
    pub constituents: Vec<usize>,
    /// Momentum share z_g of the first splitting that passed; none if none did.
    pub z: Option<f64>,
    /// Distance R_g of the first splitting that passed; none if none did.
    pub r: Option<f64>,
    /// Branches dropped before the first splitting that passed (or before a single particle was left).
    pub dropped: usize,
    /// Splittings that passed.
    pub passed: usize,
}

impl SoftDrop {
    /// Grooms the sum of these particles.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter out of range, [`Error::Count`] without particles; as [`Clusterer::cluster`] for the particles.
    pub fn groom(&self, particles: &[FourVector]) -> Result<Groomed, Error> {
        self.validate()?;
        let mut clusterer = Clusterer::new(JetDefinition::whole(Algorithm::CambridgeAachen))?;
        let sequence = clusterer.cluster(particles)?;
        let whole = sequence.exclusive_jets(1)?[0].index;
        Ok(self.walk(sequence, whole))
    }

    fn validate(&self) -> Result<(), Error> {
        let bad = |name, value, expected| Err(Error::Parameter { name, value, expected });
        if !self.beta.is_finite() {
            return bad("beta", self.beta, "finite");
        }
        if !(self.z_cut >= 0.0 && self.z_cut.is_finite()) {
            return bad("z_cut", self.z_cut, "finite and not negative");
        }
        if !(self.r0 > 0.0 && self.r0.is_finite()) {
            return bad("R0", self.r0, "positive and finite");
        }
        if self.layers == 0 { bad("the number of layers", 0.0, "at least 1") } else { Ok(()) }
    }

    fn walk(&self, sequence: &ClusterSequence, whole: usize) -> Groomed {
        let mut groomed =
            Groomed { momentum: FourVector::default(), constituents: vec![], z: None, r: None, dropped: 0, passed: 0 };
        let mut open = vec![(whole, self.layers)];
        while let Some((index, layers)) = open.pop() {
            let parents = if layers == 0 { None } else { sequence.parents(index) };
            let Some([a, b]) = parents else {
                groomed.momentum = groomed.momentum + sequence.pseudojets()[index].momentum;
                groomed.constituents.extend(sequence.constituents(index));
                continue;
            };
            let [p, q] = [a, b].map(|k| &sequence.pseudojets()[k]);
            let (hard, soft, pt, soft_pt) =
                if p.pt2 >= q.pt2 { (a, b, p.pt(), q.pt()) } else { (b, a, q.pt(), p.pt()) };
            let (z, r) = (if pt > 0.0 { soft_pt / (pt + soft_pt) } else { 0.0 }, p.distance2(q).sqrt());
            if z > self.z_cut * (r / self.r0).powf(self.beta) {
                if groomed.passed == 0 {
                    (groomed.z, groomed.r) = (Some(z), Some(r));
                }
                groomed.passed += 1;
                open.extend([(soft, layers - 1), (hard, layers - 1)]);
            } else {
                groomed.dropped += usize::from(groomed.passed == 0);
                open.push((hard, layers));
            }
        }
        groomed.constituents.sort_unstable();
        groomed
    }
}

impl ClusterSequence {
    /// Grooms a jet; the constituents left are numbered as the particles of this sequence.
    ///
    /// # Errors
    /// As [`SoftDrop::groom`].
    ///
    /// # Panics
    /// If there is no pseudojet of this number.
    pub fn soft_drop(&self, jet: usize, condition: &SoftDrop) -> Result<Groomed, Error> {
        let numbers = self.constituents(jet);
        let mut groomed = condition.groom(&self.constituent_momenta(jet))?;
        for k in &mut groomed.constituents {
            *k = numbers[*k];
        }
        Ok(groomed)
    }
}
