//! Does the learned wiring tell edges from their absence? Beside correlation, partial correlation, VAR(1) and
//! chance, on the same pairs.

use std::collections::{BTreeSet, HashMap};

use ndarray::Array2;
use neuroloom_analysis::metrics::classification::Detection;
use neuroloom_analysis::metrics::regression::linear_fit;
use neuroloom_core::{Connectome, NeuronId};

use super::{Baselines, Evaluation, EvaluationInputs, KindScore, Reference, WiringBaseline};
use crate::Error;
use crate::mechanism::Mechanism;
use crate::mechanism::baselines::{frames_in_memory, wiring_guesses};

/// Ordered pairs of neurons with the presence of an edge of each kind.
struct Target {
    /// (post, pre) in the order of the recording.
    pairs: Vec<(usize, usize)>,
    /// Presence of any edge.
    present: Vec<bool>,
    /// Presence by kind.
    kinds: Vec<(String, Vec<bool>)>,
    n_matched: usize,
}

/// Fills in presence scores and all baselines, where there is truth or a connectome.
pub(super) fn score(
    mechanism: &Mechanism,
    inputs: &EvaluationInputs<'_>,
    evaluation: &mut Evaluation,
) -> Result<(), Error> {
    let target = match (inputs.connectome, inputs.truth) {
        (Some(connectome), _) => Some(Target::from_connectome(mechanism, connectome)?),
        (None, Some(truth)) => Some(Target::from_weights(mechanism, &truth.weight_matrix)),
        (None, None) => None,
    };
    let Some(target) = target else { return Ok(()) };
    let reference = inputs.truth.map(|truth| Reference::new(mechanism, truth)).transpose()?;
    let n = mechanism.n_neurons();
    let frames = frames_in_memory(inputs.recording.activity, (4 * n).max(2000))?;
    let mut baselines: Vec<WiringBaseline> = wiring_guesses(&frames)
        .iter()
        .map(|(method, guess)| target.baseline(method, guess, reference.as_ref()))
        .collect();
    baselines.push(target.chance());
    let own = target.baseline("model", &mechanism.weight_matrix, None);
    let connectivity = evaluation.connectivity.get_or_insert_default();
    (connectivity.auroc, connectivity.average_precision) = (own.auroc, own.average_precision);
    connectivity.by_kind = own.by_kind;
    connectivity.prevalence = Some(target.prevalence(&target.present));
    connectivity.n_pairs = target.pairs.len();
    connectivity.n_matched = target.n_matched;
    evaluation.baselines = Some(Baselines { connectivity: baselines });
    Ok(())
}

impl Target {
    /// Pairs of neurons whose ids occur in both. A table that lists pairs with a count of 0 states which pairs
    /// were tested: then only listed pairs are scored.
    fn from_connectome(mechanism: &Mechanism, connectome: &Connectome) -> Result<Self, Error> {
        let index: HashMap<&NeuronId, usize> = connectome.neurons().index();
        let matched: Vec<(usize, usize)> = (0..mechanism.n_neurons())
            .filter(|&one| !mechanism.is_excluded(one))
            .filter_map(|one| Some((one, *index.get(&mechanism.neuron_ids[one])?)))
            .collect();
        if matched.len() < 2 {
            return Err(Error::Recording {
                problem: format!(
                    "{} of {} recorded neurons are in the connectome of {} neurons",
                    matched.len(),
                    mechanism.n_neurons(),
                    connectome.neurons().len()
                ),
                hint: "neurons are matched by id: give the names of the recording with `--names`".to_owned(),
            });
        }
        let edges = connectome.edges();
        let strength = |edge: usize| match (edges.weight.get(edge), edges.syn_count.get(edge)) {
            (Some(&weight), _) | (None, Some(&weight)) => weight,
            (None, None) => 1.0,
        };
        let mut listed: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
        for edge in 0..edges.len() {
            listed.entry((edges.post[edge], edges.pre[edge])).or_default().push(edge);
        }
        let only_listed = (0..edges.len()).any(|edge| strength(edge) == 0.0);
        let names: BTreeSet<&String> = edges.kind.iter().collect();
        let mut kinds: Vec<(String, Vec<bool>)> =
            names.iter().map(|name| ((*name).clone(), Vec::new())).collect();
        let (mut pairs, mut present) = (Vec::new(), Vec::new());
        for &(post, post_there) in &matched {
            for &(pre, pre_there) in &matched {
                let here = listed.get(&(post_there as u32, pre_there as u32));
                if post == pre || (only_listed && here.is_none()) {
                    continue;
                }
                let here = here.map_or(&[][..], |edges| &edges[..]);
                let exists = |edge: &&usize| strength(**edge) != 0.0;
                pairs.push((post, pre));
                present.push(here.iter().any(|edge| exists(&edge)));
                for (name, of_kind) in &mut kinds {
                    of_kind.push(here.iter().filter(exists).any(|&edge| edges.kind[edge] == *name));
                }
            }
        }
        Ok(Self { pairs, present, kinds, n_matched: matched.len() })
    }

    fn from_weights(mechanism: &Mechanism, weights: &Array2<f32>) -> Self {
        let kept: Vec<usize> =
            (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one)).collect();
        let off_diagonal = |&post: &usize| {
            kept.iter().filter(move |&&pre| pre != post).map(move |&pre| (post, pre)).collect::<Vec<_>>()
        };
        let pairs: Vec<(usize, usize)> = kept.iter().flat_map(off_diagonal).collect();
        let present = pairs.iter().map(|&(post, pre)| weights[[post, pre]] != 0.0).collect();
        Self { pairs, present, kinds: Vec::new(), n_matched: kept.len() }
    }

    fn prevalence(&self, present: &[bool]) -> f64 {
        present.iter().filter(|&&one| one).count() as f64 / present.len().max(1) as f64
    }

    /// Scores a guess; presence is not scored where every pair or none has an edge.
    fn baseline(&self, method: &str, guess: &Array2<f64>, reference: Option<&Reference>) -> WiringBaseline {
        let scores: Vec<f64> = self.pairs.iter().map(|&(post, pre)| guess[[post, pre]].abs()).collect();
        let any = Detection::evaluate(&scores, &self.present).ok();
        let by_kind = self.kinds.iter().filter_map(|(kind, present)| {
            let detection = Detection::evaluate(&scores, present).ok()?;
            Some(KindScore {
                kind: kind.clone(),
                auroc: detection.auroc,
                average_precision: detection.average_precision,
                prevalence: detection.chance_average_precision,
            })
        });
        let all: Vec<f64> = guess.iter().copied().collect();
        WiringBaseline {
            method: method.to_owned(),
            r2_linear_fit: reference
                .and_then(|reference| linear_fit(&reference.truth, &all).ok())
                .map(|fit| fit.r2_linear_fit),
            auroc: any.map(|one| one.auroc),
            average_precision: any.map(|one| one.average_precision),
            by_kind: by_kind.collect(),
        }
    }

    fn chance(&self) -> WiringBaseline {
        let scored = |present: &[bool]| present.contains(&true) && present.contains(&false);
        let some = |value: f64| Some(value).filter(|_| scored(&self.present));
        let by_kind =
            self.kinds.iter().filter(|(_, present)| scored(present)).map(|(kind, present)| KindScore {
                kind: kind.clone(),
                auroc: 0.5,
                average_precision: self.prevalence(present),
                prevalence: self.prevalence(present),
            });
        WiringBaseline {
            method: "chance".to_owned(),
            r2_linear_fit: Some(0.0),
            auroc: some(0.5),
            average_precision: some(self.prevalence(&self.present)),
            by_kind: by_kind.collect(),
        }
    }
}
