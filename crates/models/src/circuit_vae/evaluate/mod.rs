//! How well unseen circuits are rebuilt from their codes, beside what predicts their edges without a code.
//!
//! Each test circuit is encoded, the mean of its code decoded, and every ordered pair that could have been seen is
//! scored. A conditional model may owe its score to the conditions: the same pairs are scored by predictors fitted to
//! the training circuits, boosted trees on the same conditions among them, and by the decoder with z = 0. Intervals
//! resample circuits, not pairs.

mod baselines;
mod calibration;
mod nearest;
mod pairs;
mod rate;
mod scores;
mod strengths;

use neuroloom_analysis::boosting::BoostingConfig;
use neuroloom_analysis::statistics::Resampling;
use neuroloom_core::{CircuitPart, CircuitSet, Event, Listener, Seed, Warning};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::baselines::Told;
pub use self::calibration::{Calibration, CalibrationBin};
pub use self::nearest::NearestTraining;
pub use self::rate::RateScores;
pub use self::scores::{Estimate, PairScores, PredictorScores};
pub use self::strengths::{StrengthPredictor, StrengthScores};

use self::pairs::TestPairs;
use super::example::GraphExample;
use super::model::CircuitVae;
use crate::Error;

/// How [`reconstruction`] is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct EvaluationConfig {
    /// Which part is scored.
    pub part: CircuitPart,
    /// Resampled sets of circuits behind each interval.
    pub resamples: usize,
    /// Probability that an interval is meant to hold.
    pub level: f64,
    /// Ordered pairs of training circuits that the boosted trees are fitted to, at most; 0 leaves them out.
    pub tree_pairs: usize,
    /// How the trees are grown.
    pub trees: BoostingConfig,
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self {
            part: CircuitPart::Test,
            resamples: 1000,
            level: 0.95,
            tree_pairs: 300_000,
            trees: BoostingConfig::default(),
        }
    }
}

/// What [`reconstruction`] found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReconstructionScores {
    /// The part that was scored.
    pub part: CircuitPart,
    /// Circuits scored.
    pub n_circuits: usize,
    /// Ordered pairs scored.
    pub n_pairs: usize,
    /// Edges among them.
    pub n_edges: usize,
    /// Neurons that are in training circuits too; 0 where the split does not leak.
    pub n_shared_neurons: usize,
    /// Different neurons in the circuits scored.
    pub n_neurons: usize,
    /// The model: circuits encoded, then decoded.
    pub code: PairScores,
    /// The decoder with z = 0, and every other predictor, on the same pairs.
    pub predictors: Vec<PredictorScores>,
    /// Whether probabilities mean what they say.
    pub calibration: Calibration,
    /// What the code costs and carries.
    pub rate: RateScores,
    /// How well the numbers of synapses of edges are told, where they were learned.
    pub strengths: Option<StrengthScores>,
    /// Whether generated circuits copy training circuits.
    pub nearest_training: NearestTraining,
}

impl ReconstructionScores {
    /// A predictor by name.
    pub fn predictor(&self, name: &str) -> Option<&PredictorScores> {
        self.predictors.iter().find(|one| one.name == name)
    }
}

/// Scores a model on circuits that it did not learn from.
///
/// # Errors
/// [`Error::Circuits`] if the part has no circuit or no edge, or all its pairs are edges; errors of the encoder.
pub fn reconstruction(
    vae: &CircuitVae,
    set: &CircuitSet,
    config: &EvaluationConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<ReconstructionScores, Error> {
    let vocabulary = vae.vocabulary();
    let examples = GraphExample::of_part(set, config.part, vocabulary)?;
    let training = GraphExample::of_part(set, CircuitPart::Train, vocabulary)?;
    let pairs = TestPairs::new(&examples, config.part)?;
    let codes: Vec<_> = examples.par_iter().map(|example| vae.encode(example)).collect::<Result<_, _>>()?;
    let decoded = |zero: bool| -> Result<Vec<f64>, Error> {
        let of = |(example, code): (&GraphExample, &super::Code)| {
            let nothing = vec![0.0; code.mean.len()];
            let z = if zero { &nothing } else { &code.mean };
            let table = vae.dyads(z, Some(&example.conditions))?;
            Ok(pairs::of_circuit(example).map(|(i, j)| f64::from(table.edge(i, j))).collect())
        };
        let each: Result<Vec<Vec<f64>>, Error> = examples.par_iter().zip(&codes).map(of).collect();
        Ok(each?.concat())
    };
    let resampling = Resampling {
        n_resamples: config.resamples,
        level: config.level,
        block_length: 1,
        seed: seed.split("bootstrap"),
    };
    let probability = decoded(false)?;
    let own = pairs.scored(&probability)?;
    let mut predictors = Vec::new();
    let mut add = |name: &str, told, values: &[f64]| -> Result<(), Error> {
        let scored = pairs.scored(values)?;
        predictors.push(PredictorScores::new(name, told, (&own, &scored), &resampling)?);
        Ok(())
    };
    add("without-code", Told::Conditions, &decoded(true)?)?;
    for (name, told, values) in baselines::all((&training, &examples), config, (seed, events))? {
        add(name, told, &values)?;
    }
    let rate = rate::rate(vae, &examples, &codes, seed)?;
    if rate.collapsed {
        events.emit(Event::Warning(Warning::new("collapsed-code", rate.in_words())));
    }
    Ok(ReconstructionScores {
        part: config.part,
        n_circuits: examples.len(),
        n_pairs: pairs.n_pairs(),
        n_edges: pairs.n_edges(),
        n_shared_neurons: set.n_shared_neurons(CircuitPart::Train, config.part),
        n_neurons: set.n_neurons_of(config.part),
        code: PairScores::new(&own, &resampling)?,
        predictors,
        calibration: Calibration::new(&probability, pairs.labels()),
        rate,
        strengths: strengths::strengths(vae, (&training, &examples), &codes, &resampling)?,
        nearest_training: nearest::nearest(vae, (&training, &examples), &codes, seed)?,
    })
}
