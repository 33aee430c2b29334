//! Drawing: SVG elements, frames with axes and ticks, marked-up labels, colours.

pub(crate) mod frame;
pub(crate) mod label;
pub(crate) mod palette;
pub(crate) mod svg;
pub(crate) mod ticks;
