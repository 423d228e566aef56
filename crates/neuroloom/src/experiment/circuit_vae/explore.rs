//! What the code knows: directions of metrics, attributions, a map.

use std::fmt::Write;

use ndarray::{Array2, Axis};
use neuroloom_analysis::attribution::{Attribution, beeswarm, entanglement, tree_path_dependent};
use neuroloom_analysis::boosting::{BoostedTrees, BoostingConfig};
use neuroloom_analysis::metrics::regression::r2_identity;
use neuroloom_core::{Circuit, CircuitPart, Event, Listener, Seed};
use neuroloom_models::circuit_vae::directions::{
    CodedCircuits, Direction, DirectionConfig, MapColouring, colour_map, directions,
};
use neuroloom_report::ReportData;
use serde::Serialize;

use super::walks::{self, Walk};
use super::{ExploreConfig, TrainedCode, generation, map, metrics, page};
use crate::Error;
use crate::experiment::Artefact;
use crate::experiment::tables::field;

/// Bins of the colours of a map.
const N_BINS: usize = 10;
/// Latent numbers of a beeswarm.
const N_SWARM: usize = 10;

/// What was found: `directions.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exploration {
    /// One a metric.
    pub directions: Vec<Direction>,
    /// Cosines between them.
    pub cosine: Vec<Vec<f64>>,
    /// Metrics without a direction, and why.
    pub left_out: Vec<(String, String)>,
    /// How the map was made.
    pub map_method: String,
    /// Place of each circuit.
    pub map: Vec<(f64, f64)>,
    /// Colours of the map, one a metric.
    pub colourings: Vec<ColouredMap>,
    /// What each metric does along its direction.
    pub walks: Vec<Walk>,
    /// SHAP values of a regressor a metric.
    pub attributions: Vec<MetricAttribution>,
    /// Circuits that the regressions were fitted to, and that they were scored on.
    pub n_circuits: (usize, usize),
}

/// The map in the colours of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColouredMap {
    /// The metric.
    pub metric: String,
    /// Its least and greatest value.
    pub range: (f64, f64),
    /// Bins and the display-only line.
    pub colouring: MapColouring,
}

/// How the latent numbers make a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricAttribution {
    /// The metric.
    pub metric: String,
    /// R² of boosted trees from the code on circuits that were left out.
    pub r2: Option<f64>,
    /// The same from the numbers of neurons and edges alone.
    pub r2_size: Option<f64>,
    /// Number of latent numbers.
    pub n_dimensions: usize,
    /// Over how many latent numbers the metric is spread.
    pub participation: f64,
    /// Largest distance between the sum of SHAP values and the prediction.
    pub additivity_error: f64,
    /// The strongest latent numbers: which, SHAP value and latent value in each circuit.
    pub rows: Vec<(usize, Vec<f64>, Vec<f64>)>,
}

/// Codes, metrics and sizes of some circuits.
struct Coded {
    codes: Array2<f64>,
    metrics: Array2<f64>,
    size: Array2<f64>,
}

/// Explores a code and writes `directions.json`, tables and what the report shows.
///
/// # Errors
/// What the regressions say; [`Error::Models`] for too few circuits.
pub fn explore(
    code: &TrainedCode,
    config: &ExploreConfig,
    events: &dyn Listener,
) -> Result<Exploration, Error> {
    let seed = Seed(code.config.seed).split("explore");
    let all = coded(code, &code.set.circuits().iter().collect::<Vec<_>>(), &config.metrics)?;
    let is_test = |row: &usize| code.set.part()[*row] == CircuitPart::Test;
    let (held_out, fitted): (Vec<usize>, Vec<usize>) = (0..code.set.len()).partition(is_test);
    let (fitted, held_out) = (all.select(&fitted), all.select(&held_out));
    let settings =
        DirectionConfig { n_permutations: config.permutations, seed, ..DirectionConfig::default() };
    let found = directions(&config.metrics, &fitted.view(), Some(&held_out.view()), &settings, events)?;
    events.emit(Event::Started { stage: "map", total: None });
    let (places, method) = map::place(&all.codes, config.perplexity)?;
    events.emit(Event::Finished);
    let values = walks::columns(&fitted.metrics, &config.metrics, &found.directions);
    let known = (fitted.codes.view(), &values, fitted.size.view());
    let exploration = Exploration {
        walks: walks::walks(code, &found.directions, known, (seed.split("walks"), events))?,
        cosine: found.cosine.rows().into_iter().map(|row| row.to_vec()).collect(),
        directions: found.directions,
        left_out: found.left_out,
        map_method: method,
        colourings: colourings(&places, &all.metrics, &config.metrics)?,
        map: places,
        attributions: attributions((&fitted, &held_out), &config.metrics, events)?,
        n_circuits: (fitted.codes.nrows(), held_out.codes.nrows()),
    };
    write(code, &exploration, (&all, config))?;
    Ok(exploration)
}

impl Coded {
    fn select(&self, rows: &[usize]) -> Self {
        let of = |table: &Array2<f64>| table.select(Axis(0), rows);
        Self { codes: of(&self.codes), metrics: of(&self.metrics), size: of(&self.size) }
    }

    fn view(&self) -> CodedCircuits<'_> {
        CodedCircuits { codes: self.codes.view(), metrics: self.metrics.view(), size: self.size.view() }
    }
}

fn coded(code: &TrainedCode, circuits: &[&Circuit], names: &[String]) -> Result<Coded, Error> {
    let measured = metrics::measure_all(circuits)?;
    let columns: Vec<usize> = names.iter().filter_map(|name| super::metric(name)).collect();
    Ok(Coded {
        codes: generation::codes(&code.model, circuits.iter().copied())?,
        metrics: measured.select(Axis(1), &columns),
        size: size(circuits),
    })
}

/// Numbers of neurons and edges, `[circuit, 2]`.
pub(super) fn size(circuits: &[&Circuit]) -> Array2<f64> {
    Array2::from_shape_fn((circuits.len(), 2), |(row, column)| match column {
        0 => circuits[row].n_neurons() as f64,
        _ => circuits[row].n_edges() as f64,
    })
}

fn colourings(
    places: &[(f64, f64)],
    metrics: &Array2<f64>,
    names: &[String],
) -> Result<Vec<ColouredMap>, Error> {
    let coordinates =
        Array2::from_shape_fn(
            (places.len(), 2),
            |(row, column)| if column == 0 { places[row].0 } else { places[row].1 },
        );
    let one = |(column, name): (usize, &String)| {
        let values = metrics.column(column).to_vec();
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        Ok(ColouredMap {
            metric: name.clone(),
            range: (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max)),
            colouring: colour_map(coordinates.view(), &values, N_BINS)?,
        })
    };
    names.iter().enumerate().map(one).collect()
}

fn attributions(
    (fitted, held_out): (&Coded, &Coded),
    names: &[String],
    events: &dyn Listener,
) -> Result<Vec<MetricAttribution>, Error> {
    events.emit(Event::Started { stage: "attributions", total: Some(names.len() as u64) });
    let mut found = Vec::new();
    for (column, name) in names.iter().enumerate() {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "explore" });
        }
        if let Some(one) = attribution((fitted, held_out), column, name)? {
            found.push(one);
        }
        events.emit(Event::Step { done: column as u64 + 1, loss: None });
    }
    events.emit(Event::Finished);
    Ok(found)
}

/// Nothing where the metric is defined for too few circuits or never varies.
fn attribution(
    (fitted, held_out): (&Coded, &Coded),
    column: usize,
    name: &str,
) -> Result<Option<MetricAttribution>, Error> {
    let (codes, target) = defined(&fitted.codes, fitted, column);
    if target.len() < 25 || target.iter().all(|value| *value == target[0]) {
        return Ok(None);
    }
    let config = BoostingConfig::small();
    let trees = BoostedTrees::regress(codes.view(), &target, &config)?;
    let (size, _) = defined(&fitted.size, fitted, column);
    let of_size = BoostedTrees::regress(size.view(), &target, &config)?;
    let score = |trees: &BoostedTrees, inputs: &Array2<f64>| -> Result<Option<f64>, Error> {
        let (rows, truth) = defined(inputs, held_out, column);
        if truth.len() < 5 {
            return Ok(None);
        }
        Ok(r2_identity(&trees.predict(rows.view())?, &truth).ok())
    };
    let (r2, r2_size) = (score(&trees, &held_out.codes)?, score(&of_size, &held_out.size)?);
    let explained = tree_path_dependent(&trees, codes.view())?;
    let predicted = trees.predict(codes.view())?;
    let sums = explained.predictions();
    let error = sums.iter().zip(&predicted).map(|(sum, one)| (sum - one).abs());
    let shown = beeswarm(&explained, codes.view(), N_SWARM)?;
    Ok(Some(MetricAttribution {
        metric: name.to_owned(),
        r2,
        r2_size,
        n_dimensions: codes.ncols(),
        participation: participation(&explained)?,
        additivity_error: error.fold(0.0, f64::max),
        rows: shown
            .rows
            .into_iter()
            .map(|row| (row.feature, row.contribution, codes.column(row.feature).to_vec()))
            .collect(),
    }))
}

fn participation(explained: &Attribution) -> Result<f64, Error> {
    let mean = explained.mean_absolute().insert_axis(Axis(0));
    Ok(entanglement(mean.view())?.participation_ratio.first().copied().unwrap_or(f64::NAN))
}

/// Rows of `inputs` for which a metric is defined, and the metric.
fn defined(inputs: &Array2<f64>, circuits: &Coded, column: usize) -> (Array2<f64>, Vec<f64>) {
    let metric = circuits.metrics.column(column);
    let rows: Vec<usize> = (0..metric.len()).filter(|&row| metric[row].is_finite()).collect();
    (inputs.select(Axis(0), &rows), rows.iter().map(|&row| metric[row]).collect())
}

fn write(
    code: &TrainedCode,
    found: &Exploration,
    (all, config): (&Coded, &ExploreConfig),
) -> Result<(), Error> {
    code.run.write_json(Artefact::Directions, found)?;
    code.run.write_text(Artefact::DirectionTable, &direction_table(found))?;
    code.run.write_text(Artefact::AttributionTable, &attribution_table(found))?;
    code.run.write_text(Artefact::CodeTable, &code_table(code, all, (found, config)))?;
    let mut data: ReportData = code.run.read_json(Artefact::Exploration)?;
    page::explored(&mut data, found, config);
    code.run.write_json(Artefact::Exploration, &data)
}

fn direction_table(found: &Exploration) -> String {
    let n = found.directions.first().map_or(0, |one| one.unit.len());
    let latents: Vec<String> = (0..n).map(|latent| format!("unit_z{latent}")).collect();
    let mut table = format!("metric,r2_cv,r2_held_out,r2_size,spearman,p_value,{}\n", latents.join(","));
    for one in &found.directions {
        let unit: Vec<String> = one.unit.iter().map(|value| format!("{value:.6}")).collect();
        let held_out = one.r2_held_out.map(|value| format!("{value:.6}")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{},{:.6},{held_out},{:.6},{:.6},{:.6},{}",
            one.metric,
            one.r2_cv,
            one.r2_size,
            one.spearman,
            one.p_value,
            unit.join(",")
        );
    }
    table
}

fn attribution_table(found: &Exploration) -> String {
    let mut table = "metric,latent,circuit,shap,value\n".to_owned();
    for one in &found.attributions {
        for (latent, shap, value) in &one.rows {
            for (circuit, (shap, value)) in shap.iter().zip(value).enumerate() {
                let _ = writeln!(table, "{},z{latent},{circuit},{shap:.8},{value:.6}", one.metric);
            }
        }
    }
    table
}

/// One row a circuit: part, size, metrics, place on the map, code.
fn code_table(code: &TrainedCode, all: &Coded, (found, config): (&Exploration, &ExploreConfig)) -> String {
    let latents: Vec<String> = (0..all.codes.ncols()).map(|latent| format!("z{latent}")).collect();
    let names: Vec<String> = config.metrics.iter().map(|name| field(name)).collect();
    let mut table =
        format!("circuit,part,neurons,edges,{},map_1,map_2,{}\n", names.join(","), latents.join(","));
    for row in 0..all.codes.nrows() {
        let metrics: Vec<String> = all.metrics.row(row).iter().map(|value| format!("{value:.6}")).collect();
        let code_of: Vec<String> = all.codes.row(row).iter().map(|value| format!("{value:.6}")).collect();
        let (x, y) = found.map[row];
        let _ = writeln!(
            table,
            "{row},{},{},{},{},{x:.4},{y:.4},{}",
            code.set.part()[row].name(),
            all.size[[row, 0]],
            all.size[[row, 1]],
            metrics.join(","),
            code_of.join(",")
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::circuit_vae::METRICS;

    #[test]
    fn the_default_metrics_are_measured() {
        assert!(ExploreConfig::default().check().is_ok());
        assert_eq!(ExploreConfig::default().metrics.len(), METRICS.len());
    }
}
