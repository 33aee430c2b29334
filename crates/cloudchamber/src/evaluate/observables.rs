//! The observables that a report plots beside the usual ones: substructure and energy-flow polynomials.

use super::{Features, Observable};

/// Columns of the classifier's features worth a plot: (name there, label, unit).
const COLUMNS: [(&str, &str, &str); 6] = [
    ("jet mass", "Jet mass  *m*_{jet}", "GeV"),
    ("girth", "Girth  *λ*^{1}_{1}", ""),
    ("pt dispersion", "Momentum dispersion  *p*_{T}*D*", ""),
    ("tau21", "*τ*_{21}", ""),
    ("tau32", "*τ*_{32}", ""),
    ("D2", "*D*_{2}", ""),
];

/// Energy-flow polynomials worth a plot: (label, graph).
const POLYNOMIALS: [(&str, &str); 2] =
    [("Energy-flow polynomial, one edge", "01"), ("Energy-flow polynomial, triangle", "01 02 12")];

/// All of them, of a real and a generated sample.
pub(super) fn all(real: &Features, generated: &Features) -> Vec<Observable> {
    let column = |&(name, label, unit): &(&str, &'static str, &'static str)| {
        let (real, generated) = (real.observable(name)?, generated.observable(name)?);
        Some(Observable { label, unit, logarithmic: false, real, generated })
    };
    let efp = |(label, column): (&'static str, usize)| {
        let values = |f: &Features| f.efps.column(column).map(|v| v as f32).collect();
        Observable { label, unit: "", logarithmic: true, real: values(real), generated: values(generated) }
    };
    let named =
        |&(label, name): &(&'static str, &str)| Some((label, collider::efp::NAMES.iter().position(|n| *n == name)?));
    COLUMNS.iter().filter_map(column).chain(POLYNOMIALS.iter().filter_map(named).map(efp)).collect()
}
