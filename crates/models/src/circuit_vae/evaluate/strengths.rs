//! How well the numbers of synapses of unseen edges are told, beside predictors that see no code.
//!
//! The score is -ln p(count | there is an edge), in nats an edge; less is better. It says nothing of where edges are.

use std::collections::HashMap;

use neuroloom_analysis::statistics::{Resampling, bootstrap_positions};
use serde::{Deserialize, Serialize};

use super::baselines::types;
use super::scores::Estimate;
use crate::Error;
use crate::circuit_vae::config::Strengths;
use crate::circuit_vae::example::GraphExample;
use crate::circuit_vae::model::{CircuitVae, Code};

/// Edges as all others that are added to each pair of types and to the tail of the frequencies.
const PRIOR_EDGES: f64 = 20.0;

/// Scores of the numbers of synapses of the edges of unseen circuits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrengthScores {
    /// Edges scored.
    pub n_edges: usize,
    /// Their mean number of synapses.
    pub mean_synapses: f64,
    /// Nats an edge with the mean code of each circuit.
    pub code: Estimate,
    /// Predictors that see no code.
    pub predictors: Vec<StrengthPredictor>,
}

/// A predictor of numbers of synapses beside the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrengthPredictor {
    /// Its name.
    pub name: String,
    /// Nats an edge.
    pub nats: Estimate,
    /// Its nats less those with the code, on the same resampled circuits: the code is better where `low` > 0.
    pub saved: Estimate,
}

/// Sum of -ln p and number of edges of each circuit.
type Costs = Vec<(f64, f64)>;

/// Nothing unless numbers of synapses were learned and are known in both parts.
pub(super) fn strengths(
    vae: &CircuitVae,
    (training, test): (&[GraphExample], &[GraphExample]),
    codes: &[Code],
    resampling: &Resampling,
) -> Result<Option<StrengthScores>, Error> {
    let known = |part: &[GraphExample]| part.iter().flat_map(edges).next().is_some();
    if vae.config().strengths == Strengths::Ignored || !known(training) || !known(test) {
        return Ok(None);
    }
    let own = decoded(vae, test, codes.iter().map(|code| code.mean.clone()))?;
    let nothing = vec![0.0; vae.config().latent];
    let mut predicted = vec![("without-code", decoded(vae, test, std::iter::repeat_n(nothing, test.len()))?)];
    predicted.extend(counted(training, test));
    let predictors: Result<Vec<StrengthPredictor>, Error> =
        predicted.into_iter().map(|(name, costs)| beside(name, (&own, &costs), resampling)).collect();
    let all = || test.iter().flat_map(edges);
    let n_edges = all().count();
    Ok(Some(StrengthScores {
        n_edges,
        mean_synapses: all().map(|one| one.2).sum::<f64>() / n_edges as f64,
        code: estimate(own.len(), |rows| mean(&own, rows), resampling)?,
        predictors: predictors?,
    }))
}

/// (pre, post, synapses) of the edges whose number of synapses is known.
fn edges(example: &GraphExample) -> impl Iterator<Item = (usize, usize, f64)> {
    let ends = example.edges.iter().map(|(pre, post)| (*pre as usize, *post as usize));
    let counts = example.syn_count.iter().map(|count| f64::from(count.round()));
    ends.zip(counts).map(|((pre, post), count)| (pre, post, count)).filter(|one| one.2 >= 1.0)
}

fn costs(test: &[GraphExample], nats: impl Fn(&GraphExample, (usize, usize, f64)) -> f64) -> Costs {
    let of = |example: &GraphExample| {
        edges(example).fold((0.0, 0.0), |(sum, n), edge| (sum + nats(example, edge), n + 1.0))
    };
    test.iter().map(of).collect()
}

fn decoded(
    vae: &CircuitVae,
    test: &[GraphExample],
    codes: impl Iterator<Item = Vec<f32>>,
) -> Result<Costs, Error> {
    let of = |(example, z): (&GraphExample, Vec<f32>)| {
        let table = vae.dyads(&z, Some(&example.conditions))?;
        let nats = |(i, j, count)| geometric(f64::from(table.mean_synapses(i, j)), count);
        Ok(edges(example).fold((0.0, 0.0), |(sum, n), edge| (sum + nats(edge), n + 1.0)))
    };
    test.iter().zip(codes).map(of).collect()
}

/// -ln of the geometric probability of `count` on 1, 2, ... with this mean.
fn geometric(mean: f64, count: f64) -> f64 {
    let success = (1.0 / mean.max(1.0)).min(1.0 - 1e-9);
    -success.ln() - (count - 1.0) * (-success).ln_1p()
}

/// What is counted of the training circuits: one mean, a mean a pair of types, how frequent each number is.
fn counted(training: &[GraphExample], test: &[GraphExample]) -> Vec<(&'static str, Costs)> {
    let mut by_types: HashMap<(u16, u16), (f64, f64)> = HashMap::new();
    let mut frequency: HashMap<u64, f64> = HashMap::new();
    let (mut total, mut n) = (0.0, 0.0);
    for example in training {
        for (pre, post, count) in edges(example) {
            let sum = by_types.entry(types(example, pre, post)).or_default();
            *sum = (sum.0 + count, sum.1 + 1.0);
            *frequency.entry(count as u64).or_default() += 1.0;
            (total, n) = (total + count, n + 1.0);
        }
    }
    let overall = total / n;
    let of_types = |example: &GraphExample, (pre, post, count): (usize, usize, f64)| {
        let (sum, n) = by_types.get(&types(example, pre, post)).copied().unwrap_or_default();
        geometric((sum + PRIOR_EDGES * overall) / (n + PRIOR_EDGES), count)
    };
    let as_frequent = |_: &GraphExample, (_, _, count): (usize, usize, f64)| {
        let seen = frequency.get(&(count as u64)).copied().unwrap_or_default();
        let tail = PRIOR_EDGES * (-geometric(overall, count)).exp();
        -((seen + tail) / (n + PRIOR_EDGES)).ln()
    };
    vec![
        ("geometric", costs(test, |_, edge| geometric(overall, edge.2))),
        ("geometric-by-types", costs(test, of_types)),
        ("frequencies", costs(test, as_frequent)),
    ]
}

fn beside(
    name: &str,
    (own, other): (&Costs, &Costs),
    resampling: &Resampling,
) -> Result<StrengthPredictor, Error> {
    Ok(StrengthPredictor {
        name: name.to_owned(),
        nats: estimate(own.len(), |rows| mean(other, rows), resampling)?,
        saved: estimate(own.len(), |rows| mean(other, rows) - mean(own, rows), resampling)?,
    })
}

/// Nats an edge over some circuits.
fn mean(costs: &Costs, rows: &[usize]) -> f64 {
    let (sum, n) = rows.iter().fold((0.0, 0.0), |(sum, n), &row| (sum + costs[row].0, n + costs[row].1));
    sum / n
}

fn estimate(
    n: usize,
    of: impl Fn(&[usize]) -> f64 + Sync,
    resampling: &Resampling,
) -> Result<Estimate, Error> {
    let interval = bootstrap_positions(n, of, resampling)?;
    Ok(Estimate::new(interval.estimate, interval))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit_vae::example::NodeConditions;

    fn example(counts: &[f32]) -> GraphExample {
        let edges = (0..counts.len() as u32).map(|post| (0, post + 1)).collect();
        let conditions = NodeConditions { cell_type: vec![1; counts.len() + 1], ..NodeConditions::default() };
        GraphExample { conditions, edges, syn_count: counts.to_vec(), ..GraphExample::default() }
    }

    #[test]
    fn costs_are_as_by_hand() {
        // Mean 2: p(1) = 1/2, p(3) = 1/8.
        assert!((geometric(2.0, 1.0) - 2_f64.ln()).abs() < 1e-12);
        assert!((geometric(2.0, 3.0) - 8_f64.ln()).abs() < 1e-12);
        // All edges have one synapse: nothing is left to tell, and another number is dear but finite.
        assert!(geometric(1.0, 1.0) < 1e-8 && geometric(1.0, 2.0) > 20.0 && geometric(1.0, 2.0).is_finite());
    }

    #[test]
    fn predictors_are_fitted_to_training_alone_and_unknown_counts_are_left_out() {
        // Training mean (1 + 1 + 4) / 3 = 2, one pair of types; the edge with count 0 is unknown.
        let (training, test) = ([example(&[1.0, 1.0, 4.0])], [example(&[1.0, 0.0, 2.0])]);
        let found = counted(&training, &test);
        let nats = |place: usize| found[place].1[0];
        let by_hand = 2_f64.ln() + 4_f64.ln();
        assert_eq!((found[0].0, nats(0).1), ("geometric", 2.0));
        assert!((nats(0).0 - by_hand).abs() < 1e-12 && (nats(1).0 - by_hand).abs() < 1e-12);
        // p(1) = (2 + 20 / 2) / 23, p(2) = (0 + 20 / 4) / 23.
        let by_hand = -(12.0_f64 / 23.0).ln() - (5.0_f64 / 23.0).ln();
        assert!((nats(2).0 - by_hand).abs() < 1e-12);
    }
}
