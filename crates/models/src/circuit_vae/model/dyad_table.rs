//! Probabilities of every pair of neurons.

use neuroloom_nn::kernel::dyad::state_probabilities;

use crate::circuit_vae::NodeConditions;

/// Probabilities of (no edge, i -> j, j -> i, both ways).
pub type PairStates = [f32; 4];

/// What a code and conditions say of every pair of neurons, in the order of the conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct DyadTable {
    conditions: NodeConditions,
    /// Of the pairs i < j, row after row.
    states: Vec<PairStates>,
    /// Success probabilities of the geometric numbers of synapses of i -> j and j -> i.
    success: Vec<[f32; 2]>,
}

impl DyadTable {
    /// From logits in another order of the neurons: `order[row]` is the neuron at a row of the logits.
    pub(super) fn new(order: &[usize], conditions: NodeConditions, logits: &[[f32; 5]]) -> Self {
        let n = order.len();
        let mut table =
            Self { conditions, states: vec![[0.0; 4]; logits.len()], success: vec![[0.0; 2]; logits.len()] };
        let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
        for ((a, b), [forward, backward, both, m_forward, m_backward]) in pairs.zip(logits) {
            let mut states = state_probabilities([*forward, *backward, *both]);
            let mut success = [m_forward, m_backward].map(|m| 1.0 / (1.0 + (-m).exp()));
            let (mut i, mut j) = (order[a], order[b]);
            if i > j {
                (i, j) = (j, i);
                states.swap(1, 2);
                success.swap(0, 1);
            }
            let at = table.at(i, j);
            (table.states[at], table.success[at]) = (states, success);
        }
        table
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.conditions.len()
    }

    /// What the model was told, or, for form A, the types that it made.
    pub fn conditions(&self) -> &NodeConditions {
        &self.conditions
    }

    /// Probabilities of (no edge, i -> j, j -> i, both ways); of i with itself (1, 0, 0, 0).
    pub fn states(&self, i: usize, j: usize) -> PairStates {
        match i.cmp(&j) {
            std::cmp::Ordering::Less => self.states[self.at(i, j)],
            std::cmp::Ordering::Equal => [1.0, 0.0, 0.0, 0.0],
            std::cmp::Ordering::Greater => {
                let [none, forward, backward, both] = self.states[self.at(j, i)];
                [none, backward, forward, both]
            }
        }
    }

    /// Probability of an edge from i to j, whatever comes back.
    pub fn edge(&self, i: usize, j: usize) -> f32 {
        let [_, forward, _, both] = self.states(i, j);
        forward + both
    }

    /// Mean number of synapses of an edge from i to j, if there is one; it means something only if
    /// [`Strengths::Counted`](crate::circuit_vae::Strengths) was trained.
    pub fn mean_synapses(&self, i: usize, j: usize) -> f32 {
        let success = match i.cmp(&j) {
            std::cmp::Ordering::Less => self.success[self.at(i, j)][0],
            std::cmp::Ordering::Equal => return 0.0,
            std::cmp::Ordering::Greater => self.success[self.at(j, i)][1],
        };
        1.0 / success.max(f32::MIN_POSITIVE)
    }

    /// Expected number of edges.
    pub fn expected_edges(&self) -> f64 {
        self.states
            .iter()
            .map(|[_, forward, backward, both]| f64::from(forward + backward + 2.0 * both))
            .sum()
    }

    /// Expected number of pairs that are linked both ways.
    pub fn expected_mutual(&self) -> f64 {
        self.states.iter().map(|states| f64::from(states[3])).sum()
    }

    fn at(&self, i: usize, j: usize) -> usize {
        let n = self.n_neurons();
        i * (2 * n - i - 1) / 2 + j - i - 1
    }
}
