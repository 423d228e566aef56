//! How a manifold is read from weights.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Which vectors of weights are the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointSet {
    /// Columns of A: what each input neuron sends. Of a connectome: the outputs of each neuron.
    #[default]
    Outgoing,
    /// Rows of B: what each output neuron receives. Of a connectome: the inputs of each neuron.
    Incoming,
    /// Both, one after the other.
    Both,
    /// Rows of A: what each hidden unit receives; not for a connectome.
    Hidden,
}

/// What is done to each point before distances are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Nothing.
    #[default]
    None,
    /// Each point has length 1: for neurons of unequal strength.
    UnitNorm,
}

/// What stands for the strength of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entries {
    /// The weight itself.
    #[default]
    Raw,
    /// The root of its size, with its sign: for synapse counts, whose spread grows with their mean.
    Root,
    /// 1 where there is a connection.
    Binary,
}

/// How few coordinates are made of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbeddingMethod {
    /// Distances along the neighbourhood graph, then classical scaling.
    #[default]
    Isomap,
    /// Eigenvectors of the Laplacian of the neighbourhood graph.
    Laplacian,
    /// Directions of largest variance: linear.
    Pca,
    /// Classical scaling of straight distances: linear.
    Mds,
    /// t-SNE, always in two coordinates: keeps neighbours, not distances.
    Tsne,
    /// UMAP: keeps neighbours, not distances.
    Umap,
}

/// How a manifold is read from weights: section `[extract]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExtractConfig {
    /// Which vectors of weights are the points.
    pub points: PointSet,
    /// What stands for the strength of a connection.
    pub entries: Entries,
    /// Replace the vectors by so many coordinates of the adjacency spectral embedding (the truncated singular value
    /// decomposition): for large sparse connectomes.
    pub spectral: Option<usize>,
    /// What is done to each point first.
    pub scaling: Scaling,
    /// Neighbours of each point in the graph; absent = 6 up to 150 points, 10 above.
    pub neighbours: Option<usize>,
    /// How few coordinates are made of many.
    pub method: EmbeddingMethod,
    /// Coordinates of the embedding; absent = 3, or the 2 of t-SNE.
    pub coordinates: Option<usize>,
    /// Components of the graph with fewer points are listed, not embedded.
    pub smallest_component: usize,
    /// Shuffles of the weights behind each null level.
    pub shuffles: usize,
}

impl Default for ExtractConfig {
    fn default() -> Self {
        Self {
            points: PointSet::default(),
            entries: Entries::default(),
            spectral: None,
            scaling: Scaling::default(),
            neighbours: None,
            method: EmbeddingMethod::default(),
            coordinates: None,
            smallest_component: 10,
            shuffles: 20,
        }
    }
}

impl ExtractConfig {
    /// Neighbours of each point among `n_points`.
    pub fn n_neighbours(&self, n_points: usize) -> usize {
        self.neighbours.unwrap_or(if n_points > 150 { 10 } else { 6 })
    }

    /// Coordinates of the embedding.
    pub fn n_coordinates(&self) -> usize {
        self.coordinates.unwrap_or(if self.method == EmbeddingMethod::Tsne { 2 } else { 3 })
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        let is_tsne = self.method == EmbeddingMethod::Tsne;
        let bad = [
            ("coordinates", is_tsne && self.n_coordinates() != 2, "2 with t-SNE"),
            ("neighbours", self.neighbours == Some(0), "1 or more"),
            ("spectral", self.spectral == Some(0), "1 or more"),
            ("coordinates", !(1..=10).contains(&self.n_coordinates()), "1 to 10"),
            ("smallest-component", self.smallest_component < 5, "5 or more"),
            ("shuffles", self.shuffles == 0, "1 or more: no score stands without its null"),
        ];
        match bad.into_iter().find(|(_, is_bad, _)| *is_bad) {
            Some((key, _, allowed)) => {
                let given = match key {
                    "neighbours" | "spectral" => 0,
                    "coordinates" => self.n_coordinates(),
                    "smallest-component" => self.smallest_component,
                    _ => self.shuffles,
                };
                Err(Error::Config { key, given: given.to_string(), allowed: allowed.to_owned() })
            }
            None => Ok(()),
        }
    }
}
