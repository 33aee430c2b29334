//! Everything before the first event: `<header>` as text, `<init>` as numbers and text.

use std::io::Cursor;
use std::path::Path;

use super::xml;
use crate::error::Fault;
use crate::lines::Lines;
use crate::print::Text;
use crate::run::{Beam, Process, Tool};
use crate::tokens::{Tokens, text};
use crate::{Error, Format, RunInfo};

/// Most text of a header or of an event that is kept.
pub(super) const MOST_TEXT: usize = 1 << 26;

/// Reads up to the end of `<init>`; weights declared in `<initrwgt>` give their names.
pub(crate) fn read_header(lines: &mut Lines) -> Result<RunInfo, Error> {
    let mut run = RunInfo::default();
    loop {
        let Some(line) = lines.next_filled()? else {
            return Err(lines.truncated("<init>"));
        };
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if line.starts_with(b"<!--") {
            if memchr::memmem::find(line, b"-->").is_none() {
                collect(lines, Vec::new(), b"-->")?;
            }
        } else if line.starts_with(b"<header") {
            let first = line.to_vec();
            run.header = block(lines, first, "header")?;
        } else if line.starts_with(b"<init>") || line.starts_with(b"<init ") {
            break;
        } else if !(line.starts_with(b"<LesHouchesEvents") || line.starts_with(b"<?xml")) {
            let fault = Fault::text("<header> or <init>", line);
            return Err(lines.error(fault));
        }
    }
    read_init(lines, &mut run)?;
    let mut names = Vec::new();
    for source in [&run.header, &run.init_text] {
        declared(source, &mut names);
    }
    if !names.is_empty() {
        run.weight_names = std::iter::once(RunInfo::NOMINAL.to_string()).chain(names).collect();
    }
    for generator in xml::elements(run.init_text.as_bytes(), "generator").flatten() {
        let part = |name| xml::attribute(generator.attributes, name).map(xml::unescape).unwrap_or_default();
        let description = xml::unescape(generator.content.trim_ascii());
        // Before version 3 was settled, the name stood within the element.
        let tool = match part("name") {
            name if name.is_empty() => Tool { name: description, version: part("version"), description: String::new() },
            name => Tool { name, version: part("version"), description },
        };
        run.tools.push(tool);
    }
    Ok(run)
}

/// Ids of the weights that a text declares.
fn declared(text: &str, names: &mut Vec<String>) {
    for block in xml::elements(text.as_bytes(), "initrwgt").flatten() {
        for weight in xml::elements(block.content, "weight").flatten() {
            let id = xml::attribute(weight.attributes, "id").or_else(|| xml::attribute(weight.attributes, "name"));
            names.extend(id.map(|id| xml::unescape(id).trim().to_string()));
        }
    }
}

fn read_init(lines: &mut Lines, run: &mut RunInfo) -> Result<(), Error> {
    let Some(line) = lines.next_filled()? else { return Err(lines.truncated("the numbers of <init>")) };
    let processes = read_beams(line, run).map_err(|fault| lines.error(fault))?;
    for k in 0..processes {
        let Some(line) = lines.next_filled()? else { return Err(lines.truncated("the processes of <init>")) };
        let process = read_process(line, k, processes).map_err(|fault| lines.error(fault))?;
        run.processes.push(process);
    }
    let Some(line) = lines.next()? else { return Err(lines.truncated("</init>")) };
    let first = line.to_vec();
    run.init_text = inner(collect(lines, first, b"</init>")?, b"</init>");
    Ok(())
}

fn read_beams(line: &[u8], run: &mut RunInfo) -> Result<u32, Fault> {
    let mut tokens = Tokens::new(line);
    let pdg: [i32; 2] = [tokens.int("IDBMUP")?, tokens.int("IDBMUP")?];
    let energy: [f64; 2] = tokens.floats("EBMUP")?;
    let group = [tokens.int("PDFGUP")?, tokens.int("PDFGUP")?];
    let set = [tokens.int("PDFSUP")?, tokens.int("PDFSUP")?];
    run.beams = Some([0, 1].map(|k| Beam { pdg: pdg[k], energy: energy[k], pdf_group: group[k], pdf_set: set[k] }));
    run.weighting = Some(tokens.int("IDWTUP")?);
    let processes = tokens.int("NPRUP")?;
    tokens.end()?;
    Ok(processes)
}

fn read_process(line: &[u8], k: u32, processes: u32) -> Result<Process, Fault> {
    if line.trim_ascii().starts_with(b"<") {
        return Err(Fault::text(format!("process {} of NPRUP = {processes}", k + 1), line));
    }
    let mut tokens = Tokens::new(line);
    let [cross_section, error, max_weight] = tokens.floats("XSECUP, XERRUP and XMAXUP")?;
    let id = tokens.int("LPRUP")?;
    tokens.end()?;
    Ok(Process { id, cross_section, error, max_weight })
}

/// Text from `first` on up to the line with `end`, which is included.
pub(super) fn collect(lines: &mut Lines, first: Vec<u8>, end: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = first;
    let mut from = 0;
    while memchr::memmem::find(&out[from..], end).is_none() {
        from = out.len();
        let Some(line) = lines.next()? else { return Err(lines.truncated(text(end))) };
        out.push(b'\n');
        out.extend_from_slice(line);
        if out.len() > MOST_TEXT {
            let fault = Fault::new(text(end), format!("more than {MOST_TEXT} bytes without it"));
            return Err(lines.error(fault));
        }
    }
    Ok(out)
}

/// The text within an element whose first line is `first`.
fn block(lines: &mut Lines, first: Vec<u8>, name: &str) -> Result<String, Error> {
    let end = format!("</{name}>").into_bytes();
    let mut all = collect(lines, first, &end)?;
    let start = memchr::memchr(b'>', &all).map_or(0, |at| at + 1);
    all.drain(..start);
    Ok(inner(all, &end))
}

/// Text up to `end`, without the line breaks around it.
fn inner(mut all: Vec<u8>, end: &[u8]) -> String {
    all.truncate(memchr::memmem::find(&all, end).unwrap_or(all.len()));
    text(&all).trim_matches('\n').to_string()
}

/// Reads the text of [`init_text`], which LHE files leave in HepMC3 files; false, and nothing changed, if it is not
/// that.
pub(crate) fn read_init_text(value: &str, run: &mut RunInfo) -> bool {
    let source = Cursor::new(value.as_bytes().to_vec());
    let read = Lines::new(Box::new(source), Path::new("HEPRUP"), None).and_then(|mut lines| read_header(&mut lines));
    let Ok(found) = read else { return false };
    (run.beams, run.weighting) = (found.beams, found.weighting);
    (run.processes, run.header, run.init_text) = (found.processes, found.header, found.init_text);
    true
}

/// `<header>` and `<init>` as text, without the element around them: so HepMC3 reads its attribute `HEPRUP`.
pub(crate) fn init_text(run: &RunInfo) -> Result<String, Error> {
    let mut out = Text::default();
    if !run.header.is_empty() {
        out.push("<header>\n").push(&run.header).push("\n</header>\n");
    }
    write_init(&mut out, run, "");
    Ok(text(&out.0))
}

/// Writes everything before the first event.
pub(crate) fn write_header(out: &mut Text, run: &RunInfo) -> Result<(), Error> {
    let refuse = |problem: String| Err(Error::Run { format: Format::Lhe, problem });
    let mut names = Vec::new();
    for source in [&run.header, &run.init_text] {
        declared(source, &mut names);
    }
    for (what, text, end) in [("header", &run.header, "</header>"), ("init_text", &run.init_text, "</init>")] {
        if text.contains(end) {
            return refuse(format!("its {what} contains {end}, which would end it"));
        }
    }
    let wanted = run.weight_names.get(1..).unwrap_or_default();
    if !names.is_empty() && names != wanted {
        return refuse(format!(
            "its text declares the weights {names:?} in <initrwgt>, but the events have {wanted:?}"
        ));
    }
    for (k, name) in wanted.iter().enumerate() {
        if name.trim() != name || name.is_empty() || name.contains('\n') || wanted[..k].contains(name) {
            return refuse(format!("{name:?} is no id of a weight: empty, twice there, or with blanks at its ends"));
        }
    }
    out.push("<LesHouchesEvents version=\"3.0\">\n");
    let declare = names.is_empty() && !wanted.is_empty();
    if declare || !run.header.is_empty() {
        out.push("<header>\n");
        if !run.header.is_empty() {
            out.push(&run.header).end_line();
        }
        if declare {
            out.push("<initrwgt>\n");
            for name in wanted.iter().map(|name| xml::escape(name)) {
                out.push("<weight id=\"").push(&name).push("\">").push(&name).push("</weight>\n");
            }
            out.push("</initrwgt>\n");
        }
        out.push("</header>\n");
    }
    let mut generators = String::new();
    if !run.init_text.contains("<generator") {
        for tool in &run.tools {
            let [name, version, text] = [&tool.name, &tool.version, &tool.description].map(|part| xml::escape(part));
            generators += &format!("<generator name=\"{name}\" version=\"{version}\">{text}</generator>\n");
        }
    }
    write_init(out, run, &generators);
    Ok(())
}

fn write_init(out: &mut Text, run: &RunInfo, generators: &str) {
    let [a, b] = run.beams.unwrap_or_default();
    out.push("<init>\n").int(a.pdg).int(b.pdg).floats(&[a.energy, b.energy]);
    out.int(a.pdf_group).int(b.pdf_group).int(a.pdf_set).int(b.pdf_set);
    out.int(run.weighting.unwrap_or(-4)).count(run.processes.len()).end_line();
    for process in &run.processes {
        out.floats(&[process.cross_section, process.error, process.max_weight]).int(process.id).end_line();
    }
    if !run.init_text.is_empty() {
        out.push(&run.init_text).end_line();
    }
    out.push(generators).push("</init>\n");
}
