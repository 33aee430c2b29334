//! Which columns of a table are particles: groups of columns that share a name and end in what they say.
//!
//! `mu1_pt`, `mu1_eta`, `mu1_phi` are one muon per event, jagged `Jet_pt`, `Jet_eta`, `Jet_phi`, `Jet_mass` (NanoAOD) or
//! `Jet.PT`, `Jet.Eta`, ... (Delphes) any number of jets, `particle_pdg`, `particle_px`, ... ([`super::columns`]) all.

use tables::{Column, Schema, Shape};

use super::Options;
use super::identity::Identity;
use crate::Error;

/// Endings of names, and what they say; longer ones first where one ends in another.
const ENDINGS: [(&str, Role); 18] = [
    ("pdg_id", Role::Pdg),
    ("pdgid", Role::Pdg),
    ("pdg", Role::Pdg),
    ("pid", Role::Pdg),
    ("pt", Role::Pt),
    ("eta", Role::Eta),
    ("phi", Role::Phi),
    ("mass", Role::Mass),
    ("m", Role::Mass),
    ("px", Role::Px),
    ("py", Role::Py),
    ("pz", Role::Pz),
    ("energy", Role::E),
    ("e", Role::E),
    ("charge", Role::Charge),
    ("status", Role::Status),
    ("production", Role::Production),
    ("end", Role::End),
];

/// What a column says about its particles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Pdg,
    Pt,
    Eta,
    Phi,
    Mass,
    Px,
    Py,
    Pz,
    E,
    Charge,
    Status,
    Production,
    End,
}

/// How the momenta are given, by the names of the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// px, py, pz in GeV.
    Cartesian([String; 3]),
    /// pT in GeV, eta, phi.
    Collider([String; 3]),
}

/// Columns that are particles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What their names share.
    pub name: String,
    /// Whether a row has any number of them, instead of one or a fixed number with gaps.
    pub jagged: bool,
    /// Momenta.
    pub momentum: Coordinates,
    /// Energies in GeV.
    pub energy: Option<String>,
    /// Masses in GeV.
    pub mass: Option<String>,
    /// PDG ids.
    pub pdg: Option<String>,
    /// Charges.
    pub charge: Option<String>,
    /// Status, as HepMC has it.
    pub status: Option<String>,
    /// Vertices that the particles come from and end in.
    pub vertices: Option<[String; 2]>,
    /// Who they are, where no column says it.
    pub identity: Identity,
}

/// Name and role of a column that may be one of particles.
fn split(column: &str) -> Option<(&str, Role)> {
    let lower = column.to_ascii_lowercase();
    ENDINGS.iter().find_map(|(ending, role)| {
        let stem = lower.strip_suffix(ending)?;
        let name = stem.strip_suffix(['_', '.']).filter(|name| !name.is_empty())?;
        Some((column.get(..name.len())?, *role))
    })
}

/// The groups of columns of a table that could be particles, in the order of the columns, and the names of incomplete ones.
pub fn groups(schema: &Schema) -> (Vec<Group>, Vec<String>) {
    let mut names: Vec<&str> = Vec::new();
    let real = |c: &&Column| !is_counter(schema, c);
    for (name, _) in schema.columns().iter().filter(real).filter_map(|c| split(&c.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let (mut complete, mut incomplete) = (Vec::new(), Vec::new());
    for name in names {
        match group(schema, name) {
            Some(group) => complete.push(group),
            // Others are no particles at all, such as the status of vertices.
            None if schema
                .columns()
                .iter()
                .any(|c| matches!(split(&c.name), Some((n, Role::Pt | Role::Px)) if n == name)) =>
            {
                incomplete.push(name.to_string());
            }
            None => {}
        }
    }
    (complete, incomplete)
}

/// Whether a column holds the lengths of the rows of another, as those that ROOT needs: `nJet_pt` of `Jet_pt`.
fn is_counter(schema: &Schema, column: &Column) -> bool {
    let of = column.name.strip_prefix('n').and_then(|name| schema.position(name));
    of.is_some_and(|place| schema.columns()[place].shape == Shape::Jagged)
        || schema.columns().iter().any(|c| c.counter.as_ref() == Some(&column.name))
}

fn group(schema: &Schema, name: &str) -> Option<Group> {
    let columns = schema.columns().iter();
    let mut shape = None;
    let mut find = |role: Role| -> Option<String> {
        let is = |c: &&Column| split(&c.name) == Some((name, role)) && shape.is_none_or(|s| s == c.shape);
        let column = columns.clone().find(is)?;
        shape = Some(column.shape);
        Some(column.name.clone())
    };
    let cartesian =
        |find: &mut dyn FnMut(Role) -> Option<String>| Some([find(Role::Px)?, find(Role::Py)?, find(Role::Pz)?]);
    let momentum = match cartesian(&mut find) {
        Some(columns) => Coordinates::Cartesian(columns),
        None => Coordinates::Collider([find(Role::Pt)?, find(Role::Eta)?, find(Role::Phi)?]),
    };
    let (energy, mass, pdg) = (find(Role::E), find(Role::Mass), find(Role::Pdg));
    let (charge, status) = (find(Role::Charge), find(Role::Status));
    let vertices = find(Role::Production).zip(find(Role::End)).map(|(a, b)| [a, b]);
    let identity = Identity::of(name);
    let jagged = shape == Some(Shape::Jagged);
    Some(Group { name: name.to_string(), jagged, momentum, energy, mass, pdg, charge, status, vertices, identity })
}

/// Names of the groups that hold all particles of an event, so that all others would repeat them.
const ALL: [&str; 3] = ["particle", "particles", "genpart"];

/// The groups that become particles, and what the user should know about the others.
///
/// # Errors
/// [`Error::Argument`] if there are none, [`Error::Unknown`] for a name of `--objects` or `--pdg` that is not there.
pub fn choose(schema: &Schema, path: &str, options: &Options) -> Result<(Vec<Group>, Vec<String>), Error> {
    let (mut all, incomplete) = groups(schema);
    let names: Vec<String> = all.iter().map(|g| g.name.clone()).collect();
    let known = || names.iter().map(String::as_str);
    for (name, id) in &options.pdg {
        let found = all.iter_mut().find(|g| g.name == *name);
        let group = found.ok_or_else(|| Error::unknown("group of columns", name, "--pdg", known()))?;
        (group.identity, group.pdg) = (Identity::Known(*id), None);
    }
    let mut notes = Vec::new();
    let identified = |g: &Group| match g.identity {
        _ if g.pdg.is_some() => true,
        Identity::Known(_) => true,
        Identity::Lepton(_) => g.charge.is_some(),
        Identity::Unknown => false,
    };
    let chosen: Vec<Group> = match &options.objects {
        Some(wanted) => {
            let find = |name: &String| {
                let found = all.iter().find(|g| g.name == *name).cloned();
                found.ok_or_else(|| Error::unknown("group of columns", name, "--objects", known()))
            };
            wanted.iter().map(find).collect::<Result<_, _>>()?
        }
        None => {
            let whole = all.iter().position(|g| ALL.contains(&g.name.to_ascii_lowercase().as_str()) && identified(g));
            let chosen: Vec<Group> = match whole {
                Some(place) => vec![all[place].clone()],
                None => all.iter().filter(|g| identified(g)).cloned().collect(),
            };
            let left: Vec<&str> = all.iter().filter(|g| !chosen.contains(g)).map(|g| g.name.as_str()).collect();
            if !left.is_empty() {
                notes.push(format!("not used: {}; --objects or --pdg NAME=ID would add them", left.join(", ")));
            }
            chosen
        }
    };
    if let Some(nobody) = chosen.iter().find(|g| !identified(g)) {
        let expected =
            format!("{0}=ID, because no column {0}_pdg (or {0}_charge of leptons) says what they are", nobody.name);
        return Err(Error::argument("--pdg", format!("nothing for {}", nobody.name), expected));
    }
    if !incomplete.is_empty() {
        notes.push(format!("no momenta (pt, eta, phi or px, py, pz): {}", incomplete.join(", ")));
    }
    if chosen.is_empty() {
        let there = if all.is_empty() { schema.names() } else { known().collect() };
        let expected = "columns of particles, such as particle_pdg, particle_px, ..., or mu1_pt, mu1_eta, mu1_phi, or Jet_pt, \
                        Jet_eta, Jet_phi; give PDG ids of others with --pdg NAME=ID";
        return Err(Error::argument("IN", format!("{path} with {}", there.join(", ")), expected));
    }
    Ok((chosen, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tables::Element;

    fn schema(names: &[&str]) -> Schema {
        Schema::new(names.iter().map(|name| Column::scalar(*name, Element::F32)).collect()).unwrap()
    }

    #[test]
    fn columns_are_grouped_by_what_their_names_share() {
        let table =
            schema(&["mu1_pt", "mu1_eta", "mu1_phi", "met_pt", "met_phi", "Jet.PT", "Jet.Eta", "Jet.Phi", "Jet.Mass"]);
        let (groups, incomplete) = groups(&table);
        assert_eq!(groups.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["mu1", "Jet"]);
        assert_eq!(incomplete, ["met"]);
        assert_eq!(groups[1].mass.as_deref(), Some("Jet.Mass"));
        assert_eq!(groups[1].momentum, Coordinates::Collider(["Jet.PT", "Jet.Eta", "Jet.Phi"].map(String::from)));
    }

    #[test]
    fn a_group_of_all_particles_is_taken_alone_and_others_are_named() {
        let columns = ["particle_pdg", "particle_px", "particle_py", "particle_pz", "particle_e"];
        let table = schema(&[&columns[..], &["j1_pt", "j1_eta", "j1_phi"]].concat());
        let (chosen, notes) = choose(&table, "t", &Options::default()).unwrap();
        assert_eq!(chosen.len(), 1);
        assert_eq!(chosen[0].energy.as_deref(), Some("particle_e"));
        assert!(notes[0].contains("j1"), "{notes:?}");
    }

    #[test]
    fn particles_of_no_known_identity_need_one() {
        let table = schema(&["Z_pt", "Z_eta", "Z_phi", "muon_pt", "muon_eta", "muon_phi"]);
        let message = choose(&table, "t", &Options::default()).unwrap_err().to_string();
        assert!(message.contains("--pdg NAME=ID"), "{message}");
        let given = Options { pdg: vec![("Z".into(), 23)], ..Options::default() };
        let (chosen, notes) = choose(&table, "t", &given).unwrap();
        assert_eq!((chosen.len(), chosen[0].identity), (1, Identity::Known(23)));
        assert!(notes[0].contains("muon"), "{notes:?}");
        let wrong = Options { pdg: vec![("z".into(), 23)], ..Options::default() };
        assert!(choose(&table, "t", &wrong).unwrap_err().to_string().contains("did you mean 'Z'"));
    }
}
