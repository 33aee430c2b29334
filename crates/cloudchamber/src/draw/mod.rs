//! Molecules as pictures: balls and sticks in two and a half dimensions, as SVG.
//!
//! Depth shows in four ways: what is near covers what is far (painter's order), is larger (central projection), darker (far things fade into the
//! page) and joined by sticks that end on the surface of the balls. Colours of the elements are those chemists know (Corey, Pauling, Koltun), as Jmol has
//! them; balls have a share of the covalent radius (Cordero et al., Dalton Trans. 2008, 2832).

mod colours;
mod scene;
mod sheet;
mod sticks;
mod view;

pub use sheet::{Tile, molecule_svg, pairs_svg, sheet_svg, strip_svg};
pub use view::View;

#[cfg(test)]
mod tests;
