//! Neuron types, against the true ones where they are known.

use neuroloom_report::{CellTypes, Contingency, SilhouettePoint};

use super::super::tables::LEFT_OUT;
use super::Parts;

pub(super) fn cell_types(parts: &Parts<'_>) -> Option<CellTypes> {
    let figures = parts.figures;
    if figures.label.is_empty() {
        return None;
    }
    let scores = parts.evaluation.types.as_ref();
    let point = |&(k, score): &(usize, f64)| SilhouettePoint { k, score };
    let found = Grouping::new("type", &figures.label);
    Some(CellTypes {
        labels: figures.label.iter().map(|&label| found.place(label)).collect(),
        embedding: figures.embedding.clone(),
        axis_names: ("first component of phi".to_owned(), "second component of phi".to_owned()),
        silhouette: figures.silhouette_by_k.iter().map(point).collect(),
        contingency: figures.true_label.as_ref().map(|truth| contingency(&figures.label, truth)),
        accuracy: scores.and_then(|scores| scores.accuracy),
        adjusted_rand_index: scores.and_then(|scores| scores.ari),
        names: found.names,
    })
}

/// Names of the types of some labels; neurons that were left out come last.
pub(super) struct Grouping {
    pub(super) names: Vec<String>,
    n_types: usize,
}

impl Grouping {
    pub(super) fn new(prefix: &str, labels: &[u32]) -> Self {
        let n_types =
            labels.iter().filter(|&&label| label != LEFT_OUT).max().map_or(0, |&most| most as usize + 1);
        let mut names: Vec<String> = (1..=n_types).map(|one| format!("{prefix} {one}")).collect();
        if labels.contains(&LEFT_OUT) {
            names.push("left out".to_owned());
        }
        Self { names, n_types }
    }

    /// Position of a label among the names.
    pub(super) fn place(&self, label: u32) -> usize {
        if label == LEFT_OUT { self.n_types } else { label as usize }
    }
}

fn contingency(found: &[u32], truth: &[u32]) -> Contingency {
    let (rows, columns) = (Grouping::new("found", found), Grouping::new("true", truth));
    let mut counts = vec![vec![0; columns.names.len()]; rows.names.len()];
    for (&row, &column) in found.iter().zip(truth) {
        counts[rows.place(row)][columns.place(column)] += 1;
    }
    Contingency {
        reference: "true type".to_owned(),
        row_names: rows.names,
        column_names: columns.names,
        counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contingency_counts_neurons() {
        let table = contingency(&[0, 0, 1], &[1, 1, 0]);
        assert_eq!(table.counts, vec![vec![0, 2], vec![1, 0]]);
        assert_eq!(table.column_names, ["true 1", "true 2"]);
        let with_one_left_out = contingency(&[0, LEFT_OUT], &[1, 0]);
        assert_eq!(with_one_left_out.row_names, ["found 1", "left out"]);
        assert_eq!(with_one_left_out.counts, vec![vec![0, 1], vec![1, 0]]);
    }
}
