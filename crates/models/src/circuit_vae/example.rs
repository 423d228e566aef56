//! A circuit as the model sees it.

use neuroloom_core::{Circuit, CircuitSet, EdgeMask, NeuronTable};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Positions are divided by this many micrometres.
pub(super) const LENGTH_UM: f64 = 100.0;
/// The label of types that the training circuits lack.
const UNKNOWN: &str = "unknown";

/// The cell types of the training circuits, in alphabetical order behind `unknown`.
///
/// # Examples
/// ```
/// use neuroloom_models::circuit_vae::Vocabulary;
/// let vocabulary = Vocabulary::of_labels(["MC", "23P", "MC"]);
/// assert_eq!(vocabulary.labels(), ["unknown", "23P", "MC"]);
/// assert_eq!((vocabulary.code("MC"), vocabulary.code("NGC")), (2, 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    labels: Vec<String>,
}

impl Vocabulary {
    /// The types of all circuits of a set that train.
    pub fn of_set(set: &CircuitSet) -> Self {
        let training = set.of_part(neuroloom_core::CircuitPart::Train);
        Self::of_labels(training.flat_map(|circuit| {
            circuit.connectome().neurons().cell_type().unwrap_or_default().iter().map(String::as_str)
        }))
    }

    /// The types among these labels.
    pub fn of_labels<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        let mut labels: Vec<String> = labels
            .into_iter()
            .filter(|label| !label.is_empty() && *label != UNKNOWN)
            .map(ToOwned::to_owned)
            .collect();
        labels.sort_unstable();
        labels.dedup();
        labels.insert(0, UNKNOWN.to_owned());
        Self { labels }
    }

    /// The labels; the first is `unknown`.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Number of labels, `unknown` included.
    pub fn n_types(&self) -> usize {
        self.labels.len()
    }

    /// The number of a label, 0 if the training circuits lack it.
    pub fn code(&self, label: &str) -> u16 {
        self.labels[1..].binary_search_by(|one| one.as_str().cmp(label)).map_or(0, |at| at as u16 + 1)
    }
}

/// What form B is told of each neuron.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeConditions {
    /// Cell type, as the [`Vocabulary`] numbers it.
    pub cell_type: Vec<u16>,
    /// Position relative to the centre of the circuit, in units of 100 micrometres; empty = unknown.
    pub position: Vec<[f32; 3]>,
}

impl NodeConditions {
    /// Types by a vocabulary, positions centred.
    pub fn new(neurons: &NeuronTable, vocabulary: &Vocabulary) -> Self {
        let cell_type = match neurons.cell_type() {
            Some(labels) => labels.iter().map(|label| vocabulary.code(label)).collect(),
            None => vec![0; neurons.len()],
        };
        Self { cell_type, position: centred(neurons.position_um().unwrap_or_default()) }
    }

    /// Number of neurons.
    pub fn len(&self) -> usize {
        self.cell_type.len()
    }

    /// Whether there is no neuron.
    pub fn is_empty(&self) -> bool {
        self.cell_type.is_empty()
    }

    /// The conditions of the neurons at `rows`, in that order; positions keep their origin.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            cell_type: rows.iter().map(|&row| self.cell_type[row]).collect(),
            position: match self.position.is_empty() {
                true => Vec::new(),
                false => rows.iter().map(|&row| self.position[row]).collect(),
            },
        }
    }
}

/// A circuit prepared: conditions, edges, what could have been seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GraphExample {
    /// What form B is told.
    pub conditions: NodeConditions,
    /// Directed edges (pre, post) that could have been seen, sorted, without autapses, each once.
    pub edges: Vec<(u32, u32)>,
    /// Synapses of each edge; empty = unknown.
    pub syn_count: Vec<f32>,
    /// Which edges could have been seen.
    pub observed: EdgeMask,
}

impl GraphExample {
    /// Prepares a circuit; types that the vocabulary lacks become `unknown`.
    ///
    /// # Errors
    /// [`Error::Circuit`] for a circuit of fewer than two neurons or with a position that is no number.
    pub fn new(circuit: &Circuit, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let connectome = circuit.connectome();
        let n = connectome.neurons().len();
        if n < 2 {
            return Err(Error::Circuit { problem: format!("it has {n} neurons, at least 2 are needed") });
        }
        let conditions = NodeConditions::new(connectome.neurons(), vocabulary);
        if let Some(row) = conditions.position.iter().position(|at| at.iter().any(|x| !x.is_finite())) {
            let id = &connectome.neurons().id()[row];
            return Err(Error::Circuit { problem: format!("the position of neuron {id} is no number") });
        }
        let (list, observed) = (connectome.edges(), connectome.observed());
        let mut counted: Vec<((u32, u32), f32)> = (0..list.len())
            .filter(|&edge| could_be_seen(observed, list.pre[edge] as usize, list.post[edge] as usize))
            .map(|edge| {
                let count = list.syn_count.get(edge).copied().unwrap_or(0.0);
                ((list.pre[edge], list.post[edge]), count)
            })
            .collect();
        counted.sort_unstable_by_key(|(ends, _)| *ends);
        counted.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 += later.1;
            }
            same
        });
        Ok(Self {
            conditions,
            edges: counted.iter().map(|(ends, _)| *ends).collect(),
            syn_count: match list.syn_count.is_empty() {
                true => Vec::new(),
                false => counted.iter().map(|(_, count)| *count).collect(),
            },
            observed: connectome.observed().clone(),
        })
    }

    /// All circuits of one part, prepared.
    ///
    /// # Errors
    /// As [`GraphExample::new`].
    pub fn of_part(
        set: &CircuitSet,
        part: neuroloom_core::CircuitPart,
        vocabulary: &Vocabulary,
    ) -> Result<Vec<Self>, Error> {
        set.of_part(part).map(|circuit| Self::new(circuit, vocabulary)).collect()
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.conditions.len()
    }

    /// Number of edges.
    pub fn n_edges(&self) -> usize {
        self.edges.len()
    }

    /// Whether the edge from i to j could have been seen.
    pub fn is_observed(&self, i: usize, j: usize) -> bool {
        could_be_seen(&self.observed, i, j)
    }

    /// Number of ordered pairs whose edge could have been seen.
    pub fn n_observed_pairs(&self) -> usize {
        let n = self.n_neurons();
        let count = |flags: &Option<Vec<bool>>| match flags {
            Some(flags) => flags.iter().filter(|seen| **seen).count(),
            None => n,
        };
        let both = (0..n).filter(|&i| {
            let seen = |flags: &Option<Vec<bool>>| flags.as_ref().is_none_or(|flags| flags[i]);
            seen(&self.observed.pre_observed) && seen(&self.observed.post_observed)
        });
        count(&self.observed.pre_observed) * count(&self.observed.post_observed) - both.count()
    }

    /// The circuit of the neurons at `rows` (each at most once), in that order.
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut place = vec![u32::MAX; self.n_neurons()];
        rows.iter().enumerate().for_each(|(to, &from)| place[from] = to as u32);
        let mut kept: Vec<((u32, u32), usize)> = self
            .edges
            .iter()
            .enumerate()
            .map(|(edge, (pre, post))| ((place[*pre as usize], place[*post as usize]), edge))
            .filter(|((pre, post), _)| *pre != u32::MAX && *post != u32::MAX)
            .collect();
        kept.sort_unstable();
        Self {
            conditions: self.conditions.select(rows),
            edges: kept.iter().map(|(ends, _)| *ends).collect(),
            syn_count: match self.syn_count.is_empty() {
                true => Vec::new(),
                false => kept.iter().map(|(_, edge)| self.syn_count[*edge]).collect(),
            },
            observed: self.observed.select(rows),
        }
    }
}

fn could_be_seen(observed: &EdgeMask, i: usize, j: usize) -> bool {
    let seen = |flags: &Option<Vec<bool>>, row: usize| flags.as_ref().is_none_or(|flags| flags[row]);
    i != j && seen(&observed.pre_observed, i) && seen(&observed.post_observed, j)
}

fn centred(positions_um: &[[f64; 3]]) -> Vec<[f32; 3]> {
    let n = positions_um.len().max(1) as f64;
    let center = [0, 1, 2].map(|axis| {
        // Added in ascending order, so that the centre does not depend on the order of the neurons.
        let mut along: Vec<f64> = positions_um.iter().map(|at| at[axis]).collect();
        along.sort_unstable_by(f64::total_cmp);
        along.iter().sum::<f64>() / n
    });
    let relative = |at: &[f64; 3]| [0, 1, 2].map(|axis| ((at[axis] - center[axis]) / LENGTH_UM) as f32);
    positions_um.iter().map(relative).collect()
}
