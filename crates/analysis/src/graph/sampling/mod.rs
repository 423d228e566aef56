//! Circuits cut out of a connectome: eight samplers, overlap control, splits that share no neuron.
//!
//! | sampler | a circuit is |
//! |---|---|
//! | [`Sampler::Cylinder`] | every neuron within a radius of a line along the depth axis (the sister paper's) |
//! | [`Sampler::Ball`], [`Sampler::Cube`] | every neuron within a distance of a point |
//! | [`Sampler::Nearest`] | the neurons nearest to one neuron |
//! | [`Sampler::Hops`] | what a few synapses reach from one neuron |
//! | [`Sampler::Ego`] | one neuron and its strongest partners |
//! | [`Sampler::RandomWalk`] | what a walk along edges visits |
//! | [`Sampler::Uniform`] | neurons drawn without regard to place or wiring |
//!
//! Cylinder, ball and cube find their radius by bisection so that the number of neurons falls into
//! [`SamplingConfig::n_neurons`]. Circuits of one tissue overlap; a random split of them leaks neurons from
//! training into test. [`Separation::Space`] therefore cuts the tissue into slabs first, so that no neuron is in
//! two parts.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::graph::sampling::{Axis, Sampler, SamplingConfig, sample_circuits};
//! use neuroloom_core::{CircuitPart, Connectome, EdgeList, NeuronId, NeuronTable, Seed, Silent};
//!
//! // 400 neurons on a grid, each wired to the next.
//! let position = |neuron: i64| [(neuron % 20) as f64, 0.0, (neuron / 20) as f64];
//! let neurons = NeuronTable::new(NeuronId::numbered(400))?.with_position_um((0..400).map(position).collect())?;
//! let edges = EdgeList { pre: (0..399).collect(), post: (1..400).collect(), ..EdgeList::default() };
//! let config = SamplingConfig {
//!     sampler: Sampler::Cylinder { axis: Axis::Y },
//!     n_circuits: 20,
//!     n_neurons: 15..=25,
//!     ..SamplingConfig::default()
//! };
//! let sample = sample_circuits(&Connectome::new(neurons, edges)?, &config, Seed(42), &Silent)?;
//! assert!(sample.set.circuits().iter().all(|circuit| config.n_neurons.contains(&circuit.n_neurons())));
//! assert_eq!(sample.set.n_shared_neurons(CircuitPart::Train, CircuitPart::Test), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ball;
mod config;
mod cube;
mod cylinder;
mod depth;
mod ego;
mod extract;
mod hops;
mod nearest;
mod overlap;
mod random_walk;
mod region;
mod separate;
mod uniform;

#[cfg(test)]
mod tests;

use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, Event, Listener, Seed, Warning,
};
use rand::RngExt;
use rayon::prelude::*;

use crate::Error;
pub use config::{Axis, Direction, Eligible, Sampler, SamplingConfig, Separation};
pub use depth::align_depth;
use extract::Extractor;
use overlap::Overlap;
use region::{Cut, Region};

/// Draws that are tried at once; a constant, so that the result does not depend on the number of threads.
const BATCH: usize = 64;

/// Draws in a row that may be refused before the rest of a part is given up: then there is little room left.
const REFUSALS: usize = 2048;

/// A set of circuits and how the sampling went.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitSample {
    /// The circuits, train first, then validation, then test.
    pub set: CircuitSet,
    /// Counts.
    pub summary: SamplingSummary,
}

/// How a sampling went.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct SamplingSummary {
    /// Circuits asked for.
    pub n_asked: usize,
    /// Circuits found.
    pub n_circuits: usize,
    /// Neurons of the connectome that were allowed into a circuit.
    pub n_eligible: usize,
    /// Different neurons in at least one circuit.
    pub n_used: usize,
    /// Draws that were tried.
    pub n_attempts: usize,
    /// Draws refused because they were too like an earlier circuit.
    pub n_overlapping: usize,
    /// Circuits whose shape reaches into the slab of another part; neurons there are left out. 0 where parts are no
    /// slabs.
    pub n_cut_off: usize,
    /// Edges from a neuron to itself, left out of the circuits (each counted once a circuit).
    pub n_self_edges: usize,
    /// Neurons in circuits of both training and test; 0 unless the circuits were split at random.
    pub n_shared_train_test: usize,
    /// Mean of the largest Jaccard overlap of each circuit with another of its part.
    pub mean_largest_overlap: f64,
}

/// Cuts circuits out of a connectome.
///
/// Where the tissue has no room for as many circuits as asked for, fewer are returned with a warning
/// `fewer-circuits`. Neurons without a position cannot enter a circuit that is cut in space.
///
/// # Errors
/// [`Error::Value`] for a setting outside its range, or a sampler that needs positions or edges which the
/// connectome lacks; [`Error::TooFew`] if a part holds fewer neurons than a circuit needs or no circuit can be
/// found; [`Error::Interrupted`].
pub fn sample_circuits(
    connectome: &Connectome,
    config: &SamplingConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<CircuitSample, Error> {
    config.check(connectome)?;
    let eligible = config.eligible_neurons(connectome)?;
    let extractor = Extractor::new(connectome);
    let regions = separate::regions(connectome, &extractor, &eligible, config, seed)?;
    let mut summary = SamplingSummary {
        n_asked: config.n_circuits,
        n_eligible: eligible.len(),
        ..SamplingSummary::default()
    };
    events.emit(Event::Started { stage: "sample", total: Some(config.n_circuits as u64) });
    let (mut circuits, mut part) = (Vec::new(), Vec::new());
    let mut largest_overlaps = Vec::new();
    for (region, n_wanted) in regions.iter().zip(config.circuits_per_region()) {
        let draw = Draw { region, config, seed: seed.split(region.name), n_wanted, n_done: circuits.len() };
        let drawn = draw.run(&mut summary, events)?;
        largest_overlaps.extend(overlap::largest(&drawn.iter().map(|one| &one.0).collect::<Vec<_>>()));
        part.extend(drawn.iter().map(|_| region.part));
        circuits.extend(extractor.circuits(&drawn, &mut summary)?);
    }
    events.emit(Event::Finished);
    if config.separation == Separation::None {
        part = separate::random_parts(circuits.len(), config.fractions, seed);
    }
    finish(circuits, part, summary, &largest_overlaps, events)
}

fn finish(
    circuits: Vec<Circuit>,
    part: Vec<CircuitPart>,
    mut summary: SamplingSummary,
    largest_overlaps: &[f64],
    events: &dyn Listener,
) -> Result<CircuitSample, Error> {
    if circuits.is_empty() {
        return Err(Error::TooFew { what: "circuits of the asked size", given: 0, needed: 1 });
    }
    let set = CircuitSet::new(circuits, part)?;
    let used: std::collections::HashSet<_> =
        set.circuits().iter().flat_map(|circuit| circuit.connectome().neurons().id()).collect();
    summary.n_circuits = set.len();
    summary.n_used = used.len();
    summary.n_shared_train_test = set.n_shared_neurons(CircuitPart::Train, CircuitPart::Test);
    summary.mean_largest_overlap =
        largest_overlaps.iter().sum::<f64>() / largest_overlaps.len().max(1) as f64;
    summary.warnings().into_iter().for_each(|warning| events.emit(Event::Warning(warning)));
    Ok(CircuitSample { set, summary })
}

impl SamplingSummary {
    /// What the user must know about the sample.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.n_circuits < self.n_asked {
            let message = format!(
                "{} of {} circuits found: {} of {} draws were too like an earlier circuit, the others had the wrong \
                 size; allow more overlap, or ask for fewer or smaller circuits",
                self.n_circuits, self.n_asked, self.n_overlapping, self.n_attempts
            );
            warnings.push(Warning::new("fewer-circuits", message));
        }
        if self.n_cut_off > 0 {
            let message = format!(
                "{} of {} circuits reach into the slab of another part; their neurons there are left out",
                self.n_cut_off, self.n_circuits
            );
            warnings.push(Warning::new("cut-off-circuits", message));
        }
        if self.n_shared_train_test > 0 {
            let message = format!(
                "{} neurons are in circuits of both training and test: scores on the test part are too good",
                self.n_shared_train_test
            );
            warnings.push(Warning::new("shared-neurons", message));
        }
        warnings
    }
}

/// The circuits of one part, to be drawn.
struct Draw<'a> {
    region: &'a Region<'a>,
    config: &'a SamplingConfig,
    seed: Seed,
    n_wanted: usize,
    /// Circuits of earlier parts, for the progress.
    n_done: usize,
}

impl Draw<'_> {
    fn run(
        &self,
        summary: &mut SamplingSummary,
        events: &dyn Listener,
    ) -> Result<Vec<(Cut, CircuitOrigin)>, Error> {
        let mut accepted: Vec<(Cut, CircuitOrigin)> = Vec::with_capacity(self.n_wanted);
        let mut overlap = Overlap::new(self.region.inside.len(), self.config.max_overlap);
        let (mut attempt, mut last_accepted) = (0, 0);
        while accepted.len() < self.n_wanted && attempt < last_accepted + REFUSALS {
            if events.cancelled() {
                return Err(Error::Interrupted);
            }
            let seeds: Vec<Seed> = (attempt..attempt + BATCH).map(|one| self.seed.nth(one as u64)).collect();
            let cuts: Vec<Option<Cut>> = seeds.par_iter().map(|&seed| self.cut(seed)).collect();
            attempt += BATCH;
            for (cut, seed) in cuts.into_iter().zip(seeds) {
                if accepted.len() == self.n_wanted {
                    break;
                }
                summary.n_attempts += 1;
                let Some(cut) = cut else { continue };
                if !overlap.accept(&cut.members) {
                    summary.n_overlapping += 1;
                    continue;
                }
                // Neurons dealt out one by one are missing everywhere, which is meant.
                let in_slabs = self.config.separation == Separation::Space;
                summary.n_cut_off += usize::from(in_slabs && cut.n_cut_off > 0);
                let origin = CircuitOrigin {
                    method: self.config.sampler.name().to_owned(),
                    seed: seed.0,
                    center_um: cut.center_um,
                    radius_um: cut.radius_um,
                };
                accepted.push((cut, origin));
                last_accepted = attempt;
            }
            events.emit(Event::Step { done: (self.n_done + accepted.len()) as u64, loss: None });
        }
        Ok(accepted)
    }

    fn cut(&self, seed: Seed) -> Option<Cut> {
        let rng = &mut seed.rng();
        let (region, sizes) = (self.region, &self.config.n_neurons);
        let cut = match self.config.sampler {
            Sampler::Cylinder { axis } => cylinder::cut(region, sizes, axis, rng),
            Sampler::Ball => ball::cut(region, sizes, rng),
            Sampler::Cube => cube::cut(region, sizes, rng),
            Sampler::Nearest => nearest::cut(region, rng.random_range(sizes.clone()), rng),
            Sampler::Hops { n_hops, direction } => hops::cut(region, sizes, (n_hops, direction), rng),
            Sampler::Ego { direction } => ego::cut(region, sizes, direction, rng),
            Sampler::RandomWalk { restart } => {
                random_walk::cut(region, rng.random_range(sizes.clone()), restart, rng)
            }
            Sampler::Uniform => uniform::cut(region, rng.random_range(sizes.clone()), rng),
        };
        cut.filter(|cut| sizes.contains(&cut.members.len()))
    }
}
