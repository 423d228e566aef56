//! Ridge regression scored on rows that were left out, prepared once for many targets.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use crate::Error;
use crate::linear_algebra::symmetric_eigen;

/// How rows are left out and which penalties are tried.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldConfig {
    /// Folds, at least 2.
    pub n_folds: usize,
    /// Penalties on the weights of standardised inputs, each above 0.
    pub penalties: Vec<f64>,
    /// Seed of the assignment of rows to folds.
    pub seed: Seed,
}

impl Default for FoldConfig {
    /// Five folds; 1e-4 to 1e3, one a decade.
    fn default() -> Self {
        let penalties = (-4..=3).map(|decade| 10_f64.powi(decade)).collect();
        Self { n_folds: 5, penalties, seed: Seed(0) }
    }
}

/// A ridge regression of one number on standardised inputs, for rows in no order (circuits, not time).
///
/// Inputs are brought to mean 0 and standard deviation 1 (constant ones to 0); |y - Z w - c|² + penalty |w|² is
/// minimised. The score is nested: each fold is predicted with the penalty that was best on folds of the *other* rows,
/// so that the choice does not flatter it. Eigenvectors are found once, so a further target (or a permuted one) costs
/// about a hundred thousand multiplications.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::readout::{FoldConfig, FoldedRidge};
/// let x = Array2::from_shape_fn((60, 2), |(row, column)| ((row * (7 + 6 * column)) % 11) as f64);
/// let y: Vec<f64> = x.rows().into_iter().map(|row| 3.0 * row[0] - row[1] + 5.0).collect();
/// let fit = FoldedRidge::new(x.view(), &FoldConfig::default())?.fit(&y)?;
/// assert!(fit.r2 > 0.999 && (fit.weights[0] - 3.0).abs() < 0.01);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub struct FoldedRidge {
    n_rows: usize,
    mean: Array1<f64>,
    /// 0 for a constant input.
    sd: Array1<f64>,
    penalties: Vec<f64>,
    outer: Vec<Outer>,
    whole: Part,
}

/// A fold that is scored, and folds of the other rows, on which its penalty is chosen.
struct Outer {
    part: Part,
    inner: Vec<Part>,
}

/// Rows that are fitted and rows that are predicted.
struct Part {
    fitted: Vec<usize>,
    predicted: Vec<usize>,
    /// Inputs of the fitted rows along the eigenvectors of their covariance, centred.
    fitted_scores: Array2<f64>,
    predicted_scores: Array2<f64>,
    eigenvalues: Array1<f64>,
    /// `[input, component]`.
    basis: Array2<f64>,
    /// Mean of the standardised inputs of the fitted rows.
    centre: Array1<f64>,
}

/// A regression and how well it predicts rows that it has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedFit {
    /// 1 - sum (y - predicted)² / sum (y - mean y)² over all rows, each predicted by a fit without its fold.
    pub r2: f64,
    /// Those predictions.
    pub predicted: Vec<f64>,
    /// The penalty of the fit to all rows.
    pub penalty: f64,
    /// Weights of the inputs as given; 0 for constant ones.
    pub weights: Vec<f64>,
    /// Weights of the standardised inputs.
    pub standardised_weights: Vec<f64>,
    /// Prediction where the inputs as given are 0.
    pub intercept: f64,
}

impl FoldedFit {
    /// w x + c.
    pub fn predict(&self, x: ndarray::ArrayView1<'_, f64>) -> f64 {
        self.weights.iter().zip(x).map(|(weight, value)| weight * value).sum::<f64>() + self.intercept
    }
}

impl FoldedRidge {
    /// Prepares the folds.
    ///
    /// # Shapes
    /// `x: [row, input]`.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer than `n_folds`² rows or no input, [`Error::NotFinite`], [`Error::Value`] for fewer
    /// than two folds or a penalty that is not above 0.
    pub fn new(x: ArrayView2<'_, f64>, config: &FoldConfig) -> Result<Self, Error> {
        check(x, config)?;
        let n_rows = x.nrows();
        let mean = x.sum_axis(Axis(0)) / n_rows as f64;
        let centred = &x - &mean;
        let spread = (&centred * &centred).sum_axis(Axis(0)) / n_rows as f64;
        // A spread that rounding alone could have made is none.
        let sd: Array1<f64> = spread
            .iter()
            .zip(&mean)
            .map(
                |(variance, mean)| {
                    if variance.sqrt() > 1e-12 * (1.0 + mean.abs()) { variance.sqrt() } else { 0.0 }
                },
            )
            .collect();
        let standardised = &centred * &sd.mapv(|sd| if sd > 0.0 { 1.0 / sd } else { 0.0 });
        let rows: Vec<usize> = (0..n_rows).collect();
        let cuts = |rows: &[usize], seed: Seed| folds(rows, config.n_folds, seed);
        let outer: Result<Vec<Outer>, Error> = cuts(&rows, config.seed)
            .into_par_iter()
            .enumerate()
            .map(|(fold, (fitted, predicted))| {
                let inner: Result<Vec<Part>, Error> = cuts(&fitted, config.seed.nth(fold as u64))
                    .into_iter()
                    .map(|(fitted, predicted)| Part::new(&standardised, fitted, predicted))
                    .collect();
                Ok(Outer { part: Part::new(&standardised, fitted, predicted)?, inner: inner? })
            })
            .collect();
        let whole = Part::new(&standardised, rows, Vec::new())?;
        Ok(Self { n_rows, mean, sd, penalties: config.penalties.clone(), outer: outer?, whole })
    }

    /// Standard deviation of each input, 0 for constant ones.
    pub fn input_sd(&self) -> &Array1<f64> {
        &self.sd
    }

    /// Mean of each input.
    pub fn input_mean(&self) -> &Array1<f64> {
        &self.mean
    }

    /// Fits and scores one target.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of rows, [`Error::NotFinite`], [`Error::Constant`].
    pub fn fit(&self, y: &[f64]) -> Result<FoldedFit, Error> {
        self.check_target(y)?;
        let predicted = self.out_of_fold(y);
        let penalty = self.best_penalty(self.outer.iter().map(|outer| &outer.part), y);
        let standardised = self.whole.weights(y, penalty);
        let weights: Vec<f64> = standardised
            .iter()
            .zip(&self.sd)
            .map(|(weight, sd)| if *sd > 0.0 { weight / sd } else { 0.0 })
            .collect();
        let mean_y = y.iter().sum::<f64>() / y.len() as f64;
        let shift: f64 = weights.iter().zip(&self.mean).map(|(weight, mean)| weight * mean).sum();
        Ok(FoldedFit {
            r2: r2(&predicted, y),
            predicted,
            penalty,
            standardised_weights: standardised.to_vec(),
            weights,
            intercept: mean_y - shift,
        })
    }

    /// Only the score of [`FoldedRidge::fit`], for permutations.
    ///
    /// # Errors
    /// As [`FoldedRidge::fit`].
    pub fn r2(&self, y: &[f64]) -> Result<f64, Error> {
        self.check_target(y)?;
        Ok(r2(&self.out_of_fold(y), y))
    }

    fn check_target(&self, y: &[f64]) -> Result<(), Error> {
        if y.len() != self.n_rows {
            let (given, allowed) = (format!("[{}]", y.len()), format!("[{}], one a row", self.n_rows));
            return Err(Error::Shape { what: "y", given, allowed });
        }
        if let Some(row) = y.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "y", row, column: 0, given: y[row] });
        }
        match y.iter().all(|value| *value == y[0]) {
            true => Err(Error::Constant { what: "y", value: y[0] }),
            false => Ok(()),
        }
    }

    fn out_of_fold(&self, y: &[f64]) -> Vec<f64> {
        let mut predicted = vec![0.0; self.n_rows];
        for outer in &self.outer {
            let penalty = self.best_penalty(outer.inner.iter(), y);
            let (loadings, mean) = outer.part.loadings(y);
            let values = outer.part.predictions(&loadings, mean, penalty);
            outer.part.predicted.iter().zip(values).for_each(|(&row, value)| predicted[row] = value);
        }
        predicted
    }

    /// Smallest squared error on the rows that the parts predict; of equals the larger penalty.
    fn best_penalty<'a>(&self, parts: impl Iterator<Item = &'a Part>, y: &[f64]) -> f64 {
        let mut errors = vec![0.0; self.penalties.len()];
        for part in parts {
            let (loadings, mean) = part.loadings(y);
            for (error, &penalty) in errors.iter_mut().zip(&self.penalties) {
                let values = part.predictions(&loadings, mean, penalty);
                let squares = part.predicted.iter().zip(values).map(|(&row, value)| (y[row] - value).powi(2));
                *error += squares.sum::<f64>();
            }
        }
        let better = |best: usize, next: usize| {
            let wins = errors[next] < errors[best]
                || errors[next] == errors[best] && self.penalties[next] > self.penalties[best];
            if wins { next } else { best }
        };
        self.penalties[(1..errors.len()).fold(0, better)]
    }
}

impl Part {
    fn new(z: &Array2<f64>, fitted: Vec<usize>, predicted: Vec<usize>) -> Result<Self, Error> {
        let inputs = z.select(Axis(0), &fitted);
        let centre = inputs.sum_axis(Axis(0)) / fitted.len().max(1) as f64;
        let centred = inputs - &centre;
        let covariance = centred.t().dot(&centred);
        let what = "the matrix Z'Z of a ridge regression on folds";
        let (eigenvalues, basis) = symmetric_eigen(covariance.view(), what)?;
        let predicted_scores = (z.select(Axis(0), &predicted) - &centre).dot(&basis);
        Ok(Self {
            fitted_scores: centred.dot(&basis),
            predicted_scores,
            // Rounding may push those of dependent inputs below 0.
            eigenvalues: eigenvalues.mapv(|value| value.max(0.0)),
            basis,
            centre,
            fitted,
            predicted,
        })
    }

    /// V'Z'y and the mean of y, over the fitted rows.
    fn loadings(&self, y: &[f64]) -> (Array1<f64>, f64) {
        let values: Array1<f64> = self.fitted.iter().map(|&row| y[row]).collect();
        let mean = values.sum() / values.len() as f64;
        (self.fitted_scores.t().dot(&(values - mean)), mean)
    }

    fn predictions(&self, loadings: &Array1<f64>, mean: f64, penalty: f64) -> Array1<f64> {
        self.predicted_scores.dot(&(loadings / &(&self.eigenvalues + penalty))) + mean
    }

    fn weights(&self, y: &[f64], penalty: f64) -> Array1<f64> {
        debug_assert!(self.centre.iter().all(|centre| centre.abs() < 1e-6), "all rows are centred");
        let (loadings, _) = self.loadings(y);
        self.basis.dot(&(loadings / &(&self.eigenvalues + penalty)))
    }
}

/// Rows to fit and rows to predict, for each fold; folds differ in size by one at most.
fn folds(rows: &[usize], n_folds: usize, seed: Seed) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut rng = seed.split("folds").rng();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
    let mut fold = vec![0; rows.len()];
    order.iter().enumerate().for_each(|(place, &row)| fold[row] = place % n_folds);
    let pick = |wanted: usize, inside: bool| {
        rows.iter().zip(&fold).filter(|(_, fold)| (**fold == wanted) == inside).map(|(row, _)| *row).collect()
    };
    (0..n_folds).map(|wanted| (pick(wanted, false), pick(wanted, true))).collect()
}

fn r2(predicted: &[f64], y: &[f64]) -> f64 {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let residual: f64 = predicted.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum();
    1.0 - residual / y.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
}

fn check(x: ArrayView2<'_, f64>, config: &FoldConfig) -> Result<(), Error> {
    if config.n_folds < 2 {
        let (given, allowed) = (config.n_folds.to_string(), "at least 2".to_owned());
        return Err(Error::Value { what: "n_folds", given, allowed });
    }
    let bad = config.penalties.iter().find(|penalty| !(penalty.is_finite() && **penalty > 0.0));
    if config.penalties.is_empty() || bad.is_some() {
        let given = bad.map_or("no penalty".to_owned(), f64::to_string);
        return Err(Error::Value {
            what: "penalties",
            given,
            allowed: "one or more, each above 0".to_owned(),
        });
    }
    let needed = config.n_folds * config.n_folds;
    if x.nrows() < needed {
        return Err(Error::TooFew { what: "rows for a regression on folds", given: x.nrows(), needed });
    }
    if x.ncols() == 0 {
        return Err(Error::TooFew { what: "inputs of a regression", given: 0, needed: 1 });
    }
    match x.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &given)) => Err(Error::NotFinite { what: "x", row, column, given }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(shape: (usize, usize), seed: u64) -> Array2<f64> {
        let mut rng = Seed(seed).rng();
        Array2::from_shape_simple_fn(shape, || rng.random::<f64>() - 0.5)
    }

    #[test]
    fn out_of_fold_predictions_are_those_of_separate_fits() {
        let (x, noise) = (uniform((60, 3), 1), uniform((60, 1), 2));
        let y: Vec<f64> = (0..60).map(|row| x[[row, 0]] - 2.0 * x[[row, 1]] + noise[[row, 0]]).collect();
        let config = FoldConfig { penalties: vec![0.7], ..FoldConfig::default() };
        let ridge = FoldedRidge::new(x.view(), &config).unwrap();
        let found = ridge.fit(&y).unwrap();
        let rows: Vec<usize> = (0..60).collect();
        let mut n_predicted = 0;
        for (fitted, predicted) in folds(&rows, 5, config.seed) {
            let z = (&x - ridge.input_mean()) / ridge.input_sd();
            let wanted = Array2::from_shape_fn((fitted.len(), 1), |(row, _)| y[fitted[row]]);
            let plain = crate::readout::Ridge::fit(
                z.select(Axis(0), &fitted).view(),
                wanted.view(),
                crate::readout::Penalty::Fixed(0.7),
            )
            .unwrap();
            let values = plain.predict(z.select(Axis(0), &predicted).view()).unwrap();
            for (value, &row) in values.iter().zip(&predicted) {
                assert!((value - found.predicted[row]).abs() < 1e-12);
                n_predicted += 1;
            }
        }
        assert_eq!(n_predicted, 60);
        assert_eq!(ridge.r2(&y).unwrap(), found.r2);
    }

    #[test]
    fn noise_has_no_score_and_a_constant_input_no_weight() {
        let mut x = uniform((200, 10), 3);
        x.column_mut(4).fill(2.0);
        let ridge = FoldedRidge::new(x.view(), &FoldConfig::default()).unwrap();
        let noise = uniform((200, 1), 4).into_raw_vec_and_offset().0;
        let found = ridge.fit(&noise).unwrap();
        assert!(found.r2 < 0.05, "{}", found.r2);
        assert_eq!((found.weights[4], ridge.input_sd()[4]), (0.0, 0.0));
        let line: Vec<f64> = x.rows().into_iter().map(|row| 4.0 * row[1] - 1.0).collect();
        let found = ridge.fit(&line).unwrap();
        assert!((found.predict(x.row(7)) - line[7]).abs() < 1e-3 && found.r2 > 0.99999);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let x = uniform((30, 2), 5);
        assert!(matches!(
            FoldedRidge::new(x.slice(ndarray::s![..20, ..]), &FoldConfig::default()),
            Err(Error::TooFew { needed: 25, .. })
        ));
        let bad = FoldConfig { penalties: vec![0.0], ..FoldConfig::default() };
        assert!(matches!(FoldedRidge::new(x.view(), &bad), Err(Error::Value { what: "penalties", .. })));
        let ridge = FoldedRidge::new(x.view(), &FoldConfig::default()).unwrap();
        assert!(matches!(ridge.fit(&[1.0; 30]), Err(Error::Constant { .. })));
        assert!(matches!(ridge.fit(&[1.0; 3]), Err(Error::Shape { .. })));
    }
}
