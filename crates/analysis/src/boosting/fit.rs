//! Tree after tree.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::bins::Binned;
use super::grow::grow;
use super::histogram::Slope;
use super::{BoostedTrees, BoostingConfig, Objective, numbers, sigmoid};
use crate::Error;

/// Rows that choose the number of trees and are not fitted.
#[derive(Debug, Clone, Copy)]
pub struct HeldOut<'a, T> {
    /// `[row, feature]`.
    pub features: ArrayView2<'a, T>,
    /// `[row]`.
    pub labels: &'a [bool],
}

pub(super) fn fit<T: Copy + Into<f64> + Sync>(
    features: ArrayView2<'_, T>,
    targets: &[f64],
    objective: Objective,
    config: &BoostingConfig,
) -> Result<BoostedTrees, Error> {
    let mut boosting = Boosting::new(features, targets, objective, config)?;
    for _ in 0..config.n_trees {
        if !boosting.add_tree() {
            break;
        }
    }
    Ok(boosting.model)
}

pub(super) fn fit_until<T: Copy + Into<f64> + Sync>(
    features: ArrayView2<'_, T>,
    targets: &[f64],
    held_out: &HeldOut<'_, T>,
    config: &BoostingConfig,
) -> Result<BoostedTrees, Error> {
    let wanted = numbers(held_out.labels);
    check(held_out.features, &wanted)?;
    let mut boosting = Boosting::new(features, targets, Objective::Logistic, config)?;
    let mut margin = boosting.model.margin(held_out.features)?;
    let (mut best, mut n_best) = (mean_loss(&margin, &wanted), 0);
    for n_trees in 1..=config.n_trees {
        if !boosting.add_tree() {
            break;
        }
        let tree = &boosting.model.trees[n_trees - 1];
        let add = |(row, margin): (usize, &mut f64)| {
            let values = held_out.features.row(row);
            *margin += tree.predict(|feature| values[feature].into());
        };
        margin.par_iter_mut().with_min_len(256).enumerate().for_each(add);
        let loss = mean_loss(&margin, &wanted);
        if loss < best {
            (best, n_best) = (loss, n_trees);
        }
        if n_trees >= n_best + config.patience {
            break;
        }
    }
    boosting.model.trees.truncate(n_best);
    Ok(boosting.model)
}

struct Boosting<'a> {
    binned: Binned,
    targets: &'a [f64],
    config: &'a BoostingConfig,
    /// F of each training row.
    margin: Vec<f64>,
    model: BoostedTrees,
}

impl<'a> Boosting<'a> {
    fn new<T: Copy + Into<f64> + Sync>(
        features: ArrayView2<'_, T>,
        targets: &'a [f64],
        objective: Objective,
        config: &'a BoostingConfig,
    ) -> Result<Self, Error> {
        config.check()?;
        check(features, targets)?;
        let mean = targets.iter().sum::<f64>() / targets.len() as f64;
        let base = match objective {
            Objective::SquaredError => mean,
            Objective::Logistic if mean == 0.0 || mean == 1.0 => {
                return Err(Error::Constant { what: "labels", value: mean });
            }
            Objective::Logistic => (mean / (1.0 - mean)).ln(),
        };
        let model = BoostedTrees { objective, n_features: features.ncols(), base, trees: Vec::new() };
        let binned = Binned::new(features, config.n_bins)?;
        Ok(Self { binned, targets, config, margin: vec![base; targets.len()], model })
    }

    /// Whether the tree has a split; without one more trees would only repeat it.
    fn add_tree(&mut self) -> bool {
        let slope = |(&margin, &target): (&f64, &f64)| match self.model.objective {
            Objective::SquaredError => Slope { gradient: margin - target, hessian: 1.0 },
            Objective::Logistic => {
                let probability = sigmoid(margin);
                // A row that is as good as certain must not make the Hessian of its leaf vanish.
                let hessian = (probability * (1.0 - probability)).max(1e-16);
                Slope { gradient: probability - target, hessian }
            }
        };
        let slopes: Vec<Slope> =
            self.margin.par_iter().zip(self.targets.par_iter()).with_min_len(1024).map(slope).collect();
        let grown = grow(&self.binned, &slopes, self.config);
        if grown.tree.len() < 2 {
            return false;
        }
        for (margin, &leaf) in self.margin.iter_mut().zip(&grown.leaf) {
            *margin += grown.tree.value[leaf as usize];
        }
        self.model.trees.push(grown.tree);
        true
    }
}

fn check<T>(features: ArrayView2<'_, T>, targets: &[f64]) -> Result<(), Error> {
    let (n_rows, n_features) = features.dim();
    if n_rows != targets.len() || n_features == 0 {
        let given = format!("[{n_rows}, {n_features}] with {} targets", targets.len());
        return Err(Error::Shape {
            what: "features",
            given,
            allowed: "one target a row and at least one feature".into(),
        });
    }
    if n_rows < 2 {
        return Err(Error::TooFew { what: "rows for boosted trees", given: n_rows, needed: 2 });
    }
    if n_rows > u32::MAX as usize {
        let (given, allowed) = (n_rows.to_string(), format!("at most {}", u32::MAX));
        return Err(Error::Value { what: "number of rows", given, allowed });
    }
    match targets.iter().position(|target| !target.is_finite()) {
        Some(row) => Err(Error::NotFinite { what: "targets", row, column: 0, given: targets[row] }),
        None => Ok(()),
    }
}

/// Mean of log(1 + exp(F)) - y F.
fn mean_loss(margin: &[f64], wanted: &[f64]) -> f64 {
    let one =
        |(&margin, &wanted): (&f64, &f64)| margin.max(0.0) + (-margin.abs()).exp().ln_1p() - wanted * margin;
    margin.iter().zip(wanted).map(one).sum::<f64>() / margin.len() as f64
}
