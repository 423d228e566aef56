//! The codes as a map.

use super::stem;
use crate::data::{LatentMap, MapColouring};
use crate::figure::binned_map::binned_map;
use crate::figure::{Figure, Panel, skipped_note};
use crate::number::fixed;
use crate::section::{Block, Section};
use crate::{Error, check};

/// One map a metric.
pub(super) fn section(given: &LatentMap) -> Result<Section, Error> {
    for (place, colouring) in given.colourings.iter().enumerate() {
        let name = |field: &str| format!("circuit_code.latent_map.colourings[{place}].{field}");
        let n_points = (given.points.len(), "circuit_code.latent_map.points");
        check::length(&name("bin"), colouring.bin.len(), n_points)?;
        let n_bins = colouring.edges.len().saturating_sub(1);
        for &bin in &colouring.bin {
            check::position(&name("bin"), bin, (n_bins, "bins"))?;
        }
    }
    let mut blocks = Vec::new();
    if !given.colourings.is_empty() && !given.points.is_empty() {
        blocks.push(Block::Figure(figure(given)));
    }
    let lead = format!(
        "Every circuit is a point; circuits with similar codes lie close ({}). Distances between far points mean nothing \
         on such a map.",
        given.method
    );
    Ok(Section { id: "latent-map", title: "Map of the codes", lead, blocks })
}

fn figure(given: &LatentMap) -> Figure {
    let panel =
        |colouring: &MapColouring| -> Panel { binned_map(&stem("map", &colouring.name), given, colouring) };
    let lines: Vec<String> = given
        .colourings
        .iter()
        .filter_map(|one| {
            let line = one.line?;
            Some(format!(
                "{}: R² {} on the map, {} in the code",
                one.name,
                fixed(line.r2_map, 2),
                fixed(line.r2_latent, 2)
            ))
        })
        .collect();
    let drawn = if lines.is_empty() { String::new() } else { format!(" {}.", lines.join("; ")) };
    Figure {
        stem: "latent_maps",
        title: "Where metrics lie in the code".to_owned(),
        caption: format!(
            "Colours are quantile bins, equally many circuits each; the numbers are the values at their borders. The \
             arrow is a linear regression on the two coordinates of the map, for display only: directions are found in \
             the code itself, by cross-validation.{drawn}{}",
            skipped_note(given.points.iter().flat_map(|point| [&point.0, &point.1]))
        ),
        panels: given.colourings.iter().map(panel).collect(),
    }
}
