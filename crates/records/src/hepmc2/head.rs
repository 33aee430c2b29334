//! The lines of an event before its vertices: E, N, U, C, H, F.

use super::NO_MORE_HEAVY_IONS;
use crate::Event;
use crate::error::Fault;
use crate::event::{CrossSection, Owner, PdfInfo};
use crate::names::{HEAVY_ION, MPI, RANDOM_STATES};
use crate::tokens::{Tokens, text};
use crate::units::Units;

/// The promises of these lines.
#[derive(Default)]
pub(super) struct Head {
    pub(super) vertices: usize,
    pub(super) signal: i64,
    pub(super) beams: [i64; 2],
    pub(super) names: Option<Vec<String>>,
    pub(super) units: Option<Units>,
}

/// The E line, after its letter.
pub(super) fn read_event(mut tokens: Tokens, event: &mut Event) -> Result<Head, Fault> {
    event.number = tokens.int("the number of the event")?;
    let mpi: i64 = tokens.int("the number of multi-parton interactions")?;
    let [scale, alpha_qcd, alpha_qed] = tokens.floats("the scale, alphaQCD and alphaQED")?;
    let known = |x: f64| (x >= 0.0).then_some(x);
    (event.scale, event.alpha_qcd, event.alpha_qed) = (known(scale), known(alpha_qcd), known(alpha_qed));
    let process: i32 = tokens.int("the id of the signal process")?;
    event.process = (process != 0).then_some(process);
    let signal = tokens.int("the barcode of the signal vertex")?;
    let vertices: u32 = tokens.int("the number of vertices")?;
    let beams = [tokens.int("the barcode of a beam")?, tokens.int("the barcode of a beam")?];
    let random: u32 = tokens.int("the number of random states")?;
    let mut states = Vec::new();
    for _ in 0..random {
        let state =
            tokens.word().ok_or_else(|| Fault::new(format!("{random} random states"), states.len().to_string()))?;
        states.push(text(state));
    }
    let weights: u32 = tokens.int("the number of weights")?;
    for _ in 0..weights {
        event.weights.push(tokens.float("a weight")?);
    }
    tokens.end()?;
    if mpi >= 0 {
        event.set_attribute(Owner::Event, MPI, mpi.to_string());
    }
    if !states.is_empty() {
        event.set_attribute(Owner::Event, RANDOM_STATES, states.join(" "));
    }
    Ok(Head { vertices: vertices as usize, signal, beams, ..Head::default() })
}

/// N, U, C, H and F lines.
pub(super) fn read_line(line: &[u8], head: &mut Head, event: &mut Event) -> Result<(), Fault> {
    let mut tokens = Tokens::new(line);
    match tokens.word().unwrap_or_default() {
        b"N" => {
            head.names = Some(names(tokens)?);
            Ok(())
        }
        b"U" => {
            head.units = Some(Units::parse(&mut tokens)?);
            tokens.end()
        }
        b"C" => {
            let [value, error] = tokens.floats("the cross section and its error")?;
            event.cross_section =
                Some(CrossSection { values: vec![value], errors: vec![error], ..CrossSection::default() });
            tokens.end()
        }
        b"H" => {
            let mut words = Vec::new();
            for _ in 0..9 {
                words.push(tokens.int::<i64>("one of the 9 whole numbers about heavy ions")?.to_string());
            }
            for _ in 0..4 {
                words.push(tokens.float("one of the 4 numbers about heavy ions")?.to_string());
            }
            // Generators without nuclei write thirteen zeros.
            if words.iter().any(|word| word != "0") {
                let value = format!("v0 {} {NO_MORE_HEAVY_IONS}", words.join(" "));
                event.set_attribute(Owner::Event, HEAVY_ION, value);
            }
            tokens.end()
        }
        b"F" => {
            let partons = [tokens.int("a parton")?, tokens.int("a parton")?];
            let [x1, x2, scale, xf1, xf2] = tokens.floats("x1, x2, the scale, xf1 and xf2")?;
            let mut sets = [0; 2];
            if !tokens.rest().is_empty() {
                sets = [tokens.int("a set of parton densities")?, tokens.int("a set of parton densities")?];
            }
            let pdf = PdfInfo { partons, x: [x1, x2], scale, xf: [xf1, xf2], sets };
            // Without this information generators write zeros.
            event.pdf = (pdf != PdfInfo::default()).then_some(pdf);
            tokens.end()
        }
        _ => Err(Fault::text("a line N, U, C, H, F or the first vertex (V)", line)),
    }
}

/// A count and as many names in double quotes.
fn names(mut tokens: Tokens) -> Result<Vec<String>, Fault> {
    let count: u32 = tokens.int("the number of weight names")?;
    let mut names = Vec::new();
    let mut rest = tokens.rest();
    while !rest.is_empty() {
        let quoted = rest.strip_prefix(b"\"").and_then(|r| Some(r.split_at(r.iter().position(|&b| b == b'"')?)));
        let Some((name, after)) = quoted else {
            return Err(Fault::text("a weight name in double quotes", rest));
        };
        names.push(text(name));
        rest = after[1..].trim_ascii();
    }
    if names.len() == count as usize {
        Ok(names)
    } else {
        Err(Fault::new(format!("{count} weight names"), names.len().to_string()))
    }
}
