//! Ranges of a card's keys, and commands of Pythia that no card may have.

use super::{AlgorithmName, Card, PythiaSection, Select};
use crate::Error;

/// Settings that belong to the program, not to a card, and why.
const RESERVED: [(&str, &str); 4] = [
    ("random:", "the seed is --seed"),
    ("main:", "the number of events is -n"),
    ("beams:lhef", "events are made here, not read"),
    ("stat:", "the program keeps the statistics"),
];

impl Card {
    pub(super) fn check_commands(&self) -> Result<(), Error> {
        let PythiaSection { commands, block } = &self.pythia;
        if commands.is_empty() {
            return Err(self.value("pythia.commands", "none", "commands of Pythia, such as \"HardQCD:all = on\""));
        }
        if !(1..=1_000_000).contains(block) {
            return Err(self.value("pythia.block", block, "1 to 1000000"));
        }
        for command in commands {
            let plain = command.to_ascii_lowercase().replace(' ', "");
            if command.contains('\n') {
                return Err(self.value("pythia.commands", format!("{command:?}"), "one line per command"));
            }
            if let Some((_, why)) = RESERVED.iter().find(|(start, _)| plain.starts_with(start)) {
                return Err(self.value(
                    "pythia.commands",
                    format!("\"{command}\""),
                    &format!("no such command: {why}"),
                ));
            }
            if plain.starts_with("beams:frametype=4") || plain.starts_with("beams:frametype=5") {
                let expected = "beams of Pythia's own (frameType 1, 2 or 3): events are made here, not read";
                return Err(self.value("pythia.commands", format!("\"{command}\""), expected));
            }
        }
        Ok(())
    }

    pub(super) fn check_selection(&self) -> Result<(), Error> {
        let positive = |key: &str, value: f64| {
            let good = value > 0.0 && value.is_finite();
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, "a positive number")) }
        };
        let from_zero = |key: &str, value: f64| {
            let good = value >= 0.0 && value.is_finite();
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, "a number from 0 on")) }
        };
        let range = |key: &str, [least, most]: [f64; 2]| {
            let found = format!("[{least}, {most}]");
            let good = least >= 0.0 && least <= most;
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), found, "[least, largest], from 0 on")) }
        };
        let radius = |algorithm: AlgorithmName, radius: f64| {
            let checked = algorithm.at(radius).validate();
            checked.map_err(|_| self.value("select.radius", radius, "more than 0, at most 1000"))
        };
        let count = |key: &str, value: usize, most: usize| {
            let good = (1..=most).contains(&value);
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, &format!("1 to {most}"))) }
        };
        match &self.select {
            Select::Jets(s) => {
                if s.class.is_none() {
                    return Err(self.value("select.class", "nothing", "g, q, t, w or z"));
                }
                radius(s.algorithm, s.radius)?;
                range("pt", s.pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                count("leading", s.leading, 1000)?;
                positive("distance", s.distance)?;
                s.parton_pt.map_or(Ok(()), |pt| positive("parton_pt", pt))?;
                positive("tolerance", s.tolerance)?;
                count("constituents", s.constituents, 10_000)?;
                count("bits", s.bits as usize, 23)
            }
            Select::Zjets(s) => {
                radius(s.algorithm, s.radius)?;
                from_zero("pt", s.pt)?;
                positive("eta", s.eta)?;
                from_zero("separation", s.separation)?;
                range("jets", s.jets.map(|n| n as f64))
            }
            Select::Dis(s) => {
                range("q2", s.q2)?;
                range("y", s.y)?;
                from_zero("pt", s.pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                s.particles.map_or(Ok(()), |n| count("particles", n, 1_000_000))
            }
            Select::Dijets(s) => {
                radius(s.algorithm, s.radius)?;
                positive("particle_eta", s.particle_eta)?;
                from_zero("pt", s.pt)?;
                from_zero("second_pt", s.second_pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                count("constituents", s.constituents, 10_000)
            }
        }
    }
}
