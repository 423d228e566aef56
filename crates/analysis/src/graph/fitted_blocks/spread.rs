//! How much degrees and edge counts vary beyond chance, and gains that vary as much.

use neuroloom_core::Connectome;
use rand_chacha::ChaCha8Rng;

use super::fit::for_each_pair;
use super::{FittedBlocks, View, normal};
use crate::graph::DirectedGraph;

/// Variances of gains whose mean is 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    /// Of senders.
    pub(super) out: f64,
    /// Of receivers.
    pub(super) into: f64,
    /// Of both gains of one neuron together.
    pub(super) covariance: f64,
    /// Of circuits.
    pub(super) circuit: f64,
}

impl Spread {
    /// Gains of each neuron as sender and as receiver: a bivariate log-normal.
    pub(super) fn gains(self, n: usize, rng: &mut ChaCha8Rng) -> Vec<(f64, f64)> {
        let (out, into) = (self.out.ln_1p(), self.into.ln_1p());
        let joint = self.covariance.max(-0.9).ln_1p();
        let largest = (out * into).sqrt();
        let correlation = if largest > 0.0 { (joint / largest).clamp(-1.0, 1.0) } else { 0.0 };
        let gain = |variance: f64, draw: f64| (variance.sqrt() * draw - 0.5 * variance).exp();
        (0..n)
            .map(|_| {
                let (first, second) = (normal(rng), normal(rng));
                let mixed = correlation * first + (1.0 - correlation * correlation).sqrt() * second;
                (gain(out, first), gain(into, mixed))
            })
            .collect()
    }

    /// Gain of a whole circuit.
    pub(super) fn circuit_gain(self, rng: &mut ChaCha8Rng) -> f64 {
        let variance = self.circuit.ln_1p();
        (variance.sqrt() * normal(rng) - 0.5 * variance).exp()
    }
}

/// Observed and expected degrees, one entry a neuron of a circuit.
pub(super) struct Degrees {
    circuits: Vec<Vec<Row>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// Edges sent and received.
    observed: [f64; 2],
    /// Those expected without gains.
    expected: [f64; 2],
    /// Variance of the edges sent and received by chance alone.
    chance: [f64; 2],
}

impl Degrees {
    pub(super) fn of(fitted: &FittedBlocks, connectomes: &[&Connectome], graphs: &[DirectedGraph]) -> Self {
        let rows = |(connectome, graph): (&&Connectome, &DirectedGraph)| {
            let view = View::new(fitted, connectome);
            let mut rows = vec![Row::default(); connectome.neurons().len()];
            for_each_pair(connectome, |pre, post| {
                let probability = view.rate(pre, post).min(super::MOST);
                let edge = f64::from(u8::from(graph.has_edge(pre as u32, post as u32)));
                for (side, neuron) in [(0, pre), (1, post)] {
                    rows[neuron].observed[side] += edge;
                    rows[neuron].expected[side] += probability;
                    rows[neuron].chance[side] += probability * (1.0 - probability);
                }
            });
            rows
        };
        Self { circuits: connectomes.iter().zip(graphs).map(rows).collect() }
    }

    /// Method of moments: excess squares of the differences over squares of what is expected. Neurons are compared
    /// within their circuit, so that circuits that are dense as a whole do not pass for neurons of large gain.
    pub(super) fn spread(&self) -> Spread {
        let (mut excess, mut size) = ([0.0; 3], [0.0; 3]);
        let (mut circuit_excess, mut circuit_size) = (0.0, 0.0);
        for rows in self.circuits.iter().filter(|rows| !rows.is_empty()) {
            let total = |of: fn(&Row) -> f64| rows.iter().map(of).sum::<f64>();
            let (edges, expected) = (total(|row| row.observed[0]), total(|row| row.expected[0]));
            if expected <= 0.0 {
                continue;
            }
            let scale = edges / expected;
            for row in rows {
                let gap = |side: usize| row.observed[side] - scale * row.expected[side];
                for side in [0, 1] {
                    excess[side] += gap(side).powi(2) - scale * row.chance[side];
                    size[side] += (scale * row.expected[side]).powi(2);
                }
                excess[2] += gap(0) * gap(1);
                size[2] += scale * scale * row.expected[0] * row.expected[1];
            }
            circuit_excess += (edges - expected).powi(2) - total(|row| row.chance[0]);
            circuit_size += expected * expected;
        }
        let ratio = |excess: f64, size: f64| if size > 0.0 { excess / size } else { 0.0 };
        let [out, into] = [0, 1].map(|side| ratio(excess[side], size[side]).max(0.0));
        let covariance = ratio(excess[2], size[2]);
        let of_neurons = self.of_neurons(out, into, covariance);
        Spread { out, into, covariance, circuit: ratio(circuit_excess - of_neurons, circuit_size).max(0.0) }
    }

    /// Variance of edge counts that the gains of neurons make by themselves.
    fn of_neurons(&self, out: f64, into: f64, covariance: f64) -> f64 {
        let one = |row: &Row| {
            let [sent, received] = row.expected;
            out * sent * sent + into * received * received + 2.0 * covariance * sent * received
        };
        self.circuits.iter().flatten().map(one).sum()
    }
}
