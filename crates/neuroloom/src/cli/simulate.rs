//! `neuroloom simulate`.

use neuroloom_core::Seed;
use serde_json::json;

use super::args::{SimulateArgs, SimulateKind};
use super::console::Format;
use super::render::{count, facts};
use super::{Session, finish_folder};
use crate::Error;
use crate::experiment::stages::{self, SimulationPlace};
use crate::experiment::{
    Artefact, ExperimentConfig, Provenance, RunDir, RunRecord, SimulateConfig, SimulationSummary,
};

pub(super) fn simulate(session: &Session, args: SimulateArgs) -> Result<(), Error> {
    if let Some(SimulateKind::Tissue(tissue)) = &args.kind {
        return super::simulate_tissue::simulate_tissue(session, tissue);
    }
    // clap asks for it unless there is a subcommand.
    let Some(out) = args.out else { return Ok(()) };
    let config = ExperimentConfig {
        seed: session.seed.unwrap_or(ExperimentConfig::default().seed),
        simulate: Some(args.simulate),
        ..ExperimentConfig::default()
    };
    let Some(simulated) = &config.simulate else { return Ok(()) };
    let run = RunDir::create(&out)?;
    run.write_text(Artefact::Config, &config.to_toml()?)?;
    let mut provenance = Provenance::new(&session.command, config.seed);
    provenance.inputs = simulated.read_inputs()?;
    run.write_json(Artefact::Provenance, &provenance)?;
    let record = RunRecord::without_journal(&session.progress);
    let place = SimulationPlace { activity: out.join("activity.zarr"), truth: out.join("truth.npz") };
    let summary = stages::simulate(simulated, &place, Seed(config.seed), &record);
    let summary = summary.map_err(|error| error.in_stage("simulate"))?;
    provenance.seconds.push(("simulate".to_owned(), summary.seconds));
    run.write_json(Artefact::Provenance, &provenance)?;
    finish_folder(&run, record.take_warnings()?)?;
    print(session, simulated, &summary, &place);
    Ok(())
}

fn print(session: &Session, config: &SimulateConfig, summary: &SimulationSummary, place: &SimulationPlace) {
    let steps_per_second = summary.n_steps as f64 / summary.seconds;
    if session.console.format == Format::Json {
        let result = json!({
            "summary": summary,
            "steps_per_second": steps_per_second,
            "activity": place.activity,
            "truth": place.truth,
        });
        session.console.result(&format!("{result:#}"));
        return;
    }
    let drift = if summary.has_drift {
        "stored (for `infer --target drift`)"
    } else {
        "not stored (--drift stores it)"
    };
    session.console.summary(&facts(&[
        ("preset", config.preset().name().to_owned()),
        ("neurons", count(summary.n_neurons as u64)),
        ("frames", format!("{}, {} s apart", count(summary.n_frames as u64), summary.dt_s)),
        ("std of activity", format!("{:.3}", summary.activity_std)),
        ("drift", drift.to_owned()),
        ("time", format!("{:.2} s, {} steps a second", summary.seconds, count(steps_per_second as u64))),
        ("activity", place.activity.display().to_string()),
        ("truth", place.truth.display().to_string()),
    ]));
}
