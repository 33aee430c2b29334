//! A fixed-size binary form of an encoded jet, so that any row of a data set larger than memory is one read away.

use collider::encode::Row;

/// Bytes of a row with `capacity` particle slots.
pub fn size(capacity: usize) -> usize {
    4 * (2 + 8 + 3 * capacity)
}

/// Appends a row.
pub fn push(out: &mut Vec<u8>, row: &Row) {
    out.extend((row.class as u32).to_le_bytes());
    out.extend((row.count as u32).to_le_bytes());
    out.extend(row.level.iter().chain(row.particles.iter().flatten()).flat_map(|v| v.to_le_bytes()));
}

/// Reads a row of [`size`] bytes.
pub fn parse(bytes: &[u8]) -> Row {
    let mut words = bytes.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
    let mut whole = || u32::from_le_bytes(words.next().expect("a row of full size")) as usize;
    let (class, count) = (whole(), whole());
    let mut floats = words.map(f32::from_le_bytes);
    let level = std::array::from_fn(|_| floats.next().expect("a row of full size"));
    let rest: Vec<f32> = floats.collect();
    Row { class, count, level, particles: rest.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_the_round_trip() {
        let particles = vec![[0.1, 0.2, 0.3], [1.0, -2.0, 3.0], [0.0; 3]];
        let row = Row { class: 3, count: 2, level: [0.5, 1.0, -1.0, 2.0, 0.0, 7.0, 8.0, 9.0], particles };
        let mut bytes = Vec::new();
        push(&mut bytes, &row);
        assert_eq!(bytes.len(), size(3));
        assert_eq!(parse(&bytes), row);
    }
}
