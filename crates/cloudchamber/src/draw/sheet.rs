//! One molecule, a sheet of many at one scale, and a strip of one on its way out of the noise.

use matter::{Bond, Molecule};

use super::scene::Scene;
use super::view::View;
use crate::plot::label;
use crate::plot::svg::{Anchor, Canvas, FAINT, Type, picture};

/// Most pixels per Angstrom, so that small molecules do not become huge.
const CLOSEST: f64 = 46.0;
/// Fewest on sheets and strips; what does not fit is cut off.
const FARTHEST: f64 = 7.0;
const MARGIN: f64 = 8.0;
const CAPTION: f64 = 11.0;
/// Smallest type of a caption; what is longer is cut.
const SMALLEST: f64 = 7.0;

/// A molecule on a sheet.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// The molecule.
    pub molecule: Molecule,
    /// Bonds to draw.
    pub bonds: Vec<Bond>,
    /// What stands below it, in the notation of labels: `C_{2}H_{6}`.
    pub caption: String,
}

/// Pixels per Angstrom at which a scene fits into a window.
fn scale(scene: &Scene, [width, height]: [f64; 2]) -> f64 {
    let [x, y] = scene.extent();
    let fit = |half: f64, room: f64| if half > 0.0 { 0.5 * room / half } else { CLOSEST };
    fit(x, width).min(fit(y, height)).min(CLOSEST)
}

/// One molecule, `width` x `height` pixels, as large as fits.
pub fn molecule_svg(tile: &Tile, width: f64, height: f64) -> String {
    let mut c = Canvas::default();
    let room = height - if tile.caption.is_empty() { 0.0 } else { 2.0 * CAPTION };
    let scene = Scene::new(&tile.molecule, &tile.bonds, &View::principal(&tile.molecule));
    let fitted = scale(&scene, [width - 2.0 * MARGIN, room - 2.0 * MARGIN]);
    scene.draw(&mut c, [0.0, 0.0, width, room], fitted);
    caption(&mut c, &tile.caption, scene.lost, 0.5 * width, height - 0.7 * CAPTION, width);
    picture(width, height, &title(tile), c)
}

/// Many molecules in rows of `columns`, tiles of `side` pixels, all at the scale that the largest needs.
pub fn sheet_svg(name: &str, tiles: &[Tile], columns: usize, side: f64) -> String {
    let views: Vec<View> = tiles.iter().map(|tile| View::principal(&tile.molecule)).collect();
    grid(name, tiles, &views, columns, side)
}

/// The same with every second molecule seen as the one before it, to which it has been superposed.
pub fn pairs_svg(name: &str, tiles: &[Tile], columns: usize, side: f64) -> String {
    let views: Vec<View> = (0..tiles.len()).map(|i| View::principal(&tiles[i - i % 2].molecule)).collect();
    grid(name, tiles, &views, columns, side)
}

/// The same molecule at several times, all seen as the last one is, about their own centres.
pub fn strip_svg(name: &str, frames: &[Tile], side: f64) -> String {
    let last =
        frames.last().map_or_else(|| View::principal(&Molecule::default()), |tile| View::principal(&tile.molecule));
    let centre = |tile: &Tile| {
        let places: Vec<_> = tile.molecule.positions.iter().filter(|p| p.iter().all(|x| x.is_finite())).collect();
        [0, 1, 2].map(|k| places.iter().map(|p| p[k]).sum::<f64>() / places.len().max(1) as f64)
    };
    let views: Vec<View> = frames.iter().map(|tile| last.about(centre(tile))).collect();
    grid(name, frames, &views, frames.len(), side)
}

fn grid(name: &str, tiles: &[Tile], views: &[View], columns: usize, side: f64) -> String {
    let mut c = Canvas::default();
    let columns = columns.clamp(1, tiles.len().max(1));
    let captioned = tiles.iter().any(|tile| !tile.caption.is_empty());
    let scenes: Vec<Scene> =
        tiles.iter().zip(views).map(|(tile, view)| Scene::new(&tile.molecule, &tile.bonds, view)).collect();
    let fits = scenes.iter().map(|scene| scale(scene, [side - MARGIN; 2]));
    let common = fits.fold(CLOSEST, f64::min).max(FARTHEST);
    // Molecules lie along the page: rows need not be as high as tiles are wide.
    let highest = scenes.iter().map(|scene| scene.extent()[1]).fold(0.0, f64::max);
    let height = (2.0 * common * highest + MARGIN).clamp(0.5 * side, side);
    let step = height + if captioned { 1.8 * CAPTION } else { 0.0 };
    for (i, (tile, scene)) in tiles.iter().zip(&scenes).enumerate() {
        let (x, y) = (side * (i % columns) as f64, step * (i / columns) as f64);
        scene.draw(&mut c, [x, y, side, height], common);
        caption(&mut c, &tile.caption, scene.lost, x + 0.5 * side, y + height + 0.9 * CAPTION, side);
    }
    if tiles.is_empty() {
        c.text(MARGIN, 0.5 * side, Type { fill: FAINT, ..Type::new(13.0, Anchor::Start) }, "no entries");
    }
    let rows = tiles.len().div_ceil(columns).max(1);
    picture(side * columns as f64, step * rows as f64, name, c)
}

/// What stands below, made smaller where it is too long; atoms that are nowhere are counted.
fn caption(c: &mut Canvas, text: &str, lost: usize, x: f64, y: f64, room: f64) {
    let lost = match lost {
        0 => String::new(),
        n => format!(" ({n} of its atoms nowhere)"),
    };
    let mut text = format!("{text}{lost}");
    if text.is_empty() {
        return;
    }
    let fitting = |text: &str| CAPTION * (room - 6.0) / label::width(text, CAPTION).max(1.0);
    if fitting(&text) < SMALLEST {
        while !text.is_empty() && fitting(&format!("{text}…")) < SMALLEST {
            text.pop();
        }
        text.push('…');
    }
    let size = fitting(&text).clamp(SMALLEST, CAPTION);
    c.text(x, y, Type::new(size, Anchor::Middle), &text);
}

fn title(tile: &Tile) -> String {
    match (tile.caption.is_empty(), tile.molecule.name.is_empty()) {
        (false, _) => tile.caption.clone(),
        (true, false) => tile.molecule.name.clone(),
        (true, true) => matter::geometry::formula(&tile.molecule),
    }
}
