//! What the machine could do at most: matrix products in single precision, and memory.

use std::hint::black_box;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use rayon::prelude::*;
use serde::Serialize;

/// Rows and columns of the product: it fits no first or second cache, like the library's own blocking is made for.
const SIZE: usize = 768;
/// Numbers of each of the triad's three vectors: 128 MB, beyond any cache.
const LENGTH: usize = 1 << 25;
/// The best of so many is taken: disturbances only ever slow down.
const TRIES: usize = 7;

/// The machine's two limits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Roofline {
    /// Threads at work.
    pub threads: usize,
    /// Matrix products of 768 x 768 numbers of 32 bits, one per thread at a time: 1e9 operations per second of all threads together.
    pub gflops: f64,
    /// `a = b + s c` over vectors that fit no cache: 1e9 bytes read and written per second.
    pub gigabytes_per_second: f64,
}

/// Measures both with the threads of rayon's pool.
pub fn measure() -> Roofline {
    let threads = rayon::current_num_threads();
    let operations = 2.0 * (SIZE as f64).powi(3) * threads as f64;
    Roofline {
        threads,
        gflops: 1e-9 * operations / products(threads),
        gigabytes_per_second: 1e-9 * 12.0 * LENGTH as f64 / triad(),
    }
}

/// Seconds in which every thread has made one product.
fn products(threads: usize) -> f64 {
    // One thread per product, so that the library's own sharing of work is not what is measured.
    let pools: Vec<_> = (0..threads).flat_map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build()).collect();
    let matrix = |scale: f64| Tensor::<2>::ones([SIZE, SIZE], &Device::flex()) * scale;
    let (a, b) = (matrix(0.5), matrix(0.25));
    best(|| {
        std::thread::scope(|scope| {
            for pool in &pools {
                scope.spawn(|| pool.install(|| black_box(a.clone().matmul(b.clone()).into_data())));
            }
        });
    })
}

fn triad() -> f64 {
    let (b, c) = (vec![1.0f32; LENGTH], vec![2.0f32; LENGTH]);
    let mut a = vec![0.0f32; LENGTH];
    let chunk = 1 << 16;
    best(|| {
        a.par_chunks_mut(chunk).zip(b.par_chunks(chunk)).zip(c.par_chunks(chunk)).for_each(|((a, b), c)| {
            a.iter_mut().zip(b).zip(c).for_each(|((a, b), c)| *a = b + 3.0 * c);
        });
        black_box(&a);
    })
}

fn best(mut work: impl FnMut()) -> f64 {
    work();
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..TRIES).map(time).fold(f64::INFINITY, f64::min)
}
