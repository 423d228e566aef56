//! An autoencoder, as flags.

use std::path::PathBuf;

use neuroloom_models::weight_manifold::{AutoencoderConfig, Constraint, HiddenActivation, Solver};
use neuroloom_sim::{LatentGroup, LatentInputConfig, LatentSpace};

use super::config::WeightExperiment;
use crate::Error;
use crate::experiment::kebab;

/// Which autoencoder is trained on which inputs.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct TrainAutoencoderArgs {
    /// Latent spaces, one a group of input neurons
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', default_value = "ring", value_parser = kebab::latent_space())]
    pub groups: Vec<LatentSpace>,
    /// Receptive fields along each axis [default: 100 for one axis, 15 for two]
    #[arg(long, value_name = "N")]
    pub fields: Option<usize>,
    /// Moments of input; the last fifth is held out [default: 5000]
    #[arg(long, value_name = "N")]
    pub moments: Option<usize>,
    /// Standard deviation of noise on the inputs [default: 0]
    #[arg(long, value_name = "SD", allow_negative_numbers = true)]
    pub noise: Option<f64>,
    /// Hidden units [default: 50]
    #[arg(long, value_name = "N")]
    pub hidden: Option<usize>,
    /// What hidden units do to their sums [default: identity]
    #[arg(long, value_name = "FUNCTION", value_parser = kebab::hidden_activation())]
    pub activation: Option<HiddenActivation>,
    /// Pull of all weights to zero (L2) [default: 1e-4]
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub l2: Option<f64>,
    /// Price of each unit of weight; makes weights exactly zero [default: 0]
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub l1: Option<f64>,
    /// Price of hidden activity [default: 0]
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub activity: Option<f64>,
    /// What the weights must obey [default: free]
    #[arg(long, value_name = "RULE", value_parser = kebab::constraint())]
    pub constraint: Option<Constraint>,
    /// How the weights are found [default: auto]
    #[arg(long, value_name = "SOLVER", value_parser = kebab::solver())]
    pub solver: Option<Solver>,
    /// Spread of the first weights; every solver but the closed form must be told
    #[arg(long, value_name = "GAIN", allow_negative_numbers = true)]
    pub gain: Option<f64>,
    /// Most steps, of Adam in a round [default: 4000]
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Folder for the model, its weights, scores, tables, figures and report.html
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

impl TrainAutoencoderArgs {
    /// The complete experiment.
    ///
    /// # Errors
    /// [`Error::Simulation`] or [`Error::Models`] naming the setting that is out of range.
    pub fn experiment(&self) -> Result<WeightExperiment, Error> {
        let group =
            |&space: &LatentSpace| LatentGroup { fields_per_axis: self.fields, ..LatentGroup::of(space) };
        let inputs = LatentInputConfig::default();
        let model = AutoencoderConfig::default();
        let config = WeightExperiment {
            inputs: LatentInputConfig {
                groups: self.groups.iter().map(group).collect(),
                steps: self.moments.unwrap_or(inputs.steps),
                noise: self.noise.unwrap_or(inputs.noise),
                ..inputs
            },
            model: AutoencoderConfig {
                hidden: self.hidden.unwrap_or(model.hidden),
                activation: self.activation.unwrap_or(model.activation),
                l2: self.l2.unwrap_or(model.l2),
                l1: self.l1.unwrap_or(model.l1),
                activity: self.activity.unwrap_or(model.activity),
                constraint: self.constraint.unwrap_or(model.constraint),
                solver: self.solver.unwrap_or(model.solver),
                gain: self.gain.or(model.gain),
                steps: self.steps.unwrap_or(model.steps),
                ..model
            },
            ..WeightExperiment::default()
        };
        config.inputs.check()?;
        config.model.check()?;
        Ok(config)
    }
}
