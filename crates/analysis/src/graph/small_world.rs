//! More clustered than random, shorter than a lattice?

use neuroloom_core::Seed;
use rayon::prelude::*;

use super::nulls::{latticized, rewired};
use super::paths::undirected_path_summary;
use super::triangles::TriangleCounts;
use super::{DirectedGraph, UndirectedGraph, clustering};
use crate::Error;
use crate::statistics::mean_and_sd;

/// Draws of the references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmallWorldConfig {
    /// Random references; the lattice is drawn once.
    pub n_draws: usize,
    /// Swaps for each joined pair.
    pub swaps_per_edge: usize,
    /// Seed of the swaps.
    pub seed: Seed,
}

impl Default for SmallWorldConfig {
    fn default() -> Self {
        Self { n_draws: 20, swaps_per_edge: 10, seed: Seed(0) }
    }
}

/// Clustering `C` (mean local) and mean path length `L` of `U` beside its references with the same degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmallWorld {
    /// `(C / C_rand) / (L / L_rand)`: above 1 for a small world (Humphries and Gurney 2008).
    pub sigma: f64,
    /// `L_rand / L - C / C_lattice`: near 0 for a small world, towards 1 random, towards -1 a lattice
    /// (Telesford et al. 2011).
    pub omega: f64,
    /// Mean clustering of the random references.
    pub clustering_random: f64,
    /// Mean path length of the random references.
    pub length_random: f64,
    /// Clustering of the lattice-like reference.
    pub clustering_lattice: f64,
}

/// The two small-world numbers. Path lengths are means over the joined pairs of each graph.
///
/// # Errors
/// [`Error::TooFew`] for no draws.
pub fn small_world(graph: &DirectedGraph, config: &SmallWorldConfig) -> Result<SmallWorld, Error> {
    let joined = UndirectedGraph::new(graph);
    let seed = config.seed.split("small world");
    let random = |draw: usize| -> Result<(f64, f64), Error> {
        let mut rng = seed.nth(draw as u64).rng();
        measured(joined.n_neurons(), &rewired(&joined, config.swaps_per_edge, &mut rng))
    };
    let random: Vec<(f64, f64)> =
        (0..config.n_draws).into_par_iter().map(random).collect::<Result<_, _>>()?;
    let (of_clustering, of_length): (Vec<f64>, Vec<f64>) = random.into_iter().unzip();
    let (clustering_random, length_random) = (mean_and_sd(&of_clustering)?.0, mean_and_sd(&of_length)?.0);
    let mut rng = seed.split("lattice").rng();
    let lattice = latticized(&joined, config.swaps_per_edge, &mut rng);
    let clustering_lattice = measured(joined.n_neurons(), &lattice)?.0;
    let (here, length) = scores(&joined);
    Ok(SmallWorld {
        sigma: (here / clustering_random) / (length / length_random),
        omega: length_random / length - here / clustering_lattice,
        clustering_random,
        length_random,
        clustering_lattice,
    })
}

fn measured(n: usize, pairs: &[(u32, u32)]) -> Result<(f64, f64), Error> {
    Ok(scores(&UndirectedGraph::new(&DirectedGraph::from_edges(n, pairs)?)))
}

fn scores(joined: &UndirectedGraph) -> (f64, f64) {
    let found = clustering::from_triangles(joined, &TriangleCounts::of(joined));
    (found.average_local, undirected_path_summary(joined).mean_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 neurons on a ring, each joined to the three next on either side; every tenth pair leads anywhere.
    fn ring(shortcuts: bool) -> DirectedGraph {
        let pairs = (0..60_u32).flat_map(|a| (1..4).map(move |step| (a, step)));
        let end = |(a, step): (u32, u32)| match shortcuts && (3 * a + step) % 10 == 0 {
            true => (a, (a * 17 + 23) % 60),
            false => (a, (a + step) % 60),
        };
        DirectedGraph::from_edges(60, &pairs.map(end).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_ring_with_shortcuts_is_a_small_world_and_a_ring_a_lattice() {
        let small = small_world(&ring(true), &SmallWorldConfig::default()).unwrap();
        let lattice = small_world(&ring(false), &SmallWorldConfig::default()).unwrap();
        assert!(small.sigma > 2.0, "{small:?}");
        assert!(lattice.omega < -0.3 && lattice.omega < small.omega, "{lattice:?} {small:?}");
    }
}
