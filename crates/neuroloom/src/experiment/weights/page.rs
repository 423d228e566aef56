//! Reports of readings and studies, as plain numbers.

use ndarray::Axis;
use neuroloom_models::weight_manifold::{Manifold, NeuronTruth, PointSet, Score, TrueGroup};
use neuroloom_report::{
    Card, CaseScore, Cell, Descent, Header, ManifoldPiece, Reference, ReportData, Shades, Table,
    WeightManifold,
};
use neuroloom_sim::LatentAxis;

use super::config::WeightExperiment;
use super::reading::{PieceExtraction, Read, order};
use super::study::{StudyTable, leading_score, verdict_name};
use super::subject::Subject;
use super::training::NetworkRecord;

/// Pieces that get figures of their own; the others are rows of the table.
const MOST_PIECES: usize = 4;
/// Pairs of neurons whose distances are drawn.
const MOST_PAIRS: usize = 1500;
/// Neurons of an inner-product matrix that is drawn.
const MOST_ROWS: usize = 400;

/// The report of one reading.
pub(super) fn of_reading(subject: &Subject, read: &Read) -> ReportData {
    let extraction = &read.extraction;
    let pieces = read.reading.manifolds.iter().zip(&extraction.pieces).take(MOST_PIECES).enumerate();
    let lead = format!(
        "{} points with {} features each, {} neighbours in the graph, {}. {}",
        extraction.n_points,
        extraction.n_features,
        extraction.n_neighbours,
        pieces_in_words(extraction.pieces.len(), extraction.n_left_out),
        subject.notes.join(" ")
    );
    ReportData {
        header: Header {
            title: format!("What the weights encode: {}", subject.name),
            summary: summary(read),
            command: String::new(),
            cards: cards(&extraction.pieces),
        },
        weight_manifold: Some(WeightManifold {
            lead,
            pieces: pieces.map(|(place, one)| piece(place, one, read)).collect(),
            tables: vec![structures(&extraction.pieces), scores(&extraction.pieces)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
    }
}

/// The report of one run: the reading and the network behind it.
pub(super) fn of_run(subject: &Subject, read: &Read, record: &NetworkRecord) -> ReportData {
    let mut data = of_reading(subject, read);
    let network = &record.network;
    data.header.cards.push(Card {
        label: "Reconstruction, R²".to_owned(),
        value: network.reconstruction_r2,
        note: "held-out inputs".to_owned(),
        beside: vec![reference("best linear", network.best_linear_r2), reference("mean", network.mean_r2)],
        ..Card::default()
    });
    if let Some(error) = network.balance_error {
        let beside = vec![reference("ends below", 1e-3)];
        let note = "0 at every minimum".to_owned();
        data.header.cards.push(Card {
            label: "Balance error".to_owned(),
            value: error,
            note,
            beside,
            ..Card::default()
        });
    }
    if let Some(manifold) = &mut data.weight_manifold {
        let history = &record.training.history;
        manifold.descent = Some(Descent {
            step: history.iter().map(|point| point.step as f64).collect(),
            loss: history.iter().map(|point| point.loss).collect(),
            balance_error: history.iter().map(|point| point.balance_error.unwrap_or(f64::NAN)).collect(),
            tolerance: 1e-3,
        });
        manifold.tables.push(network_table(record));
    }
    data
}

/// The report of a study.
pub(super) fn of_study(config: &WeightExperiment, table: &StudyTable) -> ReportData {
    let leading = leading_score(config);
    let names = [leading, "geodesic_spearman", "euclidean_spearman", "reconstruction_r2"];
    let prefixed = names.iter().map(|name| (*name).to_owned()).chain([format!("incoming.{leading}")]);
    let mut wanted: Vec<String> = Vec::new();
    for name in prefixed {
        if !wanted.contains(&name) && table.cases.iter().any(|case| case.scores.contains_key(&name)) {
            wanted.push(name);
        }
    }
    let of_case = |name: &String| CaseScore {
        name: name.clone(),
        cases: table
            .cases
            .iter()
            .map(|case| {
                let spread = case.scores.get(name);
                (
                    case.name.clone(),
                    spread.map(|one| one.mean),
                    spread.map(|one| one.least),
                    spread.map(|one| one.most),
                )
            })
            .collect(),
        null: null_of(table, name),
    };
    ReportData {
        header: Header {
            title: "Which weights show what they encode?".to_owned(),
            summary: format!("{} cases, {} seeds each.", table.cases.len(), table.repeats),
            ..Header::default()
        },
        weight_manifold: Some(WeightManifold {
            lead: "Each case trains networks on tuned inputs and reads their latent variables from the weights. Scores \
                   without a prefix are of the columns of A (what input neurons send), `incoming` of the rows of B."
                .to_owned(),
            cases: wanted.iter().map(of_case).collect(),
            tables: vec![study_rows(table)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
    }
}

fn null_of(table: &StudyTable, name: &str) -> f64 {
    let nulls = table.cases.iter().filter_map(|case| case.scores.get(&format!("{name}.null")));
    let means: Vec<f64> = nulls.map(|spread| spread.mean).collect();
    means.iter().sum::<f64>() / means.len() as f64
}

fn study_rows(table: &StudyTable) -> Table {
    let mut names: Vec<String> = table.cases.iter().flat_map(|case| case.scores.keys().cloned()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !name.ends_with(".null"));
    let spread = |case: &super::study::CaseRow, name: &String| match case.scores.get(name) {
        Some(one) if (one.most - one.least).abs() < 5e-5 => Cell::Text(format!("{:.4}", one.mean)),
        Some(one) => Cell::Text(format!("{:.3} ({:.3} to {:.3})", one.mean, one.least, one.most)),
        None => Cell::Absent,
    };
    let verdicts = |case: &super::study::CaseRow| {
        let found: Vec<String> = case.verdicts.iter().map(|(name, n)| format!("{name} {n}")).collect();
        Cell::Text(found.join(", "))
    };
    let mut rows: Vec<Vec<Cell>> = names
        .iter()
        .map(|name| {
            std::iter::once(Cell::Text(name.clone()))
                .chain(table.cases.iter().map(|case| spread(case, name)))
                .collect()
        })
        .collect();
    rows.push(
        std::iter::once(Cell::Text("topology".to_owned())).chain(table.cases.iter().map(verdicts)).collect(),
    );
    Table {
        caption: "Mean over seeds with the range; null levels stand in tables/study.csv.".to_owned(),
        columns: std::iter::once("score".to_owned())
            .chain(table.cases.iter().map(|case| case.name.clone()))
            .collect(),
        rows,
        emphasised_row: None,
    }
}

fn summary(read: &Read) -> String {
    let found: Vec<String> = read
        .extraction
        .pieces
        .iter()
        .take(MOST_PIECES)
        .map(|piece| match &piece.topology {
            Some(one) => {
                format!(
                    "{} ({} neurons, confidence {:.2})",
                    verdict_name(one),
                    piece.n_members,
                    one.confidence
                )
            }
            None => format!("{} neurons, too few to judge", piece.n_members),
        })
        .collect();
    format!("Read from the weights alone: {}.", found.join("; "))
}

fn cards(pieces: &[PieceExtraction]) -> Vec<Card> {
    let Some(first) = pieces.first() else { return Vec::new() };
    let mut cards = Vec::new();
    if let Some(topology) = &first.topology {
        cards.push(Card {
            label: format!("Topology: {}", verdict_name(topology)),
            value: topology.confidence,
            note: "confidence: margin of the rule, not a probability".to_owned(),
            beside: vec![
                reference("longest loop", topology.loops.first().copied().unwrap_or(f64::NAN)),
                reference("of shuffled weights", topology.loops_null),
            ],
            ..Card::default()
        });
        cards.push(Card {
            label: "Dimension".to_owned(),
            value: topology.dimension.correlation.unwrap_or(f64::NAN),
            note: "of the distances along the graph".to_owned(),
            beside: vec![reference("of shuffled weights", topology.dimension_null)],
            ..Card::default()
        });
    }
    let several = pieces.len() > 1;
    for (place, piece) in pieces.iter().enumerate().take(MOST_PIECES) {
        let chosen = piece.scores.agreement.first().or(piece.scores.quality.first());
        cards.extend(chosen.map(|score| {
            let of = if several { format!(", piece {}", place + 1) } else { String::new() };
            Card {
                label: format!("{}{of}", readable(&score.name)),
                value: score.value,
                beside: vec![reference("shuffled weights", score.null_mean)],
                note: piece
                    .scores
                    .group
                    .as_ref()
                    .map_or_else(String::new, |group| format!("against the true {group}")),
                ..Card::default()
            }
        }));
    }
    cards
}

fn piece(place: usize, (manifold, extraction): (&Manifold, &PieceExtraction), read: &Read) -> ManifoldPiece {
    let truth = read.chosen.truth.as_ref();
    let (shade, shade_name, shades) = shading(manifold, truth, extraction);
    ManifoldPiece {
        name: format!("piece {}, {} neurons", place + 1, manifold.members.len()),
        coordinates: manifold
            .embedding
            .rows()
            .into_iter()
            .map(|row| row.iter().take(3).copied().collect())
            .collect(),
        shade,
        shade_name,
        shades,
        bars: read.bars[place].iter().map(|bars| longest(bars)).collect(),
        distances: distances(manifold, truth),
        gram: gram(manifold, extraction, read),
    }
}

/// By the true latent where it is known, else by what was read.
fn shading(
    manifold: &Manifold,
    truth: Option<&NeuronTruth>,
    extraction: &PieceExtraction,
) -> (Vec<f64>, String, Shades) {
    let group = truth.and_then(|truth| {
        let name = extraction.scores.group.as_ref()?;
        Some((truth, truth.groups.iter().position(|group| group.name == *name)?))
    });
    if let Some((truth, group)) = group {
        let circle = truth.groups[group].axes.first() == Some(&LatentAxis::Circle);
        let values = manifold.members.iter().map(|&member| {
            let known = truth.neurons[member].as_ref().filter(|known| known.group == group);
            known.and_then(|known| known.latent.first().copied()).unwrap_or(f64::NAN)
        });
        let (name, shades) = if circle {
            ("true angle (grey: unknown)", Shades::Cyclic)
        } else {
            ("true position (grey: unknown)", Shades::Sequential)
        };
        return (values.collect(), name.to_owned(), shades);
    }
    if extraction.topology.as_ref().is_some_and(|topology| topology.is_ring == 1) {
        return (manifold.angle_turns(), "angle that was read".to_owned(), Shades::Cyclic);
    }
    (manifold.positions(), "coordinate 1".to_owned(), Shades::Sequential)
}

fn longest(bars: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut bars = bars.to_vec();
    bars.sort_by(|one, other| (other.1 - other.0).total_cmp(&(one.1 - one.0)));
    // An infinite death is the one piece that never ends; the figure draws it to its edge, JSON has no infinity.
    bars.iter().filter(|bar| bar.1.is_finite()).take(40).copied().collect()
}

fn distances(manifold: &Manifold, truth: Option<&NeuronTruth>) -> Vec<(f64, f64)> {
    let Some(truth) = truth else { return Vec::new() };
    let known = |place: usize| truth.neurons[manifold.members[place]].as_ref();
    let n = manifold.members.len();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let every = pairs.len().div_ceil(MOST_PAIRS).max(1);
    let distance = |&(a, b): &(usize, usize)| {
        let (one, other) = known(a).zip(known(b))?;
        (one.group == other.group).then(|| {
            (
                latent_distance(&truth.groups[one.group], &one.latent, &other.latent),
                manifold.geodesics.distance(a, b),
            )
        })
    };
    pairs.iter().step_by(every).filter_map(distance).collect()
}

fn latent_distance(group: &TrueGroup, one: &[f64], other: &[f64]) -> f64 {
    let axes = group.axes.iter().zip(one.iter().zip(other));
    axes.map(|(axis, (&one, &other))| axis.distance(one, other).powi(2)).sum::<f64>().sqrt()
}

fn gram(manifold: &Manifold, extraction: &PieceExtraction, read: &Read) -> Vec<Vec<f64>> {
    let order = order(manifold, extraction.topology.as_ref());
    let every = order.len().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<usize> = order.iter().step_by(every).map(|&member| manifold.members[member]).collect();
    let points = read.chosen.points.select(Axis(0), &rows);
    let gram = points.dot(&points.t());
    gram.rows().into_iter().map(|row| row.to_vec()).collect()
}

fn structures(pieces: &[PieceExtraction]) -> Table {
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

fn scores(pieces: &[PieceExtraction]) -> Table {
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

fn network_table(record: &NetworkRecord) -> Table {
    let (training, network) = (&record.training, &record.network);
    let row = |name: &str, value: Option<f64>, beside: Option<f64>| {
        let cell = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
        vec![Cell::Text(name.to_owned()), cell(value), cell(beside)]
    };
    Table {
        caption: format!("The network: {:?}, {} steps.", training.solver, training.steps),
        columns: ["number", "value", "compare with"].map(str::to_owned).to_vec(),
        rows: vec![
            row(
                "reconstruction R² (best linear network)",
                Some(network.reconstruction_r2),
                Some(network.best_linear_r2),
            ),
            row("asymmetry |A - B'| / |A| (0 with equal L2)", Some(network.asymmetry), Some(0.0)),
            row("balance error", network.balance_error, Some(1e-3)),
            row("relative error of A'A against the theorem", network.gram_error, Some(0.0)),
            row("|A|² (theorem)", Some(network.input_norm.0), network.input_norm.1),
            row("modes kept by the theorem", network.rank.map(|rank| rank as f64), None),
            row("share of weights that are zero", Some(network.zero_share), None),
        ],
        emphasised_row: None,
    }
}

fn pieces_in_words(n_pieces: usize, n_left_out: usize) -> String {
    let pieces = if n_pieces == 1 {
        "one connected piece".to_owned()
    } else {
        format!("{n_pieces} connected pieces, each embedded by itself")
    };
    match n_left_out {
        0 => pieces,
        n => format!("{pieces}; {n} points in pieces that are too small"),
    }
}

/// What these numbers do not show.
fn limits() -> Vec<String> {
    vec![
        "The shape of the weights is what the circuit can encode, not proof that it does: the same wiring works differently \
         with other cells or other inputs. Where activity is known, compare."
            .to_owned(),
        "The verdict is a stated rule on bars and dimension, its confidence the margin of that rule. Gaps, short cuts and few \
         neurons mislead it; look at the bars and try other numbers of neighbours."
            .to_owned(),
    ]
}

/// The name of a set of points in a sentence.
pub(super) fn points_in_words(points: PointSet) -> &'static str {
    match points {
        PointSet::Outgoing => "what each neuron sends",
        PointSet::Incoming => "what each neuron receives",
        PointSet::Both => "what each neuron sends and receives",
        PointSet::Hidden => "what each hidden unit receives",
    }
}

fn readable(name: &str) -> String {
    name.replace('_', " ")
}

fn reference(label: &str, value: f64) -> Reference {
    Reference { label: label.to_owned(), value }
}
