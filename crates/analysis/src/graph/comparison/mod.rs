//! Are two sets of circuits of one kind? The protocols of graph generation, and what they leave out: direction,
//! cell types and distance.
//!
//! | number | what it says |
//! |---|---|
//! | [`DescriptorDifference::mmd`] | squared maximum mean discrepancy with the published kernels (GRAN, Liao et al. 2019) |
//! | [`DescriptorDifference::rbf_mmd`] | the same with a Gaussian kernel of adaptive width, the largest of ten widths |
//! | [`SetDifference::pgd`] | PolyGraph discrepancy (arXiv 2510.06122) with logistic regression: 0 = alike, 1 = told apart |
//! | [`SetDifference::pgd_directed`] | the same over the directed descriptors too |
//! | [`pgd_interval`] | how much both vary with the circuits that happen to be there |
//! | [`SetDifference::classifier_auroc`] | how well a classifier tells single circuits apart by their statistics; chance 0.5 |
//! | [`MetricDifference`], [`AttributeDifference`] | one statistic at a time |
//!
//! No such number means anything alone: compare with the difference of two samples of one tissue (training against
//! test), and with that of a null model.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::graph::comparison::{SetDescription, difference};
//! use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed};
//!
//! // Rings that skip 1 or 2 neurons: both of degree 2, but only the second has triangles.
//! let ring = |n: u32, skip: u32| -> Result<Circuit, neuroloom_core::Error> {
//!     let steps = (0..n).flat_map(|pre| (1..=skip).map(move |step| (pre, (pre + step) % n)));
//!     let (pre, post) = steps.unzip();
//!     let edges = EdgeList { pre, post, ..EdgeList::default() };
//!     let neurons = NeuronTable::new(NeuronId::numbered(n as usize))?;
//!     Ok(Circuit::new(Connectome::new(neurons, edges)?, CircuitOrigin::default()))
//! };
//! let set = |skip| (20..40).map(|n| ring(n, skip)).collect::<Result<Vec<Circuit>, _>>();
//! let (one, other) = (SetDescription::new(&set(1)?)?, SetDescription::new(&set(2)?)?);
//! assert!(difference(&one, &other, Seed(1))?.pgd > 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attributes;
mod describe;
mod discrepancy;
mod histogram;
mod logistic;
mod mmd;
mod null_set;
mod orbits;
mod orbits_of_five;
mod random_gin;
mod scalars;
mod subsample;
#[cfg(test)]
mod tests;

use neuroloom_core::{Circuit, Seed, Synapses};
use serde::Serialize;

use super::DirectedGraph;
use crate::Error;
pub use attributes::AttributeDifference;
pub use describe::{Descriptor, SetDescription};
pub use histogram::histogram;
pub use logistic::LogisticRegression;
pub use mmd::{gaussian_tv_mmd, rbf_mmd};
pub use null_set::null_circuits;
pub use orbits::orbit_counts;
pub use orbits_of_five::orbit_counts_of_five;
pub use random_gin::random_gin_features;
pub use scalars::{METRIC_NAMES, MetricDifference};
pub use subsample::{PgdInterval, pgd_interval};

/// Circuits that a set needs for the classifiers: half of them train, in four folds.
pub const LEAST_CIRCUITS: usize = 8;

/// How two sets differ by one descriptor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DescriptorDifference {
    /// Its name.
    pub name: &'static str,
    /// Whether it is one of the six published ones, which treat circuits as undirected.
    pub published: bool,
    /// Squared MMD with the published kernel (or its twin for the directed ones); 0 = alike, biased upwards by about
    /// 2 / n.
    pub mmd: f64,
    /// Largest squared MMD over ten widths of a Gaussian kernel; of features that [`Descriptor::is_scaled`] names, after
    /// they were standardised by the reference.
    pub rbf_mmd: f64,
    /// Jensen-Shannon distance that a classifier reaches on held-out circuits, 0 to 1.
    pub jensen_shannon: f64,
    /// The same in cross-validation on the other half, by which the descriptor of the PGD is chosen.
    pub jensen_shannon_validation: f64,
}

/// How two sets of circuits differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetDifference {
    /// By descriptor.
    pub descriptors: Vec<DescriptorDifference>,
    /// PolyGraph discrepancy over the six published descriptors, 0 to 1.
    pub pgd: f64,
    /// The descriptor that tells the sets apart best.
    pub pgd_descriptor: &'static str,
    /// PolyGraph discrepancy over all descriptors, 0 to 1.
    pub pgd_directed: f64,
    /// The descriptor that tells the sets apart best.
    pub pgd_directed_descriptor: &'static str,
    /// Area under the ROC curve of a classifier on the metrics of held-out circuits; chance is 0.5.
    pub classifier_auroc: f64,
    /// By metric.
    pub metrics: Vec<MetricDifference>,
    /// By cell type and distance, where both sets have them.
    pub attributes: Vec<AttributeDifference>,
}

/// Compares two sets; the order matters only for the sign of the standardised differences.
///
/// # Errors
/// [`Error::TooFew`] below [`LEAST_CIRCUITS`] circuits in a set.
pub fn difference(
    reference: &SetDescription,
    other: &SetDescription,
    seed: Seed,
) -> Result<SetDifference, Error> {
    for set in [reference, other] {
        let given = set.circuits.len();
        if given < LEAST_CIRCUITS {
            return Err(Error::TooFew {
                what: "circuits of a set to compare",
                given,
                needed: LEAST_CIRCUITS,
            });
        }
    }
    let descriptors: Result<Vec<DescriptorDifference>, Error> =
        Descriptor::ALL.into_iter().map(|one| by_descriptor(reference, other, (one, seed))).collect();
    let descriptors = descriptors?;
    let of = |one: &DescriptorDifference| (one.jensen_shannon_validation, one.jensen_shannon, one.name);
    let published = best(descriptors.iter().filter(|one| one.published).map(of));
    let any = best(descriptors.iter().map(of));
    Ok(SetDifference {
        pgd: published.0,
        pgd_descriptor: published.1,
        pgd_directed: any.0,
        pgd_directed_descriptor: any.1,
        classifier_auroc: discrepancy::classifier_auroc(reference.metrics(), other.metrics(), seed)?,
        metrics: scalars::differences(reference, other),
        attributes: attributes::differences(&reference.attributes, &other.attributes),
        descriptors,
    })
}

/// The numbers of [`METRIC_NAMES`] of one circuit, in that order; NaN where one is not defined. Edges that the
/// observation mask rules out count as absent.
///
/// # Errors
/// What the single statistics say.
pub fn circuit_metrics(circuit: &Circuit) -> Result<Vec<f64>, Error> {
    scalars::metrics(&DirectedGraph::from_connectome(circuit.connectome(), Synapses::Binary)?)
}

fn by_descriptor(
    reference: &SetDescription,
    other: &SetDescription,
    (descriptor, seed): (Descriptor, Seed),
) -> Result<DescriptorDifference, Error> {
    let (one, two) = describe::padded(reference.of(descriptor), other.of(descriptor));
    let found = discrepancy::jensen_shannon(&one, &two, seed.split(descriptor.name()))?;
    Ok(DescriptorDifference {
        name: descriptor.name(),
        published: descriptor.is_published(),
        mmd: descriptor.kernel_width().map_or(f64::NAN, |width| gaussian_tv_mmd(&one, &two, width)),
        rbf_mmd: if descriptor.is_scaled() {
            let (one, two) = describe::standardised(one, two);
            rbf_mmd(&one, &two)
        } else {
            rbf_mmd(&one, &two)
        },
        jensen_shannon: found.test,
        jensen_shannon_validation: found.validation,
    })
}

/// Score on the test half of the descriptor with the best score in validation (the first of equals), and its name;
/// given as validation, test, name.
fn best(descriptors: impl Iterator<Item = (f64, f64, &'static str)>) -> (f64, &'static str) {
    let chosen = descriptors.reduce(|best, one| if one.0 > best.0 { one } else { best });
    chosen.map_or((f64::NAN, ""), |(_, test, name)| (test, name))
}
