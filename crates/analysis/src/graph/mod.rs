//! Numbers of a wiring diagram: directed, typed, with masks respected.
//!
//! Everything starts from a [`DirectedGraph`]: neurons `0..n`, at most one edge for each ordered pair, no edge
//! from a neuron to itself. `A[pre, post]` is 1 where there is an edge; `U` is the underlying undirected graph,
//! in which two neurons are joined if there is an edge either way.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::graph::DirectedGraph;
//! // 0 -> 1 -> 2 -> 0 and 1 -> 0
//! let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2), (2, 0), (1, 0)])?;
//! assert_eq!((graph.n_neurons(), graph.n_edges()), (3, 4));
//! assert_eq!(graph.successors(1), [0, 2]);
//! assert_eq!(graph.predecessors(0), [1, 2]);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod directed;
mod undirected;

pub use directed::DirectedGraph;
pub use undirected::{Dyad, UndirectedGraph};
