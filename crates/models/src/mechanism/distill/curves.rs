//! The functions of a fit as weighted samples.

use neuroloom_analysis::symbolic::Samples;

use super::visits::Visits;
use crate::Error;
use crate::mechanism::{Mechanism, UpdateCurve};

/// Types that get a formula: the largest.
const MOST_TYPES: usize = 32;

/// Which function a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// phi of a type.
    Update,
    /// psi.
    Transfer,
}

/// A function of a group of neurons, sampled where they were.
#[derive(Debug, Clone)]
pub(super) struct SampledCurve {
    pub(super) name: String,
    pub(super) part: Part,
    /// Neurons that it belongs to.
    pub(super) neurons: Vec<usize>,
    pub(super) samples: Samples,
}

/// phi of each of the largest types: the mean over its neurons, weighted by their visits.
pub(super) fn updates(mechanism: &Mechanism, visits: &Visits) -> Result<Vec<SampledCurve>, Error> {
    let mut groups: Vec<(usize, Vec<usize>)> = (0..mechanism.types.n_types)
        .map(|label| {
            let of_type =
                |&one: &usize| mechanism.types.label[one] == label as u32 && !mechanism.is_excluded(one);
            (label, (0..mechanism.n_neurons()).filter(of_type).collect())
        })
        .filter(|(_, neurons): &(usize, Vec<usize>)| !neurons.is_empty())
        .collect();
    groups.sort_by_key(|(label, neurons)| (std::cmp::Reverse(neurons.len()), *label));
    groups.truncate(MOST_TYPES);
    groups.sort_by_key(|(label, _)| *label);
    groups
        .into_iter()
        .map(|(label, neurons)| {
            let curves =
                neurons.iter().map(|&one| mechanism.update_curve(one)).collect::<Result<Vec<_>, _>>()?;
            let samples = mean_curve(&neurons, &curves, visits)?;
            Ok(SampledCurve { name: format!("type {}", label + 1), part: Part::Update, neurons, samples })
        })
        .collect()
}

/// psi of each pair of classes, weighted by the visits of all its senders.
pub(super) fn transfers(mechanism: &Mechanism, visits: &Visits) -> Result<Vec<SampledCurve>, Error> {
    let transfer = &mechanism.transfer;
    let mut sampled = Vec::new();
    for (place, curve) in transfer.curves()?.iter().enumerate() {
        let is_sender = |&one: &usize| {
            transfer.sender_class[one] as usize == place % transfer.n_sender_classes
                && !mechanism.is_excluded(one)
        };
        let neurons: Vec<usize> = (0..mechanism.n_neurons()).filter(is_sender).collect();
        if neurons.is_empty() {
            continue;
        }
        let mut weight = vec![0.0; visits.x.len()];
        for &neuron in &neurons {
            weight.iter_mut().zip(visits.counts.row(neuron)).for_each(|(sum, count)| *sum += count);
        }
        let y = visits.x.iter().map(|&x| curve.value(x)).collect();
        let samples = visited(&visits.x, y, weight)?;
        sampled.push(SampledCurve { name: transfer.name(place), part: Part::Transfer, neurons, samples });
    }
    Ok(sampled)
}

/// phi of one neuron where it was.
pub(super) fn of_neuron(mechanism: &Mechanism, neuron: usize, visits: &Visits) -> Result<Samples, Error> {
    let curve = mechanism.update_curve(neuron)?;
    visited(&visits.x, visits.x.iter().map(|&x| curve.value(x)).collect(), visits.of(neuron))
}

fn mean_curve(neurons: &[usize], curves: &[UpdateCurve], visits: &Visits) -> Result<Samples, Error> {
    let cells = visits.x.len();
    let (mut sum, mut weight) = (vec![0.0; cells], vec![0.0; cells]);
    for (&neuron, curve) in neurons.iter().zip(curves) {
        for (cell, &count) in visits.counts.row(neuron).iter().enumerate().filter(|(_, count)| **count > 0.0)
        {
            sum[cell] += count * curve.value(visits.x[cell]);
            weight[cell] += count;
        }
    }
    let y = sum.iter().zip(&weight).map(|(sum, weight)| sum / weight.max(1.0)).collect();
    visited(&visits.x, y, weight)
}

/// Only the cells that were visited.
fn visited(x: &[f64], y: Vec<f64>, weight: Vec<f64>) -> Result<Samples, Error> {
    let points: Vec<(f64, f64, f64)> = x
        .iter()
        .zip(y)
        .zip(weight)
        .filter(|(_, weight)| *weight > 0.0)
        .map(|((&x, y), weight)| (x, y, weight))
        .collect();
    let column = |pick: fn(&(f64, f64, f64)) -> f64| points.iter().map(pick).collect::<Vec<f64>>();
    Ok(Samples::new(column(|one| one.0), column(|one| one.1), column(|one| one.2))?)
}
