//! Real circuits beside generated ones.

use serde::{Deserialize, Serialize};

use crate::data::{Group, nullable};

/// Circuits drawn beside each other, and the means of their statistics.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GeneratedCircuits {
    /// How they were generated, one or two sentences.
    pub lead: String,
    /// Circuits to draw; real and generated ones of the same conditions follow each other.
    pub circuits: Vec<CircuitView>,
    /// Names of the sets whose means are listed; the data first.
    pub sets: Vec<String>,
    /// Mean of each statistic in each set.
    pub means: Vec<MeanRow>,
}

/// One circuit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitView {
    /// What it is, such as `real, circuit 7`.
    pub name: String,
    /// Sender of each edge, position after sorting by type.
    pub pre: Vec<usize>,
    /// Receiver of each edge.
    pub post: Vec<usize>,
    /// Consecutive types of the sorted neurons.
    pub groups: Vec<Group>,
    /// Soma of each neuron in micrometres: across, depth, along; empty where unknown.
    pub position_um: Vec<[f64; 3]>,
}

impl CircuitView {
    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.groups.iter().map(|group| group.size).sum()
    }
}

/// The mean of one statistic in every set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanRow {
    /// Its name.
    pub name: String,
    /// Mean in each set, the data first.
    #[serde(deserialize_with = "nullable::list")]
    pub means: Vec<f64>,
}
