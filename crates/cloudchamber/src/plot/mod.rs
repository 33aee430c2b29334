//! Drawing: SVG elements, frames with axes and ticks, histograms, maps, marked-up labels, colours, and the page that holds them.

pub(crate) mod document;
pub(crate) mod frame;
pub(crate) mod heat;
pub(crate) mod histogram;
pub(crate) mod label;
pub(crate) mod palette;
pub(crate) mod svg;
pub(crate) mod ticks;
