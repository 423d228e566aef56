//! Circuits cut out of a connectome, and sets of them.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Connectome, Error, NeuronId};

/// Where a circuit comes from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CircuitOrigin {
    /// How it was made: the sampler (`cylinder`, ...) or the model that generated it.
    pub method: String,
    /// Seed of this one circuit.
    pub seed: u64,
    /// Centre of the cut in micrometres, where the cut has one.
    pub center_um: Option<[f64; 3]>,
    /// Radius of the cut in micrometres, where the cut has one.
    pub radius_um: Option<f64>,
}

/// Some neurons with every edge among them, and where they were cut out.
///
/// # Examples
/// ```
/// use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable};
/// let neurons = NeuronTable::new(NeuronId::numbered(2))?;
/// let edges = EdgeList { pre: vec![0], post: vec![1], ..EdgeList::default() };
/// let origin = CircuitOrigin { method: "cylinder".to_owned(), seed: 7, ..CircuitOrigin::default() };
/// let circuit = Circuit::new(Connectome::new(neurons, edges)?, origin);
/// assert_eq!((circuit.n_neurons(), circuit.n_edges()), (2, 1));
/// # Ok::<(), neuroloom_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Circuit {
    connectome: Connectome,
    origin: CircuitOrigin,
}

impl Circuit {
    /// A circuit and where it comes from.
    pub fn new(connectome: Connectome, origin: CircuitOrigin) -> Self {
        Self { connectome, origin }
    }

    /// Its neurons and edges.
    pub fn connectome(&self) -> &Connectome {
        &self.connectome
    }

    /// Where it comes from.
    pub fn origin(&self) -> &CircuitOrigin {
        &self.origin
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.connectome.neurons().len()
    }

    /// Number of edges.
    pub fn n_edges(&self) -> usize {
        self.connectome.edges().len()
    }
}

/// What a circuit of a set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CircuitPart {
    /// Models are fitted to it.
    #[default]
    Train,
    /// Settings are chosen on it.
    Validation,
    /// Scores are measured on it.
    Test,
}

impl CircuitPart {
    /// All parts, in order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The part of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

impl fmt::Display for CircuitPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Circuits, each with the part it belongs to.
///
/// # Examples
/// ```
/// use neuroloom_core::{Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, EdgeList, NeuronId, NeuronTable};
/// let single = |id: i64| -> Result<Circuit, neuroloom_core::Error> {
///     let neurons = NeuronTable::new(vec![NeuronId::from(id)])?;
///     Ok(Circuit::new(Connectome::new(neurons, EdgeList::default())?, CircuitOrigin::default()))
/// };
/// let set = CircuitSet::new(vec![single(7)?, single(8)?], vec![CircuitPart::Train, CircuitPart::Test])?;
/// assert_eq!(set.of_part(CircuitPart::Test).count(), 1);
/// assert_eq!(set.n_shared_neurons(CircuitPart::Train, CircuitPart::Test), 0);
/// # Ok::<(), neuroloom_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CircuitSet {
    circuits: Vec<Circuit>,
    part: Vec<CircuitPart>,
}

impl CircuitSet {
    /// A set with the part of each circuit.
    ///
    /// # Errors
    /// [`Error::Shape`] if the lists differ in length.
    pub fn new(circuits: Vec<Circuit>, part: Vec<CircuitPart>) -> Result<Self, Error> {
        if circuits.len() != part.len() {
            let allowed = format!("[{}], one a circuit", circuits.len());
            return Err(Error::Shape { what: "part", given: format!("[{}]", part.len()), allowed });
        }
        Ok(Self { circuits, part })
    }

    /// A set that is not split: every circuit may train.
    pub fn unsplit(circuits: Vec<Circuit>) -> Self {
        let part = vec![CircuitPart::Train; circuits.len()];
        Self { circuits, part }
    }

    /// Number of circuits.
    pub fn len(&self) -> usize {
        self.circuits.len()
    }

    /// Whether there is no circuit.
    pub fn is_empty(&self) -> bool {
        self.circuits.is_empty()
    }

    /// The circuits, in order.
    pub fn circuits(&self) -> &[Circuit] {
        &self.circuits
    }

    /// The part of each circuit.
    pub fn part(&self) -> &[CircuitPart] {
        &self.part
    }

    /// The circuits of one part.
    pub fn of_part(&self, part: CircuitPart) -> impl Iterator<Item = &Circuit> {
        self.circuits.iter().zip(&self.part).filter(move |(_, one)| **one == part).map(|(circuit, _)| circuit)
    }

    /// Number of neurons (by id) that occur in circuits of both parts; 0 where a split does not leak.
    pub fn n_shared_neurons(&self, first: CircuitPart, second: CircuitPart) -> usize {
        self.neurons_of(first).intersection(&self.neurons_of(second)).count()
    }

    /// Number of different neurons (by id) in the circuits of a part.
    pub fn n_neurons_of(&self, part: CircuitPart) -> usize {
        self.neurons_of(part).len()
    }

    fn neurons_of(&self, part: CircuitPart) -> HashSet<&NeuronId> {
        self.of_part(part).flat_map(|circuit| circuit.connectome.neurons().id()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EdgeList, NeuronTable};

    fn circuit(ids: &[i64]) -> Circuit {
        let neurons = NeuronTable::new(ids.iter().map(|&id| NeuronId::from(id)).collect()).unwrap();
        Circuit::new(Connectome::new(neurons, EdgeList::default()).unwrap(), CircuitOrigin::default())
    }

    #[test]
    fn shared_neurons_are_counted_once() {
        let parts = vec![CircuitPart::Train, CircuitPart::Train, CircuitPart::Test];
        let set =
            CircuitSet::new(vec![circuit(&[1, 2]), circuit(&[2, 3]), circuit(&[2, 3, 4])], parts).unwrap();
        assert_eq!(set.n_shared_neurons(CircuitPart::Train, CircuitPart::Test), 2);
        assert_eq!(set.n_neurons_of(CircuitPart::Train), 3);
        assert_eq!(set.n_shared_neurons(CircuitPart::Train, CircuitPart::Validation), 0);
    }

    #[test]
    fn every_circuit_has_a_part() {
        assert!(matches!(CircuitSet::new(vec![circuit(&[1])], Vec::new()), Err(Error::Shape { .. })));
        assert_eq!(CircuitPart::ALL.map(|part| CircuitPart::parse(part.name())), CircuitPart::ALL.map(Some));
        assert_eq!(CircuitPart::parse("holdout"), None);
    }
}
