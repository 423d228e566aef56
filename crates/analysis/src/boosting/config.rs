//! How trees are grown.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How trees are grown. The defaults are those of a first try with LightGBM, with smaller steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BoostingConfig {
    /// Trees at most.
    pub n_trees: usize,
    /// How much of each tree's correction is taken.
    pub learning_rate: f64,
    /// Leaves of a tree at most.
    pub max_leaves: usize,
    /// Splits between the root and a leaf at most.
    pub max_depth: usize,
    /// Rows of a leaf at least.
    pub min_leaf_rows: usize,
    /// Ridge on the value of a leaf, in units of the Hessian.
    pub l2: f64,
    /// Bins of a feature at most, 2 to 256.
    pub n_bins: usize,
    /// With held-out rows: trees without an improvement before growing ends.
    pub patience: usize,
}

impl Default for BoostingConfig {
    fn default() -> Self {
        Self {
            n_trees: 200,
            learning_rate: 0.1,
            max_leaves: 31,
            max_depth: 8,
            min_leaf_rows: 20,
            l2: 1.0,
            n_bins: 255,
            patience: 20,
        }
    }
}

impl BoostingConfig {
    /// For a few hundred rows, such as one a circuit: small trees.
    pub fn small() -> Self {
        Self {
            n_trees: 200,
            learning_rate: 0.05,
            max_leaves: 8,
            max_depth: 3,
            min_leaf_rows: 5,
            ..Self::default()
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`Error::Value`] naming the first that is outside its range.
    pub fn check(&self) -> Result<(), Error> {
        let whole = [
            ("n-trees", self.n_trees, 1, 100_000),
            ("max-leaves", self.max_leaves, 2, 65_536),
            ("max-depth", self.max_depth, 1, 64),
            ("min-leaf-rows", self.min_leaf_rows, 1, usize::MAX),
            ("n-bins", self.n_bins, 2, 256),
            ("patience", self.patience, 1, usize::MAX),
        ];
        for (what, given, low, high) in whole {
            if !(low..=high).contains(&given) {
                let allowed =
                    if high == usize::MAX { format!("{low} or more") } else { format!("{low} to {high}") };
                return Err(Error::Value { what, given: given.to_string(), allowed });
            }
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            let (given, allowed) = (self.learning_rate.to_string(), "above 0, at most 1".to_owned());
            return Err(Error::Value { what: "learning-rate", given, allowed });
        }
        if !(self.l2 >= 0.0 && self.l2.is_finite()) {
            let (given, allowed) = (self.l2.to_string(), "0 or more".to_owned());
            return Err(Error::Value { what: "l2", given, allowed });
        }
        Ok(())
    }
}
