//! How much damage a reading stands: scores against the strength of a corruption.

mod corruption;
mod subject;

pub use corruption::{Corruption, corrupted};
pub use subject::{Recipe, StressSubject};

use ndarray::Axis;
use neuroloom_analysis::manifold::quality::{distance_spearman, shuffled_within_columns};
use neuroloom_core::{Event, Listener, Seed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::extract::{ExtractConfig, NeuronTruth, Reading, Weights, agreements, main_score};
use crate::Error;

/// Which damage is tried, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct StressConfig {
    /// Kinds of damage.
    pub corruptions: Vec<Corruption>,
    /// Independent draws at each strength.
    pub draws: usize,
}

/// A score against the strength of one damage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StressCurve {
    /// The damage.
    pub corruption: Corruption,
    /// What the score is: against the truth where one is known, else against the reading of the whole weights.
    pub score: String,
    /// One entry a strength.
    pub points: Vec<StressPoint>,
    /// Mean score of weights shuffled within columns.
    pub null: f64,
}

/// Scores at one strength.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StressPoint {
    /// The strength.
    pub level: f64,
    /// Mean over draws; `None` if no draw could be read.
    pub mean: Option<f64>,
    /// Smallest and largest.
    pub range: Option<(f64, f64)>,
    /// Draws that could be read.
    pub n_read: usize,
}

impl Default for StressConfig {
    /// Every damage that given weights can suffer.
    fn default() -> Self {
        let of_weights = |one: &Corruption| *one != Corruption::InputNoise;
        Self { corruptions: Corruption::ALL.into_iter().filter(of_weights).collect(), draws: 10 }
    }
}

/// Neurons whose latent is known, or all.
struct Measure<'a> {
    config: &'a ExtractConfig,
    group: Option<usize>,
    score: &'static str,
    /// Distances of the whole weights by neuron, where nothing is known of the truth.
    whole: Option<Whole>,
}

struct Whole {
    members: Vec<usize>,
    geodesics: neuroloom_analysis::manifold::Geodesics,
}

/// Whether a damage leaves neurons their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Kept,
    Changed,
}

/// Reads damaged weights at every strength of every kind of damage.
///
/// Scores belong to the largest piece of each reading: `ring_resultant`, `procrustes_r2` or `geodesic_spearman` by the
/// true space; without a truth `geodesic_agreement`, the rank correlation of distances with those of the whole weights.
///
/// # Errors
/// [`Error::Recording`] if not even the whole weights can be read, [`Error::Config`] for noise on inputs that are not
/// known, [`Error::Interrupted`] if the listener asks to stop.
pub fn stress(
    subject: StressSubject<'_>,
    (config, extract): (&StressConfig, &ExtractConfig),
    seed: Seed,
    events: &dyn Listener,
) -> Result<Vec<StressCurve>, Error> {
    if config.draws == 0 {
        return Err(Error::Config { key: "draws", given: "0".to_owned(), allowed: "1 or more".to_owned() });
    }
    if config.corruptions.contains(&Corruption::InputNoise) {
        subject.need_recipe()?;
    }
    let measure = Measure::of((subject.weights, subject.truth), extract, seed)?;
    let total = config.corruptions.iter().map(|one| one.levels().len()).sum::<usize>();
    events.emit(Event::Started { stage: "stress", total: Some(total as u64) });
    let null = measure.null((subject.weights, subject.truth), seed.split("null"))?;
    let (mut curves, mut done) = (Vec::new(), 0);
    for &corruption in &config.corruptions {
        let mut points = Vec::new();
        for (place, &level) in corruption.levels().iter().enumerate() {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "stress" });
            }
            let seed = seed.split(corruption.level_name()).nth(place as u64);
            // No damage is the same each time.
            let n_draws = if level == 0.0 { 1 } else { config.draws };
            let found = (0..n_draws).into_par_iter().map(|draw| {
                let seed = seed.nth(draw as u64);
                let (damaged, left) = subject.damaged((corruption, level), seed, events)?;
                Ok(measure.read((&damaged, left.as_ref()), Numbering::after(corruption), seed))
            });
            let found: Vec<Option<f64>> = found.collect::<Result<_, Error>>()?;
            points.push(StressPoint::of(level, &found.into_iter().flatten().collect::<Vec<f64>>()));
            done += 1;
            events.emit(Event::Step { done, loss: None });
        }
        curves.push(StressCurve { corruption, score: measure.score.to_owned(), points, null });
    }
    events.emit(Event::Finished);
    Ok(curves)
}

impl<'a> Measure<'a> {
    fn of(
        (weights, truth): (&Weights, Option<&NeuronTruth>),
        config: &'a ExtractConfig,
        seed: Seed,
    ) -> Result<Self, Error> {
        let points = weights.points(config, seed)?;
        let reading = Reading::of(points.view(), config, seed)?;
        let largest = &reading.manifolds[0];
        if let Some(truth) = truth {
            truth.check(points.nrows())?;
            if let Some((group, _)) = truth.majority(&largest.members) {
                let score = main_score(&truth.groups[group].axes);
                return Ok(Self { config, group: Some(group), score, whole: None });
            }
        }
        let whole = Whole { members: largest.members.clone(), geodesics: largest.geodesics.clone() };
        Ok(Self { config, group: None, score: "geodesic_agreement", whole: Some(whole) })
    }

    /// The score of one reading; `None` where nothing could be read.
    fn read(
        &self,
        (weights, truth): (&Weights, Option<&NeuronTruth>),
        numbering: Numbering,
        seed: Seed,
    ) -> Option<f64> {
        let points = weights.points(self.config, seed).ok()?;
        self.score_of(points, truth, numbering, seed)
    }

    fn score_of(
        &self,
        points: ndarray::Array2<f64>,
        truth: Option<&NeuronTruth>,
        numbering: Numbering,
        seed: Seed,
    ) -> Option<f64> {
        let reading = Reading::of(points.view(), self.config, seed).ok()?;
        let largest = reading.manifolds.first()?;
        if let Some(whole) = &self.whole {
            // Without a truth neurons are known by their number alone.
            if numbering == Numbering::Changed {
                return None;
            }
            let in_whole = |one: &usize| whole.members.contains(one);
            let shared: Vec<usize> = largest.members.iter().copied().filter(in_whole).collect();
            let among = |members: &[usize], of: &neuroloom_analysis::manifold::Geodesics| {
                let places: Vec<usize> =
                    shared.iter().filter_map(|one| members.iter().position(|member| member == one)).collect();
                of.among(&places)
            };
            let (new, old) =
                (among(&largest.members, &largest.geodesics), among(&whole.members, &whole.geodesics));
            return distance_spearman(&new, &old).ok();
        }
        let named = agreements(points.view(), largest, truth, self.group);
        named.into_iter().find(|(name, _)| *name == self.score).map(|(_, value)| value)
    }

    fn null(&self, (weights, truth): (&Weights, Option<&NeuronTruth>), seed: Seed) -> Result<f64, Error> {
        let points = weights.points(self.config, seed)?;
        let scores: Vec<f64> = (0..self.config.shuffles)
            .into_par_iter()
            .filter_map(|index| {
                let seed = seed.nth(index as u64);
                self.score_of(shuffled_within_columns(points.view(), seed), truth, Numbering::Kept, seed)
            })
            .collect();
        Ok(scores.iter().sum::<f64>() / scores.len() as f64)
    }
}

impl Numbering {
    fn after(corruption: Corruption) -> Self {
        if corruption == Corruption::Neurons { Self::Changed } else { Self::Kept }
    }
}

impl StressPoint {
    fn of(level: f64, values: &[f64]) -> Self {
        let some = !values.is_empty();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            level,
            mean: some.then(|| values.iter().sum::<f64>() / values.len() as f64),
            range: some.then_some((least, most)),
            n_read: values.len(),
        }
    }
}

/// Of a subject whose points are a choice of neurons: the weights of these alone, features kept.
pub fn chosen_weights(weights: &Weights, rows: &[usize]) -> Weights {
    Weights {
        outgoing: weights.outgoing.as_ref().map(|matrix| matrix.select(Axis(1), rows)),
        incoming: weights.incoming.as_ref().map(|matrix| matrix.select(Axis(0), rows)),
    }
}
