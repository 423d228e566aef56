//! Do the learned functions predict another circuit of the same neuron types?
//!
//! The transplant test of Allier et al. 2026: new wiring, new proportions of types, learned functions; the model
//! then runs beside the true system of that new circuit. It asks whether phi and psi are properties of types, or
//! were only right together with the wiring that they were learned with.

use neuroloom_core::{Seed, Truth};
use neuroloom_sim::{AssemblyConfig, ConnectivityConfig, GivenArrays, build_truth};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::{Reference, RolloutScores, rollout_scores};
use crate::Error;
use crate::mechanism::{Mechanism, UpdateFunctions};

/// Another circuit of the same types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransplantConfig {
    /// Probability that a connection is kept, above 0 to 1; the weights are Cauchy as in the published test.
    pub filling: f64,
    /// Share of each true type, in their order; scaled to a sum of 1.
    pub proportions: Vec<f64>,
}

/// How the model runs in another circuit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransplantScores {
    /// Probability that a connection was kept.
    pub filling: f64,
    /// Shares of the types.
    pub proportions: Vec<f64>,
    /// Weights that are not 0.
    pub n_edges: usize,
    /// Model beside the true system of the new circuit, from unseen starts.
    pub rollout: RolloutScores,
}

impl TransplantConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |key, given: String, allowed: &str| {
            Err(Error::Config { key, given, allowed: allowed.to_owned() })
        };
        if !(self.filling > 0.0 && self.filling <= 1.0) {
            return wrong("transplant.filling", self.filling.to_string(), "above 0 to 1");
        }
        let good = |share: &&f64| share.is_finite() && **share >= 0.0;
        if self.proportions.iter().filter(good).count() < self.proportions.len()
            || self.proportions.iter().sum::<f64>() <= 0.0
        {
            let given = format!("{:?}", self.proportions);
            return wrong("transplant.proportions", given, "one share a true type, 0 or above, not all 0");
        }
        Ok(())
    }
}

/// Puts learned functions into another circuit and runs both.
///
/// Each neuron of the new circuit takes phi from a random neuron of the type that was *found* for most neurons of
/// its true type; the new wiring is given to the model in its own scale of psi.
///
/// # Errors
/// [`Error::Config`] for a bad setting, [`Error::Mismatch`] if truth and model differ in size.
pub fn transplant(
    mechanism: &Mechanism,
    truth: &Truth,
    config: &TransplantConfig,
    seed: Seed,
) -> Result<TransplantScores, Error> {
    config.check()?;
    if config.proportions.len() != truth.types.len() {
        return Err(Error::Config {
            key: "transplant.proportions",
            given: format!("{} shares", config.proportions.len()),
            allowed: format!("{}, one a true type", truth.types.len()),
        });
    }
    let seed = seed.split(&format!("transplant {config:?}"));
    let circuit = rewired(truth, config, seed)?;
    let model = regrown(mechanism, truth, &circuit, seed)?;
    let (rollout, _) = rollout_scores::score(&model, &circuit, seed)?;
    Ok(TransplantScores {
        filling: config.filling,
        proportions: config.proportions.clone(),
        n_edges: circuit.weight_matrix.iter().filter(|&&weight| weight != 0.0).count(),
        rollout,
    })
}

/// The same types and functions with new wiring and new proportions, in contiguous blocks.
fn rewired(truth: &Truth, config: &TransplantConfig, seed: Seed) -> Result<Truth, Error> {
    let n_neurons = truth.n_neurons();
    let connectivity = ConnectivityConfig { filling_factor: config.filling, ..ConnectivityConfig::default() };
    let assembly = AssemblyConfig { n_neurons, connectivity, ..AssemblyConfig::default() };
    let drawn = build_truth(&assembly, GivenArrays::default(), seed)?;
    let cell_type = blocks(n_neurons, &config.proportions);
    Ok(Truth { weight_matrix: drawn.weight_matrix, cell_type, modulation: None, ..truth.clone() })
}

/// Type of each neuron; the last type that has a share takes what rounding leaves.
fn blocks(n_neurons: usize, proportions: &[f64]) -> Vec<u32> {
    let total: f64 = proportions.iter().sum();
    let last = proportions.iter().rposition(|&share| share > 0.0).unwrap_or(0);
    let mut cell_type = Vec::with_capacity(n_neurons);
    let mut reached = 0.0;
    for (one, share) in proportions.iter().enumerate() {
        reached += share / total;
        let end = if one >= last { n_neurons } else { (reached * n_neurons as f64).round() as usize };
        cell_type.resize(end.max(cell_type.len()), one as u32);
    }
    cell_type
}

/// The model with functions of donors and the wiring of the new circuit.
fn regrown(mechanism: &Mechanism, truth: &Truth, circuit: &Truth, seed: Seed) -> Result<Mechanism, Error> {
    let donors = donors(mechanism, truth, circuit, seed);
    let mut model = mechanism.clone();
    let update = &mechanism.update;
    let of = |values: &[f64]| donors.iter().map(|&one| values[one]).collect::<Vec<f64>>();
    model.transfer = mechanism.transfer.select(&donors);
    model.modulation = None;
    model.update = UpdateFunctions {
        lower: of(&update.lower),
        upper: of(&update.upper),
        coefficients: update.coefficients.select(ndarray::Axis(0), &donors),
        self_coupling: of(&update.self_coupling),
        ..update.clone()
    };
    let n = circuit.n_neurons();
    let reference = Reference::new(&model, circuit)?;
    let scale = |place: usize| reference.scale(&model, place / n, place % n);
    let scaled: Vec<f64> =
        reference.truth.iter().enumerate().map(|(place, weight)| weight / scale(place)).collect();
    model.weight_matrix = ndarray::Array2::from_shape_vec((n, n), scaled).map_err(|_| Error::Mismatch {
        what: "the new wiring",
        given: n,
        expected: mechanism.n_neurons(),
    })?;
    Ok(model)
}

/// For each neuron of the new circuit a random neuron of the found type that stands for its true type.
fn donors(mechanism: &Mechanism, truth: &Truth, circuit: &Truth, seed: Seed) -> Vec<usize> {
    let kept: Vec<usize> = (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one)).collect();
    let label = |&one: &usize| mechanism.types.label[one];
    let candidates = |cell_type: u32| -> Vec<usize> {
        let members = || kept.iter().filter(|&&one| truth.cell_type[one] == cell_type);
        let share = |found: u32| members().filter(|one| label(one) == found).count();
        let found =
            (0..mechanism.types.n_types as u32).max_by_key(|&found| (share(found), std::cmp::Reverse(found)));
        let of_found: Vec<usize> = kept.iter().copied().filter(|one| Some(label(one)) == found).collect();
        if of_found.is_empty() { kept.clone() } else { of_found }
    };
    let by_type: Vec<Vec<usize>> = (0..truth.types.len() as u32).map(candidates).collect();
    let mut rng = seed.split("donors").rng();
    let mut pick = |&cell_type: &u32| {
        let candidates = &by_type[cell_type as usize];
        candidates[(rng.next_u64() % candidates.len().max(1) as u64) as usize]
    };
    circuit.cell_type.iter().map(&mut pick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_the_proportions() {
        assert_eq!(blocks(10, &[0.1, 0.2, 0.3, 0.4]), [0, 1, 1, 2, 2, 2, 3, 3, 3, 3]);
        assert_eq!(blocks(5, &[60.0, 40.0, 0.0, 0.0]), [0, 0, 0, 1, 1]);
        assert_eq!(blocks(3, &[1.0, 1.0]).len(), 3);
    }

    #[test]
    fn impossible_circuits_are_refused() {
        let good = TransplantConfig { filling: 0.25, proportions: vec![1.0, 2.0] };
        assert!(good.check().is_ok());
        assert!(TransplantConfig { filling: 0.0, ..good.clone() }.check().is_err());
        assert!(TransplantConfig { proportions: vec![], ..good.clone() }.check().is_err());
        assert!(TransplantConfig { proportions: vec![-1.0, 2.0], ..good }.check().is_err());
    }
}
