//! The page of a generator of conformers: coverage and matching, shapes beside those of the references, conformers beside the nearest reference.

use std::collections::BTreeMap;
use std::fmt::Write;

use matter::geometry::{angles, dihedral, lengths};
use matter::{BondOrder, Element, Graph, Symmetries};

use super::Ensemble;
use super::coverage::coverage_svg;
use super::generate::Frame;
use super::judge::{DELTA, Scores};
use crate::draw::{Tile, pairs_svg, strip_svg};
use crate::molecules::picture::short;
use crate::plot::document::{Document, figure, thousands};
use crate::plot::label::escape;
use crate::plot::palette;
use crate::report::{Column, column_panels, panel_svg, table};

/// Molecules of the sheet, pairs of conformers of each, pixels of a tile.
const SHEET: usize = 8;
const PAIRS: usize = 3;
const SIDE: f64 = 150.0;
/// Kinds of bonds, angles and dihedrals that are compared, each the most frequent.
const KINDS: usize = 6;

/// A molecule, what was generated for it, and how far that is from its own conformers.
pub struct OfMolecule {
    /// The molecule with its conformers.
    pub molecule: Ensemble,
    /// Generated positions of its atoms.
    pub generated: Vec<Vec<[f64; 3]>>,
    /// See [`super::judge::distances`].
    pub distances: Option<Vec<Vec<f64>>>,
}

/// What a page is about.
#[derive(Clone, Debug, Default)]
pub struct ConformerPage {
    /// Heading.
    pub title: String,
    /// What was done, in pairs.
    pub protocol: Vec<(String, String)>,
    /// A conformer on its way from noise, SVG; empty if there is none.
    pub strip: String,
    /// Last line: version, date.
    pub footer: String,
}

impl ConformerPage {
    /// The page as one self-contained HTML text.
    pub fn html(&self, all: &[OfMolecule], scores: &Scores) -> String {
        let header = "<nav><a href=\"#summary\">Summary</a><a href=\"#conformers\">Conformers</a><a href=\"#shapes\">Shapes</a></nav>";
        let mut body = String::new();
        if !self.strip.is_empty() {
            body += &figure(
                &self.strip,
                "One generated conformer at decreasing noise: what the sampler holds, at unit variance.",
            );
        }
        let protocol = table::protocol(&self.protocol);
        let _ = writeln!(body, "<section id=\"protocol\"><h2>Protocol</h2>{protocol}</section>");
        let coverage = figure(
            &coverage_svg(all),
            "Share of the references with a generated conformer within a distance (R), and of the generated ones with a reference within it (P): all conformers alike, \
             where the table is a mean over molecules.",
        );
        let _ = writeln!(body, "<section id=\"summary\"><h2>Summary</h2>{}{coverage}</section>", summary(scores));
        let caption = "References, and right of each the nearest generated conformer, superposed; heavy atoms are this far apart in the root mean square. The first \
                       molecules, and of each the first references, not selected.";
        let picture = figure(&sheet(all), caption);
        let _ = writeln!(body, "<section id=\"conformers\"><h2>Conformers</h2>{picture}</section>");
        let caption = "Grey: references. Colour: generated conformers with their statistical error. Lower frames: ratio, with the statistical error of the references as \
                       a grey band; arrow heads are points outside. Dihedral angles without their sign, of heavy atoms about single bonds in no ring. \
                       Entries of one molecule go together, so the errors are too small.";
        let pictures: String = column_panels(&shapes(all), palette::category(0), "").iter().map(panel_svg).collect();
        let panels = figure(&format!("<div class=\"panels\">{pictures}</div>"), caption);
        let _ = writeln!(body, "<section id=\"shapes\"><h2>Shapes</h2>{panels}</section>");
        Document { title: &self.title, header, body: &body, footer: &self.footer }.html()
    }
}

fn summary(scores: &Scores) -> String {
    let mut out = format!(
        "<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>{} molecules</th><th>mean</th><th>median</th><th></th></tr></thead><tbody>",
        thousands(scores.molecules())
    );
    for line in scores.lines().unwrap_or_default() {
        let why = match line.score {
            "COV-R [%]" => "references with a generated conformer within delta",
            "MAT-R [A]" => "distance of a reference from the nearest generated one",
            "COV-P [%]" => "generated conformers with a reference within delta",
            _ => "distance of a generated conformer from the nearest reference",
        };
        let _ = write!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{:.3}</td><td class=\"why\">{why}</td></tr>",
            line.score,
            line.mean(),
            line.median
        );
    }
    let _ = write!(
        out,
        "</tbody></table></div><p class=\"key\">delta = {DELTA} Å; root mean square distance of heavy atoms over rotations and symmetries, mirror images \
         apart. Errors are standard errors over molecules.</p>"
    );
    out
}

fn tile(molecule: &Ensemble, positions: Vec<[f64; 3]>, caption: String) -> Tile {
    let molecule = molecule.placed(positions);
    Tile { bonds: molecule.bonds.clone().unwrap_or_default(), molecule, caption }
}

/// References, each with the generated conformer nearest to it.
fn sheet(all: &[OfMolecule]) -> String {
    let mut tiles = vec![];
    for OfMolecule { molecule, generated, distances } in all {
        let (Some(distances), Ok(symmetries)) = (distances, Symmetries::of(&molecule.graph)) else { continue };
        for (reference, distances) in molecule.conformers.iter().zip(distances).take(PAIRS) {
            let nearest = (0..distances.len()).min_by(|a, b| distances[*a].total_cmp(&distances[*b]));
            let Some(nearest) = nearest else { continue };
            tiles.push(tile(molecule, reference.clone(), escape(&molecule.name)));
            let near = symmetries.superposed(&generated[nearest], reference);
            tiles.push(tile(molecule, near, format!("{:.2} Å", distances[nearest])));
        }
        // A molecule of few references leaves room behind it.
        tiles.resize_with(tiles.len().next_multiple_of(2 * PAIRS), Tile::default);
        if tiles.len() >= SHEET * 2 * PAIRS {
            break;
        }
    }
    pairs_svg("References and the nearest generated conformers", &tiles, 2 * PAIRS, SIDE)
}

/// A conformer at several moments between noise and data, with the noise level at each, 0 at the end, SVG.
pub fn strip(molecule: &Ensemble, frames: Vec<Frame>) -> String {
    let name = escape(&molecule.name);
    let caption = |noise: f64| if noise > 0.0 { format!("σ/α = {}", short(noise)) } else { name.clone() };
    let tiles: Vec<Tile> = frames.into_iter().map(|(noise, x)| tile(molecule, x, caption(noise))).collect();
    strip_svg("From noise to a conformer", &tiles, SIDE)
}

/// Chains of four heavy atoms about the single bonds that are in no ring, one for each bond: the ends of lowest number.
fn chains(graph: &Graph) -> Vec<[usize; 4]> {
    let heavy = |atom: usize| graph.atoms()[atom].element != Element::H;
    let on_cycle = graph.ring_edges();
    let end = |from: usize, other: usize| {
        graph.neighbours(from).iter().map(|&(k, _)| k).filter(|&k| k != other && heavy(k)).min()
    };
    let turning = graph.edges().iter().zip(on_cycle).filter(|(edge, ring)| edge.order() == BondOrder::Single && !ring);
    turning
        .filter_map(|(edge, _)| {
            Some([end(edge.atoms[0], edge.atoms[1])?, edge.atoms[0], edge.atoms[1], end(edge.atoms[1], edge.atoms[0])?])
        })
        .collect()
}

/// Lengths, angles and dihedral angles of the most frequent kinds, of references and of generated conformers.
fn shapes(all: &[OfMolecule]) -> Vec<Column> {
    let mut kinds: [BTreeMap<String, [Vec<f32>; 2]>; 3] = Default::default();
    for one in all.iter().filter(|one| one.distances.is_some()) {
        let chains = chains(&one.molecule.graph);
        for (side, conformers) in [&one.molecule.conformers, &one.generated].into_iter().enumerate() {
            for positions in conformers {
                let molecule = one.molecule.placed(positions.clone());
                let bonds = molecule.bonds.clone().unwrap_or_default();
                let mut add = |what: usize, kind: String, value: f64| {
                    kinds[what].entry(kind).or_default()[side].push(value as f32);
                };
                lengths(&molecule, &bonds).into_iter().for_each(|(kind, value)| add(0, kind.to_string(), value));
                angles(&molecule, &bonds).into_iter().for_each(|(kind, value)| add(1, kind.to_string(), value));
                for chain in &chains {
                    let symbols = chain.map(|atom| molecule.elements[atom].symbol());
                    let reversed = [symbols[3], symbols[2], symbols[1], symbols[0]];
                    let value = dihedral(chain.map(|atom| &positions[atom])).abs();
                    add(2, symbols.min(reversed).join("–"), value);
                }
            }
        }
    }
    let names = [("Length of", "Å"), ("Angle", "degrees"), ("Dihedral angle", "degrees")];
    let mut columns = vec![];
    for (kinds, (name, unit)) in kinds.into_iter().zip(names) {
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, values)| std::cmp::Reverse(values[0].len()));
        columns.extend(kinds.into_iter().take(KINDS).map(|(kind, [real, generated])| Column {
            label: format!("{name} {kind}"),
            unit: unit.into(),
            real,
            generated,
            ..Column::default()
        }));
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_about_each_bond_that_turns() {
        let count = |smiles: &str| chains(&Graph::from_smiles(smiles).unwrap().with_hydrogens()).len();
        // Butane has one chain of heavy atoms, pentane two; ethane and propane none; rings and double bonds do not turn.
        assert_eq!(["CCCC", "CCCCC", "CC", "CCC", "C1CCCC1", "CC=CC", "CC1CC1"].map(count), [1, 2, 0, 0, 0, 0, 0]);
        assert_eq!(count("CCC1CC1"), 1);
    }
}
