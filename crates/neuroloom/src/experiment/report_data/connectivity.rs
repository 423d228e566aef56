//! The learned wiring, beside the true one where it is known.

use neuroloom_models::mechanism::{DensityScatter, Exploration, MatrixView};
use neuroloom_report::{
    Connectivity, Coverage, Density, Group, Histogram, MatrixPanel, Tone, Trace, WeakSender,
};

use super::Parts;
use super::cell_types::Grouping;

pub(super) fn connectivity(parts: &Parts<'_>) -> Connectivity {
    let figures = parts.figures;
    let n_neurons = parts.recording.n_neurons;
    Connectivity {
        n_neurons,
        unit: "activity/s".to_owned(),
        density: figures.density.as_ref().map(|density| scatter(parts, density)),
        matrices: matrices(figures),
        groups: groups(figures),
        order: "by learned type".to_owned(),
        weights: histogram(figures),
        singular_values: figures.singular_values.clone(),
        singular_ranks: Vec::new(),
        singular_floor: None,
        weak_senders: weak_senders(figures),
        coverage: coverage(parts),
    }
}

fn scatter(parts: &Parts<'_>, density: &DensityScatter) -> Density {
    let scores = parts.evaluation.connectivity.clone().unwrap_or_default();
    Density {
        x_edges: density.edges.clone(),
        y_edges: density.edges.clone(),
        counts: density.counts.clone(),
        n_pairs: scores.n_pairs,
        slope: scores.slope,
        intercept: scores.slope.map(|_| 0.0),
        r2_linear_fit: scores.r2_linear_fit,
        r2_identity: scores.r2_identity,
    }
}

fn matrices(figures: &Exploration) -> Vec<MatrixPanel> {
    let panel = |name: &str, view: &MatrixView, tone| MatrixPanel {
        name: name.to_owned(),
        values: view.rows.clone(),
        tone,
    };
    let mut panels = vec![panel("learned", &figures.learned, Tone::Signed)];
    panels.extend(figures.truth.as_ref().map(|truth| panel("true", truth, Tone::Signed)));
    panels.push(panel("standard error", &figures.standard_error, Tone::Positive));
    panels.retain(|panel| !panel.values.is_empty());
    panels
}

/// Consecutive blocks of a type; the order of the matrices is by type.
fn groups(figures: &Exploration) -> Vec<Group> {
    let grouping = Grouping::new("type", &figures.label);
    if grouping.names.len() < 2 {
        return Vec::new();
    }
    let size = |place: usize| figures.label.iter().filter(|&&label| grouping.place(label) == place).count();
    let sizes = (0..grouping.names.len()).map(size).collect::<Vec<_>>();
    grouping.names.into_iter().zip(sizes).map(|(name, size)| Group { name, size }).collect()
}

fn histogram(figures: &Exploration) -> Option<Histogram> {
    let series = Trace { name: "learned".to_owned(), values: figures.weight_counts.clone() };
    (!figures.weight_counts.is_empty())
        .then(|| Histogram { edges: figures.weight_edges.clone(), series: vec![series] })
}

fn weak_senders(figures: &Exploration) -> Vec<WeakSender> {
    let sender =
        |name: &String| WeakSender { name: name.clone(), signal: f64::NAN, standard_error: f64::NAN };
    figures.weak_senders.iter().map(sender).collect()
}

fn coverage(parts: &Parts<'_>) -> Vec<Coverage> {
    let observed = parts.evaluation.connectivity.as_ref().and_then(|scores| scores.coverage_90);
    observed.map(|observed| Coverage { nominal: 0.9, observed }).into_iter().collect()
}
