//! Writing events as `Asciiv3`.

use super::attributes;
use crate::Event;
use crate::event::Owner;
use crate::print::Text;

/// Writes one event; `event` has passed [`Event::check`].
///
/// Particles keep their order if mothers come before daughters in it, which older readers need; else they are sorted.
pub(crate) fn write_event(out: &mut Text, event: &Event) {
    let topology = event.topology();
    let order = event.mothers_first(&topology);
    let mut numbers = vec![0; order.len()];
    for (k, &i) in order.iter().enumerate() {
        numbers[i] = k + 1;
    }
    out.push("E").int(event.number).count(event.vertices.len()).count(event.particles.len());
    write_position(out, event.position);
    out.push("\nU GEV MM\n");
    if !event.weights.is_empty() {
        out.push("W").floats(&event.weights).end_line();
    }
    attributes::write(out, event, &numbers);

    // A vertex without a line gets the next free number from a reader, so all must come in the order of their numbers.
    let appearance = order.iter().filter_map(|&i| event.particles[i].production);
    let mut highest = None;
    let mut sorted = true;
    for v in appearance {
        sorted &= highest.is_none_or(|h| v <= h + 1) && (highest.is_some() || v == 0);
        highest = highest.max(Some(v));
    }
    sorted &= highest.map_or(0, |h| h + 1) == event.vertices.len();
    let mut attributed = vec![false; event.vertices.len()];
    for attribute in &event.attributes {
        if let Owner::Vertex(v) = attribute.owner {
            attributed[v] = true;
        }
    }
    let mut written = vec![false; event.vertices.len()];
    let mut write_vertex = |out: &mut Text, v: usize| {
        if std::mem::replace(&mut written[v], true) {
            return;
        }
        out.push("V -").push(&(v + 1).to_string()).int(event.vertices[v].status).push(" [");
        let mut incoming: Vec<usize> = topology.incoming[v].iter().map(|&i| numbers[i]).collect();
        incoming.sort_unstable();
        for (k, number) in incoming.iter().enumerate() {
            out.push(if k > 0 { "," } else { "" }).push(&number.to_string());
        }
        out.push("]");
        write_position(out, event.vertices[v].position);
        out.end_line();
    };
    for &i in &order {
        let particle = &event.particles[i];
        let origin = match particle.production {
            None => 0,
            Some(v) => {
                let vertex = &event.vertices[v];
                let plain = sorted && vertex.status == 0 && vertex.position.is_none() && !attributed[v];
                match topology.incoming[v].as_slice() {
                    [mother] if plain && numbers[*mother] < numbers[i] => numbers[*mother] as i64,
                    _ => {
                        write_vertex(out, v);
                        -(v as i64) - 1
                    }
                }
            }
        };
        out.push("P").count(numbers[i]).int(origin).int(particle.pdg);
        out.floats(&[particle.px, particle.py, particle.pz, particle.e, particle.mass]).int(particle.status).end_line();
    }
    // Vertices that nothing comes out of.
    for v in 0..event.vertices.len() {
        if topology.outgoing[v].is_empty() {
            write_vertex(out, v);
        }
    }
}

fn write_position(out: &mut Text, position: Option<[f64; 4]>) {
    if let Some(position) = position {
        out.push(" @").floats(&position);
    }
}
