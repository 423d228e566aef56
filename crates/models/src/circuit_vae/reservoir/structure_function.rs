//! Which structure predicts what a circuit computes: scores from codes, from graph metrics, from size alone.

use ndarray::{Array2, ArrayView2, Axis};
use neuroloom_analysis::attribution::{Entanglement, entanglement, linear};
use neuroloom_analysis::metrics::regression::pearson;
use neuroloom_analysis::readout::{FoldConfig, FoldedRidge};
use neuroloom_analysis::statistics::{Resampling, Tail, permutation_null, permutation_p_value};
use neuroloom_core::Seed;
use serde::Serialize;

use crate::Error;

/// What is known of some circuits, one row each.
#[derive(Debug, Clone, Copy)]
pub struct StructureAndScores<'a> {
    /// Latent codes `[circuit, dimension]`.
    pub codes: ArrayView2<'a, f64>,
    /// Graph metrics `[circuit, metric]`, all finite.
    pub metrics: ArrayView2<'a, f64>,
    /// Their names.
    pub metric_names: &'a [String],
    /// Number of neurons and number of edges `[circuit, 2]`.
    pub size: ArrayView2<'a, f64>,
    /// Scores `[circuit, score]`.
    pub scores: ArrayView2<'a, f64>,
    /// Their names.
    pub score_names: &'a [String],
}

/// How one score follows from structure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreModel {
    /// The score.
    pub score: String,
    /// Circuits with this score.
    pub n_circuits: usize,
    /// Cross-validated R2 of a ridge regression on the code. The published range is 0.46 to 0.87 (arXiv 2609.06093).
    pub r2_code: f64,
    /// The same on the graph metrics.
    pub r2_metrics: f64,
    /// The same on the numbers of neurons and edges alone: what size and density explain without any wiring.
    pub r2_size: f64,
    /// Largest R2 from the code among 95 % of permutations of the scores: chance.
    pub r2_code_chance: f64,
    /// (1 + permutations with an R2 from the code at least as large) / (1 + permutations).
    pub p_code: f64,
    /// Mean of |phi| (exact linear SHAP) of each graph metric in the regression on graph metrics, in units of the score.
    pub metric_attribution: Vec<f64>,
}

/// Models of all scores; a score that is the same for all circuits is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct StructureFunction {
    /// One a score.
    pub models: Vec<ScoreModel>,
    /// How many graph metrics each score is spread over.
    pub entanglement: Option<Entanglement>,
}

/// Regresses every score on codes, graph metrics and size.
///
/// # Errors
/// What [`FoldedRidge::new`] says of too few circuits or numbers that are not finite.
pub fn structure_function(
    circuits: &StructureAndScores<'_>,
    n_permutations: usize,
    seed: Seed,
) -> Result<StructureFunction, Error> {
    let folds = FoldConfig { seed, ..FoldConfig::default() };
    let on = |inputs: ArrayView2<'_, f64>| FoldedRidge::new(inputs, &folds);
    let (code, metrics, size) = (on(circuits.codes)?, on(circuits.metrics)?, on(circuits.size)?);
    let mut models = Vec::new();
    for (place, name) in circuits.score_names.iter().enumerate() {
        let score = circuits.scores.column(place).to_vec();
        if score.iter().all(|value| *value == score[0]) {
            continue;
        }
        let from_metrics = metrics.fit(&score)?;
        let attribution =
            linear(&from_metrics.weights, from_metrics.intercept, circuits.metrics, circuits.metrics)?;
        let r2_code = code.r2(&score)?;
        let shuffled = |order: &[usize]| {
            let values: Vec<f64> = order.iter().map(|&row| score[row]).collect();
            code.r2(&values).unwrap_or(f64::NEG_INFINITY)
        };
        let resampling =
            Resampling { n_resamples: n_permutations, seed: seed.split(name), ..Resampling::default() };
        let mut null = permutation_null(score.len(), shuffled, &resampling)?;
        let p_code = permutation_p_value(r2_code, &null, Tail::Upper)?;
        null.sort_unstable_by(f64::total_cmp);
        models.push(ScoreModel {
            score: name.clone(),
            n_circuits: score.len(),
            r2_code,
            r2_metrics: from_metrics.r2,
            r2_size: size.r2(&score)?,
            r2_code_chance: null[(null.len() * 95 / 100).min(null.len() - 1)],
            p_code,
            metric_attribution: attribution.mean_absolute().to_vec(),
        });
    }
    let rows: Vec<f64> = models.iter().flat_map(|model| model.metric_attribution.iter().copied()).collect();
    let table = Array2::from_shape_vec((models.len(), circuits.metric_names.len()), rows).unwrap_or_default();
    let entanglement = if models.is_empty() { None } else { Some(entanglement(table.view())?) };
    Ok(StructureFunction { models, entanglement })
}

/// A correlation with something held fixed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PartialCorrelation {
    /// Pearson correlation as it is.
    pub plain: f64,
    /// Pearson correlation of what the held numbers leave unexplained (linearly) in both.
    pub partial: f64,
    /// Two-sided permutation p of the partial correlation.
    pub p_value: f64,
}

/// Correlation of two numbers over circuits with others held fixed, such as memory with reciprocity given density.
///
/// # Shapes
/// `x: [circuit]`, `y: [circuit]`, `held: [circuit, number]`.
///
/// # Errors
/// [`Error::Analysis`] for fewer than four circuits more than held numbers, lengths that differ or constant numbers.
pub fn partial_correlation(
    x: &[f64],
    y: &[f64],
    held: ArrayView2<'_, f64>,
    seed: Seed,
) -> Result<PartialCorrelation, Error> {
    let needed = held.ncols() + 4;
    if x.len() < needed || y.len() != x.len() || held.nrows() != x.len() {
        let what = "circuits for a partial correlation";
        return Err(
            neuroloom_analysis::Error::TooFew { what, given: x.len().min(held.nrows()), needed }.into()
        );
    }
    let (rest_x, rest_y) = (residual(x, held), residual(y, held));
    let partial = pearson(&rest_x, &rest_y)?;
    let shuffled = |order: &[usize]| {
        let values: Vec<f64> = order.iter().map(|&row| rest_x[row]).collect();
        pearson(&values, &rest_y).map_or(0.0, f64::abs)
    };
    let null = permutation_null(x.len(), shuffled, &Resampling { seed, ..Resampling::default() })?;
    Ok(PartialCorrelation {
        plain: pearson(x, y)?,
        partial,
        p_value: permutation_p_value(partial.abs(), &null, Tail::Upper)?,
    })
}

/// What is left after the least-squares fit to the held numbers and a constant, by Gram and Schmidt.
fn residual(values: &[f64], held: ArrayView2<'_, f64>) -> Vec<f64> {
    let n = values.len();
    let mut basis: Vec<Vec<f64>> = vec![vec![1.0 / (n as f64).sqrt(); n]];
    for column in held.axis_iter(Axis(1)) {
        let mut direction = column.to_vec();
        let size = direction.iter().map(|value| value * value).sum::<f64>().sqrt();
        // Twice, which makes rounding harmless.
        for _ in 0..2 {
            basis.iter().for_each(|one| remove(&mut direction, one));
        }
        let rest = direction.iter().map(|value| value * value).sum::<f64>().sqrt();
        if rest > 1e-10 * size {
            basis.push(direction.iter().map(|value| value / rest).collect());
        }
    }
    let mut rest = values.to_vec();
    for _ in 0..2 {
        basis.iter().for_each(|one| remove(&mut rest, one));
    }
    rest
}

fn remove(vector: &mut [f64], direction: &[f64]) {
    let along: f64 = vector.iter().zip(direction).map(|(a, b)| a * b).sum();
    vector.iter_mut().zip(direction).for_each(|(value, one)| *value -= along * one);
}
