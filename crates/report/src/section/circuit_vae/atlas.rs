//! One code over several sources.

use super::number;
use crate::data::{Atlas, Cell, Separability};
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::scatter::{GroupedPoints, grouped};
use crate::figure::value_grid::{ValueGrid, value_grid};
use crate::figure::{Figure, Panel, Span, skipped_note};
use crate::palette::ColorMap;
use crate::section::{Block, Section, TableView, heads};
use crate::{Error, check};

/// The map by source and by region, how well sources are told apart, and how far they lie from each other.
pub(super) fn section(given: &Atlas) -> Result<Section, Error> {
    check_shapes(given)?;
    let mut blocks = Vec::new();
    if !given.points.is_empty() {
        blocks.push(Block::Figure(map(given)));
    }
    if !given.separability.is_empty() {
        blocks.push(Block::Figure(separability(&given.separability)));
    }
    if given.distance.len() > 1 {
        blocks.push(Block::Figure(distances(given)?));
    }
    if !given.means.is_empty() {
        blocks.push(Block::Table(means(given)));
    }
    let lead = format!(
        "One code was trained on circuits of all sources together; neither source nor region was given to the encoder. \
         Circuits with similar codes lie close ({}). What differs between laboratories (sampling, thresholds, missing \
         axons) differs here too: a separate island is not by itself a difference between brains.",
        given.method
    );
    Ok(Section { id: "atlas", title: "Atlas of circuits", lead, blocks })
}

fn check_shapes(given: &Atlas) -> Result<(), Error> {
    for point in &given.points {
        check::position("circuit_code.atlas.points.source", point.source, (given.sources.len(), "sources"))?;
        if let Some(region) = point.region {
            check::position("circuit_code.atlas.points.region", region, (given.regions.len(), "regions"))?;
        }
    }
    check::length_or_none(
        "circuit_code.atlas.distance",
        given.distance.len(),
        (given.sources.len(), "sources"),
    )?;
    check::even_rows("circuit_code.atlas.distance", &given.distance)?;
    for (place, row) in given.means.iter().enumerate() {
        let name = format!("circuit_code.atlas.means[{place}].y");
        check::length(&name, row.y.len(), (given.sources.len(), "sources"))?;
    }
    Ok(())
}

fn map(given: &Atlas) -> Figure {
    let points: Vec<(f64, f64)> = given.points.iter().map(|point| (point.x, point.y)).collect();
    let sources: Vec<usize> = given.points.iter().map(|point| point.source).collect();
    let draw =
        |stem: &str, title: &str, (points, labels): (&[(f64, f64)], &[usize]), names: &[String]| -> Panel {
            let axis_names = ("map 1", "map 2");
            grouped(stem, &GroupedPoints { title, noun: "circuits", points, labels, names, axis_names })
        };
    let mut panels = vec![draw("atlas_sources", "By source", (&points, &sources), &given.sources)];
    let known: Vec<_> =
        given.points.iter().filter_map(|point| Some(((point.x, point.y), point.region?))).collect();
    if !known.is_empty() && given.regions.len() > 1 {
        let (places, regions): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        panels.push(draw("atlas_regions", "By region", (&places, &regions), &given.regions));
    }
    Figure {
        stem: "atlas",
        title: "Circuits of all sources on one map".to_owned(),
        caption: format!(
            "One point a circuit. Sources that mix have circuits the code cannot tell apart; distances between far \
             islands mean nothing.{}",
            skipped_note(given.points.iter().flat_map(|point| [&point.x, &point.y]))
        ),
        panels,
    }
}

fn separability(given: &[Separability]) -> Figure {
    let chance = given.iter().find(|one| one.from == "chance").map(|one| one.accuracy);
    let dot = |one: &Separability| Dot { name: one.from.clone(), value: one.accuracy, interval: None };
    let plot = DotPlot {
        title: String::new(),
        axis_name: "balanced accuracy on held-out circuits".to_owned(),
        range: (0.0, 1.0),
        floor: 0.0,
        groups: vec![DotGroup {
            heading: String::new(),
            dots: given.iter().map(dot).collect(),
            level: chance,
        }],
        span: Span::Full,
    };
    Figure {
        stem: "separability",
        title: "Is the source told from more than its size?".to_owned(),
        caption: "A linear classifier guesses the source of a held-out circuit: from the code, and from the numbers of \
                  neurons and edges alone. Only what the code adds to the latter is about wiring."
            .to_owned(),
        panels: vec![dots("separability", &plot)],
    }
}

fn distances(given: &Atlas) -> Result<Figure, Error> {
    let highest = given.distance.iter().flatten().copied().filter(|one| one.is_finite()).fold(1.0, f64::max);
    let grid = ValueGrid {
        title: "",
        rows: &given.sources,
        columns: &given.sources,
        values: &given.distance,
        map: ColorMap::Sequential,
        range: (0.0, highest),
        span: Span::Full,
    };
    Ok(Figure {
        stem: "atlas_distances",
        title: "Distances between sources in the code".to_owned(),
        caption: "Mean distance between the codes of two sources, in units of the mean distance within sources: 1 means \
                  that they lie no farther from each other than from themselves."
            .to_owned(),
        panels: vec![value_grid("atlas_distance_grid", &grid)?],
    })
}

fn means(given: &Atlas) -> TableView {
    let mut columns = heads(&["statistic"]);
    columns.extend(given.sources.iter().cloned());
    let rows = given.means.iter().map(|row| {
        std::iter::once(Cell::Text(row.name.clone())).chain(row.y.iter().map(|&mean| number(mean))).collect()
    });
    TableView::new("Means over the circuits of each source.", &columns, rows.collect())
}
