//! Wiring matrices sorted by type and reduced to a size that can be drawn.

use neuroloom_core::Truth;

use super::{DensityScatter, Exploration, MatrixView};
use crate::Error;
use crate::mechanism::Mechanism;
use crate::mechanism::evaluate::Reference;

/// Rows and columns of a drawn matrix at most.
const SIDE: usize = 250;
/// Bins of the density scatter and of the histogram.
const BINS: usize = 90;

/// Fills in learned, true and standard-error matrices, the density scatter and the histogram of weights.
pub(super) fn show(
    mechanism: &Mechanism,
    truth: Option<&Truth>,
    order: &[usize],
    exploration: &mut Exploration,
) -> Result<(), Error> {
    let n = mechanism.n_neurons();
    let view = |values: &dyn Fn(usize, usize) -> f64| reduce(values, order, &mechanism.types.label);
    let reference = truth.map(|truth| Reference::new(mechanism, truth)).transpose()?;
    let scale = |post: usize, pre: usize| {
        reference.as_ref().map_or(1.0, |reference| reference.scale(mechanism, post, pre))
    };
    exploration.learned = view(&|post, pre| mechanism.weight_matrix[[post, pre]] * scale(post, pre));
    let error = |post: usize, pre: usize| match mechanism.standard_error[[post, pre]] * scale(post, pre).abs()
    {
        error if error.is_finite() => error,
        _ => 0.0,
    };
    exploration.standard_error = view(&error);
    if let Some(reference) = &reference {
        exploration.truth = Some(view(&|post, pre| reference.truth[post * n + pre]));
        exploration.density = Some(density(reference));
    }
    let weights: Vec<f64> = mechanism
        .weight_matrix
        .indexed_iter()
        .filter(|((post, pre), _)| post != pre)
        .map(|((post, pre), &weight)| weight * scale(post, pre))
        .collect();
    let largest = weights.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs())).max(1e-12);
    exploration.weight_edges = edges(largest);
    exploration.weight_counts = vec![0.0; BINS];
    weights.iter().for_each(|&weight| exploration.weight_counts[bin(weight, largest)] += 1.0);
    Ok(())
}

/// Blocks of a sorted matrix, each by its entry of largest size: single strong edges stay visible.
fn reduce(values: &dyn Fn(usize, usize) -> f64, order: &[usize], label: &[u32]) -> MatrixView {
    let n = order.len();
    let side = n.min(SIDE);
    let block = |place: usize| place * side / n;
    let mut rows = vec![vec![0.0_f64; side]; side];
    for (i, &post) in order.iter().enumerate() {
        for (j, &pre) in order.iter().enumerate() {
            let value = values(post, pre);
            let cell = &mut rows[block(i)][block(j)];
            if value.abs() > cell.abs() {
                *cell = value;
            }
        }
    }
    let begins = |place: &usize| label[order[*place]] != label[order[*place - 1]];
    MatrixView { rows, boundaries: (1..n).filter(begins).map(block).collect() }
}

fn density(reference: &Reference) -> DensityScatter {
    let both = reference.learned.iter().chain(&reference.truth);
    let largest = both.fold(1e-12_f64, |largest, weight| largest.max(weight.abs()));
    let mut counts = vec![vec![0.0; BINS]; BINS];
    for (&learned, &truth) in reference.learned.iter().zip(&reference.truth) {
        counts[bin(learned, largest)][bin(truth, largest)] += 1.0;
    }
    DensityScatter { edges: edges(largest), counts }
}

fn edges(largest: f64) -> Vec<f64> {
    (0..=BINS).map(|edge| largest * (2.0 * edge as f64 / BINS as f64 - 1.0)).collect()
}

fn bin(value: f64, largest: f64) -> usize {
    let place = (0.5 * (value / largest + 1.0) * BINS as f64).floor();
    (place.max(0.0) as usize).min(BINS - 1)
}
