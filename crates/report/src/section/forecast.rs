//! Forecast of held-out frames.

use super::rollout::{check_pairs, pair_stack, pairs_skipped};
use super::{Block, Section, TableView};
use crate::Error;
use crate::data::{Cell, Forecast, HorizonScore};
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::traces::{scale_sentence, stacked};
use crate::figure::{Figure, Span};
use crate::number::{counted, shortest};

/// Scores by horizon beside the baselines, and example traces.
pub(super) fn section(forecast: &Forecast) -> Result<Section, Error> {
    check_pairs("forecast.traces", &forecast.traces, (forecast.trace_time_s.len(), "forecast.trace_time_s"))?;
    let mut blocks = Vec::new();
    if forecast.methods.iter().any(|method| !method.scores.is_empty()) {
        blocks.push(Block::Figure(scores(forecast)));
        blocks.push(Block::Table(table(forecast)));
    }
    if !forecast.traces.is_empty() {
        blocks.push(Block::Figure(traces(forecast)));
    }
    let held_out =
        if forecast.held_out.is_empty() { String::new() } else { format!(" ({})", forecast.held_out) };
    let lead = format!("How well each method foresees frames that none was fitted on{held_out}.");
    Ok(Section { id: "forecast", title: "Forecast", lead, blocks })
}

/// All horizons that any method was scored at, in order.
fn horizons(forecast: &Forecast) -> Vec<usize> {
    let scores = forecast.methods.iter().flat_map(|method| &method.scores);
    let mut steps: Vec<usize> = scores.map(|score| score.steps).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

fn horizon_name(forecast: &Forecast, steps: usize) -> String {
    let time = shortest(steps as f64 * forecast.dt_s);
    if forecast.dt_s > 0.0 {
        format!("{} ahead ({time} s)", counted(steps, "step"))
    } else {
        format!("{} ahead", counted(steps, "step"))
    }
}

fn scores(forecast: &Forecast) -> Figure {
    let stem = "forecast_scores";
    let group = |steps: usize| DotGroup {
        heading: horizon_name(forecast, steps),
        dots: forecast
            .methods
            .iter()
            .flat_map(|method| {
                method
                    .scores
                    .iter()
                    .filter(move |score| score.steps == steps)
                    .map(move |score| dot(&method.name, score))
            })
            .collect(),
        level: Some(0.0),
    };
    let plot = DotPlot {
        title: String::new(),
        axis_name: "R² on held-out frames".to_owned(),
        range: (0.0, 1.0),
        floor: -1.0,
        groups: horizons(forecast).into_iter().map(group).collect(),
        span: Span::Half,
    };
    Figure {
        stem,
        title: "Forecast against baselines".to_owned(),
        caption: "Dots are R² over all neurons, lines reach from the lower to the upper quartile over neurons. A \
                  mechanism that says more than smoothness does lies to the right of persistence and ridge VAR(1). \
                  The dashed line at 0 is the mean of the recording; values below −1 sit on the left edge."
            .to_owned(),
        panels: vec![dots(stem, &plot)],
    }
}

fn dot(name: &str, score: &HorizonScore) -> Dot {
    Dot { name: name.to_owned(), value: score.r2, interval: score.lower_quartile.zip(score.upper_quartile) }
}

fn table(forecast: &Forecast) -> TableView {
    let horizons = horizons(forecast);
    let names = horizons.iter().map(|&steps| horizon_name(forecast, steps));
    let columns: Vec<String> = std::iter::once("method".to_owned()).chain(names).collect();
    let rows = forecast.methods.iter().map(|method| {
        let score = |steps: &usize| {
            method
                .scores
                .iter()
                .find(|score| score.steps == *steps)
                .map_or(Cell::Absent, |score| Cell::Number(score.r2))
        };
        std::iter::once(Cell::Text(method.name.clone())).chain(horizons.iter().map(score)).collect()
    });
    TableView::new("R² on held-out frames, all neurons together.", &columns, rows.collect())
        .emphasised(Some(0))
}

fn traces(forecast: &Forecast) -> Figure {
    let stem = "forecast_traces";
    let model = format!("forecast, {} ahead", counted(forecast.trace_steps.max(1), "step"));
    let stack = pair_stack(&forecast.traces, &forecast.trace_time_s, &forecast.unit, ("recorded", &model));
    Figure {
        stem,
        title: "Example neurons, held out".to_owned(),
        caption: format!(
            "{} Look for sudden changes: they are what persistence cannot foresee.{}",
            scale_sentence(&forecast.unit),
            pairs_skipped(&forecast.traces)
        ),
        panels: vec![stacked(stem, &stack)],
    }
}
