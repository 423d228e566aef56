//! Manifolds read from weights.

use super::{Block, Section, TableView};
use crate::data::{CaseScore, Descent, ManifoldPiece, WeightManifold};
use crate::figure::axis::Axis;
use crate::figure::damage::damage;
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::plot::{Layout, Plot};
use crate::figure::scatter::marker;
use crate::figure::shaded::{ShadedPoints, barcode, ordered, shaded};
use crate::figure::{Figure, Panel, Span, skipped_note};
use crate::svg::{Lettering, Stroke};
use crate::{Error, check};

/// Bars of each dimension that are drawn.
const MOST_BARS: usize = 12;

/// Pieces, training, damage and cases, whichever there are.
pub(super) fn section(given: &WeightManifold) -> Result<Section, Error> {
    let mut blocks = Vec::new();
    if !given.cases.is_empty() {
        blocks.push(Block::Figure(cases(&given.cases)));
    }
    for (place, piece) in given.pieces.iter().enumerate() {
        blocks.extend(piece_blocks(place, piece)?);
    }
    if !given.damage.is_empty() {
        blocks.push(Block::Figure(curves(given)?));
    }
    if let Some(descent) = given.descent.as_ref().filter(|descent| descent.step.len() > 1) {
        blocks.push(Block::Figure(training(descent)?));
    }
    for (place, table) in given.tables.iter().enumerate() {
        for (row, cells) in table.rows.iter().enumerate() {
            let name = format!("weight_manifold.tables[{place}].rows[{row}]");
            check::length(&name, cells.len(), (table.columns.len(), "columns"))?;
        }
        let view = TableView::new(&table.caption, &table.columns, table.rows.clone());
        blocks.push(Block::Table(view.emphasised(table.emphasised_row)));
    }
    Ok(Section { id: "manifold", title: "What the weights encode", lead: given.lead.clone(), blocks })
}

fn piece_blocks(place: usize, piece: &ManifoldPiece) -> Result<Vec<Block>, Error> {
    let name = |field: &str| format!("weight_manifold.pieces[{place}].{field}");
    check::length(&name("shade"), piece.shade.len(), (piece.coordinates.len(), "coordinates"))?;
    check::even_rows(&name("coordinates"), &piece.coordinates)?;
    check::even_rows(&name("gram"), &piece.gram)?;
    let mut blocks = vec![Block::Figure(embedding(place, piece))];
    let mut panels = Vec::new();
    if piece.bars.iter().any(|bars| !bars.is_empty()) {
        panels.push(barcode(&format!("manifold_{place}_bars"), &piece.bars, MOST_BARS));
    }
    if !piece.distances.is_empty() {
        panels.push(distances(place, piece));
    }
    if !panels.is_empty() {
        blocks.push(Block::Figure(Figure {
            stem: "manifold_shape",
            title: format!("Shape: {}", piece.name),
            caption: format!(
                "Bars: loops (H1) and cavities (H2) of the distances along the neighbourhood graph; a bar much longer than \
                 all others is a feature of the space, short ones are noise. A ring has one long H1 bar, a torus two and \
                 one in H2. Distances, where latents are known: along the graph against true; a line is best, a cloud says \
                 that the graph takes short cuts.{}",
                skipped_note(piece.distances.iter().flat_map(|pair| [&pair.0, &pair.1]))
            ),
            panels,
        }));
    }
    if !piece.gram.is_empty() {
        blocks.push(Block::Figure(gram(place, piece)?));
    }
    Ok(blocks)
}

fn embedding(place: usize, piece: &ManifoldPiece) -> Figure {
    let n_coordinates = piece.coordinates.first().map_or(0, Vec::len);
    let views: &[(usize, usize)] = match n_coordinates {
        0 | 1 => &[(0, 0)],
        2 => &[(0, 1)],
        _ => &[(0, 1), (0, 2)],
    };
    let names = ["coordinate 1", "coordinate 2", "coordinate 3"];
    let panel = |&(x, y): &(usize, usize)| {
        // A single coordinate is drawn against its rank, so that points do not hide each other.
        let at = |point: &Vec<f64>| {
            let first = point.get(x).copied().unwrap_or(f64::NAN);
            (first, if n_coordinates > 1 { point.get(y).copied().unwrap_or(f64::NAN) } else { 0.0 })
        };
        let given = ShadedPoints {
            points: piece.coordinates.iter().map(at).collect(),
            shade: &piece.shade,
            shade_name: &piece.shade_name,
            shades: piece.shades,
            title: format!("{} and {}", names[x], y + 1),
            axis_names: (names[x], names[y]),
            span: Span::Half,
        };
        shaded(&format!("manifold_{place}_{x}{y}"), &given)
    };
    Figure {
        stem: "manifold_embedding",
        title: format!("Embedding: {}", piece.name),
        caption: format!(
            "Each dot is a neuron, placed by its weights alone and coloured by {}. Good: neighbours have like colours and \
             the colours run once along or around the shape. Shuffled weights give a cloud of mixed colours.",
            if piece.shade_name.is_empty() { "nothing" } else { &piece.shade_name }
        ),
        panels: views.iter().map(panel).collect(),
    }
}

/// The two distances have units of their own, so there is no identity line to compare with.
fn distances(place: usize, piece: &ManifoldPiece) -> Panel {
    let x = Axis::padded(piece.distances.iter().map(|pair| pair.0), "latent distance");
    let y = Axis::padded(piece.distances.iter().map(|pair| pair.1), "distance along the graph");
    let mut layout = Layout::new((Span::Half.width(), 340.0), x, y);
    layout.title = "Distances, found against true".to_owned();
    let mut plot = Plot::new(layout);
    for &(x, y) in piece.distances.iter().filter(|pair| pair.0.is_finite() && pair.1.is_finite()) {
        let at = plot.at(x, y);
        marker(0, at, 1.9).draw(&mut plot.svg, 0.5);
    }
    let description = format!("Distances along the graph against true ones: {} pairs", piece.distances.len());
    Panel { stem: format!("manifold_{place}_distances"), description, span: Span::Half, svg: plot.svg }
}

fn gram(place: usize, piece: &ManifoldPiece) -> Result<Figure, Error> {
    Ok(Figure {
        stem: "manifold_gram",
        title: format!("Weight vectors in the order that was read: {}", piece.name),
        caption: "Inner products of the weight vectors of all pairs of neurons. A band along the diagonal that closes in \
                  the corners is a ring, one that does not is a line, blocks of bands are a sheet. In an order that is \
                  wrong it is salt and pepper."
            .to_owned(),
        panels: vec![ordered(&format!("manifold_{place}_gram"), &piece.gram)?],
    })
}

fn curves(given: &WeightManifold) -> Result<Figure, Error> {
    for (place, curve) in given.damage.iter().enumerate() {
        let name = |field: &str| format!("weight_manifold.damage[{place}].{field}");
        let allowed = (curve.level.len(), "levels");
        check::length(&name("mean"), curve.mean.len(), allowed)?;
        check::length(&name("lower"), curve.lower.len(), allowed)?;
        check::length(&name("upper"), curve.upper.len(), allowed)?;
    }
    let panels = given.damage.iter().enumerate();
    Ok(Figure {
        stem: "manifold_damage",
        title: "How much damage does the reading stand?".to_owned(),
        caption: "Left of each panel the weights are whole. 1 is a perfect reading; the dashed line is what shuffled \
                  weights give. The band is the range over independent draws of the damage. A missing point says that the \
                  neighbourhood graph fell into pieces too small to be read."
            .to_owned(),
        panels: panels.map(|(place, curve)| damage(&format!("manifold_damage_{place}"), curve)).collect(),
    })
}

fn training(given: &Descent) -> Result<Figure, Error> {
    let allowed = (given.step.len(), "weight_manifold.descent.step");
    check::length("weight_manifold.descent.loss", given.loss.len(), allowed)?;
    check::length("weight_manifold.descent.balance_error", given.balance_error.len(), allowed)?;
    let loss = descent_panel(given, "loss", &given.loss, "Loss");
    let mut panels = vec![loss];
    if given.balance_error.iter().any(|value| value.is_finite()) {
        panels.push(descent_panel(given, "balance", &given.balance_error, "Balance error"));
    }
    Ok(Figure {
        stem: "manifold_training",
        title: "Training".to_owned(),
        caption: "The loss flattens long before the weights have forgotten their start; the balance error, which is 0 at \
                  every minimum, says when they have. Training ends below the dashed line."
            .to_owned(),
        panels,
    })
}

fn descent_panel(given: &Descent, stem: &str, values: &[f64], title: &str) -> Panel {
    let x = Axis::tight(given.step.iter().copied().chain([0.0]), "step");
    let is_balance = stem == "balance";
    let goal = is_balance.then_some(given.tolerance);
    let y = Axis::log(values.iter().copied().chain(goal), &title.to_lowercase());
    let mut layout = Layout::new((Span::Half.width(), 280.0), x, y);
    layout.title = title.to_owned();
    let mut plot = Plot::new(layout);
    plot.line(&given.step, values, &Stroke::new("var(--c0)", 1.6));
    if let Some(goal) = goal.filter(|goal| goal.is_finite()) {
        plot.level(goal, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
        let at = plot.at(plot.x.low, goal);
        plot.svg.text((at.0 + 8.0, at.1 - 5.0), &Lettering::new(10.5), "ends below");
    }
    let description = format!("{title} at {} points of the training", given.step.len());
    Panel { stem: format!("manifold_{stem}"), description, span: Span::Half, svg: plot.svg }
}

fn cases(given: &[CaseScore]) -> Figure {
    let dot = |(name, mean, lower, upper): &(String, Option<f64>, Option<f64>, Option<f64>)| Dot {
        name: name.clone(),
        value: mean.unwrap_or(f64::NAN),
        interval: lower.zip(*upper),
    };
    let group = |score: &CaseScore| DotGroup {
        heading: score.name.replace('_', " "),
        dots: score.cases.iter().map(dot).collect(),
        level: Some(score.null).filter(|null| null.is_finite()),
    };
    let plot = DotPlot {
        title: String::new(),
        axis_name: "score; bars: range over seeds".to_owned(),
        range: (0.0, 1.0),
        floor: -0.2,
        groups: given.iter().map(group).collect(),
        span: Span::Full,
    };
    let stem = "manifold_cases";
    Figure {
        stem,
        title: "Cases".to_owned(),
        caption: "Mean over seeds with the range. 1 is perfect; the line through a group is what shuffled weights give."
            .to_owned(),
        panels: vec![dots(stem, &plot)],
    }
}
