//! Where the points start: the slowest modes of the fuzzy graph.

use ndarray::{Array2, Axis};
use rand::RngExt;

use super::UmapConfig;
use super::fuzzy::FuzzyGraph;
use crate::Error;
use crate::manifold::laplacian_eigenmaps::Walk;

/// Half width of the start.
const EXTENT: f64 = 10.0;
/// Modes need not be exact to start from.
const TOLERANCE: f64 = 1e-4;

/// Each piece by its own modes; several pieces side by side on a grid, each in proportion to the root of its size.
pub(super) fn places(graph: &FuzzyGraph, config: &UmapConfig) -> Result<Array2<f64>, Error> {
    let pieces = graph.pieces();
    let n = graph.lists.len();
    let mut places = Array2::zeros((n, config.n_components));
    let per_side = (pieces.len() as f64).powf(1.0 / config.n_components as f64).ceil() as usize;
    for (piece, members) in pieces.iter().enumerate() {
        let modes = modes(graph, members, config)?;
        let share = (members.len() as f64 / n as f64).sqrt() / per_side as f64;
        for (&member, mode) in members.iter().zip(modes.rows()) {
            let mut cell = piece;
            for axis in 0..config.n_components {
                let offset = (2 * (cell % per_side) + 1) as f64 / per_side as f64 - 1.0;
                cell /= per_side;
                let share = if pieces.len() == 1 { 1.0 } else { share };
                places[[member, axis]] = EXTENT * (offset + share * mode[axis]);
            }
        }
    }
    let mut rng = config.seed.split("umap start").rng();
    places.mapv_inplace(|place| place + 2e-4 * (rng.random::<f64>() - 0.5));
    stretched(places)
}

/// Modes of one piece, each scaled to a largest size of 1.
fn modes(graph: &FuzzyGraph, members: &[usize], config: &UmapConfig) -> Result<Array2<f64>, Error> {
    let mut number = vec![u32::MAX; graph.lists.len()];
    (0..).zip(members).for_each(|(new, &old): (u32, _)| number[old] = new);
    let list = |&member: &usize| {
        graph.lists[member].iter().map(|&(other, weight)| (number[other as usize], weight)).collect()
    };
    let lists: Vec<Vec<(u32, f64)>> = members.iter().map(list).collect();
    let (_, mut modes) = Walk::new(&lists).slowest(config.n_components, TOLERANCE)?;
    for mut mode in modes.columns_mut() {
        let largest = mode.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
        mode /= largest.max(f64::MIN_POSITIVE);
    }
    Ok(modes)
}

/// Every coordinate from 0 to the extent.
fn stretched(mut places: Array2<f64>) -> Result<Array2<f64>, Error> {
    for mut column in places.axis_iter_mut(Axis(1)) {
        let low = column.iter().copied().fold(f64::INFINITY, f64::min);
        let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let width = (high - low).max(f64::MIN_POSITIVE);
        column.mapv_inplace(|entry| EXTENT * (entry - low) / width);
    }
    Ok(places)
}
