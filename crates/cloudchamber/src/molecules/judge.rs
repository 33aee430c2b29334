//! Generated against real molecules: stability, validity, uniqueness, novelty and lengths of bonds, beside the real ones' own figures.
//!
//! Bonds are those of the distances ([`matter::bonds`]), for both samples. A molecule is valid if a chemist could draw it ([`matter::Graph`]); it is
//! known by the canonical SMILES of its largest piece. Uniqueness is among the valid, novelty among the unique: those that are not among
//! the real ones, known the same way. Hoogeboom et al., arXiv:2203.17003, section 5.

use std::collections::{BTreeMap, HashSet};

use matter::bonds::{BondTable, Stability, components, perceive};
use matter::{BondOrder, Graph, Invalid, Molecule};
use metrics::{Bootstrap, Estimate, Pool, bootstrap_wasserstein, halves};
use rayon::prelude::*;
use serde::Serialize;

use super::shapes::{Angles, Bonded, Median, Strains, of_angles, shapes, strains};
use crate::Error;

/// Kinds of bonds that are compared, the most frequent of the real molecules.
const KINDS: usize = 12;
/// Least number of bonds of a kind in each sample for a comparison.
const FEWEST: usize = 50;
/// Most molecules of each sample whose bonds are compared, and repetitions.
const DRAWN: usize = 10_000;
const BATCHES: usize = 5;

/// What one molecule is.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessed {
    /// Stable atoms, all atoms, whether all are stable.
    pub stability: Stability,
    /// Whether bonds hold it together in one piece.
    pub connected: bool,
    /// Canonical SMILES of its largest piece; why there is none if it is not valid.
    pub identity: Result<String, String>,
    /// Bonds by kind, and their lengths in Angstrom.
    pub lengths: Vec<(String, f64)>,
    /// Bonds.
    pub bonds: Vec<matter::Bond>,
}

/// Looks at a molecule.
pub fn assess(molecule: &Molecule, table: &BondTable) -> Assessed {
    let bonds = perceive(molecule, table);
    let identity = Graph::new(&molecule.elements, &[], &bonds)
        .map(|graph| graph.largest_fragment().without_hydrogens().canonical_smiles())
        .map_err(|invalid| reason(&invalid));
    let length = |[i, j]: [usize; 2]| {
        let (a, b) = (molecule.positions[i], molecule.positions[j]);
        (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt()
    };
    let kind = |bond: &matter::Bond| {
        let mut ends = bond.atoms.map(|atom| molecule.elements[atom]);
        ends.sort();
        let sign = match bond.order {
            BondOrder::Single => "\u{2013}",
            BondOrder::Double => "=",
            BondOrder::Triple => "\u{2261}",
            BondOrder::Aromatic => "~",
        };
        // Carbon first, hydrogen last, as chemists write them.
        let [light, heavy] = ends;
        if light == matter::Element::H { format!("{heavy}{sign}{light}") } else { format!("{light}{sign}{heavy}") }
    };
    Assessed {
        stability: Stability::of_bonds(&molecule.elements, &bonds, table),
        connected: components(molecule.len(), &bonds).connected(),
        identity,
        lengths: bonds.iter().map(|bond| (kind(bond), length(bond.atoms))).collect(),
        bonds,
    }
}

/// Why a molecule is not valid, in words that molecules share.
fn reason(invalid: &Invalid) -> String {
    match invalid {
        Invalid::Valence { element, valence, .. } => format!("{element} with bonds of order {valence} in all"),
        other => other.to_string(),
    }
}

/// A share of a number of trials, with its binomial error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The share, 0 to 1.
    pub value: f64,
    /// One standard deviation: `sqrt(p (1 - p)/n)`.
    pub error: f64,
}

impl Share {
    /// So many of so many; nothing of none is not a number.
    pub fn of(part: usize, all: usize) -> Share {
        let value = part as f64 / all as f64;
        Share { value, error: (value * (1.0 - value) / all as f64).sqrt() }
    }
}

/// The figures of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Molecules.
    pub molecules: usize,
    /// Of all atoms, those that are stable. Atoms of a molecule are stable together, so the error is that over molecules.
    pub stable_atoms: Share,
    /// Molecules whose atoms are all stable.
    pub stable: Share,
    /// Molecules of one piece.
    pub connected: Share,
    /// Valid molecules.
    pub valid: Share,
    /// Of the valid ones, those left when each is counted once.
    pub unique: Share,
    /// The same of all molecules.
    pub valid_and_unique: Share,
    /// Of the unique ones, those that are not among the real ones; none for these themselves.
    pub novel: Option<Share>,
    /// Mean number of atoms.
    pub atoms: f64,
}

/// How the lengths of a kind of bonds agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lengths {
    /// The bond, such as "C-H" with its sign of order.
    pub bond: String,
    /// Such bonds per real and per generated molecule.
    pub per_molecule: [f64; 2],
    /// Mean and standard deviation of the real ones in Angstrom.
    pub real: [f64; 2],
    /// Of the generated ones.
    pub generated: [f64; 2],
    /// Wasserstein distance of the lengths in Angstrom, and its error.
    pub distance: [f64; 2],
    /// The same between two halves of the real ones.
    pub floor: [f64; 2],
    /// The lengths themselves, real and generated, for pictures.
    #[serde(skip)]
    pub values: [Vec<f32>; 2],
}

/// Generated against real molecules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Name of the table of bonds.
    pub table: String,
    /// The generated ones.
    pub generated: Figures,
    /// The real ones.
    pub real: Figures,
    /// Strains of the generated and of the real ones.
    pub strain: [Strains; 2],
    /// Lengths of the most frequent kinds of bonds.
    pub lengths: Vec<Lengths>,
    /// Angles between bonds, for pictures.
    #[serde(skip)]
    pub angles: Vec<Angles>,
    /// Why generated molecules are not valid, and how many for each reason; the most frequent first.
    pub invalid: Vec<(String, usize)>,
    /// Share of molecules with each number of atoms: real, generated.
    #[serde(skip)]
    pub sizes: [Vec<f32>; 2],
}

/// Judges generated molecules by real ones.
///
/// # Errors
/// [`Error::Argument`] for a sample without molecules.
pub fn judge(generated: &[Molecule], real: &[Molecule], table: &BondTable) -> Result<Judgement, Error> {
    for (argument, molecules) in [("GENERATED", generated), ("--real", real)] {
        if molecules.is_empty() {
            return Err(Error::argument(argument, "no molecules", "at least one molecule to judge"));
        }
    }
    let assessed = |molecules: &[Molecule]| -> Vec<Assessed> {
        molecules.par_iter().map(|molecule| assess(molecule, table)).collect()
    };
    let (ours, theirs) = (assessed(generated), assessed(real));
    let bonded = [(generated, &ours), (real, &theirs)].map(|(molecules, assessed)| -> Vec<Bonded> {
        molecules.iter().zip(assessed).map(|(molecule, one)| (molecule, &one.bonds[..])).collect()
    });
    let real_shapes = shapes(&bonded[1]);
    let known: HashSet<&str> = theirs.iter().filter_map(|a| a.identity.as_deref().ok()).collect();
    let mut reasons = BTreeMap::new();
    for reason in ours.iter().filter_map(|a| a.identity.as_ref().err()) {
        *reasons.entry(reason.clone()).or_insert(0) += 1;
    }
    let mut invalid: Vec<(String, usize)> = reasons.into_iter().collect();
    invalid.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(Judgement {
        table: table.name().to_string(),
        generated: figures(&ours, Some(&known)),
        real: figures(&theirs, None),
        strain: strains([&bonded[0], &bonded[1]], &real_shapes),
        lengths: lengths(&ours, &theirs),
        angles: of_angles(&shapes(&bonded[0]), &real_shapes),
        invalid,
        sizes: [&theirs, &ours].map(|all| all.iter().map(|a| a.stability.atoms as f32).collect()),
    })
}

fn figures(all: &[Assessed], known: Option<&HashSet<&str>>) -> Figures {
    let count = |of: &dyn Fn(&Assessed) -> bool| all.iter().filter(|a| of(a)).count();
    let identities: Vec<&str> = all.iter().filter_map(|a| a.identity.as_deref().ok()).collect();
    let unique: HashSet<&str> = identities.iter().copied().collect();
    let atoms: usize = all.iter().map(|a| a.stability.atoms).sum();
    let stable: usize = all.iter().map(|a| a.stability.stable_atoms).sum();
    let value = stable as f64 / atoms as f64;
    // A ratio of sums over molecules: the errors of its terms are those of stable - value * atoms.
    let residual = |a: &Assessed| (a.stability.stable_atoms as f64 - value * a.stability.atoms as f64).powi(2);
    let error = all.iter().map(residual).sum::<f64>().sqrt() / atoms as f64;
    Figures {
        molecules: all.len(),
        stable_atoms: Share { value, error },
        stable: Share::of(count(&|a| a.stability.stable_molecule), all.len()),
        connected: Share::of(count(&|a| a.connected), all.len()),
        valid: Share::of(identities.len(), all.len()),
        unique: Share::of(unique.len(), identities.len()),
        valid_and_unique: Share::of(unique.len(), all.len()),
        novel: known.map(|known| Share::of(unique.iter().filter(|i| !known.contains(*i)).count(), unique.len())),
        atoms: atoms as f64 / all.len() as f64,
    }
}

fn lengths(ours: &[Assessed], theirs: &[Assessed]) -> Vec<Lengths> {
    let of = |all: &[Assessed]| -> BTreeMap<String, Vec<(f64, u32)>> {
        let mut kinds: BTreeMap<String, Vec<(f64, u32)>> = BTreeMap::new();
        for (i, one) in all.iter().enumerate() {
            for (kind, length) in &one.lengths {
                kinds.entry(kind.clone()).or_default().push((*length, i as u32));
            }
        }
        kinds
    };
    let (mine, real) = (of(ours), of(theirs));
    let mut kinds: Vec<(&String, &Vec<(f64, u32)>)> = real.iter().collect();
    kinds.sort_by_key(|(_, pairs)| std::cmp::Reverse(pairs.len()));
    let enough = |kind: &&String| real[*kind].len().min(mine.get(*kind).map_or(0, Vec::len)) >= FEWEST;
    let kinds: Vec<&String> = kinds.into_iter().map(|(kind, _)| kind).filter(enough).take(KINDS).collect();
    kinds.into_par_iter().map(|kind| compare(kind, &mine[kind], ours.len(), &real[kind], theirs.len())).collect()
}

fn compare(kind: &str, mine: &[(f64, u32)], molecules: usize, real: &[(f64, u32)], reals: usize) -> Lengths {
    let bootstrap = Bootstrap { size: molecules.min(reals).min(DRAWN), batches: BATCHES, seed: 1 };
    let pool = |pairs: Vec<(f64, u32)>, rows: usize| Pool::new(rows, pairs);
    let distance = |a: Result<Pool, metrics::Error>, b: Result<Pool, metrics::Error>| -> [f64; 2] {
        let found = a.and_then(|a| bootstrap_wasserstein(&a, &b?, &bootstrap));
        found.map_or([f64::NAN; 2], |Estimate { value, error }| [value, error])
    };
    let (first, second) = halves(reals, 1);
    let half = |rows: &[u32]| {
        let place: std::collections::HashMap<u32, u32> = rows.iter().zip(0..).map(|(row, i)| (*row, i)).collect();
        let pairs = real.iter().filter_map(|(length, row)| Some((*length, *place.get(row)?))).collect();
        pool(pairs, rows.len())
    };
    let moments = |pairs: &[(f64, u32)]| {
        let n = pairs.len() as f64;
        let mean = pairs.iter().map(|p| p.0).sum::<f64>() / n;
        [mean, (pairs.iter().map(|p| (p.0 - mean).powi(2)).sum::<f64>() / n).sqrt()]
    };
    Lengths {
        bond: kind.to_string(),
        per_molecule: [real.len() as f64 / reals as f64, mine.len() as f64 / molecules as f64],
        real: moments(real),
        generated: moments(mine),
        distance: distance(pool(real.to_vec(), reals), pool(mine.to_vec(), molecules)),
        floor: distance(half(&first), half(&second)),
        values: [real, mine].map(|pairs| pairs.iter().map(|p| p.0 as f32).collect()),
    }
}

/// The judgement as text.
pub fn text(judgement: &Judgement) -> String {
    let (ours, real) = (&judgement.generated, &judgement.real);
    let percent = |share: Share| format!("{:6.2} \u{b1} {:4.2}", 100.0 * share.value, 100.0 * share.error);
    let mut out = format!("{:<24} {:>15} {:>15}\n", "", "generated", "real");
    out += &format!("{:<24} {:>15} {:>15}\n", "molecules", ours.molecules, real.molecules);
    out += &format!("{:<24} {:>15.2} {:>15.2}\n", "atoms per molecule", ours.atoms, real.atoms);
    let line = |name: &str, a: Share, b: Option<Share>| {
        format!("{name:<24} {:>15} {:>15}\n", percent(a), b.map_or("-".into(), percent))
    };
    out += &line("stable atoms [%]", ours.stable_atoms, Some(real.stable_atoms));
    out += &line("stable molecules [%]", ours.stable, Some(real.stable));
    out += &line("in one piece [%]", ours.connected, Some(real.connected));
    out += &line("valid [%]", ours.valid, Some(real.valid));
    out += &line("unique of valid [%]", ours.unique, Some(real.unique));
    out += &line("valid and unique [%]", ours.valid_and_unique, Some(real.valid_and_unique));
    out += &ours.novel.map_or(String::new(), |novel| line("novel of unique [%]", novel, None));
    let median = |m: Median| format!("{:6.3} \u{b1} {:5.3}", m.value, m.error);
    let [ours, real] = &judgement.strain;
    for (name, a, b) in [("of lengths", ours.lengths, real.lengths), ("of angles", ours.angles, real.angles)] {
        out += &format!("{:<24} {:>15} {:>15}\n", format!("strain {name}, median"), median(a), median(b));
    }
    if !judgement.lengths.is_empty() {
        out += "\nlengths of bonds: mean \u{b1} width [A] of real and generated ones, distance of their laws (floor) [mA]\n";
    }
    for l in &judgement.lengths {
        out += &format!(
            "  {:<5} {:.4} \u{b1} {:.4}   {:.4} \u{b1} {:.4}   {:>6.2} \u{b1} {:.2} ({:.2} \u{b1} {:.2})\n",
            l.bond,
            l.real[0],
            l.real[1],
            l.generated[0],
            l.generated[1],
            1000.0 * l.distance[0],
            1000.0 * l.distance[1],
            1000.0 * l.floor[0],
            1000.0 * l.floor[1]
        );
    }
    if !judgement.invalid.is_empty() {
        out += "\nnot valid:\n";
        for (reason, count) in judgement.invalid.iter().take(8) {
            out += &format!("  {count:>6} {reason}\n");
        }
    }
    out
}
