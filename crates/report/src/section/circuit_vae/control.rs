//! Circuits on demand.

use super::{number, stem};
use crate::data::{Cell, Control, ControlTarget, SideEffect};
use crate::figure::control::control;
use crate::figure::value_grid::{ValueGrid, value_grid};
use crate::figure::{Figure, Span};
use crate::number::{fixed, readable};
use crate::palette::ColorMap;
use crate::section::{Block, Section, TableView, heads, right_align};
use crate::{Error, check};

const MOST_VALUES: usize = 24;

/// Asked against achieved, scores of the controllers, side effects.
pub(super) fn section(given: &Control) -> Result<Section, Error> {
    for (place, target) in given.targets.iter().enumerate() {
        for (rank, curve) in target.curves.iter().enumerate() {
            let name = |field: &str| format!("circuit_code.control.targets[{place}].curves[{rank}].{field}");
            check::length(&name("achieved"), curve.achieved.len(), (curve.asked.len(), "asked"))?;
            check::length(&name("spread"), curve.spread.len(), (curve.asked.len(), "asked"))?;
        }
    }
    let mut blocks = Vec::new();
    if !given.targets.is_empty() {
        blocks.push(Block::Figure(figure(given)));
        blocks.push(Block::Table(scores(given)));
        blocks.extend(values(given).map(Block::Table));
    }
    if !given.side_effects.is_empty() {
        blocks.push(Block::Figure(side_effects(&given.side_effects)?));
    }
    Ok(Section { id: "control", title: "Circuits on demand", lead: given.lead.clone(), blocks })
}

fn figure(given: &Control) -> Figure {
    let panel = |target: &ControlTarget| control(&stem("control", &target.name), target);
    Figure {
        stem: "control",
        title: "Asked and achieved".to_owned(),
        caption: "Mean over the generated circuits with one standard deviation; on the dashed diagonal a controller \
                  gives what was asked. Shaded: the 5 to 95 % range of the data; dotted: the lowest and highest mean \
                  that was reached. A flat curve is no control, whatever its error."
            .to_owned(),
        panels: given.targets.iter().map(panel).collect(),
    }
}

fn scores(given: &Control) -> TableView {
    let rows = given.targets.iter().flat_map(|target| {
        target.curves.iter().enumerate().map(move |(rank, curve)| {
            let reachable = target.reachable.map_or_else(
                || "–".to_owned(),
                |(low, high)| format!("{} – {}", readable(low), readable(high)),
            );
            vec![
                Cell::Text(if rank == 0 { target.name.clone() } else { String::new() }),
                Cell::Text(curve.controller.clone()),
                number(curve.spearman),
                Cell::Text(percent(curve.relative_error)),
                Cell::Text(percent(curve.prior_percentile)),
                Cell::Text(if rank == 0 { reachable } else { String::new() }),
            ]
        })
    });
    let columns =
        heads(&["asked for", "controller", "Spearman", "relative error", "distance from prior", "reachable"]);
    let mut table = TableView::new(
        "Rank correlation of asked and achieved, mean relative error within the 5 to 95 % range of the data, and how far \
         out the codes lie: a percentile near 100 % is farther from the middle than nearly every circuit of the prior.",
        &columns,
        rows.collect(),
    );
    right_align(&mut table, 2);
    table
}

/// Every value, where they are few; `tables/` has all of them.
fn values(given: &Control) -> Option<TableView> {
    let rows = given.targets.iter().flat_map(|target| {
        target.curves.iter().flat_map(move |curve| {
            curve.asked.iter().zip(&curve.achieved).zip(&curve.spread).map(
                move |((&asked, &achieved), &spread)| {
                    vec![
                        Cell::Text(target.name.clone()),
                        Cell::Text(curve.controller.clone()),
                        number(asked),
                        number(achieved),
                        number(spread),
                    ]
                },
            )
        })
    });
    let columns = heads(&["statistic", "controller", "asked", "achieved (mean)", "sd"]);
    let rows: Vec<Vec<Cell>> = rows.collect();
    (rows.len() <= MOST_VALUES).then(|| TableView::new("What was asked and what came.", &columns, rows))
}

fn percent(share: f64) -> String {
    if share.is_finite() { format!("{} %", fixed(100.0 * share, 1)) } else { "–".to_owned() }
}

fn side_effects(given: &[SideEffect]) -> Result<Figure, Error> {
    let unique = |of: fn(&SideEffect) -> &String| {
        given.iter().map(of).fold(Vec::new(), |mut names: Vec<String>, name| {
            if !names.contains(name) {
                names.push(name.clone());
            }
            names
        })
    };
    let (rows, columns) = (unique(|one| &one.target), unique(|one| &one.metric));
    let value = |target: &String, metric: &String| {
        let found = given.iter().find(|one| one.target == *target && one.metric == *metric);
        found.map_or(f64::NAN, |one| one.shift)
    };
    let values: Vec<Vec<f64>> =
        rows.iter().map(|target| columns.iter().map(|metric| value(target, metric)).collect()).collect();
    let grid = ValueGrid {
        title: "asked for (rows), what moved (columns)",
        rows: &rows,
        columns: &columns,
        values: &values,
        map: ColorMap::Diverging,
        range: (-2.0, 2.0),
        span: Span::Full,
    };
    Ok(Figure {
        stem: "side_effects",
        title: "Side effects".to_owned(),
        caption: "By how many standard deviations of the data each statistic changed when the one at the left was asked \
                  for, against the mean of the data. What was asked for moves by design; everything else should stay \
                  near 0."
            .to_owned(),
        panels: vec![value_grid("side_effect_grid", &grid)?],
    })
}
