//! The theorems: where the loss of a linear autoencoder is least.
//!
//! C = U diag(c_1 >= c_2 >= ...) U'. With an L2 penalty and lam = sqrt(lam_A lam_B):
//!
//! d_m = max(0, 1 - lam / c_m), A = (lam_B / lam_A)^(1/4) O D^(1/2) U', B = (lam_A / lam_B)^(1/4) U D^(1/2) O'
//!
//! With a price lam_H on activity and lam_B on B, s_m = sqrt(c_m) and e_m = max(0, s_m - sqrt(lam_H lam_B)):
//!
//! A = (lam_B / lam_H)^(1/4) O diag(e^(1/2) / s) U', B = (lam_H / lam_B)^(1/4) U diag(e^(1/2)) O'
//!
//! O is any matrix with orthonormal columns: what no distance between columns of A sees. So A'A is unique, and the
//! column of A that belongs to an input neuron is a point on an embedded copy of the latent space. The L2 case agrees
//! with Kunin, Bloom, Goeva and Seed (2019, arXiv 1901.08168); both are derived in this project, the paper's own
//! theorem is not known to us.

use ndarray::{Array1, Array2};
use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};

use super::config::{AutoencoderConfig, HiddenActivation, Penalty};
use super::model::Autoencoder;
use super::moments::{Moments, Spectrum};
use crate::Error;

/// Scales of the modes at the minimum of the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedForm {
    /// Size of each kept mode in A: A = O diag(a) U'.
    pub input_scale: Vec<f64>,
    /// Size of each kept mode in B: B = U diag(b) O'.
    pub output_scale: Vec<f64>,
    /// Eigenvectors and eigenvalues of C.
    pub spectrum: Spectrum,
    /// The loss there.
    pub loss: f64,
}

impl ClosedForm {
    /// The minimum for at most `n_hidden` modes.
    ///
    /// # Errors
    /// [`Error::Config`] if the penalty has no closed form, [`Error::Singular`] if the eigenvectors do not converge.
    pub fn solve(moments: &Moments, penalty: &Penalty, n_hidden: usize) -> Result<Self, Error> {
        let spectrum = moments.spectrum()?;
        let (lam_a, lam_b, lam_h) = (penalty.l2_input, penalty.l2_output, penalty.activity);
        let (first, is_activity) = match (lam_a > 0.0, lam_h > 0.0) {
            (true, false) => (lam_a, false),
            (false, true) => (lam_h, true),
            _ => return Err(no_closed_form(penalty)),
        };
        if !(lam_b > 0.0 && penalty.l1 == 0.0) {
            return Err(no_closed_form(penalty));
        }
        let lam = (first * lam_b).sqrt();
        let threshold = |c: f64| if is_activity { c.sqrt() > lam } else { c > lam };
        let kept: Vec<f64> =
            spectrum.values.iter().copied().take_while(|&c| threshold(c)).take(n_hidden).collect();
        let ratio = (lam_b / first).powf(0.25);
        // Size of each mode of A and B before the factor that shares it between them.
        let modes = kept.iter().map(|&c| {
            let root = c.sqrt();
            if is_activity {
                ((root - lam).sqrt() / root, (root - lam).sqrt())
            } else {
                let d = (1.0 - lam / c).sqrt();
                (d, d)
            }
        });
        let (input, output): (Vec<f64>, Vec<f64>) = modes.unzip();
        let spent =
            |&c: &f64| if is_activity { lam * (c.sqrt() - 0.5 * lam) } else { lam - lam * lam / (2.0 * c) };
        let loss =
            kept.iter().map(spent).sum::<f64>() + 0.5 * spectrum.values.iter().skip(kept.len()).sum::<f64>();
        Ok(Self {
            input_scale: input.iter().map(|scale| ratio * scale).collect(),
            output_scale: output.iter().map(|scale| scale / ratio).collect(),
            spectrum,
            loss,
        })
    }

    /// Number of modes that are worth their price: the rank of A.
    pub fn rank(&self) -> usize {
        self.input_scale.len()
    }

    /// A'A, `[neuron, neuron]`.
    pub fn input_gram(&self) -> Array2<f64> {
        let squares: Vec<f64> = self.input_scale.iter().map(|scale| scale * scale).collect();
        self.spectrum.weighted(&squares)
    }

    /// BB', `[neuron, neuron]`.
    pub fn output_gram(&self) -> Array2<f64> {
        let squares: Vec<f64> = self.output_scale.iter().map(|scale| scale * scale).collect();
        self.spectrum.weighted(&squares)
    }

    /// A network at the minimum, with a random O.
    pub fn autoencoder(&self, moments: &Moments, config: &AutoencoderConfig, seed: Seed) -> Autoencoder {
        let rank = self.rank();
        let rotation = orthonormal_columns(config.hidden, rank, seed.split("rotation"));
        let modes = self.spectrum.vectors.slice(ndarray::s![.., ..rank]);
        let input_weights = (&rotation * &Array1::from(self.input_scale.clone())).dot(&modes.t());
        let output_weights = (&modes * &Array1::from(self.output_scale.clone())).dot(&rotation.t());
        let explained = output_weights.dot(&input_weights.dot(&moments.mean));
        Autoencoder {
            hidden_bias: Array1::zeros(config.hidden),
            output_bias: &moments.mean - &explained,
            input_weights,
            output_weights,
            activation: HiddenActivation::Identity,
        }
    }
}

/// A random matrix with orthonormal columns: Gaussian columns, each freed of those before it.
fn orthonormal_columns(n_rows: usize, n_columns: usize, seed: Seed) -> Array2<f64> {
    let mut rng = seed.rng();
    let mut columns: Vec<Array1<f64>> = Vec::with_capacity(n_columns);
    while columns.len() < n_columns {
        let mut column: Array1<f64> = (0..n_rows).map(|_| StandardNormal.sample(&mut rng)).collect();
        // Twice: once leaves rounding errors.
        for _ in 0..2 {
            for other in &columns {
                let along = other.dot(&column);
                column.scaled_add(-along, other);
            }
        }
        let length = column.dot(&column).sqrt();
        if length > 1e-8 {
            columns.push(column / length);
        }
    }
    Array2::from_shape_fn((n_rows, n_columns), |(row, column)| columns[column][row])
}

fn no_closed_form(penalty: &Penalty) -> Error {
    Error::Config {
        key: "solver",
        given: format!("closed-form with {penalty:?}"),
        allowed: "l2-output above 0 and either l2 or activity above 0, without l1".to_owned(),
    }
}
