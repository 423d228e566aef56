//! How well a classifier tells two samples of descriptors apart.

use neuroloom_core::Seed;
use rand::seq::SliceRandom;

use super::logistic::LogisticRegression;
use crate::Error;
use crate::metrics::classification::auroc;

const N_FOLDS: usize = 4;

/// Jensen-Shannon distance on the half that ranks descriptors and on the half that scores.
pub(super) struct Distance {
    pub(super) validation: f64,
    pub(super) test: f64,
}

/// Half of each sample trains; four folds of it rank, the other half scores: the square root of
/// 1 + (mean log2 p(reference) + mean log2 (1 - p(other))) / 2, clipped to 0..=1 (PolyGraph discrepancy).
pub(super) fn jensen_shannon(one: &[Vec<f64>], other: &[Vec<f64>], seed: Seed) -> Result<Distance, Error> {
    let mut train = Sample::default();
    let mut test = Sample::default();
    for (rows, label, purpose) in [(one, true, "reference"), (other, false, "other")] {
        let order = shuffled(rows.len(), seed.split(purpose));
        for (rank, &row) in order.iter().enumerate() {
            let half = if rank < rows.len() / 2 { &mut train } else { &mut test };
            half.push(rows[row].clone(), label);
        }
    }
    standardise(&mut train, &mut test);
    let mut validation = 0.0;
    for fold in 0..N_FOLDS {
        let (fit, held_out) = train.fold(fold, N_FOLDS);
        validation += distance(&fit.scores(&held_out)?, &held_out.labels) / N_FOLDS as f64;
    }
    let test_scores = train.scores(&test)?;
    Ok(Distance { validation, test: distance(&test_scores, &test.labels) })
}

/// Area under the ROC curve of held-out circuits in five folds, all features standardised.
pub(super) fn classifier_auroc(one: Vec<&[f64]>, other: Vec<&[f64]>, seed: Seed) -> Result<f64, Error> {
    let (one, other) = super::describe::padded(one, other);
    let mut all = Sample::default();
    for (rows, label, purpose) in [(&one, true, "reference"), (&other, false, "other")] {
        let order = shuffled(rows.len(), seed.split("auroc").split(purpose));
        order.iter().for_each(|&row| all.push(rows[row].clone(), label));
    }
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for fold in 0..5 {
        let (mut fit, mut held_out) = all.fold(fold, 5);
        standardise(&mut fit, &mut held_out);
        scores.extend(fit.scores(&held_out)?);
        labels.extend(held_out.labels);
    }
    auroc(&scores, &labels)
}

/// Rows and their classes.
#[derive(Default)]
struct Sample {
    rows: Vec<Vec<f64>>,
    labels: Vec<bool>,
}

impl Sample {
    fn push(&mut self, row: Vec<f64>, label: bool) {
        self.rows.push(row);
        self.labels.push(label);
    }

    /// Every row but each `n_folds`-th of its class, and the others. The rows are in random order.
    fn fold(&self, fold: usize, n_folds: usize) -> (Self, Self) {
        let (mut fit, mut held_out, mut rank) = (Self::default(), Self::default(), [0, 0]);
        for (row, &label) in self.rows.iter().zip(&self.labels) {
            let rank = &mut rank[usize::from(label)];
            let side = if *rank % n_folds == fold { &mut held_out } else { &mut fit };
            side.push(row.clone(), label);
            *rank += 1;
        }
        (fit, held_out)
    }

    /// Probability of being from the reference; 0.5 for all where nothing varies.
    fn scores(&self, held_out: &Self) -> Result<Vec<f64>, Error> {
        if self.rows.iter().all(|row| *row == self.rows[0]) {
            return Ok(vec![0.5; held_out.rows.len()]);
        }
        let model = LogisticRegression::fit(&self.rows, &self.labels)?;
        Ok(held_out.rows.iter().map(|row| model.probability(row)).collect())
    }
}

fn distance(scores: &[f64], labels: &[bool]) -> f64 {
    // Keeps a wrong certainty from being infinitely wrong.
    const LEAST: f64 = 1e-10;
    let mean = |wanted: bool| {
        let own = scores.iter().zip(labels).filter(|(_, label)| **label == wanted);
        let logs: Vec<f64> =
            own.map(|(&score, _)| (if wanted { score } else { 1.0 - score } + LEAST).log2()).collect();
        logs.iter().sum::<f64>() / logs.len() as f64
    };
    (1.0 + 0.5 * (mean(true) + mean(false))).clamp(0.0, 1.0).sqrt()
}

/// Mean 0 and standard deviation 1 of the training rows; a constant feature becomes 0.
fn standardise(train: &mut Sample, test: &mut Sample) {
    let (n, width) = (train.rows.len() as f64, train.rows.first().map_or(0, Vec::len));
    for column in 0..width {
        let mean = train.rows.iter().map(|row| row[column]).sum::<f64>() / n;
        let spread = (train.rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / n).sqrt();
        let scale = if spread > 0.0 { spread } else { 1.0 };
        train
            .rows
            .iter_mut()
            .chain(&mut test.rows)
            .for_each(|row| row[column] = (row[column] - mean) / scale);
    }
}

fn shuffled(n: usize, seed: Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut seed.rng());
    order
}
