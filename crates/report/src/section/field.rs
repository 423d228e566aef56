//! A field from outside that scales what some neurons receive.

use super::rollout::{pair_stack, pairs_skipped};
use super::{Block, Section};
use crate::data::Field;
use crate::figure::axis::Axis;
use crate::figure::traces::{scale_sentence, stacked};
use crate::figure::{Figure, scatter, skipped_note};
use crate::number::counted;
use crate::{Error, check};

/// Omega of a few neurons over time; learned against true.
pub(super) fn section(field: &Field) -> Result<Section, Error> {
    let allowed = (field.time_s.len(), "field.time_s");
    for (rank, trace) in field.traces.iter().enumerate() {
        check::length(&format!("field.traces[{rank}].model"), trace.model.len(), allowed)?;
        if !trace.truth.is_empty() {
            check::length(&format!("field.traces[{rank}].truth"), trace.truth.len(), allowed)?;
        }
    }
    let blocks = [traces(field), against_truth(field)].into_iter().flatten().map(Block::Figure).collect();
    let lead = format!(
        "Ω scales the recurrent input of {}. A recording determines Ω W of such a neuron, not how the two share \
         their scale: that is read from the weights of neurons without a field, and from neighbours where their \
         places are known.",
        counted(field.n_scaled, "neuron")
    );
    Ok(Section { id: "field", title: "External field", lead, blocks })
}

fn traces(field: &Field) -> Option<Figure> {
    let stem = "field_traces";
    let stack = pair_stack(&field.traces, &field.time_s, "", ("truth", "learned"));
    (!field.traces.is_empty()).then(|| Figure {
        stem,
        title: "Ω of example neurons".to_owned(),
        caption: format!(
            "{} Lines of one shape and different height share it wrongly with W.{}",
            scale_sentence(""),
            pairs_skipped(&field.traces)
        ),
        panels: vec![stacked(stem, &stack)],
    })
}

fn against_truth(field: &Field) -> Option<Figure> {
    let stem = "field_against_truth";
    let both = || field.pairs.iter().flat_map(|pair| [pair.0, pair.1]);
    (!field.pairs.is_empty()).then(|| {
        let axes = (Axis::padded(both(), "true Ω"), Axis::padded(both(), "learned Ω"));
        Figure {
            stem,
            title: "Learned against true Ω".to_owned(),
            caption: format!(
                "One point a neuron and window, {} of them; the dashed line is the identity. Points in a row through \
                 the origin are one neuron whose scale is off, level rows one whose Ω was not found.{}",
                field.pairs.len(),
                skipped_note(field.pairs.iter().flat_map(|pair| [&pair.0, &pair.1]))
            ),
            panels: vec![scatter::pairs(stem, "All scaled neurons", axes, (&field.pairs, &field.density))],
        }
    })
}
