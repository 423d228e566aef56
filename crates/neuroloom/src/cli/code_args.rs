//! What can be typed about codes of circuits.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_models::circuit_vae::Form;
use neuroloom_models::circuit_vae::reservoir::Task;
use neuroloom_models::circuit_vae::synthesize::Controller;

use super::import_args::formats;

use crate::experiment::circuits::{parse_range, parse_three};
use crate::experiment::kebab;

/// Arguments of `train circuits`.
#[derive(Debug, Args)]
pub(crate) struct TrainCircuitsArgs {
    /// A set of circuits (what `neuroloom sample` wrote), or a connectome that circuits are cut out of
    #[arg(value_name = "SET|CONNECTOME", required_unless_present = "config")]
    pub(crate) source: Option<PathBuf>,
    /// `conditional` is told types and positions and works for any number of neurons; `slots` makes types too
    /// [default: conditional]
    #[arg(long, value_name = "FORM", value_parser = kebab::form())]
    pub(crate) form: Option<Form>,
    /// Numbers of the code [default: 32]
    #[arg(long, value_name = "N")]
    pub(crate) latent: Option<usize>,
    /// Units a neuron in encoder and decoder, a multiple of 16
    #[arg(long, value_name = "N")]
    pub(crate) width: Option<usize>,
    /// Passes over the training circuits, at most
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Circuits a step
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<usize>,
    /// Learning rate at its highest
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,
    /// Weight of the rate of the code: 1 is the evidence bound, less lets the code say more
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true)]
    pub(crate) beta: Option<f64>,
    /// Epochs without a better validation bound after which training stops; 0 = never
    #[arg(long, value_name = "N")]
    pub(crate) patience: Option<usize>,
    #[command(flatten)]
    pub(crate) cut: CutArgs,
    #[command(flatten)]
    pub(crate) score: ScoreArgs,
    /// An experiment file; flags come on top
    #[arg(long, value_name = "TOML")]
    pub(crate) config: Option<PathBuf>,
    /// Run folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// How circuits are cut out; only for a connectome.
#[derive(Debug, Args)]
#[command(next_help_heading = "Circuits, where a connectome is given")]
pub(crate) struct CutArgs {
    /// Node table, where it does not lie beside the edges
    #[arg(long, value_name = "FILE")]
    pub(crate) nodes: Option<PathBuf>,
    /// Number of circuits of all parts together [default: 500]
    #[arg(long = "circuits", value_name = "N")]
    pub(crate) n_circuits: Option<usize>,
    /// Least and greatest number of neurons in a circuit [default: 81..100]
    #[arg(long = "neurons", value_name = "MIN..MAX", value_parser = parse_range)]
    pub(crate) n_neurons: Option<RangeInclusive<usize>>,
    /// Largest overlap of two circuits of a part [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    pub(crate) max_overlap: Option<f64>,
    /// Shares of training, validation and test [default: 0.8,0.1,0.1]
    #[arg(long, value_name = "A,B,C", value_parser = parse_three)]
    pub(crate) split: Option<[f64; 3]>,
}

/// How far the code is scored.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scores")]
pub(crate) struct ScoreArgs {
    /// Circuits generated for each test circuit [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) per_circuit: Option<usize>,
    /// Null models of the test circuits beside the generated ones [default: reciprocity,distance-type]
    #[arg(long = "null", value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::null_model())]
    pub(crate) nulls: Vec<NullModel>,
    /// Train a second model on circuits dealt out at random, to show how much shared neurons flatter
    #[arg(long)]
    pub(crate) random_split: bool,
    /// Train a model for each of these numbers of latents, such as 2,8,32,128
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    pub(crate) latents: Vec<usize>,
    /// Train a model for each of these weights of the rate, such as 0.1,1,4
    #[arg(long, value_name = "W,W,...", value_delimiter = ',')]
    pub(crate) betas: Vec<f64>,
}

/// Arguments of `atlas`.
#[derive(Debug, Args)]
pub(crate) struct AtlasArgs {
    /// Sets of circuits with their source, and region where there are several: worm=SET, larva:optic=SET
    #[arg(value_name = "SOURCE[:REGION]=SET", required = true, num_args = 1..)]
    pub(crate) sources: Vec<String>,
    /// Most circuits of one source
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) per_source: usize,
    /// Numbers of the code [default: 32]
    #[arg(long, value_name = "N")]
    pub(crate) latent: Option<usize>,
    /// Passes over the training circuits, at most
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Weight of the rate of the code
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true)]
    pub(crate) beta: Option<f64>,
    /// Run folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Arguments of `explore`.
#[derive(Debug, Args)]
pub(crate) struct ExploreArgs {
    /// A run folder of `neuroloom train circuits`
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Metrics that directions are looked for [default: all]
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::circuit_metric())]
    pub(crate) metrics: Vec<String>,
    /// Shuffles behind each p-value
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) permutations: usize,
    /// Neighbours that count on the map
    #[arg(long, value_name = "N", default_value_t = 30.0)]
    pub(crate) perplexity: f64,
}

/// Arguments of `reservoir`.
#[derive(Debug, Args)]
pub(crate) struct ReservoirArgs {
    /// A run folder of `neuroloom train circuits`, or a set of circuits
    #[arg(value_name = "DIR|SET")]
    pub(crate) folder: PathBuf,
    /// What the circuits are asked to do [default: memory-capacity,narma10,mackey-glass,waveform,parity]
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::task())]
    pub(crate) tasks: Vec<Task>,
    /// Circuits that are put beside their controls, the test part first
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) compared: usize,
    /// Random wirings for each circuit and control
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) samples: usize,
    /// Draws of input and input weights
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) inputs: usize,
    /// Largest modulus of an eigenvalue after scaling
    #[arg(long, value_name = "RHO", default_value_t = 0.9)]
    pub(crate) spectral_radius: f64,
    /// Folder for the results [default: DIR; needed for a set]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Arguments of `synthesize`.
#[derive(Debug, Args)]
pub(crate) struct SynthesizeArgs {
    /// A run folder of `neuroloom train circuits`
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// A statistic and the value it is to have: edges, reciprocity, clustering, path_length, modularity, betweenness
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_target)]
    pub(crate) set: Vec<(String, f64)>,
    /// Ask for statistics over the whole range of the data instead, one curve a controller; `all` for all six
    #[arg(long = "curve", value_name = "A,B,...|all", value_delimiter = ',')]
    pub(crate) curves: Vec<String>,
    /// How codes are found; several with --curve [default: closed-loop]
    #[arg(long = "controller", value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::controller())]
    pub(crate) controllers: Vec<Controller>,
    /// Circuits for each request
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) count: usize,
    /// Values of a curve within the 5 to 95 % range of the data
    #[arg(long, value_name = "N", default_value_t = 9)]
    pub(crate) values: usize,
    /// Write each circuit in this format as well, into OUT/circuits
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(crate) format: Option<String>,
    /// Run folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

fn parse_target(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("a name and a value, such as reciprocity=0.15")?;
    let value = value.trim().parse().map_err(|_| format!("`{value}` is not a number"))?;
    Ok((name.trim().replace('-', "_"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        assert_eq!(parse_target("path-length=2.5"), Ok(("path_length".to_owned(), 2.5)));
        assert!(parse_target("edges").is_err() && parse_target("edges=many").is_err());
    }
}
