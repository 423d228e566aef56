//! What circuits compute, beside reservoirs that share all but what is in question.

use std::fmt::Write;

use ndarray::{Array2, Axis};
use neuroloom_core::{Circuit, CircuitPart, CircuitSet, Listener, Seed};
use neuroloom_models::circuit_vae::CircuitVae;
use neuroloom_models::circuit_vae::reservoir::controls::{ControlConfig, ControlRow, compare_with_controls};
use neuroloom_models::circuit_vae::reservoir::structure_function::{
    StructureAndScores, StructureFunction, structure_function,
};
use neuroloom_models::circuit_vae::reservoir::{ReservoirConfig, Task, score_circuits};
use neuroloom_report::ReportData;
use serde::{Deserialize, Serialize};

use super::{METRICS, explore, generation, metrics, page};
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// How circuits are driven and scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ReservoirSettings {
    /// Seed of everything random.
    pub seed: u64,
    /// What is asked of them.
    pub tasks: Vec<Task>,
    /// The reservoir and the lengths of its runs.
    pub reservoir: ReservoirConfig,
    /// Circuits that are put beside their controls (the test part first); all circuits are scored.
    pub compared: usize,
    /// Random wirings for each circuit and control.
    pub samples: usize,
    /// Shuffles behind each p-value.
    pub permutations: usize,
}

/// What was found: `reservoir.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReservoirFound {
    /// Names of the scores.
    pub scores: Vec<String>,
    /// Mean of each over all circuits.
    pub means: Vec<f64>,
    /// Circuits scored.
    pub n_circuits: usize,
    /// Circuits beside controls.
    pub controls: Vec<ControlRow>,
    /// Scores from codes, graph metrics and size; nothing without a code.
    pub structure: Option<Vec<ScoreRow>>,
}

/// How one score follows from structure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The score.
    pub score: String,
    /// Cross-validated R² from the code.
    pub r2_code: f64,
    /// The same from graph metrics.
    pub r2_metrics: f64,
    /// The same from the numbers of neurons and edges alone.
    pub r2_size: f64,
    /// R² from the code that one shuffle in twenty exceeds.
    pub r2_code_chance: f64,
    /// Permutation p-value of the code.
    pub p_code: f64,
}

impl Default for ReservoirSettings {
    fn default() -> Self {
        Self {
            seed: 42,
            tasks: vec![Task::MemoryCapacity, Task::Narma10, Task::MackeyGlass, Task::Waveform, Task::Parity],
            reservoir: ReservoirConfig::default(),
            compared: 40,
            samples: 3,
            permutations: 200,
        }
    }
}

/// Scores circuits as reservoirs and writes `reservoir.json`, a table and what the report shows.
///
/// # Errors
/// What the tasks and regressions say.
pub fn reservoir(
    (set, model): (&CircuitSet, Option<&CircuitVae>),
    settings: &ReservoirSettings,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<ReservoirFound, Error> {
    let seed = Seed(settings.seed).split("reservoir");
    let circuits: Vec<&Circuit> = set.circuits().iter().collect();
    let scores = score_circuits(&circuits, &settings.reservoir, &settings.tasks, (seed, events))?;
    let names: Vec<String> = settings
        .tasks
        .iter()
        .flat_map(|task| task.score_names().iter().map(|name| (*name).to_owned()))
        .collect();
    let table = Array2::from_shape_fn((scores.len(), names.len()), |(row, column)| scores[row][column]);
    let controls = ControlConfig { n_samples: settings.samples, seed, ..ControlConfig::default() };
    let beside = compare_with_controls(
        &compared(set, settings.compared),
        &settings.reservoir,
        &settings.tasks,
        &controls,
        events,
    )?;
    let structure = model.map(|model| structure(&circuits, model, (&table, &names), settings)).transpose()?;
    let found = ReservoirFound {
        means: (0..names.len()).map(|column| table.column(column).mean().unwrap_or(f64::NAN)).collect(),
        n_circuits: circuits.len(),
        controls: beside,
        structure: structure.map(rows),
        scores: names,
    };
    run.write_json(Artefact::Reservoir, &found)?;
    run.write_text(Artefact::ReservoirTable, &score_table(set, &found.scores, &table))?;
    let mut data: ReportData = run.read_json_if_any(Artefact::Exploration)?.unwrap_or_default();
    page::computed(&mut data, &found, settings);
    run.write_json(Artefact::Exploration, &data)?;
    Ok(found)
}

/// The test circuits, then others, up to a number.
fn compared(set: &CircuitSet, most: usize) -> Vec<&Circuit> {
    let test = set.of_part(CircuitPart::Test);
    let rest = [CircuitPart::Validation, CircuitPart::Train].into_iter().flat_map(|part| set.of_part(part));
    test.chain(rest).take(most).collect()
}

fn structure(
    circuits: &[&Circuit],
    model: &CircuitVae,
    (scores, score_names): (&Array2<f64>, &[String]),
    settings: &ReservoirSettings,
) -> Result<StructureFunction, Error> {
    let measured = metrics::measure_all(circuits)?;
    let finite = |row: usize| measured.row(row).iter().chain(scores.row(row)).all(|value| value.is_finite());
    let kept: Vec<usize> = (0..circuits.len()).filter(|&row| finite(row)).collect();
    let metric_names = METRICS.map(ToOwned::to_owned);
    let codes = generation::codes(model, circuits.iter().copied())?;
    let of = |table: &Array2<f64>| table.select(Axis(0), &kept);
    let (codes, metrics, size, scores) =
        (of(&codes), of(&measured), of(&explore::size(circuits)), of(scores));
    let given = StructureAndScores {
        codes: codes.view(),
        metrics: metrics.view(),
        metric_names: &metric_names,
        size: size.view(),
        scores: scores.view(),
        score_names,
    };
    Ok(structure_function(&given, settings.permutations, Seed(settings.seed).split("structure"))?)
}

fn rows(found: StructureFunction) -> Vec<ScoreRow> {
    let row = |one: neuroloom_models::circuit_vae::reservoir::structure_function::ScoreModel| ScoreRow {
        score: one.score,
        r2_code: one.r2_code,
        r2_metrics: one.r2_metrics,
        r2_size: one.r2_size,
        r2_code_chance: one.r2_code_chance,
        p_code: one.p_code,
    };
    found.models.into_iter().map(row).collect()
}

fn score_table(set: &CircuitSet, names: &[String], scores: &Array2<f64>) -> String {
    let mut table = format!("circuit,part,neurons,edges,{}\n", names.join(","));
    for (row, circuit) in set.circuits().iter().enumerate() {
        let values: Vec<String> = scores.row(row).iter().map(|value| format!("{value:.6}")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{row},{},{},{},{}",
            set.part()[row].name(),
            circuit.n_neurons(),
            circuit.n_edges(),
            values.join(",")
        );
    }
    table
}
