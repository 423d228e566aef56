//! What each latent number does to a metric.

use super::{number, stem};
use crate::data::{Attribution, Cell};
use crate::figure::Figure;
use crate::figure::beeswarm::beeswarm;
use crate::section::{Block, Section, TableView, heads};
use crate::{Error, check};

/// A beeswarm a metric and the entanglement of each.
pub(super) fn section(given: &[Attribution]) -> Result<Option<Section>, Error> {
    for (place, one) in given.iter().enumerate() {
        for (row, swarm) in one.rows.iter().enumerate() {
            let name = format!("circuit_code.attributions[{place}].rows[{row}].value");
            check::length(&name, swarm.value.len(), (swarm.shap.len(), "shap"))?;
        }
    }
    let drawn: Vec<&Attribution> = given.iter().filter(|one| !one.rows.is_empty()).collect();
    if drawn.is_empty() {
        return Ok(None);
    }
    let figure = Figure {
        stem: "shap",
        title: "What each latent number adds to a metric".to_owned(),
        caption: "One dot a circuit: how far its value of a latent number moves the prediction away from the mean, \
                  coloured by that value from low to high. The strongest latent numbers stand on top. Colours in order \
                  along a row: the metric grows or falls steadily with that number. Many rows of similar width: the \
                  metric is spread over the code (entangled)."
            .to_owned(),
        panels: drawn.iter().map(|one| beeswarm(&stem("shap", &one.metric), one)).collect(),
    };
    let lead = "A regressor predicts each metric from the code; its SHAP values say what each latent number contributes. \
                They explain the regressor, which is worth as much as its R² beside the control."
        .to_owned();
    let blocks = vec![Block::Figure(figure), Block::Table(table(&drawn))];
    Ok(Some(Section { id: "attribution", title: "Which latent numbers carry a metric", lead, blocks }))
}

fn table(given: &[&Attribution]) -> TableView {
    let row = |one: &&Attribution| {
        vec![
            Cell::Text(one.metric.clone()),
            Cell::Text(one.model.clone()),
            number(one.r2),
            number(one.r2_size),
            number(one.participation),
            Cell::Number(one.n_dimensions as f64),
            number(one.additivity_error),
        ]
    };
    TableView::new(
        "Entanglement: over how many latent numbers the effects are spread, (Σm)² / Σm² of the mean absolute SHAP values \
         m; 1 is a number of its own, all of them is fully entangled. The last column is how far the SHAP values miss the \
         prediction that they must add up to.",
        &heads(&["metric", "regressor", "R²", "R² N and E", "spread over", "of", "sum error"]),
        given.iter().map(row).collect(),
    )
}
