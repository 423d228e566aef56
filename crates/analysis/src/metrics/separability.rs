//! How well groups of rows are told apart by their features.

use ndarray::{ArrayView2, Axis};
use neuroloom_core::Seed;
use rayon::prelude::*;

use crate::Error;
use crate::graph::comparison::LogisticRegression;

/// Parts that are left out in turn.
const N_FOLDS: usize = 5;

/// Balanced accuracy of linear classifiers (one a group against the others, ridge logistic regression on standardised
/// features) on rows that were left out: the mean over groups of the share of their rows that are told right. Chance is
/// 1 / number of groups, 1 is perfect. Groups are dealt out evenly over five folds.
///
/// # Shapes
/// `features [row, feature]`, `labels [row]`, each below `n_groups`.
///
/// # Errors
/// [`Error::Shape`] if the lengths differ, [`Error::TooFew`] for fewer than two groups or a group of fewer than five
/// rows, [`Error::Value`] for a label that is no group.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::metrics::separability;
/// use neuroloom_core::Seed;
/// let features = Array2::from_shape_fn((40, 1), |(row, _)| (row % 2) as f64 + 0.01 * row as f64);
/// let labels: Vec<usize> = (0..40).map(|row| row % 2).collect();
/// assert_eq!(separability(features.view(), (&labels, 2), Seed(1))?, 1.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn separability(
    features: ArrayView2<'_, f64>,
    (labels, n_groups): (&[usize], usize),
    seed: Seed,
) -> Result<f64, Error> {
    check(features, (labels, n_groups))?;
    let rows = standardised(features);
    let folds = folds((labels, n_groups), seed);
    let told: Vec<Vec<(usize, usize)>> = (0..N_FOLDS)
        .into_par_iter()
        .map(|fold| tell(&rows, (labels, n_groups), (&folds, fold)))
        .collect::<Result<_, _>>()?;
    let mut right = vec![(0.0, 0.0); n_groups];
    for (truth, guess) in told.into_iter().flatten() {
        right[truth].0 += f64::from(u8::from(truth == guess));
        right[truth].1 += 1.0;
    }
    Ok(right.iter().map(|(right, all)| right / all).sum::<f64>() / n_groups as f64)
}

fn check(features: ArrayView2<'_, f64>, (labels, n_groups): (&[usize], usize)) -> Result<(), Error> {
    if features.nrows() != labels.len() {
        let allowed = format!("[{}], one a row", features.nrows());
        return Err(Error::Shape { what: "labels", given: format!("[{}]", labels.len()), allowed });
    }
    if let Some(wrong) = labels.iter().find(|label| **label >= n_groups) {
        let allowed = format!("below {n_groups}");
        return Err(Error::Value { what: "label", given: wrong.to_string(), allowed });
    }
    if n_groups < 2 {
        return Err(Error::TooFew { what: "groups", given: n_groups, needed: 2 });
    }
    let smallest = (0..n_groups).map(|group| labels.iter().filter(|label| **label == group).count()).min();
    match smallest.unwrap_or(0) {
        given if given < N_FOLDS => {
            Err(Error::TooFew { what: "rows of the smallest group", given, needed: N_FOLDS })
        }
        _ => Ok(()),
    }
}

/// Mean 0 and standard deviation 1; constant features become 0.
fn standardised(features: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
    let n = features.nrows() as f64;
    let scale: Vec<(f64, f64)> = features
        .axis_iter(Axis(1))
        .map(|column| {
            let mean = column.sum() / n;
            (mean, (column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
        })
        .collect();
    let scaled = |(value, (mean, sd)): (&f64, &(f64, f64))| if *sd > 0.0 { (value - mean) / sd } else { 0.0 };
    features.axis_iter(Axis(0)).map(|row| row.iter().zip(&scale).map(scaled).collect()).collect()
}

/// The fold of each row; the rows of a group take turns in random order.
fn folds((labels, n_groups): (&[usize], usize), seed: Seed) -> Vec<usize> {
    let mut fold = vec![0; labels.len()];
    for group in 0..n_groups {
        let mut members: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == group).collect();
        members.sort_by_key(|&row| (seed.nth(row as u64).0, row));
        members.into_iter().enumerate().for_each(|(turn, row)| fold[row] = turn % N_FOLDS);
    }
    fold
}

/// Group and guess of every row of a fold.
fn tell(
    rows: &[Vec<f64>],
    (labels, n_groups): (&[usize], usize),
    (folds, fold): (&[usize], usize),
) -> Result<Vec<(usize, usize)>, Error> {
    let training: Vec<usize> = (0..rows.len()).filter(|&row| folds[row] != fold).collect();
    let given: Vec<Vec<f64>> = training.iter().map(|&row| rows[row].clone()).collect();
    let classifier = |group: usize| {
        let is_in: Vec<bool> = training.iter().map(|&row| labels[row] == group).collect();
        LogisticRegression::fit(&given, &is_in)
    };
    let classifiers: Vec<LogisticRegression> = (0..n_groups).map(classifier).collect::<Result<_, _>>()?;
    let guess = |row: usize| {
        let chance: Vec<f64> = classifiers.iter().map(|one| one.probability(&rows[row])).collect();
        (0..n_groups).reduce(|best, next| if chance[next] > chance[best] { next } else { best }).unwrap_or(0)
    };
    Ok((0..rows.len()).filter(|&row| folds[row] == fold).map(|row| (labels[row], guess(row))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use rand::RngExt;

    #[test]
    fn noise_is_told_by_chance_and_shifted_groups_are_told() {
        let mut rng = Seed(5).rng();
        let labels: Vec<usize> = (0..300).map(|row| row % 3).collect();
        let noise = Array2::from_shape_fn((300, 4), |_| rng.random::<f64>());
        let by_chance = separability(noise.view(), (&labels, 3), Seed(1)).unwrap();
        assert!((by_chance - 1.0 / 3.0).abs() < 0.1, "{by_chance}");
        let shifted = Array2::from_shape_fn((300, 4), |(row, column)| {
            noise[[row, column]] + if column == labels[row] { 1.5 } else { 0.0 }
        });
        assert!(separability(shifted.view(), (&labels, 3), Seed(1)).unwrap() > 0.97);
    }

    #[test]
    fn a_group_that_cannot_be_left_out_is_refused() {
        let features = Array2::zeros((12, 1));
        let labels: Vec<usize> = (0..12).map(|row| usize::from(row > 8)).collect();
        assert!(matches!(
            separability(features.view(), (&labels, 2), Seed(1)),
            Err(Error::TooFew { given: 3, .. })
        ));
    }
}
