//! Pages of toys: well-formed, finite, complete, and calm where something is missing.

use super::*;
use crate::events::judge::tests::toys;
use crate::events::judge::{Settings, judge};
use crate::report::tests::{finite, well_formed};
use collider::zjets::Event;

fn judged(events: &[Event]) -> Vec<Judgement> {
    let truth = [toys(1, 4000, 1), toys(2, 4000, 2)].concat();
    (1..=3).filter_map(|jets| judge(&truth, events, jets, &Settings::default()).unwrap()).collect()
}

fn model(name: &str, events: &[Event]) -> Judged {
    Judged { name: name.into(), judged: judged(events), cost: Cost::default() }
}

/// Two generators: one of the true law in five draws, one with weights and heavy jets.
fn page() -> EventPage {
    let mut drawn = [toys(3, 4000, 1), toys(4, 4000, 2)].concat();
    drawn.iter_mut().enumerate().for_each(|(i, e)| e.draw = i as u32 % 5);
    let mut heavy = toys(5, 3000, 2);
    heavy.iter_mut().enumerate().for_each(|(i, e)| {
        e.weight = [0.0, 1.0, 2.0][i % 3];
        e.jets[0].mass *= 1.5;
    });
    EventPage {
        title: "Toys".into(),
        protocol: vec![("real".into(), "toys".into())],
        floor: judged(&[toys(6, 4000, 1), toys(7, 4000, 2)].concat()),
        models: vec![model("drawn <b>", &drawn), model("heavy", &heavy)],
        footer: "chamber".into(),
    }
}

#[test]
fn pages_of_toys_are_well_formed_finite_and_show_every_part() {
    let page = page();
    let (one, all) = (report(&page), compare(&page));
    for html in [&one, &all] {
        well_formed(html);
        finite(html);
        assert!(!html.contains("<script") && !html.contains("href=\"http") && !html.contains("src="), "self-contained");
    }
    // The first generator has every observable of one and of two jets: 12 and 20 panels, each with its ratio.
    assert_eq!(one.matches("Ratio to truth").count(), 12 + 20);
    for text in ["too many", "too few", "spread over draws", "rank correlation", "Floor", "5 draws"] {
        assert!(one.contains(text), "{text}");
    }
    assert!(all.contains("drawn &lt;b&gt;") && all.contains("heavy"));
    // Without a floor the pages say so by dashes, and stay whole.
    let bare = EventPage { floor: Vec::new(), ..page };
    for html in [report(&bare), compare(&bare)] {
        well_formed(&html);
        finite(&html);
    }
    well_formed(&report(&EventPage::default()));
    well_formed(&compare(&EventPage::default()));
}

#[test]
fn the_generator_of_the_true_law_is_best_and_set_in_bold() {
    let page = page();
    let html = compare(&page);
    let [truth, heavy] = [0, 1].map(|i| of_jets(&page.models[i].judged, 2).unwrap());
    assert!(truth.deviation < heavy.deviation && truth.auc[0] < heavy.auc[0]);
    assert!(html.contains(&format!("<b>{:.2} %</b>", 100.0 * truth.deviation)));
    assert!(!html.contains(&format!("<b>{:.2} %</b>", 100.0 * heavy.deviation)));
}
