//! What a picture must show, read from its elements.

use matter::{Bond, BondOrder, Element, Molecule};

use super::*;

/// Atoms in no particular shape, with bonds of two kinds.
fn tile() -> Tile {
    let elements = vec![Element::O, Element::C, Element::O, Element::N, Element::H];
    let positions = vec![[-1.2, 0.0, 0.0], [0.0; 3], [1.2, 0.0, 0.0], [0.0, 1.0, 0.0], [0.3, -0.4, 0.5]];
    let double = |i, j| Bond { atoms: [i, j], order: BondOrder::Double };
    Tile {
        molecule: Molecule { elements, positions, ..Molecule::default() },
        bonds: vec![double(0, 1), double(1, 2), Bond { atoms: [1, 3], order: BondOrder::Aromatic }],
        caption: "a < b".to_string(),
    }
}

/// The attributes of every circle.
fn circles(svg: &str) -> Vec<String> {
    svg.split("<circle").skip(1).map(|rest| rest.split("/>").next().unwrap().to_string()).collect()
}

fn number(attributes: &str, key: &str) -> f64 {
    attributes.split(&format!(" {key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

#[test]
fn every_atom_is_a_ball_and_every_half_of_a_bond_a_stick() {
    let svg = molecule_svg(&tile(), 300.0, 200.0);
    assert_eq!(circles(&svg).len(), 5);
    // Edge, body and light of 6 halves; those of the aromatic bond once more for their dashes.
    assert_eq!(svg.matches("<path ").count(), 3 * 6 + 3 * 2);
    assert_eq!(svg.matches("stroke-dasharray").count(), 3 * 2);
    // Two sticks side by side are one path of two pieces.
    let pieces: usize =
        svg.split("<path d=\"").skip(1).map(|p| p.split('"').next().unwrap().matches('M').count()).sum();
    assert_eq!(pieces, 3 * (4 * 2 + 2 + 2));
    assert!(svg.contains("a &lt; b") && svg.starts_with("<svg") && svg.ends_with("</svg>"));
    assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    assert_eq!(svg, molecule_svg(&tile(), 300.0, 200.0));
}

#[test]
fn what_is_near_is_painted_last_is_larger_and_clearer() {
    // The corners of a rectangle, seen along its shortest axis, and two atoms on that axis.
    let positions =
        vec![[3.0, 1.5, 0.0], [3.0, -1.5, 0.0], [-3.0, 1.5, 0.0], [-3.0, -1.5, 0.0], [0.0, 0.0, 1.2], [0.0, 0.0, -1.2]];
    let molecule = Molecule { elements: vec![Element::C; 6], positions, ..Molecule::default() };
    let all = circles(&molecule_svg(&Tile { molecule, ..Tile::default() }, 300.0, 200.0));
    let radii: Vec<f64> = all.iter().map(|c| number(c, "r")).collect();
    assert!(radii.windows(2).all(|w| w[0] <= w[1]) && radii[5] > 1.05 * radii[0], "{radii:?}");
    // Fog is part of the name of a ball's shading.
    let fog = |c: &String| c.split("ball606060f").nth(1).unwrap().split(')').next().unwrap().parse::<u32>().unwrap();
    let fogs: Vec<u32> = all.iter().map(fog).collect();
    assert!(fogs.windows(2).all(|w| w[0] >= w[1]) && fogs[5] == 0 && fogs[0] > 0, "{fogs:?}");
}

#[test]
fn everything_lies_within_the_picture() {
    for c in circles(&molecule_svg(&tile(), 300.0, 200.0)) {
        let (x, y, r) = (number(&c, "cx"), number(&c, "cy"), number(&c, "r"));
        assert!(x - r >= 0.0 && x + r <= 300.0 && y - r >= 0.0 && y + r <= 200.0, "{c}");
    }
}

#[test]
fn a_sheet_has_one_scale_and_says_which_atoms_are_nowhere() {
    let molecule = Molecule { elements: vec![Element::C], positions: vec![[9.0; 3]], ..Molecule::default() };
    let mut broken = tile();
    broken.molecule.positions[0][1] = f64::NAN;
    let svg = sheet_svg("sheet", &[tile(), Tile { molecule, ..Tile::default() }, broken], 2, 120.0);
    let all = circles(&svg);
    assert_eq!(all.len(), 5 + 1 + 4);
    assert!(svg.contains("1 of its atoms nowhere") && !svg.contains("NaN"));
    // A lone carbon is as large as the one of the first molecule, but for its depth.
    let carbon = all.iter().find(|c| c.contains("ball606060")).unwrap();
    let ratio = number(&all[5], "r") / number(carbon, "r");
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    assert!(sheet_svg("none", &[], 4, 120.0).contains("no entries"));
    assert!(sheet_svg("long", &[Tile { caption: "N".repeat(200), ..tile() }], 1, 120.0).contains('…'));
}

/// The second is the first, stretched ninefold across its longest axis: seen along its own axes it would lie the other way.
#[test]
fn the_second_of_a_pair_is_seen_as_the_first() {
    let of = |positions: Vec<[f64; 3]>| {
        let molecule = Molecule { elements: vec![Element::C; 4], positions, ..Molecule::default() };
        Tile { molecule, ..Tile::default() }
    };
    let cross = |width: f64| of(vec![[1.0, 0.0, 0.0], [-1.1, 0.0, 0.0], [0.0, width, 0.0], [0.0, -width, 0.0]]);
    let spread = |circles: &[String], key: &str| {
        let places: Vec<f64> = circles.iter().map(|c| number(c, key)).collect();
        places.iter().copied().fold(f64::MIN, f64::max) - places.iter().copied().fold(f64::MAX, f64::min)
    };
    let all = circles(&pairs_svg("pair", &[cross(0.3), cross(2.7)], 2, 120.0));
    assert!(spread(&all[..4], "cx") > 2.0 * spread(&all[..4], "cy"), "{all:?}");
    assert!(spread(&all[4..], "cy") > 1.5 * spread(&all[4..], "cx"), "{all:?}");
}

#[test]
fn frames_of_a_strip_are_seen_from_one_place() {
    let mut moved = tile();
    moved.molecule.positions.iter_mut().for_each(|p| p[1] += 50.0);
    let all = circles(&strip_svg("strip", &[tile(), moved], 120.0));
    // Shifted as a whole, the molecule is the same in every frame.
    for k in 0..5 {
        let [a, b] = [&all[k], &all[k + 5]].map(|c| number(c, "cx"));
        assert!((b - a - 120.0).abs() < 0.021, "{a} {b}");
    }
}
