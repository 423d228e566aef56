//! What the adjacency matrix does to a vector: radius, gap, singular values, non-normality, Laplacian.

mod krylov;

use faer::Mat;
use ndarray::Array2;

use super::components::strong_components;
use super::{DirectedGraph, UndirectedGraph};
use crate::Error;
use crate::linear_algebra::to_faer;

/// How far to go; the dense parts cost `N^3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpectralConfig {
    /// Leading singular values.
    pub n_singular: usize,
    /// Largest graph whose eigenvalues are all computed, for the departure from normality.
    pub max_neurons_eigenvalues: usize,
    /// Largest graph whose Laplacian spectrum is computed.
    pub max_neurons_laplacian: usize,
}

impl Default for SpectralConfig {
    fn default() -> Self {
        Self { n_singular: 10, max_neurons_eigenvalues: 1000, max_neurons_laplacian: 1500 }
    }
}

/// The spectrum of `A` and of `U` in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Largest modulus of an eigenvalue of `A`: 0 for a graph without cycles.
    pub radius: f64,
    /// Radius less the modulus of the next eigenvalue; NaN if that did not converge.
    pub gap: f64,
    /// Leading singular values of `A`, descending; fewer if they did not converge.
    pub singular_values: Vec<f64>,
    /// Henrici's departure from normality, `sqrt(|A|_F^2 - sum |lambda|^2)`; `None` for a graph above the limit.
    pub henrici: Option<f64>,
    /// `|A'A - AA'|_F / |A|_F^2`: 0 for a normal matrix (a symmetric one, say); of any size.
    pub commutator: f64,
    /// Eigenvalues of the symmetric normalised Laplacian of `U`, ascending, in 0..=2; `None` for a graph above the
    /// limit. Neurons without neighbours have a row of zeros, as in networkx.
    pub laplacian: Option<Vec<f64>>,
}

/// Radius, gap, singular values, non-normality and Laplacian spectrum of the unweighted graph.
///
/// The eigenvalues of `A` are those of its strongly connected components; each is solved densely if it is small and
/// by Arnoldi's iteration if not.
///
/// # Errors
/// [`Error::Singular`] if a dense eigenvalue problem does not converge.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, spectrum};
/// // a cycle of three: eigenvalues on the unit circle; normal
/// let cycle = DirectedGraph::from_edges(3, &[(0, 1), (1, 2), (2, 0)])?;
/// let found = spectrum(&cycle, &Default::default())?;
/// assert!((found.radius - 1.0).abs() < 1e-12 && found.gap.abs() < 1e-12 && found.commutator == 0.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn spectrum(graph: &DirectedGraph, config: &SpectralConfig) -> Result<Spectrum, Error> {
    let n = graph.n_neurons();
    let (radius, gap) = leading(graph)?;
    Ok(Spectrum {
        radius,
        gap,
        singular_values: singular_values(graph, config.n_singular)?,
        henrici: (n <= config.max_neurons_eigenvalues).then(|| henrici(graph)).transpose()?,
        commutator: commutator(graph),
        laplacian: (n <= config.max_neurons_laplacian).then(|| laplacian(graph)).transpose()?,
    })
}

/// Components up to this size are solved densely.
const MAX_DENSE: usize = 250;

/// The two largest moduli, as radius and gap.
fn leading(graph: &DirectedGraph) -> Result<(f64, f64), Error> {
    let components = strong_components(graph);
    let mut found = Vec::new();
    for (label, _) in components.sizes.iter().enumerate().filter(|(_, size)| **size > 1) {
        let part = graph.induced(&components.members(label as u32))?;
        found.extend(if part.n_neurons() <= MAX_DENSE {
            moduli(&part)?
        } else {
            krylov::leading_moduli(&part)?
        });
    }
    // A component of one neuron has the eigenvalue 0.
    if graph.n_neurons() > found.len() {
        found.push(0.0);
    }
    let radius = found.iter().copied().fold(0.0, f64::max);
    found.sort_unstable_by(|a, b| b.total_cmp(a));
    // NaN sorts first: an unconverged second eigenvalue leaves the radius and makes the gap NaN.
    let unknown = found.iter().any(|modulus| modulus.is_nan());
    let second = if unknown { f64::NAN } else { found.get(1).copied().unwrap_or(0.0) };
    Ok((radius, radius - second))
}

/// Densely for small graphs: an iteration finds repeated values only once.
fn singular_values(graph: &DirectedGraph, wanted: usize) -> Result<Vec<f64>, Error> {
    if graph.n_neurons() > MAX_DENSE {
        return krylov::singular_values(graph, wanted);
    }
    let mut values = dense(graph).singular_values().map_err(|_| no_convergence("the adjacency matrix"))?;
    values.truncate(wanted);
    Ok(values)
}

fn henrici(graph: &DirectedGraph) -> Result<f64, Error> {
    let components = strong_components(graph);
    let mut squares = 0.0;
    for (label, _) in components.sizes.iter().enumerate().filter(|(_, size)| **size > 1) {
        let part = graph.induced(&components.members(label as u32))?;
        squares += moduli(&part)?.iter().map(|modulus| modulus * modulus).sum::<f64>();
    }
    Ok((graph.n_edges() as f64 - squares).max(0.0).sqrt())
}

fn moduli(graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
    let values = dense(graph).eigenvalues().map_err(|_| no_convergence("the adjacency matrix"))?;
    Ok(values.iter().map(|value| value.re.hypot(value.im)).collect())
}

fn dense(graph: &DirectedGraph) -> Mat<f64> {
    let n = graph.n_neurons();
    let mut matrix = Mat::<f64>::zeros(n, n);
    graph.edges().for_each(|(pre, post)| matrix[(pre as usize, post as usize)] = 1.0);
    matrix
}

fn no_convergence(what: &'static str) -> Error {
    Error::Singular { what, hint: "its eigenvalues did not converge" }
}

/// `|A'A - AA'|_F^2` row by row: both products hold numbers of common partners.
fn commutator(graph: &DirectedGraph) -> f64 {
    let n = graph.n_neurons();
    let mut row = vec![0_i64; n];
    let mut squares = 0.0;
    for neuron in 0..n as u32 {
        for &sender in graph.predecessors(neuron) {
            graph.successors(sender).iter().for_each(|&other| row[other as usize] += 1);
        }
        for &receiver in graph.successors(neuron) {
            graph.predecessors(receiver).iter().for_each(|&other| row[other as usize] -= 1);
        }
        squares += row.iter().map(|&entry| (entry * entry) as f64).sum::<f64>();
        row.fill(0);
    }
    squares.sqrt() / graph.n_edges() as f64
}

fn laplacian(graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
    let joined = UndirectedGraph::new(graph);
    let n = joined.n_neurons();
    let mut matrix = Array2::<f64>::zeros((n, n));
    for neuron in 0..n as u32 {
        let degree = joined.degree(neuron) as f64;
        for &neighbour in joined.neighbours(neuron) {
            let product = degree * joined.degree(neighbour) as f64;
            matrix[[neuron as usize, neighbour as usize]] = -1.0 / product.sqrt();
        }
        matrix[[neuron as usize, neuron as usize]] = if degree > 0.0 { 1.0 } else { 0.0 };
    }
    to_faer(matrix.view())
        .self_adjoint_eigenvalues(faer::Side::Lower)
        .map_err(|_| no_convergence("the Laplacian"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_has_no_radius_and_two_cycles_have_two_eigenvalues() {
        let chain = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (2, 3)]).unwrap();
        let found = spectrum(&chain, &SpectralConfig::default()).unwrap();
        assert_eq!((found.radius, found.gap), (0.0, 0.0));
        // All of |A|_F^2 = 3 is departure from normality.
        assert_eq!(found.henrici, Some(3_f64.sqrt()));
        // A complete graph of four (eigenvalue 3) and one of three (2), apart.
        let pairs = |range: std::ops::Range<u32>| {
            range.clone().flat_map(move |a| range.clone().map(move |b| (a, b))).collect::<Vec<_>>()
        };
        let edges = [pairs(0..4), pairs(4..7)].concat();
        let found =
            spectrum(&DirectedGraph::from_edges(7, &edges).unwrap(), &SpectralConfig::default()).unwrap();
        assert!((found.radius - 3.0).abs() < 1e-12 && (found.gap - 1.0).abs() < 1e-12, "{found:?}");
        let laplacian = found.laplacian.unwrap();
        assert!(laplacian[0].abs() < 1e-12 && laplacian[1].abs() < 1e-12 && laplacian[2] > 1.0);
    }

    #[test]
    fn iterated_and_dense_eigenvalues_agree() {
        // 400 neurons, above the limit of the dense solver; each sends to eight.
        let edges: Vec<(u32, u32)> = (0..400_u32)
            .flat_map(|a| (1..9).map(move |k| (a, (a * 7 + k * k * 31 + a * a % 13) % 400)))
            .collect();
        let graph = DirectedGraph::from_edges(400, &edges).unwrap();
        let mut dense = moduli(&graph).unwrap();
        dense.sort_unstable_by(|a, b| b.total_cmp(a));
        let (radius, gap) = leading(&graph).unwrap();
        assert!((radius - dense[0]).abs() < 1e-9, "{radius} {}", dense[0]);
        assert!((gap - (dense[0] - dense[1])).abs() < 1e-7, "{gap} {}", dense[0] - dense[1]);
    }
}
