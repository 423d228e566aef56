//! Neurons and the directed edges between them.

use ndarray::Array2;

use crate::{Error, NeuronTable};

/// Directed edges by position in the [`NeuronTable`]; at most one edge a `(pre, post)` pair and kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EdgeList {
    /// Sending neuron, position in the table.
    pub pre: Vec<u32>,
    /// Receiving neuron, position in the table.
    pub post: Vec<u32>,
    /// Number of synapses; empty = unknown.
    pub syn_count: Vec<f32>,
    /// +1 excitatory, -1 inhibitory, 0 unknown; empty = unknown.
    pub sign: Vec<i8>,
    /// Functional weight; empty = unknown.
    pub weight: Vec<f32>,
    /// Kind of each edge (`chemical`, `electrical`, ...); empty = not stated.
    pub kind: Vec<String>,
}

impl EdgeList {
    /// Number of edges.
    pub fn len(&self) -> usize {
        self.pre.len()
    }

    /// Whether there is no edge.
    pub fn is_empty(&self) -> bool {
        self.pre.is_empty()
    }

    /// The edges at `rows`, in that order; the ends keep their numbers.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            pre: pick(&self.pre, rows),
            post: pick(&self.post, rows),
            syn_count: pick(&self.syn_count, rows),
            sign: pick(&self.sign, rows),
            weight: pick(&self.weight, rows),
            kind: pick(&self.kind, rows),
        }
    }
}

/// Which edges could have been seen: `None` rows or columns mean that nothing is masked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EdgeMask {
    /// Neurons whose outputs were traced; `None` = all.
    pub pre_observed: Option<Vec<bool>>,
    /// Neurons whose inputs were traced; `None` = all.
    pub post_observed: Option<Vec<bool>>,
}

impl EdgeMask {
    /// The mask of the neurons at `rows`, in that order.
    pub fn select(&self, rows: &[usize]) -> Self {
        let flags = |flags: &Option<Vec<bool>>| flags.as_ref().map(|flags| pick(flags, rows));
        Self { pre_observed: flags(&self.pre_observed), post_observed: flags(&self.post_observed) }
    }
}

/// Which number of an edge stands for its strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synapses {
    /// 1 for each edge.
    Binary,
    /// The number of synapses (1 where unknown).
    Count,
    /// The functional weight, else sign x count, else the count.
    Weight,
}

/// Neurons, edges, and which edges could have been observed.
///
/// # Examples
/// ```
/// use neuroloom_core::{Connectome, EdgeList, NeuronId, NeuronTable, Synapses};
/// let neurons = NeuronTable::new(vec![NeuronId::from("A"), NeuronId::from("B")])?;
/// let edges = EdgeList { pre: vec![0], post: vec![1], syn_count: vec![3.0], ..EdgeList::default() };
/// let connectome = Connectome::new(neurons, edges)?;
/// assert_eq!(connectome.adjacency(Synapses::Count)[[0, 1]], 3.0); // A[pre, post]
/// assert_eq!(connectome.weight_matrix(Synapses::Count)[[1, 0]], 3.0); // W[post, pre]
/// # Ok::<(), neuroloom_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Connectome {
    neurons: NeuronTable,
    edges: EdgeList,
    observed: EdgeMask,
}

impl Connectome {
    /// A connectome whose edges were all observable.
    ///
    /// # Errors
    /// [`Error::Shape`] if the columns of `edges` differ in length, [`Error::Value`] if an edge names a
    /// neuron that is not in the table.
    pub fn new(neurons: NeuronTable, edges: EdgeList) -> Result<Self, Error> {
        check_edges(&edges, neurons.len())?;
        Ok(Self { neurons, edges, observed: EdgeMask::default() })
    }

    /// From a dense `W[post, pre]`; every non-zero entry is an edge.
    ///
    /// # Errors
    /// [`Error::Shape`] if the matrix is not square or does not fit the table.
    pub fn from_weight_matrix(neurons: NeuronTable, weight_matrix: &Array2<f32>) -> Result<Self, Error> {
        let n = neurons.len();
        if weight_matrix.dim() != (n, n) {
            return Err(Error::Shape {
                what: "weight_matrix",
                given: format!("{:?}", weight_matrix.shape()),
                allowed: format!("[{n}, {n}]"),
            });
        }
        let mut edges = EdgeList::default();
        for ((post, pre), &weight) in weight_matrix.indexed_iter() {
            if weight != 0.0 {
                edges.pre.push(pre as u32);
                edges.post.push(post as u32);
                edges.weight.push(weight);
            }
        }
        Self::new(neurons, edges)
    }

    /// States which edges could have been seen.
    pub fn with_observed(mut self, observed: EdgeMask) -> Self {
        self.observed = observed;
        self
    }

    /// The neurons.
    pub fn neurons(&self) -> &NeuronTable {
        &self.neurons
    }

    /// The edges.
    pub fn edges(&self) -> &EdgeList {
        &self.edges
    }

    /// Which edges could have been seen.
    pub fn observed(&self) -> &EdgeMask {
        &self.observed
    }

    /// Only the edges of one kind, among the same neurons.
    ///
    /// # Errors
    /// As [`Connectome::new`]; cannot fail for a valid connectome.
    pub fn of_kind(&self, kind: &str) -> Result<Self, Error> {
        let keep: Vec<usize> = (0..self.edges.len())
            .filter(|&edge| self.edges.kind.get(edge).is_some_and(|one| one == kind))
            .collect();
        Ok(Self::new(self.neurons.clone(), self.edges.select(&keep))?.with_observed(self.observed.clone()))
    }

    /// Dense `A[pre, post]`; several edges of a pair add up.
    pub fn adjacency(&self, synapses: Synapses) -> Array2<f32> {
        let n = self.neurons.len();
        let mut adjacency = Array2::zeros((n, n));
        for edge in 0..self.edges.len() {
            let place = [self.edges.pre[edge] as usize, self.edges.post[edge] as usize];
            match synapses {
                Synapses::Binary => adjacency[place] = 1.0,
                Synapses::Count => adjacency[place] += self.syn_count(edge),
                Synapses::Weight => adjacency[place] += self.strength(edge),
            }
        }
        adjacency
    }

    /// Dense `W[post, pre]`, the transpose of [`Connectome::adjacency`].
    pub fn weight_matrix(&self, synapses: Synapses) -> Array2<f32> {
        self.adjacency(synapses).reversed_axes().as_standard_layout().into_owned()
    }

    fn syn_count(&self, edge: usize) -> f32 {
        self.edges.syn_count.get(edge).copied().unwrap_or(1.0)
    }

    fn strength(&self, edge: usize) -> f32 {
        if let Some(&weight) = self.edges.weight.get(edge) {
            return weight;
        }
        let sign = self.edges.sign.get(edge).copied().unwrap_or(1);
        f32::from(sign) * self.syn_count(edge)
    }
}

fn pick<T: Clone>(column: &[T], rows: &[usize]) -> Vec<T> {
    if column.is_empty() { Vec::new() } else { rows.iter().map(|&row| column[row].clone()).collect() }
}

fn check_edges(edges: &EdgeList, n_neurons: usize) -> Result<(), Error> {
    let n = edges.len();
    let columns: [(&'static str, usize, bool); 5] = [
        ("edges.post", edges.post.len(), true),
        ("edges.syn_count", edges.syn_count.len(), false),
        ("edges.sign", edges.sign.len(), false),
        ("edges.weight", edges.weight.len(), false),
        ("edges.kind", edges.kind.len(), false),
    ];
    for (what, len, required) in columns {
        if len != n && (required || len != 0) {
            let allowed = format!("[{n}], as long as edges.pre");
            return Err(Error::Shape { what, given: format!("[{len}]"), allowed });
        }
    }
    let outside = edges.pre.iter().chain(&edges.post).find(|&&end| end as usize >= n_neurons);
    match outside {
        None => Ok(()),
        Some(end) => Err(Error::Value {
            what: "end of an edge",
            given: end.to_string(),
            allowed: format!("positions below {n_neurons}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NeuronId;
    use ndarray::array;

    #[test]
    fn orientation_is_in_the_name() {
        let neurons = NeuronTable::new(NeuronId::numbered(2)).unwrap();
        // W[post = 1, pre = 0] = -0.5: neuron 0 inhibits neuron 1.
        let weight_matrix = array![[0.0, 0.0], [-0.5, 0.0]];
        let connectome = Connectome::from_weight_matrix(neurons, &weight_matrix).unwrap();
        assert_eq!((connectome.edges().pre[0], connectome.edges().post[0]), (0, 1));
        assert_eq!(connectome.weight_matrix(Synapses::Weight), weight_matrix);
        assert_eq!(connectome.adjacency(Synapses::Weight)[[0, 1]], -0.5);
    }

    #[test]
    fn edges_outside_the_table_are_refused() {
        let neurons = NeuronTable::new(NeuronId::numbered(2)).unwrap();
        let edges = EdgeList { pre: vec![0], post: vec![2], ..EdgeList::default() };
        assert!(matches!(Connectome::new(neurons, edges), Err(Error::Value { .. })));
    }
}
