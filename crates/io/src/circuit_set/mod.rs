//! Sets of circuits: a folder with three Parquet tables.
//!
//! | table | a row | columns |
//! |---|---|---|
//! | `circuits.parquet` | a circuit | `circuit part n_neurons n_edges method seed center_x_um center_y_um center_z_um radius_um node_group edge_group` |
//! | `nodes.parquet` | a neuron of a circuit | `circuit node_id`, and where known `cell_type x_um y_um z_um pre_observed post_observed` |
//! | `edges.parquet` | an edge of a circuit | `circuit pre post` (positions within the circuit), and where known `syn_count sign weight kind` |
//!
//! Nodes and edges are in the order of the circuits; `node_group` and `edge_group` say which row group of the table
//! holds a circuit, so that one circuit is read without the others.

mod read;
mod write;

pub use read::{CircuitSetFile, open_circuit_set, read_circuit_set};
pub use write::write_circuit_set;

/// The index of a set.
const CIRCUITS: &str = "circuits.parquet";
const NODES: &str = "nodes.parquet";
const EDGES: &str = "edges.parquet";
