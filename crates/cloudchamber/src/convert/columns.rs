//! The columns of a table of events: one row per event, particles and vertices as jagged columns.
//!
//! | columns | type |
//! |---|---|
//! | `event_number` | i64 |
//! | `weight`, then `weight_NAME` for every further named weight; `weights`, jagged, where several have no names | f64 |
//! | `scale` \[GeV\], `alphaQCD`, `alphaQED`, `cross_section`, `cross_section_error` \[pb\]; NaN where the file says nothing | f64 |
//! | `process_id`; 0 for none | i32 |
//! | `nparticle`, and of that length `particle_pdg`, `particle_status` | i32 |
//! | `particle_px`, `_py`, `_pz`, `_e`, `_mass` \[GeV\] | f64 |
//! | `particle_production`, `particle_end`: the vertices that it comes from and ends in, -1 for none | i32 |
//! | `nvertex`, and of that length `vertex_status` | i32 |
//! | `vertex_x`, `_y`, `_z`, `_t` (ct) \[mm\]; NaN where none is said | f64 |

use records::{Event, Particle, Vertex};
use tables::{Column, Element};

/// How a column is filled from an event.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// The event's number.
    Number,
    /// A whole number of the event.
    Integer(fn(&Event) -> i32),
    /// A number of the event.
    Float(fn(&Event) -> f64),
    /// The weight at this place.
    Weight(usize),
    /// All weights.
    Weights,
    /// How many particles follow.
    Particles,
    /// A whole number of each particle.
    ParticleInteger(fn(&Particle) -> i32),
    /// A number of each particle.
    ParticleFloat(fn(&Particle) -> f64),
    /// How many vertices follow.
    Vertices,
    /// A whole number of each vertex.
    VertexInteger(fn(&Vertex) -> i32),
    /// A number of each vertex.
    VertexFloat(fn(&Vertex) -> f64),
}

/// What is asked of an event.
type OfEvent = fn(&Event) -> f64;
/// What is asked of a particle.
type OfParticle = fn(&Particle) -> f64;
/// What is asked of a vertex.
type OfVertex = fn(&Vertex) -> f64;

const PARTICLES: &str = "nparticle";
const VERTICES: &str = "nvertex";

fn index(vertex: Option<usize>) -> i32 {
    vertex.and_then(|v| i32::try_from(v).ok()).unwrap_or(-1)
}

fn section(event: &Event, error: bool) -> f64 {
    let list = event.cross_section.as_ref().map(|xs| if error { &xs.errors } else { &xs.values });
    list.and_then(|list| list.first().copied()).unwrap_or(f64::NAN)
}

const OF_EVENT: [(&str, OfEvent); 5] = [
    ("scale", |e| e.scale.unwrap_or(f64::NAN)),
    ("alphaQCD", |e| e.alpha_qcd.unwrap_or(f64::NAN)),
    ("alphaQED", |e| e.alpha_qed.unwrap_or(f64::NAN)),
    ("cross_section", |e| section(e, false)),
    ("cross_section_error", |e| section(e, true)),
];

const OF_PARTICLE: [(&str, OfParticle); 5] = [
    ("particle_px", |p| p.px),
    ("particle_py", |p| p.py),
    ("particle_pz", |p| p.pz),
    ("particle_e", |p| p.e),
    ("particle_mass", |p| p.mass),
];

const OF_VERTEX: [(&str, OfVertex); 4] = [
    ("vertex_x", |v| v.position.map_or(f64::NAN, |x| x[0])),
    ("vertex_y", |v| v.position.map_or(f64::NAN, |x| x[1])),
    ("vertex_z", |v| v.position.map_or(f64::NAN, |x| x[2])),
    ("vertex_t", |v| v.position.map_or(f64::NAN, |x| x[3])),
];

/// Names of the columns of weights, one for each name, of which the first is nominal: `weight`, `weight_MUR_2`, ...
///
/// Letters, digits and `_` stay, everything else becomes `_`, because ROOT, HDF5 and data frames each dislike other signs.
/// The names themselves are kept as an attribute of the table ([`super::run_text`]).
pub fn weight_columns(names: &[String]) -> Vec<String> {
    let mut columns = vec!["weight".to_string()];
    for name in names.iter().skip(1) {
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut column = format!("weight_{plain}");
        let mut number = 1;
        while columns.contains(&column) {
            number += 1;
            column = format!("weight_{plain}_{number}");
        }
        columns.push(column);
    }
    columns
}

/// All columns of a table of events with these named weights; `unnamed` if there are several without names.
pub fn event_table(weight_names: &[String], unnamed: bool, final_only: bool) -> Vec<(Column, Field)> {
    let mut list = vec![(Column::scalar("event_number", Element::I64), Field::Number)];
    for (k, name) in weight_columns(weight_names).into_iter().enumerate() {
        list.push((Column::scalar(name, Element::F64), Field::Weight(k)));
    }
    if unnamed {
        list.push((Column::jagged("weights", Element::F64), Field::Weights));
    }
    list.extend(OF_EVENT.map(|(name, f)| (Column::scalar(name, Element::F64), Field::Float(f))));
    let process = Field::Integer(|e| e.process.unwrap_or(0));
    list.push((Column::scalar("process_id", Element::I32), process));

    let counted = |name: &str, element, counter: &str| Column {
        counter: Some(counter.to_string()),
        ..Column::jagged(name, element)
    };
    let integer = |name: &str, f| (counted(name, Element::I32, PARTICLES), Field::ParticleInteger(f));
    list.push((Column::scalar(PARTICLES, Element::I32), Field::Particles));
    list.push(integer("particle_pdg", |p| p.pdg));
    list.push(integer("particle_status", |p| p.status));
    list.extend(OF_PARTICLE.map(|(name, f)| (counted(name, Element::F64, PARTICLES), Field::ParticleFloat(f))));
    if final_only {
        return list;
    }
    list.push(integer("particle_production", |p| index(p.production)));
    list.push(integer("particle_end", |p| index(p.end)));
    list.push((Column::scalar(VERTICES, Element::I32), Field::Vertices));
    list.push((counted("vertex_status", Element::I32, VERTICES), Field::VertexInteger(|v| v.status)));
    list.extend(OF_VERTEX.map(|(name, f)| (counted(name, Element::F64, VERTICES), Field::VertexFloat(f))));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_weights_become_different_names_of_columns() {
        let names = ["nominal", "MUR=2 MUF=1", "MUR=2:MUF=1", "pdf <3>"].map(String::from);
        assert_eq!(weight_columns(&names), ["weight", "weight_MUR_2_MUF_1", "weight_MUR_2_MUF_1_2", "weight_pdf__3_"]);
        assert_eq!(weight_columns(&[]), ["weight"]);
    }

    #[test]
    fn no_two_columns_have_one_name() {
        let names = ["a", "b"].map(String::from);
        let columns = event_table(&names, true, false).into_iter().map(|(column, _)| column).collect();
        tables::Schema::new(columns).unwrap();
    }
}
