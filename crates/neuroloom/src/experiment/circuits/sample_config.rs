//! What is sampled, as flags.

use std::ops::RangeInclusive;

use neuroloom_analysis::graph::sampling::{Axis, Direction, Eligible, Sampler, SamplingConfig, Separation};

use crate::Error;
use crate::experiment::kebab;

/// How circuits are cut out of a connectome.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct SampleConfig {
    /// How one circuit is cut out
    #[arg(long, value_name = "SAMPLER", default_value = "cylinder", value_parser = kebab::sampler())]
    pub sampler: String,
    /// Number of circuits of all parts together
    #[arg(long = "circuits", value_name = "N", default_value_t = 500)]
    pub n_circuits: usize,
    /// Least and greatest number of neurons in a circuit
    #[arg(long = "neurons", value_name = "MIN..MAX", default_value = "81..100", value_parser = parse_range)]
    pub n_neurons: RangeInclusive<usize>,
    /// Largest overlap of two circuits of a part: shared neurons over all their neurons
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    pub max_overlap: f64,
    /// Depth axis: cylinders lie along it
    #[arg(long, value_name = "AXIS", default_value = "y", value_parser = kebab::axis())]
    pub axis: Axis,
    /// Direction from the pia inwards, where it is no axis of the file: the tissue is turned first so that it is y
    #[arg(long, value_name = "X,Y,Z", value_parser = parse_three, allow_hyphen_values = true)]
    pub depth: Option<[f64; 3]>,
    /// What keeps training and test apart: `space` cuts the tissue into slabs, `neurons` deals neurons out at
    /// random, `none` deals circuits out at random (training and test then share neurons)
    #[arg(long, value_name = "HOW", default_value = "space", value_parser = kebab::separation())]
    pub separate: Separation,
    /// Shares of training, validation and test
    #[arg(long, value_name = "A,B,C", default_value = "0.8,0.1,0.1", value_parser = parse_three)]
    pub split: [f64; 3],
    /// Direction across which slabs are cut [default: the widest that is not the depth axis]
    #[arg(long, value_name = "AXIS", value_parser = kebab::axis())]
    pub slab_axis: Option<Axis>,
    /// Which neurons may enter: all, those with an edge, or those with a traced axon
    #[arg(long, value_name = "WHICH", default_value = "all", value_parser = kebab::eligible())]
    pub eligible: Eligible,
    /// Cell types that may enter [default: all]
    #[arg(long, value_name = "A,B,...", value_delimiter = ',')]
    pub cell_types: Vec<String>,
    /// Edges from the first neuron (sampler `hops`)
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub hops: usize,
    /// Which way edges are followed (samplers `hops` and `ego`)
    #[arg(long, value_name = "WAY", default_value = "both", value_parser = kebab::direction())]
    pub direction: Direction,
    /// Probability of a step back to the first neuron (sampler `random-walk`)
    #[arg(long, value_name = "P", default_value_t = 0.15)]
    pub restart: f64,
}

impl SampleConfig {
    /// The settings of the sampler.
    ///
    /// # Errors
    /// [`Error::Setting`] for a sampler that does not exist.
    pub fn sampling(&self) -> Result<SamplingConfig, Error> {
        let sampler = match self.sampler.as_str() {
            "cylinder" => Sampler::Cylinder { axis: self.axis },
            "ball" => Sampler::Ball,
            "cube" => Sampler::Cube,
            "nearest" => Sampler::Nearest,
            "hops" => Sampler::Hops { n_hops: self.hops, direction: self.direction },
            "ego" => Sampler::Ego { direction: self.direction },
            "random-walk" => Sampler::RandomWalk { restart: self.restart },
            "uniform" => Sampler::Uniform,
            other => {
                let allowed = kebab::SAMPLERS.join(", ");
                return Err(Error::Setting { key: "sampler", given: other.to_owned(), allowed });
            }
        };
        Ok(SamplingConfig {
            sampler,
            n_circuits: self.n_circuits,
            n_neurons: self.n_neurons.clone(),
            max_overlap: self.max_overlap,
            separation: self.separate,
            slab_axis: self.slab_axis,
            fractions: self.split,
            eligible: self.eligible,
            cell_types: self.cell_types.clone(),
        })
    }
}

/// `MIN..MAX`, or one number.
pub(crate) fn parse_range(text: &str) -> Result<RangeInclusive<usize>, String> {
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let number =
        |text: &str| text.trim_start_matches('=').parse().map_err(|_| format!("`{text}` is not a number"));
    Ok(number(min)?..=number(max)?)
}

/// Three numbers with commas between.
pub(crate) fn parse_three(text: &str) -> Result<[f64; 3], String> {
    let shares: Result<Vec<f64>, _> = text.split(',').map(|share| share.trim().parse::<f64>()).collect();
    let shares = shares.map_err(|_| "three numbers with commas between, such as 0.8,0.1,0.1".to_owned())?;
    <[f64; 3]>::try_from(shares).map_err(|numbers| format!("{} numbers, allowed: 3", numbers.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_shares_are_read() {
        assert_eq!(parse_range("81..100"), Ok(81..=100));
        assert_eq!(parse_range("50"), Ok(50..=50));
        assert!(parse_range("a..3").is_err());
        assert_eq!(parse_three("0.5, 0,0.5"), Ok([0.5, 0.0, 0.5]));
        assert!(parse_three("0.5,0.5").is_err() && parse_three("a,b,c").is_err());
    }
}
