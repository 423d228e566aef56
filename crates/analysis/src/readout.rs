//! Linear readouts: ridge regression, and the vector autoregression as the baseline of every forecast.
//!
//! Ridge minimises `sum_t |y_t - B x_t - c|^2 + penalty |B|^2` (Hoerl and Kennard 1970); the intercept c is
//! not penalised. Only sums of products are kept, so a long recording needs no more memory than its matrix
//! of neuron pairs, and one eigendecomposition serves every penalty.
//!
//! # Examples
//! ```
//! use ndarray::array;
//! use neuroloom_analysis::readout::{Penalty, Ridge};
//! let x = array![[0.0], [1.0], [2.0], [3.0]];
//! let y = array![[1.0], [3.0], [5.0], [7.0]];
//! let ridge = Ridge::fit(x.view(), y.view(), Penalty::Fixed(0.0))?;
//! assert!((ridge.coefficients[[0, 0]] - 2.0).abs() < 1e-12 && (ridge.intercept[0] - 1.0).abs() < 1e-12);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod autoregression;
mod folded;
mod moments;
mod penalty;

pub use autoregression::VectorAutoregression;
pub use folded::{FoldConfig, FoldedFit, FoldedRidge};
pub use penalty::Penalty;

use ndarray::{Array1, Array2, ArrayView2};

use crate::Error;
use moments::{Outputs, Rows, fold_moments};
use penalty::PenalizedSystem;

/// A linear map from inputs to outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// B, `[output, input]`.
    pub coefficients: Array2<f64>,
    /// c, `[output]`.
    pub intercept: Array1<f64>,
    /// The penalty that was given or chosen, in squared units of the inputs times the number of samples.
    pub penalty: f64,
}

impl Ridge {
    /// Fits all outputs with one penalty.
    ///
    /// # Shapes
    /// `x: [sample, input]`, `y: [sample, output]`, samples in the order of time.
    ///
    /// # Errors
    /// Shapes that do not match, fewer than two samples, a sample that is not finite, a negative penalty,
    /// too few samples for the folds, or penalty 0 with inputs that depend on each other.
    pub fn fit(x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>, penalty: Penalty) -> Result<Self, Error> {
        if x.nrows() != y.nrows() || x.ncols() == 0 || y.ncols() == 0 {
            let given = format!("[{}, {}] for x of [{}, {}]", y.nrows(), y.ncols(), x.nrows(), x.ncols());
            return Err(Error::Shape { what: "y", given, allowed: "one row for each row of x".into() });
        }
        for (what, values) in [("x", x), ("y", y)] {
            if let Some(((row, column), &given)) = values.indexed_iter().find(|(_, value)| !value.is_finite())
            {
                return Err(Error::NotFinite { what, row, column, given });
            }
        }
        Self::fit_rows(&[Rows { x, y, outputs: Outputs::Values }], penalty)
    }

    /// Predictions `B x + c`, `[sample, output]`.
    ///
    /// # Errors
    /// Another number of inputs.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        if x.ncols() != self.coefficients.ncols() {
            let given = format!("[{}, {}]", x.nrows(), x.ncols());
            let allowed = format!("[sample, {}]", self.coefficients.ncols());
            return Err(Error::Shape { what: "x", given, allowed });
        }
        Ok(x.dot(&self.coefficients.t()) + &self.intercept)
    }

    /// Fits rows of any precision; rows with NaN are left out.
    fn fit_rows<T: Copy + Into<f64> + Sync>(rows: &[Rows<'_, T>], penalty: Penalty) -> Result<Self, Error> {
        let folds = fold_moments(rows, penalty.n_folds()?);
        let mut total = folds[0].clone();
        for fold in &folds[1..] {
            total.add(fold);
        }
        let n_rows = total.n_rows() as usize;
        let needed = 2 * folds.len();
        if n_rows < needed {
            return Err(Error::TooFew {
                what: "complete samples for a ridge regression",
                given: n_rows,
                needed,
            });
        }
        let system = PenalizedSystem::new(total.centred())?;
        let penalty = system.choose(penalty, &total, &folds)?;
        let coefficients = system.coefficients(penalty)?;
        let intercept = total.y_mean() - coefficients.dot(&total.x_mean());
        Ok(Self { coefficients, intercept, penalty })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, s};
    use neuroloom_core::Seed;
    use rand::RngExt;

    /// Inputs, outputs `x weights' + 3 + noise`, and the weights.
    fn problem(n_samples: usize, noise: f64) -> (Array2<f64>, Array2<f64>, Array2<f64>) {
        let mut rng = Seed(11).rng();
        let mut uniform =
            |shape: (usize, usize)| Array2::from_shape_simple_fn(shape, || rng.random::<f64>() - 0.5);
        let (x, weights) = (uniform((n_samples, 6)), uniform((2, 6)));
        let y = x.dot(&weights.t()) + 3.0 + uniform((n_samples, 2)) * noise;
        (x, y, weights)
    }

    #[test]
    fn one_input_worked_out_by_hand() -> Result<(), Error> {
        // about the means: Sxx = 2, Sxy = 4; with penalty 2 the slope is 4 / (2 + 2)
        let ridge = Ridge::fit(
            array![[0.0], [1.0], [2.0]].view(),
            array![[1.0], [3.0], [5.0]].view(),
            Penalty::Fixed(2.0),
        )?;
        assert!((ridge.coefficients[[0, 0]] - 1.0).abs() < 1e-14 && (ridge.intercept[0] - 2.0).abs() < 1e-14);
        Ok(())
    }

    #[test]
    fn without_noise_every_choice_finds_the_weights() -> Result<(), Error> {
        let (x, y, weights) = problem(80, 0.0);
        for penalty in [Penalty::Fixed(0.0), Penalty::GeneralizedCrossValidation, Penalty::blocked()] {
            let ridge = Ridge::fit(x.view(), y.view(), penalty)?;
            assert!((&ridge.coefficients - &weights).iter().all(|error| error.abs() < 1e-5), "{penalty:?}");
            assert!((ridge.predict(x.view())? - &y).iter().all(|error| error.abs() < 1e-5));
        }
        Ok(())
    }

    #[test]
    fn with_noise_the_choice_predicts_nearly_as_well_as_the_best_penalty() -> Result<(), Error> {
        let (x, y, _) = problem(2020, 4.0);
        let (train, test) = (s![..20, ..], s![20.., ..]);
        let error = |penalty| -> Result<f64, Error> {
            let ridge = Ridge::fit(x.slice(train), y.slice(train), penalty)?;
            Ok((ridge.predict(x.slice(test))? - y.slice(test)).mapv(|error| error * error).sum())
        };
        let best = (-20..20)
            .map(|step| error(Penalty::Fixed(2_f64.powi(step))))
            .collect::<Result<Vec<f64>, Error>>()?;
        let best = best.into_iter().fold(f64::INFINITY, f64::min);
        for penalty in [Penalty::GeneralizedCrossValidation, Penalty::blocked()] {
            assert!(error(penalty)? < 1.05 * best, "{penalty:?}: {} against {best}", error(penalty)?);
        }
        assert!(error(Penalty::Fixed(0.0))? > 1.1 * best);
        Ok(())
    }

    #[test]
    fn more_inputs_than_samples_are_no_trouble() -> Result<(), Error> {
        let (x, y, _) = problem(100, 1.0);
        let wide =
            ndarray::concatenate![ndarray::Axis(1), x, x.mapv(f64::sin), x.mapv(|value| value * value)];
        for penalty in [Penalty::GeneralizedCrossValidation, Penalty::blocked()] {
            let ridge = Ridge::fit(wide.slice(s![..12, ..]), y.slice(s![..12, ..]), penalty)?;
            assert!(ridge.coefficients.iter().all(|entry| entry.abs() < 3.0), "{penalty:?}");
        }
        Ok(())
    }

    #[test]
    fn blocked_cross_validation_is_the_refitting_it_stands_for() -> Result<(), Error> {
        let (x, y, _) = problem(50, 2.0);
        let ridge = Ridge::fit(x.view(), y.view(), Penalty::BlockedCrossValidation { n_folds: 5 })?;
        let spread: Vec<f64> = y.columns().into_iter().map(|column| column.var(0.0)).collect();
        let score = |penalty: f64| -> Result<f64, Error> {
            let mut sum = 0.0;
            for fold in 0..5 {
                let held_out: Vec<usize> = (10 * fold..10 * fold + 10).collect();
                let rest: Vec<usize> = (0..50).filter(|row| !held_out.contains(row)).collect();
                let pick = |values: &Array2<f64>, rows: &[usize]| values.select(ndarray::Axis(0), rows);
                let fit =
                    Ridge::fit(pick(&x, &rest).view(), pick(&y, &rest).view(), Penalty::Fixed(penalty))?;
                let error = fit.predict(pick(&x, &held_out).view())? - pick(&y, &held_out);
                sum += error.columns().into_iter().zip(&spread).map(|(e, s)| e.dot(&e) / s).sum::<f64>();
            }
            Ok(sum)
        };
        let chosen = score(ridge.penalty)?;
        assert!(score(ridge.penalty * 1.78)? >= chosen && score(ridge.penalty / 1.78)? >= chosen);
        Ok(())
    }

    #[test]
    fn bad_input_is_refused() {
        let (x, y, _) = problem(20, 1.0);
        let fit = |x: &Array2<f64>, y: &Array2<f64>, penalty| Ridge::fit(x.view(), y.view(), penalty);
        assert!(matches!(
            fit(&x, &y.slice(s![..19, ..]).to_owned(), Penalty::Fixed(1.0)),
            Err(Error::Shape { .. })
        ));
        assert!(matches!(fit(&x, &y, Penalty::Fixed(-1.0)), Err(Error::Value { .. })));
        let folds = Penalty::BlockedCrossValidation { n_folds: 1 };
        assert!(matches!(fit(&x, &y, folds), Err(Error::Value { .. })));
        let folds = Penalty::BlockedCrossValidation { n_folds: 11 };
        assert!(matches!(fit(&x, &y, folds), Err(Error::TooFew { needed: 22, .. })));
        let mut doubled = x.clone();
        doubled.column_mut(1).assign(&x.column(0));
        assert!(matches!(fit(&doubled, &y, Penalty::Fixed(0.0)), Err(Error::Singular { .. })));
        assert!(fit(&doubled, &y, Penalty::GeneralizedCrossValidation).is_ok());
        doubled[[4, 2]] = f64::NAN;
        assert!(matches!(
            fit(&doubled, &y, Penalty::Fixed(1.0)),
            Err(Error::NotFinite { what: "x", row: 4, column: 2, .. })
        ));
    }
}
