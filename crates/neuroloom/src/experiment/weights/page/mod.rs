//! Reports of readings, studies and stress tests, as plain numbers.

mod rows;
mod stress;
mod study;

pub(super) use stress::of_stress;
pub(super) use study::of_study;

use neuroloom_models::weight_manifold::{Manifold, NeuronTruth, explore};
use neuroloom_report::{Card, Descent, Header, ManifoldPiece, Reference, ReportData, Shades, WeightManifold};
use neuroloom_sim::LatentAxis;

use crate::experiment::weights::reading::{PieceExtraction, Read};
use crate::experiment::weights::study::verdict_name;
use crate::experiment::weights::subject::Subject;
use crate::experiment::weights::training::NetworkRecord;

/// Pieces that get figures of their own; the others are rows of the table.
const MOST_PIECES: usize = 4;

/// The report of one reading.
pub(in crate::experiment::weights) fn of_reading(subject: &Subject, read: &Read) -> ReportData {
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
            tables: vec![rows::structures(&extraction.pieces), rows::scores(&extraction.pieces)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
    }
}

/// The report of one run: the reading and the network behind it.
pub(in crate::experiment::weights) fn of_run(
    subject: &Subject,
    read: &Read,
    record: &NetworkRecord,
) -> ReportData {
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
        manifold.tables.push(rows::network_table(record));
    }
    data
}

/// The report of a run whose weights are all zero.
pub(in crate::experiment::weights) fn of_no_network(subject: &Subject, record: &NetworkRecord) -> ReportData {
    let known = record.network.silencing_price.map_or_else(String::new, |price| {
        format!(
            " Some network is better than none below a price of {:.3e}, none is from {:.3e} on; paid were {:.3e}.",
            price.some_pay_below, price.none_pays_from, price.paid
        )
    });
    ReportData {
        header: Header {
            title: format!("No network: {}", subject.name),
            summary: format!("Every weight is zero: none was worth its price.{known}"),
            cards: vec![Card {
                label: "Share of weights that are zero".to_owned(),
                value: record.network.zero_share,
                note: "no network".to_owned(),
                ..Card::default()
            }],
            ..Header::default()
        },
        weight_manifold: Some(WeightManifold {
            lead: "Without weights there is nothing to read.".to_owned(),
            tables: vec![rows::network_table(record)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
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
    let views = explore((read.chosen.points.view(), manifold), extraction.topology.as_ref(), truth);
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
        distances: views.distances,
        gram: views.gram,
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
            ("true position, its first axis (grey: unknown)", Shades::Sequential)
        };
        let values: Vec<f64> = values.collect();
        // Positions have any unit, colours run from 0 to 1.
        let values = if circle { values } else { within_one(&values) };
        return (values, name.to_owned(), shades);
    }
    if extraction.topology.as_ref().is_some_and(|topology| topology.is_ring == 1) {
        return (manifold.angle_turns(), "angle that was read".to_owned(), Shades::Cyclic);
    }
    (manifold.positions(), "coordinate 1".to_owned(), Shades::Sequential)
}

/// Values from 0 to 1 by the least and the largest; NaN stays.
fn within_one(values: &[f64]) -> Vec<f64> {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let width = if most > least { most - least } else { 1.0 };
    values.iter().map(|value| (value - least) / width).collect()
}

fn longest(bars: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut bars = bars.to_vec();
    bars.sort_by(|one, other| (other.1 - other.0).total_cmp(&(one.1 - one.0)));
    // An infinite death is the one piece that never ends; the figure draws it to its edge, JSON has no infinity.
    bars.iter().filter(|bar| bar.1.is_finite()).take(40).copied().collect()
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

fn readable(name: &str) -> String {
    name.replace('_', " ")
}

fn reference(label: &str, value: f64) -> Reference {
    Reference { label: label.to_owned(), value }
}

#[cfg(test)]
mod tests {
    use super::within_one;

    #[test]
    fn colours_span_positions_of_any_unit() {
        let found = within_one(&[2e5, f64::NAN, 4e5, 3e5]);
        assert_eq!((found[0], found[2], found[3]), (0.0, 1.0, 0.5));
        assert!(found[1].is_nan());
        assert_eq!(within_one(&[7.0, 7.0]), [0.0, 0.0]);
    }
}
