//! How the training of a code went.

use crate::data::{CodeTraining, Relation};
use crate::figure::axis::Axis;
use crate::figure::relation::{RelationPlot, relations};
use crate::figure::{Figure, Panel, Span};
use crate::section::{Block, Section};
use crate::{Error, check};

/// Loss of training and validation circuits, and the rate.
pub(super) fn section(given: &CodeTraining) -> Result<Section, Error> {
    let allowed = (given.at.len(), "circuit_code.training.at");
    check::length("circuit_code.training.training", given.training.len(), allowed)?;
    check::length("circuit_code.training.validation", given.validation.len(), allowed)?;
    check::length("circuit_code.training.rate_nats", given.rate_nats.len(), allowed)?;
    let mut blocks = Vec::new();
    if !given.at.is_empty() {
        let kept = given
            .kept
            .map(|kept| format!(" The model of {} {kept} was kept.", given.unit))
            .unwrap_or_default();
        blocks.push(Block::Figure(Figure {
            stem: "code_training",
            title: "Loss and rate over the training".to_owned(),
            caption: format!(
                "Left: negative evidence bound a pair; validation circuits above training circuits and rising say that \
                 circuits are learned by heart. Right: how much the code says about a circuit. A rate near 0 means \
                 that the decoder uses the conditions alone and the code is empty.{kept}"
            ),
            panels: vec![loss(given), rate(given)],
        }));
    }
    blocks.extend(given.notes.iter().map(|note| Block::Paragraph(note.clone())));
    let lead = "The code and the decoder were trained together; this is how it went.".to_owned();
    Ok(Section { id: "code-training", title: "Training of the code", lead, blocks })
}

fn loss(given: &CodeTraining) -> Panel {
    let curve = |name: &str, values: &[f64]| {
        let points = given.at.iter().zip(values).filter(|point| point.1.is_finite());
        let (x, y) = points.map(|(&x, &y)| (x, y)).unzip();
        Relation { name: name.to_owned(), x, y }
    };
    let curves = [curve("training", &given.training), curve("validation", &given.validation)];
    let x = Axis::tight(given.at.iter().copied().chain([0.0]), &given.unit);
    let y = Axis::padded(curves.iter().flat_map(|curve| curve.y.clone()), "nats a pair");
    relations(
        "code_loss",
        RelationPlot { title: "Negative evidence bound", x, y, curves: &curves, span: Span::Half },
    )
}

fn rate(given: &CodeTraining) -> Panel {
    let curves = [Relation { name: "rate".to_owned(), x: given.at.clone(), y: given.rate_nats.clone() }];
    let x = Axis::tight(given.at.iter().copied().chain([0.0]), &given.unit);
    let y = Axis::padded(given.rate_nats.iter().copied().chain([0.0]), "nats a circuit");
    relations(
        "code_rate",
        RelationPlot { title: "Rate of the code", x, y, curves: &curves, span: Span::Half },
    )
}
