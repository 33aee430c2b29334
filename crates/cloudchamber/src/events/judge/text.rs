//! Judgements as text.

use super::Judgement;
use super::peak::shift;
use super::tails::{Side, Tail};

/// Judgements as text, those of the floor beside them.
pub fn table(judged: &[Judgement], floor: &[Judgement]) -> String {
    judged.iter().map(|one| section(one, floor.iter().find(|f| f.jets == one.jets))).collect()
}

fn section(one: &Judgement, floor: Option<&Judgement>) -> String {
    let beside = |value: Option<String>| value.map_or(String::new(), |v| format!("  (floor {v})"));
    let line = |name: &str, text: &dyn Fn(&Judgement) -> String| {
        format!("  {name:<12} {}{}\n", text(one), beside(floor.map(text)))
    };
    let jets = if one.jets == 1 { "jet" } else { "jets" };
    let draws = if one.draws > 1 { format!(", {} draws of the weights", one.draws) } else { String::new() };
    let mut out = format!(
        "{} {jets}: {} true and {} generated events, effectively {:.0}{draws}\n",
        one.jets, one.events[0], one.events[1], one.effective
    );
    for d in &one.distributions {
        let text = |j: &Judgement| {
            let d = j.distribution(&d.observable)?;
            let (chi, pull) = (d.chi_square, d.largest_pull);
            Some(format!("{:>6.2} %, chi2/bins {chi:.0}/{}, pull {pull:+.1}", 100.0 * d.deviation, d.pulls))
        };
        let floor = beside(floor.and_then(text));
        out += &format!("  {:<12} {}{floor}\n", d.observable, text(one).unwrap_or_default());
    }
    out += &line("all together", &|j| format!("{:>6.2} %", 100.0 * j.deviation));
    out += &line("largest pull", &|j| {
        j.worst_pull().map_or("-".into(), |d| format!("{:+.1} in {}", d.largest_pull, d.observable))
    });
    out += &line("Z peak", &|j| {
        let [position, width] = shift(&j.peak);
        format!("{:+.3} GeV, width {:+.1} %", position[0], 100.0 * width[0])
    });
    if one.jets > 1 {
        out += &line("overlapping", &|j| format!("{:.3} %", 100.0 * j.overlapping));
    }
    if one.soft > 0.0 {
        out += &line("soft jets", &|j| format!("{:.3} %", 100.0 * j.soft));
    }
    out += &line("correlation", &|j| {
        j.worst_correlation().map_or("-".into(), |c| {
            let [difference, error] = c.difference();
            format!("{difference:+.4} \u{b1} {error:.4} of {} and {}, the furthest", c.pair[0], c.pair[1])
        })
    });
    out += &line("AUC", &|j| format!("{:.4} \u{b1} {:.4}", j.auc[0], j.auc[1]));
    out += &line("calibration", &|j| {
        let c = &j.classifier.calibration;
        format!(
            "{:.2} % before, {:.2} % after, {:.2} % by chance",
            100.0 * c.before,
            100.0 * c.after,
            100.0 * c.expected
        )
    });
    for (k, limit) in one.classifier.limits.iter().enumerate() {
        let name = format!("w {} {}", if limit.weight < 1.0 { "<" } else { ">" }, limit.weight);
        out += &line(&name, &|j| {
            let limit = &j.classifier.limits[k];
            format!("{:.3} % of true, {:.3} % of generated events", 100.0 * limit.truth, 100.0 * limit.generated)
        });
    }
    out + &one.classifier.tails.iter().map(clusters).collect::<String>()
}

/// A tail in words.
fn clusters(tail: &Tail) -> String {
    let (what, side) = match tail.side {
        Side::Surplus => ("generated events, too many of them", "<"),
        Side::Lack => ("true events, too few are generated", ">"),
    };
    let mut out = format!("  tail w {side} {:.3}: {} {what}\n", tail.threshold, tail.events);
    for cluster in &tail.clusters {
        let words: Vec<String> = cluster
            .furthest(3)
            .iter()
            .map(|s| format!("{} {:+.1} sigma (median {:.3})", s.observable, s.deviations, s.median))
            .collect();
        out += &format!(
            "    {:>3.0} % of it, w about {:.3}: {}\n",
            100.0 * cluster.share,
            cluster.weight,
            words.join(", ")
        );
    }
    out
}
