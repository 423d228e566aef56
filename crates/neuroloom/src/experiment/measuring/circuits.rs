//! The statistics of each circuit of a set.

use std::path::Path;

use neuroloom_core::{Circuit, Event, Listener, Silent, Warning};
use rayon::prelude::*;

use super::{MeasureSettings, Measured, measure_one};
use crate::Error;

/// Circuits measured between two looks at the listener; a constant, so that nothing depends on the number of threads.
const BATCH: usize = 32;

/// Whether a folder holds what `neuroloom sample` writes.
pub(super) fn is_set(input: &Path) -> bool {
    input.join("circuits.parquet").is_file()
}

/// Measures the circuits of a set side by side; each is named by the folder and its number in the set. Circuits that
/// have too few neurons or edges to be measured are left out with a warning.
pub(super) fn measure_set(
    settings: &MeasureSettings,
    input: &Path,
    listener: &dyn Listener,
) -> Result<Vec<Measured>, Error> {
    let set = neuroloom_io::read_circuit_set(input)?;
    listener.emit(Event::Started { stage: "measure", total: Some(set.len() as u64) });
    let mut measured = Vec::with_capacity(set.len());
    let mut left_out: Vec<String> = Vec::new();
    let one = |(number, circuit): (usize, &Circuit)| {
        let name = input.join(number.to_string());
        measure_one(settings, (&name, circuit.connectome().clone(), Vec::new()), &Silent)
    };
    for (batch, circuits) in set.circuits().chunks(BATCH).enumerate() {
        if listener.cancelled() {
            return Err(neuroloom_analysis::Error::Interrupted.into());
        }
        let numbered =
            circuits.par_iter().enumerate().map(|(place, circuit)| (BATCH * batch + place, circuit));
        let found: Vec<Result<Measured, Error>> = numbered.map(one).collect();
        for (place, found) in found.into_iter().enumerate() {
            match found {
                Ok(found) => measured.push(found),
                Err(Error::Analysis(neuroloom_analysis::Error::TooFew { .. })) => {
                    left_out.push((BATCH * batch + place).to_string());
                }
                Err(error) => return Err(error),
            }
        }
        listener.emit(Event::Step { done: (measured.len() + left_out.len()) as u64, loss: None });
    }
    listener.emit(Event::Finished);
    let Some(first) = measured.first_mut() else {
        let what = "circuits of the set with at least three neurons and one edge";
        return Err(neuroloom_analysis::Error::TooFew { what, given: 0, needed: 1 }.into());
    };
    if !left_out.is_empty() {
        let message =
            format!("{} circuits have too few neurons or edges: {}", left_out.len(), left_out.join(", "));
        first.warnings.push(Warning::new("unmeasured-circuits", message));
    }
    Ok(measured)
}
