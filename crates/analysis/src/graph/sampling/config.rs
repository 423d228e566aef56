//! What is sampled and how it is split.

use std::ops::RangeInclusive;

use neuroloom_core::{CircuitPart, Connectome};
use serde::{Deserialize, Serialize};

use crate::Error;

/// An axis of space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// The first coordinate.
    X,
    /// The second coordinate; from pia to white matter in MICrONS and in the rat column.
    Y,
    /// The third coordinate.
    Z,
}

impl Axis {
    /// Its place among the coordinates.
    pub fn index(self) -> usize {
        match self {
            Self::X => 0,
            Self::Y => 1,
            Self::Z => 2,
        }
    }

    /// The other two axes.
    pub fn others(self) -> [usize; 2] {
        match self {
            Self::X => [1, 2],
            Self::Y => [0, 2],
            Self::Z => [0, 1],
        }
    }
}

/// Which edges of a neuron lead on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From receiver to sender.
    In,
    /// From sender to receiver.
    Out,
    /// Both ways.
    #[default]
    Both,
}

/// How one circuit is cut out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Sampler {
    /// Every neuron within a radius of a line along `axis` through a random point.
    Cylinder {
        /// The depth axis.
        axis: Axis,
    },
    /// Every neuron within a radius of a random point.
    Ball,
    /// Every neuron in a cube around a random point.
    Cube,
    /// The neurons nearest to a random neuron.
    Nearest,
    /// What is reached from a random neuron over at most `n_hops` edges; where that is too much, the last hop is
    /// thinned at random.
    Hops {
        /// Edges from the first neuron.
        n_hops: usize,
        /// Which way.
        direction: Direction,
    },
    /// A random neuron and its partners; where they are too many, those with the most synapses.
    Ego {
        /// Which partners.
        direction: Direction,
    },
    /// What a walk along edges (either way) visits that starts at a random neuron.
    RandomWalk {
        /// Probability of a step back to the first neuron.
        restart: f64,
    },
    /// Neurons drawn without regard to place or wiring.
    Uniform,
}

impl Sampler {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cylinder { .. } => "cylinder",
            Self::Ball => "ball",
            Self::Cube => "cube",
            Self::Nearest => "nearest",
            Self::Hops { .. } => "hops",
            Self::Ego { .. } => "ego",
            Self::RandomWalk { .. } => "random-walk",
            Self::Uniform => "uniform",
        }
    }

    pub(crate) fn needs_positions(self) -> bool {
        matches!(self, Self::Cylinder { .. } | Self::Ball | Self::Cube | Self::Nearest)
    }
}

/// What keeps training and test apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separation {
    /// Slabs of the tissue across its widest direction (other than the depth axis): no neuron is in two parts.
    #[default]
    Space,
    /// Neurons dealt out at random before circuits are cut: no neuron is in two parts, but each circuit is
    /// thinned to the neurons of its part. For connectomes without positions.
    Neurons,
    /// Circuits dealt out at random: training and test share neurons, so scores are too good.
    None,
}

/// Which neurons may enter a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Eligible {
    /// All.
    #[default]
    All,
    /// Those with an edge to or from another neuron.
    Connected,
    /// Those whose outputs were traced (`pre_observed`; a proofread axon).
    Traced,
}

/// What is sampled and how it is split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SamplingConfig {
    /// How one circuit is cut out.
    pub sampler: Sampler,
    /// Number of circuits of all parts together.
    pub n_circuits: usize,
    /// Least and greatest number of neurons in a circuit.
    pub n_neurons: RangeInclusive<usize>,
    /// Largest Jaccard overlap (shared / all neurons) of two circuits of a part, 0 to 1.
    pub max_overlap: f64,
    /// What keeps training and test apart.
    pub separation: Separation,
    /// Direction across which slabs are cut [default: the widest that is not the depth axis].
    pub slab_axis: Option<Axis>,
    /// Shares of training, validation and test; they add up to 1.
    pub fractions: [f64; 3],
    /// Which neurons may enter a circuit.
    pub eligible: Eligible,
    /// Cell types that may enter a circuit; empty = all.
    pub cell_types: Vec<String>,
}

impl Default for SamplingConfig {
    /// The sister paper's sample: 500 cylinders of 81 to 100 neurons.
    fn default() -> Self {
        Self {
            sampler: Sampler::Cylinder { axis: Axis::Y },
            n_circuits: 500,
            n_neurons: 81..=100,
            max_overlap: 0.5,
            separation: Separation::Space,
            slab_axis: None,
            fractions: [0.8, 0.1, 0.1],
            eligible: Eligible::All,
            cell_types: Vec::new(),
        }
    }
}

impl SamplingConfig {
    pub(crate) fn check(&self, connectome: &Connectome) -> Result<(), Error> {
        let value = |what, given: String, allowed: &str| {
            Err(Error::Value { what, given, allowed: allowed.to_owned() })
        };
        let (min, max) = (*self.n_neurons.start(), *self.n_neurons.end());
        if min < 2 || max < min {
            return value(
                "number of neurons",
                format!("{min} to {max}"),
                "2 or more, the smaller number first",
            );
        }
        if self.n_circuits == 0 {
            return value("number of circuits", "0".to_owned(), "1 or more");
        }
        if !(0.0..=1.0).contains(&self.max_overlap) {
            return value("largest overlap", self.max_overlap.to_string(), "0 to 1");
        }
        let shares = self.fractions;
        if shares.iter().any(|share| !(0.0..=1.0).contains(share))
            || (shares.iter().sum::<f64>() - 1.0).abs() > 1e-6
        {
            return value("split", format!("{shares:?}"), "three shares from 0 to 1 that add up to 1");
        }
        if let Sampler::RandomWalk { restart } = self.sampler
            && !(0.0..1.0).contains(&restart)
        {
            return value("restart probability", restart.to_string(), "0 to below 1");
        }
        if connectome.neurons().position_um().is_none() {
            if self.sampler.needs_positions() {
                let allowed = "hops, ego, random-walk or uniform for a connectome without soma positions";
                return value("sampler", self.sampler.name().to_owned(), allowed);
            }
            if self.separation == Separation::Space {
                let allowed = "neurons or none for a connectome without soma positions";
                return value("separation", "space".to_owned(), allowed);
            }
        }
        Ok(())
    }

    /// Positions in the table of the neurons that may enter a circuit, ascending.
    pub(crate) fn eligible_neurons(&self, connectome: &Connectome) -> Result<Vec<u32>, Error> {
        let neurons = connectome.neurons();
        let mut allowed = vec![true; neurons.len()];
        match self.eligible {
            Eligible::All => {}
            Eligible::Connected => allowed = connected(connectome),
            Eligible::Traced => {
                let Some(traced) = &connectome.observed().pre_observed else {
                    let allowed = "all or connected: the node table has no column pre_observed".to_owned();
                    return Err(Error::Value {
                        what: "eligible neurons",
                        given: "traced".to_owned(),
                        allowed,
                    });
                };
                allowed.clone_from(traced);
            }
        }
        if !self.cell_types.is_empty() {
            keep_types(&mut allowed, neurons.cell_type(), &self.cell_types)?;
        }
        let in_space = self.sampler.needs_positions() || self.separation == Separation::Space;
        if let Some(positions) = neurons.position_um().filter(|_| in_space) {
            let known = |position: &[f64; 3]| position.iter().all(|axis| axis.is_finite());
            allowed.iter_mut().zip(positions).for_each(|(allowed, position)| *allowed &= known(position));
        }
        let eligible: Vec<u32> =
            (0..neurons.len() as u32).filter(|&neuron| allowed[neuron as usize]).collect();
        let needed = *self.n_neurons.start();
        if eligible.len() < needed {
            return Err(Error::TooFew {
                what: "neurons that may enter a circuit",
                given: eligible.len(),
                needed,
            });
        }
        Ok(eligible)
    }

    /// Circuits asked for in each region, in the order of the parts.
    pub(crate) fn circuits_per_region(&self) -> Vec<usize> {
        if self.separation == Separation::None {
            return vec![self.n_circuits];
        }
        let share = |fraction: f64| (fraction * self.n_circuits as f64).round() as usize;
        let (validation, test) = (share(self.fractions[1]), share(self.fractions[2]));
        vec![self.n_circuits.saturating_sub(validation + test), validation, test]
    }

    /// Parts that get a region of their own.
    pub(crate) fn parts(&self) -> &'static [CircuitPart] {
        if self.separation == Separation::None { &CircuitPart::ALL[..1] } else { &CircuitPart::ALL }
    }
}

fn connected(connectome: &Connectome) -> Vec<bool> {
    let mut connected = vec![false; connectome.neurons().len()];
    let edges = connectome.edges();
    for (&pre, &post) in edges.pre.iter().zip(&edges.post).filter(|(pre, post)| pre != post) {
        connected[pre as usize] = true;
        connected[post as usize] = true;
    }
    connected
}

fn keep_types(allowed: &mut [bool], known: Option<&[String]>, wanted: &[String]) -> Result<(), Error> {
    let known = known.unwrap_or_default();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        let mut present: Vec<&str> = known.iter().map(String::as_str).collect();
        present.sort_unstable();
        present.dedup();
        let allowed = format!("one of: {}", present.join(", "));
        return Err(Error::Value { what: "cell type", given: unknown.clone(), allowed });
    }
    allowed.iter_mut().zip(known).for_each(|(allowed, name)| *allowed &= wanted.contains(name));
    Ok(())
}
