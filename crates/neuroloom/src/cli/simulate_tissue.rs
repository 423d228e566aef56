//! `neuroloom simulate tissue`.

use neuroloom_core::Seed;

use super::Session;
use super::console::Format;
use super::render::{count, facts};
use crate::Error;
use crate::experiment::circuits::{self, TissueArgs};
use crate::experiment::{Artefact, ExperimentConfig, Provenance, RunDir};

pub(super) fn simulate_tissue(session: &Session, args: &TissueArgs) -> Result<(), Error> {
    let started = std::time::Instant::now();
    let seed = Seed(session.seed.unwrap_or(ExperimentConfig::default().seed));
    let run = RunDir::create(&args.out)?;
    run.write_json(Artefact::Provenance, &Provenance::new(&session.command, seed.0))?;
    let drawn = circuits::simulate_tissue(&args.config(), (seed, &args.out), &session.progress);
    let summary = drawn.map_err(|error| error.in_stage("simulate tissue"))?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(summary)));
        return Ok(());
    }
    let excess = summary.expected_reciprocity_over_chance;
    session.console.summary(&facts(&[
        ("tissue", "synthetic; nothing was measured".to_owned()),
        ("neurons", format!("{}, column {:.0} um wide", count(summary.n_neurons as u64), summary.width_um)),
        (
            "edges",
            format!(
                "{} ({} expected)",
                count(summary.n_edges as u64),
                count(summary.expected_edges.round() as u64)
            ),
        ),
        ("mutual pairs", format!("{excess:.2} times chance")),
        ("proofread", format!("{} axons", count(summary.n_proofread as u64))),
        ("observed edges", count(summary.n_edges_observed as u64)),
        ("time", format!("{:.2} s", started.elapsed().as_secs_f64())),
        ("folder", args.out.display().to_string()),
    ]));
    Ok(())
}
