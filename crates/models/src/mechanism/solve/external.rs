//! The rows that are scaled from outside, solved again with their Omega and put in the scale of the others.

use ndarray::Array2;
use neuroloom_core::Listener;

use super::equations::Scheme;
use super::modulation::{Field, ScaledRow};
use super::normal::Design;
use super::places::{Estimate, by_neighbours};
use super::plan::{Plan, Psi};
use super::row_scale::row_scales;
use super::weights::Weights;
use crate::Error;
use crate::mechanism::Modulation;

/// Equations per unknown of a row.
const ENOUGH: usize = 6;
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
    let Some(mut field) = psi.field.clone().filter(|field| !field.scaled.is_empty()) else { return Ok(None) };
    let wanted = ENOUGH * (scheme.n() + psi.bases.n_functions() + field.windows.count);
    let equations = scheme.collect(plan.selection_of(scheme, wanted), events)?.thinned(wanted);
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
    rows.retain(|row| row.is_scaled(equations.len()));
    psi.notes.push(format!(
        "the Omega of {} of these explains more than chance: the others have none",
        rows.len()
    ));
    field.scaled = rows.iter().map(|row| row.receiver).collect();
    field.scaled.sort_unstable();
    psi.notes.push(rescale(&field, weights, &mut rows, place.positions)?);
    let mut values = Array2::ones((field.windows.count, place.n));
    for row in &rows {
        values.column_mut(place.kept[row.receiver]).assign(&ndarray::ArrayView1::from(&row.omega));
        weights.replace(row);
    }
    Ok(Some(Modulation { values, n_frames: field.windows.n_frames }))
}

/// Gives every scaled row the scale at which its weights are most like those of the rows that nothing scales and its
/// level most like that of its neighbours in space.
fn rescale(
    field: &Field,
    weights: &Weights,
    rows: &mut [ScaledRow],
    positions: Option<&Array2<f64>>,
) -> Result<String, Error> {
    let n = weights.n_rows();
    let quiet: Vec<Vec<f64>> = (0..n)
        .filter(|one| field.scaled.binary_search(one).is_err())
        .map(|one| others(weights.row(one), one))
        .collect();
    if quiet.len() < FEWEST {
        return Ok("Omega has mean 1 over time: no row without a field sets the scale".to_owned());
    }
    let own: Vec<Vec<f64>> = rows.iter().map(|row| others(&row.weights, row.receiver)).collect();
    let scales = row_scales(&quiet, &own)?;
    let trust = scales.calibration.powi(2);
    let honest = |(e, variance): Estimate| (e, trust * variance);
    let alone: Vec<Estimate> = scales.rows.iter().map(|row| honest(row.posterior(None))).collect();
    let note = format!(
        "only Omega_i W_i is determined: the scale of a row is that at which its |W| are distributed as those of the {} \
         rows without a field, known to {:.1} % (rms, tried on such rows)",
        quiet.len(),
        100.0 * scales.spread
    );
    let said = match positions {
        None => vec![None; rows.len()],
        Some(positions) => by_neighbours(rows, &alone, positions)?,
    };
    let (mut square, mut n_told) = (0.0, 0);
    for (place, row) in rows.iter_mut().enumerate() {
        // The likelihood claims 1 / trust of its variance: the prior is narrowed alike, then both widened.
        let prior = said[place].map(|(e, variance)| (e, variance / trust));
        let (e, variance) = scales.rows[place].posterior(prior);
        row.scale_by(e.exp());
        square += trust * variance;
        n_told += usize::from(prior.is_some());
    }
    if n_told == 0 {
        return Ok(note);
    }
    let left = (square / rows.len().max(1) as f64).sqrt();
    Ok(format!(
        "{note}; with the levels of neighbours in space, which {n_told} rows have, to {:.1} %",
        100.0 * left
    ))
}

/// The weights of all other neurons.
fn others(weights: &[f64], receiver: usize) -> Vec<f64> {
    weights.iter().enumerate().filter(|(sender, _)| *sender != receiver).map(|(_, &weight)| weight).collect()
}
