//! What a linear autoencoder sees of its inputs: second moments and their eigenvectors.

use faer::linalg::solvers::SelfAdjointEigen;
use faer::{Mat, Side};
use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::Error;

/// Mean and second moments of the inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Mean that biases take away; zero without biases.
    pub mean: Array1<f64>,
    /// C = E[x x'] without biases, the covariance with them; `[neuron, neuron]`.
    pub second: Array2<f64>,
}

/// Eigenvalues, descending, and eigenvectors of a symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// c_1 >= c_2 >= ..., none below 0.
    pub values: Array1<f64>,
    /// U, one eigenvector a column.
    pub vectors: Array2<f64>,
}

/// Whether the mean is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centring {
    /// Second moments about 0.
    Raw,
    /// Covariance.
    Centred,
}

impl Moments {
    /// Over the rows of `inputs`, `[moment, neuron]`.
    ///
    /// # Errors
    /// [`Error::Recording`] for no rows or a value that is not finite.
    pub fn of(inputs: ArrayView2<'_, f64>, centring: Centring) -> Result<Self, Error> {
        if inputs.nrows() == 0 || inputs.iter().any(|value| !value.is_finite()) {
            return Err(Error::Recording {
                problem: format!("the inputs have {} moments; every value must be finite", inputs.nrows()),
                hint: "give at least one moment, without missing values".to_owned(),
            });
        }
        let n_rows = inputs.nrows() as f64;
        let mean = match centring {
            Centring::Raw => Array1::zeros(inputs.ncols()),
            Centring::Centred => inputs.sum_axis(Axis(0)) / n_rows,
        };
        let about = &inputs - &mean;
        Ok(Self { second: about.t().dot(&about) / n_rows, mean })
    }

    /// The same with white noise of variance `variance` on every input.
    pub fn with_noise(&self, variance: f64) -> Self {
        let mut noisy = self.clone();
        noisy.second.diag_mut().mapv_inplace(|value| value + variance);
        noisy
    }

    /// Eigenvalues and eigenvectors of C.
    ///
    /// # Errors
    /// [`Error::Singular`] if they do not converge.
    pub fn spectrum(&self) -> Result<Spectrum, Error> {
        let n = self.second.nrows();
        let matrix = Mat::from_fn(n, n, |row, column| self.second[[row, column]]);
        let eigen = SelfAdjointEigen::new(matrix.as_ref(), Side::Lower)
            .map_err(|_| Error::Singular { stage: "eigenvectors of the inputs" })?;
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        // Ascending there; rounding leaves tiny negative values where there is no variance.
        let last = n.saturating_sub(1);
        Ok(Spectrum {
            values: (0..n).map(|mode| values[last - mode].max(0.0)).collect(),
            vectors: Array2::from_shape_fn((n, n), |(row, mode)| vectors[(row, last - mode)]),
        })
    }
}

impl Spectrum {
    /// U diag(d) U' over the first modes.
    pub fn weighted(&self, weights: &[f64]) -> Array2<f64> {
        let kept = self.vectors.slice(ndarray::s![.., ..weights.len()]);
        let scaled = &kept * &Array1::from(weights.to_vec());
        scaled.dot(&kept.t())
    }
}
