//! All searches of all curves.

use neuroloom_analysis::symbolic::{Discovery, choose, dictionary};
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::curves::SampledCurve;
use super::{DistillInputs, check_cancelled, started};
use crate::Error;

/// One discovery a curve.
pub(super) fn discover(
    curves: &[&SampledCurve],
    inputs: &DistillInputs<'_>,
    events: &dyn Listener,
) -> Result<Vec<Discovery>, Error> {
    started(events, "formulas", curves.len());
    check_cancelled(events)?;
    let one = |curve: &&SampledCurve| Ok(choose(&curve.samples, &dictionary(&curve.samples), inputs.config)?);
    let found = curves.par_iter().map(one).collect::<Result<Vec<_>, Error>>()?;
    events.emit(Event::Finished);
    Ok(found)
}
