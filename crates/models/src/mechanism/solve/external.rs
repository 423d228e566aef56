//! The rows that are scaled from outside, solved again with their Omega and put in the scale of the others.

use ndarray::Array2;
use neuroloom_analysis::statistics::mean_and_sd;
use neuroloom_core::Listener;

use super::equations::Scheme;
use super::modulation::{Field, ScaledRow};
use super::normal::Design;
use super::places::scale_errors;
use super::plan::{Plan, Psi};
use super::weights::Weights;
use crate::Error;
use crate::mechanism::Modulation;

/// Equations per unknown of a row.
const ENOUGH: usize = 6;
/// A row whose own scale is known worse than this says nothing of how neighbours differ: with about 100 neurons
/// smoothing in space did harm.
const POORLY: f64 = 0.1;
/// Rows that set the scale, at least.
const FEWEST: usize = 10;

/// Which neurons of the recording take part, and where they are.
pub(super) struct Place<'a> {
    pub(super) kept: &'a [usize],
    /// Neurons of the recording.
    pub(super) n: usize,
    /// `[neuron that takes part, 2 or 3]`, NaN = unknown.
    pub(super) positions: Option<&'a Array2<f64>>,
}

/// Replaces the scaled rows of `weights` and returns Omega of all `n` neurons of the recording.
pub(super) fn solve(
    (scheme, plan): (&Scheme<'_>, &Plan<'_>),
    psi: &mut Psi,
    weights: &mut Weights,
    place: &Place<'_>,
    events: &dyn Listener,
) -> Result<Option<Modulation>, Error> {
    let Some(field) = psi.field.clone().filter(|field| !field.scaled.is_empty()) else { return Ok(None) };
    let all = scheme.collect(plan.selection, events)?;
    let equations = all.thinned(ENOUGH * (scheme.n() + psi.bases.n_functions() + field.windows.count));
    drop(all);
    let mut rows = Vec::new();
    for class in &psi.classes {
        let scaled = |one: &usize| field.scaled.binary_search(one).is_ok();
        let receivers: Vec<usize> = class.receivers.iter().copied().filter(scaled).collect();
        if receivers.is_empty() {
            continue;
        }
        let design = Design { bases: &psi.bases, bump: &scheme.bump, receivers: &receivers };
        rows.extend(field.fit(&design, &equations, &class.transfer, psi.ridge, events)?);
    }
    psi.notes.push(rescale(&field, weights, &mut rows, place.positions)?);
    let mut values = Array2::ones((field.windows.count, place.n));
    for row in &rows {
        values.column_mut(place.kept[row.receiver]).assign(&ndarray::ArrayView1::from(&row.omega));
        weights.replace(row);
    }
    Ok(Some(Modulation { values, n_frames: field.windows.n_frames }))
}

/// Gives every scaled row the mean logarithm of |W| of the rows that nothing scales, then the level that its
/// neighbours in space suggest.
fn rescale(
    field: &Field,
    weights: &Weights,
    rows: &mut [ScaledRow],
    positions: Option<&Array2<f64>>,
) -> Result<String, Error> {
    let n = weights.n_rows();
    let quiet: Vec<usize> = (0..n).filter(|one| field.scaled.binary_search(one).is_err()).collect();
    if quiet.len() < FEWEST {
        return Ok("Omega has mean 1 over time: no row without a field sets the scale".to_owned());
    }
    let levels: Vec<f64> = quiet.iter().map(|&one| mean_log(weights.row(one), one)).collect();
    let (of_quiet, spread) = mean_and_sd(&levels)?;
    for row in rows.iter_mut() {
        row.scale_by((of_quiet - mean_log(&row.weights, row.receiver)).exp());
    }
    let note = format!(
        "the scale of Omega against W is that at which a row's mean log |W| is the mean of the {} rows without a field, \
         known to {:.1} %",
        quiet.len(),
        100.0 * spread
    );
    let Some(positions) = positions.filter(|_| spread < POORLY) else { return Ok(note) };
    let errors = scale_errors(rows, positions, spread)?;
    rows.iter_mut().zip(&errors).for_each(|(row, error)| row.scale_by(error.exp()));
    let square = errors.iter().map(|error| error * error).sum::<f64>() / errors.len().max(1) as f64;
    Ok(format!("{note}; neighbours in space moved it by {:.1} % (rms)", 100.0 * square.sqrt()))
}

/// Mean of ln |W_ij| over the senders; absent ones count as the smallest that is there.
fn mean_log(weights: &[f64], receiver: usize) -> f64 {
    let sizes: Vec<f64> =
        weights.iter().enumerate().filter(|(sender, _)| *sender != receiver).map(|(_, w)| w.abs()).collect();
    let largest = sizes.iter().fold(f64::MIN_POSITIVE, |largest, &size| largest.max(size));
    let sum: f64 = sizes.iter().map(|&size| size.max(1e-6 * largest).ln()).sum();
    sum / sizes.len().max(1) as f64
}
