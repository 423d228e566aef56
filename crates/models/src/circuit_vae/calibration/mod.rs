//! What a trained decoder needs before its draws may stand beside data: where codes lie, and what single neurons differ
//! by.
//!
//! A decoder is fitted to dyads. Three things of whole circuits are not in its loss: codes of circuits do not fill the
//! standard normal prior evenly; degrees are more uneven than types, places and a few numbers can tell; mutual pairs
//! multiply small errors. After training they are set from moments of all circuits that are not for testing:
//!
//! ```text
//! z ~ Normal(m, S)                              m, S: mean and covariance of the codes, their uncertainty included
//! (g_i, h_i) ~ Normal(0, C), each neuron        gains as sender and receiver, on the logarithm of odds
//! odds of i -> j  times  exp(rate + g_i + h_j)
//! odds of both    times  exp(2 rate + g_i + h_j + g_j + h_i + mutual)
//! ```
//!
//! Drawing codes from a density fitted after training is that of Ghosh et al. (2020, arXiv 1903.12436); gains of single
//! neurons are those of the p2 model of van Duijn, Snijders and Zijlstra (2004). Five numbers are fitted besides m and
//! S: edges, mean reciprocity, variance of out- and of in-degrees within circuits, and their covariance. The decoder's
//! own probabilities ([`CircuitVae::dyads`](super::CircuitVae::dyads)) and every score of reconstruction are without them.

mod code_distribution;
mod fit;

use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

pub(super) use self::code_distribution::CodeDistribution;
pub(super) use self::fit::fit;
use super::model::PairStates;

/// How drawn circuits depart from the decoder's probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Added to the log odds of every edge.
    pub rate: f64,
    /// Added to the log odds of a pair linked both ways, beyond those of its two edges.
    pub mutual: f64,
    /// Variance of the log gain of neurons as senders.
    pub sender: f64,
    /// Variance of the log gain of neurons as receivers.
    pub receiver: f64,
    /// Covariance of the two gains of a neuron.
    pub covariance: f64,
}

/// Log gains of each neuron, as a sender and as a receiver.
pub(super) type Gains = Vec<(f64, f64)>;

impl Calibration {
    /// Whether draws follow the decoder as it is.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Gains of the neurons of one circuit.
    pub(super) fn gains(&self, n: usize, seed: Seed) -> Gains {
        self.scaled(&normals(n, seed))
    }

    /// Gains from two standard normal numbers a neuron.
    fn scaled(&self, normals: &[(f64, f64)]) -> Gains {
        let (sender, receiver) = (self.sender.max(0.0).sqrt(), self.receiver.max(0.0).sqrt());
        let largest = sender * receiver;
        let correlation = if largest > 0.0 { (self.covariance / largest).clamp(-1.0, 1.0) } else { 0.0 };
        let own = (1.0 - correlation * correlation).sqrt();
        normals.iter().map(|(x, y)| (sender * x, receiver * (correlation * x + own * y))).collect()
    }

    /// Probabilities of (no edge, forward, backward, both) of a pair with these gains.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_models::circuit_vae::Calibration;
    /// let even = [0.25_f32; 4];
    /// assert_eq!(Calibration::default().apply(even, (0.0, 0.0), (0.0, 0.0)), even);
    /// let sends = Calibration::default().apply(even, (1.0, 0.0), (0.0, 0.0));
    /// assert!(sends[1] > sends[2] && sends[3] > sends[0]);
    /// ```
    pub fn apply(&self, states: PairStates, one: (f64, f64), other: (f64, f64)) -> PairStates {
        let forward = self.rate + one.0 + other.1;
        let backward = self.rate + other.0 + one.1;
        let odds = [0.0, forward, backward, forward + backward + self.mutual];
        if odds == [0.0; 4] {
            return states;
        }
        // Less the largest, so that no power overflows.
        let most = odds.iter().copied().fold(0.0, f64::max);
        let mut weights = [0.0; 4];
        for (weight, (state, odds)) in weights.iter_mut().zip(states.iter().zip(odds)) {
            *weight = f64::from(*state) * (odds - most).exp();
        }
        let total: f64 = weights.iter().sum();
        if total > 0.0 { weights.map(|weight| (weight / total) as f32) } else { states }
    }
}

/// Two standard normal numbers a neuron.
fn normals(n: usize, seed: Seed) -> Vec<(f64, f64)> {
    let mut rng = seed.split("neurons").rng();
    (0..n).map(|_| (StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng))).collect()
}
