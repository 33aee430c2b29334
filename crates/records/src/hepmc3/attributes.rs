//! Attributes of an event that have a field in [`Event`], and those that have none.

use super::{escape, unescape};
use crate::error::Fault;
use crate::event::{Attribute, CrossSection, Owner, PdfInfo};
use crate::names::*;
use crate::print::Text;
use crate::tokens::{Tokens, text};
use crate::{Event, Particle};

/// A property of a particle whose P line comes later.
pub(super) enum Early {
    Colour(usize, i32),
    Lifetime(f64),
    Spin(f64),
}

/// Reads what follows `A`. Vertices are named by their number in the file, less one.
pub(super) fn read(mut tokens: Tokens, event: &mut Event, early: &mut Vec<(usize, Early)>) -> Result<(), Fault> {
    let id: i32 = tokens.int("the owner of the attribute")?;
    let name = tokens.word().unwrap_or_default();
    if name.is_empty() {
        return Err(Fault::new("the name of the attribute", "nothing"));
    }
    let mut value = Tokens::new(tokens.rest());
    let place = id.unsigned_abs() as usize;
    let owner = match id {
        0 => Owner::Event,
        1.. => Owner::Particle(place - 1),
        _ => Owner::Vertex(place - 1),
    };
    let known = std::str::from_utf8(name).unwrap_or_default();
    match (owner, known) {
        (Owner::Event, CROSS_SECTION) => event.cross_section = Some(cross_section(value)?),
        (Owner::Event, PDF_INFO) => event.pdf = Some(pdf_info(value)?),
        (Owner::Event, PROCESS) => event.process = Some(value.int(PROCESS)?),
        (Owner::Event, SCALE) => event.scale = Some(value.float(SCALE)?),
        (Owner::Event, ALPHA_QCD) => event.alpha_qcd = Some(value.float(ALPHA_QCD)?),
        (Owner::Event, ALPHA_QED) => event.alpha_qed = Some(value.float(ALPHA_QED)?),
        (Owner::Event, SIGNAL_VERTEX) => {
            let vertex: i32 = value.int(SIGNAL_VERTEX)?;
            event.signal_vertex = (vertex != 0).then(|| vertex.unsigned_abs() as usize - 1);
        }
        (Owner::Particle(i), "flow1") => early.push((i, Early::Colour(0, value.int("flow1")?))),
        (Owner::Particle(i), "flow2") => early.push((i, Early::Colour(1, value.int("flow2")?))),
        // HepMC3's own reader of HepMC2 makes one list of the colour lines.
        (Owner::Particle(i), "flows") if value_words(&value) == 2 => {
            early.push((i, Early::Colour(0, value.int("flows")?)));
            early.push((i, Early::Colour(1, value.int("flows")?)));
        }
        (Owner::Particle(i), LIFETIME) => early.push((i, Early::Lifetime(value.float(LIFETIME)?))),
        (Owner::Particle(i), SPIN) => early.push((i, Early::Spin(value.float(SPIN)?))),
        _ => event.attributes.push(Attribute { owner, name: text(name), value: unescape(tokens.rest()) }),
    }
    Ok(())
}

fn value_words(value: &Tokens) -> usize {
    value.rest().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count()
}

fn cross_section(mut value: Tokens) -> Result<CrossSection, Fault> {
    let [first, error] = value.floats("the cross section and its error")?;
    let mut out = CrossSection { values: vec![first], errors: vec![error], ..CrossSection::default() };
    let said = |n: i64| (n >= 0).then_some(n);
    if !value.rest().is_empty() {
        out.accepted = said(value.int("the number of accepted events")?);
        out.attempted = said(value.int("the number of attempted events")?);
    }
    // The pairs for all weights follow, the first once more.
    let mut pairs = 0;
    while !value.rest().is_empty() {
        let [x, dx] = value.floats("a cross section and its error")?;
        if pairs == 0 {
            (out.values[0], out.errors[0]) = (x, dx);
        } else {
            out.values.push(x);
            out.errors.push(dx);
        }
        pairs += 1;
    }
    Ok(out)
}

fn pdf_info(mut value: Tokens) -> Result<PdfInfo, Fault> {
    let partons = [value.int("a parton")?, value.int("a parton")?];
    let [x1, x2, scale, xf1, xf2] = value.floats("x1, x2, the scale, xf1 and xf2")?;
    let mut sets = [0; 2];
    if !value.rest().is_empty() {
        sets = [value.int("a set of parton densities")?, value.int("a set of parton densities")?];
    }
    Ok(PdfInfo { partons, x: [x1, x2], scale, xf: [xf1, xf2], sets })
}

/// Writes the attributes of the event and of its particles, these under `numbers`.
pub(super) fn write(out: &mut Text, event: &Event, numbers: &[usize]) {
    let Event { process, scale, alpha_qed, alpha_qcd, signal_vertex, cross_section, pdf, .. } = event;
    if let Some(CrossSection { values, errors, accepted, attempted }) = cross_section {
        out.push("A 0 ").push(CROSS_SECTION).floats(&values[..1]).floats(&errors[..1]);
        out.int(accepted.unwrap_or(-1)).int(attempted.unwrap_or(-1));
        for (x, dx) in values.iter().zip(errors) {
            out.floats(&[*x, *dx]);
        }
        out.end_line();
    }
    if let Some(PdfInfo { partons, x, scale, xf, sets }) = pdf {
        out.push("A 0 ").push(PDF_INFO).int(partons[0]).int(partons[1]).floats(x).float(*scale).floats(xf);
        out.int(sets[0]).int(sets[1]).end_line();
    }
    if let Some(n) = process {
        out.push("A 0 ").push(PROCESS).int(*n).end_line();
    }
    if let Some(v) = signal_vertex {
        out.push("A 0 ").push(SIGNAL_VERTEX).push(&format!(" -{}", v + 1)).end_line();
    }
    for (name, value) in [(SCALE, scale), (ALPHA_QCD, alpha_qcd), (ALPHA_QED, alpha_qed)] {
        if let Some(x) = value {
            out.push("A 0 ").push(name).float(*x).end_line();
        }
    }
    for attribute in &event.attributes {
        match attribute.owner {
            Owner::Event => out.push("A 0"),
            Owner::Particle(i) => out.push("A").count(numbers[i]),
            Owner::Vertex(v) => out.push(&format!("A -{}", v + 1)),
        };
        out.push(" ").push(&attribute.name).push(" ").push(&escape(&attribute.value)).end_line();
    }
    for (particle, &number) in event.particles.iter().zip(numbers) {
        write_particle(out, particle, number);
    }
}

fn write_particle(out: &mut Text, particle: &Particle, number: usize) {
    for (name, colour) in ["flow1", "flow2"].into_iter().zip(particle.colours) {
        if colour != 0 {
            out.push("A").count(number).push(" ").push(name).int(colour).end_line();
        }
    }
    for (name, value, default) in [(LIFETIME, particle.lifetime, 0.0f64), (SPIN, particle.spin, 9.0)] {
        // By bits, for -0 is another number when it is read back.
        if value.to_bits() != default.to_bits() {
            out.push("A").count(number).push(" ").push(name).float(value).end_line();
        }
    }
}
