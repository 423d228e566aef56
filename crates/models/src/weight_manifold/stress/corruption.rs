//! Damage that weights suffer on their way into a data set.

use ndarray::{Array2, Axis};
use neuroloom_core::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::weight_manifold::extract::{NeuronTruth, Weights};

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corruption {
    /// Gaussian noise on every weight; strength: its standard deviation over the rms of the weights.
    Noise,
    /// Weights set to zero at random; strength: their share.
    Deletion,
    /// Partners left out: hidden units of a network, features of a circuit; strength: the share that is left.
    Partners,
    /// Neurons left out; strength: the share that is left.
    Neurons,
    /// Every neuron's weights times a factor of its own; strength: the spread of the logarithm.
    Gain,
    /// Only the sign of each weight is kept (1) or all of it (0).
    SignOnly,
    /// Only positive weights are kept (1) or all (0).
    PositivePart,
    /// 1 where the size is above the median, else 0 (1), or all kept (0).
    Binarised,
    /// The network is trained anew on inputs with Gaussian noise; strength: its standard deviation over the rms of the
    /// inputs without it. Only for weights whose [`Recipe`](super::Recipe) is known.
    InputNoise,
}

impl Corruption {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Noise,
        Self::Deletion,
        Self::Partners,
        Self::Neurons,
        Self::Gain,
        Self::SignOnly,
        Self::PositivePart,
        Self::Binarised,
        Self::InputNoise,
    ];

    /// What its strength is, for an axis.
    pub fn level_name(self) -> &'static str {
        match self {
            Self::Noise => "noise / rms of the weights",
            Self::Deletion => "share of the weights deleted",
            Self::Partners => "share of the partners left out",
            Self::Neurons => "share of the neurons left out",
            Self::Gain => "spread of log gain",
            Self::SignOnly => "0: whole weights, 1: signs only",
            Self::PositivePart => "0: whole weights, 1: positive part",
            Self::Binarised => "0: whole weights, 1: above the median or not",
            Self::InputNoise => "noise / rms of the inputs, trained anew",
        }
    }

    /// Strengths that are tried; the first does nothing.
    pub fn levels(self) -> &'static [f64] {
        match self {
            Self::Noise => &[0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0],
            Self::Deletion => &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
            Self::Partners => &[0.0, 0.3, 0.6, 0.76, 0.84, 0.9, 0.94],
            Self::Neurons => &[0.0, 0.25, 0.5, 0.7, 0.8],
            Self::Gain => &[0.0, 0.25, 0.5, 1.0],
            Self::SignOnly | Self::PositivePart | Self::Binarised => &[0.0, 1.0],
            Self::InputNoise => &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0],
        }
    }
}

/// Weights and truth after the damage; noise on the inputs is not a matter of given weights and leaves them as they are.
///
/// Neurons are columns of A and rows of B; partners rows of A and columns of B.
pub fn corrupted(
    weights: &Weights,
    truth: Option<&NeuronTruth>,
    (corruption, level): (Corruption, f64),
    seed: Seed,
) -> (Weights, Option<NeuronTruth>) {
    let each = |change: &dyn Fn(&Array2<f64>, Seed) -> Array2<f64>| Weights {
        outgoing: weights.outgoing.as_ref().map(|matrix| change(matrix, seed.nth(0))),
        incoming: weights.incoming.as_ref().map(|matrix| change(matrix, seed.nth(1))),
    };
    let same_truth = || truth.cloned();
    match corruption {
        Corruption::Noise => (each(&|matrix, seed| noisy(matrix, level, seed)), same_truth()),
        Corruption::Deletion => (each(&|matrix, seed| thinned(matrix, level, seed)), same_truth()),
        Corruption::Gain => (with_gains(weights, level, seed), same_truth()),
        Corruption::Partners => (without_partners(weights, level, seed), same_truth()),
        Corruption::Neurons => without_neurons(weights, truth, level, seed),
        Corruption::InputNoise => (weights.clone(), same_truth()),
        _ if level == 0.0 => (weights.clone(), same_truth()),
        Corruption::SignOnly => (each(&|matrix, _| matrix.mapv(sign)), same_truth()),
        Corruption::PositivePart => (each(&|matrix, _| matrix.mapv(|weight| weight.max(0.0))), same_truth()),
        Corruption::Binarised => (each(&|matrix, _| binarised(matrix)), same_truth()),
    }
}

fn sign(weight: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { weight.signum() }
}

fn noisy(matrix: &Array2<f64>, level: f64, seed: Seed) -> Array2<f64> {
    let rms = (matrix.iter().map(|weight| weight * weight).sum::<f64>() / matrix.len().max(1) as f64).sqrt();
    let mut rng = seed.rng();
    matrix.mapv(|weight| {
        let draw: f64 = StandardNormal.sample(&mut rng);
        weight + level * rms * draw
    })
}

fn thinned(matrix: &Array2<f64>, level: f64, seed: Seed) -> Array2<f64> {
    let mut rng = seed.rng();
    matrix.mapv(|weight| if rng.random::<f64>() < level { 0.0 } else { weight })
}

fn binarised(matrix: &Array2<f64>) -> Array2<f64> {
    let mut sizes: Vec<f64> = matrix.iter().map(|weight| weight.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
    matrix.mapv(|weight| f64::from(u8::from(weight.abs() > median)))
}

fn with_gains(weights: &Weights, level: f64, seed: Seed) -> Weights {
    let gains = |n: usize| -> Vec<f64> {
        let mut rng = seed.rng();
        (0..n)
            .map(|_| {
                let draw: f64 = StandardNormal.sample(&mut rng);
                (level * draw).exp()
            })
            .collect()
    };
    let mut scaled = weights.clone();
    if let Some(outgoing) = &mut scaled.outgoing {
        let gains = gains(outgoing.ncols());
        outgoing.columns_mut().into_iter().zip(&gains).for_each(|(mut column, gain)| column *= *gain);
    }
    if let Some(incoming) = &mut scaled.incoming {
        let gains = gains(incoming.nrows());
        incoming.rows_mut().into_iter().zip(&gains).for_each(|(mut row, gain)| row *= *gain);
    }
    scaled
}

fn without_partners(weights: &Weights, level: f64, seed: Seed) -> Weights {
    Weights {
        outgoing: weights
            .outgoing
            .as_ref()
            .map(|matrix| matrix.select(Axis(0), &kept(matrix.nrows(), level, seed))),
        incoming: weights
            .incoming
            .as_ref()
            .map(|matrix| matrix.select(Axis(1), &kept(matrix.ncols(), level, seed))),
    }
}

fn without_neurons(
    weights: &Weights,
    truth: Option<&NeuronTruth>,
    level: f64,
    seed: Seed,
) -> (Weights, Option<NeuronTruth>) {
    let left = Weights {
        outgoing: weights
            .outgoing
            .as_ref()
            .map(|matrix| matrix.select(Axis(1), &kept(matrix.ncols(), level, seed))),
        incoming: weights
            .incoming
            .as_ref()
            .map(|matrix| matrix.select(Axis(0), &kept(matrix.nrows(), level, seed))),
    };
    (left, truth.map(|truth| truth.select(&kept(truth.neurons.len(), level, seed))))
}

/// Which of `n` are left, ascending; the same for the same seed.
fn kept(n: usize, level: f64, seed: Seed) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    all.shuffle(&mut seed.rng());
    all.truncate((((1.0 - level) * n as f64).round() as usize).max(1));
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        let matrix =
            Array2::from_shape_fn((20, 30), |(row, column)| ((row * 31 + column * 17) % 13) as f64 - 6.0);
        Weights { incoming: Some(matrix.t().to_owned()), outgoing: Some(matrix) }
    }

    #[test]
    fn no_damage_at_level_zero_and_the_asked_share_above() {
        let whole = weights();
        for corruption in Corruption::ALL {
            assert_eq!(corruption.levels()[0], 0.0);
            assert_eq!(corrupted(&whole, None, (corruption, 0.0), Seed(1)).0, whole, "{corruption:?}");
        }
        let damaged = |corruption, level| {
            corrupted(&whole, None, (corruption, level), Seed(1)).0.outgoing.unwrap_or_default()
        };
        let zeros =
            |matrix: &Array2<f64>| matrix.iter().filter(|weight| **weight == 0.0).count() as f64 / 600.0;
        let before = whole.outgoing.as_ref().map_or(0.0, zeros);
        let after = zeros(&damaged(Corruption::Deletion, 0.5));
        assert!((after - (before + 0.5 * (1.0 - before))).abs() < 0.06, "{after}");
        assert_eq!(damaged(Corruption::Partners, 0.6).dim(), (8, 30));
        assert_eq!(damaged(Corruption::Neurons, 0.5).dim(), (20, 15));
        assert!(damaged(Corruption::SignOnly, 1.0).iter().all(|weight| [-1.0, 0.0, 1.0].contains(weight)));
        assert!(damaged(Corruption::Binarised, 1.0).iter().all(|weight| [0.0, 1.0].contains(weight)));
    }

    #[test]
    fn both_sides_lose_the_same_neurons() {
        let (left, _) = corrupted(&weights(), None, (Corruption::Neurons, 0.5), Seed(3));
        assert_eq!(left.outgoing.map(|matrix| matrix.t().to_owned()), left.incoming);
    }
}
