//! How much the coefficients differ from neuron to neuron.

use neuroloom_analysis::statistics::mean_and_sd;
use neuroloom_analysis::symbolic::{Expression, refine};
use rayon::prelude::*;

use super::curves::{Part, SampledCurve, of_neuron};
use super::visits::Visits;
use crate::Error;
use crate::mechanism::Mechanism;

/// Neurons fitted one by one.
const MOST_NEURONS: usize = 64;
/// Fewest neurons whose spread means something.
const FEWEST_NEURONS: usize = 3;

/// Standard deviation of each free coefficient over single neurons; empty where there is nothing to compare.
pub(super) fn over_neurons(
    mechanism: &Mechanism,
    curve: &SampledCurve,
    form: &Expression,
    visits: &Visits,
) -> Result<Vec<f64>, Error> {
    if curve.part == Part::Transfer || curve.neurons.len() < FEWEST_NEURONS {
        return Ok(Vec::new());
    }
    let n = curve.neurons.len().min(MOST_NEURONS);
    let picked: Vec<usize> = (0..n).map(|one| curve.neurons[one * curve.neurons.len() / n]).collect();
    // A neuron that stood still has no curve of its own.
    let fits: Vec<Vec<f64>> = picked
        .par_iter()
        .filter_map(|&neuron| of_neuron(mechanism, neuron, visits).ok())
        .map(|samples| refine(&samples, form).expression.constants())
        .collect();
    if fits.len() < FEWEST_NEURONS {
        return Ok(Vec::new());
    }
    let spread = |place: usize| -> Result<f64, Error> {
        let values: Vec<f64> = fits.iter().map(|constants| constants[place]).collect();
        Ok(mean_and_sd(&values)?.1)
    };
    (0..form.constants().len()).map(spread).collect()
}
