//! The networks of `nets` on the CPU by hand: fused forward passes for sampling, and hand-written gradients for training.
//!
//! A tensor library runs a network operation by operation over the whole batch, so that most of the time goes into moving activations.
//! Here a few jets at a time go through all layers while they stay in the cache; bias, activation, modulation, gate and residual are
//! applied to the sums of a matrix product while these are in registers; padding has no rows; nothing is allocated in the loop. Instructions
//! (AVX-512, AVX2 with FMA, Neon, portable; for bfloat16 the matrix unit AMX or AVX-512's products of pairs) are chosen at run time.
//!
//! Weights are those of the Burn network, as the flat vector of [`nets::values`]; so are gradients.

mod aligned;
#[cfg(target_arch = "x86_64")]
mod amx;
mod attention;
mod bf16;
mod cloud;
#[cfg(target_arch = "x86_64")]
mod dot;
mod egnn;
mod egnn_backward;
mod elementwise;
mod embedding;
mod epic;
mod finish;
mod gathered;
mod half_product;
mod linear;
mod matrix;
mod norm;
mod pairs;
mod pool;
mod product;
mod ragged;
mod simd;
mod table;
mod transformer;

pub use bf16::Precision;
pub use cloud::{CloudBatch, CloudKernel, NO_PAIR};
pub use half_product::bf16_unit;
pub use linear::Loss;
pub use simd::instruction_set;
pub use table::{TableBatch, TableKernel};
