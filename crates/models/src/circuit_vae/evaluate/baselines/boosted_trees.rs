//! Gradient-boosted trees on the conditions of both ends: what a strong learner makes of types and places alone.

use ndarray::Array2;
use neuroloom_analysis::boosting::BoostedTrees;
use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use super::super::EvaluationConfig;
use super::super::pairs::{labels_of, of_circuit};
use super::frequencies::{Frequencies, types};
use crate::Error;
use crate::circuit_vae::example::GraphExample;

/// Numbers about a pair.
const FEATURES: usize = 17;

/// Rates of types, fitted to the training circuits.
struct Rates {
    pair: Frequencies<(u16, u16)>,
    sender: Frequencies<u16>,
    receiver: Frequencies<u16>,
}

pub(super) fn predict(
    (training, test): (&[GraphExample], &[GraphExample]),
    config: &EvaluationConfig,
    seed: Seed,
) -> Result<Vec<f64>, Error> {
    let rates = Rates {
        pair: Frequencies::count(training, types),
        sender: Frequencies::count(training, |one, i, _| one.conditions.cell_type[i]),
        receiver: Frequencies::count(training, |one, _, j| one.conditions.cell_type[j]),
    };
    let total: usize = training.iter().map(GraphExample::n_observed_pairs).sum();
    let share = config.tree_pairs as f64 / total.max(1) as f64;
    let chosen = |(index, example): (usize, &GraphExample)| {
        let mut rng = seed.nth(index as u64).rng();
        let about = About::new(example);
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        for ((i, j), edge) in of_circuit(example).zip(labels_of(example)) {
            if rng.random::<f64>() < share {
                features.extend(about.features(&rates, i, j));
                labels.push(edge);
            }
        }
        (features, labels)
    };
    let parts: Vec<(Vec<f32>, Vec<bool>)> = training.par_iter().enumerate().map(chosen).collect();
    let (features, labels): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let trees = BoostedTrees::classify(table(features.concat()).view(), &labels.concat(), &config.trees)?;
    let of = |example: &GraphExample| -> Result<Vec<f64>, Error> {
        let about = About::new(example);
        let rows: Vec<f32> = of_circuit(example).flat_map(|(i, j)| about.features(&rates, i, j)).collect();
        Ok(trees.predict(table(rows).view())?)
    };
    let values: Result<Vec<Vec<f64>>, Error> = test.par_iter().map(of).collect();
    Ok(values?.concat())
}

fn table(rows: Vec<f32>) -> Array2<f32> {
    let n = rows.len() / FEATURES;
    // The length is a multiple of the width by construction.
    Array2::from_shape_vec((n, FEATURES), rows).unwrap_or_else(|_| Array2::zeros((0, FEATURES)))
}

/// A circuit and how dense it is around each neuron.
struct About<'a> {
    example: &'a GraphExample,
    spacing: Vec<f32>,
}

impl<'a> About<'a> {
    fn new(example: &'a GraphExample) -> Self {
        let position = &example.conditions.position;
        let spacing = (0..position.len()).map(|row| {
            let mut near: Vec<f32> = (0..position.len()).map(|other| length(position, row, other)).collect();
            near.sort_unstable_by(f32::total_cmp);
            near.get(10).or(near.last()).copied().unwrap_or(0.0)
        });
        Self { example, spacing: spacing.collect() }
    }

    fn features(&self, rates: &Rates, i: usize, j: usize) -> [f32; FEATURES] {
        let conditions = &self.example.conditions;
        let (from, to) = types(self.example, i, j);
        let by_type = [
            f32::from(from),
            f32::from(to),
            rates.pair.of(&(from, to)) as f32,
            rates.sender.of(&from) as f32,
            rates.receiver.of(&to) as f32,
            conditions.len() as f32,
        ];
        let mut features = [0.0; FEATURES];
        features[..6].copy_from_slice(&by_type);
        if let (Some(a), Some(b)) = (conditions.position.get(i), conditions.position.get(j)) {
            let lateral = |at: &[f32; 3]| (at[0] * at[0] + at[2] * at[2]).sqrt();
            let step = [0, 1, 2].map(|axis| b[axis] - a[axis]);
            features[6..].copy_from_slice(&[
                length(&conditions.position, i, j),
                step[1],
                lateral(&step),
                step[0],
                step[2],
                a[1],
                b[1],
                lateral(a),
                lateral(b),
                self.spacing[i],
                self.spacing[j],
            ]);
        }
        features
    }
}

fn length(position: &[[f32; 3]], i: usize, j: usize) -> f32 {
    position[i].iter().zip(&position[j]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}
