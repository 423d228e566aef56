//! Sections of a code of circuits, one file a topic.

mod atlas;
mod attribution;
mod capacity;
mod control;
mod directions;
mod generated;
mod history;
mod latent_map;
mod reconstruction;
mod reservoir;

use super::Section;
use crate::Error;
use crate::data::{Cell, CircuitCode};

/// All sections of the parts that are there, in reading order.
///
/// # Errors
/// [`Error::Length`] or [`Error::Value`] naming the field that does not fit.
pub(super) fn sections(code: &CircuitCode) -> Result<Vec<Section>, Error> {
    let sections = [
        code.training.as_ref().map(history::section).transpose()?,
        code.reconstruction.as_ref().map(reconstruction::section).transpose()?,
        code.capacity.as_ref().map(capacity::section),
        code.generated.as_ref().map(generated::section).transpose()?,
        code.latent_map.as_ref().map(latent_map::section).transpose()?,
        code.directions.as_ref().map(directions::section).transpose()?,
        attribution::section(&code.attributions)?,
        code.control.as_ref().map(control::section).transpose()?,
        code.reservoir.as_ref().map(reservoir::section),
        code.atlas.as_ref().map(atlas::section).transpose()?,
    ];
    Ok(sections.into_iter().flatten().collect())
}

/// A number where it is defined.
fn number(value: f64) -> Cell {
    if value.is_finite() { Cell::Number(value) } else { Cell::Absent }
}

/// Letters and digits of a name, for the name of a file.
fn stem(prefix: &str, name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    format!("{prefix}_{}", name.chars().map(plain).collect::<String>())
}
