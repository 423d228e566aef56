//! Two sets of circuits.

use super::{Block, Section, TableView, heads};
use crate::data::{Cell, ScoreRow, SetHistogram, SetReport};
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::overlaid::overlaid;
use crate::figure::{Figure, Span};
use crate::number::counted;
use crate::{Error, check};

/// Discrepancies as dots, distributions of the metrics, and every number as a table.
pub(super) fn section(given: &SetReport) -> Result<Section, Error> {
    check_shapes(given)?;
    let mut blocks = vec![Block::Figure(scores(given)), Block::Figure(differences(given))];
    if !given.histograms.is_empty() {
        blocks.push(Block::Figure(distributions(given)));
    }
    let tables = [
        (
            "Squared MMD with the published kernels (degree, clustering, spectral, orbit) and their directed twins",
            &given.mmd,
        ),
        ("Squared MMD, the largest over ten widths of a Gaussian kernel", &given.rbf_mmd),
        (
            "Jensen-Shannon distance that a logistic regression reaches on held-out circuits",
            &given.jensen_shannon,
        ),
        ("By cell type and distance, all circuits of a set together", &given.attributes),
    ];
    blocks.extend(
        tables
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(caption, rows)| table(given, caption, rows)),
    );
    let lead = format!(
        "Everything is compared with {} of {}. A number means something only beside the floor, which is what two \
         samples of one set differ by, and beside a null model.",
        counted(given.n_reference, "circuit"),
        given.reference
    );
    Ok(Section { id: "sets", title: "Sets of circuits", lead, blocks })
}

fn check_shapes(given: &SetReport) -> Result<(), Error> {
    let n_columns = (given.columns.len(), "set_comparison.columns");
    check::length("set_comparison.n_circuits", given.n_circuits.len(), n_columns)?;
    let lists = [
        ("scores", &given.scores),
        ("mmd", &given.mmd),
        ("rbf_mmd", &given.rbf_mmd),
        ("jensen_shannon", &given.jensen_shannon),
        ("metric_ks", &given.metric_ks),
        ("attributes", &given.attributes),
    ];
    for (name, rows) in lists {
        for (row, one) in rows.iter().enumerate() {
            check::length(&format!("set_comparison.{name}[{row}].values"), one.values.len(), n_columns)?;
        }
    }
    for (place, histogram) in given.histograms.iter().enumerate() {
        for series in &histogram.series {
            let place = format!("set_comparison.histograms[{place}].edges");
            check::edges(&place, &histogram.edges, series.values.len())?;
        }
    }
    Ok(())
}

fn groups(given: &SetReport, rows: &[ScoreRow]) -> Vec<DotGroup> {
    let dot = |(name, value): (&String, &f64)| Dot { name: name.clone(), value: *value, interval: None };
    let group = |row: &ScoreRow| DotGroup {
        heading: row.name.clone(),
        dots: given.columns.iter().zip(&row.values).map(dot).collect(),
        level: row.name.contains("AUROC").then_some(0.5),
    };
    rows.iter().map(group).collect()
}

fn scores(given: &SetReport) -> Figure {
    let stem = "set_scores";
    let plot = DotPlot {
        title: String::new(),
        axis_name: "0 = alike, 1 = told apart (AUROC: chance 0.5)".to_owned(),
        range: (0.0, 1.0),
        floor: 0.0,
        groups: groups(given, &given.scores),
        span: Span::Full,
    };
    Figure {
        stem,
        title: "Can the sets be told apart?".to_owned(),
        caption:
            "PolyGraph discrepancy with logistic regression, and a classifier of single circuits by their \
                  metrics. A set of the same kind lies at the floor; a good null model lies above it."
                .to_owned(),
        panels: vec![dots(stem, &plot)],
    }
}

fn differences(given: &SetReport) -> Figure {
    let stem = "set_metrics";
    let plot = DotPlot {
        title: String::new(),
        axis_name: "Kolmogorov-Smirnov distance to the reference".to_owned(),
        range: (0.0, 1.0),
        floor: 0.0,
        groups: groups(given, &given.metric_ks),
        span: Span::Full,
    };
    Figure {
        stem,
        title: "Which statistics differ?".to_owned(),
        caption: "0: the same distribution over circuits; 1: no overlap. What a null model keeps lies at 0."
            .to_owned(),
        panels: vec![dots(stem, &plot)],
    }
}

fn distributions(given: &SetReport) -> Figure {
    let panel = |histogram: &SetHistogram| overlaid(&format!("set_{}", histogram.stem()), histogram);
    Figure {
        stem: "set_distributions",
        title: "Distributions over circuits".to_owned(),
        caption: "Share of the circuits of each set by the value of a metric; the reference is filled."
            .to_owned(),
        panels: given.histograms.iter().map(panel).collect(),
    }
}

fn table(given: &SetReport, caption: &str, rows: &[ScoreRow]) -> Block {
    let mut columns = heads(&[""]);
    columns.extend(given.columns.iter().cloned());
    let cells = |row: &ScoreRow| {
        let number = |&value: &f64| if value.is_finite() { Cell::Number(value) } else { Cell::Absent };
        std::iter::once(Cell::Text(row.name.clone())).chain(row.values.iter().map(number)).collect()
    };
    Block::Table(TableView::new(caption, &columns, rows.iter().map(cells).collect()))
}
