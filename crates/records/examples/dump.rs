//! Prints any event file as JSON lines, or converts it: `dump FILE [--write OUT]`.
//!
//! The first line is the run, the others are events, the last is the summary. Numbers are those in memory (GeV, mm),
//! with all digits.

use records::{Error, Event, Owner, Reader, RunInfo, Summary, Writer};
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

fn run(info: &RunInfo, reader: &Reader) -> Value {
    let processes = info.processes.iter().map(|p| json!([p.id, p.cross_section, p.error, p.max_weight]));
    json!({
        "format": reader.format().to_string(),
        "compression": reader.compression().to_string(),
        "weight_names": info.weight_names,
        "tools": info.tools.iter().map(|t| [&t.name, &t.version, &t.description]).collect::<Vec<_>>(),
        "beams": info.beams.map(|beams| beams.map(|b| json!([b.pdg, b.energy, b.pdf_group, b.pdf_set]))),
        "weighting": info.weighting,
        "processes": processes.collect::<Vec<_>>(),
        "header": info.header,
        "attributes": info.attributes,
    })
}

fn event(event: &Event) -> Value {
    let particles = event.particles.iter().map(|p| {
        json!({
            "pdg": p.pdg, "status": p.status, "p": [p.px, p.py, p.pz, p.e], "mass": p.mass,
            "production": p.production, "end": p.end, "colours": p.colours, "mothers": p.mothers,
            "lifetime": p.lifetime, "spin": p.spin,
        })
    });
    let attributes = event.attributes.iter().map(|a| {
        let owner = match a.owner {
            Owner::Event => json!("event"),
            Owner::Particle(i) => json!(["particle", i]),
            Owner::Vertex(v) => json!(["vertex", v]),
        };
        json!([owner, a.name, a.value])
    });
    json!({
        "number": event.number,
        "weights": event.weights,
        "position": event.position,
        "process": event.process,
        "scale": event.scale,
        "alpha_qed": event.alpha_qed,
        "alpha_qcd": event.alpha_qcd,
        "signal_vertex": event.signal_vertex,
        "cross_section": event.cross_section.as_ref().map(|x| json!([x.values, x.errors, x.accepted, x.attempted])),
        "pdf": event.pdf.map(|p| json!([p.partons, p.x, p.scale, p.xf, p.sets])),
        "particles": particles.collect::<Vec<_>>(),
        "vertices": event.vertices.iter().map(|v| json!([v.status, v.position])).collect::<Vec<_>>(),
        "attributes": attributes.collect::<Vec<_>>(),
    })
}

fn summary(s: Summary) -> Value {
    json!({
        "events": s.events, "particles": s.particles,
        "negative_weights": s.negative_weights, "sum_of_weights": s.sum_of_weights,
    })
}

fn convert(mut reader: Reader, out: &str) -> Result<(), Error> {
    let mut writer = Writer::create(out, reader.run())?;
    let mut event = Event::default();
    while reader.read_into(&mut event)? {
        writer.write(&event)?;
    }
    println!("{}", summary(writer.finish()?));
    Ok(())
}

fn main() -> ExitCode {
    match dump() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dump() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [file, "--write", out] => convert(Reader::open(file)?, out)?,
        [file] => {
            let mut reader = Reader::open(file)?;
            let mut out = BufWriter::new(std::io::stdout().lock());
            writeln!(out, "{}", run(reader.run(), &reader))?;
            while let Some(e) = reader.next_event()? {
                writeln!(out, "{}", event(&e))?;
            }
            writeln!(out, "{}", summary(reader.summary()))?;
        }
        _ => return Err("usage: dump FILE [--write OUT.lhe|.hepmc3|.hepmc2[.gz|.zst]]".into()),
    }
    Ok(())
}
