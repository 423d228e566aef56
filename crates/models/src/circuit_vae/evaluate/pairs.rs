//! The ordered pairs of test circuits that could have been seen, and their scores.

use neuroloom_analysis::metrics::classification::{auroc, average_precision};
use neuroloom_core::CircuitPart;

use crate::Error;
use crate::circuit_vae::example::GraphExample;

/// Levels to which scores are rounded for resampling.
const LEVELS: usize = 4096;

/// Which pairs are edges, circuit after circuit.
pub(super) struct TestPairs {
    labels: Vec<bool>,
    /// Where the pairs of each circuit start, and the end.
    starts: Vec<usize>,
}

/// The scores that one predictor gives.
pub(super) struct Scored {
    pub(super) auroc: f64,
    pub(super) average_precision: f64,
    /// AUROC and average precision of each circuit that has an edge.
    pub(super) of_circuits: Vec<(f64, f64)>,
    /// Per circuit (edges, other pairs) of each level of the score, the highest level last.
    pub(super) levels: Vec<Vec<(u16, u32, u32)>>,
}

/// The ordered pairs of a circuit that could have been seen, row after row.
pub(super) fn of_circuit(example: &GraphExample) -> impl Iterator<Item = (usize, usize)> {
    let n = example.n_neurons();
    let all = (0..n).flat_map(move |i| (0..n).map(move |j| (i, j)));
    all.filter(|&(i, j)| example.is_observed(i, j))
}

/// Whether each of these pairs is an edge.
pub(super) fn labels_of(example: &GraphExample) -> Vec<bool> {
    of_circuit(example).map(|(i, j)| example.edges.binary_search(&(i as u32, j as u32)).is_ok()).collect()
}

impl TestPairs {
    pub(super) fn new(examples: &[GraphExample], part: CircuitPart) -> Result<Self, Error> {
        let (mut labels, mut starts) = (Vec::new(), vec![0]);
        for example in examples {
            labels.extend(labels_of(example));
            starts.push(labels.len());
        }
        let n_edges = labels.iter().filter(|&&edge| edge).count();
        if n_edges == 0 || n_edges == labels.len() {
            let problem = format!(
                "its {part} part has {} circuits, {} pairs that could have been seen and {n_edges} edges; some pairs \
                 must be edges and some not",
                examples.len(),
                labels.len()
            );
            return Err(Error::Circuits { problem });
        }
        Ok(Self { labels, starts })
    }

    pub(super) fn n_pairs(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn n_edges(&self) -> usize {
        self.labels.iter().filter(|&&edge| edge).count()
    }

    pub(super) fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// Scores of all pairs, in their order.
    pub(super) fn scored(&self, values: &[f64]) -> Result<Scored, Error> {
        let level = levels(values);
        let mut scored = Scored {
            auroc: auroc(values, &self.labels)?,
            average_precision: average_precision(values, &self.labels)?,
            of_circuits: Vec::new(),
            levels: Vec::new(),
        };
        for ends in self.starts.windows(2) {
            let range = ends[0]..ends[1];
            let (values, labels) = (&values[range.clone()], &self.labels[range.clone()]);
            if labels.contains(&true) && labels.contains(&false) {
                scored.of_circuits.push((auroc(values, labels)?, average_precision(values, labels)?));
            }
            let mut counts = vec![(0, 0); LEVELS];
            for (level, edge) in level[range].iter().zip(labels) {
                let count: &mut (u32, u32) = &mut counts[usize::from(*level)];
                if *edge { count.0 += 1 } else { count.1 += 1 }
            }
            let filled = counts.into_iter().zip(0_u16..).filter(|(count, _)| *count != (0, 0));
            scored.levels.push(filled.map(|((edges, others), level)| (level, edges, others)).collect());
        }
        Ok(scored)
    }
}

impl Scored {
    /// AUROC and average precision of the circuits at `positions`, on scores rounded to levels; NaN if they have no
    /// edge or nothing else.
    pub(super) fn resampled(&self, positions: &[usize]) -> (f64, f64) {
        let mut counts = vec![(0.0, 0.0); LEVELS];
        for &position in positions {
            for &(level, edges, others) in &self.levels[position] {
                let count: &mut (f64, f64) = &mut counts[usize::from(level)];
                *count = (count.0 + f64::from(edges), count.1 + f64::from(others));
            }
        }
        let (edges, others) = counts.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if edges == 0.0 || others == 0.0 {
            return (f64::NAN, f64::NAN);
        }
        let (mut wins, mut area, mut found, mut called, mut below) = (0.0, 0.0, 0.0, 0.0, others);
        for (hit, miss) in counts.into_iter().rev() {
            below -= miss;
            wins += hit * (below + 0.5 * miss);
            (found, called) = (found + hit, called + hit + miss);
            if called > 0.0 {
                area += hit / edges * found / called;
            }
        }
        (wins / (edges * others), area)
    }
}

/// Scores by rank in levels of about equally many; equal scores are of one level.
fn levels(values: &[f64]) -> Vec<u16> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut level = vec![0; values.len()];
    let mut current = 0;
    for (rank, &at) in order.iter().enumerate() {
        let is_tie = rank > 0 && values[order[rank - 1]] == values[at];
        if !is_tie {
            current = (rank * LEVELS / values.len()) as u16;
        }
        level[at] = current;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_keep_scores_that_are_few() -> Result<(), Error> {
        let values: Vec<f64> = (0..600).map(|at| f64::from(at * 37 % 101)).collect();
        let labels: Vec<bool> = (0..600).map(|at| at * 37 % 101 > 60 || at % 7 == 0).collect();
        let pairs = TestPairs { labels, starts: vec![0, 200, 600] };
        let scored = pairs.scored(&values)?;
        let (area, precision) = scored.resampled(&[0, 1]);
        assert!((area - scored.auroc).abs() < 1e-12);
        assert!((precision - scored.average_precision).abs() < 1e-12);
        assert_eq!(scored.of_circuits.len(), 2);
        Ok(())
    }
}
