//! The page of a trained and scored code.

use neuroloom_core::{Circuit, CircuitPart};
use neuroloom_models::circuit_vae::{TrainingHistory, TrainingPoint};
use neuroloom_report::{Card, CircuitCode, CodeTraining, Header, Reference, ReportData};

use super::{generated, reconstructed};
use crate::Error;
use crate::experiment::Artefact;
use crate::experiment::circuit_vae::{CodeEvaluationResult, TrainedCode};
use crate::experiment::circuits::{SetComparison, page::set_report};

/// What the report shows once the code is scored.
///
/// # Errors
/// [`Error::Artefact`] if the history of the training is damaged.
pub(in crate::experiment::circuit_vae) fn evaluated(
    code: &TrainedCode,
    circuits: (&[Circuit], &[Circuit]),
    compared: &SetComparison,
    result: &CodeEvaluationResult,
) -> Result<ReportData, Error> {
    let history: TrainingHistory = code.run.read_json(Artefact::Epochs)?;
    Ok(ReportData {
        header: header(code, result),
        circuit_code: Some(CircuitCode {
            training: Some(training(code, &history)),
            reconstruction: reconstructed::reconstruction(result),
            capacity: reconstructed::capacity(result),
            generated: Some(generated::generated(circuits, compared)),
            ..CircuitCode::default()
        }),
        set_comparison: Some(set_report(compared)),
        limits: limits(),
        ..ReportData::default()
    })
}

fn header(code: &TrainedCode, result: &CodeEvaluationResult) -> Header {
    let of = |part| code.set.of_part(part).count();
    let generation = &result.generation;
    let beside = |values: &[f64]| -> Vec<Reference> {
        let others = generation.sets.iter().zip(values).skip(1);
        others.map(|(label, &value)| Reference { label: label.clone(), value }).collect()
    };
    let card = |label: &str, note: &str, values: &[f64]| Card {
        label: label.to_owned(),
        value: values.first().copied().unwrap_or(f64::NAN),
        note: note.to_owned(),
        beside: beside(values),
        ..Card::default()
    };
    let cards = reconstruction_cards(result);
    let n_better = generation.closer_than_fitted.len();
    let n_all = n_better + generation.not_closer_than_fitted.len();
    Header {
        title: "Code of circuits".to_owned(),
        summary: format!(
            "{} latent numbers, trained on {} circuits, judged on {} others. Generated circuits are closer to the data \
             than the fitted baseline by {n_better} of {n_all} distances.",
            code.model.config().latent,
            of(CircuitPart::Train),
            generation.n_reference
        ),
        command: String::new(),
        cards: cards
            .into_iter()
            .chain([
                card("PGD of generated circuits", "0 alike, 1 told apart", &generation.pgd),
                card("PGD, directed", "with directed descriptors", &generation.pgd_directed),
                card("reciprocity, over that of the data", "1 is perfect", &generation.reciprocity_ratio),
            ])
            .collect(),
    }
}

/// AUROC and rate of unseen circuits.
fn reconstruction_cards(result: &CodeEvaluationResult) -> Vec<Card> {
    let Some(found) = &result.reconstruction else { return Vec::new() };
    let beside = |name: &str, label: &str| {
        let value = found.predictor(name).map(|one| one.scores.auroc.value)?;
        Some(Reference { label: label.to_owned(), value })
    };
    let chance = Reference { label: "chance".to_owned(), value: 0.5 };
    vec![
        Card {
            label: "AUROC of unseen circuits".to_owned(),
            value: found.code.auroc.value,
            note: "encoded and decoded again".to_owned(),
            beside: [beside("without-code", "without code"), beside("boosted-trees", "boosted trees")]
                .into_iter()
                .flatten()
                .chain([chance])
                .collect(),
            ..Card::default()
        },
        Card {
            label: "rate of the code".to_owned(),
            value: found.rate.kl,
            unit: "nats".to_owned(),
            note: if found.rate.collapsed { "a circuit: collapsed" } else { "a circuit" }.to_owned(),
            beside: vec![Reference {
                label: "net bits an edge".to_owned(),
                value: found.rate.bits_per_edge_net,
            }],
        },
    ]
}

fn training(code: &TrainedCode, history: &TrainingHistory) -> CodeTraining {
    let stopped = format!(
        "Training stopped after {} of {} epochs because the validation bound no longer fell.",
        history.points.len(),
        code.config.model.training.epochs
    );
    history_of(history, history.stopped_early.then_some(stopped).into_iter().collect())
}

/// The losses of a training as the report draws them.
pub(super) fn history_of(history: &TrainingHistory, notes: Vec<String>) -> CodeTraining {
    let of = |read: fn(&TrainingPoint) -> f64| history.points.iter().map(read).collect();
    CodeTraining {
        unit: "epoch".to_owned(),
        at: of(|point| point.epoch as f64),
        training: of(|point| point.loss),
        validation: of(|point| point.validation.unwrap_or(f64::NAN)),
        rate_nats: of(|point| point.validation_kl.unwrap_or(point.kl)),
        kept: (history.best_epoch > 0).then_some(history.best_epoch as f64),
        notes,
    }
}

fn limits() -> Vec<String> {
    vec![
        "A code is worth only what circuits differ by beyond their conditions (types and positions). Where circuits of a \
         set are alike beyond these, the rate is near 0 and there is nothing to explore."
            .to_owned(),
        "Circuits cut from one tissue overlap, so that they are fewer independent samples than their number says."
            .to_owned(),
        "The fitted baseline sees the training circuits alone. The null models below it see the very circuit that they \
         imitate and keep some of its numbers: what they keep says nothing about how good they are."
            .to_owned(),
    ]
}
