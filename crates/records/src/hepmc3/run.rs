//! The lines between the beginning of the listing and the first event.

use super::{escape, unescape};
use crate::check::is_name;
use crate::error::Fault;
use crate::lines::Lines;
use crate::names::HEPRUP;
use crate::print::Text;
use crate::run::Tool;
use crate::tokens::{Tokens, text};
use crate::{Error, Format, RunInfo, lhe};

pub(super) const START: &[u8] = b"HepMC::Asciiv3-START_EVENT_LISTING";
pub(super) const END: &[u8] = b"HepMC::Asciiv3-END_EVENT_LISTING";

/// Reads up to the first event, which stays to be read.
pub(crate) fn read_header(lines: &mut Lines) -> Result<RunInfo, Error> {
    loop {
        match lines.next_filled()? {
            None => return Err(lines.truncated(text(START))),
            Some(line) if line.trim_ascii() == START => return read_run(lines),
            Some(line) if line.starts_with(b"HepMC::") || line.starts_with(b"\xef\xbb\xbfHepMC::") => {}
            Some(line) => {
                let fault = Fault::text(text(START), line);
                return Err(lines.error(fault));
            }
        }
    }
}

/// Reads the information about the run that follows START.
pub(super) fn read_run(lines: &mut Lines) -> Result<RunInfo, Error> {
    let mut run = RunInfo::default();
    while let Some(line) = lines.next_filled()? {
        if line.starts_with(b"E") || line.starts_with(b"HepMC::") {
            lines.back();
            break;
        }
        read_line(line, &mut run).map_err(|fault| lines.error(fault))?;
    }
    Ok(run)
}

fn read_line(line: &[u8], run: &mut RunInfo) -> Result<(), Fault> {
    let mut tokens = Tokens::new(line);
    match tokens.word().unwrap_or_default() {
        // Older files write the number of names in W and the names in N, which comes next and counts.
        b"W" | b"N" => {
            let names = unescape(tokens.rest());
            run.weight_names =
                if names.is_empty() { Vec::new() } else { names.split('\n').map(String::from).collect() };
        }
        b"T" => {
            let parts = unescape(tokens.rest());
            let mut parts = parts.splitn(3, '\n').map(String::from);
            let mut next = || parts.next().unwrap_or_default();
            run.tools.push(Tool { name: next(), version: next(), description: next() });
        }
        b"A" => {
            let name = text(tokens.word().unwrap_or_default());
            let value = unescape(tokens.rest());
            if name == HEPRUP && lhe::read_init_text(&value, run) {
                return Ok(());
            }
            run.attributes.push((name, value));
        }
        _ => return Err(Fault::text("run information (W, N, T or A) or an event (E)", line)),
    }
    Ok(())
}

/// Writes everything before the first event.
pub(crate) fn write_header(out: &mut Text, run: &RunInfo) -> Result<(), Error> {
    let refuse = |problem: String| Err(Error::Run { format: Format::HepMc3, problem });
    out.push("HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\n");
    if !run.weight_names.is_empty() {
        if let Some(name) = run.weight_names.iter().find(|n| n.contains(['\n', '\r']) || n.trim() != n.as_str()) {
            return refuse(format!("the weight name {name:?} has a line break or a blank at its ends"));
        }
        if run.weight_names == [""] {
            return refuse("the only weight has an empty name; name it \"Default\"".to_string());
        }
        out.push("W ").push(&escape(&run.weight_names.join("\n"))).end_line();
    }
    for tool in &run.tools {
        if tool.name.contains('\n') || tool.version.contains('\n') {
            return refuse(format!("the tool {:?} has a line break in its name or version", tool.name));
        }
        let parts = [tool.name.as_str(), &tool.version, &tool.description].join("\n");
        out.push("T ").push(&escape(&parts)).end_line();
    }
    if run.beams.is_some() || !run.header.is_empty() {
        out.push("A ").push(HEPRUP).push(" ").push(&escape(&lhe::init_text(run)?)).end_line();
    }
    for (name, value) in &run.attributes {
        if !is_name(name) {
            return refuse(format!("{name:?} is no name of an attribute: it must be one word"));
        }
        out.push("A ").push(name).push(" ").push(&escape(value)).end_line();
    }
    Ok(())
}
