//! How much denser are given groups inside than their degrees explain?

use super::DirectedGraph;
use crate::Error;

/// Directed modularity of a partition (Leicht and Newman 2008),
///
/// `Q = (1 / E) sum_ij (A_ij - k_out_i k_in_j / E) [group_i = group_j]`,
///
/// weights taking the place of `A` where the graph has them. 0 is chance given the degrees, 1 the limit of many
/// separate groups. NaN without edges.
///
/// # Errors
/// [`Error::Shape`] if there is not one label a neuron.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, modularity};
/// // two pairs apart: 1 - (1/4 + 1/4)
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 0), (2, 3), (3, 2)])?;
/// assert_eq!(modularity(&graph, &[0, 0, 1, 1])?, 0.5);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn modularity(graph: &DirectedGraph, groups: &[u32]) -> Result<f64, Error> {
    let n = graph.n_neurons();
    if groups.len() != n {
        let (given, allowed) = (format!("[{}]", groups.len()), format!("[{n}], one a neuron"));
        return Err(Error::Shape { what: "groups", given, allowed });
    }
    let n_groups = groups.iter().max().map_or(0, |&largest| largest as usize + 1);
    let (mut out, mut into) = (vec![0.0; n_groups], vec![0.0; n_groups]);
    let (mut inside, mut total) = (0.0, 0.0);
    for neuron in 0..n as u32 {
        let group = groups[neuron as usize] as usize;
        let receivers = graph.successors(neuron);
        match graph.successor_weights(neuron) {
            Some(weights) => {
                for (&post, &weight) in receivers.iter().zip(weights) {
                    into[groups[post as usize] as usize] += weight;
                    out[group] += weight;
                    total += weight;
                    inside += if groups[post as usize] as usize == group { weight } else { 0.0 };
                }
            }
            // Without weights degrees say all but which edges are inside, and those are counted.
            None => {
                let own = groups[neuron as usize];
                out[group] += receivers.len() as f64;
                into[group] += graph.predecessors(neuron).len() as f64;
                total += receivers.len() as f64;
                inside += receivers.iter().filter(|&&post| groups[post as usize] == own).count() as f64;
            }
        }
    }
    let expected: f64 = out.iter().zip(&into).map(|(out, into)| out * into).sum();
    Ok(inside / total - expected / (total * total))
}
