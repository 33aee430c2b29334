//! Manifolds against their geometry, exact flows on them, and the heat flow of the torus against circular moments.

mod flows;
mod geometry;
mod heat;
