//! Omega of the neurons that are scaled from outside.

use neuroloom_report::{Density, Field, TracePair};

use super::Parts;

pub(super) fn field(parts: &Parts<'_>) -> Option<Field> {
    let view = parts.figures.field.as_ref()?;
    let truth = |place: usize| view.truth.as_ref().map_or_else(Vec::new, |truth| truth[place].clone());
    let traces = view.names.iter().zip(&view.learned).enumerate().map(|(place, (name, learned))| TracePair {
        name: name.clone(),
        truth: truth(place),
        model: learned.clone(),
    });
    let scores = parts.evaluation.modulation.as_ref();
    Some(Field {
        n_scaled: view.n_scaled,
        time_s: view.time_s.clone(),
        traces: traces.collect(),
        pairs: view.pairs.clone(),
        density: Density {
            n_pairs: view.pairs.len(),
            slope: scores.map(|scores| scores.slope),
            r2_linear_fit: scores.map(|scores| scores.r2_linear_fit),
            r2_identity: scores.map(|scores| scores.r2_identity),
            ..Density::default()
        },
    })
}
