//! What a code knows, on its page.

use neuroloom_models::circuit_vae::directions::Direction;
use neuroloom_report::{
    Attribution, Card, DirectionRow, Directions, DisplayLine, LatentMap, MapColouring, Reference, Relation,
    ReportData, SwarmRow,
};

use crate::experiment::circuit_vae::ExploreConfig;
use crate::experiment::circuit_vae::explore::{ColouredMap, Exploration, MetricAttribution};
use crate::experiment::circuit_vae::walks::Walk;

/// Metrics whose maps and beeswarms are drawn.
const N_DRAWN: usize = 4;

/// Puts maps, directions and attributions on the page.
pub(in crate::experiment::circuit_vae) fn explored(
    data: &mut ReportData,
    found: &Exploration,
    config: &ExploreConfig,
) {
    let code = data.circuit_code.get_or_insert_default();
    code.latent_map = Some(latent_map(found));
    code.directions = Some(directions(found, config));
    code.attributions = found.attributions.iter().take(N_DRAWN).map(attribution).collect();
    let label = "metrics known linearly".to_owned();
    let beats = |one: &&Direction| one.r2_cv > one.r2_size;
    data.header.cards.retain(|card| card.label != label);
    data.header.cards.push(Card {
        label,
        value: found.directions.iter().filter(beats).count() as f64,
        note: "R² from the code above that from N and E alone".to_owned(),
        beside: vec![Reference { label: "of".to_owned(), value: found.directions.len() as f64 }],
        ..Card::default()
    });
}

fn latent_map(found: &Exploration) -> LatentMap {
    LatentMap {
        method: found.map_method.clone(),
        points: found.map.clone(),
        colourings: found.colourings.iter().take(N_DRAWN).filter_map(|one| colouring(found, one)).collect(),
    }
}

/// Nothing where the metric is undefined for a circuit, since a point without a bin has no colour.
fn colouring(found: &Exploration, given: &ColouredMap) -> Option<MapColouring> {
    let bin: Vec<usize> = given.colouring.bin.iter().copied().collect::<Option<_>>()?;
    let direction = found.directions.iter().find(|one| one.metric == given.metric);
    let line = given.colouring.line.map(|[low, high]| DisplayLine {
        direction: (high[0] - low[0], high[1] - low[1]),
        r2_map: given.colouring.r2_map,
        r2_latent: direction.map_or(f64::NAN, |one| one.r2_cv),
    });
    let cuts = given.colouring.cuts.iter().copied();
    let edges = std::iter::once(given.range.0).chain(cuts).chain([given.range.1]).collect();
    Some(MapColouring { name: given.metric.clone(), bin, edges, line })
}

fn directions(found: &Exploration, config: &ExploreConfig) -> Directions {
    let row = |one: &Direction| DirectionRow {
        name: one.metric.clone(),
        r2_code: one.r2_cv,
        r2_held_out: one.r2_held_out.unwrap_or(f64::NAN),
        r2_size: one.r2_size,
        spearman: one.spearman,
        p_value: one.p_value,
    };
    Directions {
        rows: found.directions.iter().map(row).collect(),
        cosine: found.cosine.clone(),
        traversals: found.walks.iter().map(walk).collect(),
        n_circuits: found.n_circuits.0,
        n_permutations: config.permutations,
    }
}

fn walk(one: &Walk) -> Relation {
    Relation { name: one.metric.clone(), x: one.places.clone(), y: one.mean.clone() }
}

fn attribution(one: &MetricAttribution) -> Attribution {
    Attribution {
        metric: one.metric.clone(),
        model: "boosted trees".to_owned(),
        r2: one.r2.unwrap_or(f64::NAN),
        r2_size: one.r2_size.unwrap_or(f64::NAN),
        n_dimensions: one.n_dimensions,
        participation: one.participation,
        additivity_error: one.additivity_error,
        rows: one
            .rows
            .iter()
            .map(|(latent, shap, value)| SwarmRow {
                name: format!("z{latent}"),
                mean_absolute: shap.iter().map(|one| one.abs()).sum::<f64>() / shap.len().max(1) as f64,
                shap: shap.clone(),
                value: value.clone(),
            })
            .collect(),
    }
}
