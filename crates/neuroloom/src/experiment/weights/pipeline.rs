//! A run of the family: train, extract, report; or a study of several.

use neuroloom_core::{Listener, Seed};

use super::config::WeightExperiment;
use super::training::NetworkRecord;
use super::{page, reading, training};
use crate::Error;
use crate::experiment::resume::input_hash;
use crate::experiment::{Artefact, Ledger, Provenance, RunDir, RunRecord, Stage, stages};

/// Runs every stage that is not finished; returns those that ran.
///
/// # Errors
/// What the first failing stage says; what was finished before it is kept.
pub fn run(
    config: &WeightExperiment,
    run: &RunDir,
    record: &RunRecord<'_>,
    command: &str,
) -> Result<Vec<Stage>, Error> {
    run.write_text(Artefact::Config, &config.to_toml()?)?;
    let provenance = Provenance::new(command, config.seed);
    run.write_json(Artefact::Provenance, &provenance)?;
    let mut sequence = Sequence { run, record, ledger: Ledger::open(run), provenance, ran: Vec::new() };
    let seed = config.seed.to_string();
    if config.is_study() {
        let inputs = input_hash(&[seed, format!("{config:?}")]);
        sequence.stage(Stage::Study, &inputs, |record| super::study::study(config, run, record))?;
        sequence.stage(Stage::Report, &inputs, |record| stages::report(run, record).map(|_| ()))?;
    } else {
        let trained = input_hash(&[seed, format!("{:?} {:?}", config.inputs, config.model)]);
        sequence.stage(Stage::TrainAutoencoder, &trained, |record| {
            training::train_network(config, run, record)
        })?;
        let extracted = input_hash(&[trained, format!("{:?}", config.extract)]);
        sequence.stage(Stage::Extract, &extracted, |record| extract(config, run, record))?;
        sequence.stage(Stage::Report, &extracted, |record| stages::report(run, record).map(|_| ()))?;
    }
    run.write_json(Artefact::Provenance, &sequence.provenance)?;
    Ok(sequence.ran)
}

fn extract(config: &WeightExperiment, run: &RunDir, events: &dyn Listener) -> Result<(), Error> {
    let subject = training::subject_of(config, run)?;
    let network: NetworkRecord = run.read_json(Artefact::Training)?;
    if network.network.zero_share == 1.0 {
        // A finding, not a failure: nothing was worth its price.
        run.write_json(Artefact::Exploration, &page::of_no_network(&subject, &network))?;
        let topology = serde_json::json!({ "verdict": "no network", "is_ring": 0, "confidence": null });
        let evaluation =
            serde_json::json!({ "topology": topology, "network": network.network, "extraction": null });
        return run.write_json(Artefact::Evaluation, &evaluation);
    }
    let read = reading::read(&subject, &config.extract, Seed(config.seed).split("extract"), events)?;
    reading::write(&read, run)?;
    run.write_json(Artefact::Exploration, &page::of_run(&subject, &read, &network))?;
    let evaluation = serde_json::json!({
        "topology": read.extraction.topology,
        "network": network.network,
        "extraction": read.extraction,
    });
    run.write_json(Artefact::Evaluation, &evaluation)
}

/// Stages in order, those skipped that are finished.
struct Sequence<'a> {
    run: &'a RunDir,
    record: &'a RunRecord<'a>,
    ledger: Ledger<'a>,
    provenance: Provenance,
    ran: Vec<Stage>,
}

impl Sequence<'_> {
    fn stage(
        &mut self,
        stage: Stage,
        inputs: &str,
        work: impl FnOnce(&RunRecord<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.ledger.is_finished(stage, inputs) {
            return Ok(());
        }
        self.ledger.run_stage((stage, inputs), (self.record, &mut self.provenance), work)?;
        self.ran.push(stage);
        self.run.write_json(Artefact::Provenance, &self.provenance)
    }
}
