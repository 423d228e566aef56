//! Attribution of any function by weighted least squares over coalitions.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use super::{Attribution, check_background, check_columns};
use crate::Error;
use crate::linear_algebra::inverse_of_positive_definite;

/// How many coalitions are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelConfig {
    /// Coalitions at most. All are tried, and the result is exact, where 2^features - 2 is not more.
    pub n_coalitions: usize,
    /// Seed of the draw.
    pub seed: Seed,
}

impl Default for KernelConfig {
    fn default() -> Self {
        Self { n_coalitions: 1024, seed: Seed(0) }
    }
}

/// KernelSHAP (Lundberg and Lee 2017): the phi that minimise
/// sum over coalitions S of w(|S|) (v(S) - base - sum_{k in S} phi_k)², w(s) = (M - 1) / (C(M, s) s (M - s)),
/// under sum_k phi_k = f(x) - base. v(S) is the mean of f with the features outside S taken from background rows.
/// Sampled coalitions come in pairs (S and its complement), drawn with probability w.
///
/// # Shapes
/// `predict` maps `[row, feature]` to one value a row; `rows`, `background`: `[row, feature]`.
///
/// # Errors
/// [`Error::Shape`] for another number of features or of predictions, [`Error::TooFew`] without background or with
/// fewer coalitions than features need, [`Error::NotFinite`].
pub fn kernel(
    predict: &(dyn Fn(ArrayView2<'_, f64>) -> Vec<f64> + Sync),
    rows: ArrayView2<'_, f64>,
    background: ArrayView2<'_, f64>,
    config: &KernelConfig,
) -> Result<Attribution, Error> {
    let n_features = rows.ncols();
    check_columns("rows", rows, n_features)?;
    check_background(background, n_features)?;
    if n_features == 0 {
        return Err(Error::TooFew { what: "features", given: 0, needed: 1 });
    }
    let at_background = checked(predict(background), background.nrows())?;
    let base = at_background.iter().sum::<f64>() / at_background.len() as f64;
    let game = Game::new(n_features, config)?;
    let each: Result<Vec<Array1<f64>>, Error> = (0..rows.nrows())
        .into_par_iter()
        .map(|row| game.play(predict, rows.row(row), background, base))
        .collect();
    let mut values = Array2::zeros((rows.nrows(), n_features));
    for (mut row, phi) in values.axis_iter_mut(Axis(0)).zip(each?) {
        row.assign(&phi);
    }
    Ok(Attribution { base, values })
}

fn checked(predictions: Vec<f64>, n_rows: usize) -> Result<Vec<f64>, Error> {
    if predictions.len() != n_rows {
        let (given, allowed) = (format!("[{}]", predictions.len()), format!("[{n_rows}], one a row"));
        return Err(Error::Shape { what: "predictions", given, allowed });
    }
    match predictions.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(Error::NotFinite { what: "predictions", row, column: 0, given: predictions[row] }),
        None => Ok(predictions),
    }
}

/// The coalitions and what maps their values to phi.
struct Game {
    coalitions: Vec<Vec<bool>>,
    /// Last feature eliminated by the constraint: (Z'WZ)^-1 Z'W, `[feature - 1, coalition]`.
    solver: Array2<f64>,
    /// `[coalition]`: 1 where the last feature is in.
    last: Array1<f64>,
}

impl Game {
    fn new(n_features: usize, config: &KernelConfig) -> Result<Self, Error> {
        let (coalitions, weights) = match exact(n_features, config.n_coalitions) {
            true => all_coalitions(n_features),
            false => drawn_coalitions(n_features, config),
        };
        if !exact(n_features, config.n_coalitions) && coalitions.len() < 2 * n_features {
            let (given, needed) = (coalitions.len(), 2 * n_features);
            return Err(Error::TooFew { what: "coalitions", given, needed });
        }
        let number = |inside: bool| f64::from(u8::from(inside));
        let free = n_features - 1;
        let last: Array1<f64> = coalitions.iter().map(|one| number(one[free])).collect();
        let design = Array2::from_shape_fn((coalitions.len(), free), |(row, feature)| {
            number(coalitions[row][feature]) - last[row]
        });
        let weighted = &design * &Array1::from(weights).insert_axis(Axis(1));
        let solver = if free == 0 {
            Array2::zeros((0, coalitions.len()))
        } else {
            let normal = design.t().dot(&weighted);
            let what = "the normal matrix of the coalitions";
            inverse_of_positive_definite(normal.view(), what)?.dot(&weighted.t())
        };
        Ok(Self { coalitions, solver, last })
    }

    fn play(
        &self,
        predict: &(dyn Fn(ArrayView2<'_, f64>) -> Vec<f64> + Sync),
        row: ArrayView1<'_, f64>,
        background: ArrayView2<'_, f64>,
        base: f64,
    ) -> Result<Array1<f64>, Error> {
        let n = background.nrows();
        let mut mixed = Array2::zeros((self.coalitions.len() * n + 1, row.len()));
        for (place, coalition) in self.coalitions.iter().enumerate() {
            for other in 0..n {
                for (feature, &known) in coalition.iter().enumerate() {
                    let value = if known { row[feature] } else { background[[other, feature]] };
                    mixed[[place * n + other, feature]] = value;
                }
            }
        }
        mixed.row_mut(self.coalitions.len() * n).assign(&row);
        let predictions = checked(predict(mixed.view()), mixed.nrows())?;
        let gain = predictions[self.coalitions.len() * n] - base;
        let means = predictions[..self.coalitions.len() * n].chunks(n).zip(&self.last);
        let wanted: Array1<f64> =
            means.map(|(part, last)| part.iter().sum::<f64>() / n as f64 - base - last * gain).collect();
        let free = self.solver.dot(&wanted);
        let mut phi = Array1::zeros(row.len());
        phi.iter_mut().zip(&free).for_each(|(phi, value)| *phi = *value);
        phi[row.len() - 1] = gain - free.sum();
        Ok(phi)
    }
}

fn exact(n_features: usize, n_coalitions: usize) -> bool {
    n_features < 24 && (1_usize << n_features) - 2 <= n_coalitions
}

fn all_coalitions(n_features: usize) -> (Vec<Vec<bool>>, Vec<f64>) {
    let one = |bits: usize| (0..n_features).map(|feature| bits >> feature & 1 == 1).collect::<Vec<_>>();
    let coalitions: Vec<Vec<bool>> = (1..(1_usize << n_features) - 1).map(one).collect();
    let weights = coalitions.iter().map(|one| kernel_weight(n_features, one)).collect();
    (coalitions, weights)
}

fn kernel_weight(n_features: usize, coalition: &[bool]) -> f64 {
    let (m, s) = (n_features as f64, coalition.iter().filter(|inside| **inside).count());
    let ways: f64 = (0..s).map(|k| (m - k as f64) / (k + 1) as f64).product();
    (m - 1.0) / (ways * s as f64 * (m - s as f64))
}

/// Size s with probability in proportion to 1 / (s (M - s)), then a set of that size; each with its complement.
fn drawn_coalitions(n_features: usize, config: &KernelConfig) -> (Vec<Vec<bool>>, Vec<f64>) {
    let mut rng = config.seed.split("coalitions").rng();
    let odds: Vec<f64> =
        (1..n_features).map(|size| 1.0 / (size as f64 * (n_features - size) as f64)).collect();
    let total: f64 = odds.iter().sum();
    let mut coalitions = Vec::with_capacity(config.n_coalitions);
    let mut order: Vec<usize> = (0..n_features).collect();
    while coalitions.len() + 1 < config.n_coalitions {
        let mut left = rng.random::<f64>() * total;
        let mut size = 1;
        while size < n_features - 1 && left > odds[size - 1] {
            left -= odds[size - 1];
            size += 1;
        }
        for place in 0..size {
            let other = rng.random_range(place..n_features);
            order.swap(place, other);
        }
        let mut inside = vec![false; n_features];
        order[..size].iter().for_each(|&feature| inside[feature] = true);
        coalitions.push(inside.iter().map(|inside| !inside).collect());
        coalitions.push(inside);
    }
    let weights = vec![1.0; coalitions.len()];
    (coalitions, weights)
}
