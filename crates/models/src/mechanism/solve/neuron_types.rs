//! Neuron types: neurons whose update functions have the same shape.

use ndarray::{Array2, Axis};
use neuroloom_analysis::manifold::Pca;
use neuroloom_analysis::statistics::quantile;
use neuroloom_core::Seed;

use super::grouping::group;
use crate::Error;
use crate::mechanism::{NeuronTypes, TransferFunctions, UpdateFunctions};

/// Points at which a profile is sampled.
const GRID: usize = 64;
/// Steps at which the range where psi bends is looked for.
const STEPS: usize = 4000;
/// |psi| above which it counts as flat.
const SATURATED: f64 = 0.99;
/// Type label of a neuron that is left out.
pub(crate) const LEFT_OUT: u32 = u32::MAX;

/// Clusters phi_i on a range that nine in ten neurons cover, anchored at 0; k by silhouette.
pub(in crate::mechanism) fn cluster(
    update: &UpdateFunctions,
    transfer: &TransferFunctions,
    kept: &[usize],
    max_types: usize,
    seed: Seed,
) -> Result<NeuronTypes, Error> {
    let grid = bending_grid(update, transfer, kept)?;
    let mut profile = Array2::zeros((update.lower.len(), GRID));
    for &neuron in kept {
        let curve = update.curve(neuron, transfer)?;
        let anchor = curve.value(anchor(&grid));
        profile.row_mut(neuron).iter_mut().zip(&grid).for_each(|(to, &x)| *to = curve.value(x) - anchor);
    }
    let points = profile.select(Axis(0), kept);
    let n = update.lower.len();
    let mut types = NeuronTypes {
        label: vec![LEFT_OUT; n],
        n_types: 1,
        silhouette: 0.0,
        silhouette_by_k: Vec::new(),
        embedding: Array2::zeros((n, 2)),
        grid,
        profile,
    };
    kept.iter().for_each(|&neuron| types.label[neuron] = 0);
    // Neurons that share their phi are of one type.
    let alike = kept.iter().all(|&neuron| {
        update.coefficients.row(neuron) == update.coefficients.row(kept[0])
            && update.self_coupling[neuron] == update.self_coupling[kept[0]]
    });
    if kept.len() >= 4 && !alike {
        types.fill(points, kept, max_types, seed)?;
    }
    Ok(types)
}

impl NeuronTypes {
    fn fill(
        &mut self,
        points: Array2<f64>,
        kept: &[usize],
        max_types: usize,
        seed: Seed,
    ) -> Result<(), Error> {
        let most = max_types.min(kept.len() / 2).max(2);
        let chosen = group(&points, most, seed.split("types"))?;
        self.n_types = chosen.n_clusters;
        let of_chosen = chosen.silhouettes.iter().find(|(k, _)| *k == chosen.n_clusters);
        let best = chosen.silhouettes.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
        self.silhouette = of_chosen.map_or(best, |(_, value)| *value);
        let pca = Pca::fit(points.view(), 2)?;
        for (row, &neuron) in kept.iter().enumerate() {
            self.label[neuron] = chosen.labels[row] as u32;
            for axis in 0..pca.scores.ncols().min(2) {
                self.embedding[[neuron, axis]] = pca.scores[[row, axis]];
            }
        }
        self.silhouette_by_k = chosen.silhouettes;
        Ok(())
    }
}

/// Equal steps over the part of the common range where psi bends: beyond it phi only grows with its decay, which
/// would drown what else tells types apart.
fn bending_grid(
    update: &UpdateFunctions,
    transfer: &TransferFunctions,
    kept: &[usize],
) -> Result<Vec<f64>, Error> {
    let (low, high) = common_range(update, kept)?;
    let curves = transfer.curves()?;
    let bends = |x: f64| curves.iter().all(|curve| curve.value(x).abs() < SATURATED);
    let step = (high - low) / STEPS as f64;
    let mut inside = (0..=STEPS).map(|k| low + step * k as f64).filter(|&x| bends(x));
    let first = inside.next();
    let last = inside.next_back();
    let (low, high) = match (first, last) {
        (Some(first), Some(last)) if last - first > 4.0 * step => (first, last),
        _ => (low, high),
    };
    Ok((0..GRID).map(|step| low + (high - low) * step as f64 / (GRID - 1) as f64).collect())
}

/// The range that nine in ten neurons cover; the median range where there is none.
fn common_range(update: &UpdateFunctions, kept: &[usize]) -> Result<(f64, f64), Error> {
    let of = |values: &[f64]| kept.iter().map(|&neuron| values[neuron]).collect::<Vec<f64>>();
    let (lower, upper) = (of(&update.lower), of(&update.upper));
    let (low, high) = (quantile(&lower, 0.9)?, quantile(&upper, 0.1)?);
    let (typical_low, typical_high) = (quantile(&lower, 0.5)?, quantile(&upper, 0.5)?);
    if high - low < 0.1 * (typical_high - typical_low) {
        return Ok((typical_low, typical_high.max(typical_low + f64::MIN_POSITIVE)));
    }
    Ok((low, high))
}

/// 0 where the grid holds it, else its middle.
fn anchor(grid: &[f64]) -> f64 {
    let (low, high) = (grid[0], grid[grid.len() - 1]);
    if low <= 0.0 && 0.0 <= high { 0.0 } else { 0.5 * (low + high) }
}
