//! A circuit as vectors: what the kernels and classifiers look at.

use ndarray::Array2;
use neuroloom_core::{Circuit, Synapses};
use rayon::prelude::*;

use super::attributes::Attributes;
use super::histogram::{histogram, normalised};
use super::{orbits, orbits_of_five, random_gin, scalars};
use crate::Error;
use crate::graph::{
    DirectedGraph, Direction, FIRST_CONNECTED_TRIAD, UndirectedGraph, clustering, degrees, triad_census,
};
use crate::linear_algebra::symmetric_eigen;

/// Singular values kept.
const N_SINGULAR: usize = 20;

/// A circuit as one vector a descriptor, in the order of [`Descriptor::ALL`].
type Vectors = [Vec<f64>; Descriptor::ALL.len()];

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Descriptor {
    /// Share of neurons by degree, directions ignored.
    Degree,
    /// Share of neurons by local clustering coefficient in 100 bins, directions ignored.
    Clustering,
    /// Eigenvalues of the symmetric normalised Laplacian in 200 bins, directions ignored.
    Spectral,
    /// Mean counts of the 15 orbits of graphlets of up to four nodes, directions ignored.
    Orbit,
    /// Mean counts of the 73 orbits of graphlets of up to five nodes, directions ignored.
    OrbitOfFive,
    /// Features of a graph network with random weights, directions ignored.
    RandomGin,
    /// Share of neurons by number of senders.
    InDegree,
    /// Share of neurons by number of receivers.
    OutDegree,
    /// Shares of the 13 connected triads.
    Triads,
    /// Share of neurons by directed clustering coefficient (Fagiolo 2007) in 100 bins.
    DirectedClustering,
    /// The 20 leading singular values of the adjacency matrix.
    SingularValues,
    /// The metrics of [`super::METRIC_NAMES`].
    Metrics,
}

impl Descriptor {
    /// All, the six published ones first.
    pub const ALL: [Self; 12] = [
        Self::Degree,
        Self::Clustering,
        Self::Spectral,
        Self::Orbit,
        Self::OrbitOfFive,
        Self::RandomGin,
        Self::InDegree,
        Self::OutDegree,
        Self::Triads,
        Self::DirectedClustering,
        Self::SingularValues,
        Self::Metrics,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Degree => "degree",
            Self::Clustering => "clustering",
            Self::Spectral => "spectral",
            Self::Orbit => "orbit",
            Self::OrbitOfFive => "orbit-5",
            Self::RandomGin => "random-gin",
            Self::InDegree => "in-degree",
            Self::OutDegree => "out-degree",
            Self::Triads => "triads",
            Self::DirectedClustering => "directed-clustering",
            Self::SingularValues => "singular-values",
            Self::Metrics => "metrics",
        }
    }

    /// Whether the graph-generation literature uses it.
    pub fn is_published(self) -> bool {
        matches!(
            self,
            Self::Degree
                | Self::Clustering
                | Self::Spectral
                | Self::Orbit
                | Self::OrbitOfFive
                | Self::RandomGin
        )
    }

    /// Whether its features have no common unit, so that distances mean something only after each was brought to mean 0
    /// and standard deviation 1 of the reference.
    pub fn is_scaled(self) -> bool {
        matches!(self, Self::RandomGin | Self::Metrics)
    }

    /// Width of the total-variation kernel: the published one, or that of the undirected twin.
    pub fn kernel_width(self) -> Option<f64> {
        match self {
            Self::Degree | Self::Spectral | Self::InDegree | Self::OutDegree | Self::Triads => Some(1.0),
            Self::Clustering | Self::DirectedClustering => Some(0.1),
            Self::Orbit => Some(30.0),
            Self::OrbitOfFive | Self::RandomGin | Self::SingularValues | Self::Metrics => None,
        }
    }
}

/// A set of circuits as vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDescription {
    pub(super) circuits: Vec<Vectors>,
    pub(super) attributes: Attributes,
    n_empty: usize,
}

impl SetDescription {
    /// Describes circuits. Circuits without a neuron are left out (and counted); edges that the observation mask rules
    /// out count as absent.
    ///
    /// # Errors
    /// What the single statistics say.
    pub fn new(circuits: &[Circuit]) -> Result<Self, Error> {
        let filled: Vec<&Circuit> = circuits.iter().filter(|circuit| circuit.n_neurons() > 0).collect();
        let described: Result<Vec<Vectors>, Error> =
            filled.par_iter().map(|circuit| describe(circuit)).collect();
        Ok(Self {
            circuits: described?,
            attributes: Attributes::new(&filled)?,
            n_empty: circuits.len() - filled.len(),
        })
    }

    /// Number of circuits described.
    pub fn len(&self) -> usize {
        self.circuits.len()
    }

    /// Whether there is no circuit.
    pub fn is_empty(&self) -> bool {
        self.circuits.is_empty()
    }

    /// Circuits left out because they have no neuron.
    pub fn n_empty(&self) -> usize {
        self.n_empty
    }

    /// One descriptor of every circuit, `[circuit][feature]`; histograms of degree differ in length.
    pub fn of(&self, descriptor: Descriptor) -> Vec<&[f64]> {
        let place = Descriptor::ALL.iter().position(|one| *one == descriptor).unwrap_or(0);
        self.circuits.iter().map(|circuit| circuit[place].as_slice()).collect()
    }

    /// The metrics of every circuit; NaN where one is not defined.
    pub fn metrics(&self) -> Vec<&[f64]> {
        self.of(Descriptor::Metrics)
    }

    /// One metric of every circuit where it is defined.
    pub fn metric(&self, name: &str) -> Vec<f64> {
        let Some(place) = super::METRIC_NAMES.iter().position(|one| *one == name) else { return Vec::new() };
        self.metrics().into_iter().map(|metrics| metrics[place]).filter(|value| value.is_finite()).collect()
    }
}

/// Rows of equal length, zeros behind; a feature that is not defined takes the mean of the others.
pub(super) fn padded(one: Vec<&[f64]>, other: Vec<&[f64]>) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let width = one.iter().chain(&other).map(|row| row.len()).max().unwrap_or(0);
    let column_mean = |column: usize| {
        let cells =
            one.iter().chain(&other).filter_map(|row| row.get(column)).filter(|cell| cell.is_finite());
        let (sum, n) = cells.fold((0.0, 0.0), |(sum, n), cell| (sum + cell, n + 1.0));
        if n > 0.0 { sum / n } else { 0.0 }
    };
    let means: Vec<f64> = (0..width).map(column_mean).collect();
    let cell = |row: &[f64], column: usize| match row.get(column) {
        None => 0.0,
        Some(cell) if cell.is_finite() => *cell,
        Some(_) => means[column],
    };
    let pad = |rows: &[&[f64]]| {
        rows.iter().map(|row| (0..width).map(|column| cell(row, column)).collect()).collect::<Vec<Vec<f64>>>()
    };
    (pad(&one), pad(&other))
}

/// Mean 0 and standard deviation 1 of the reference; a feature that is constant there is only shifted.
pub(super) fn standardised(
    mut reference: Vec<Vec<f64>>,
    mut other: Vec<Vec<f64>>,
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let (n, width) = (reference.len() as f64, reference.first().map_or(0, Vec::len));
    for column in 0..width {
        let mean = reference.iter().map(|row| row[column]).sum::<f64>() / n;
        let spread = (reference.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / n).sqrt();
        let scale = if spread > 0.0 { spread } else { 1.0 };
        let rows = reference.iter_mut().chain(&mut other);
        rows.for_each(|row| row[column] = (row[column] - mean) / scale);
    }
    (reference, other)
}

fn describe(circuit: &Circuit) -> Result<Vectors, Error> {
    let graph = DirectedGraph::from_connectome(circuit.connectome(), Synapses::Binary)?;
    let joined = UndirectedGraph::new(&graph);
    let clustered = clustering(&graph);
    let undirected_degree: Vec<u32> =
        (0..graph.n_neurons() as u32).map(|one| joined.degree(one) as u32).collect();
    let orbits = mean_orbits(&orbits::orbit_counts(&graph));
    let of_five = mean_orbits(&orbits_of_five::orbit_counts_of_five(&graph));
    let triads = triad_census(&graph)[FIRST_CONNECTED_TRIAD..].iter().map(|&count| count as f64).collect();
    Ok([
        degree_histogram(&undirected_degree),
        normalised(histogram(&clustered.local, 100, (0.0, 1.0))),
        normalised(histogram(&laplacian_eigenvalues(&joined)?, 200, (-1e-5, 2.0))),
        orbits.clone(),
        [orbits, of_five].concat(),
        random_gin::random_gin_features(&graph),
        degree_histogram(&degrees(&graph, Direction::In)),
        degree_histogram(&degrees(&graph, Direction::Out)),
        normalised(triads),
        normalised(histogram(&clustered.directed, 100, (0.0, 1.0))),
        singular_values(&graph)?,
        scalars::metrics(&graph)?,
    ])
}

fn degree_histogram(degrees: &[u32]) -> Vec<f64> {
    let mut counts = vec![0.0; degrees.iter().max().map_or(1, |largest| *largest as usize + 1)];
    degrees.iter().for_each(|&degree| counts[degree as usize] += 1.0);
    normalised(counts)
}

fn mean_orbits<const N: usize>(counts: &[[f64; N]]) -> Vec<f64> {
    (0..N).map(|orbit| counts.iter().map(|row| row[orbit]).sum::<f64>() / counts.len() as f64).collect()
}

/// Of I - D^-1/2 A D^-1/2, with 0 on the diagonal for isolated neurons; they lie in 0..=2, and what rounding puts
/// outside is put back.
fn laplacian_eigenvalues(joined: &UndirectedGraph) -> Result<Vec<f64>, Error> {
    let n = joined.n_neurons();
    let mut laplacian = Array2::zeros((n, n));
    for one in 0..n as u32 {
        let degree = joined.degree(one) as f64;
        if degree > 0.0 {
            laplacian[[one as usize, one as usize]] = 1.0;
        }
        for &other in joined.neighbours(one) {
            laplacian[[one as usize, other as usize]] = -1.0 / (degree * joined.degree(other) as f64).sqrt();
        }
    }
    let (values, _) = symmetric_eigen(laplacian.view(), "the normalised Laplacian")?;
    Ok(values.into_iter().map(|value| value.clamp(0.0, 2.0)).collect())
}

/// Square roots of the eigenvalues of A' A, largest first.
fn singular_values(graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
    let n = graph.n_neurons();
    let mut product = Array2::zeros((n, n));
    for pre in 0..n as u32 {
        for &one in graph.successors(pre) {
            for &other in graph.successors(pre) {
                product[[one as usize, other as usize]] += 1.0;
            }
        }
    }
    let (values, _) = symmetric_eigen(product.view(), "the product A' A")?;
    Ok(values.iter().rev().take(N_SINGULAR).map(|value| value.max(0.0).sqrt()).collect())
}
