//! All targets and held metrics at once.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::{Array1, Array2};

use super::controller::{Request, Steered};
use super::space::CodeSpace;
use super::tilt::Tilt;
use crate::Error;

/// Keeps W W' solvable where two metrics have one direction.
const HINT: f64 = 1e-9;

/// `ridge`: `None` for W⁺, else tau of the Mahalanobis step relative to the mean of the diagonal of W S W'.
pub(super) fn steer(space: &CodeSpace, request: &Request<'_>, ridge: Option<f64>) -> Result<Steered, Error> {
    let weights = space.scaled_weights(&request.watched());
    let levers = levers(space, (&weights, request.targets.len()), ridge)?;
    let start = space.standardise(request.start);
    let wanted: Array1<f64> = request
        .targets
        .iter()
        .map(|target| {
            let model = &space.metrics()[target.metric];
            (target.value - model.predict(&start)) / model.sd
        })
        .collect();
    let step = levers.dot(&wanted).to_vec();
    let there: Vec<f64> = start.iter().zip(&step).map(|(s, d)| s + d).collect();
    Ok(Steered {
        code: space.moved(request.start, &step),
        tilt: Tilt::default(),
        n_evaluations: 0,
        expected: request
            .targets
            .iter()
            .map(|target| space.metrics()[target.metric].predict(&there))
            .collect(),
    })
}

/// `[dimension, target]`: the standardised step that is predicted to raise a target by one standard deviation, leave the
/// other targets and the held metrics alone, and is the shortest to do so (with S as the measure of length, if a ridge
/// is given). `weights [watched metric, dimension]`: rise of each, in standard deviations; targets come first.
pub(super) fn levers(
    space: &CodeSpace,
    (weights, n_targets): (&Array2<f64>, usize),
    ridge: Option<f64>,
) -> Result<Array2<f64>, Error> {
    let spread = match ridge {
        Some(_) => space.covariance().dot(&weights.t()),
        None => weights.t().to_owned(),
    };
    let mut normal = weights.dot(&spread);
    let size = normal.diag().sum() / weights.nrows() as f64;
    if size.is_nan() || size <= 0.0 {
        // No metric has a direction: nothing can be done along the code.
        return Ok(Array2::zeros((space.n_dimensions(), n_targets)));
    }
    normal.diag_mut().mapv_inplace(|value| value + ridge.unwrap_or(HINT).max(HINT) * size);
    let n = weights.nrows();
    let factor = Mat::from_fn(n, n, |row, column| normal[[row, column]]).llt(Side::Lower);
    let factor = factor.map_err(|_| Error::Singular { stage: "steering" })?;
    let inverse = factor.solve(Mat::<f64>::identity(n, n));
    let chosen = Array2::from_shape_fn((n, n_targets), |(row, column)| inverse[(row, column)]);
    Ok(spread.dot(&chosen))
}
