//! Which stages of a run are finished: their artefacts exist and their inputs are the same as now.

use std::collections::BTreeMap;
use std::time::Instant;

use neuroloom_core::{Listener, Warning};
use serde::{Deserialize, Serialize};

use super::provenance::hash_text;
use super::{Artefact, Provenance, RunDir, RunRecord};
use crate::Error;

/// A step of a run; each reads the artefacts of those before it and writes its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Known dynamics to a recording and its truth.
    Simulate,
    /// A recording to a model.
    Infer,
    /// A recording to the closed form that training starts from.
    Solve,
    /// A recording (and a closed form) to a model, by gradient descent.
    Train,
    /// Circuits to a code.
    TrainCircuits,
    /// Tuned inputs to an autoencoder.
    TrainAutoencoder,
    /// Weights to the manifold that they encode.
    Extract,
    /// Many autoencoders to a table.
    Study,
    /// A connectome to circuits.
    Sample,
    /// A trained code to directions, attributions and maps.
    Explore,
    /// A model to scores and figure numbers.
    Evaluate,
    /// Fitted functions to formulas.
    Distill,
    /// Scores and figure numbers to a page.
    Report,
}

impl Stage {
    /// In the order in which they run.
    const ALL: [Self; 13] = [
        Self::Simulate,
        Self::Sample,
        Self::Infer,
        Self::Solve,
        Self::Train,
        Self::TrainCircuits,
        Self::TrainAutoencoder,
        Self::Extract,
        Self::Study,
        Self::Evaluate,
        Self::Distill,
        Self::Explore,
        Self::Report,
    ];

    /// Its name in `stages.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simulate => "simulate",
            Self::Infer => "infer",
            Self::Solve => "solve",
            Self::Train => "train",
            Self::TrainCircuits => "train circuits",
            Self::TrainAutoencoder => "train autoencoder",
            Self::Extract => "extract",
            Self::Study => "study",
            Self::Sample => "sample",
            Self::Explore => "explore",
            Self::Evaluate => "evaluate",
            Self::Distill => "distill",
            Self::Report => "report",
        }
    }

    /// What must exist once it is finished.
    pub fn artefacts(self) -> &'static [Artefact] {
        match self {
            Self::Simulate => &[Artefact::Activity, Artefact::Truth],
            Self::Infer => &[Artefact::Model, Artefact::Wiring, Artefact::WeightTable, Artefact::TypeTable],
            Self::Solve => &[Artefact::SolvedModel],
            Self::Train => &[
                Artefact::Model,
                Artefact::Wiring,
                Artefact::WeightTable,
                Artefact::TypeTable,
                Artefact::Training,
            ],
            Self::TrainCircuits => &[Artefact::Model],
            Self::TrainAutoencoder => {
                &[Artefact::Model, Artefact::Weights, Artefact::Latents, Artefact::Training]
            }
            Self::Extract => &[Artefact::Evaluation, Artefact::Exploration, Artefact::Coordinates],
            Self::Study => {
                &[Artefact::Evaluation, Artefact::Exploration, Artefact::StudyRuns, Artefact::StudyTable]
            }
            Self::Sample => &[Artefact::Circuits],
            Self::Explore => &[Artefact::Directions, Artefact::DirectionTable],
            Self::Evaluate => &[Artefact::Evaluation, Artefact::Exploration],
            Self::Distill => &[Artefact::Formulas, Artefact::FormulasLatex],
            Self::Report => &[Artefact::Report, Artefact::Figures],
        }
    }
}

/// What is kept of a finished stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FinishedStage {
    /// SHA-256 over everything the stage depends on.
    inputs: String,
    /// Its warnings, so that a resumed run reports them too.
    warnings: Vec<Warning>,
}

/// The finished stages of a run folder, `stages.json`.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    run: &'a RunDir,
    finished: BTreeMap<String, FinishedStage>,
}

impl<'a> Ledger<'a> {
    /// What an earlier run in this folder finished; a damaged ledger counts as empty.
    pub(crate) fn open(run: &'a RunDir) -> Self {
        let finished = run.read_json_if_any(Artefact::Stages).ok().flatten().unwrap_or_default();
        Self { run, finished }
    }

    /// Forgets every earlier run in this folder.
    ///
    /// # Errors
    /// [`Error::Io`] if the ledger cannot be written.
    pub(crate) fn clear(run: &'a RunDir) -> Result<Self, Error> {
        let ledger = Self { run, finished: BTreeMap::new() };
        ledger.save()?;
        Ok(ledger)
    }

    /// Whether a stage need not run again.
    pub(crate) fn is_finished(&self, stage: Stage, inputs: &str) -> bool {
        let same = self.finished.get(stage.name()).is_some_and(|one| one.inputs == inputs);
        same && stage.artefacts().iter().all(|&artefact| self.run.has(artefact))
    }

    /// Runs one stage: marked as begun before, as finished (with its warnings and its time) after.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the run was asked to stop, else what the stage says.
    pub(crate) fn run_stage<T>(
        &mut self,
        (stage, inputs): (Stage, &str),
        (record, provenance): (&RunRecord<'_>, &mut Provenance),
        work: impl FnOnce(&RunRecord<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if record.cancelled() {
            return Err(Error::Interrupted { stage: stage.name() });
        }
        self.begin(stage)?;
        let started = Instant::now();
        let result = work(record).map_err(|error| error.in_stage(stage.name()))?;
        provenance.seconds.push((stage.name().to_owned(), started.elapsed().as_secs_f64()));
        self.finish(stage, inputs, record.take_warnings()?)?;
        Ok(result)
    }

    /// Marks a stage as running: a crash from here on leaves it unfinished.
    ///
    /// # Errors
    /// [`Error::Io`] if the ledger cannot be written.
    pub(crate) fn begin(&mut self, stage: Stage) -> Result<(), Error> {
        if self.finished.remove(stage.name()).is_some() {
            self.save()?;
        }
        Ok(())
    }

    /// Marks a stage as finished and stores all warnings so far.
    ///
    /// # Errors
    /// [`Error::Io`] if the ledger cannot be written.
    fn finish(&mut self, stage: Stage, inputs: &str, warnings: Vec<Warning>) -> Result<(), Error> {
        let one = FinishedStage { inputs: inputs.to_owned(), warnings };
        self.finished.insert(stage.name().to_owned(), one);
        self.run.write_json(Artefact::Warnings, &self.warnings())?;
        self.save()
    }

    /// Warnings of the finished stages, in the order of the stages, each once.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let mut all: Vec<Warning> = Vec::new();
        for stage in Stage::ALL {
            for warning in self.finished.get(stage.name()).map_or(&[][..], |one| &one.warnings) {
                if !all.contains(warning) {
                    all.push(warning.clone());
                }
            }
        }
        all
    }

    fn save(&self) -> Result<(), Error> {
        self.run.write_json(Artefact::Stages, &self.finished)
    }
}

/// One hash over everything that a stage depends on; the version counts, as other code may give other numbers.
pub(crate) fn input_hash(parts: &[String]) -> String {
    hash_text(&format!("{}\n{}", env!("CARGO_PKG_VERSION"), parts.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_finished_only_with_its_artefacts_and_the_same_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        let mut ledger = Ledger::open(&run);
        let warning = Warning::new("weak-senders", "2 of 5");
        ledger.finish(Stage::Evaluate, "a", vec![warning.clone(), warning]).unwrap();
        assert!(!ledger.is_finished(Stage::Evaluate, "a"), "its artefacts are missing");
        for &artefact in Stage::Evaluate.artefacts() {
            run.write_text(artefact, "{}").unwrap();
        }
        let mut again = Ledger::open(&run);
        assert!(again.is_finished(Stage::Evaluate, "a"));
        assert!(!again.is_finished(Stage::Evaluate, "b"), "its inputs have changed");
        assert_eq!(again.warnings().len(), 1);
        again.begin(Stage::Evaluate).unwrap();
        assert!(!Ledger::open(&run).is_finished(Stage::Evaluate, "a"), "it was begun again");
    }
}
