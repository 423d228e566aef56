//! Real circuits beside generated ones.

use neuroloom_core::Circuit;
use neuroloom_report::{GeneratedCircuits, MeanRow};

use super::view;
use crate::experiment::circuits::{SetColumn, SetComparison};

/// Pairs of circuits that are drawn.
const N_DRAWN: usize = 2;

/// The first circuits with what was generated for them, and the means of all statistics.
pub(super) fn generated(
    (like, generated): (&[Circuit], &[Circuit]),
    compared: &SetComparison,
) -> GeneratedCircuits {
    let pairs = like.iter().zip(generated).take(N_DRAWN).enumerate();
    let circuits = pairs.flat_map(|(rank, (real, new))| {
        [
            view(format!("real, test circuit {}", rank + 1), real),
            view(format!("generated, same neurons {}", rank + 1), new),
        ]
    });
    let columns = &compared.columns;
    let row = |place: usize, name: &str| MeanRow {
        name: name.to_owned(),
        means: columns
            .iter()
            .take(1)
            .map(|column| column.difference.metrics[place].reference.0)
            .chain(columns.iter().map(|column| column.difference.metrics[place].other.0))
            .collect(),
    };
    let metrics = columns.first().map_or(&[][..], |column| &column.difference.metrics[..]);
    let label = |column: &SetColumn| column.label.clone();
    GeneratedCircuits {
        lead: "Codes were drawn from the distribution of those of training circuits; where the decoder is told of neurons, it was told the types and \
               positions of the test circuits, which it never saw in training. The fitted baseline is a degree-corrected \
               block model with distance and reciprocity that was fitted to the training circuits."
            .to_owned(),
        circuits: circuits.collect(),
        sets: std::iter::once("data".to_owned()).chain(columns.iter().map(label)).collect(),
        means: metrics.iter().enumerate().map(|(place, one)| row(place, one.name)).collect(),
    }
}
