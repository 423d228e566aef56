//! Classes of receivers: each row chooses the psi that leaves it the smallest residual.

use ndarray::Array2;
use neuroloom_core::{Event, Listener};

use super::eliminate::{Penalties, each_fit};
use super::equations::Equations;
use super::factor::Factor;
use super::normal::Design;
use super::start::{absolute_ridge, normal_of};
use super::transfer::Transfer;
use crate::Error;

/// Residual sum of squares of every receiver of the design under every candidate, `[receiver, candidate]`.
///
/// One Gram and one Cholesky factor a candidate, shared by all rows.
pub(super) fn losses(
    design: &Design<'_>,
    equations: &Equations,
    candidates: &[Transfer],
    ridge: f64,
    events: &dyn Listener,
) -> Result<Array2<f64>, Error> {
    events.emit(Event::Started { stage: "classes of receivers", total: Some(candidates.len() as u64) });
    let mut losses = Array2::zeros((design.receivers.len(), candidates.len()));
    for (candidate, transfer) in candidates.iter().enumerate() {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "classes of receivers" });
        }
        let normal = normal_of(design, equations, transfer)?;
        let penalties = Penalties::negligible(absolute_ridge(&normal, ridge));
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let of_rows = each_fit(&normal, &factor, penalties, |_, fit| fit.loss)?;
        losses.column_mut(candidate).iter_mut().zip(of_rows).for_each(|(to, loss)| *to = loss);
        events.emit(Event::Step { done: candidate as u64 + 1, loss: None });
    }
    events.emit(Event::Finished);
    Ok(losses)
}

/// Logarithms of the losses of each row about their mean: the shape of what a row prefers, whatever its size.
pub(super) fn preferences(losses: &Array2<f64>) -> Array2<f64> {
    let mut logs = losses.mapv(|loss| loss.max(f64::MIN_POSITIVE).ln());
    for mut row in logs.rows_mut() {
        let mean = row.sum() / row.len().max(1) as f64;
        row -= mean;
    }
    logs
}

/// The candidate of smallest loss of each row.
pub(super) fn favourites(losses: &Array2<f64>) -> Vec<usize> {
    let best = |row: ndarray::ArrayView1<'_, f64>| {
        (0..row.len()).min_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0)
    };
    losses.rows().into_iter().map(best).collect()
}
