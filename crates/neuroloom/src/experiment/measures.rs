//! Which numbers of a run stand in the table of published experiments.

use super::ExperimentConfig;
use super::published::{self, PublishedScores};

/// A number of `evaluation.json`, with what was published for it.
pub(crate) struct Measure {
    /// What it is.
    pub(crate) name: String,
    /// Its place, a JSON pointer.
    pub(crate) place: String,
    /// What was published.
    pub(crate) published: Option<f64>,
    /// Name and place of what it must be compared with.
    pub(crate) beside: Option<(&'static str, String)>,
}

impl Measure {
    fn new(name: &str, place: &str) -> Self {
        Self { name: name.to_owned(), place: place.to_owned(), published: None, beside: None }
    }

    fn published(self, published: Option<f64>) -> Self {
        Self { published, ..self }
    }

    fn beside(self, label: &'static str, place: &str) -> Self {
        Self { beside: Some((label, place.to_owned())), ..self }
    }
}

/// What is compared for an experiment; below `formulas` stands what `formulas.json` adds up to.
pub(crate) fn measures(config: &ExperimentConfig) -> Vec<Measure> {
    let known = published::of_experiment(config);
    let mut measures = wiring(&known);
    measures.extend(classes(&known));
    measures.extend(rollouts(&known));
    for (place, one) in config.transplant.iter().enumerate() {
        measures.extend(transplanted(place, one.filling));
    }
    measures.extend(formulas(&known));
    measures
}

fn wiring(known: &PublishedScores) -> Vec<Measure> {
    let correlation = |score: &str| format!("/baselines/connectivity/0/{score}");
    vec![
        Measure::new("W, R2 of the linear fit", "/connectivity/r2_linear_fit")
            .published(known.r2_linear_fit)
            .beside("correlation", &correlation("r2_linear_fit")),
        Measure::new("W, slope", "/connectivity/slope").published(known.slope),
        Measure::new("W, R2 about the identity", "/connectivity/r2_identity"),
        Measure::new("edge presence, AUROC", "/connectivity/auroc")
            .beside("correlation", &correlation("auroc")),
        Measure::new("R2 of W with another W that moves no input by more than 1 %", "/degeneracy/r2_weights"),
    ]
}

fn classes(known: &PublishedScores) -> Vec<Measure> {
    vec![
        Measure::new("types, accuracy", "/types/accuracy")
            .published(known.accuracy)
            .beside("largest type", "/types/chance"),
        Measure::new("types, number found", "/types/n_types").beside("true", "/types/n_true"),
        Measure::new("sender classes, accuracy", "/types/senders/accuracy")
            .beside("largest class", "/types/senders/chance"),
        Measure::new("receiver classes, accuracy", "/types/receivers/accuracy")
            .beside("largest class", "/types/receivers/chance"),
        Measure::new("Omega, R2 of the linear fit", "/modulation/r2_linear_fit")
            .published(known.modulation)
            .beside("Omega = 1", "/modulation/constant_r2_identity"),
        Measure::new("Omega, R2 about each neuron's mean", "/modulation/r2_within_neuron"),
        Measure::new("W of rows with a field, R2 up to a scale each", "/modulation/wiring_r2_within_rows"),
        Measure::new("rows with or without a field, accuracy", "/modulation/detection_accuracy"),
    ]
}

fn rollouts(known: &PublishedScores) -> Vec<Measure> {
    [(400, known.r2_at_400), (800, known.r2_at_800)]
        .into_iter()
        .map(|(frame, published)| {
            Measure::new(&format!("rollout, R2 at {frame}"), &format!("/rollout/r2_at_{frame}"))
                .published(published)
                .beside("persistence", &format!("/rollout/persistence_r2_at_{frame}"))
        })
        .collect()
}

fn transplanted(place: usize, filling: f64) -> Vec<Measure> {
    let published = published::transplant(filling);
    [(400, published.0), (800, published.1)]
        .into_iter()
        .map(|(frame, published)| {
            let name = format!("transplant at {} % density, rollout R2 at {frame}", 100.0 * filling);
            let rollout = format!("/transplants/{place}/rollout");
            Measure::new(&name, &format!("{rollout}/r2_at_{frame}"))
                .published(published)
                .beside("persistence", &format!("{rollout}/persistence_r2_at_{frame}"))
        })
        .collect()
}

fn formulas(known: &PublishedScores) -> Vec<Measure> {
    vec![
        Measure::new("formulas of the true form, share", "/formulas/right_forms")
            .published(known.right_forms),
        Measure::new("formulas, largest coefficient error", "/formulas/largest_coefficient_error")
            .published(known.coefficient_error),
    ]
}
