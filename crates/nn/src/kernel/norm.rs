//! Norms and their gradients. Sums are f64, over fixed pieces, so that they do not depend on threads.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::norm;
//! assert_eq!(norm::l2(&[3.0, -4.0]), 5.0);
//! assert_eq!(norm::l1(&[3.0, -4.0]), 7.0);
//! ```

use rayon::prelude::*;

/// Numbers of one piece of work.
const CHUNK: usize = 1 << 15;
/// Running sums side by side, which a compiler turns into vectors.
const LANES: usize = 16;

/// sqrt(sum x^2).
pub fn l2(values: &[f32]) -> f64 {
    sum(values, |x| x * x).sqrt()
}

/// sum x^2.
pub fn squared_l2(values: &[f32]) -> f64 {
    sum(values, |x| x * x)
}

/// sum |x|.
pub fn l1(values: &[f32]) -> f64 {
    sum(values, f64::abs)
}

/// Turns x into scale x / |x|, the gradient of scale |x|, in place, and returns |x|; all zeros stay zeros
/// (the subgradient that PyTorch takes).
pub fn into_l2_gradient(values: &mut [f32], scale: f64) -> f64 {
    let norm = l2(values);
    if norm > 0.0 {
        multiply(values, (scale / norm) as f32);
    }
    norm
}

/// x <- factor x.
pub fn multiply(values: &mut [f32], factor: f32) {
    values.par_chunks_mut(CHUNK).for_each(|values| {
        for value in values {
            *value *= factor;
        }
    });
}

/// y <- y + factor x, for as many numbers as the shorter one has.
pub fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    to.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK)).for_each(|(to, from)| {
        for (to, from) in to.iter_mut().zip(from) {
            *to += factor * from;
        }
    });
}

fn sum(values: &[f32], term: impl Fn(f64) -> f64 + Sync) -> f64 {
    let piece = |values: &[f32]| {
        let mut sums = [0.0; LANES];
        let (lines, rest) = values.as_chunks::<LANES>();
        for line in lines {
            for (sum, value) in sums.iter_mut().zip(line) {
                *sum += term(f64::from(*value));
            }
        }
        sums.iter().sum::<f64>() + rest.iter().map(|value| term(f64::from(*value))).sum::<f64>()
    };
    let partials: Vec<f64> = values.par_chunks(CHUNK).map(piece).collect();
    partials.iter().sum()
}
