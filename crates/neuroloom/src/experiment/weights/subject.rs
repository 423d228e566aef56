//! What a manifold is read from: weights, the neurons they belong to, and what is known of these.

use neuroloom_models::weight_manifold::{ExtractConfig, NeuronTruth, PointSet, Recipe, Weights};

use crate::Error;

/// Weights with the neurons that they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// What it is, for titles.
    pub name: String,
    /// The weights.
    pub weights: Weights,
    /// Ids of the neurons, in the order of the points; empty = numbered.
    pub neurons: Vec<String>,
    /// Types of the neurons; empty = unknown.
    pub cell_types: Vec<String>,
    /// What is known of each neuron.
    pub truth: Option<NeuronTruth>,
    /// Rows of the points that are read; `None` = all. Features are always those of all neurons.
    pub chosen: Option<Vec<usize>>,
    /// How the weights were trained, where this program did it.
    pub recipe: Option<Recipe>,
    /// How it was understood, one sentence each.
    pub notes: Vec<String>,
}

/// The points of a subject that are read.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenPoints {
    /// `[neuron, feature]`.
    pub points: ndarray::Array2<f64>,
    /// Id of each.
    pub neurons: Vec<String>,
    /// Type of each; empty = unknown.
    pub cell_types: Vec<String>,
    /// What is known of each.
    pub truth: Option<NeuronTruth>,
}

impl Subject {
    /// The points that are read, with everything that is known of them.
    ///
    /// # Errors
    /// [`Error::Models`] if the weights that are asked for are not there, [`Error::Setting`] if the truth is of another
    /// number of neurons.
    pub fn points(&self, config: &ExtractConfig, seed: neuroloom_core::Seed) -> Result<ChosenPoints, Error> {
        let n = self.weights.n_points(config.points)?;
        let all = self.weights.points(config, seed)?;
        // Hidden units have neither a name nor a truth.
        let named = config.points != PointSet::Hidden;
        let truth = self.truth.as_ref().filter(|_| named);
        if let Some(truth) = truth {
            truth.check(n)?;
        }
        let rows = self.chosen.clone().filter(|_| named).unwrap_or_else(|| (0..n).collect());
        let kept = |values: &[String]| -> Vec<String> {
            if named && values.len() == n {
                rows.iter().map(|&row| values[row].clone()).collect()
            } else {
                Vec::new()
            }
        };
        let neurons = kept(&self.neurons);
        Ok(ChosenPoints {
            points: all.select(ndarray::Axis(0), &rows),
            neurons: if neurons.is_empty() {
                rows.iter().map(ToString::to_string).collect()
            } else {
                neurons
            },
            cell_types: kept(&self.cell_types),
            truth: truth.map(|truth| truth.select(&rows)),
        })
    }
}
