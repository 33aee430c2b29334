//! Events of LHE files.

use super::header::{MOST_TEXT, collect};
use super::{graph, status_from_lhe, xml};
use crate::error::Fault;
use crate::event::{Owner, PdfInfo};
use crate::lines::Lines;
use crate::names::{LHE_TAG, LHE_TEXT};
use crate::tokens::{Tokens, text};
use crate::{Error, Event, Particle, RunInfo};

/// What is kept between events.
#[derive(Default)]
pub(crate) struct Reader {
    count: i64,
    ended: bool,
}

impl Reader {
    /// Reads the next event; false at the end. Names of weights that no header declares come from the first event.
    pub(crate) fn read(
        &mut self,
        lines: &mut Lines,
        run: &mut RunInfo,
        event: &mut Event,
        first: bool,
    ) -> Result<bool, Error> {
        lines.event = None;
        event.clear();
        let tag = loop {
            let Some(line) = lines.next_filled()? else {
                return if self.ended { Ok(false) } else { Err(lines.truncated("</LesHouchesEvents>")) };
            };
            let line = line.trim_ascii();
            let expected = match line {
                _ if self.ended => "nothing after </LesHouchesEvents>",
                b"</LesHouchesEvents>" => {
                    self.ended = true;
                    continue;
                }
                _ if line.starts_with(b"<eventgroup") || line == b"</eventgroup>" => continue,
                _ if line.starts_with(b"<!--") => {
                    let first = line.to_vec();
                    collect(lines, first, b"-->")?;
                    continue;
                }
                _ => match line.strip_prefix(b"<event").and_then(|rest| rest.strip_suffix(b">")) {
                    Some(tag) if tag.first().is_none_or(u8::is_ascii_whitespace) => break text(tag.trim_ascii()),
                    _ => "<event> on a line of its own, or </LesHouchesEvents>",
                },
            };
            let fault = Fault::text(expected, line);
            return Err(lines.error(fault));
        };
        event.number = self.count;
        lines.event = Some(self.count);
        if !tag.is_empty() {
            event.set_attribute(Owner::Event, LHE_TAG, tag);
        }
        self.particles(lines, event)?;
        let (mut rest, mut weights) = (String::new(), Weights::default());
        loop {
            let Some(line) = lines.next_filled()? else { return Err(lines.truncated("</event>")) };
            let line = line.trim_ascii();
            let start =
                |name: &str| line.strip_prefix(name.as_bytes()).is_some_and(|l| matches!(l.first(), Some(b'>' | b' ')));
            if line == b"</event>" {
                break;
            } else if start("<rwgt") {
                let first = line.to_vec();
                let block = collect(lines, first, b"</rwgt>")?;
                weights.read_rwgt(&block).map_err(|fault| lines.error(fault))?;
            } else if start("<weights") {
                let first = line.to_vec();
                let block = collect(lines, first, b"</weights>")?;
                weights.read_list(&block).map_err(|fault| lines.error(fault))?;
            } else if let Some(pdf) = line.strip_prefix(b"#pdf").and_then(|rest| read_pdf(rest).ok()) {
                event.pdf = Some(pdf);
            } else if line.starts_with(b"<event") || line.starts_with(b"</LesHouchesEvents") {
                let fault = Fault::text("</event>", line);
                return Err(lines.error(fault));
            } else if line.starts_with(b"#") || line.starts_with(b"<") || !rest.is_empty() {
                if rest.len() + line.len() > MOST_TEXT {
                    let fault = Fault::new("</event>", format!("more than {MOST_TEXT} bytes without it"));
                    return Err(lines.error(fault));
                }
                rest += &text(line);
                rest.push('\n');
            } else {
                let expected = format!("</event>, # or < after NUP = {} particles", event.particles.len());
                let fault = Fault::text(expected, line);
                return Err(lines.error(fault));
            }
        }
        if !rest.is_empty() {
            event.set_attribute(Owner::Event, LHE_TEXT, rest.trim_end().to_string());
        }
        weights.name(run, event, first).and_then(|()| graph::join(event)).map_err(|fault| lines.error(fault))?;
        self.count += 1;
        Ok(true)
    }

    fn particles(&self, lines: &mut Lines, event: &mut Event) -> Result<(), Error> {
        let Some(line) = lines.next_filled()? else { return Err(lines.truncated("the numbers of <event>")) };
        let nup = read_numbers(line, event).map_err(|fault| lines.error(fault))?;
        for k in 1..=nup {
            let Some(line) = lines.next_filled()? else {
                return Err(lines.truncated(format!("particle {k} of {nup}")));
            };
            let particle = read_particle(line, k, nup).map_err(|fault| lines.error(fault))?;
            event.particles.push(particle);
        }
        Ok(())
    }
}

fn read_numbers(line: &[u8], event: &mut Event) -> Result<u32, Fault> {
    let mut tokens = Tokens::new(line);
    let nup = tokens.int("NUP")?;
    event.process = Some(tokens.int("IDPRUP")?);
    let [weight, scale, qed, qcd] = tokens.floats("XWGTUP, SCALUP, AQEDUP and AQCDUP")?;
    let known = |x: f64| (x >= 0.0).then_some(x);
    event.weights.push(weight);
    (event.scale, event.alpha_qed, event.alpha_qcd) = (known(scale), known(qed), known(qcd));
    tokens.end()?;
    Ok(nup)
}

fn read_particle(line: &[u8], k: u32, nup: u32) -> Result<Particle, Fault> {
    if matches!(line.trim_ascii().first(), Some(b'<' | b'#')) {
        return Err(Fault::text(format!("particle {k} of NUP = {nup}"), line));
    }
    let mut tokens = Tokens::new(line);
    let pdg = tokens.int("IDUP")?;
    let status = status_from_lhe(tokens.int("ISTUP")?);
    let mothers: [u32; 2] = [tokens.int("MOTHUP")?, tokens.int("MOTHUP")?];
    if let Some(mother) = mothers.into_iter().find(|&m| m > nup) {
        return Err(Fault::new(format!("mothers among the NUP = {nup} particles"), format!("mother {mother}")));
    }
    let colours = [tokens.int("ICOLUP")?, tokens.int("ICOLUP")?];
    let [px, py, pz, e, mass] = tokens.floats("PUP")?;
    let [lifetime, spin] = tokens.floats("VTIMUP and SPINUP")?;
    tokens.end()?;
    let bare = Particle::new(pdg, status, [0.0; 4]);
    Ok(Particle { px, py, pz, e, mass, mothers, colours, lifetime, spin, ..bare })
}

fn read_pdf(rest: &[u8]) -> Result<PdfInfo, Fault> {
    let mut tokens = Tokens::new(rest);
    let partons = [tokens.int("a parton")?, tokens.int("a parton")?];
    let [x1, x2, scale, xf1, xf2] = tokens.floats("x1, x2, Q, xf1 and xf2")?;
    tokens.end()?;
    Ok(PdfInfo { partons, x: [x1, x2], scale, xf: [xf1, xf2], sets: [0; 2] })
}

/// Weights of an event besides XWGTUP.
#[derive(Default)]
struct Weights {
    named: Vec<(String, f64)>,
    list: Vec<f64>,
}

impl Weights {
    fn read_rwgt(&mut self, block: &[u8]) -> Result<(), Fault> {
        for weight in xml::elements(block, "wgt") {
            let weight = weight.ok_or_else(|| Fault::text("<wgt id=\"...\"> weight </wgt>", block))?;
            let id = xml::attribute(weight.attributes, "id");
            let id = id.ok_or_else(|| Fault::text("a weight with its id", weight.attributes))?;
            let value = Tokens::new(weight.content.trim_ascii()).float("a weight")?;
            self.named.push((xml::unescape(id).trim().to_string(), value));
        }
        Ok(())
    }

    fn read_list(&mut self, block: &[u8]) -> Result<(), Fault> {
        for weights in xml::elements(block, "weights") {
            let content = weights.ok_or_else(|| Fault::text("<weights> ... </weights>", block))?.content;
            for word in content.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
                self.list.push(Tokens::new(word).float("a weight")?);
            }
        }
        Ok(())
    }

    /// Puts the weights into the order of their names.
    fn name(self, run: &mut RunInfo, event: &mut Event, first: bool) -> Result<(), Fault> {
        if first && run.weight_names.is_empty() {
            let numbers = (1..=self.list.len()).map(|k| k.to_string());
            let ids = self.named.iter().map(|(id, _)| id.clone());
            run.weight_names = std::iter::once(RunInfo::NOMINAL.to_string()).chain(numbers.chain(ids)).collect();
        }
        let wanted = run.weight_names.get(1..).unwrap_or_default();
        if !self.list.is_empty() && self.named.is_empty() {
            event.weights.extend(&self.list);
        } else if self.list.is_empty() && self.named.iter().map(|(id, _)| id).eq(wanted) {
            event.weights.extend(self.named.iter().map(|(_, weight)| weight));
        } else {
            // Another order than that of the declaration.
            for id in wanted {
                let found = self.named.iter().find(|(name, _)| name == id);
                let found = found.ok_or_else(|| Fault::new(format!("the weight {id:?} of the header"), "none"))?;
                event.weights.push(found.1);
            }
            if let Some((id, _)) = self.named.iter().find(|(id, _)| !wanted.contains(id)) {
                return Err(Fault::new("weights that the header or the first event names", format!("weight {id:?}")));
            }
        }
        if event.weights.len() == run.weight_names.len() {
            return Ok(());
        }
        let found = format!("{}", event.weights.len() - 1);
        Err(Fault::new(format!("{} weights besides XWGTUP, as declared", run.weight_names.len() - 1), found))
    }
}
