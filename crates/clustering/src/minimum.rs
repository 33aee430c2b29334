//! The smallest of many numbers of which a few change at a time: numbers in groups, and the smallest of each group.
//!
//! A change costs one group (later, and once for all changes in it), a question one pass over the groups.

use crate::plain::argmin;

/// Numbers per group.
const GROUP: usize = 32;

/// Numbers at places, their smallest on demand.
#[derive(Debug, Default)]
pub(crate) struct Minimum {
    values: Vec<f64>,
    groups: Vec<f64>,
    changed: Vec<u32>,
    /// Whether a group is in `changed`.
    noted: Vec<bool>,
}

impl Minimum {
    /// Places for `n` numbers, all infinite.
    pub(crate) fn reset(&mut self, n: usize) {
        self.values.clear();
        self.groups.clear();
        self.noted.clear();
        self.changed.clear();
        self.grow(n);
    }

    /// At least `n` places; new ones are infinite.
    pub(crate) fn grow(&mut self, n: usize) {
        let groups = n.div_ceil(GROUP);
        self.groups.resize(groups, f64::INFINITY);
        self.noted.resize(groups, false);
        self.values.resize(groups * GROUP, f64::INFINITY);
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, place: usize, value: f64) {
        self.values[place] = value;
        let group = place / GROUP;
        if !self.noted[group] {
            self.noted[group] = true;
            self.changed.push(group as u32);
        }
    }

    /// Place and value of the smallest number.
    #[inline(always)]
    pub(crate) fn smallest(&mut self) -> (usize, f64) {
        for &group in &self.changed {
            let g = group as usize;
            self.groups[g] = least(&self.values[g * GROUP..(g + 1) * GROUP]);
            self.noted[g] = false;
        }
        self.changed.clear();
        let (g, _) = argmin(&self.groups);
        let (place, value) = argmin(&self.values[g * GROUP..(g + 1) * GROUP]);
        (g * GROUP + place, value)
    }
}

#[inline(always)]
fn least(values: &[f64]) -> f64 {
    let mut lanes = [f64::INFINITY; 8];
    for chunk in values.as_chunks::<8>().0 {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value < *lane { value } else { *lane };
        }
    }
    lanes.into_iter().fold(f64::INFINITY, |a, b| if b < a { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_is_found_after_any_changes() {
        let (mut minimum, mut plain) = (Minimum::default(), vec![f64::INFINITY; 200]);
        minimum.reset(100);
        minimum.grow(200);
        let mut state = 1u64;
        for step in 0..5000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let (place, value) = ((state >> 33) as usize % 200, (state >> 40) as f64);
            let value = if step % 3 == 0 { f64::INFINITY } else { value };
            minimum.set(place, value);
            plain[place] = value;
            if step % 4 == 0 {
                let (found, smallest) = minimum.smallest();
                assert_eq!(smallest, plain.iter().copied().fold(f64::INFINITY, f64::min));
                assert_eq!(plain[found], smallest);
            }
        }
    }
}
