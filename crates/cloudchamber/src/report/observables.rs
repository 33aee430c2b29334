//! The distributions every class of jets is shown in, computed from the particles alone.

use super::hist::{Sample, Scale};
use super::panel::{Panel, Spec};
use super::{ClassReport, Column, particles};
use crate::plot::palette;
use collider::Jets;

/// Relative jet mass m^2 = (sum E)^2 - |sum p|^2 of massless particles, in units of the jet's transverse momentum.
pub fn relative_mass(particles: &[[f32; 3]]) -> f32 {
    let mut sum = [0f64; 4];
    for &[eta, phi, pt] in particles {
        let (eta, phi, pt) = (f64::from(eta), f64::from(phi), f64::from(pt));
        for (s, p) in sum.iter_mut().zip([eta.cosh(), phi.cos(), phi.sin(), eta.sinh()]) {
            *s += pt * p;
        }
    }
    let [e, x, y, z] = sum;
    (e * e - x * x - y * y - z * z).max(0.0).sqrt() as f32
}

fn per_jet(jets: &Jets, f: impl Fn(usize, &[[f32; 3]]) -> f32) -> Sample {
    Sample { values: (0..jets.len()).map(|i| f(i, particles(jets, i))).collect(), per_jet: None }
}

fn per_particle(jets: &Jets, f: impl Fn(&[f32; 3]) -> f32) -> Sample {
    let mut sample = Sample { values: Vec::new(), per_jet: Some(Vec::with_capacity(jets.len())) };
    for i in 0..jets.len() {
        let own = particles(jets, i);
        sample.values.extend(own.iter().map(&f));
        sample.per_jet.get_or_insert_default().push(own.len() as u32);
    }
    sample
}

/// All panels of a class: eight standard observables, then the caller's columns.
pub fn panels(class: &ClassReport) -> Vec<Panel> {
    let colour = palette::category(class.colour);
    let tag = super::page::capital(&format!("{} jets", class.label));
    let (real, generated) = (&class.real, &class.generated);
    let spec = |key, label, unit, scale, log_y| Spec { key, tag: &tag, colour, label, unit, scale, log_y };
    let jets = |spec: Spec, f: &dyn Fn(&Jets) -> Sample| Panel::new(&spec, &f(real), &f(generated));
    // A file of the 30 hardest particles piles its jets up at 30; only a logarithmic axis shows the others.
    let full = (0..real.len()).filter(|&i| particles(real, i).len() >= real.capacity).count();
    let piled = 5 * full > real.len();
    let mut out = vec![
        jets(spec("mass", "Relative jet mass  *m*/*p*_{T}^{jet}", "", Scale::Linear, false), &|j| {
            per_jet(j, |_, p| relative_mass(p))
        }),
        jets(spec("multiplicity", "Particles per jet", "", Scale::Integer, piled), &|j| {
            per_jet(j, |_, p| p.len() as f32)
        }),
        jets(spec("pt_sum", "Sum of particle  *p*_{T}^{rel}", "", Scale::Linear, false), &|j| {
            per_jet(j, |_, p| p.iter().map(|p| p[2]).sum())
        }),
        jets(spec("jet_pt", "Jet  *p*_{T}", "GeV", Scale::Linear, false), &|j| {
            per_jet(j, |i, _| j.jet.get(i).map_or(f32::NAN, |jet| jet[0]))
        }),
        jets(spec("leading_pt", "Leading particle  *p*_{T}^{rel}", "", Scale::Linear, false), &|j| {
            per_jet(j, |_, p| p.iter().map(|p| p[2]).fold(f32::NAN, f32::max))
        }),
        jets(spec("pt_rel", "Particle  *p*_{T}^{rel}", "", Scale::Log, true), &|j| per_particle(j, |p| p[2])),
        jets(spec("eta_rel", "Particle  *η*^{rel}", "", Scale::Linear, true), &|j| per_particle(j, |p| p[0])),
        jets(spec("phi_rel", "Particle  *φ*^{rel}", "", Scale::Linear, true), &|j| per_particle(j, |p| p[1])),
    ];
    out.extend(column_panels(&class.columns, colour, &tag));
    out
}

/// A panel for each column; `tag` is written into all of them.
pub fn column_panels(columns: &[Column], colour: &'static str, tag: &str) -> Vec<Panel> {
    let panel = |column: &Column| {
        let scale = match (column.integer, column.log_x) {
            (true, _) => Scale::Integer,
            (_, true) => Scale::Log,
            _ => Scale::Linear,
        };
        let sample = |values: &[f32]| Sample { values: values.to_vec(), per_jet: None };
        let (label, unit) = (&column.label, &column.unit);
        let spec = Spec { key: label, tag, colour, label, unit, scale, log_y: column.log_y };
        Panel::new(&spec, &sample(&column.real), &sample(&column.generated))
    };
    columns.iter().map(panel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_back_to_back_central_particles_have_a_mass_of_their_energy() {
        let m = relative_mass(&[[0.0, 0.0, 0.5], [0.0, std::f32::consts::PI, 0.5]]);
        assert!((m - 1.0).abs() < 1e-6);
    }

    #[test]
    fn close_particles_follow_the_small_angle_formula() {
        // m^2 = 2 pT1 pT2 (cosh d_eta - cos d_phi), which tends to pT1 pT2 dR^2.
        let m = relative_mass(&[[0.1, 0.0, 0.6], [-0.1, 0.05, 0.4]]);
        let exact = (2.0 * 0.6 * 0.4 * (0.2f64.cosh() - 0.05f64.cos())).sqrt();
        assert!((f64::from(m) - exact).abs() < 1e-6);
        assert_eq!(relative_mass(&[]), 0.0);
    }
}
