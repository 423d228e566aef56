//! `neuroloom extract` and `neuroloom stress`: what any weights encode, and how much damage the reading stands.

use std::path::{Path, PathBuf};
use std::time::Instant;

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_models::weight_manifold::{
    ExtractConfig, StressConfig, StressCurve, StressSubject, chosen_weights, stress as stress_curves,
};
use serde::{Deserialize, Serialize};

use super::source::{self, SourceOptions};
use super::subject::Subject;
use super::{page, reading};
use crate::Error;
use crate::experiment::{Artefact, InputFile, Provenance, RunDir, RunRecord, stages};

/// One extraction or stress test, complete: `config.toml` of its folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExtractRun {
    /// Seed of everything random.
    pub seed: u64,
    /// The weights.
    pub weights: PathBuf,
    /// How the file is understood.
    pub source: SourceOptions,
    /// How a manifold is read.
    pub extract: ExtractConfig,
    /// The damage, for a stress test.
    pub stress: Option<StressConfig>,
}

impl ExtractRun {
    /// The seed of readings.
    fn reading_seed(&self) -> Seed {
        Seed(self.seed).split("extract")
    }
}

/// Reads a manifold and writes coordinates, scores, figures and the report.
///
/// # Errors
/// [`Error::Stage`] naming the file that could not be read from.
pub fn extract(
    config: &ExtractRun,
    run: &RunDir,
    record: &RunRecord<'_>,
    command: &str,
) -> Result<(), Error> {
    let (subject, mut provenance) = opened((config, command), run, record)?;
    let started = Instant::now();
    let read = reading::read(&subject, &config.extract, config.reading_seed(), record)
        .map_err(|error| error.during("read a manifold from", &config.weights))?;
    reading::write(&read, run)?;
    run.write_json(Artefact::Exploration, &page::of_reading(&subject, &read))?;
    run.write_json(Artefact::Evaluation, &read.extraction)?;
    provenance.seconds.push(("extract".to_owned(), started.elapsed().as_secs_f64()));
    finish((run, record), &provenance)
}

/// Damages the weights, reads them again and writes the curves.
///
/// # Errors
/// As [`extract`].
pub fn stress(config: &ExtractRun, run: &RunDir, record: &RunRecord<'_>, command: &str) -> Result<(), Error> {
    let (subject, mut provenance) = opened((config, command), run, record)?;
    let started = Instant::now();
    let damage = config.stress.clone().unwrap_or_default();
    let curves = curves(&subject, (&damage, &config.extract), config.reading_seed(), record)
        .map_err(|error| error.during("stress the reading of", &config.weights))?;
    run.write_json(Artefact::Exploration, &page::of_stress(&subject, &curves))?;
    run.write_json(Artefact::Evaluation, &serde_json::json!({ "curves": curves }))?;
    run.write_text(Artefact::StressTable, &super::tables::stress(&curves))?;
    provenance.seconds.push(("stress".to_owned(), started.elapsed().as_secs_f64()));
    finish((run, record), &provenance)
}

fn curves(
    subject: &Subject,
    (damage, extract): (&StressConfig, &ExtractConfig),
    seed: Seed,
    events: &dyn Listener,
) -> Result<Vec<StressCurve>, Error> {
    let weights = match &subject.chosen {
        Some(rows) => chosen_weights(&subject.weights, rows),
        None => subject.weights.clone(),
    };
    let truth = subject.truth.as_ref().map(|truth| match &subject.chosen {
        Some(rows) => truth.select(rows),
        None => truth.clone(),
    });
    let subject = StressSubject { weights: &weights, truth: truth.as_ref(), recipe: subject.recipe.as_ref() };
    Ok(stress_curves(subject, (damage, extract), seed, events)?)
}

/// Writes config and provenance first, then opens the weights.
fn opened(
    (config, command): (&ExtractRun, &str),
    run: &RunDir,
    events: &dyn Listener,
) -> Result<(Subject, Provenance), Error> {
    let text = toml::to_string_pretty(config).map_err(|error| Error::Setting {
        key: "config",
        given: error.to_string(),
        allowed: "numbers that TOML can hold (64-bit signed integers)".to_owned(),
    })?;
    run.write_text(Artefact::Config, &text)?;
    let mut provenance = Provenance::new(command, config.seed);
    run.write_json(Artefact::Provenance, &provenance)?;
    let named: [(&str, Option<&Path>); 2] =
        [("weights", Some(&config.weights)), ("truth", config.source.truth.as_deref())];
    for (role, path) in named {
        provenance.inputs.extend(path.map(|path| InputFile::read(role, path)).transpose()?);
    }
    run.write_json(Artefact::Provenance, &provenance)?;
    let subject = source::open(&config.weights, &config.source)?;
    subject.notes.iter().for_each(|note| events.emit(Event::Note(note.clone())));
    Ok((subject, provenance))
}

fn finish((run, record): (&RunDir, &RunRecord<'_>), provenance: &Provenance) -> Result<(), Error> {
    run.write_json(Artefact::Warnings, &record.take_warnings()?)?;
    run.write_json(Artefact::Provenance, provenance)?;
    stages::report(run, record).map(|_| ())
}
