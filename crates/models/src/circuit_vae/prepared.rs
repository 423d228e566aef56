//! A circuit in canonical order with the numbers that the networks read.

use neuroloom_nn::kernel::dyad::{PairRow, Pairs, compatible_states};

use super::canonical;
use super::config::Strengths;
use super::example::{GraphExample, LENGTH_UM};
use super::summary::{SUMMARY, summary};

/// Numbers about the place of a neuron.
pub(super) const PLACE_FEATURES: usize = 31;
/// Numbers about its edges, for the encoder.
pub(super) const EDGE_FEATURES: usize = 5;
/// Rows of the tables of pair features: distance, relative depth, lateral distance, distance over the spacing around
/// the sender and around the receiver.
pub(super) const TABLES: [usize; 5] = [32, 32, 32, 16, 16];
/// Neighbours whose mean distance is the spacing around a neuron.
const NEAREST: usize = 10;

/// A circuit in canonical order.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// Row in the circuit of each neuron here.
    pub(super) order: Vec<usize>,
    pub(super) example: GraphExample,
    /// `[neuron, PLACE_FEATURES]`.
    pub(super) place: Vec<f32>,
    /// `[neuron, EDGE_FEATURES]`.
    pub(super) edge: Vec<f32>,
    /// About the circuit as a whole, for the encoder.
    pub(super) summary: [f32; SUMMARY],
    /// Receivers of each neuron, and their synapses.
    out: Lists,
    /// Senders to each neuron, and their synapses.
    into: Lists,
    /// Mean distance to the nearest neurons, micrometres.
    spacing_um: Vec<f32>,
    strengths: Strengths,
}

/// Neighbour lists in compressed rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    pub(super) starts: Vec<usize>,
    pub(super) list: Vec<u32>,
    count: Vec<f32>,
}

impl Lists {
    fn new(n: usize, mut ends: Vec<(u32, u32, f32)>) -> Self {
        ends.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        let mut starts = vec![0; n + 1];
        ends.iter().for_each(|(from, ..)| starts[*from as usize + 1] += 1);
        for row in 0..n {
            starts[row + 1] += starts[row];
        }
        let (list, count) = ends.into_iter().map(|(_, to, count)| (to, count)).unzip();
        Self { starts, list, count }
    }

    /// The other ends of a row, ascending.
    pub(super) fn row(&self, row: usize) -> &[u32] {
        &self.list[self.starts[row]..self.starts[row + 1]]
    }

    fn of(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        let range = self.starts[row]..self.starts[row + 1];
        self.list[range.clone()].iter().map(|to| *to as usize).zip(self.count[range].iter().copied())
    }
}

impl Prepared {
    pub(super) fn new(example: &GraphExample, strengths: Strengths) -> Self {
        let order = canonical::order(example);
        let example = example.select(&order);
        let n = example.n_neurons();
        let count = |edge: usize| example.syn_count.get(edge).copied().unwrap_or(0.0);
        let ends = || example.edges.iter().enumerate().map(|(edge, (pre, post))| (*pre, *post, count(edge)));
        let out = Lists::new(n, ends().collect());
        let into = Lists::new(n, ends().map(|(pre, post, count)| (post, pre, count)).collect());
        let spacing_um = spacing(&example.conditions.position);
        let place = place_features(&example.conditions.position, &spacing_um);
        let edge = edge_features(&out, &into, n);
        let summary = summary((&out, &into), &example.conditions.position, example.n_observed_pairs());
        Self { order, example, place, edge, summary, out, into, spacing_um, strengths }
    }

    pub(super) fn n(&self) -> usize {
        self.example.n_neurons()
    }

    pub(super) fn out(&self) -> &Lists {
        &self.out
    }

    pub(super) fn into(&self) -> &Lists {
        &self.into
    }

    fn has_places(&self) -> bool {
        !self.example.conditions.position.is_empty()
    }
}

impl Pairs for Prepared {
    fn places(&self, i: usize, into: &mut [f32]) {
        if !self.has_places() {
            into.fill(0.0);
            return;
        }
        let position = &self.example.conditions.position;
        for (j, into) in (i + 1..self.n()).zip(into.chunks_mut(2 * TABLES.len())) {
            let step = [0, 1, 2].map(|axis| (position[j][axis] - position[i][axis]) * LENGTH_UM as f32);
            let lateral = (step[0] * step[0] + step[2] * step[2]).sqrt();
            let distance = (lateral * lateral + step[1] * step[1]).sqrt();
            let far = place_of_length(distance);
            let depth = (step[1] / 20.0).asinh() * 3.37;
            let aside = place_of_length(lateral);
            let (of_i, of_j) = (self.crowding(distance, i), self.crowding(distance, j));
            into.copy_from_slice(&[
                far,
                15.5 + depth,
                aside,
                of_i,
                of_j,
                far,
                15.5 - depth,
                aside,
                of_j,
                of_i,
            ]);
        }
    }

    fn observed(&self, i: usize, into: PairRow<'_>) {
        let n = self.n();
        let mut linked = vec![0_u8; n];
        self.out.of(i).for_each(|(j, _)| linked[j] |= 1);
        self.into.of(i).for_each(|(j, _)| linked[j] |= 2);
        let seen = |from: usize, to: usize, bit: u8, linked: u8| {
            self.example.is_observed(from, to).then_some(linked & bit != 0)
        };
        for (j, compatible) in (i + 1..n).zip(into.compatible.iter_mut()) {
            *compatible = compatible_states(seen(i, j, 1, linked[j]), seen(j, i, 2, linked[j]));
        }
        if self.strengths == Strengths::Counted {
            for (direction, lists) in [&self.out, &self.into].into_iter().enumerate() {
                for (j, count) in lists.of(i).filter(|(j, _)| *j > i) {
                    into.strength[j - i - 1][direction] = count.round();
                }
            }
        }
    }
}

impl Prepared {
    /// ln(distance / spacing around a neuron) as a place in its table.
    fn crowding(&self, distance: f32, row: usize) -> f32 {
        10.0 + 3.0 * ((distance + 1.0) / self.spacing_um[row]).ln()
    }
}

/// ln(1 + d / 10 um) as a place in a table of 32 rows: the last row is beyond one millimetre.
fn place_of_length(distance_um: f32) -> f32 {
    (distance_um / 10.0).ln_1p() * 6.6
}

/// Mean distance to the nearest neurons, in micrometres, at least 1.
fn spacing(position: &[[f32; 3]]) -> Vec<f32> {
    let spacing_of = |here: &[f32; 3]| {
        let square =
            |there: &[f32; 3]| -> f32 { here.iter().zip(there).map(|(a, b)| (a - b) * (a - b)).sum() };
        let mut squares: Vec<f32> = position.iter().map(square).collect();
        squares.sort_unstable_by(f32::total_cmp);
        let nearest = &squares[1.min(squares.len())..squares.len().min(NEAREST + 1)];
        let sum: f32 = nearest.iter().map(|square| square.sqrt()).sum();
        (sum / nearest.len().max(1) as f32 * LENGTH_UM as f32).max(1.0)
    };
    position.iter().map(spacing_of).collect()
}

/// Position, sines of it at four scales, distance from the axis and from the centre, spacing, number of neurons.
fn place_features(position: &[[f32; 3]], spacing_um: &[f32]) -> Vec<f32> {
    let size = (position.len().max(1) as f32 / 100.0).ln();
    let mut features = Vec::with_capacity(position.len() * PLACE_FEATURES);
    for (at, spacing) in position.iter().zip(spacing_um) {
        features.extend(at);
        for scale in [0.5, 1.0, 2.0, 4.0] {
            features.extend(at.iter().flat_map(|x| [(x / scale).sin(), (x / scale).cos()]));
        }
        let lateral = at[0] * at[0] + at[2] * at[2];
        features.extend([lateral.sqrt(), (lateral + at[1] * at[1]).sqrt(), (spacing / 50.0).ln(), size]);
    }
    features
}

/// ln(1 + degree) of three kinds, and shares of the other neurons.
fn edge_features(out: &Lists, into: &Lists, n: usize) -> Vec<f32> {
    let mut features = Vec::with_capacity(n * EDGE_FEATURES);
    let others = n.saturating_sub(1).max(1) as f32;
    for row in 0..n {
        let (receivers, senders) = (out.row(row), into.row(row));
        let mutual = receivers.iter().filter(|one| senders.binary_search(one).is_ok()).count();
        let [n_out, n_in, mutual] = [receivers.len(), senders.len(), mutual].map(|count| count as f32);
        features.extend([
            n_out.ln_1p(),
            n_in.ln_1p(),
            mutual.ln_1p(),
            4.0 * n_out / others,
            4.0 * n_in / others,
        ]);
    }
    features
}
