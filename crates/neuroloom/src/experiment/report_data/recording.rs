//! What was recorded, at a glance.

use neuroloom_report::{Recording, Trace};

use super::Parts;

pub(super) fn recording(parts: &Parts<'_>) -> Recording {
    let facts = &parts.recording;
    let figures = parts.figures;
    Recording {
        source: facts.path.display().to_string(),
        n_trials: facts.n_trials,
        n_frames: facts.n_frames * facts.n_trials,
        n_neurons: facts.n_neurons,
        dt_s: facts.dt_s,
        unit: facts.unit.clone().unwrap_or_default(),
        missing_fraction: facts.missing_fraction,
        activity: figures.heat_map.clone(),
        activity_span_s: (0.0, figures.duration_s),
        order: "in the order of the file".to_owned(),
        groups: Vec::new(),
        trace_time_s: figures.trace_time_s.clone(),
        traces: traces(&figures.trace_names, &figures.traces),
    }
}

fn traces(names: &[String], values: &[Vec<f64>]) -> Vec<Trace> {
    let pairs = names.iter().zip(values);
    pairs.map(|(name, values)| Trace { name: name.clone(), values: values.clone() }).collect()
}
