//! Edges against a given connectome, and the table of baselines.

use neuroloom_models::mechanism::{ConnectivityScores, KindScore, WiringBaseline};
use neuroloom_report::{Cell, Table, WiringComparison, WiringReference, WiringScore};

use super::super::published::SOURCE;
use super::Parts;

/// Only without truth: with truth the weights themselves are compared.
pub(super) fn wiring(parts: &Parts<'_>) -> Option<WiringComparison> {
    let scores = parts.evaluation.connectivity.as_ref()?;
    if scores.r2_linear_fit.is_some() || scores.auroc.is_none() {
        return None;
    }
    let baselines = baselines_of(parts);
    let mut references = vec![all_kinds(scores, baselines)];
    references.extend(scores.by_kind.iter().map(|kind| of_kind(kind, scores.n_pairs, baselines)));
    let n = parts.recording.n_neurons;
    let matching = format!("{} of {n} recorded neurons were matched by name.", scores.n_matched);
    Some(WiringComparison { matching, references })
}

/// All methods against the truth, the published number last.
pub(super) fn baselines(parts: &Parts<'_>) -> Vec<Table> {
    let Some(scores) = &parts.evaluation.connectivity else { return Vec::new() };
    let mut rows = vec![row("model", scores.r2_linear_fit, scores.auroc, scores.average_precision)];
    for one in baselines_of(parts) {
        rows.push(row(&spoken(&one.method), one.r2_linear_fit, one.auroc, one.average_precision));
    }
    if let Some(r2) = parts.published().r2_linear_fit {
        rows.push(row(&format!("published ({SOURCE})"), Some(r2), None, None));
    }
    vec![Table {
        caption: "Wiring by every method on the same recording.".to_owned(),
        columns: ["method", "R² of weights", "AUROC", "average precision"].map(ToOwned::to_owned).to_vec(),
        rows,
        emphasised_row: Some(0),
    }]
}

fn baselines_of<'a>(parts: &Parts<'a>) -> &'a [WiringBaseline] {
    parts.evaluation.baselines.as_ref().map_or(&[], |baselines| &baselines.connectivity)
}

fn all_kinds(scores: &ConnectivityScores, baselines: &[WiringBaseline]) -> WiringReference {
    let mut rows = vec![score("model", scores.auroc, scores.average_precision)];
    rows.extend(baselines.iter().map(|one| score(&spoken(&one.method), one.auroc, one.average_precision)));
    reference("any connection", scores.n_pairs, scores.prevalence, rows)
}

fn of_kind(kind: &KindScore, n_pairs: usize, baselines: &[WiringBaseline]) -> WiringReference {
    let mut rows = vec![score("model", Some(kind.auroc), Some(kind.average_precision))];
    for one in baselines {
        if let Some(same) = one.by_kind.iter().find(|other| other.kind == kind.kind) {
            rows.push(score(&spoken(&one.method), Some(same.auroc), Some(same.average_precision)));
        }
    }
    reference(&kind.kind, n_pairs, Some(kind.prevalence), rows)
}

fn reference(
    name: &str,
    n_pairs: usize,
    prevalence: Option<f64>,
    scores: Vec<WiringScore>,
) -> WiringReference {
    let n_connected = (prevalence.unwrap_or(0.0) * n_pairs as f64).round() as usize;
    WiringReference { name: name.to_owned(), n_pairs, n_connected, scores }
}

fn score(method: &str, auroc: Option<f64>, average_precision: Option<f64>) -> WiringScore {
    WiringScore {
        method: method.to_owned(),
        auroc: auroc.unwrap_or(f64::NAN),
        auroc_interval: None,
        average_precision: average_precision.unwrap_or(f64::NAN),
        average_precision_interval: None,
    }
}

fn row(method: &str, r2: Option<f64>, auroc: Option<f64>, average_precision: Option<f64>) -> Vec<Cell> {
    let number = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
    vec![Cell::Text(method.to_owned()), number(r2), number(auroc), number(average_precision)]
}

/// `ridge_var1` as it is written in a text.
fn spoken(method: &str) -> String {
    match method {
        "ridge_var1" => "ridge VAR(1)".to_owned(),
        other => other.replace('_', " "),
    }
}
