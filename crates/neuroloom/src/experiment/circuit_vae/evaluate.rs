//! Scores of a trained code: unseen circuits reconstructed, new circuits generated, both beside baselines.

use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_core::{Circuit, CircuitPart, CircuitSet, Event, Listener, Seed, Warning};
use neuroloom_models::circuit_vae::evaluate::{EvaluationConfig, ReconstructionScores, reconstruction};
use neuroloom_report::ReportData;
use serde::{Deserialize, Serialize};

use super::variants::{self, CapacityScores};
use super::{TrainedCode, generation, page};
use crate::Error;
use crate::experiment::Artefact;
use crate::experiment::circuits::{ComparisonConfig, SetColumn, SetComparison, compare_sets};

/// Test circuits below which PGD is printed with a note: with 12 to 48 cylinders of the rat column it gives 0.000 for null
/// models that a classifier of 15 metrics tells apart at AUROC 0.99 (`docs/circuit_codes.md`).
const ENOUGH_FOR_PGD: usize = 100;

/// Everything that was scored: `evaluation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeEvaluationResult {
    /// Test circuits encoded and decoded, beside other predictors; nothing without test circuits.
    pub reconstruction: Option<ReconstructionScores>,
    /// The same of a second model on circuits dealt out at random.
    pub random_split: Option<ReconstructionScores>,
    /// One model a number of latents.
    pub by_latents: Vec<CapacityScores>,
    /// One model a weight of the rate.
    pub by_beta: Vec<CapacityScores>,
    /// Generated circuits beside real ones and null models.
    pub generation: GenerationScores,
}

/// Generated circuits beside the test circuits; every list has the generated set first, then the fitted baseline, the
/// floor, the null models.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GenerationScores {
    /// Circuits compared with.
    pub n_reference: usize,
    /// Names of the sets.
    pub sets: Vec<String>,
    /// PolyGraph discrepancy of each.
    pub pgd: Vec<f64>,
    /// The same with directed descriptors.
    pub pgd_directed: Vec<f64>,
    /// A classifier of single circuits; chance 0.5.
    pub classifier_auroc: Vec<f64>,
    /// Mean reciprocity of the test circuits.
    pub reciprocity_data: f64,
    /// Mean reciprocity of each set over that of the test circuits.
    pub reciprocity_ratio: Vec<f64>,
    /// By descriptor or metric: name, and the distance of each set.
    pub distances: Vec<(String, Vec<f64>)>,
    /// Of these, where the generated set is closer to the data than the fitted baseline.
    pub closer_than_fitted: Vec<String>,
    /// Where it is not.
    pub not_closer_than_fitted: Vec<String>,
}

/// Scores the code and writes `evaluation.json`, `comparison.json`, generated circuits and what the report shows.
///
/// # Errors
/// What the scores say.
pub(super) fn evaluate(code: &TrainedCode, events: &dyn Listener) -> Result<CodeEvaluationResult, Error> {
    let seed = Seed(code.config.seed).split("evaluate");
    let like = generation::reference(&code.set);
    let how = (code.config.evaluate.per_circuit, seed.split("generate"));
    let generated = generation::generate(&code.model, &like, how)?;
    let fitted = generation::baseline(&code.set, &like, how)?;
    neuroloom_io::write_circuit_set(
        &code.run.place(Artefact::Generated)?,
        &CircuitSet::unsplit(generated.clone()),
    )?;
    if like.len() < ENOUGH_FOR_PGD {
        let message = format!(
            "PGD with {} test circuits: its classifiers learn from half of them and overfit, so that 0.000 does not mean \
             alike; read the AUROC and the floor beside it, or give {ENOUGH_FOR_PGD} test circuits or more",
            like.len()
        );
        events.emit(Event::Note(message));
    }
    let compared = compare(code, (&generated, fitted), seed, events)?;
    let settings = &code.config.evaluate;
    let result = CodeEvaluationResult {
        reconstruction: reconstructed(code, seed, events)?,
        random_split: settings.random_split.then(|| variants::random_split(code, events)).transpose()?,
        by_latents: variants::by_latents(code, events)?,
        by_beta: variants::by_betas(code, events)?,
        generation: scores(&compared),
    };
    code.run.write_json(Artefact::Evaluation, &result)?;
    code.run.write_json(Artefact::Comparison, &compared)?;
    let data: ReportData = page::evaluated(code, (&like, &generated), &compared, &result)?;
    code.run.write_json(Artefact::Exploration, &data)?;
    Ok(result)
}

/// Test circuits encoded and decoded.
fn reconstructed(
    code: &TrainedCode,
    seed: Seed,
    events: &dyn Listener,
) -> Result<Option<ReconstructionScores>, Error> {
    if code.set.of_part(CircuitPart::Test).next().is_none() {
        let message = "the set has no test circuits: reconstruction is not scored";
        events.emit(Event::Warning(Warning::new("no-test", message)));
        return Ok(None);
    }
    let config = EvaluationConfig::default();
    let found = reconstruction(&code.model, &code.set, &config, seed.split("reconstruction"), events)?;
    Ok(Some(found))
}

/// Everything beside the test circuits.
fn compare(
    code: &TrainedCode,
    (generated, fitted): (&[Circuit], Vec<Circuit>),
    seed: Seed,
    events: &dyn Listener,
) -> Result<SetComparison, Error> {
    let placed = code.set.circuits().iter().all(|one| one.connectome().neurons().position_um().is_some());
    let by_distance = |null: &NullModel| matches!(null, NullModel::Distance | NullModel::DistanceAndType);
    let (left_out, nulls): (Vec<NullModel>, Vec<NullModel>) =
        code.config.evaluate.nulls.iter().partition(|null| by_distance(null) && !placed);
    for null in left_out {
        events
            .emit(Event::Note(format!("null model {} is left out: circuits have no positions", null.name())));
    }
    let config = ComparisonConfig { reference: "circuits of the set".to_owned(), nulls, n_subsamples: 0 };
    let others = vec![("generated".to_owned(), generated.to_vec()), (generation::FITTED.to_owned(), fitted)];
    compare_sets(&code.set, others, &config, (seed.split("compare"), None), events)
}

fn scores(compared: &SetComparison) -> GenerationScores {
    let columns = &compared.columns;
    let of = |read: fn(&SetColumn) -> f64| columns.iter().map(read).collect::<Vec<f64>>();
    let reciprocity = |column: &SetColumn| {
        let found = column.difference.metrics.iter().find(|one| one.name == "reciprocity");
        found.map_or((f64::NAN, f64::NAN), |one| (one.reference.0, one.other.0))
    };
    let data = columns.first().map_or(f64::NAN, |column| reciprocity(column).0);
    let distances = distances(columns);
    let (closer, not_closer): (Vec<&(String, Vec<f64>)>, Vec<_>) = distances
        .iter()
        .filter(|(_, values)| values.len() > 1 && values[0].is_finite() && values[1].is_finite())
        // What both take from the test circuits says nothing: numbers of neurons, pairs of types.
        .filter(|(_, values)| values[0] != values[1])
        .partition(|(_, values)| values[0] < values[1]);
    let names = |rows: Vec<&(String, Vec<f64>)>| rows.into_iter().map(|(name, _)| name.clone()).collect();
    GenerationScores {
        n_reference: compared.n_reference,
        sets: columns.iter().map(|column| column.label.clone()).collect(),
        pgd: of(|column| column.difference.pgd),
        pgd_directed: of(|column| column.difference.pgd_directed),
        classifier_auroc: of(|column| column.difference.classifier_auroc),
        reciprocity_data: data,
        reciprocity_ratio: columns.iter().map(|column| reciprocity(column).1 / data).collect(),
        closer_than_fitted: names(closer),
        not_closer_than_fitted: names(not_closer),
        distances,
    }
}

/// Every distance by name: squared MMD by descriptor, Kolmogorov-Smirnov by metric, types and distances.
fn distances(columns: &[SetColumn]) -> Vec<(String, Vec<f64>)> {
    let Some(first) = columns.first().map(|column| &column.difference) else { return Vec::new() };
    let mut rows: Vec<(String, Vec<f64>)> = Vec::new();
    for (place, one) in first.descriptors.iter().enumerate() {
        let mmd: Vec<f64> = columns.iter().map(|column| column.difference.descriptors[place].mmd).collect();
        if one.mmd.is_finite() {
            rows.push((format!("MMD2 {}", one.name), mmd));
        }
        let rbf = columns.iter().map(|column| column.difference.descriptors[place].rbf_mmd).collect();
        rows.push((format!("RBF-MMD2 {}", one.name), rbf));
    }
    for (place, one) in first.metrics.iter().enumerate() {
        let ks = columns.iter().map(|column| column.difference.metrics[place].ks).collect();
        rows.push((format!("KS {}", one.name), ks));
    }
    for one in &first.attributes {
        let value = |column: &SetColumn| {
            let same = column.difference.attributes.iter().find(|other| other.name == one.name);
            same.map_or(f64::NAN, |other| other.value)
        };
        rows.push((one.name.to_owned(), columns.iter().map(value).collect()));
    }
    rows
}
