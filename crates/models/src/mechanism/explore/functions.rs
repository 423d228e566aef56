//! phi per type and psi, with truth where there is one.

use neuroloom_analysis::spline::CubicCurve;
use neuroloom_analysis::statistics::quantile;
use neuroloom_core::Truth;

use super::Curve;
use crate::Error;
use crate::mechanism::Mechanism;
use crate::mechanism::evaluate::{gauged_truth, sender_range};

/// Types drawn at most: more cannot be told apart.
const MOST_TYPES: usize = 12;
/// Points a curve.
const POINTS: usize = 121;

/// phi of each of the largest types: median and 5 to 95 % over its neurons, on their common range.
pub(super) fn update_curves(mechanism: &Mechanism, truth: Option<&Truth>) -> Result<Vec<Curve>, Error> {
    let mut members: Vec<(u32, Vec<usize>)> = (0..mechanism.types.n_types as u32)
        .map(|label| {
            let of_type = |&one: &usize| mechanism.types.label[one] == label;
            (label, (0..mechanism.n_neurons()).filter(of_type).collect())
        })
        .collect();
    members.sort_by_key(|(label, neurons)| (std::cmp::Reverse(neurons.len()), *label));
    members.truncate(MOST_TYPES);
    members.sort_by_key(|(label, _)| *label);
    members
        .iter()
        .filter(|(_, neurons)| !neurons.is_empty())
        .map(|(label, neurons)| one_type(mechanism, truth, *label, neurons))
        .collect()
}

fn one_type(
    mechanism: &Mechanism,
    truth: Option<&Truth>,
    label: u32,
    neurons: &[usize],
) -> Result<Curve, Error> {
    let of = |values: &[f64]| neurons.iter().map(|&one| values[one]).collect::<Vec<f64>>();
    let low = quantile(&of(&mechanism.update.lower), 0.5)?;
    let high = quantile(&of(&mechanism.update.upper), 0.5)?;
    let curves = neurons.iter().map(|&one| mechanism.update_curve(one)).collect::<Result<Vec<_>, _>>()?;
    let mut drawn = Curve { name: format!("type {}", label + 1), ..Curve::default() };
    for x in grid(low, high) {
        let values: Vec<f64> = curves.iter().map(|curve| curve.value(x)).collect();
        drawn.x.push(x);
        drawn.y.push(quantile(&values, 0.5)?);
        drawn.lower.push(quantile(&values, 0.05)?);
        drawn.upper.push(quantile(&values, 0.95)?);
    }
    if let Some(truth) = truth {
        let known = most_common(neurons.iter().map(|&one| truth.cell_type[one] as usize), truth.types.len());
        drawn.truth = drawn.x.iter().map(|&x| truth.update(known, x)).collect();
    }
    Ok(drawn)
}

/// Every psi on the range of its senders; beside it the true one of the most common pair of types that it stands for, in
/// the same gauge.
pub(super) fn transfer_curves(mechanism: &Mechanism, truth: Option<&Truth>) -> Result<Vec<Curve>, Error> {
    let curves = mechanism.transfer.curves()?;
    let drawn = |(place, curve): (usize, &CubicCurve)| {
        let (low, high) = sender_range(mechanism, place);
        let x = grid(low, high);
        Curve {
            name: mechanism.transfer.name(place),
            y: x.iter().map(|&x| curve.value(x)).collect(),
            truth: truth.map_or(Vec::new(), |truth| gauged_truth(mechanism, truth, place, &x)),
            x,
            ..Curve::default()
        }
    };
    Ok(curves.iter().enumerate().map(drawn).collect())
}

fn grid(low: f64, high: f64) -> Vec<f64> {
    (0..POINTS).map(|step| low + (high - low) * step as f64 / (POINTS - 1) as f64).collect()
}

fn most_common(values: impl Iterator<Item = usize>, n: usize) -> usize {
    let mut counts = vec![0_usize; n];
    values.for_each(|value| counts[value] += 1);
    (0..n).max_by_key(|&one| (counts[one], std::cmp::Reverse(one))).unwrap_or(0)
}
