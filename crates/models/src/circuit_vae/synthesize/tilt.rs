//! A tilt of the decoder's probabilities.

use serde::{Deserialize, Serialize};

/// Added log odds of dyad states. The probability of a state is multiplied by exp of the sum over its features and
/// divided by the sum over the four states (an exponential family around the decoder).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Tilt {
    /// For each edge.
    pub density: f64,
    /// For a pair of edges that go both ways.
    pub reciprocity: f64,
    /// For each edge and each 100 micrometres between its ends beyond the mean distance of the circuit.
    pub distance: f64,
    /// For each edge between neurons of one type.
    pub same_type: f64,
}

impl Tilt {
    /// Names of the entries.
    pub const NAMES: [&'static str; 4] = ["density", "reciprocity", "distance", "same-type"];

    /// The entries in the order of their names.
    pub fn entries(&self) -> [f64; 4] {
        [self.density, self.reciprocity, self.distance, self.same_type]
    }

    /// From entries in the order of their names.
    pub fn from_entries([density, reciprocity, distance, same_type]: [f64; 4]) -> Self {
        Self { density, reciprocity, distance, same_type }
    }

    /// Whether nothing is tilted.
    pub fn is_none(&self) -> bool {
        self.entries() == [0.0; 4]
    }

    /// Probabilities of (no edge, forward, backward, both) after the tilt. `distance` is what the pair's distance
    /// exceeds the circuit's mean by, in units of 100 micrometres (0 where unknown).
    ///
    /// # Examples
    /// ```
    /// use neuroloom_models::circuit_vae::synthesize::Tilt;
    /// let even = [0.25_f32; 4];
    /// assert_eq!(Tilt::default().apply(even, 1.0, false), even);
    /// let denser = Tilt { density: 1.0, ..Tilt::default() }.apply(even, 0.0, false);
    /// assert!(denser[3] > denser[1] && denser[1] == denser[2] && denser[1] > denser[0]);
    /// ```
    pub fn apply(&self, states: [f32; 4], distance: f64, same_type: bool) -> [f32; 4] {
        if self.is_none() {
            return states;
        }
        let edge = self.density + self.distance * distance + if same_type { self.same_type } else { 0.0 };
        let odds = [0.0, edge, edge, 2.0 * edge + self.reciprocity];
        // Less the largest, so that no power overflows.
        let most = odds.iter().copied().fold(0.0, f64::max);
        let mut tilted = [0.0; 4];
        for (tilted, (state, odds)) in tilted.iter_mut().zip(states.iter().zip(odds)) {
            *tilted = f64::from(*state) * (odds - most).exp();
        }
        let total: f64 = tilted.iter().sum();
        if total > 0.0 { tilted.map(|value| (value / total) as f32) } else { states }
    }
}
