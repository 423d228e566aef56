//! Several circuits as one list of rows.

use neuroloom_nn::kernel::layer_norm::Segments;
use neuroloom_nn::kernel::neighbours::Neighbours;

use super::super::prepared::{EDGE_FEATURES, Lists, PLACE_FEATURES, Prepared};
use super::field::{Fields, excess_degrees};
use crate::Error;
use crate::circuit_vae::config::CircuitVaeConfig;

/// Conditions of several circuits, one behind the other.
#[derive(Debug, Clone)]
pub(in crate::circuit_vae) struct Rows {
    pub(super) segments: Segments,
    /// Type of each neuron.
    pub(super) cell_type: Vec<u32>,
    /// Position of each neuron in the canonical order of its circuit.
    pub(super) slot: Vec<u32>,
    /// Fixed fields `[neuron, latent]`.
    pub(super) fields: Vec<f32>,
    /// `[neuron, PLACE_FEATURES]`; zeros where positions are unknown.
    pub(super) place: Vec<f32>,
}

/// Edges of several circuits.
#[derive(Debug, Clone)]
pub(in crate::circuit_vae) struct Wiring {
    /// `[neuron, EDGE_FEATURES]`.
    pub(super) edge: Vec<f32>,
    /// `[circuit, SUMMARY]`.
    pub(super) summary: Vec<f32>,
    /// Excess of out- and in-degrees `[neuron, 2]`.
    pub(super) excess: Vec<f32>,
    pub(super) receivers: Neighbours,
    pub(super) senders: Neighbours,
}

impl Rows {
    pub(in crate::circuit_vae) fn new(
        circuits: &[&Prepared],
        config: &CircuitVaeConfig,
    ) -> Result<Self, Error> {
        let lengths: Vec<usize> = circuits.iter().map(|circuit| circuit.n()).collect();
        let place = |circuit: &&Prepared| match circuit.place.is_empty() {
            true => vec![0.0; circuit.n() * PLACE_FEATURES],
            false => circuit.place.clone(),
        };
        let fields = Fields::new(config.latent);
        Ok(Self {
            segments: Segments::new(&lengths, config.width)?,
            fields: circuits.iter().flat_map(|circuit| fields.values(&circuit.example)).collect(),
            cell_type: circuits
                .iter()
                .flat_map(|circuit| circuit.example.conditions.cell_type.iter().map(|code| u32::from(*code)))
                .collect(),
            slot: lengths.iter().flat_map(|length| 0..*length as u32).collect(),
            place: circuits.iter().flat_map(place).collect(),
        })
    }

    pub(super) fn n_circuits(&self) -> usize {
        self.segments.lengths().len()
    }
}

impl Wiring {
    pub(in crate::circuit_vae) fn new(circuits: &[&Prepared]) -> Result<Self, Error> {
        let mut edge = Vec::with_capacity(circuits.iter().map(|one| one.n() * EDGE_FEATURES).sum());
        circuits.iter().for_each(|circuit| edge.extend(&circuit.edge));
        Ok(Self {
            edge,
            summary: circuits.iter().flat_map(|circuit| circuit.summary).collect(),
            excess: circuits.iter().flat_map(|circuit| excess_degrees(&circuit.example)).collect(),
            receivers: joined(circuits, Prepared::out)?,
            senders: joined(circuits, Prepared::into)?,
        })
    }
}

fn joined(circuits: &[&Prepared], of: impl Fn(&Prepared) -> &Lists) -> Result<Neighbours, Error> {
    let (mut starts, mut list, mut before) = (vec![0], Vec::new(), 0_u32);
    for circuit in circuits {
        let lists = of(circuit);
        let edges_before = list.len();
        starts.extend(lists.starts[1..].iter().map(|start| edges_before + start));
        list.extend(lists.list.iter().map(|row| before + row));
        before += circuit.n() as u32;
    }
    Ok(Neighbours::new(&starts, &list, before as usize)?)
}
