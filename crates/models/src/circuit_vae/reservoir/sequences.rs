//! Classification of sequences that a user brings, such as spoken digits.

use ndarray::{Array2, Axis};
use neuroloom_core::Seed;
use rand::RngExt;

use super::config::ReservoirConfig;
use super::readout::Readout;
use super::states::Reservoir;
use crate::Error;

/// How well a linear readout of the mean state tells sequences apart.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceScore {
    /// Share of held-out sequences put in their class.
    pub accuracy: f64,
    /// The same with mean and standard deviation of the sequence in place of the states.
    pub accuracy_direct: f64,
    /// Share of the most frequent class among the held-out sequences: chance.
    pub majority: f64,
    /// Held-out sequences, a third.
    pub n_test: usize,
}

/// Drives the reservoir with each sequence from rest and classifies the mean state, one readout a class.
///
/// # Errors
/// [`Error::Recording`] for fewer than six sequences, an empty one, or fewer than two classes.
pub fn classify_sequences(
    reservoir: &Reservoir,
    sequences: &[Vec<f64>],
    labels: &[usize],
    (config, seed): (&ReservoirConfig, Seed),
) -> Result<SequenceScore, Error> {
    config.check()?;
    check(sequences, labels)?;
    let drive = reservoir.drive(config, seed);
    let mean_state =
        |sequence: &Vec<f64>| reservoir.states(sequence, &drive).sum_axis(Axis(0)) / sequence.len() as f64;
    let states: Vec<Vec<f64>> = sequences.iter().map(|sequence| mean_state(sequence).to_vec()).collect();
    let direct: Vec<Vec<f64>> = sequences
        .iter()
        .map(|sequence| {
            let mean = sequence.iter().sum::<f64>() / sequence.len() as f64;
            let spread = sequence.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            vec![mean, (spread / sequence.len() as f64).sqrt()]
        })
        .collect();
    let mut order: Vec<usize> = (0..sequences.len()).collect();
    let mut rng = seed.split("held-out sequences").rng();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
    let (test, train) = order.split_at(sequences.len() / 3);
    let parts = (train, test);
    let n_classes = labels.iter().max().map_or(0, |most| most + 1);
    let mut counts = vec![0; n_classes];
    test.iter().for_each(|&row| counts[labels[row]] += 1);
    Ok(SequenceScore {
        accuracy: accuracy(&states, labels, parts, config)?,
        accuracy_direct: accuracy(&direct, labels, parts, config)?,
        majority: counts.iter().copied().max().unwrap_or(0) as f64 / test.len() as f64,
        n_test: test.len(),
    })
}

fn accuracy(
    features: &[Vec<f64>],
    labels: &[usize],
    (train, test): (&[usize], &[usize]),
    config: &ReservoirConfig,
) -> Result<f64, Error> {
    let n_classes = labels.iter().max().map_or(0, |most| most + 1);
    let pick = |rows: &[usize]| {
        Array2::from_shape_fn((rows.len(), features[0].len()), |(row, k)| features[rows[row]][k])
    };
    let wanted = Array2::from_shape_fn((train.len(), n_classes), |(row, class)| {
        f64::from(u8::from(labels[train[row]] == class))
    });
    let readout = Readout::fit(pick(train).view(), wanted.view(), &config.penalties)?;
    let predicted = readout.predict(pick(test).view());
    let right = test.iter().zip(predicted.rows()).filter(|(row, values)| {
        let best = (0..n_classes).max_by(|&a, &b| values[a].total_cmp(&values[b]).then(b.cmp(&a)));
        best == Some(labels[**row])
    });
    Ok(right.count() as f64 / test.len() as f64)
}

fn check(sequences: &[Vec<f64>], labels: &[usize]) -> Result<(), Error> {
    let refused = |problem: String| {
        Err(Error::Recording { problem, hint: "one row a sequence: its class, then its values".to_owned() })
    };
    if sequences.len() != labels.len() || sequences.len() < 6 {
        return refused(format!(
            "{} sequences with {} classes; at least 6 and one class each are needed",
            sequences.len(),
            labels.len()
        ));
    }
    if let Some(row) =
        sequences.iter().position(|one| one.is_empty() || one.iter().any(|value| !value.is_finite()))
    {
        return refused(format!("sequence {row} (from 0) is empty or holds a value that is not finite"));
    }
    if labels.iter().all(|label| *label == labels[0]) {
        return refused("all sequences are of one class".to_owned());
    }
    Ok(())
}
