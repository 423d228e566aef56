//! Statistics of a wiring diagram, beside null models.

use super::{Block, Section, TableView, heads};
use crate::data::{Cell, GraphStatistics, Group, MatrixPanel, NullModelResult, Relation, Tone, TypeDensity};
use crate::figure::axis::Axis;
use crate::figure::heatmap::{self, MatrixFrame};
use crate::figure::relation::{RelationPlot, relations};
use crate::figure::{Figure, Panel, Span, missing_note, null_models};
use crate::number::grouped;
use crate::{Error, check};

/// Null distributions, triad profile, curves, tables.
pub(super) fn section(given: &GraphStatistics) -> Result<Section, Error> {
    check_shapes(given)?;
    let figures = [distributions(given), triads(given), curves(given), mixing(given)?];
    let mut blocks: Vec<Block> = figures.into_iter().flatten().map(Block::Figure).collect();
    blocks.extend(given.nulls.iter().map(|null| Block::Table(null_table(null))));
    blocks.push(Block::Table(number_table(given)));
    Ok(Section { id: "wiring-statistics", title: "Wiring statistics", lead: given.lead.clone(), blocks })
}

fn check_shapes(given: &GraphStatistics) -> Result<(), Error> {
    let lists = [
        ("degrees", &given.degrees),
        ("distance", &given.distance),
        ("common_neighbours", &given.common_neighbours),
    ];
    for (name, curves) in lists {
        for (rank, curve) in curves.iter().enumerate() {
            let place = format!("graph_statistics.{name}[{rank}].y");
            check::length(&place, curve.y.len(), (curve.x.len(), "x"))?;
        }
    }
    if let Some(mixing) = &given.type_mixing {
        check::even_rows("graph_statistics.type_mixing.density", &mixing.density)?;
        let n_types = (mixing.types.len(), "types");
        check::length("graph_statistics.type_mixing.density", mixing.density.len(), n_types)?;
    }
    Ok(())
}

fn distributions(given: &GraphStatistics) -> Option<Figure> {
    let panel = |name: &String| null_models::distributions(&format!("null_{name}"), name, &given.nulls);
    let panels: Vec<Panel> = given.drawn.iter().filter_map(panel).collect();
    let named: Vec<String> = given
        .nulls
        .iter()
        .map(|null| {
            format!("{} ({} samples, keeps {})", null.name, grouped(null.n_samples as f64), null.keeps)
        })
        .collect();
    (!panels.is_empty()).then(|| Figure {
        stem: "null_distributions",
        title: "Observed numbers among those of random graphs".to_owned(),
        caption: format!(
            "The dashed line is the wiring diagram, the filled shapes are null models in the colours of the next \
             figure: {}. A number inside a shape is explained by what that model keeps; one spike means that the \
             model keeps the number itself.",
            named.join("; ")
        ),
        panels,
    })
}

fn triads(given: &GraphStatistics) -> Option<Figure> {
    let panel = null_models::profile("triad_z_scores", "triad_", &given.nulls)?;
    Some(Figure {
        stem: "triad_z_scores",
        title: "Triads against null models".to_owned(),
        caption: "Each of the 13 connected triads by its distance from the mean of each null model, in standard \
                  deviations; the grey band is ±2. Names count mutual, one-way and absent pairs (D down, U up, \
                  C cyclic, T transitive): 030T is the feed-forward loop, 300 the fully mutual triangle. What only \
                  follows from degrees or from mutual pairs vanishes against the models that keep them. Triads that a \
                  model never varies have no marker."
            .to_owned(),
        panels: vec![panel],
    })
}

fn curves(given: &GraphStatistics) -> Option<Figure> {
    let all = |curves: &[Relation]| curves.iter().flat_map(|curve| curve.y.clone()).collect::<Vec<f64>>();
    let x_of = |curves: &[Relation]| curves.iter().flat_map(|curve| curve.x.clone()).collect::<Vec<f64>>();
    let mut panels = Vec::new();
    if !given.degrees.is_empty() {
        let x = Axis::log(x_of(&given.degrees), "number of edges k");
        let y = Axis::log(all(&given.degrees), "share of neurons with ≥ k");
        let (title, span) = ("Degrees", Span::Third);
        panels.push(relations("degrees", RelationPlot { title, x, y, curves: &given.degrees, span }));
    }
    let linear = [
        ("distance", "Distance", "distance (µm)", &given.distance),
        ("common_neighbours", "Common neighbours", "common neighbours", &given.common_neighbours),
    ];
    for (stem, title, x_name, curves) in linear.into_iter().filter(|(_, _, _, curves)| !curves.is_empty()) {
        let x = Axis::tight(x_of(curves).into_iter().chain([0.0]), x_name);
        let y = Axis::padded(all(curves).into_iter().chain([0.0]), "connection probability");
        let y = Axis { low: 0.0, ..y };
        panels.push(relations(stem, RelationPlot { title, x, y, curves, span: Span::Third }));
    }
    (!panels.is_empty()).then(|| Figure {
        stem: "wiring_curves",
        title: "Degrees and connection probability".to_owned(),
        caption: "A degree curve that falls straight on the two logarithmic axes has a heavy tail. Probability per \
                  ordered pair against distance; share of joined pairs against the number of neighbours that two \
                  neurons share. Bins with few pairs are left out."
            .to_owned(),
        panels,
    })
}

fn mixing(given: &GraphStatistics) -> Result<Option<Figure>, Error> {
    let Some(TypeDensity { types, density }) = &given.type_mixing else { return Ok(None) };
    if types.len() < 2 {
        return Ok(None);
    }
    let transposed = |post: usize| density.iter().map(|row| row[post]).collect();
    let matrix = MatrixPanel {
        name: "connection probability".to_owned(),
        values: (0..types.len()).map(transposed).collect(),
        tone: Tone::Positive,
    };
    let groups: Vec<Group> = types.iter().map(|name| Group { name: name.clone(), size: 1 }).collect();
    let frame =
        MatrixFrame { span: Span::Half, n_neurons: types.len(), groups: &groups, limit: 1.0, unit: "" };
    let caption = format!(
        "Columns send, rows receive, types in the order {}.{}",
        types.join(", "),
        missing_note(matrix.values.iter().flatten())
    );
    Ok(Some(Figure {
        stem: "type_mixing",
        title: "Connection probability by cell type".to_owned(),
        caption,
        panels: vec![heatmap::matrix("type_mixing", &frame, &matrix)?],
    }))
}

fn null_table(null: &NullModelResult) -> TableView {
    let columns = heads(&["number", "observed", "null mean", "null sd", "z", "p (two-sided)"]);
    let number = |value: f64| if value.is_finite() { Cell::Number(value) } else { Cell::Absent };
    let rows = null.rows.iter().map(|row| {
        let values = [row.observed, row.mean, row.sd, row.z_score, row.p_value];
        std::iter::once(Cell::Text(row.name.clone())).chain(values.map(number)).collect()
    });
    let caption = format!(
        "Against `{}`, {} random graphs that keep {}. No z: the model keeps the number.",
        null.name,
        grouped(null.n_samples as f64),
        null.keeps
    );
    TableView::new(&caption, &columns, rows.collect())
}

fn number_table(given: &GraphStatistics) -> TableView {
    let rows = given.topics.iter().flat_map(|topic| {
        topic.numbers.iter().map(|one| {
            let value = if one.value.is_finite() { Cell::Number(one.value) } else { Cell::Absent };
            vec![Cell::Text(topic.name.clone()), Cell::Text(one.name.clone()), value]
        })
    });
    TableView::new(
        "All numbers; definitions in docs/metrics.md.",
        &heads(&["about", "number", "value"]),
        rows.collect(),
    )
}
