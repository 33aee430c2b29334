//! Pythia's event record as a graph of particles and vertices (arXiv:1912.08005).
//!
//! Pythia knows mothers. Particles with the same mothers come from one vertex, and mothers that share a daughter end in the same vertex, since a
//! particle ends once. Status: 1 final, 4 beam, 2 what decayed after hadronisation (a mother of status 91 to 99), else Pythia's own without its sign.
//! Which lines are mothers follows Pythia's manual, page "Particle Properties": both numbers 0, none; equal, or the second 0, one; first below second
//! in hadronisation (status 81 to 86 and 101 to 106), all between; else these two.

use records::{Event, Particle, PdfInfo, Vertex};

use super::protocol::{Line, Record};

/// The event without Pythia's line of the whole system. Of a hard process alone, what leaves it keeps its status 23, by which files of hard processes
/// know it.
pub fn event(record: &Record, number: u64) -> Event {
    let hard_process = record.lines.iter().filter(|line| line.is_final()).all(|line| line.status == 23);
    let system = record.lines.first().is_some_and(|line| line.pdg == 90);
    let first = usize::from(system);
    let lines = record.lines.get(first..).unwrap_or_default();
    let mothers: Vec<Vec<usize>> = lines.iter().map(|line| mothers(line, first, lines.len())).collect();

    // Mothers of one daughter share their end.
    let mut ends = Sets::new(lines.len());
    for group in &mothers {
        group.windows(2).for_each(|pair| ends.join(pair[0], pair[1]));
    }
    let mut vertex_of = vec![None; lines.len()];
    let mut vertices: Vec<Vertex> = Vec::new();
    let mut particles: Vec<Particle> = lines.iter().map(|line| particle(line, hard_process)).collect();
    for (k, group) in mothers.iter().enumerate() {
        let Some(&mother) = group.first() else { continue };
        let root = ends.root(mother);
        let vertex = *vertex_of[root].get_or_insert_with(|| {
            let [x, y, z, t] = lines[k].vertex;
            let position = (lines[k].vertex != [0.0; 4]).then_some([x, y, z, t]);
            vertices.push(Vertex { position, status: 0 });
            vertices.len() - 1
        });
        particles[k].production = Some(vertex);
        for &mother in group {
            particles[mother].end = Some(vertex);
        }
        if (91..=99).contains(&lines[k].status.abs()) {
            group.iter().filter(|&&m| lines[m].status < 0).for_each(|&m| particles[m].status = 2);
        }
    }
    let [scale, alpha_em, alpha_s] = record.scale;
    let [x1, x2, q, xf1, xf2] = record.pdf;
    Event {
        number: number as i64,
        weights: vec![record.weight],
        particles,
        vertices,
        process: Some(record.process),
        scale: Some(scale),
        alpha_qed: Some(alpha_em),
        alpha_qcd: Some(alpha_s),
        pdf: Some(PdfInfo { partons: record.partons, x: [x1, x2], scale: q, xf: [xf1, xf2], sets: [0; 2] }),
        ..Event::default()
    }
}

fn particle(line: &Line, hard_process: bool) -> Particle {
    let status = match line.status {
        final_state if final_state > 0 && !hard_process => 1,
        -12 => 4,
        other => other.abs(),
    };
    Particle { mass: line.mass, colours: line.colours, ..Particle::new(line.pdg, status, line.momentum) }
}

/// Places of the mothers among the lines from `first` on.
fn mothers(line: &Line, first: usize, lines: usize) -> Vec<usize> {
    let place = |k: i32| usize::try_from(k).ok().filter(|&k| k > 0)?.checked_sub(first).filter(|&k| k < lines);
    let [a, b] = line.mothers;
    let together = matches!(line.status.abs(), 81..=86 | 101..=106);
    match (place(a), place(b)) {
        (Some(a), Some(b)) if a < b && together => (a..=b).collect(),
        (Some(a), Some(b)) if a != b => vec![a, b],
        (Some(a), _) => vec![a],
        (None, Some(b)) => vec![b],
        (None, None) => Vec::new(),
    }
}

/// Sets that grow together (Tarjan 1975).
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(n: usize) -> Sets {
        Sets { parent: (0..n).collect() }
    }

    fn root(&mut self, mut k: usize) -> usize {
        while self.parent[k] != k {
            self.parent[k] = self.parent[self.parent[k]];
            k = self.parent[k];
        }
        k
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
