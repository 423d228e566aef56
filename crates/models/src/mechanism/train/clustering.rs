//! The clustering step: neurons whose phi has the same shape get the same embedding. True types are never seen.
//!
//! The published code relabels the clusters with the true types before phi is drawn to their profiles; here the
//! clusters speak for themselves.

use ndarray::Array2;
use neuroloom_analysis::cluster::{SelectConfig, Selection};
use neuroloom_core::Seed;

use super::config::ClusteringConfig;
use super::descent::{Moments, Rates};
use super::drift::Model;
use super::parameters::Parameters;
use super::penalty;
use crate::Error;
use crate::mechanism::LossForm;

/// Points of a profile.
const GRID: usize = 64;

/// Clusters the profiles phi(a_i, .) over +-`reach`, ties the embeddings, draws phi to the median profiles.
///
/// Returns the cluster of each neuron.
pub(super) fn cluster(
    model: &Model,
    parameters: &mut Parameters,
    (config, reach, rate): (&ClusteringConfig, f64, f64),
    seed: Seed,
) -> Result<Vec<u32>, Error> {
    let inputs = grid_inputs(model, &parameters.embedding, reach);
    let profiles = profiles(model, parameters, &inputs)?;
    let points =
        Array2::from_shape_fn((model.n, GRID), |(neuron, k)| f64::from(profiles[k * model.n + neuron]));
    let most = config.max_types.min(model.n / 2).max(2);
    let select = SelectConfig { n_clusters: 1..=most, seed, ..SelectConfig::default() };
    let found = Selection::fit(points.view(), &select)?;
    let members = |cluster: usize| -> Vec<usize> {
        (0..model.n).filter(|&neuron| found.labels[neuron] == cluster).collect()
    };
    let clusters: Vec<Vec<usize>> = (0..found.n_clusters).map(members).collect();
    let mut targets = vec![0.0; profiles.len()];
    for cluster in &clusters {
        for k in 0..GRID {
            let center = median(cluster.iter().map(|&neuron| profiles[k * model.n + neuron]).collect());
            cluster.iter().for_each(|&neuron| targets[k * model.n + neuron] = center);
        }
        tie(model.dimensions, cluster, &mut parameters.embedding);
    }
    draw(model, parameters, &targets, (config.steps, rate, reach))?;
    Ok(found.labels.iter().map(|&label| label as u32).collect())
}

/// Gives each neuron of a class the mean of the class.
pub(super) fn average(dimensions: usize, classes: &[u32], values: &mut [f32]) {
    let n_classes = classes.iter().copied().max().map_or(0, |most| most as usize + 1);
    let mut sums = vec![0.0_f64; n_classes * dimensions];
    let mut counts = vec![0_usize; n_classes];
    for (&class, own) in classes.iter().zip(values.chunks_exact(dimensions)) {
        counts[class as usize] += 1;
        let sum = &mut sums[class as usize * dimensions..][..dimensions];
        sum.iter_mut().zip(own).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    for (&class, own) in classes.iter().zip(values.chunks_exact_mut(dimensions)) {
        let sum = &sums[class as usize * dimensions..][..dimensions];
        own.iter_mut().zip(sum).for_each(|(to, sum)| *to = (sum / counts[class as usize] as f64) as f32);
    }
}

fn tie(dimensions: usize, members: &[usize], embedding: &mut [f32]) {
    for axis in 0..dimensions {
        let center = median(members.iter().map(|&neuron| embedding[neuron * dimensions + axis]).collect());
        members.iter().for_each(|&neuron| embedding[neuron * dimensions + axis] = center);
    }
}

/// Draws phi to the targets with all points in each step: sum over grid points of |phi - target|.
fn draw(
    model: &Model,
    parameters: &mut Parameters,
    targets: &[f32],
    (steps, rate, reach): (usize, f64, f64),
) -> Result<(), Error> {
    let inputs = grid_inputs(model, &parameters.embedding, reach);
    let only_update = Parameters { update: parameters.update.clone(), ..Parameters::default() };
    let mut moments = Moments::new(&only_update);
    let mut gradient = only_update.zeros_like();
    let rates = Rates { weights: 0.0, update: rate, transfer: 0.0, embedding: 0.0, field: 0.0 };
    for _ in 0..steps {
        let mut residual = profiles(model, parameters, &inputs)?;
        residual.iter_mut().zip(targets).for_each(|(value, target)| *value -= target);
        let measured = penalty::rows(LossForm::Norm, 1.0, &residual, model.n);
        gradient.update.fill(0.0);
        model.update.backward(&parameters.update, &inputs, &measured.slope, &mut gradient.update)?;
        moments.step(parameters, &gradient, rates)?;
    }
    Ok(())
}

/// Rows of phi at the grid, `[grid, neuron]`.
fn grid_inputs(model: &Model, embedding: &[f32], reach: f64) -> Vec<f32> {
    let at = |k: usize| (reach * (2.0 * k as f64 / (GRID - 1) as f64 - 1.0)) as f32;
    let x: Vec<f32> = (0..GRID).flat_map(|k| std::iter::repeat_n(at(k), model.n)).collect();
    model.update_inputs(embedding, &x)
}

fn profiles(model: &Model, parameters: &Parameters, inputs: &[f32]) -> Result<Vec<f32>, Error> {
    let mut profiles = vec![0.0; GRID * model.n];
    model.update.forward(&parameters.update, inputs, &mut profiles)?;
    Ok(profiles)
}

/// The lower median.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_share_their_mean() {
        let mut values = [1.0, 10.0, 3.0, 30.0, 5.0, 50.0];
        average(2, &[1, 1, 0], &mut values);
        assert_eq!(values, [2.0, 20.0, 2.0, 20.0, 5.0, 50.0]);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.0);
    }
}
