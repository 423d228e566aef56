//! Neuron types, against the true ones where they are known.

use neuroloom_report::{CellTypes, Contingency, SilhouettePoint};

use super::Parts;

pub(super) fn types(parts: &Parts<'_>) -> Option<CellTypes> {
    let figures = parts.figures;
    if figures.label.is_empty() {
        return None;
    }
    let scores = parts.evaluation.types.as_ref();
    let point = |&(k, score): &(usize, f64)| SilhouettePoint { k, score };
    Some(CellTypes {
        names: names("type", &figures.label),
        labels: figures.label.iter().map(|&label| label as usize).collect(),
        embedding: figures.embedding.clone(),
        axis_names: ("first component of phi".to_owned(), "second component of phi".to_owned()),
        silhouette: figures.silhouette_by_k.iter().map(point).collect(),
        contingency: figures.true_label.as_ref().map(|truth| contingency(&figures.label, truth)),
        accuracy: scores.and_then(|scores| scores.accuracy),
        adjusted_rand_index: scores.and_then(|scores| scores.ari),
    })
}

fn contingency(found: &[u32], truth: &[u32]) -> Contingency {
    let row_names = names("found", found);
    let column_names = names("true", truth);
    let mut counts = vec![vec![0; column_names.len()]; row_names.len()];
    for (&row, &column) in found.iter().zip(truth) {
        counts[row as usize][column as usize] += 1;
    }
    Contingency { reference: "true type".to_owned(), row_names, column_names, counts }
}

fn names(prefix: &str, labels: &[u32]) -> Vec<String> {
    let n = labels.iter().max().map_or(0, |&most| most + 1);
    (1..=n).map(|one| format!("{prefix} {one}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contingency_counts_neurons() {
        let table = contingency(&[0, 0, 1], &[1, 1, 0]);
        assert_eq!(table.counts, vec![vec![0, 2], vec![1, 0]]);
        assert_eq!(table.column_names, ["true 1", "true 2"]);
    }
}
