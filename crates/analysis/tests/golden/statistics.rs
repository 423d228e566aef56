//! Agreement with numpy, scipy and scikit-learn on the numbers of `reference/analysis_golden.py`.

use std::error::Error;

use ndarray::{Array1, Array2, ArrayView2};
use neuroloom_analysis::cluster::mean_silhouette;
use neuroloom_analysis::correlation::{correlation_matrix, ledoit_wolf, partial_correlation};
use neuroloom_analysis::manifold::Pca;
use neuroloom_analysis::metrics::{classification, clustering, regression};
use neuroloom_analysis::readout::{Penalty, Ridge};
use neuroloom_analysis::smoothing::{PenaltyGrid, SmoothingSpline};
use neuroloom_analysis::statistics::{normal_cdf, normal_quantile, quantiles};
use serde::de::DeserializeOwned;

type TestResult = Result<(), Box<dyn Error>>;

/// One file of golden numbers.
struct Golden(serde_json::Value);

impl Golden {
    fn read(json: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self(serde_json::from_str(json)?))
    }

    fn value<T: DeserializeOwned>(&self, key: &str) -> Result<T, Box<dyn Error>> {
        Ok(serde_json::from_value(self.0[key].clone())?)
    }

    fn matrix(&self, key: &str) -> Result<Array2<f64>, Box<dyn Error>> {
        let rows: Vec<Vec<f64>> = self.value(key)?;
        Ok(Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat())?)
    }
}

/// Relative to the size of the expected number where that is above 1.
#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} against {expected}");
}

#[track_caller]
fn assert_all_close(found: ArrayView2<'_, f64>, expected: ArrayView2<'_, f64>) {
    assert_eq!(found.dim(), expected.dim());
    for (&found, &expected) in found.iter().zip(expected) {
        assert_close(found, expected);
    }
}

#[test]
fn scores_agree_with_scikit_learn() -> TestResult {
    let golden = Golden::read(include_str!("metrics.json"))?;
    let (x, y): (Vec<f64>, Vec<f64>) = (golden.value("x")?, golden.value("y")?);
    assert_close(regression::r2_identity(&x, &y)?, golden.value("r2_identity")?);
    let fit = regression::linear_fit(&x, &y)?;
    assert_close(fit.slope, golden.value("slope")?);
    assert_close(fit.intercept, golden.value("intercept")?);
    assert_close(fit.r2_linear_fit, golden.value("r2_linear_fit")?);
    assert_close(regression::pearson(&x, &y)?, golden.value("pearson")?);
    let (scores, labels): (Vec<f64>, Vec<bool>) = (golden.value("scores")?, golden.value("labels")?);
    assert_close(classification::auroc(&scores, &labels)?, golden.value("auroc")?);
    assert_close(classification::average_precision(&scores, &labels)?, golden.value("average_precision")?);
    let (truth, found): (Vec<usize>, Vec<usize>) = (golden.value("truth")?, golden.value("found")?);
    assert_close(clustering::adjusted_rand_index(&truth, &found)?, golden.value("adjusted_rand_index")?);
    let information = clustering::normalized_mutual_information(&truth, &found)?;
    assert_close(information, golden.value("normalized_mutual_information")?);
    let clusters: Vec<usize> = golden.value("clusters")?;
    assert_close(mean_silhouette(golden.matrix("points")?.view(), &clusters)?, golden.value("silhouette")?);
    Ok(())
}

#[test]
fn ridge_and_components_agree_with_scikit_learn() -> TestResult {
    let golden = Golden::read(include_str!("linear.json"))?;
    let (x, y) = (golden.matrix("x")?, golden.matrix("y")?);
    let ridge = Ridge::fit(x.view(), y.view(), Penalty::Fixed(golden.value("ridge_penalty")?))?;
    assert_all_close(ridge.coefficients.view(), golden.matrix("ridge_coefficients")?.view());
    let intercept: Vec<f64> = golden.value("ridge_intercept")?;
    for (&found, expected) in ridge.intercept.iter().zip(intercept) {
        assert_close(found, expected);
    }
    let chosen = Ridge::fit(x.view(), y.view(), Penalty::GeneralizedCrossValidation)?;
    assert_close(chosen.penalty, golden.value("gcv_penalty")?);
    let pca = Pca::fit(x.view(), 4)?;
    assert_all_close(pca.components.view(), golden.matrix("pca_components")?.view());
    assert_all_close(pca.scores.view(), golden.matrix("pca_scores")?.view());
    let row = |values: &Array1<f64>| values.clone().insert_axis(ndarray::Axis(0));
    let expected: Vec<f64> = golden.value("pca_explained_variance")?;
    assert_all_close(row(&pca.explained_variance).view(), row(&expected.into()).view());
    let expected: Vec<f64> = golden.value("pca_explained_variance_ratio")?;
    assert_all_close(row(&pca.explained_variance_ratio).view(), row(&expected.into()).view());
    Ok(())
}

#[test]
fn covariance_and_correlation_agree_with_scikit_learn() -> TestResult {
    let golden = Golden::read(include_str!("linear.json"))?;
    let x = golden.matrix("x")?;
    let shrunk = ledoit_wolf(x.view())?;
    assert_close(shrunk.shrinkage, golden.value("ledoit_wolf_shrinkage")?);
    assert_all_close(shrunk.covariance.view(), golden.matrix("ledoit_wolf_covariance")?.view());
    let frames = x.mapv(|sample| sample as f32);
    assert_all_close(correlation_matrix(&[frames.view()])?.view(), golden.matrix("correlation")?.view());
    let expected = golden.matrix("partial_correlation")?;
    assert_all_close(partial_correlation(&[frames.view()])?.view(), expected.view());
    Ok(())
}

#[test]
fn smoothing_splines_agree_with_scipy() -> TestResult {
    let golden = Golden::read(include_str!("smoothing.json"))?;
    let (series, dt_s): (Vec<f64>, f64) = (golden.value("series")?, golden.value("dt_s")?);
    let (values, derivatives) = (golden.matrix("values")?, golden.matrix("derivatives")?);
    let penalties: Vec<f64> = golden.value("penalties")?;
    for (row, penalty) in penalties.into_iter().enumerate() {
        let smoothed = SmoothingSpline::new(series.len(), dt_s, penalty)?.smooth(&series)?;
        for frame in 0..series.len() {
            assert_close(smoothed.values[frame], values[[row, frame]]);
            assert_close(smoothed.derivative[frame], derivatives[[row, frame]]);
        }
    }
    Ok(())
}

#[test]
fn the_chosen_smoothing_is_that_of_scipy_up_to_the_ladder() -> TestResult {
    let golden = Golden::read(include_str!("smoothing.json"))?;
    let (series, dt_s): (Vec<f64>, f64) = (golden.value("series")?, golden.value("dt_s")?);
    let smoothed = PenaltyGrid::new(series.len(), dt_s)?.choose(&series)?.0.smooth(&series)?;
    let expected: Vec<f64> = golden.value("chosen_values")?;
    for (found, expected) in smoothed.values.iter().zip(&expected) {
        assert!((found - expected).abs() < 0.01, "{found} against {expected}");
    }
    Ok(())
}

#[test]
fn quantiles_agree_with_numpy_and_the_normal_with_scipy() -> TestResult {
    let golden = Golden::read(include_str!("statistics.json"))?;
    let found = quantiles(&golden.value::<Vec<f64>>("samples")?, &golden.value::<Vec<f64>>("levels")?)?;
    for (found, expected) in found.into_iter().zip(golden.value::<Vec<f64>>("quantiles")?) {
        assert_close(found, expected);
    }
    let (probabilities, z): (Vec<f64>, Vec<f64>) = (golden.value("probabilities")?, golden.value("z")?);
    for (probability, expected) in
        probabilities.into_iter().zip(golden.value::<Vec<f64>>("normal_quantiles")?)
    {
        assert_close(normal_quantile(probability), expected);
    }
    for (z, expected) in z.into_iter().zip(golden.value::<Vec<f64>>("normal_cdf")?) {
        assert!((normal_cdf(z) / expected - 1.0).abs() < 1e-12, "{} against {expected}", normal_cdf(z));
    }
    Ok(())
}
