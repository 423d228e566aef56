//! Free running of the model against the truth.

use super::connectivity::check_density;
use super::{Block, Section};
use crate::data::{Rollout, RolloutScatter, TracePair};
use crate::figure::axis::Axis;
use crate::figure::traces::{Lane, Stack, scale_sentence, stacked};
use crate::figure::{Figure, Panel, curves, density, scatter, skipped_note};
use crate::number::{counted, shortest, with_unit};
use crate::svg::Stroke;
use crate::{Error, check};

/// More pairs than this are drawn as a density.
const MOST_PAIRS: usize = 3000;

/// Scores over frames, scatter at a few frames, traces.
pub(super) fn section(rollout: &Rollout) -> Result<Section, Error> {
    check::length("rollout.r2", rollout.r2.len(), (rollout.frames.len(), "rollout.frames"))?;
    check::length("rollout.slope", rollout.slope.len(), (rollout.frames.len(), "rollout.frames"))?;
    check_pairs("rollout.traces", &rollout.traces, (rollout.trace_time_s.len(), "rollout.trace_time_s"))?;
    let figures = [scores(rollout), scatters(rollout)?, traces(rollout)];
    let blocks = figures.into_iter().flatten().map(Block::Figure).collect();
    let lead = "From an unseen start, model and truth run freely side by side; small errors grow, so the later \
                the agreement breaks, the better the mechanism.";
    Ok(Section { id: "rollout", title: "Rollout", lead: lead.to_owned(), blocks })
}

/// Pairs of traces are as long as their time.
pub(super) fn check_pairs(place: &str, traces: &[TracePair], allowed: (usize, &str)) -> Result<(), Error> {
    traces.iter().enumerate().try_for_each(|(rank, trace)| {
        check::length(&format!("{place}[{rank}].truth"), trace.truth.len(), allowed)?;
        check::length(&format!("{place}[{rank}].model"), trace.model.len(), allowed)
    })
}

/// Recorded activity in ink below, the model in colour on top.
pub(super) fn pair_stack<'a>(
    traces: &'a [TracePair],
    time_s: &'a [f64],
    unit: &'a str,
    names: (&'a str, &'a str),
) -> Stack<'a> {
    let lane = |trace: &'a TracePair| Lane { name: &trace.name, lines: vec![&trace.truth, &trace.model] };
    let recorded = (Stroke::new("var(--ink-faint)", 2.0), names.0);
    let modelled = (Stroke::new("var(--c1)", 1.15), names.1);
    Stack {
        title: String::new(),
        time_s,
        unit,
        lanes: traces.iter().map(lane).collect(),
        looks: vec![recorded, modelled],
    }
}

/// The sentence about values that pairs of traces leave out.
pub(super) fn pairs_skipped(traces: &[TracePair]) -> String {
    skipped_note(traces.iter().flat_map(|trace| trace.truth.iter().chain(&trace.model)))
}

fn scores(rollout: &Rollout) -> Option<Figure> {
    let stem = "rollout_scores";
    (!rollout.frames.is_empty()).then(|| Figure {
        stem,
        title: "Agreement over time".to_owned(),
        caption: format!(
            "R² and slope of model against truth over all neurons, frame by frame; 1 is perfect. Scores below the \
             axis are cut off.{}",
            skipped_note(rollout.r2.iter().chain(&rollout.slope))
        ),
        panels: vec![curves::rollout_scores(stem, rollout)],
    })
}

fn scatters(rollout: &Rollout) -> Result<Option<Figure>, Error> {
    let drawn =
        rollout.scatters.iter().enumerate().map(|(rank, scatter)| scatter_panel(rollout, rank, scatter));
    let panels: Vec<Panel> = drawn.collect::<Result<_, _>>()?;
    Ok((!panels.is_empty()).then(|| Figure {
        stem: "rollout_scatter",
        title: "Model against truth".to_owned(),
        caption: format!(
            "One point a neuron; the dashed line is the identity, the orange one the fit.{}",
            skipped_note(
                rollout
                    .scatters
                    .iter()
                    .flat_map(|scatter| &scatter.pairs)
                    .flat_map(|pair| [&pair.0, &pair.1])
            )
        ),
        panels,
    }))
}

fn scatter_panel(rollout: &Rollout, rank: usize, given: &RolloutScatter) -> Result<Panel, Error> {
    check_density(&format!("rollout.scatters[{rank}].density"), &given.density)?;
    let stem = format!("rollout_scatter_{}", given.frame);
    let time = shortest(given.frame as f64 * rollout.dt_s);
    let frames = counted(given.frame, "frame");
    let title =
        if rollout.dt_s > 0.0 { format!("After {frames} ({time} s)") } else { format!("After {frames}") };
    let (x_name, y_name) =
        (with_unit("true activity", &rollout.unit), with_unit("activity of the model", &rollout.unit));
    if given.pairs.is_empty() || (given.pairs.len() > MOST_PAIRS && !given.density.counts.is_empty()) {
        return density::scatter(&stem, (&title, &x_name, &y_name), &given.density);
    }
    let both = || given.pairs.iter().flat_map(|pair| [pair.0, pair.1]);
    let axes = (Axis::padded(both(), &x_name), Axis::padded(both(), &y_name));
    Ok(scatter::pairs(&stem, &title, axes, (&given.pairs, &given.density)))
}

fn traces(rollout: &Rollout) -> Option<Figure> {
    let stem = "rollout_traces";
    let stack = pair_stack(&rollout.traces, &rollout.trace_time_s, &rollout.unit, ("truth", "model"));
    (!rollout.traces.is_empty()).then(|| Figure {
        stem,
        title: "Example neurons, running freely".to_owned(),
        caption: format!(
            "{} Look for when the lines part.{}",
            scale_sentence(&rollout.unit),
            pairs_skipped(&rollout.traces)
        ),
        panels: vec![stacked(stem, &stack)],
    })
}
