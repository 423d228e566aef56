//! Conditional normalisation, means over neighbours and pooling against finite differences in f64.

use neuroloom_nn::kernel::layer_norm::{self, NormGradients, Segments};
use neuroloom_nn::kernel::neighbours::Neighbours;
use neuroloom_nn::kernel::pool;

use crate::twin::{activate, assert_close, doubles, finite_differences, numbers};

const WIDTH: usize = 16;

/// Row k belongs to this segment.
fn segment_of(lengths: &[usize], row: usize) -> usize {
    let mut before = 0;
    lengths
        .iter()
        .position(|length| {
            before += length;
            row < before
        })
        .unwrap()
}

fn normalised(lengths: &[usize], scale: &[f64], shift: &[f64], rows: &[f64]) -> Vec<f64> {
    let one = |(at, row): (usize, &[f64])| {
        let segment = segment_of(lengths, at) * WIDTH;
        let mean = row.iter().sum::<f64>() / WIDTH as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / WIDTH as f64;
        let value = |(k, x): (usize, &f64)| {
            let normal = (x - mean) / (variance + 1e-5).sqrt();
            activate(neuroloom_nn::kernel::Activation::Gelu, scale[segment + k] * normal + shift[segment + k])
        };
        row.iter().enumerate().map(value).collect::<Vec<f64>>()
    };
    rows.chunks(WIDTH).enumerate().flat_map(one).collect()
}

#[test]
fn conditional_normalisation() {
    let lengths = [3, 0, 4];
    let segments = Segments::new(&lengths, WIDTH).unwrap();
    let (scale, shift) = (numbers(3 * WIDTH, 1), numbers(3 * WIDTH, 2));
    let (rows, weights) = (numbers(7 * WIDTH, 3), numbers(7 * WIDTH, 4));
    let mut found = vec![0.0; rows.len()];
    layer_norm::forward(&segments, (&scale, &shift), &rows, &mut found).unwrap();
    let (scale64, shift64, rows64) = (doubles(&scale), doubles(&shift), doubles(&rows));
    assert_close("values", &found, &normalised(&lengths, &scale64, &shift64, &rows64), 2e-6);
    let (mut to_scale, mut to_shift, mut to_rows) =
        (vec![0.0; scale.len()], vec![0.0; shift.len()], vec![9.0; rows.len()]);
    let gradients = NormGradients { scale: &mut to_scale, shift: &mut to_shift, inputs: &mut to_rows };
    layer_norm::backward(&segments, (&scale, &shift), (&rows, &weights), gradients).unwrap();
    let loss = |scale: &[f64], shift: &[f64], rows: &[f64]| -> f64 {
        let values = normalised(&lengths, scale, shift, rows);
        values.iter().zip(&weights).map(|(value, weight)| value * f64::from(*weight)).sum()
    };
    let expected = finite_differences(&scale64, |at| loss(at, &shift64, &rows64));
    assert_close("scales", &to_scale, &expected, 1e-5);
    let expected = finite_differences(&shift64, |at| loss(&scale64, at, &rows64));
    assert_close("shifts", &to_shift, &expected, 1e-5);
    let expected = finite_differences(&rows64, |at| loss(&scale64, &shift64, at));
    assert_close("rows", &to_rows, &expected, 1e-5);
    assert!(Segments::new(&[1], 20).is_err());
    assert!(layer_norm::forward(&segments, (&scale, &shift), &rows[1..], &mut found).is_err());
}

#[test]
fn means_of_neighbours_and_back() {
    let edges = Neighbours::new(&[0, 2, 2, 5, 6], &[1, 3, 0, 1, 3, 2], 4).unwrap();
    let (rows, weights) = (numbers(4 * 3, 1), numbers(4 * 3, 2));
    let mean = |rows: &[f64]| -> f64 {
        let lists: [&[usize]; 4] = [&[1, 3], &[], &[0, 1, 3], &[2]];
        let mut sum = 0.0;
        for (row, list) in lists.iter().enumerate() {
            for k in 0..3 {
                let of: f64 = list.iter().map(|other| rows[other * 3 + k]).sum();
                sum += f64::from(weights[row * 3 + k]) * of / list.len().max(1) as f64;
            }
        }
        sum
    };
    let mut found = vec![0.0; 12];
    edges.mean(&rows, 3, &mut found).unwrap();
    let total: f64 = found.iter().zip(&weights).map(|(a, b)| f64::from(a * b)).sum();
    assert!((total - mean(&doubles(&rows))).abs() < 1e-6);
    let mut gradient = vec![0.0; 12];
    edges.add_mean_gradient(&weights, 3, &mut gradient).unwrap();
    assert_close("neighbours", &gradient, &finite_differences(&doubles(&rows), mean), 1e-6);
    assert!(Neighbours::new(&[0, 1], &[4], 1).unwrap_err().to_string().contains("only 1 rows"));
    assert!(Neighbours::new(&[0, 2, 1], &[0], 2).is_err());
}

#[test]
fn pooling_and_back() {
    let lengths = [3, 2];
    let segments = Segments::new(&lengths, WIDTH).unwrap();
    let (rows, weights) = (numbers(5 * WIDTH, 1), numbers(4 * WIDTH, 2));
    let loss = |rows: &[f64]| -> f64 {
        let mut sum = 0.0;
        for segment in 0..2 {
            let own: Vec<&[f64]> = rows
                .chunks(WIDTH)
                .enumerate()
                .filter(|(at, _)| segment_of(&lengths, *at) == segment)
                .map(|(_, row)| row)
                .collect();
            for k in 0..WIDTH {
                let mean = own.iter().map(|row| row[k]).sum::<f64>() / own.len() as f64;
                let max = own.iter().map(|row| row[k]).fold(f64::NEG_INFINITY, f64::max);
                sum += f64::from(weights[2 * segment * WIDTH + k]) * mean;
                sum += f64::from(weights[(2 * segment + 1) * WIDTH + k]) * max;
            }
        }
        sum
    };
    let mut pooled = vec![0.0; 4 * WIDTH];
    let largest = pool::mean_and_max(&segments, &rows, &mut pooled).unwrap();
    let total: f64 = pooled.iter().zip(&weights).map(|(a, b)| f64::from(a * b)).sum();
    assert!((total - loss(&doubles(&rows))).abs() < 1e-5);
    let mut gradient = vec![0.0; rows.len()];
    pool::add_gradient(&segments, &largest, &weights, &mut gradient).unwrap();
    assert_close("pool", &gradient, &finite_differences(&doubles(&rows), loss), 1e-6);
}
