//! The report of a comparison of sets.

use neuroloom_analysis::graph::comparison::PgdInterval;
use neuroloom_report::{Card, Header, Reference, ReportData, ScoreRow, SetHistogram, SetReport, Trace};

use super::compare::SetComparison;

const N_BINS: usize = 24;

/// What the page shows.
pub(in crate::experiment) fn report_data(comparison: &SetComparison) -> ReportData {
    ReportData {
        header: header(comparison),
        set_comparison: Some(set_report(comparison)),
        limits: vec![
            "A difference near the floor says that these statistics cannot tell the sets apart, not that the circuits \
             are the same: the classifier is linear in each descriptor, and a discrepancy found by it is a lower bound."
                .to_owned(),
            "The published descriptors ignore direction, cell types and distance; the others were added for \
             connectomes, and numbers with them cannot be compared with published tables."
                .to_owned(),
            "Circuits cut from one tissue overlap, so that they are fewer independent samples than their number says."
                .to_owned(),
        ],
        ..ReportData::default()
    }
}

fn header(comparison: &SetComparison) -> Header {
    let first = &comparison.columns[0];
    let beside = |of: fn(&super::SetColumn) -> f64| {
        let others = comparison.columns[1..].iter();
        others.map(|column| Reference { label: column.label.clone(), value: of(column) }).collect()
    };
    let card = |label: &str, note: &str, of: fn(&super::SetColumn) -> f64| Card {
        label: label.to_owned(),
        value: of(first),
        note: note.to_owned(),
        beside: beside(of),
        ..Card::default()
    };
    Header {
        title: "Two sets of circuits".to_owned(),
        summary: format!(
            "{} circuits of {} against {} of {}.",
            comparison.n_reference, comparison.reference, first.n_circuits, first.label
        ),
        command: String::new(),
        cards: vec![
            card(
                "PGD",
                &halves("0 alike, 1 told apart; directions ignored", first, |found| found.pgd),
                |column| column.difference.pgd,
            ),
            card(
                "PGD, directed",
                &halves("the same with directed descriptors", first, |found| found.pgd_directed),
                |column| column.difference.pgd_directed,
            ),
            card("classifier AUROC", "chance is 0.5", |column| column.difference.classifier_auroc),
        ],
    }
}

/// A note and how the number varies over halves of the sets, where that is known.
fn halves(note: &str, column: &super::SetColumn, of: fn(&PgdInterval) -> (f64, f64)) -> String {
    let Some(found) = &column.pgd_interval else { return note.to_owned() };
    let (mean, sd) = of(found);
    format!("{note}; on {} random halves {mean:.2} ± {sd:.2}", found.n_subsamples)
}

pub(in crate::experiment) fn set_report(comparison: &SetComparison) -> SetReport {
    let columns = &comparison.columns;
    let row = |name: &str, of: &dyn Fn(&super::SetColumn) -> f64| ScoreRow {
        name: name.to_owned(),
        values: columns.iter().map(of).collect(),
    };
    let descriptors = &columns[0].difference.descriptors;
    let by_descriptor = |of: fn(&neuroloom_analysis::graph::comparison::DescriptorDifference) -> f64| {
        let rows = descriptors.iter().enumerate();
        rows.map(|(place, one)| row(one.name, &|column| of(&column.difference.descriptors[place])))
            .filter(|row| row.values.iter().any(|value| value.is_finite()))
            .collect()
    };
    let metrics = columns[0].difference.metrics.iter().enumerate();
    let attributes = columns[0].difference.attributes.iter();
    let attribute = |column: &super::SetColumn, name: &str| {
        let found = column.difference.attributes.iter().find(|one| one.name == name);
        found.map_or(f64::NAN, |one| one.value)
    };
    SetReport {
        reference: comparison.reference.clone(),
        n_reference: comparison.n_reference,
        columns: columns.iter().map(|column| column.label.clone()).collect(),
        n_circuits: columns.iter().map(|column| column.n_circuits).collect(),
        scores: vec![
            row("PGD", &|column| column.difference.pgd),
            row("PGD, directed", &|column| column.difference.pgd_directed),
            row("classifier AUROC", &|column| column.difference.classifier_auroc),
        ],
        mmd: by_descriptor(|one| one.mmd),
        rbf_mmd: by_descriptor(|one| one.rbf_mmd),
        jensen_shannon: by_descriptor(|one| one.jensen_shannon),
        metric_ks: metrics
            .map(|(place, one)| row(one.name, &|column| column.difference.metrics[place].ks))
            .collect(),
        attributes: attributes.map(|one| row(one.name, &|column| attribute(column, one.name))).collect(),
        histograms: comparison
            .metric_values
            .iter()
            .filter_map(|(name, sets)| histogram(name, sets, comparison))
            .collect(),
    }
}

/// Shares of circuits by value; nothing where all values are one.
fn histogram(name: &str, sets: &[Vec<f64>], comparison: &SetComparison) -> Option<SetHistogram> {
    let all = || sets.iter().flatten().copied();
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    // Also where no set has a value: then the lowest is infinite.
    if low >= high {
        return None;
    }
    let labels =
        std::iter::once("reference".to_owned()).chain(comparison.columns.iter().map(|one| one.label.clone()));
    let shares = |values: &Vec<f64>| {
        let counts = neuroloom_analysis::graph::comparison::histogram(values, N_BINS, (low, high));
        counts.into_iter().map(|count| count / values.len().max(1) as f64).collect()
    };
    Some(SetHistogram {
        name: name.to_owned(),
        edges: (0..=N_BINS).map(|bin| low + (high - low) * bin as f64 / N_BINS as f64).collect(),
        series: labels.zip(sets).map(|(name, values)| Trace { name, values: shares(values) }).collect(),
    })
}
