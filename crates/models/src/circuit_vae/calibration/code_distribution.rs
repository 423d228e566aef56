//! Where the codes of circuits lie.

use faer::linalg::solvers::Llt;
use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};

use crate::Error;
use crate::circuit_vae::model::Code;

/// A normal distribution of codes: mean, and the lower triangle L of covariance = L L^T, row after row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::circuit_vae) struct CodeDistribution {
    pub(in crate::circuit_vae) mean: Vec<f32>,
    /// `[latent, latent]`.
    pub(in crate::circuit_vae) factor: Vec<f32>,
}

impl CodeDistribution {
    /// The standard normal prior.
    pub(in crate::circuit_vae) fn standard(latent: usize) -> Self {
        let factor = (0..latent * latent).map(|at| if at % (latent + 1) == 0 { 1.0 } else { 0.0 });
        Self { mean: vec![0.0; latent], factor: factor.collect() }
    }

    /// Mean and covariance of a code that is drawn from the posterior of a circuit that is drawn from these.
    pub(super) fn of_codes(codes: &[Code], latent: usize) -> Result<Self, Error> {
        let n = codes.len().max(1) as f64;
        let average = |of: &dyn Fn(&Code) -> f64| codes.iter().map(of).sum::<f64>() / n;
        let mean: Vec<f64> = (0..latent).map(|k| average(&|code| f64::from(code.mean[k]))).collect();
        let covariance = faer::Mat::from_fn(latent, latent, |row, column| {
            let off = |code: &Code, k: usize| f64::from(code.mean[k]) - mean[k];
            let shared = average(&|code| off(code, row) * off(code, column));
            let own =
                if row == column { average(&|code| f64::from(code.log_variance[row]).exp()) } else { 0.0 };
            shared + own
        });
        let root: Llt<f64> = covariance
            .llt(faer::Side::Lower)
            .map_err(|_| Error::Singular { stage: "the covariance of codes" })?;
        let lower = root.L();
        let factor = (0..latent * latent).map(|at| {
            let (row, column) = (at / latent, at % latent);
            if column <= row { lower[(row, column)] as f32 } else { 0.0 }
        });
        Ok(Self { mean: mean.into_iter().map(|value| value as f32).collect(), factor: factor.collect() })
    }

    pub(in crate::circuit_vae) fn draw(&self, seed: Seed) -> Vec<f32> {
        let mut rng = seed.split("code").rng();
        let latent = self.mean.len();
        let normal: Vec<f32> = (0..latent).map(|_| StandardNormal.sample(&mut rng)).collect();
        let moved = |(row, mean): (&[f32], &f32)| {
            mean + row.iter().zip(&normal).map(|(factor, normal)| factor * normal).sum::<f32>()
        };
        self.factor.chunks(latent.max(1)).zip(&self.mean).map(moved).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_the_covariance_of_the_codes() {
        // Codes on a line: (1, 2) times -1, 0, 1, with variances 0.25 and 1.
        let code = |k: f32| Code { mean: vec![k, 2.0 * k + 1.0], log_variance: vec![0.25_f32.ln(), 0.0] };
        let codes: Vec<Code> = [-1.0, 0.0, 1.0].map(code).to_vec();
        let found = CodeDistribution::of_codes(&codes, 2).unwrap();
        // Covariance of the means is 2/3 (1, 2; 2, 4).
        let draws: Vec<Vec<f32>> = (0..20_000).map(|k| found.draw(Seed(3).nth(k))).collect();
        let mean = |of: &dyn Fn(&Vec<f32>) -> f32| draws.iter().map(of).sum::<f32>() / draws.len() as f32;
        assert!(mean(&|z| z[0]).abs() < 0.03 && (mean(&|z| z[1]) - 1.0).abs() < 0.05);
        assert!((mean(&|z| z[0] * z[0]) - (2.0 / 3.0 + 0.25)).abs() < 0.03);
        assert!((mean(&|z| z[0] * (z[1] - 1.0)) - 4.0 / 3.0).abs() < 0.06);
        assert!((mean(&|z| (z[1] - 1.0).powi(2)) - (8.0 / 3.0 + 1.0)).abs() < 0.12);
    }
}
