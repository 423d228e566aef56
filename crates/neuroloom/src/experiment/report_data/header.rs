//! Title, one sentence, key numbers; each number stands beside what it must be compared with.

use neuroloom_models::mechanism::{ConnectivityScores, Evaluation};
use neuroloom_report::{Card, Header, Reference};

use super::super::published::SOURCE;
use super::Parts;

pub(super) fn header(parts: &Parts<'_>) -> Header {
    let recording = &parts.recording;
    let name = recording.path.file_name().unwrap_or_default().to_string_lossy();
    Header {
        title: format!("Mechanism behind {name}"),
        summary: summary(parts),
        command: String::new(),
        cards: [connectivity(parts), modulation(parts), types(parts), rollout(parts), forecast(parts)]
            .concat(),
    }
}

fn summary(parts: &Parts<'_>) -> String {
    let recording = &parts.recording;
    let neurons = recording.n_neurons;
    let frames = recording.n_frames * recording.n_trials;
    let types = parts.evaluation.types.as_ref().map_or(1, |types| types.n_types);
    let grouping = match types {
        1 => "no grouping into types is supported by the data".to_owned(),
        n => format!("they fall into {n} types"),
    };
    let weak = parts.evaluation.solver.as_ref().map_or(0, |solver| solver.n_weak_senders);
    let identifiable = match weak {
        0 => "the recording determines the outgoing weights of every neuron".to_owned(),
        1 => "the outgoing weights of 1 neuron are not determined by the recording".to_owned(),
        n => format!("the outgoing weights of {n} neurons are not determined by the recording"),
    };
    format!("Wiring and functions of {neurons} neurons from {frames} frames: {grouping}; {identifiable}.")
}

fn connectivity(parts: &Parts<'_>) -> Vec<Card> {
    let Some(scores) = &parts.evaluation.connectivity else { return Vec::new() };
    let published = parts.published();
    let mut cards = Vec::new();
    if let Some(r2) = scores.r2_linear_fit {
        let mut beside = vec![];
        beside.extend(baseline(parts.evaluation, "correlation", |method| method.r2_linear_fit));
        beside.extend(published.r2_linear_fit.map(cited));
        cards.push(card("W, R² of the linear fit", r2, "learned against true weights", beside));
    }
    if let Some(slope) = scores.slope {
        let beside = published.slope.map(cited).into_iter().collect();
        cards.push(card("W, slope", slope, "1 is perfect", beside));
    }
    if scores.r2_linear_fit.is_none() {
        cards.extend(edge_card(parts, scores));
    }
    cards
}

fn edge_card(parts: &Parts<'_>, scores: &ConnectivityScores) -> Option<Card> {
    let mut beside = vec![reference("chance", 0.5)];
    beside.extend(baseline(parts.evaluation, "correlation", |method| method.auroc));
    beside.extend(baseline(parts.evaluation, "partial_correlation", |method| method.auroc));
    let note = format!("|W| against the connectome, {} pairs", scores.n_pairs);
    Some(card("Edges, AUROC", scores.auroc?, &note, beside))
}

/// The field, as it is and without what no recording determines: how Omega and W share the scale of a row.
fn modulation(parts: &Parts<'_>) -> Vec<Card> {
    let Some(scores) = &parts.evaluation.modulation else { return Vec::new() };
    let mut beside = vec![reference("Omega = 1", scores.constant_r2_identity)];
    beside.extend(parts.published().modulation.map(cited));
    let note = format!(
        "scales of rows known to {:.1} %; W of these rows up to a scale each {:.5}",
        100.0 * scores.row_scale_error,
        scores.wiring_r2_within_rows
    );
    let within = "each neuron about its own mean, in units of it";
    vec![
        card("Ω, R² of the linear fit", scores.r2_linear_fit, &note, beside),
        card("Ω, R² within neurons", scores.r2_within_neuron, within, Vec::new()),
    ]
}

fn types(parts: &Parts<'_>) -> Vec<Card> {
    let Some(types) = &parts.evaluation.types else { return Vec::new() };
    let beside = types.n_true.map(|n| reference("true", n as f64)).into_iter().collect();
    let mut cards = vec![card("Neuron types", types.n_types as f64, "chosen by silhouette", beside)];
    if let Some(accuracy) = types.accuracy {
        let mut beside: Vec<Reference> =
            types.chance.map(|chance| reference("chance", chance)).into_iter().collect();
        beside.extend(parts.published().accuracy.map(cited));
        cards.push(card("Types, accuracy", accuracy, "after the best matching of labels", beside));
    }
    cards
}

fn rollout(parts: &Parts<'_>) -> Vec<Card> {
    let Some(scores) = &parts.evaluation.rollout else { return Vec::new() };
    let published = parts.published();
    let mut first = vec![reference("persistence", scores.persistence_r2_at_400)];
    first.extend(published.r2_at_400.map(cited));
    let mut second = vec![reference("persistence", scores.persistence_r2_at_800)];
    second.extend(published.r2_at_800.map(cited));
    vec![
        card("Rollout, R² at 400 frames", scores.r2_at_400, "from an unseen start, noise off", first),
        card("Rollout, R² at 800 frames", scores.r2_at_800, "from an unseen start, noise off", second),
    ]
}

fn forecast(parts: &Parts<'_>) -> Vec<Card> {
    let Some(scores) = &parts.evaluation.forecast else { return Vec::new() };
    let Some(horizon) = scores.horizons.first() else { return Vec::new() };
    let beside =
        vec![reference("persistence", horizon.persistence), reference("ridge VAR(1)", horizon.ridge_var1)];
    vec![card("Forecast, R² one step ahead", horizon.model, "held-out last quarter", beside)]
}

fn baseline(
    evaluation: &Evaluation,
    method: &str,
    score: impl Fn(&neuroloom_models::mechanism::WiringBaseline) -> Option<f64>,
) -> Option<Reference> {
    let found = evaluation.baselines.as_ref()?.connectivity.iter().find(|one| one.method == method)?;
    score(found).map(|value| reference(&method.replace('_', " "), value))
}

fn card(label: &str, value: f64, note: &str, beside: Vec<Reference>) -> Card {
    Card { label: label.to_owned(), value, unit: String::new(), note: note.to_owned(), beside }
}

fn reference(label: &str, value: f64) -> Reference {
    Reference { label: label.to_owned(), value }
}

fn cited(value: f64) -> Reference {
    reference(&format!("published ({SOURCE})"), value)
}
