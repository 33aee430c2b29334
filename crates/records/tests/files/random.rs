//! Random events from a fixed seed (SplitMix64), awkward on purpose.

use records::{Attribute, Beam, CrossSection, Event, Owner, Particle, PdfInfo, Process, RunInfo, Tool, Vertex};

pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// Any finite number: all exponents, whole ones, zeros of both signs.
    pub fn float(&mut self) -> f64 {
        match self.below(8) {
            0 => [0.0, -0.0, 1.0, -1e300, 5e-324, 1e21, 123456789.0, 0.1][self.below(8)],
            1 => self.below(100_000) as f64 - 50_000.0,
            2..=4 => (self.bits() >> 11) as f64 / (1u64 << 53) as f64 * 1000.0 - 500.0,
            _ => Some(f64::from_bits(self.bits())).filter(|x| x.is_finite()).unwrap_or(0.5),
        }
    }

    pub fn positive(&mut self) -> f64 {
        self.float().abs()
    }

    fn position(&mut self) -> Option<[f64; 4]> {
        (self.below(2) == 0).then(|| [self.float(), self.float(), self.float(), self.float()])
    }

    fn word(&mut self) -> String {
        ["a b", "x\\|y", "two\nlines", "ünïcode ✓", "1 2 3", "back\\"][self.below(6)].to_string()
    }

    fn particle(&mut self, status: i32) -> Particle {
        let pdg = [11, -13, 22, 21, 2212, 1000822080, -1000024][self.below(7)];
        Particle {
            px: self.float(),
            py: self.float(),
            pz: self.float(),
            e: self.float(),
            mass: self.float(),
            colours: if self.below(3) == 0 { [501, self.below(600) as i32] } else { [0; 2] },
            ..Particle::new(pdg, status, [0.0; 4])
        }
    }

    /// A run with `weights` names.
    pub fn run(&mut self, weights: usize) -> RunInfo {
        let beam = Beam { pdg: 2212, energy: 6500.5, pdf_group: 0, pdf_set: 303_400 };
        RunInfo {
            weight_names: (0..weights).map(|k| if k == 0 { "Default".into() } else { format!("w{k} & <x>") }).collect(),
            tools: vec![Tool { name: "gen".into(), version: "1".into(), description: "made \\ up".into() }],
            beams: Some([beam, Beam { pdg: -2212, ..beam }]),
            weighting: Some(-4),
            processes: vec![Process { id: 7, cross_section: self.positive(), error: self.positive(), max_weight: 1.0 }],
            header: "<note>any text & signs</note>\n second line".into(),
            init_text: "<generator name=\"gen\" version=\"1\">made \\ up</generator>".into(),
            attributes: vec![("seed".into(), "42\n43".into())],
        }
    }

    /// A shower: beams, then vertices that take one to three open particles and give one to four.
    pub fn shower(&mut self, number: i64, weights: usize, vertices: usize) -> Event {
        let mut event = Event { number, weights: (0..weights).map(|_| self.float()).collect(), ..Event::default() };
        event.particles = vec![self.particle(4), self.particle(4)];
        let mut open = vec![0, 1];
        for v in 0..vertices {
            let (position, status) =
                (self.position(), if self.below(3) == 0 { self.below(1000) as i32 - 500 } else { 0 });
            event.vertices.push(Vertex { position, status });
            let incoming = if v == 0 { 2 } else { 1 + self.below(3).min(open.len() - 1) };
            for _ in 0..incoming {
                let i = open.swap_remove(self.below(open.len()));
                event.particles[i].end = Some(v);
                event.particles[i].status = if i < 2 { 4 } else { 2 };
            }
            for _ in 0..1 + self.below(4) {
                open.push(event.particles.len());
                let (lifetime, spin) = if self.below(4) == 0 { (self.float(), self.float()) } else { (0.0, 9.0) };
                let new = self.particle(1);
                event.particles.push(Particle { production: Some(v), lifetime, spin, ..new });
            }
        }
        self.numbers(&mut event);
        event
    }

    fn numbers(&mut self, event: &mut Event) {
        event.position = self.position();
        event.process = Some(7);
        event.scale = Some(self.positive());
        event.alpha_qed = Some(self.positive());
        event.alpha_qcd = (self.below(2) == 0).then(|| self.positive());
        event.signal_vertex = (self.below(2) == 0).then(|| self.below(event.vertices.len()));
        event.cross_section = (self.below(2) == 0).then(|| CrossSection {
            values: event.weights.iter().map(|_| self.float()).collect(),
            errors: event.weights.iter().map(|_| self.float()).collect(),
            accepted: Some(self.below(1000) as i64),
            attempted: None,
        });
        event.pdf = (self.below(2) == 0).then(|| PdfInfo {
            partons: [21, -(self.below(5) as i32)],
            x: [self.float(), self.float()],
            scale: self.float(),
            xf: [self.float(), self.float()],
            sets: [1, 2],
        });
        for name in ["note", "x"] {
            let owners = [
                Owner::Event,
                Owner::Particle(self.below(event.particles.len())),
                Owner::Vertex(self.below(event.vertices.len())),
            ];
            let owner = owners[self.below(3)];
            event.attributes.push(Attribute { owner, name: name.into(), value: self.word() });
        }
    }

    /// The same event with its particles and vertices in another order.
    pub fn shuffled(&mut self, event: &Event) -> Event {
        let mut permutation = |n: usize| -> Vec<usize> {
            let mut p: Vec<usize> = (0..n).collect();
            (1..n).rev().for_each(|i| p.swap(i, self.below(i + 1)));
            p
        };
        let (to_p, to_v) = (permutation(event.particles.len()), permutation(event.vertices.len()));
        let mut out = event.clone();
        for (i, particle) in event.particles.iter().enumerate() {
            let [production, end] = [particle.production, particle.end].map(|v| v.map(|v| to_v[v]));
            out.particles[to_p[i]] = Particle { production, end, ..*particle };
        }
        for (v, vertex) in event.vertices.iter().enumerate() {
            out.vertices[to_v[v]] = *vertex;
        }
        out.signal_vertex = event.signal_vertex.map(|v| to_v[v]);
        for attribute in &mut out.attributes {
            attribute.owner = match attribute.owner {
                Owner::Event => Owner::Event,
                Owner::Particle(i) => Owner::Particle(to_p[i]),
                Owner::Vertex(v) => Owner::Vertex(to_v[v]),
            };
        }
        out
    }
}

/// An event as text that does not depend on the order of particles and vertices, and shows every bit of a number.
pub fn canonical(event: &Event) -> Vec<String> {
    let topology = event.topology();
    let name = |i: usize| {
        let p = event.particles[i];
        format!("{:?}", records::Particle { production: None, end: None, ..p })
    };
    let names = |list: &[usize]| {
        let mut names: Vec<String> = list.iter().map(|&i| name(i)).collect();
        names.sort();
        names
    };
    let vertex = |v: usize| {
        format!("{:?} {:?} -> {:?}", event.vertices[v], names(&topology.incoming[v]), names(&topology.outgoing[v]))
    };
    let mut out: Vec<String> = (0..event.particles.len()).map(name).collect();
    out.extend((0..event.vertices.len()).map(vertex));
    out.extend(event.attributes.iter().map(|a| {
        let owner = match a.owner {
            Owner::Event => "event".to_string(),
            Owner::Particle(i) => name(i),
            Owner::Vertex(v) => vertex(v),
        };
        format!("{owner}: {} = {:?}", a.name, a.value)
    }));
    out.sort();
    let rest = Event { particles: vec![], vertices: vec![], attributes: vec![], signal_vertex: None, ..event.clone() };
    out.push(format!("{rest:?} {:?}", event.signal_vertex.map(vertex)));
    out
}
