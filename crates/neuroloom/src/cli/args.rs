//! What can be typed. Nothing here does anything; each verb turns its arguments into an experiment.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_models::mechanism::{
    Signs, Start, Target, TransferChoice, TransferInput, UpdateChoice, Wiring,
};

use super::code_args::{AtlasArgs, ExploreArgs, ReservoirArgs, SynthesizeArgs, TrainCircuitsArgs};
use super::examples;
use super::import_args::{ExportArgs, ImportArgs};
use crate::experiment::circuits::{SampleConfig, TissueArgs};
use crate::experiment::measuring::Traced;
use crate::experiment::weights::{ReadArgs, StressArgs, TrainAutoencoderArgs};
use crate::experiment::{DataConfig, EvaluationLevel, FrameOrientation, SimulateConfig, kebab};

/// Weave neural circuits from a few latent threads; unweave recordings into wiring.
#[derive(Debug, Parser)]
#[command(name = "neuroloom", version, max_term_width = 100, after_help = examples::TOP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// Flags of every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Worker threads; the result does not depend on them [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Seed of everything random [default: 42, or that of the experiment file]
    #[arg(long, global = true, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Print the result as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Show nothing but warnings, errors and JSON
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Simulate a circuit with known wiring, types and functions
    #[command(after_help = examples::SIMULATE)]
    Simulate(Box<SimulateArgs>),
    /// Fit wiring, types and functions to a recording, and score them
    #[command(after_help = examples::INFER)]
    Infer(Box<InferArgs>),
    /// Read the functions of a fit as formulas
    #[command(after_help = examples::DISTILL)]
    Distill(DistillArgs),
    /// Put two sets of circuits, or runs of published experiments and the published numbers, side by side
    #[command(after_help = examples::COMPARE)]
    Compare(CompareArgs),
    /// Fit wiring, types and functions by gradient descent, from the closed form or from random numbers
    #[command(after_help = examples::TRAIN)]
    Train(Box<TrainArgs>),
    /// Cut circuits out of a connectome
    #[command(after_help = examples::SAMPLE)]
    Sample(SampleArgs),
    /// Read the latent variables that weights encode: a manifold, its topology, each neuron's place on it
    #[command(after_help = examples::EXTRACT)]
    Extract(Box<ReadArgs>),
    /// Damage weights in many ways and read them again: how much does a reading stand?
    #[command(after_help = examples::STRESS)]
    Stress(Box<StressArgs>),
    /// Say what a code of circuits knows: directions, attributions, a map
    #[command(after_help = examples::EXPLORE)]
    Explore(ExploreArgs),
    /// Make circuits with the statistics that you ask for
    #[command(after_help = examples::SYNTHESIZE)]
    Synthesize(SynthesizeArgs),
    /// Say what circuits compute, beside reservoirs that share all but what is in question
    #[command(after_help = examples::RESERVOIR)]
    Reservoir(ReservoirArgs),
    /// Put circuits of several sources on one map, by their wiring alone
    #[command(after_help = examples::ATLAS)]
    Atlas(AtlasArgs),
    /// Say what a file holds and how it is understood
    #[command(after_help = examples::INSPECT)]
    Inspect(InspectArgs),
    /// Read a connectome in any layout into a folder of neurons and edges
    #[command(after_help = examples::IMPORT)]
    Import(Box<ImportArgs>),
    /// Write a connectome as GraphML, SONATA, Matrix Market, npz, JSON, CSV or Parquet
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),
    /// Statistics of a wiring diagram, beside null models
    #[command(after_help = examples::MEASURE)]
    Measure(MeasureArgs),
    /// Draw report.html and figures/ again from a run folder
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),
    /// Run all stages of an experiment file; finished stages are not run again
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// Simulate the bundled worm connectome, fit the simulation, write the report
    #[command(after_help = examples::DEMO)]
    Demo(DemoArgs),
}

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SimulateArgs {
    #[command(subcommand)]
    pub(crate) kind: Option<SimulateKind>,
    #[command(flatten)]
    pub(crate) simulate: SimulateConfig,
    /// Folder for activity.zarr, truth.npz, config.toml and provenance.json
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) out: Option<PathBuf>,
}

/// What is simulated other than activity.
#[derive(Debug, Subcommand)]
pub(crate) enum SimulateKind {
    /// Draw a cortex-like connectome with known rules (always synthetic)
    #[command(after_help = examples::SIMULATE_TISSUE)]
    Tissue(TissueArgs),
}

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// A connectome: a folder with edges and nodes, or an edge table or matrix
    #[arg(value_name = "CONNECTOME")]
    pub(crate) connectome: PathBuf,
    /// The node table, where it does not lie beside the edges
    #[arg(long, value_name = "FILE")]
    pub(crate) nodes: Option<PathBuf>,
    /// Whose outputs were traced: what the node table says, or neurons that have an output [default: as-stated]
    #[arg(long, value_name = "RULE", value_parser = kebab::traced())]
    pub(crate) traced: Option<Traced>,
    #[command(flatten)]
    pub(crate) sample: SampleConfig,
    /// Folder for the circuits
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Arguments of `infer`.
#[derive(Debug, Args)]
pub(crate) struct InferArgs {
    #[command(flatten)]
    pub(crate) data: DataConfig,
    /// How dx/dt is read off the recording [default: difference]
    #[arg(long, value_name = "TARGET", value_parser = kebab::target())]
    pub(crate) target: Option<Target>,
    /// Whose class shapes the transfer function psi: `auto` takes the simplest that held-out time supports
    /// [default: auto]
    #[arg(long, value_name = "CLASSES", value_parser = kebab::transfer())]
    pub(crate) transfer: Option<TransferChoice>,
    /// Look for neurons whose recurrent sum is scaled from outside by a field Omega_i(t), constant on N windows of
    /// the recording [default: 0, no field]
    #[arg(long, value_name = "N")]
    pub(crate) modulation_windows: Option<usize>,
    /// Whether each neuron has an update function phi of its own, or all share one [default: own]
    #[arg(long, value_name = "WHOSE", value_parser = kebab::update())]
    pub(crate) update: Option<UpdateChoice>,
    /// Ridge on W relative to the mean eigenvalue of psi(X)'psi(X) [default: chosen]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) ridge: Option<f64>,
    /// Price of an edge as a share of the one that leaves none, 0 to 1: it chooses the edges, which are then fitted
    /// without it [default: 0, all edges]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) l1: Option<f64>,
    /// Which signs W may have: `dale` gives each sender one; `given` takes them from --mask [default: free]
    #[arg(long, value_name = "SIGNS", value_parser = kebab::signs())]
    pub(crate) signs: Option<Signs>,
    /// An experiment file whose [infer] section and seed are used; flags come on top
    #[arg(long, value_name = "TOML")]
    pub(crate) config: Option<PathBuf>,
    /// `none` only fits and writes the model; `full` scores it and writes the report [default: full]
    #[arg(long, value_name = "LEVEL", value_parser = kebab::evaluation_level())]
    pub(crate) evaluate: Option<EvaluationLevel>,
    /// Folder for the model, its wiring, scores, tables, figures and report.html
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Arguments of `distill`.
#[derive(Debug, Args)]
pub(crate) struct DistillArgs {
    /// A run folder: what `infer`, `run` or `demo` wrote
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The recording that was fitted, where it is no longer at its place
    #[arg(long, value_name = "FILE")]
    pub(crate) recording: Option<PathBuf>,
    /// Independent genetic searches a function [default: 4, or that of the experiment]
    #[arg(long, value_name = "N")]
    pub(crate) restarts: Option<usize>,
    /// Most symbols of a formula [default: 16, or that of the experiment]
    #[arg(long, value_name = "N")]
    pub(crate) most_symbols: Option<usize>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// A folder of runs: DIR/EXPERIMENT/RUN, or DIR/RUN; or a set of circuits
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Another set of circuits, such as generated ones
    #[arg(value_name = "OTHER")]
    pub(crate) other: Option<PathBuf>,
    /// Null models of the set of circuits, each compared with it as well
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', value_parser = kebab::null_model())]
    pub(crate) null: Vec<NullModel>,
    /// Runs: a Markdown file for the table. Circuits: a folder for comparison.json and report.html
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

/// Arguments of `train`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct TrainArgs {
    #[command(subcommand)]
    pub(crate) kind: Option<TrainKind>,
    #[command(flatten)]
    pub(crate) data: DataConfig,
    /// Where it starts [default: solve]
    #[arg(long, value_name = "START", value_parser = kebab::start())]
    pub(crate) start: Option<Start>,
    /// How dx/dt is read off the recording [default: difference]
    #[arg(long, value_name = "TARGET", value_parser = kebab::target())]
    pub(crate) target: Option<Target>,
    /// What the transfer function psi sees [default: sender]
    #[arg(long, value_name = "INPUT", value_parser = kebab::transfer_input())]
    pub(crate) transfer_input: Option<TransferInput>,
    /// Which entries of W exist; `masked` and `sparse` take them from --connectome [default: dense]
    #[arg(long, value_name = "WIRING", value_parser = kebab::wiring())]
    pub(crate) wiring: Option<Wiring>,
    /// Which signs W may have; `given` takes them from --connectome [default: free]
    #[arg(long, value_name = "SIGNS", value_parser = kebab::signs())]
    pub(crate) signs: Option<Signs>,
    /// Epochs [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Steps an epoch [default: 1000]
    #[arg(long, value_name = "N")]
    pub(crate) steps_per_epoch: Option<usize>,
    /// Frames a step [default: 16]
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<usize>,
    /// Learning rate of W [default: 0.001]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) rate_weights: Option<f64>,
    /// Steps of dt that the model runs by itself before it is compared [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) recurrent_steps: Option<usize>,
    /// Settings of the published code instead of ours: random start, constant rates, batches of 8, 1.25 million steps
    #[arg(long)]
    pub(crate) published: bool,
    /// An experiment file whose [infer] and [train] sections and seed are used; flags come on top
    #[arg(long, value_name = "TOML")]
    pub(crate) config: Option<PathBuf>,
    /// `none` only fits and writes the model; `full` scores it and writes the report [default: full]
    #[arg(long, value_name = "LEVEL", value_parser = kebab::evaluation_level())]
    pub(crate) evaluate: Option<EvaluationLevel>,
    /// Folder for checkpoints, the model, its wiring, scores, tables, figures and report.html
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) out: Option<PathBuf>,
}

/// What is trained other than a mechanism.
#[derive(Debug, Subcommand)]
pub(crate) enum TrainKind {
    /// Train an autoencoder on inputs tuned to latent variables, and read these from its weights
    #[command(after_help = examples::TRAIN_AUTOENCODER)]
    Autoencoder(Box<TrainAutoencoderArgs>),
    /// Learn a code of circuits: a few numbers that describe a circuit, and circuits from numbers
    #[command(after_help = examples::TRAIN_CIRCUITS)]
    Circuits(Box<TrainCircuitsArgs>),
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A recording, a connectome (file or folder), a truth.npz
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// Which array of the file, where it holds several
    #[arg(long, value_name = "KEY")]
    pub(crate) array: Option<String>,
    /// Seconds between two frames, where the file does not say
    #[arg(long = "dt", value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) dt_s: Option<f64>,
    /// A table naming the neurons
    #[arg(long, value_name = "CSV")]
    pub(crate) names: Option<PathBuf>,
    /// Which axis is time
    #[arg(long, value_name = "ORIENTATION", value_parser = kebab::orientation())]
    pub(crate) orientation: Option<FrameOrientation>,
}

/// Arguments of `measure`.
#[derive(Debug, Args)]
pub(crate) struct MeasureArgs {
    /// Edge tables, matrices, folders with edges.* and nodes.*, or sets of circuits; several make a table
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Node table, where it does not stand beside the edges
    #[arg(long, value_name = "TABLE")]
    pub(crate) nodes: Option<PathBuf>,
    /// Only edges of this kind, such as `chemical`
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Whose outputs were traced: what the node table says, or neurons that have an output [default: as-stated]
    #[arg(long, value_name = "RULE", value_parser = kebab::traced())]
    pub(crate) traced: Option<Traced>,
    /// Null models to compare with, such as `degree,dyad`
    #[arg(long = "null", value_name = "MODEL", value_delimiter = ',', value_parser = kebab::null_model())]
    pub(crate) nulls: Vec<NullModel>,
    /// Random graphs of each null model
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) samples: usize,
    /// Successful swaps for each edge, for null models that swap
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) swaps: usize,
    /// Width of a distance bin in micrometres
    #[arg(long, value_name = "UM", default_value_t = 20.0, allow_negative_numbers = true)]
    pub(crate) bin_um: f64,
    /// Small-world sigma and omega, with so many random references
    #[arg(long, value_name = "DRAWS", num_args = 0..=1, default_missing_value = "20")]
    pub(crate) small_world: Option<usize>,
    /// Folder for measures.json, tables, figures and report.html [default: only print]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run folder: what `infer`, `run` or `demo` wrote
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The experiment; its relative paths start in its own folder
    #[arg(value_name = "FILE")]
    pub(crate) experiment: PathBuf,
    /// Run folder [default: runs/<name of the experiment file>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Run folder
    #[arg(long, value_name = "DIR", default_value = "runs/demo")]
    pub(crate) out: PathBuf,
}
