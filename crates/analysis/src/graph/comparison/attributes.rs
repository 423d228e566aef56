//! Cell types and distances of two sets, all circuits of a set together.

use std::collections::BTreeMap;

use neuroloom_core::{Circuit, NeuronTable, Synapses};
use serde::Serialize;

use crate::Error;
use crate::graph::{DirectedGraph, kolmogorov_smirnov};

/// Width of a distance bin in micrometres.
const BIN_UM: f64 = 20.0;

/// How two sets differ by types or distances.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeDifference {
    /// `type-mixing`: half the L1 distance of the shares of edges by pair of types. `type-degree`: largest difference of
    /// the joint distributions of type and degree. `edge-length`: Kolmogorov-Smirnov distance. `distance-profile`: mean
    /// absolute difference of the connection probability in bins of 20 um, over the mean probability of the reference.
    pub name: &'static str,
    /// Its value; 0 = alike.
    pub value: f64,
}

/// The neurons of a circuit and the edges among them.
type Wired<'a> = (&'a NeuronTable, &'a DirectedGraph);

/// Types and distances of a set.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Attributes {
    typed: Option<TypeShares>,
    placed: Option<Places>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct TypeShares {
    /// Edges by type of sender and receiver.
    edges: BTreeMap<(String, String), f64>,
    /// Total degree of each neuron by type, ascending.
    degrees: BTreeMap<String, Vec<u32>>,
    n_neurons: usize,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Places {
    edge_length_um: Vec<f64>,
    /// Edges and ordered pairs by bin.
    bins: Vec<(f64, f64)>,
}

impl Attributes {
    /// Edges are those of the described graphs: each pair once, none that the observation mask rules out.
    pub(super) fn new(circuits: &[&Circuit]) -> Result<Self, Error> {
        let graph =
            |circuit: &&Circuit| DirectedGraph::from_connectome(circuit.connectome(), Synapses::Binary);
        let graphs: Vec<DirectedGraph> = circuits.iter().map(graph).collect::<Result<_, _>>()?;
        let pairs: Vec<Wired> = circuits
            .iter()
            .zip(&graphs)
            .map(|(circuit, graph)| (circuit.connectome().neurons(), graph))
            .collect();
        let all = |has: fn(&NeuronTable) -> bool| {
            !pairs.is_empty() && pairs.iter().all(|(neurons, _)| has(neurons))
        };
        Ok(Self {
            typed: all(|neurons| neurons.cell_type().is_some()).then(|| TypeShares::new(&pairs)),
            placed: all(|neurons| neurons.position_um().is_some()).then(|| Places::new(&pairs)),
        })
    }
}

impl TypeShares {
    fn new(circuits: &[Wired]) -> Self {
        let mut found = Self::default();
        for (neurons, graph) in circuits {
            let types = neurons.cell_type().unwrap_or_default();
            let mut degree = vec![0; neurons.len()];
            for (pre, post) in graph.edges() {
                let pair = (types[pre as usize].clone(), types[post as usize].clone());
                *found.edges.entry(pair).or_default() += 1.0;
                degree[pre as usize] += 1;
                degree[post as usize] += 1;
            }
            for (name, degree) in types.iter().zip(degree) {
                found.degrees.entry(name.clone()).or_default().push(degree);
            }
            found.n_neurons += neurons.len();
        }
        found.degrees.values_mut().for_each(|degrees| degrees.sort_unstable());
        found
    }

    /// Half the L1 distance of the shares of edges.
    fn mixing(&self, other: &Self) -> f64 {
        let total = |types: &Self| types.edges.values().sum::<f64>().max(1.0);
        let (one_total, other_total) = (total(self), total(other));
        let pairs: std::collections::BTreeSet<_> = self.edges.keys().chain(other.edges.keys()).collect();
        let share = |types: &Self, pair, total| types.edges.get(pair).copied().unwrap_or(0.0) / total;
        let gap = |pair| (share(self, pair, one_total) - share(other, pair, other_total)).abs();
        0.5 * pairs.into_iter().map(gap).sum::<f64>()
    }

    /// max |P(type = t, degree <= k) - Q(type = t, degree <= k)|.
    fn degree_gap(&self, other: &Self) -> f64 {
        let none = Vec::new();
        let mut largest = 0.0_f64;
        let names: std::collections::BTreeSet<_> = self.degrees.keys().chain(other.degrees.keys()).collect();
        for name in names {
            let one = self.degrees.get(name).unwrap_or(&none);
            let two = other.degrees.get(name).unwrap_or(&none);
            for limit in one.iter().chain(two) {
                let below =
                    |degrees: &[u32], n: usize| degrees.partition_point(|one| one <= limit) as f64 / n as f64;
                largest = largest.max((below(one, self.n_neurons) - below(two, other.n_neurons)).abs());
            }
        }
        largest
    }
}

impl Places {
    fn new(circuits: &[Wired]) -> Self {
        let mut found = Self::default();
        for (neurons, graph) in circuits {
            let positions = neurons.position_um().unwrap_or_default();
            let distance = |one: usize, other: usize| {
                positions[one].iter().zip(&positions[other]).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
            };
            for one in 0..neurons.len() {
                (one + 1..neurons.len()).for_each(|other| found.add(distance(one, other), (0.0, 2.0)));
            }
            for (pre, post) in graph.edges() {
                let length = distance(pre as usize, post as usize);
                found.add(length, (1.0, 0.0));
                if length.is_finite() {
                    found.edge_length_um.push(length);
                }
            }
        }
        found
    }

    fn add(&mut self, distance: f64, (edges, pairs): (f64, f64)) {
        if distance.is_finite() {
            let bin = (distance / BIN_UM) as usize;
            if bin >= self.bins.len() {
                self.bins.resize(bin + 1, (0.0, 0.0));
            }
            self.bins[bin].0 += edges;
            self.bins[bin].1 += pairs;
        }
    }

    /// Bins weigh as many pairs as the reference has in them; bins that one set lacks are left out.
    fn profile_gap(&self, other: &Self) -> f64 {
        let shared = || self.bins.iter().zip(&other.bins).filter(|(one, two)| one.1 > 0.0 && two.1 > 0.0);
        let gap: f64 = shared().map(|(one, two)| one.1 * (one.0 / one.1 - two.0 / two.1).abs()).sum();
        let edges: f64 = shared().map(|(one, _)| one.0).sum();
        gap / edges
    }
}

pub(super) fn differences(one: &Attributes, other: &Attributes) -> Vec<AttributeDifference> {
    let mut found = Vec::new();
    if let (Some(one), Some(other)) = (&one.typed, &other.typed) {
        found.push(AttributeDifference { name: "type-mixing", value: one.mixing(other) });
        found.push(AttributeDifference { name: "type-degree", value: one.degree_gap(other) });
    }
    if let (Some(one), Some(other)) = (&one.placed, &other.placed) {
        let value = kolmogorov_smirnov(&one.edge_length_um, &other.edge_length_um);
        found.push(AttributeDifference { name: "edge-length", value });
        found.push(AttributeDifference { name: "distance-profile", value: one.profile_gap(other) });
    }
    found
}
