//! What was recorded.

use super::{Block, Section};
use crate::data::Recording;
use crate::figure::traces::{Lane, Stack, scale_sentence, stacked};
use crate::figure::{Figure, heatmap, missing_note, skipped_note};
use crate::number::{counted, shortest};
use crate::svg::Stroke;
use crate::{Error, check};

/// Facts, heat map and example traces.
pub(super) fn section(recording: &Recording) -> Result<Section, Error> {
    check_shapes(recording)?;
    let mut blocks = vec![Block::Facts(facts(recording))];
    if !recording.activity.is_empty() {
        blocks.push(Block::Figure(activity(recording)?));
    }
    if !recording.traces.is_empty() {
        blocks.push(Block::Figure(traces(recording)));
    }
    Ok(Section { id: "recording", title: "Recording", lead: String::new(), blocks })
}

fn check_shapes(recording: &Recording) -> Result<(), Error> {
    check::even_rows("recording.activity", &recording.activity)?;
    let n_samples = recording.trace_time_s.len();
    for (rank, trace) in recording.traces.iter().enumerate() {
        let place = format!("recording.traces[{rank}].values");
        check::length(&place, trace.values.len(), (n_samples, "recording.trace_time_s"))?;
    }
    Ok(())
}

fn facts(recording: &Recording) -> Vec<(String, String)> {
    let duration = recording.dt_s * recording.n_frames as f64;
    let trials = if recording.n_trials > 1 {
        format!(" in {}", counted(recording.n_trials, "trial"))
    } else {
        String::new()
    };
    let shape = format!(
        "{} × {}{trials}",
        counted(recording.n_frames, "frame"),
        counted(recording.n_neurons, "neuron")
    );
    let missing = match recording.missing_fraction {
        0.0 => "none".to_owned(),
        fraction => format!("{} % of values", shortest(100.0 * fraction)),
    };
    let mut facts = vec![
        ("source".to_owned(), recording.source.clone()),
        ("shape".to_owned(), shape),
        ("time step".to_owned(), format!("{} s ({} s in all)", shortest(recording.dt_s), shortest(duration))),
        ("missing".to_owned(), missing),
    ];
    facts.retain(|fact| !fact.1.is_empty());
    facts
}

fn activity(recording: &Recording) -> Result<Figure, Error> {
    let stem = "activity";
    let skipped = missing_note(recording.activity.iter().flatten());
    Ok(Figure {
        stem,
        title: "Activity of all neurons".to_owned(),
        caption: format!(
            "One row a neuron. Look for shared rhythms, silent neurons and breaks in the recording. \
             The colours end where 1 % of the values lie beyond.{skipped}"
        ),
        panels: vec![heatmap::activity(stem, recording)?],
    })
}

fn traces(recording: &Recording) -> Figure {
    let stem = "traces";
    let stack = Stack {
        title: String::new(),
        time_s: &recording.trace_time_s,
        unit: &recording.unit,
        lanes: recording
            .traces
            .iter()
            .map(|trace| Lane { name: &trace.name, lines: vec![&trace.values] })
            .collect(),
        looks: vec![(Stroke::new("var(--c0)", 1.1), "activity")],
    };
    let skipped = skipped_note(recording.traces.iter().flat_map(|trace| &trace.values));
    Figure {
        stem,
        title: "Example neurons".to_owned(),
        caption: format!(
            "{} Look for noise, saturation and drift.{skipped}",
            scale_sentence(&recording.unit)
        ),
        panels: vec![stacked(stem, &stack)],
    }
}
