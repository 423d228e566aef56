//! The loss curve of a trained model.

use super::{Block, Section};
use crate::data::Training;
use crate::figure::axis::Axis;
use crate::figure::plot::{Layout, Plot};
use crate::figure::{Figure, Panel, Span};
use crate::svg::{Lettering, Stroke};
use crate::{Error, check};

/// Training loss and held-out residual over the steps.
pub(super) fn section(given: &Training) -> Result<Section, Error> {
    let allowed = (given.step.len(), "training.step");
    check::length("training.loss", given.loss.len(), allowed)?;
    check::length("training.held_out", given.held_out.len(), allowed)?;
    let mut blocks = Vec::new();
    if !given.step.is_empty() {
        blocks.push(Block::Figure(Figure {
            stem: "training",
            title: "Loss over the steps of gradient descent".to_owned(),
            caption: "Left: the loss that is minimised, averaged between two points; look for a curve that has \
                      flattened. Right: what is left of dx/dt on frames that were not trained on; 1 is what the mean \
                      reaches. A right curve that rises while the left one falls means that the frames are learned by \
                      heart."
                .to_owned(),
            panels: vec![loss(given), held_out(given)],
        }));
    }
    blocks.extend(given.notes.iter().map(|note| Block::Paragraph(note.clone())));
    let lead = "The model was trained by gradient descent; this is how it went.".to_owned();
    Ok(Section { id: "training", title: "Training", lead, blocks })
}

fn loss(given: &Training) -> Panel {
    let y = Axis::log(given.loss.iter().copied(), "loss");
    let plot = curve(given, &given.loss, y, "Training loss");
    Panel {
        stem: "training_loss".to_owned(),
        description: format!("Training loss at {} points", given.step.len()),
        span: Span::Half,
        svg: plot.svg,
    }
}

fn held_out(given: &Training) -> Panel {
    let y = Axis::log(given.held_out.iter().copied().chain([1.0]), "residual / variance of dx/dt");
    let mut plot = curve(given, &given.held_out, y, "Held-out residual");
    plot.level(1.0, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
    let at = plot.at(plot.x.low, 1.0);
    plot.svg.text((at.0 + 8.0, at.1 + 13.0), &Lettering::new(10.5), "as good as the mean");
    Panel {
        stem: "training_held_out".to_owned(),
        description: format!("Held-out residual at {} points", given.step.len()),
        span: Span::Half,
        svg: plot.svg,
    }
}

fn curve(given: &Training, values: &[f64], y: Axis, title: &str) -> Plot {
    let x = Axis::tight(given.step.iter().copied().chain([0.0]), "step");
    let mut layout = Layout::new((Span::Half.width(), 300.0), x, y);
    layout.title = title.to_owned();
    let mut plot = Plot::new(layout);
    plot.line(&given.step, values, &Stroke::new("var(--c0)", 1.6));
    plot
}
