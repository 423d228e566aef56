//! Tables of a reading and of a network.

use neuroloom_models::weight_manifold::{Criterion, Score};
use neuroloom_report::{Cell, Table};

use super::readable;
use crate::experiment::weights::reading::PieceExtraction;
use crate::experiment::weights::study::verdict_name;
use crate::experiment::weights::training::NetworkRecord;

pub(super) fn structures(pieces: &[PieceExtraction]) -> Table {
    let heads = [
        "piece",
        "neurons",
        "topology",
        "confidence",
        "dimension (graph)",
        "(2 neighbours)",
        "(likelihood)",
        "shuffled",
        "longest loops",
        "shuffled",
        "longest cavities",
        "shuffled",
    ];
    let number =
        |value: Option<f64>| value.filter(|value| value.is_finite()).map_or(Cell::Absent, Cell::Number);
    let list = |values: &[f64]| {
        Cell::Text(
            values
                .iter()
                .filter(|value| **value > 0.0)
                .map(|value| format!("{value:.1}"))
                .collect::<Vec<_>>()
                .join(", "),
        )
    };
    let row = |(place, piece): (usize, &PieceExtraction)| {
        let mut cells = vec![Cell::Text(format!("{}", place + 1)), Cell::Number(piece.n_members as f64)];
        match &piece.topology {
            Some(one) => cells.extend([
                Cell::Text(verdict_name(one)),
                Cell::Number(one.confidence),
                number(one.dimension.correlation),
                number(one.dimension.two_nearest_neighbours),
                number(one.dimension.maximum_likelihood),
                number(Some(one.dimension_null)),
                list(&one.loops),
                number(Some(one.loops_null)),
                list(&one.cavities),
                number(Some(one.cavities_null)),
            ]),
            None => cells.extend(std::iter::repeat_n(Cell::Absent, heads.len() - 2)),
        }
        cells
    };
    Table {
        caption: "Dimension by three estimators, and lifetimes of loops (H1) and cavities (H2) in median edges of the graph. \
                  `shuffled`: the same of weights shuffled within columns; for loops and cavities the longest of any shuffle."
            .to_owned(),
        columns: heads.iter().map(|&head| head.to_owned()).collect(),
        rows: pieces.iter().enumerate().map(row).collect(),
        emphasised_row: None,
    }
}

pub(super) fn scores(pieces: &[PieceExtraction]) -> Table {
    let row = |place: usize, piece: &PieceExtraction, score: &Score| {
        let of = piece.scores.group.clone().unwrap_or_default();
        vec![
            Cell::Text(format!("{}", place + 1)),
            Cell::Text(readable(&score.name)),
            Cell::Text(of),
            Cell::Number(score.value),
            Cell::Number(score.null_mean),
            Cell::Number(score.null_most),
        ]
    };
    let rows = pieces.iter().enumerate().flat_map(|(place, piece)| {
        let all = piece.scores.agreement.iter().chain(&piece.scores.quality);
        all.map(move |score| row(place, piece, score))
    });
    Table {
        caption: "Scores beside those of weights shuffled within columns (mean and largest over shuffles). Those with a group \
                  are against its true latents; trustworthiness, continuity and neighbour overlap compare the embedding with \
                  the points and need no truth."
            .to_owned(),
        columns: ["piece", "score", "group", "value", "shuffled, mean", "shuffled, most"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        emphasised_row: None,
    }
}

pub(super) fn network_table(record: &NetworkRecord) -> Table {
    let (training, network) = (&record.training, &record.network);
    let (silencing, decay) = (network.silencing_price, training.balance_decay);
    let row = |name: &str, value: Option<f64>, beside: Option<f64>| {
        let cell = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
        vec![Cell::Text(name.to_owned()), cell(value), cell(beside)]
    };
    Table {
        caption: format!(
            "The network: {:?}, {} steps, {}.",
            training.solver,
            training.steps,
            ended(training.converged, training.criterion)
        ),
        columns: ["number", "value", "compare with"].map(str::to_owned).to_vec(),
        rows: vec![
            row(
                "reconstruction R² (best linear network)",
                Some(network.reconstruction_r2),
                Some(network.best_linear_r2),
            ),
            row("asymmetry |A - B'| / |A| (0 with equal L2)", network.asymmetry, Some(0.0)),
            row("balance error", network.balance_error, Some(1e-3)),
            row("stationarity (0 at every minimum)", training.stationarity, Some(5e-3)),
            row("loss over that of no network", network.loss_share, Some(1.0)),
            row(
                "price paid (from where nothing pays)",
                silencing.map(|one| one.paid),
                silencing.map(|one| one.none_pays_from),
            ),
            row(
                "fading of the imbalance, per unit of time (2 lam)",
                decay.map(|one| one.rate),
                decay.map(|one| one.law),
            ),
            row("relative error of A'A against the theorem", network.gram_error, Some(0.0)),
            row("|A|² (theorem)", Some(network.input_norm.0), network.input_norm.1),
            row("modes kept by the theorem", network.rank.map(|rank| rank as f64), None),
            row("share of weights that are zero", Some(network.zero_share), None),
        ],
        emphasised_row: None,
    }
}

/// How a training ended, in words.
fn ended(converged: bool, criterion: Criterion) -> &'static str {
    match (criterion, converged) {
        (Criterion::ClosedForm, _) => "in closed form",
        (Criterion::Steps, _) => "as many as were asked for",
        (Criterion::Balance, true) => "done: the balance error is small",
        (Criterion::Balance, false) => "not done: the balance error is not small yet",
        (Criterion::Gradient, true) => "done: gradient and balance error are small",
        (Criterion::Gradient, false) => "not done: gradient or balance error are not small yet",
        (Criterion::Stationarity, true) => "done: nothing pulls the weights any more",
        (Criterion::Stationarity, false) => "not done: something still pulls the weights",
    }
}
