//! How much each latent number contributes to each metric.

use ndarray::{Array2, ArrayView2, Axis, s};
use neuroloom_analysis::attribution::{
    Attribution, Entanglement, KernelConfig, entanglement, kernel, linear, tree_interventional,
};
use neuroloom_analysis::boosting::{BoostedTrees, BoostingConfig};
use neuroloom_analysis::metrics::regression::r2_identity;
use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::circuit_vae::synthesize::{CodeSpace, Surrogate, SurrogateConfig};

/// What maps codes to metrics. Which one the paper explains could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regressor {
    /// The ridge regression of the directions; exact SHAP.
    Linear,
    /// Boosted trees; exact interventional TreeSHAP.
    Trees,
    /// A small MLP; KernelSHAP.
    Mlp,
}

impl Regressor {
    /// All regressors.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Trees, Self::Mlp];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Trees => "trees",
            Self::Mlp => "mlp",
        }
    }
}

/// Sizes of the computation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AttributionConfig {
    /// Circuits that are explained at most, spread evenly; a tenth of them for the MLP.
    pub max_circuits: usize,
    /// Background circuits at most, spread evenly; a fifth of them for the MLP.
    pub max_background: usize,
    /// Coalitions of KernelSHAP.
    pub n_coalitions: usize,
    /// How trees are grown.
    pub boosting: BoostingConfig,
    /// How the MLP is fitted.
    pub surrogate: SurrogateConfig,
}

impl Default for AttributionConfig {
    fn default() -> Self {
        Self {
            max_circuits: 500,
            max_background: 100,
            n_coalitions: 512,
            boosting: BoostingConfig::small(),
            surrogate: SurrogateConfig::default(),
        }
    }
}

/// Attributions of all metrics by one regressor.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeAttribution {
    /// What maps codes to metrics.
    pub regressor: Regressor,
    /// Names of the metrics.
    pub metrics: Vec<String>,
    /// R2 of each regression on circuits it was not fitted to (five folds; for the MLP one fifth). An attribution of a
    /// regression that predicts nothing means nothing.
    pub r2: Vec<f64>,
    /// Standardised codes of the circuits that are explained `[circuit, dimension]`.
    pub codes: Array2<f64>,
    /// Of each metric `[circuit, dimension]`, in units of the metric.
    pub attributions: Vec<Attribution>,
    /// Over how many dimensions each metric is spread, and how many metrics use each dimension.
    pub entanglement: Entanglement,
}

/// Explains every metric of a space.
///
/// # Errors
/// [`Error::Config`] where a setting is out of range or there are too few circuits for the regressor.
pub fn attribute_metrics(
    space: &CodeSpace,
    regressor: Regressor,
    config: &AttributionConfig,
    seed: Seed,
) -> Result<CodeAttribution, Error> {
    let share =
        |full: usize, part: usize| if regressor == Regressor::Mlp { full.div_ceil(part) } else { full };
    let codes = spread(space.training_codes(), share(config.max_circuits, 10));
    let background = spread(space.training_codes(), share(config.max_background, 5));
    let surrogate = match regressor {
        Regressor::Mlp => Some(Surrogate::fit(space, &config.surrogate, seed)?),
        _ => None,
    };
    let (mut r2, mut attributions) = (Vec::new(), Vec::new());
    for (metric, model) in space.metrics().iter().enumerate() {
        let (score, attribution) = match (&surrogate, regressor) {
            (Some(surrogate), _) => {
                let predict = |rows: ArrayView2<'_, f64>| {
                    surrogate.predict(rows).map_or_else(|_| Vec::new(), |all| all.column(metric).to_vec())
                };
                let settings = KernelConfig { n_coalitions: config.n_coalitions, seed };
                let found = kernel(&predict, codes.view(), background.view(), &settings)?;
                (surrogate.r2_held_out()[metric], found)
            }
            (None, Regressor::Trees) => by_trees(space, metric, (codes.view(), background.view()), config)?,
            (None, _) => (model.r2_cv, linear(&model.weights, model.mean, codes.view(), background.view())?),
        };
        r2.push(score);
        attributions.push(attribution);
    }
    let sizes: Vec<f64> =
        attributions.iter().flat_map(|one: &Attribution| one.mean_absolute().to_vec()).collect();
    let table = Array2::from_shape_vec((attributions.len(), space.n_dimensions()), sizes).unwrap_or_default();
    let metrics = space.metrics().iter().map(|model| model.name.clone()).collect();
    Ok(CodeAttribution {
        regressor,
        metrics,
        r2,
        codes,
        attributions,
        entanglement: entanglement(table.view())?,
    })
}

/// Rows spread evenly.
fn spread(rows: ArrayView2<'_, f64>, most: usize) -> Array2<f64> {
    let step = rows.nrows().div_ceil(most.max(1)).max(1);
    rows.slice(s![..;step, ..]).to_owned()
}

const N_FOLDS: usize = 5;

fn by_trees(
    space: &CodeSpace,
    metric: usize,
    (codes, background): (ArrayView2<'_, f64>, ArrayView2<'_, f64>),
    config: &AttributionConfig,
) -> Result<(f64, Attribution), Error> {
    let column = space.training_metrics().column(metric).to_vec();
    let rows: Vec<usize> = (0..column.len()).filter(|&row| column[row].is_finite()).collect();
    let fit = |rows: &[usize]| {
        let y: Vec<f64> = rows.iter().map(|&row| column[row]).collect();
        BoostedTrees::regress(space.training_codes().select(Axis(0), rows).view(), &y, &config.boosting)
    };
    let (mut predicted, mut observed) = (Vec::new(), Vec::new());
    for fold in 0..N_FOLDS {
        let side = |inside: bool| -> Vec<usize> {
            let kept = rows.iter().enumerate().filter(|(place, _)| (place % N_FOLDS == fold) == inside);
            kept.map(|(_, &row)| row).collect()
        };
        let (left_out, fitted) = (side(true), side(false));
        let trees = fit(&fitted)?;
        predicted.extend(trees.predict(space.training_codes().select(Axis(0), &left_out).view())?);
        observed.extend(left_out.iter().map(|&row| column[row]));
    }
    let attribution = tree_interventional(&fit(&rows)?, codes, background)?;
    Ok((r2_identity(&predicted, &observed)?, attribution))
}
