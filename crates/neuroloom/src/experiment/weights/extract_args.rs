//! An extraction and a stress test, as flags.

use std::path::PathBuf;

use neuroloom_models::weight_manifold::{
    Corruption, EmbeddingMethod, Entries, ExtractConfig, PointSet, Scaling, StressConfig,
};

use super::extract::ExtractRun;
use super::source::{ArrayLayout, SourceOptions};
use super::truth_table::{AngleUnit, TruthOptions};
use crate::experiment::kebab;

/// Which weights are read, and how.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct ReadArgs {
    /// Weights: .npz, .npy, .safetensors, .onnx or .csv; a connectome (file or folder); a run folder
    #[arg(value_name = "FILE|DIR")]
    pub weights: PathBuf,
    /// Name of the input weights, where several arrays could be
    #[arg(long, value_name = "NAME")]
    pub input: Option<String>,
    /// Name of the output weights
    #[arg(long, value_name = "NAME")]
    pub output: Option<String>,
    /// Which axis of a stored matrix receives: `out-in` as in PyTorch, `in-out` as in Keras [default: out-in]
    #[arg(long, value_name = "LAYOUT", value_parser = kebab::array_layout())]
    pub layout: Option<ArrayLayout>,
    /// Only neurons of these types are points; features are always those of all neurons
    #[arg(long = "cell-type", value_name = "A,B,...", value_delimiter = ',')]
    pub cell_types: Vec<String>,
    /// Which vectors of weights are the points: what a neuron sends, receives, both; or hidden units [default: outgoing]
    #[arg(long, value_name = "WHICH", value_parser = kebab::point_set())]
    pub points: Option<PointSet>,
    /// What stands for the strength of a connection [default: raw]
    #[arg(long, value_name = "WHAT", value_parser = kebab::entries())]
    pub entries: Option<Entries>,
    /// Give every point length 1: for neurons of unequal strength
    #[arg(long)]
    pub unit_norm: bool,
    /// Replace the vectors by N coordinates of the adjacency spectral embedding: for large sparse connectomes
    #[arg(long, value_name = "N")]
    pub spectral: Option<usize>,
    /// Neighbours of each point in the graph [default: 6 up to 150 points, 10 above]
    #[arg(long, value_name = "K")]
    pub neighbours: Option<usize>,
    /// How few coordinates are made of many [default: isomap]
    #[arg(long, value_name = "METHOD", value_parser = kebab::embedding_method())]
    pub method: Option<EmbeddingMethod>,
    /// Coordinates of the embedding [default: 3; t-SNE always has 2]
    #[arg(long, value_name = "N")]
    pub coordinates: Option<usize>,
    /// Shuffles of the weights behind each null level [default: 20]
    #[arg(long, value_name = "N")]
    pub shuffles: Option<usize>,
    /// A table with the latent of each neuron, to score the reading against
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// Its columns of angles [default: those whose names begin with `angle`]
    #[arg(long = "angle", value_name = "COLUMN", value_delimiter = ',')]
    pub angles: Vec<String>,
    /// Unit of these angles [default: told by the name: _deg, _rad or _turn]
    #[arg(long, value_name = "UNIT", value_parser = kebab::angle_unit())]
    pub angle_unit: Option<AngleUnit>,
    /// Its columns of positions [default: those whose names begin with `position`]
    #[arg(long = "position", value_name = "COLUMN", value_delimiter = ',')]
    pub positions: Vec<String>,
    /// Folder for coordinates, scores, tables, figures and report.html
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Which damage is tried.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct StressArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Kinds of damage; `input-noise` trains the network of a run folder anew [default: all others]
    #[arg(long = "damage", value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::corruption())]
    pub corruptions: Vec<Corruption>,
    /// Independent draws at each strength [default: 10]
    #[arg(long, value_name = "N")]
    pub draws: Option<usize>,
}

impl ReadArgs {
    /// The complete settings.
    pub fn run(&self, seed: u64) -> ExtractRun {
        let extract = ExtractConfig::default();
        ExtractRun {
            seed,
            weights: self.weights.clone(),
            source: SourceOptions {
                input: self.input.clone(),
                output: self.output.clone(),
                layout: self.layout.unwrap_or_default(),
                cell_types: self.cell_types.clone(),
                truth: self.truth.clone(),
                truth_columns: TruthOptions {
                    angles: self.angles.clone(),
                    angle_unit: self.angle_unit,
                    positions: self.positions.clone(),
                },
            },
            extract: ExtractConfig {
                points: self.points.unwrap_or(extract.points),
                entries: self.entries.unwrap_or(extract.entries),
                spectral: self.spectral,
                scaling: if self.unit_norm { Scaling::UnitNorm } else { extract.scaling },
                neighbours: self.neighbours,
                method: self.method.unwrap_or(extract.method),
                coordinates: self.coordinates,
                shuffles: self.shuffles.unwrap_or(extract.shuffles),
                ..extract
            },
            stress: None,
        }
    }
}

impl StressArgs {
    /// The complete settings.
    pub fn run(&self, seed: u64) -> ExtractRun {
        let default = StressConfig::default();
        let corruptions =
            if self.corruptions.is_empty() { default.corruptions } else { self.corruptions.clone() };
        let draws = self.draws.unwrap_or(default.draws);
        ExtractRun { stress: Some(StressConfig { corruptions, draws }), ..self.read.run(seed) }
    }
}
