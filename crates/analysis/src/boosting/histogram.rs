//! Sums of gradients and Hessians by bin, and the best split that they allow.

use rayon::prelude::*;

use super::BoostingConfig;
use super::bins::Binned;

/// Gradient and Hessian of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Slope {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

/// Sums over the rows of a bin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) n_rows: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.n_rows += other.n_rows;
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            n_rows: self.n_rows - other.n_rows,
        }
    }

    /// Twice the loss that the best value of one leaf would save.
    pub(super) fn score(&self, l2: f64) -> f64 {
        let curvature = self.hessian + l2;
        if curvature > 0.0 { self.gradient * self.gradient / curvature } else { 0.0 }
    }
}

/// One list of bins a feature.
pub(super) type Histogram = Vec<Vec<Sums>>;

/// A cut and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub(super) gain: f64,
    pub(super) feature: usize,
    /// Rows of this bin and below go left.
    pub(super) bin: usize,
    pub(super) left: Sums,
    pub(super) right: Sums,
}

/// Adds up the rows of a node; each bin in the order of the rows, so that threads change nothing.
pub(super) fn histogram(binned: &Binned, rows: &[u32], slopes: &[Slope]) -> Histogram {
    // Gathered once, so that every feature reads the slopes in sequence.
    let gathered: Vec<Slope> = rows.iter().map(|&row| slopes[row as usize]).collect();
    let one = |feature: usize| {
        let mut bins = vec![Sums::default(); binned.cuts[feature].len() + 1];
        let column = &binned.columns[feature];
        for (&row, slope) in rows.iter().zip(&gathered) {
            let bin = &mut bins[usize::from(column[row as usize])];
            bin.gradient += slope.gradient;
            bin.hessian += slope.hessian;
            bin.n_rows += 1;
        }
        bins
    };
    let features = 0..binned.columns.len();
    // Below this a thread costs more than it brings.
    if rows.len() * binned.columns.len() < 20_000 {
        return features.map(one).collect();
    }
    features.into_par_iter().map(one).collect()
}

/// The histogram of a node less that of one child is that of the other.
pub(super) fn difference(parent: &Histogram, child: &Histogram) -> Histogram {
    let feature = |(whole, part): (&Vec<Sums>, &Vec<Sums>)| {
        whole.iter().zip(part).map(|(whole, part)| whole.without(part)).collect()
    };
    parent.iter().zip(child).map(feature).collect()
}

/// The best cut; of equals the first feature and the lowest bin.
pub(super) fn best_split(histogram: &Histogram, total: Sums, config: &BoostingConfig) -> Option<Split> {
    let whole = total.score(config.l2);
    let fewest = config.min_leaf_rows as u32;
    let mut best: Option<Split> = None;
    for (feature, bins) in histogram.iter().enumerate() {
        let mut left = Sums::default();
        for (bin, sums) in bins.iter().enumerate().take(bins.len().saturating_sub(1)) {
            left.add(sums);
            // Without rows in this bin the cut parts the same rows as the one before.
            if sums.n_rows == 0 || left.n_rows < fewest {
                continue;
            }
            let right = total.without(&left);
            if right.n_rows < fewest {
                break;
            }
            let gain = left.score(config.l2) + right.score(config.l2) - whole;
            if gain > best.map_or(1e-12 * whole.max(1e-300), |best| best.gain) {
                best = Some(Split { gain, feature, bin, left, right });
            }
        }
    }
    best
}
