//! `neuroloom demo`: the bundled worm wiring, simulated, fitted, reported.

use neuroloom_core::AssemblyType;
use neuroloom_models::mechanism::{SolveConfig, Target};
use neuroloom_sim::{AssemblyConfig, TypeSet};

use super::args::DemoArgs;
use super::{Session, scores};
use crate::Error;
use crate::experiment::{
    BundledConnectome, ExperimentConfig, Pipeline, Resume, RunDir, RunRecord, SimulateConfig,
};

pub(super) fn demo(session: &Session, args: &DemoArgs) -> Result<(), Error> {
    let config = experiment(session.seed);
    session.console.note(
        "The wiring of a real worm (302 neurons, Cook et al. 2019), dynamics simulated on it, and the mechanism \
         found again from the activity and its exact drift, as in the published experiments with noise.",
    );
    let run = RunDir::create(&args.out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    Pipeline::new(&config, &config, &run, &record, (&session.command, Resume::Fresh))?.execute()?;
    scores::print(session, &run, config.evaluate)
}

/// Four types that differ in decay and self coupling, at ten frames a second. Each step has noise: the real
/// wiring leaves some neurons without input, and a silent neuron tells nothing. As in the published experiments
/// with noise, the fit is given the exact drift; `--target difference` shows what the recording alone allows.
fn experiment(seed: Option<u64>) -> ExperimentConfig {
    let row = |self_coupling, decay| AssemblyType { self_coupling, decay, ..AssemblyType::default() };
    let assembly = AssemblyConfig {
        types: TypeSet::Custom(vec![row(0.0, 1.0), row(3.0, 1.0), row(0.0, 3.0), row(3.0, 3.0)]),
        noise_std: 0.8,
        dt_s: 0.1,
        n_frames: 60_000,
        ..AssemblyConfig::default()
    };
    let simulate = SimulateConfig {
        bundled: Some(BundledConnectome::Worm),
        assembly: Some(assembly),
        drift: true,
        ..SimulateConfig::default()
    };
    let base = ExperimentConfig::default();
    let infer = SolveConfig { target: Target::Drift, ..SolveConfig::default() };
    ExperimentConfig { seed: seed.unwrap_or(base.seed), simulate: Some(simulate), infer, ..base }
}
