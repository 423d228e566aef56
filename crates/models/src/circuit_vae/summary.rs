//! Numbers about a circuit as a whole, for the encoder.
//!
//! What all neurons share (how many edges, how many of them mutual, how far they reach, how uneven the degrees are) is a
//! sum over hundreds of edges. Means over neurons of learned features find it slowly and keep their noise; here it is
//! counted.

use super::prepared::Lists;

/// Numbers a circuit.
pub(super) const SUMMARY: usize = 12;
/// Numbers at the end that need positions.
pub(super) const OF_PLACES: usize = 3;
/// Length over which near pairs count, in units of 100 micrometres.
const NEAR: f32 = 0.5;

/// The last [`OF_PLACES`] are 0 without positions; edges that could not have been seen are not expected either.
pub(super) fn summary(
    (out, into): (&Lists, &Lists),
    position: &[[f32; 3]],
    n_observed_pairs: usize,
) -> [f32; SUMMARY] {
    let n = out.starts.len().saturating_sub(1);
    let counts = Counts::of(out, into);
    let (edges, pairs) = (counts.edges, (n_observed_pairs as f32).max(1.0));
    let density = edges / pairs;
    let mutual_by_degree = 0.5 * (counts.through / edges.max(1.0)).powi(2);
    let triples = (n as f32).powi(3) * density.powi(3);
    let [near, length, depth] = distances(out, position);
    [
        0.5 * ((edges + 1.0) / pairs).ln() + 1.5,
        0.5 * ((counts.mutual + 0.5) / (0.5 * pairs * density * density + 0.5)).ln(),
        0.5 * ((counts.mutual + 0.5) / (mutual_by_degree + 0.5)).ln(),
        unevenness(out),
        unevenness(into),
        counts.through / (edges * density).max(1.0) - 1.0,
        0.5 * ((counts.shortcuts + 1.0) / (triples + 1.0)).ln(),
        4.0 * silent(out),
        4.0 * silent(into),
        near,
        length,
        depth,
    ]
}

struct Counts {
    edges: f32,
    /// Pairs linked both ways.
    mutual: f32,
    /// sum over neurons of in-degree times out-degree: paths of two edges.
    through: f32,
    /// Paths of two edges whose ends are linked in the same direction.
    shortcuts: f32,
}

impl Counts {
    fn of(out: &Lists, into: &Lists) -> Self {
        let n = out.starts.len().saturating_sub(1);
        let (mut mutual, mut through, mut shortcuts) = (0_usize, 0_usize, 0_usize);
        for row in 0..n {
            let (receivers, senders) = (out.row(row), into.row(row));
            through += receivers.len() * senders.len();
            mutual += shared(receivers, senders);
            shortcuts += receivers.iter().map(|to| shared(receivers, out.row(*to as usize))).sum::<usize>();
        }
        Self {
            edges: out.list.len() as f32,
            mutual: 0.5 * mutual as f32,
            through: through as f32,
            shortcuts: shortcuts as f32,
        }
    }
}

/// Numbers that two ascending lists share.
fn shared(one: &[u32], other: &[u32]) -> usize {
    one.iter().filter(|neuron| other.binary_search(neuron).is_ok()).count()
}

/// ln(variance / mean) of degrees, 0 for a Poisson distribution.
fn unevenness(lists: &Lists) -> f32 {
    let n = lists.starts.len().saturating_sub(1).max(1) as f32;
    let mean = lists.list.len() as f32 / n;
    let squares: f32 = lists.starts.windows(2).map(|ends| ((ends[1] - ends[0]) as f32 - mean).powi(2)).sum();
    0.5 * ((squares / n + 0.1) / (mean + 0.1)).ln()
}

/// Share of neurons without an edge in a direction.
fn silent(lists: &Lists) -> f32 {
    let n = lists.starts.len().saturating_sub(1).max(1) as f32;
    lists.starts.windows(2).filter(|ends| ends[0] == ends[1]).count() as f32 / n
}

/// Logarithms of how much nearer and how much longer linked pairs are than all pairs, and their mean step in depth.
fn distances(out: &Lists, position: &[[f32; 3]]) -> [f32; 3] {
    let n = position.len();
    if n < 2 || out.list.is_empty() {
        return [0.0; 3];
    }
    let length = |i: usize, j: usize| -> f32 {
        position[i].iter().zip(&position[j]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    };
    let (mut all, mut linked, mut depth) = ([0.0_f64; 2], [0.0_f64; 2], 0.0_f64);
    for i in 0..n {
        for j in i + 1..n {
            let far = length(i, j);
            all = [all[0] + f64::from((-far / NEAR).exp()), all[1] + f64::from(far)];
        }
        for &j in out.row(i) {
            let far = length(i, j as usize);
            linked = [linked[0] + f64::from((-far / NEAR).exp()), linked[1] + f64::from(far)];
            depth += f64::from(position[j as usize][1] - position[i][1]);
        }
    }
    let (pairs, edges) = ((n * (n - 1) / 2) as f64, out.list.len() as f64);
    let ratio = |k: usize| (((linked[k] / edges + 1e-6) / (all[k] / pairs + 1e-6)).ln()) as f32;
    [ratio(0), 2.0 * ratio(1), (depth / edges) as f32]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit_vae::config::Strengths;
    use crate::circuit_vae::example::{GraphExample, NodeConditions};
    use crate::circuit_vae::prepared::Prepared;

    fn summary_of(n: usize, edges: &[(u32, u32)], position: Vec<[f32; 3]>) -> [f32; SUMMARY] {
        let mut edges = edges.to_vec();
        edges.sort_unstable();
        let conditions = NodeConditions { cell_type: vec![0; n], position };
        let example = GraphExample { conditions, edges, ..GraphExample::default() };
        Prepared::new(&example, Strengths::Ignored).summary
    }

    #[test]
    fn mutual_pairs_and_shortcuts_are_counted() {
        // A ring of four has no mutual pair; two mutual pairs have the same number of edges and of pairs.
        let ring = summary_of(4, &[(0, 1), (1, 2), (2, 3), (3, 0)], Vec::new());
        let mutual = summary_of(4, &[(0, 1), (1, 0), (2, 3), (3, 2)], Vec::new());
        assert_eq!(ring[0], mutual[0]);
        // Expected by chance: 6 pairs x (4/12)^2 = 2/3. ln((0 + .5) / (2/3 + .5)) and ln((2 + .5) / (2/3 + .5)), halved.
        assert!((ring[1] - 0.5 * (0.5_f32 / (2.0 / 3.0 + 0.5)).ln()).abs() < 1e-5);
        assert!((mutual[1] - 0.5 * (2.5_f32 / (2.0 / 3.0 + 0.5)).ln()).abs() < 1e-5);
        let closed = summary_of(4, &[(0, 1), (1, 2), (0, 2), (3, 0)], Vec::new());
        assert!(closed[6] > ring[6]);
        assert_eq!(ring[9..], [0.0; 3]);
    }

    #[test]
    fn near_edges_are_told_from_far_ones() {
        let line: Vec<[f32; 3]> = (0..6).map(|k| [0.0, k as f32, 0.0]).collect();
        let near = summary_of(6, &[(0, 1), (1, 2), (3, 4), (4, 5)], line.clone());
        let far = summary_of(6, &[(0, 5), (1, 5), (0, 4), (5, 0)], line);
        assert!(near[9] > far[9] && near[10] < far[10]);
        // Steps of +1, +1, +1, +1.
        assert!((near[11] - 1.0).abs() < 1e-6);
    }
}
