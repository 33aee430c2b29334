//! Measurements and posteriors against closed forms: transposes, transfer functions, chords, and the posteriors of normals.

mod gaussian;
mod mixture;
mod noiseless;
mod operators;
mod recursion;
