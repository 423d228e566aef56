//! Numbers for tests, and how near they must be.

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Numbers between -1 and 1 that look random.
pub(crate) fn numbers(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// A leaf that wants its gradient.
pub(crate) fn leaf<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex().autodiff()).require_grad()
}

/// A leaf in f64, which no kernel takes: plain Burn operations.
pub(crate) fn exact<const D: usize>(values: &[f64], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (&Device::flex(), DType::F64))
}

pub(crate) fn floats<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

/// Largest difference as a share of the largest number.
#[track_caller]
pub(crate) fn assert_near(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (found - expected).abs() / largest;
        assert!(difference <= tolerance, "{what}[{place}]: {found} against {expected}");
    }
}

/// d f / d values by central differences.
pub(crate) fn slopes(values: &[f32], f: impl Fn(&[f64]) -> f64) -> Vec<f32> {
    const STEP: f64 = 1e-6;
    let mut values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    let mut slopes = Vec::new();
    for place in 0..values.len() {
        let here = values[place];
        values[place] = here + STEP;
        let above = f(&values);
        values[place] = here - STEP;
        slopes.push(((above - f(&values)) / (2.0 * STEP)) as f32);
        values[place] = here;
    }
    slopes
}
