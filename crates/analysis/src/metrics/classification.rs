//! Scores against yes / no: how well do strengths of inferred edges tell synapses from their absence?
//!
//! Chance is 0.5 for [`auroc`] and the prevalence of positives for [`average_precision`]; on a sparse
//! connectome the second is a few percent, so never read one without the other.

use super::{check_finite, check_same_length};
use crate::Error;

/// Both scores with their chance levels: one row of a baselines table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Area under the receiver operating characteristic.
    pub auroc: f64,
    /// Average precision.
    pub average_precision: f64,
    /// What random scores reach in `auroc`: 0.5.
    pub chance_auroc: f64,
    /// What random scores reach in `average_precision`: the fraction of positives.
    pub chance_average_precision: f64,
    /// How many entries are labelled true.
    pub n_positive: usize,
    /// How many entries are labelled false.
    pub n_negative: usize,
}

impl Detection {
    /// Scores `scores` (higher = more likely an edge) against `labels`.
    ///
    /// # Errors
    /// As [`auroc`].
    ///
    /// # Examples
    /// ```
    /// use neuroloom_analysis::metrics::classification::Detection;
    /// let detection = Detection::evaluate(&[0.9, 0.1, 0.8, 0.3], &[true, false, false, false])?;
    /// assert_eq!((detection.auroc, detection.chance_average_precision), (1.0, 0.25));
    /// # Ok::<(), neuroloom_analysis::Error>(())
    /// ```
    pub fn evaluate(scores: &[f64], labels: &[bool]) -> Result<Self, Error> {
        let auroc = auroc(scores, labels)?;
        let n_positive = labels.iter().filter(|&&label| label).count();
        Ok(Self {
            auroc,
            average_precision: average_precision(scores, labels)?,
            chance_auroc: 0.5,
            chance_average_precision: n_positive as f64 / labels.len() as f64,
            n_positive,
            n_negative: labels.len() - n_positive,
        })
    }
}

/// Probability that a positive scores higher than a negative, ties counting one half:
/// `(sum of mid-ranks of the positives - P (P + 1) / 2) / (P N)` (the Mann-Whitney statistic).
///
/// In 0..=1; 0.5 is chance; below 0.5 the order is reversed.
///
/// # Errors
/// Lengths differ, a score is not finite, or one of the two classes is empty.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::classification::auroc;
/// // of the four pairs (positive, negative) three are in order
/// assert_eq!(auroc(&[0.9, 0.4, 0.5, 0.1], &[true, true, false, false])?, 0.75);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn auroc(scores: &[f64], labels: &[bool]) -> Result<f64, Error> {
    check(scores, labels)?;
    // Descending order: a positive wins against all negatives of later thresholds and half of its own.
    let thresholds = thresholds(scores, labels);
    let n_positive: usize = thresholds.iter().map(|threshold| threshold.positives).sum();
    let n_negative = labels.len() - n_positive;
    let mut negatives_left = n_negative;
    let mut wins = 0.0;
    for threshold in &thresholds {
        negatives_left -= threshold.negatives;
        let beaten = negatives_left as f64 + 0.5 * threshold.negatives as f64;
        wins += threshold.positives as f64 * beaten;
    }
    Ok(wins / (n_positive as f64 * n_negative as f64))
}

/// Mean precision over the recall it buys: `sum_n (R_n - R_(n-1)) P_n`, one step per distinct score from
/// the highest down (scikit-learn's definition; equal scores are one threshold, no interpolation).
///
/// In 0..=1; chance is the fraction of positives.
///
/// # Errors
/// Lengths differ, a score is not finite, or one of the two classes is empty.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::classification::average_precision;
/// // recall 1/2 at precision 1, then recall 1 at precision 2/3
/// let value = average_precision(&[0.9, 0.4, 0.5, 0.1], &[true, true, false, false])?;
/// assert!((value - (0.5 + 0.5 * 2.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64, Error> {
    check(scores, labels)?;
    let n_positive = labels.iter().filter(|&&label| label).count() as f64;
    let (mut found, mut called, mut area) = (0, 0, 0.0);
    for threshold in thresholds(scores, labels) {
        found += threshold.positives;
        called += threshold.positives + threshold.negatives;
        area += threshold.positives as f64 / n_positive * found as f64 / called as f64;
    }
    Ok(area)
}

/// The entries that share one score.
struct Threshold {
    positives: usize,
    negatives: usize,
}

/// Distinct scores from the highest down.
fn thresholds(scores: &[f64], labels: &[bool]) -> Vec<Threshold> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let same_score = |&a: &usize, &b: &usize| scores[a] == scores[b];
    let count = |group: &[usize]| {
        let positives = group.iter().filter(|&&entry| labels[entry]).count();
        Threshold { positives, negatives: group.len() - positives }
    };
    order.chunk_by(same_score).map(count).collect()
}

fn check(scores: &[f64], labels: &[bool]) -> Result<(), Error> {
    check_same_length("labels", labels.len(), scores.len())?;
    check_finite("scores", scores)?;
    let n_positive = labels.iter().filter(|&&label| label).count();
    if n_positive == 0 || n_positive == labels.len() {
        let given = format!("{n_positive} of {} true", labels.len());
        return Err(Error::Value {
            what: "labels",
            given,
            allowed: "at least one true and one false".into(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn auroc_by_pairs(scores: &[f64], labels: &[bool]) -> f64 {
        let of = |wanted: bool| (0..scores.len()).filter(move |&entry| labels[entry] == wanted);
        let pairs: Vec<(usize, usize)> = of(true).flat_map(|p| of(false).map(move |n| (p, n))).collect();
        let win = |&(p, n): &(usize, usize)| match scores[p].total_cmp(&scores[n]) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        pairs.iter().map(win).sum::<f64>() / pairs.len() as f64
    }

    #[test]
    fn constant_scores_are_at_chance() -> Result<(), Error> {
        let detection = Detection::evaluate(&[0.3; 10], &[[true; 2].as_slice(), &[false; 8]].concat())?;
        assert_eq!((detection.auroc, detection.average_precision), (0.5, 0.2));
        assert_eq!((detection.chance_auroc, detection.chance_average_precision), (0.5, 0.2));
        assert_eq!((detection.n_positive, detection.n_negative), (2, 8));
        Ok(())
    }

    #[test]
    fn minus_zero_ties_with_zero() -> Result<(), Error> {
        assert_eq!(auroc(&[0.0, -0.0], &[true, false])?, 0.5);
        assert_eq!(auroc(&[-0.0, 0.0, -0.0], &[true, false, true])?, 0.5);
        Ok(())
    }

    #[test]
    fn one_class_or_a_nan_is_refused() {
        assert!(matches!(auroc(&[1.0, 2.0], &[true, true]), Err(Error::Value { .. })));
        assert!(matches!(average_precision(&[], &[]), Err(Error::Value { .. })));
        let result = average_precision(&[1.0, f64::NAN], &[true, false]);
        assert!(matches!(result, Err(Error::NotFinite { row: 1, .. })));
    }

    proptest! {
        #[test]
        fn auroc_counts_pairs(entries in prop::collection::vec((0..6_i32, any::<bool>()), 2..40)) {
            let (scores, labels): (Vec<f64>, Vec<bool>) =
                entries.into_iter().map(|(score, label)| (f64::from(score), label)).unzip();
            prop_assume!(labels.contains(&true) && labels.contains(&false));
            prop_assert!((auroc(&scores, &labels)? - auroc_by_pairs(&scores, &labels)).abs() < 1e-12);
            let reversed: Vec<f64> = scores.iter().map(|score| -score).collect();
            prop_assert!((auroc(&scores, &labels)? + auroc(&reversed, &labels)? - 1.0).abs() < 1e-12);
        }
    }
}
