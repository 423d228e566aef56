//! Linear directions of metrics.

use super::{number, stem};
use crate::data::{Cell, DirectionRow, Directions, Relation};
use crate::figure::axis::Axis;
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::relation::{RelationPlot, relations};
use crate::figure::value_grid::{ValueGrid, value_grid};
use crate::figure::{Figure, Panel, Span};
use crate::number::{grouped, readable};
use crate::palette::ColorMap;
use crate::section::{Block, Section, TableView, heads};
use crate::{Error, check};

/// R² of every metric beside its control, how parallel the directions are, and walks along them.
pub(super) fn section(given: &Directions) -> Result<Section, Error> {
    check_shapes(given)?;
    let mut blocks = Vec::new();
    if !given.rows.is_empty() {
        blocks.push(Block::Figure(scores(given)));
        blocks.push(Block::Table(table(given)));
    }
    if given.cosine.len() > 1 {
        blocks.push(Block::Figure(cosines(given)?));
    }
    if !given.traversals.is_empty() {
        blocks.push(Block::Figure(traversals(&given.traversals)));
    }
    let lead = format!(
        "A ridge regression from the code to each metric, over {} circuits. Much of any metric follows from the number \
         of neurons and edges; a direction says something where it beats that control.",
        grouped(given.n_circuits as f64)
    );
    Ok(Section { id: "directions", title: "Directions in the code", lead, blocks })
}

fn check_shapes(given: &Directions) -> Result<(), Error> {
    let n_rows = (given.rows.len(), "circuit_code.directions.rows");
    check::length_or_none("circuit_code.directions.cosine", given.cosine.len(), n_rows)?;
    check::even_rows("circuit_code.directions.cosine", &given.cosine)?;
    for (place, curve) in given.traversals.iter().enumerate() {
        let name = format!("circuit_code.directions.traversals[{place}].y");
        check::length(&name, curve.y.len(), (curve.x.len(), "x"))?;
    }
    Ok(())
}

fn scores(given: &Directions) -> Figure {
    let dot = |name: &str, value: f64| Dot { name: name.to_owned(), value, interval: None };
    let group = |row: &DirectionRow| {
        let mut dots = vec![dot("code", row.r2_code)];
        if row.r2_held_out.is_finite() {
            dots.push(dot("code, held-out regions", row.r2_held_out));
        }
        dots.push(dot("N and E alone", row.r2_size));
        DotGroup { heading: row.name.clone(), dots, level: Some(0.0) }
    };
    let plot = DotPlot {
        title: String::new(),
        axis_name: "cross-validated R²".to_owned(),
        range: (0.0, 1.0),
        floor: -0.2,
        groups: given.rows.iter().map(group).collect(),
        span: Span::Full,
    };
    Figure {
        stem: "directions",
        title: "What the code knows linearly".to_owned(),
        caption: "R² on circuits that were left out; 0 is what the mean reaches, 1 is perfect. Values below −0.2 sit on \
                  the edge."
            .to_owned(),
        panels: vec![dots("direction_scores", &plot)],
    }
}

fn table(given: &Directions) -> TableView {
    let row = |row: &DirectionRow| {
        vec![
            Cell::Text(row.name.clone()),
            number(row.r2_code),
            number(row.r2_held_out),
            number(row.r2_size),
            number(row.spearman),
            number(row.p_value),
        ]
    };
    let permutations = match given.n_permutations {
        0 => String::new(),
        n => format!(
            " p counts {} shuffles and cannot be below {}.",
            grouped(n as f64),
            readable(1.0 / (n as f64 + 1.0))
        ),
    };
    TableView::new(
        &format!("Every direction with its control.{permutations}"),
        &heads(&["metric", "R² code", "R² held-out regions", "R² N and E", "Spearman", "p"]),
        given.rows.iter().map(row).collect(),
    )
}

fn cosines(given: &Directions) -> Result<Figure, Error> {
    let names: Vec<String> = given.rows.iter().map(|row| row.name.clone()).collect();
    let grid = ValueGrid {
        title: "",
        rows: &names,
        columns: &names,
        values: &given.cosine,
        map: ColorMap::Diverging,
        range: (-1.0, 1.0),
        span: Span::Full,
    };
    Ok(Figure {
        stem: "direction_cosines",
        title: "Angles between the directions".to_owned(),
        caption: "Cosine between the directions of two metrics: near ±1 they cannot be set independently along straight \
                  lines, near 0 they can."
            .to_owned(),
        panels: vec![value_grid("direction_cosine_grid", &grid)?],
    })
}

fn traversals(curves: &[Relation]) -> Figure {
    let panel = |curve: &Relation| -> Panel {
        let x = Axis::tight(curve.x.iter().copied(), "along the direction (sd)");
        let y = Axis::padded(curve.y.iter().copied(), &curve.name);
        let one = std::slice::from_ref(curve);
        let plot = RelationPlot { title: &curve.name, x, y, curves: one, span: Span::Third };
        relations(&stem("traversal", &curve.name), plot)
    };
    Figure {
        stem: "traversals",
        title: "Walks along the directions".to_owned(),
        caption: "Mean of the metric over circuits decoded along its direction, in standard deviations from the middle \
                  of the codes. A flat curve means that the decoder does not follow what the regression read from the \
                  encoder."
            .to_owned(),
        panels: curves.iter().map(panel).collect(),
    }
}
