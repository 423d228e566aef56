//! Groups of neurons that are densely wired among themselves: Louvain and Leiden on the directed modularity.

mod leiden;
mod louvain;
mod network;

use neuroloom_core::Seed;
use rayon::prelude::*;

use super::{DirectedGraph, modularity};
use crate::Error;
use network::Network;

/// How communities are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommunitySearch {
    /// Local moves and aggregation (Blondel et al. 2008).
    Louvain,
    /// Local moves, refinement and aggregation (Traag et al. 2019): every community is connected.
    #[default]
    Leiden,
}

/// How communities are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommunityConfig {
    /// The algorithm.
    pub search: CommunitySearch,
    /// Independent searches, of which the one with the highest modularity is kept.
    pub n_starts: usize,
    /// Above 1 for more and smaller communities; what is reported as modularity is that of resolution 1.
    pub resolution: f64,
    /// Seed of the order of moves.
    pub seed: Seed,
}

impl Default for CommunityConfig {
    fn default() -> Self {
        Self { search: CommunitySearch::default(), n_starts: 10, resolution: 1.0, seed: Seed(0) }
    }
}

/// A partition and how good it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Communities {
    /// Community of each neuron, numbered by first neuron.
    pub labels: Vec<u32>,
    /// Number of communities.
    pub n_communities: usize,
    /// Directed modularity; compare with that of null models, since random graphs have communities too.
    pub modularity: f64,
}

/// The best of several searches for communities.
///
/// # Errors
/// [`Error::Value`] for no starts, a resolution that is not positive, or negative weights.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{CommunityConfig, DirectedGraph, communities};
/// // two cycles of three, joined by one edge
/// let edges = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)];
/// let found = communities(&DirectedGraph::from_edges(6, &edges)?, &CommunityConfig::default())?;
/// assert_eq!(found.labels, [0, 0, 0, 1, 1, 1]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn communities(graph: &DirectedGraph, config: &CommunityConfig) -> Result<Communities, Error> {
    check(graph, config)?;
    let network = Network::of(graph, config.resolution);
    let search = |start: usize| {
        let seed = config.seed.split("communities").nth(start as u64);
        let raw = match config.search {
            CommunitySearch::Louvain => louvain::search(&network, seed),
            CommunitySearch::Leiden => leiden::search(&network, seed),
        };
        let labels = network::numbered(&raw);
        (network.quality(&labels), labels)
    };
    let found: Vec<(f64, Vec<u32>)> = (0..config.n_starts).into_par_iter().map(search).collect();
    // The first of equally good ones.
    let best = found.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best });
    let labels = best.map(|(_, labels)| labels).unwrap_or_default();
    Ok(Communities {
        n_communities: labels.iter().max().map_or(0, |&largest| largest as usize + 1),
        modularity: modularity(graph, &labels)?,
        labels,
    })
}

fn check(graph: &DirectedGraph, config: &CommunityConfig) -> Result<(), Error> {
    let refuse =
        |what, given: String, allowed: &str| Err(Error::Value { what, given, allowed: allowed.into() });
    if config.n_starts == 0 {
        return refuse("n_starts", "0".into(), "at least 1");
    }
    if config.resolution.is_nan() || config.resolution <= 0.0 {
        return refuse("resolution", config.resolution.to_string(), "above 0");
    }
    match graph.weighted_edges().find(|&(_, _, weight)| weight < 0.0) {
        Some((_, _, weight)) => refuse("weight of an edge", weight.to_string(), "at least 0"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::weak_components;
    use super::*;
    use proptest::prelude::*;

    fn blocks(n_groups: u32, size: u32) -> DirectedGraph {
        let edges: Vec<(u32, u32)> = (0..n_groups)
            .flat_map(|group| {
                (0..size).flat_map(move |a| (0..size).map(move |b| (group * size + a, group * size + b)))
            })
            .chain((0..n_groups).map(|group| (group * size, (group + 1) % n_groups * size)))
            .collect();
        DirectedGraph::from_edges((n_groups * size) as usize, &edges).unwrap()
    }

    #[test]
    fn a_ring_of_cliques_is_taken_apart() {
        for search in [CommunitySearch::Louvain, CommunitySearch::Leiden] {
            let found =
                communities(&blocks(8, 6), &CommunityConfig { search, ..Default::default() }).unwrap();
            let expected: Vec<u32> = (0..48).map(|neuron| neuron / 6).collect();
            assert_eq!(found.labels, expected, "{search:?}");
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let graph = blocks(5, 7);
        let with = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| communities(&graph, &CommunityConfig::default())).unwrap()
        };
        assert_eq!(with(1), with(3));
    }

    proptest! {
        #[test]
        fn communities_of_leiden_hang_together_and_beat_one_group(
            edges in prop::collection::vec((0..20_u32, 0..20_u32), 1..90), seed in any::<u64>()
        ) {
            let graph = DirectedGraph::from_edges(20, &edges)?;
            prop_assume!(graph.n_edges() > 0);
            let found = communities(&graph, &CommunityConfig { n_starts: 2, seed: Seed(seed), ..Default::default() })?;
            prop_assert!(found.modularity >= -1e-12);
            for label in 0..found.n_communities as u32 {
                let members: Vec<u32> = (0..20).filter(|&neuron| found.labels[neuron as usize] == label).collect();
                prop_assert_eq!(weak_components(&graph.induced(&members)?).sizes.len(), 1);
            }
        }
    }
}
