//! Writing events as LHE.

use super::{hard, xml};
use crate::event::Owner;
use crate::names::{LHE_TAG, LHE_TEXT};
use crate::print::Text;
use crate::{Error, Event, RunInfo};

/// Writes one event, which has passed [`Event::check`].
pub(crate) fn write_event(out: &mut Text, event: &Event, run: &RunInfo) -> Result<(), Error> {
    let refuse = |problem: String| Err(Error::Event { number: event.number, problem });
    let lines = hard::lines(event)?;
    let process = event.process.or(run.processes.first().map(|p| p.id)).unwrap_or(1);
    if !run.processes.iter().any(|p| p.id == process) {
        let known: Vec<i32> = run.processes.iter().map(|p| p.id).collect();
        return refuse(format!("its process is {process}, but the run declares {known:?}; set RunInfo::processes"));
    }
    let [text, tag] = [LHE_TEXT, LHE_TAG].map(|name| event.attribute(Owner::Event, name).unwrap_or_default());
    if text.contains("</event") || tag.contains(['<', '>', '\n']) {
        return refuse(format!("its attribute {LHE_TEXT} or {LHE_TAG} would end the event"));
    }
    out.push("<event").push(if tag.is_empty() { "" } else { " " }).push(tag).push(">\n");
    out.count(lines.len()).int(process).float(event.weight());
    for number in [event.scale, event.alpha_qed, event.alpha_qcd] {
        out.float(number.unwrap_or(-1.0));
    }
    out.end_line();
    for line in &lines {
        let p = &line.particle;
        out.int(p.pdg).int(line.status).int(line.mothers[0]).int(line.mothers[1]).int(p.colours[0]).int(p.colours[1]);
        out.floats(&[p.px, p.py, p.pz, p.e, p.mass, p.lifetime, p.spin]).end_line();
    }
    if let Some(pdf) = &event.pdf {
        out.push("#pdf").int(pdf.partons[0]).int(pdf.partons[1]);
        out.floats(&pdf.x).float(pdf.scale).floats(&pdf.xf).end_line();
    }
    if !text.is_empty() {
        out.push(text).end_line();
    }
    if event.weights.len() > 1 {
        out.push("<rwgt>\n");
        for (name, &weight) in run.weight_names.iter().zip(&event.weights).skip(1) {
            out.push("<wgt id=\"").push(&xml::escape(name)).push("\">").float(weight).push(" </wgt>\n");
        }
        out.push("</rwgt>\n");
    }
    out.push("</event>\n");
    Ok(())
}
