//! Many networks: cases with several seeds each, every score as mean and range.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use neuroloom_core::{Event, Listener, Seed, Silent};
use neuroloom_models::weight_manifold::{
    ExtractConfig, NeuronTruth, PointSet, Reading, Structure, main_score, score, structure,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::config::WeightExperiment;
use super::{page, training};
use crate::Error;
use crate::experiment::resume::input_hash;
use crate::experiment::{Artefact, RunDir};

/// `evaluation.json` of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyTable {
    /// Seeds of each case.
    pub repeats: usize,
    /// One row a case.
    pub cases: Vec<CaseRow>,
}

/// One case over its seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Its name.
    pub name: String,
    /// Scores by name; those of rows of B begin with `incoming.`, null levels end in `.null`.
    pub scores: BTreeMap<String, Spread>,
    /// How often each topology was found. `no network`: all weights are zero; `too few`: fewer neurons than a verdict needs
    /// send anything, or they lie too far apart.
    pub verdicts: BTreeMap<String, usize>,
}

/// A number over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Smallest.
    pub least: f64,
    /// Largest.
    pub most: f64,
    /// Seeds for which it is defined.
    pub n: usize,
}

/// One network of a study.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct UnitScores {
    scores: BTreeMap<String, f64>,
    verdict: Option<String>,
}

/// Trains and reads every network, keeps each as soon as it is done, and writes the table.
///
/// # Errors
/// [`Error::Models`] if a network cannot be trained, [`Error::Interrupted`] if the listener asks to stop: what is done
/// is kept and not done again.
pub fn study(config: &WeightExperiment, run: &RunDir, events: &dyn Listener) -> Result<(), Error> {
    let cases =
        config.cases().map_err(|reason| Error::Config { path: run.path(Artefact::Config), reason })?;
    let done: BTreeMap<String, UnitScores> =
        run.read_json_if_any(Artefact::StudyRuns).ok().flatten().unwrap_or_default();
    let units: Vec<(usize, u64)> = (0..cases.len())
        .flat_map(|case| (0..config.repeats as u64).map(move |repeat| (case, repeat)))
        .collect();
    let total = units.len() as u64;
    events.emit(Event::Started { stage: "study", total: Some(total) });
    let kept = Mutex::new(done);
    let one = |&(case, repeat): &(usize, u64)| -> Result<UnitScores, Error> {
        let (_, variant) = &cases[case];
        let key = input_hash(&[format!("{variant:?}"), repeat.to_string()]);
        if let Some(found) = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(found.clone());
        }
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "study" });
        }
        let found = unit(variant, Seed(config.seed).split("study").nth(repeat))?;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key, found.clone());
        run.write_json(Artefact::StudyRuns, &*kept)?;
        events.emit(Event::Step { done: (kept.len() as u64).min(total), loss: None });
        Ok(found)
    };
    let found = units.par_iter().map(one).collect::<Result<Vec<_>, Error>>()?;
    events.emit(Event::Finished);
    let rows: Vec<CaseRow> = cases
        .iter()
        .zip(found.chunks(config.repeats))
        .map(|((name, _), units)| CaseRow::of(name, units))
        .collect();
    let table = StudyTable { repeats: config.repeats, cases: rows };
    run.write_text(Artefact::StudyTable, &table.to_csv())?;
    run.write_json(Artefact::Exploration, &page::of_study(config, &table))?;
    run.write_json(Artefact::Evaluation, &table)
}

/// One network: trained, read from the columns of A and the rows of B, scored.
fn unit(config: &WeightExperiment, seed: Seed) -> Result<UnitScores, Error> {
    let network = training::fit(config, seed, &Silent)?;
    let truth = NeuronTruth::of_inputs(&network.inputs.neurons, &config.inputs.groups);
    let mut scores = BTreeMap::from([
        ("reconstruction_r2".to_owned(), network.scores.reconstruction_r2),
        ("best_linear_r2".to_owned(), network.scores.best_linear_r2),
        ("zero_share".to_owned(), network.scores.zero_share),
        ("converged".to_owned(), f64::from(u8::from(network.scores.converged))),
        ("steps".to_owned(), network.scores.steps as f64),
    ]);
    scores.extend(network.scores.gram_error.map(|error| ("gram_error".to_owned(), error)));
    let training = &network.trained.training;
    let optional = [
        ("asymmetry", network.scores.asymmetry),
        ("balance_error", training.balance_error),
        ("stationarity", training.stationarity),
        ("loss_share", network.scores.loss_share),
        ("balance_decay_over_law", training.balance_decay.map(|decay| decay.rate / decay.law)),
    ];
    scores.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let is_silent = network.scores.zero_share == 1.0;
    let subject = training::subject(network.trained.model, truth);
    let seed = seed.split("extract");
    let mut verdict = None;
    for (points, prefix) in [(config.extract.points, ""), (PointSet::Incoming, "incoming.")] {
        let extract = ExtractConfig { points, ..config.extract.clone() };
        let mut chosen = subject.points(&extract, seed)?;
        let n_empty = super::reading::without_empty(&mut chosen);
        scores.insert(format!("{prefix}empty_points"), n_empty as f64);
        // Weights that are all alike, or pieces that are too small, give no reading: no score, and the study goes on.
        let Ok(reading) = Reading::of(chosen.points.view(), &extract, seed) else { continue };
        scores.insert(format!("{prefix}pieces"), reading.manifolds.len() as f64);
        if prefix.is_empty() {
            let largest = structure((chosen.points.view(), &reading.manifolds[0]), &extract, seed);
            let largest = largest.ok().flatten().map(|(found, _)| found);
            scores.extend(largest.as_ref().map(|found| ("confidence".to_owned(), found.confidence)));
            verdict = largest.as_ref().map(verdict_name);
        }
        for (piece, manifold) in reading.manifolds.iter().enumerate() {
            let scored = score((chosen.points.view(), manifold), chosen.truth.as_ref(), &extract, seed)?;
            // Of several pieces each says which it is; a single one needs no number.
            let place = if config.inputs.groups.len() > 1 {
                format!("{}.", scored.group.clone().unwrap_or_default())
            } else {
                String::new()
            };
            if piece > 0 && place.is_empty() {
                continue;
            }
            scores.extend(scored.purity.map(|purity| (format!("{prefix}{place}purity"), purity)));
            for one in scored.agreement.iter().chain(&scored.quality) {
                scores.insert(format!("{prefix}{place}{}", one.name), one.value);
                scores.insert(format!("{prefix}{place}{}.null", one.name), one.null_mean);
            }
        }
    }
    // JSON has no NaN, and what is not defined is not a score.
    scores.retain(|_, value| value.is_finite());
    let verdict = verdict.unwrap_or_else(|| if is_silent { "no network" } else { "too few" }.to_owned());
    Ok(UnitScores { scores, verdict: Some(verdict) })
}

/// The topology as a word.
pub(super) fn verdict_name(found: &Structure) -> String {
    format!("{:?}", found.verdict).to_lowercase()
}

/// The score that a study is about.
pub(super) fn leading_score(config: &WeightExperiment) -> &'static str {
    config.inputs.groups.first().map_or("ring_resultant", |group| main_score(group.space.axes()))
}

impl CaseRow {
    fn of(name: &str, units: &[UnitScores]) -> Self {
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut verdicts = BTreeMap::new();
        for unit in units {
            for (name, &value) in unit.scores.iter().filter(|(_, value)| value.is_finite()) {
                values.entry(name.clone()).or_default().push(value);
            }
            *verdicts.entry(unit.verdict.clone().unwrap_or_else(|| "too few".to_owned())).or_default() += 1;
        }
        let scores = values.into_iter().map(|(name, values)| (name, Spread::of(&values))).collect();
        Self { name: name.to_owned(), scores, verdicts }
    }
}

impl Spread {
    pub(super) fn of(values: &[f64]) -> Self {
        Self {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
            most: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            n: values.len(),
        }
    }
}

impl StudyTable {
    /// One row a case and score: mean, range, number of seeds.
    fn to_csv(&self) -> String {
        let mut text = "case,score,mean,least,most,seeds\n".to_owned();
        for case in &self.cases {
            let name = case.name.replace('"', "\"\"");
            for (score, spread) in &case.scores {
                let Spread { mean, least, most, n } = spread;
                text.push_str(&format!("\"{name}\",{score},{mean:.6},{least:.6},{most:.6},{n}\n"));
            }
        }
        text
    }
}
