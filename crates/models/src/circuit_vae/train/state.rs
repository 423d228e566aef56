//! Everything that a run knows between two steps, and its form in a checkpoint.

use neuroloom_nn::checkpoint::Checkpoint;
use neuroloom_nn::kernel::{AdamConfig, Decay};
use neuroloom_nn::optim::Adam;

use super::history::TrainingHistory;
use super::objective::Losses;
use crate::Error;
use crate::circuit_vae::config::TrainingConfig;

/// The only group of parameters.
const GROUP: &str = "parameters";

/// The state of a run between two steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) parameters: Vec<f32>,
    /// Those with the best validation loss so far.
    pub(super) best: Vec<f32>,
    pub(super) best_loss: f64,
    adam: Adam,
    /// Steps done.
    pub(super) step: u64,
    /// Losses since the last epoch began, and their sum with the KL divergence as it was charged.
    pub(super) since: (Losses, f64),
    pub(super) history: TrainingHistory,
}

impl State {
    pub(super) fn new(parameters: Vec<f32>, config: &TrainingConfig) -> Result<Self, Error> {
        let adam = AdamConfig {
            decay: Decay::Decoupled(config.weight_decay as f32),
            ..AdamConfig::with_learning_rate(config.learning_rate as f32)
        };
        Ok(Self {
            best: parameters.clone(),
            best_loss: f64::INFINITY,
            adam: Adam::new(&[(GROUP, parameters.len(), adam)])?,
            parameters,
            step: 0,
            since: (Losses::default(), 0.0),
            history: TrainingHistory::default(),
        })
    }

    /// One step of AdamW.
    pub(super) fn descend(&mut self, gradient: &[f32], rate: f32) -> Result<(), Error> {
        self.adam.set_rate_factor(rate);
        self.adam.begin_step();
        self.adam.update(GROUP, &mut self.parameters, gradient)?;
        self.step += 1;
        Ok(())
    }

    /// The state as named arrays; `fingerprint` tells runs of other settings apart.
    pub(super) fn store(&self, fingerprint: &str) -> Result<Checkpoint, Error> {
        let mut stored = Checkpoint::default();
        stored.insert("parameters", &[self.parameters.len()], &self.parameters)?;
        stored.insert("best", &[self.best.len()], &self.best)?;
        self.adam.save(&mut stored)?;
        let (losses, charged) = &self.since;
        let sums = [losses.states, losses.strengths, losses.types, *charged, self.best_loss];
        let bits = sums.iter().chain(&losses.kl).map(|value| value.to_bits().to_string());
        let counts = [losses.n_circuits, losses.n_pairs].map(|count| count.to_string());
        stored.insert_note("fingerprint", fingerprint)?;
        stored.insert_note("step", &self.step.to_string())?;
        stored.insert_note("sums", &bits.collect::<Vec<_>>().join(" "))?;
        stored.insert_note("counts", &counts.join(" "))?;
        let history = serde_json::to_string(&self.history).map_err(|error| damaged("history", &error))?;
        stored.insert_note("history", &history)?;
        Ok(stored)
    }

    /// The state that was stored, if it belongs to the same settings; `None` if to others.
    ///
    /// # Errors
    /// [`Error::Tensor`] or [`Error::Network`] if something is missing or does not fit.
    pub(super) fn restore(
        stored: &Checkpoint,
        fingerprint: &str,
        fresh: Self,
    ) -> Result<Option<Self>, Error> {
        if stored.note("fingerprint").is_ok_and(|given| given != fingerprint) {
            return Ok(None);
        }
        let mut state = fresh;
        for (name, into) in [("parameters", &mut state.parameters), ("best", &mut state.best)] {
            let values = &stored.array(name)?.values;
            if values.len() != into.len() {
                return Err(damaged(name, &"has another length than this model"));
            }
            into.copy_from_slice(values);
        }
        state.adam.load(stored)?;
        state.step = words(stored, "step")?.first().copied().unwrap_or_default();
        let sums: Vec<f64> = words(stored, "sums")?.into_iter().map(f64::from_bits).collect();
        let (counts, [states, strengths, types, charged, best, kl @ ..]) =
            (words(stored, "counts")?, &sums[..])
        else {
            return Err(damaged("sums", &"holds too few numbers"));
        };
        let [n_circuits, n_pairs] = counts[..] else {
            return Err(damaged("counts", &"must hold two numbers"));
        };
        let losses = Losses {
            states: *states,
            strengths: *strengths,
            types: *types,
            // Of one step only.
            summary: 0.0,
            kl: kl.to_vec(),
            n_circuits: n_circuits as usize,
            n_pairs: n_pairs as usize,
        };
        (state.since, state.best_loss) = ((losses, *charged), *best);
        state.history =
            serde_json::from_str(stored.note("history")?).map_err(|error| damaged("history", &error))?;
        Ok(Some(state))
    }
}

fn words(stored: &Checkpoint, name: &str) -> Result<Vec<u64>, Error> {
    let parse = |word: &str| word.parse().map_err(|error| damaged(name, &error));
    stored.note(name)?.split_whitespace().map(parse).collect()
}

fn damaged(name: &str, problem: &dyn std::fmt::Display) -> Error {
    Error::Tensor { name: name.to_owned(), problem: problem.to_string() }
}
