//! DDPM's variational bound, its variances and strided sampling, on normal data whose bound is known.

mod bound;
mod range;
mod strided;
