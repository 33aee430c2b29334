//! The page of a generator of molecules: its figures beside those of real molecules, lengths of bonds, molecules.

use std::fmt::Write;

use super::judge::{Figures, Judgement, Share};
use super::shapes::Median;
use crate::plot::document::{Document, figure, thousands};
use crate::plot::label::escape;
use crate::plot::palette;
use crate::report::{Column, column_panels, panel_svg, table};

/// What a page is about.
#[derive(Clone, Debug, Default)]
pub struct MoleculePage {
    /// Heading.
    pub title: String,
    /// What was done, in pairs.
    pub protocol: Vec<(String, String)>,
    /// Picture of the first generated molecules, SVG.
    pub molecules: String,
    /// A molecule on its way from noise, SVG; empty if there is none.
    pub strip: String,
    /// Last line: version, date.
    pub footer: String,
}

impl MoleculePage {
    /// The page as one self-contained HTML text.
    pub fn html(&self, judged: &Judgement) -> String {
        let header = "<nav><a href=\"#summary\">Summary</a><a href=\"#molecules\">Molecules</a><a href=\"#bonds\">Bonds and angles</a></nav>";
        let mut body = String::new();
        if !self.strip.is_empty() {
            body += &figure(
                &self.strip,
                "One generated molecule at decreasing noise: what the sampler holds, at unit variance.",
            );
        }
        if !self.protocol.is_empty() {
            let _ = writeln!(
                body,
                "<section id=\"protocol\"><h2>Protocol</h2>{}</section>",
                table::protocol(&self.protocol)
            );
        }
        let _ = writeln!(body, "<section id=\"summary\"><h2>Summary</h2>{}</section>", summary(judged));
        if !self.molecules.is_empty() {
            let caption = "The first generated molecules, not selected. Bonds by distances.";
            let picture = figure(&self.molecules, caption);
            let _ = writeln!(body, "<section id=\"molecules\"><h2>Molecules</h2>{picture}</section>");
        }
        let _ = writeln!(
            body,
            "<section id=\"bonds\"><h2>Bonds and angles</h2>{}{}</section>",
            panels(judged),
            lengths(judged)
        );
        Document { title: &self.title, header, body: &body, footer: &self.footer }.html()
    }
}

/// The figures of both samples.
fn summary(judged: &Judgement) -> String {
    let mut out = format!(
        "<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>{} generated, {} real molecules</th><th>generated</th>\
         <th>real</th><th></th></tr></thead><tbody>",
        thousands(judged.generated.molecules),
        thousands(judged.real.molecules)
    );
    let percent = |share: Share| match share.value.is_finite() {
        true => format!("{:.2} ± {:.2} %", 100.0 * share.value, 100.0 * share.error),
        false => "–".to_string(),
    };
    let mut row = |name: &str, why: &str, of: &dyn Fn(&Figures) -> Option<Share>| {
        let [ours, real] = [&judged.generated, &judged.real].map(|f| of(f).map_or("–".into(), percent));
        let _ = write!(out, "<tr><th>{name}</th><td>{ours}</td><td>{real}</td><td class=\"why\">{why}</td></tr>");
    };
    let table = escape(&judged.table);
    row("Stable atoms", &format!("bonds by distances, table {table}"), &|f| Some(f.stable_atoms));
    row("Stable molecules", "all atoms stable", &|f| Some(f.stable));
    row("In one piece", "bonds hold all atoms together", &|f| Some(f.connected));
    row("Valid", "a chemist could draw it", &|f| Some(f.valid));
    row("Unique", "of the valid, by canonical SMILES of the largest piece", &|f| Some(f.unique));
    row("Valid and unique", "of all", &|f| Some(f.valid_and_unique));
    row("Novel", "of the unique, those not among the real molecules", &|f| f.novel);
    let median = |m: Median| match m.value.is_finite() {
        true => format!("{:.3} ± {:.3}", m.value, m.error),
        false => "–".to_string(),
    };
    let [ours, real] = &judged.strain;
    for (name, a, b) in [("lengths", ours.lengths, real.lengths), ("angles", ours.angles, real.angles)] {
        let why = format!(
            "median over molecules of the root mean square of a molecule's {name} in deviations of their kind among the real ones"
        );
        let _ = write!(
            out,
            "<tr><th>Strain of {name}</th><td>{}</td><td>{}</td><td class=\"why\">{why}</td></tr>",
            median(a),
            median(b)
        );
    }
    let _ = write!(
        out,
        "<tr><th>Atoms per molecule</th><td>{:.2}</td><td>{:.2}</td><td></td></tr></tbody></table></div>",
        judged.generated.atoms, judged.real.atoms
    );
    out
}

fn panels(judged: &Judgement) -> String {
    let mut columns: Vec<Column> = judged
        .lengths
        .iter()
        .map(|l| Column {
            label: format!("Length of {}", l.bond),
            unit: "\u{c5}".into(),
            real: l.values[0].clone(),
            generated: l.values[1].clone(),
            ..Column::default()
        })
        .collect();
    columns.extend(judged.angles.iter().map(|angle| Column {
        label: format!("Angle {}", angle.kind),
        unit: "degrees".into(),
        real: angle.values[0].clone(),
        generated: angle.values[1].clone(),
        ..Column::default()
    }));
    columns.push(Column {
        label: "Atoms per molecule".into(),
        real: judged.sizes[0].clone(),
        generated: judged.sizes[1].clone(),
        integer: true,
        ..Column::default()
    });
    let pictures: String = column_panels(&columns, palette::category(0), "").iter().map(panel_svg).collect();
    let caption = "Grey: real molecules. Colour: generated ones with their statistical error. Lower frames: ratio, with the statistical error of the \
                   real ones as a grey band; arrow heads are points outside.";
    figure(&format!("<div class=\"panels\">{pictures}</div>"), caption)
}

fn lengths(judged: &Judgement) -> String {
    let mut out = String::from(
        "<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>Bond</th><th>per molecule, generated</th><th>real</th><th>length [Å], generated</th>\
         <th>real</th><th>distance [mÅ]</th><th>floor</th></tr></thead><tbody>",
    );
    for l in &judged.lengths {
        let _ = write!(
            out,
            "<tr><th>{}</th><td>{:.2}</td><td>{:.2}</td><td>{:.4} ± {:.4}</td><td>{:.4} ± {:.4}</td><td>{:.2} ± {:.2}</td><td>{:.2} ± {:.2}</td></tr>",
            escape(&l.bond),
            l.per_molecule[1],
            l.per_molecule[0],
            l.generated[0],
            l.generated[1],
            l.real[0],
            l.real[1],
            1000.0 * l.distance[0],
            1000.0 * l.distance[1],
            1000.0 * l.floor[0],
            1000.0 * l.floor[1]
        );
    }
    out + "</tbody></table></div><p class=\"key\">Lengths: mean ± standard deviation. Distance: Wasserstein-1 of the laws of lengths; floor: \
           the same between two halves of the real molecules.</p>"
}
