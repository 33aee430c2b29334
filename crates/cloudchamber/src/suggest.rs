//! The nearest known name to one that is not known, for "did you mean" messages.
//!
//! Distance: optimal string alignment (insertions, deletions, substitutions and swaps of neighbours cost 1 each; Damerau 1964, Levenshtein 1966).

/// Optimal string alignment distance between two strings, case ignored: the least number of single-character edits and neighbour swaps.
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitute.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

/// The known name nearest to `found`, if one is near enough to be worth mentioning (at most a third of the letters differ, or one begins with the other).
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = found.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            let related =
                lower.len() > 2 && (name.starts_with(&lower) || lower.starts_with(name) || name.contains(&lower));
            let far = distance(found, name);
            let limit = (found.chars().count().max(name.chars().count())).div_ceil(3);
            (far, related || far <= limit && far < name.chars().count().max(found.chars().count()), name)
        })
        .filter(|&(_, near, _)| near)
        .min_by_key(|&(far, _, _)| far)
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_a_metric_on_small_words() {
        let words = ["", "a", "ab", "ba", "abc", "heun", "huen", "euler"];
        for a in words {
            assert_eq!(distance(a, a), 0);
            for b in words {
                assert_eq!(distance(a, b), distance(b, a));
                let (long, short) = (a.len().max(b.len()), a.len().min(b.len()));
                assert!(distance(a, b) >= long - short && distance(a, b) <= long);
            }
        }
        assert_eq!(distance("heun", "huen"), 1, "a swap of neighbours is one edit");
        assert_eq!(distance("Heun", "heun"), 0, "case is ignored");
    }

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_none() {
        let samplers = ["ddim", "ddpm", "euler", "heun", "dpmpp2m"];
        assert_eq!(nearest("hune", samplers), Some("heun"));
        assert_eq!(nearest("dpmpp", samplers), Some("dpmpp2m"));
        assert_eq!(nearest("eular", samplers), Some("euler"));
        assert_eq!(nearest("runge-kutta", samplers), None);
        assert_eq!(nearest("b", ["g", "q"]), None, "one letter is as far as any other");
        assert_eq!(nearest("learning_rat", ["steps", "learning_rate"]), Some("learning_rate"));
    }
}
