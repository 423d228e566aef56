//! The learned wiring.

use super::{Block, Section, TableView, heads};
use crate::data::{Cell, Connectivity, Density, Histogram, Tone};
use crate::figure::heatmap::{self, MatrixFrame};
use crate::figure::{Figure, Panel, Span, density, histogram, missing_note, spectrum};
use crate::number::with_unit;
use crate::{Error, check};

/// Weights against the truth, matrices, and how well the recording determines them.
pub(super) fn section(connectivity: &Connectivity) -> Result<Section, Error> {
    check_shapes(connectivity)?;
    let figures = [weights(connectivity)?, matrices(connectivity)?, identifiability(connectivity)];
    let mut blocks: Vec<Block> = figures.into_iter().flatten().map(Block::Figure).collect();
    if !connectivity.weak_senders.is_empty() {
        blocks.push(Block::Table(weak_senders(connectivity)));
    }
    let lead = "W[post, pre]: the row receives, the column sends. The gauge of the weights is fixed by \
                max |ψ| = 1 on the recorded range; the diagonal belongs to φ and is zero.";
    Ok(Section { id: "connectivity", title: "Connectivity", lead: lead.to_owned(), blocks })
}

/// A density has the shape that its edges say.
pub(super) fn check_density(place: &str, density: &Density) -> Result<(), Error> {
    check::even_rows(&format!("{place}.counts"), &density.counts)?;
    if density.counts.is_empty() {
        return Ok(());
    }
    check::edges(&format!("{place}.x_edges"), &density.x_edges, density.counts.first().map_or(0, Vec::len))?;
    check::edges(&format!("{place}.y_edges"), &density.y_edges, density.counts.len())
}

/// A histogram has the shape that its edges say.
pub(super) fn check_histogram(place: &str, histogram: &Histogram) -> Result<(), Error> {
    histogram.series.iter().enumerate().try_for_each(|(rank, series)| {
        check::edges(&format!("{place}.edges (series {rank})"), &histogram.edges, series.values.len())
    })
}

fn check_shapes(connectivity: &Connectivity) -> Result<(), Error> {
    if let Some(density) = &connectivity.density {
        check_density("connectivity.density", density)?;
    }
    if let Some(weights) = &connectivity.weights {
        check_histogram("connectivity.weights", weights)?;
    }
    for (rank, matrix) in connectivity.matrices.iter().enumerate() {
        check::even_rows(&format!("connectivity.matrices[{rank}].values"), &matrix.values)?;
    }
    let n_values = (connectivity.singular_values.len(), "connectivity.singular_values");
    check::length_or_none("connectivity.singular_ranks", connectivity.singular_ranks.len(), n_values)
}

fn weights(connectivity: &Connectivity) -> Result<Option<Figure>, Error> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut caption = String::new();
    if let Some(density) = &connectivity.density {
        let (x_name, y_name) =
            (with_unit("true weight", &connectivity.unit), with_unit("learned weight", &connectivity.unit));
        panels.push(density::scatter(
            "weights_against_truth",
            ("Learned against true", &x_name, &y_name),
            density,
        )?);
        caption.push_str(
            "Every ordered pair of neurons is counted once; a perfect fit lies on the dashed identity. ",
        );
        if density.slope.is_some() {
            caption.push_str("The orange line is the least-squares fit. ");
        }
    }
    if let Some(histogram) = &connectivity.weights {
        let x_name = with_unit("weight", &connectivity.unit);
        panels.push(histogram::steps("weight_histogram", "Distribution of weights", &x_name, histogram));
        caption.push_str("Counts are logarithmic: look at the tails, where the strong connections are.");
    }
    Ok((!panels.is_empty()).then(|| Figure { stem: "weights", title: "Weights".to_owned(), caption, panels }))
}

fn matrices(connectivity: &Connectivity) -> Result<Option<Figure>, Error> {
    if connectivity.matrices.is_empty() {
        return Ok(None);
    }
    let frame = MatrixFrame {
        span: if connectivity.matrices.len() < 3 { Span::Half } else { Span::Third },
        n_neurons: connectivity.n_neurons,
        groups: &connectivity.groups,
        limit: heatmap::signed_limit(&connectivity.matrices),
        unit: &connectivity.unit,
    };
    let drawn = connectivity.matrices.iter().enumerate();
    let panels = drawn.map(|(rank, matrix)| heatmap::matrix(&format!("matrix_{}", rank + 1), &frame, matrix));
    Ok(Some(Figure {
        stem: "matrices",
        title: "Weight matrices".to_owned(),
        caption: matrices_caption(connectivity),
        panels: panels.collect::<Result<_, _>>()?,
    }))
}

fn matrices_caption(connectivity: &Connectivity) -> String {
    let matrices = &connectivity.matrices;
    let mut caption =
        "Signed panels share one colour range, which ends where 1 % of the values lie beyond. Look \
                       for stripes: a column is what one neuron sends."
            .to_owned();
    if matrices.iter().any(|matrix| matrix.tone == Tone::Positive) {
        caption.push_str(" Where standard errors fade into the page, the sender is well determined.");
    }
    if !connectivity.order.is_empty() {
        caption.push_str(&format!(" Neurons are ordered {}.", connectivity.order));
    }
    caption + &missing_note(matrices.iter().flat_map(|matrix| matrix.values.iter().flatten()))
}

fn identifiability(connectivity: &Connectivity) -> Option<Figure> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut caption = String::new();
    let values = &connectivity.singular_values;
    if !values.is_empty() {
        let (ranks, floor) = (singular_ranks(connectivity), connectivity.singular_floor);
        panels.push(spectrum::singular_values("singular_values", &ranks, values, floor));
        caption.push_str(
            "A steep fall means that few directions of activity were visited, and that weights along the others \
             rest on little. ",
        );
    }
    if !connectivity.coverage.is_empty() {
        panels.push(spectrum::coverage("coverage", &connectivity.coverage));
        caption.push_str("Honest intervals lie on the dashed line; below it they promise too much.");
    }
    let title = "What this recording determines".to_owned();
    (!panels.is_empty()).then_some(Figure { stem: "identifiability", title, caption, panels })
}

fn singular_ranks(connectivity: &Connectivity) -> Vec<f64> {
    let given = connectivity.singular_ranks.iter().map(|&rank| rank as f64);
    let counted = (1..=connectivity.singular_values.len()).map(|rank| rank as f64);
    if connectivity.singular_ranks.is_empty() { counted.collect() } else { given.collect() }
}

fn weak_senders(connectivity: &Connectivity) -> TableView {
    let rows = connectivity.weak_senders.iter().map(|sender| {
        vec![
            Cell::Text(sender.name.clone()),
            Cell::Number(sender.signal),
            Cell::Number(sender.standard_error),
        ]
    });
    let error = with_unit("median standard error of its weights", &connectivity.unit);
    let columns = [heads(&["sender", "own part of ψ(x), std"]), vec![error]].concat();
    let caption = "Weak senders: their outgoing weights are hardly determined by this recording.";
    TableView::new(caption, &columns, rows.collect())
}
