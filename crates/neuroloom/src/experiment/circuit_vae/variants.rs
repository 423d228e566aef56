//! Further models of one set: another split, other sizes of the code, other weights of its rate.

use neuroloom_core::{CircuitSet, Listener, Seed};
use neuroloom_models::circuit_vae::evaluate::{EvaluationConfig, ReconstructionScores, reconstruction};
use neuroloom_models::circuit_vae::{self, CircuitVaeConfig};
use serde::{Deserialize, Serialize};

use super::TrainedCode;
use crate::Error;
use crate::experiment::Artefact;
use crate::experiment::checkpoint_file::CheckpointFile;

/// A model that differs in one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityScores {
    /// Number of latents, or beta.
    pub at: f64,
    /// AUROC of unseen circuits, with their code and with z = 0.
    pub auroc: (f64, f64),
    /// Average precision, with and without.
    pub average_precision: (f64, f64),
    /// Rate in nats a circuit.
    pub rate_nats: f64,
    /// Bits an edge that the code saves.
    #[serde(default)]
    pub bits_per_edge_saved: f64,
    /// Bits an edge that the code saves after its own cost.
    pub bits_per_edge: f64,
    /// Latent numbers that vary.
    pub active_units: usize,
}

/// The same circuits dealt out at random, so that training and test share neurons: how much that flatters.
///
/// # Errors
/// What training and scoring say.
pub(super) fn random_split(code: &TrainedCode, events: &dyn Listener) -> Result<ReconstructionScores, Error> {
    let seed = Seed(code.config.seed).split("random split");
    let mut order: Vec<usize> = (0..code.set.len()).collect();
    order.sort_by_key(|&one| (seed.nth(one as u64).0, one));
    let mut parts = code.set.part().to_vec();
    order.iter().zip(code.set.part()).for_each(|(&row, &part)| parts[row] = part);
    let dealt = CircuitSet::new(code.set.circuits().to_vec(), parts)?;
    let config = EvaluationConfig::default();
    trained(code, (&dealt, &code.config.model, "random_split"), &config, events)
}

/// One model a number of latents.
///
/// # Errors
/// As [`random_split`].
pub(super) fn by_latents(code: &TrainedCode, events: &dyn Listener) -> Result<Vec<CapacityScores>, Error> {
    let one = |&latent: &usize| {
        let model = CircuitVaeConfig { latent, ..code.config.model.clone() };
        capacity(code, (&model, &format!("latent_{latent}")), latent as f64, events)
    };
    code.config.evaluate.latents.iter().map(one).collect()
}

/// One model a weight of the rate.
///
/// # Errors
/// As [`random_split`].
pub(super) fn by_betas(code: &TrainedCode, events: &dyn Listener) -> Result<Vec<CapacityScores>, Error> {
    let one = |&beta: &f64| {
        let mut model = code.config.model.clone();
        model.training.beta = beta;
        capacity(code, (&model, &format!("beta_{beta}")), beta, events)
    };
    code.config.evaluate.betas.iter().map(one).collect()
}

fn capacity(
    code: &TrainedCode,
    (model, name): (&CircuitVaeConfig, &str),
    at: f64,
    events: &dyn Listener,
) -> Result<CapacityScores, Error> {
    // Trees are the same for every size of the code.
    let config = EvaluationConfig { tree_pairs: 0, ..EvaluationConfig::default() };
    let found = trained(code, (&code.set, model, name), &config, events)?;
    let without = found.predictor("without-code").map(|one| one.scores);
    let value = |of: fn(&circuit_vae::evaluate::PairScores) -> f64| {
        (of(&found.code), without.as_ref().map_or(f64::NAN, of))
    };
    Ok(CapacityScores {
        at,
        auroc: value(|scores| scores.auroc.value),
        average_precision: value(|scores| scores.average_precision.value),
        rate_nats: found.rate.kl,
        bits_per_edge_saved: found.rate.bits_per_edge_saved,
        bits_per_edge: found.rate.bits_per_edge_net,
        active_units: found.rate.active_units,
    })
}

/// Trains a model with a checkpoint of its own and scores it.
fn trained(
    code: &TrainedCode,
    (set, model, name): (&CircuitSet, &CircuitVaeConfig, &str),
    config: &EvaluationConfig,
    events: &dyn Listener,
) -> Result<ReconstructionScores, Error> {
    let seed = Seed(code.config.seed);
    let place = code.run.place(Artefact::Checkpoint)?.with_file_name(format!("{name}.safetensors"));
    let (vae, _) = circuit_vae::train(set, model, seed, &CheckpointFile::new(place), events)?;
    Ok(reconstruction(&vae, set, config, seed.split("reconstruction"), events)?)
}
