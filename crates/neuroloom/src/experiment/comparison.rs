//! Runs of the published experiments beside what was published: one table from many run folders.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::measures::{Measure, measures};
use super::{Artefact, ExperimentConfig, Provenance, RunDir};
use crate::Error;
use crate::error::system;

/// One number of one experiment, over all its seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedScore {
    /// Name of the experiment: the folder of its runs.
    pub experiment: String,
    /// Number of neurons.
    pub n_neurons: u64,
    /// Frames after frame 0.
    pub n_frames: u64,
    /// What was measured.
    pub measure: String,
    /// What was published for it.
    pub published: Option<f64>,
    /// Our values, one a seed.
    pub values: Vec<f64>,
    /// What it must be compared with, and its mean.
    pub beside: Option<(String, f64)>,
}

/// All runs of one experiment.
struct Runs {
    experiment: String,
    config: ExperimentConfig,
    evaluations: Vec<Value>,
    seconds: Vec<f64>,
}

/// Reads every run below `root` (`ROOT/EXPERIMENT/RUN`, or `ROOT/RUN`) and lists its scores.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run, [`Error::Artefact`] if a file is damaged.
pub fn compare(root: &Path) -> Result<Vec<ComparedScore>, Error> {
    let experiments = experiments(root)?;
    if experiments.is_empty() {
        return Err(Error::Folder {
            path: root.to_owned(),
            problem: "no finished run with a simulation below this folder".to_owned(),
            hint: "run experiments with `neuroloom run FILE --out ROOT/EXPERIMENT/SEED` first".to_owned(),
        });
    }
    Ok(experiments.iter().flat_map(Runs::scores).collect())
}

/// The table as Markdown.
pub fn markdown(scores: &[ComparedScore]) -> String {
    let mut text = "| experiment | N | frames | measure | published | ours | worst seed | compare with |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut last = "";
    for score in scores {
        let new = score.experiment != last;
        last = &score.experiment;
        let only_new = |text: String| if new { text } else { String::new() };
        let beside = score.beside.as_ref().map(|(label, value)| format!("{label} {}", digits(*value)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            only_new(score.experiment.clone()),
            only_new(score.n_neurons.to_string()),
            only_new(score.n_frames.to_string()),
            score.measure,
            score.published.map(digits).unwrap_or_default(),
            score.mean_and_spread(),
            digits(score.worst()),
            beside.unwrap_or_default(),
        );
    }
    text
}

impl ComparedScore {
    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    fn mean_and_spread(&self) -> String {
        let (n, mean) = (self.values.len(), self.mean());
        if n < 2 {
            return format!("{} (1 seed)", digits(mean));
        }
        let square: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        format!("{} ± {:.1e} ({n} seeds)", digits(mean), (square / (n - 1) as f64).sqrt())
    }

    /// The value farthest from 1; for minutes, errors and counts the largest.
    fn worst(&self) -> f64 {
        let is_score = self.values.iter().all(|value| value.abs() <= 1.5) && !self.measure.contains("error");
        let badness = |value: f64| if is_score { (1.0 - value).abs() } else { value };
        self.values.iter().copied().max_by(|a, b| badness(*a).total_cmp(&badness(*b))).unwrap_or(f64::NAN)
    }
}

impl Runs {
    fn scores(&self) -> Vec<ComparedScore> {
        let assembly = self.config.simulate.as_ref().map(super::SimulateConfig::assembly).unwrap_or_default();
        let row = |measure: String, published: Option<f64>, values: Vec<f64>, beside| {
            (!values.is_empty()).then(|| ComparedScore {
                experiment: self.experiment.clone(),
                n_neurons: assembly.n_neurons as u64,
                n_frames: assembly.n_frames as u64,
                measure,
                published,
                values,
                beside,
            })
        };
        let mut rows = Vec::new();
        for Measure { name, place, published, beside } in measures(&self.config) {
            let beside =
                beside.and_then(|(label, place)| Some((label.to_owned(), mean(&self.values(&place))?)));
            rows.extend(row(name, published, self.values(&place), beside));
        }
        let minutes = self.seconds.iter().map(|seconds| seconds / 60.0).collect();
        rows.extend(row("minutes, all stages".to_owned(), None, minutes, None));
        rows
    }

    fn values(&self, place: &str) -> Vec<f64> {
        self.evaluations.iter().filter_map(|evaluation| evaluation.pointer(place)?.as_f64()).collect()
    }
}

fn experiments(root: &Path) -> Result<Vec<Runs>, Error> {
    let mut all = Vec::new();
    for (name, folder) in folders(root)? {
        let runs: Vec<PathBuf> = match is_finished(&folder) {
            true => vec![folder],
            false => folders(&folder)?.into_values().filter(|run| is_finished(run)).collect(),
        };
        let Some(first) = runs.first() else { continue };
        let config = ExperimentConfig::load(&first.join(Artefact::Config.name()))?;
        if config.simulate.is_none() {
            continue;
        }
        let mut one = Runs { experiment: name, config, evaluations: Vec::new(), seconds: Vec::new() };
        for run in runs {
            let run = RunDir::open(&run)?;
            let mut evaluation: Value = run.read_json(Artefact::Evaluation)?;
            let formulas: Option<Value> = run.read_json_if_any(Artefact::Formulas)?;
            if let (Some(object), Some(formulas)) = (evaluation.as_object_mut(), formulas) {
                object.insert("formulas".to_owned(), summarised(&formulas));
            }
            one.evaluations.push(evaluation);
            let made: Provenance = run.read_json(Artefact::Provenance)?;
            // A run that was stopped has no times yet.
            if !made.seconds.is_empty() {
                one.seconds.push(made.seconds.iter().map(|(_, seconds)| seconds).sum());
            }
        }
        all.push(one);
    }
    Ok(all)
}

/// How many formulas have the true form, and the largest error of a coefficient among them.
fn summarised(formulas: &Value) -> Value {
    let of = |part: &str| formulas[part].as_array().cloned().unwrap_or_default();
    let known: Vec<Value> =
        [of("update"), of("transfer")].concat().into_iter().filter(|one| one["truth"].is_string()).collect();
    let errors: Vec<f64> = known.iter().filter_map(|one| one["largest_coefficient_error"].as_f64()).collect();
    if known.is_empty() {
        return Value::Null;
    }
    serde_json::json!({
        "right_forms": errors.len() as f64 / known.len() as f64,
        "largest_coefficient_error": errors.into_iter().reduce(f64::max),
    })
}

fn is_finished(folder: &Path) -> bool {
    [Artefact::Config, Artefact::Evaluation, Artefact::Provenance]
        .iter()
        .all(|one| folder.join(one.name()).is_file())
}

fn folders(root: &Path) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root).map_err(system("read", root))? {
        let path = entry.map_err(system("read", root))?.path();
        if path.is_dir() {
            found.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path);
        }
    }
    Ok(found)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Near 1 the distance from 1 counts.
fn digits(value: f64) -> String {
    let distance = (1.0 - value).abs();
    match value {
        value if value.fract() == 0.0 && value.abs() < 1e6 => format!("{value}"),
        _ if distance < 1e-7 => format!("{value:.10}"),
        _ if distance < 1e-3 => format!("{value:.7}"),
        value if value != 0.0 && value.abs() < 1e-2 => format!("{value:.1e}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(measure: &str, values: &[f64]) -> ComparedScore {
        ComparedScore {
            experiment: "baseline".to_owned(),
            n_neurons: 1000,
            n_frames: 100_000,
            measure: measure.to_owned(),
            published: Some(0.99),
            values: values.to_vec(),
            beside: Some(("chance".to_owned(), 0.25)),
        }
    }

    #[test]
    fn the_worst_seed_is_the_one_farthest_from_1() {
        assert_eq!(score("slope", &[0.999, 1.002]).worst(), 1.002);
        assert_eq!(score("largest coefficient error", &[0.001, 0.002]).worst(), 0.002);
        assert_eq!(score("minutes", &[3.0, 4.0]).worst(), 4.0);
    }

    #[test]
    fn a_row_tells_published_ours_and_chance() {
        let table = markdown(&[score("R2 of W", &[1.0, 0.9999])]);
        let row = table.lines().last().unwrap();
        assert_eq!(
            row,
            "| baseline | 1000 | 100000 | R2 of W | 0.990 | 0.9999500 ± 7.1e-5 (2 seeds) | 0.9999000 | chance 0.250 |"
        );
    }

    #[test]
    fn only_formulas_with_a_known_truth_count() {
        let formulas = serde_json::json!({
            "update": [{"truth": "-x", "largest_coefficient_error": 0.001}, {"truth": "-2 x"}],
            "transfer": [{"truth": null}],
        });
        let summary = summarised(&formulas);
        assert_eq!(summary["right_forms"], 0.5);
        assert_eq!(summary["largest_coefficient_error"], 0.001);
    }
}
