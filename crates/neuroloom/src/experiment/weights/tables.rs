//! Tables of a reading and of its truth.

use neuroloom_models::weight_manifold::{Manifold, NeuronTruth, StressCurve, reading_order};
use neuroloom_sim::{LatentAxis, LatentInputs};

use super::reading::Read;

/// One row a neuron: its piece, angle, position, place in the order, and coordinates. Neurons that were not embedded
/// have empty cells.
pub(super) fn coordinates(read: &Read) -> String {
    let n_coordinates = read.reading.manifolds.first().map_or(0, |manifold| manifold.embedding.ncols());
    let heads: Vec<String> = (1..=n_coordinates).map(|one| format!("coordinate_{one}")).collect();
    let mut text = format!("neuron,cell_type,piece,order,angle_turn,position,{}\n", heads.join(","));
    let mut rows = vec![String::new(); read.chosen.neurons.len()];
    for (piece, manifold) in read.reading.manifolds.iter().enumerate() {
        let topology = read.extraction.pieces[piece].topology.as_ref();
        piece_rows(&mut rows, piece, manifold, &reading_order(manifold, topology));
    }
    for (row, cells) in rows.iter().enumerate() {
        let empty = ",".repeat(3 + n_coordinates);
        let cells = if cells.is_empty() { &empty } else { cells };
        let cell_type = read.chosen.cell_types.get(row).map_or("", String::as_str);
        text.push_str(&format!("{},{},{cells}\n", quoted(&read.chosen.neurons[row]), quoted(cell_type)));
    }
    text
}

fn piece_rows(rows: &mut [String], piece: usize, manifold: &Manifold, order: &[usize]) {
    let (angles, positions) = (manifold.angle_turns(), manifold.positions());
    for (place, &member) in order.iter().enumerate() {
        let coordinates: Vec<String> =
            manifold.embedding.row(member).iter().map(|value| format!("{value:.9}")).collect();
        rows[manifold.members[member]] = format!(
            "{piece},{place},{:.9},{:.9},{}",
            angles[member],
            positions[member],
            coordinates.join(",")
        );
    }
}

/// The latents that the input neurons are tuned to: what `--truth` reads.
pub(super) fn truth(truth: &NeuronTruth) -> String {
    let most = truth.groups.iter().map(|group| group.axes.len()).max().unwrap_or(0);
    let name =
        |axis: usize, kind: &str| if most > 1 { format!("{kind}_{}", axis + 1) } else { kind.to_owned() };
    let heads: Vec<String> =
        (0..most).flat_map(|axis| [name(axis, "angle_turn"), name(axis, "position")]).collect();
    let mut text = format!("neuron,group,{}\n", heads.join(","));
    for (row, known) in truth.neurons.iter().enumerate() {
        let Some(known) = known else { continue };
        let group = &truth.groups[known.group];
        let cells: Vec<String> = (0..most)
            .map(|axis| match (group.axes.get(axis), known.latent.get(axis)) {
                (Some(LatentAxis::Circle), Some(value)) => format!("{value},"),
                (Some(LatentAxis::Segment), Some(value)) => format!(",{value}"),
                _ => ",".to_owned(),
            })
            .collect();
        text.push_str(&format!("{row},{},{}\n", quoted(&group.name), cells.join(",")));
    }
    text
}

/// Number of moments and neurons, for a note.
pub(super) fn described(inputs: &LatentInputs) -> String {
    format!(
        "{} moments to train on, {} held out, {} neurons",
        inputs.train.nrows(),
        inputs.held_out.nrows(),
        inputs.neurons.len()
    )
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// One row a kind and strength of damage.
pub(super) fn stress(curves: &[StressCurve]) -> String {
    let mut text = "damage,level,score,mean,least,most,draws_read,null\n".to_owned();
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    for curve in curves {
        let name =
            serde_json::to_value(curve.corruption).ok().and_then(|name| name.as_str().map(str::to_owned));
        let name = name.unwrap_or_default();
        for point in &curve.points {
            let (least, most) = (point.range.map(|range| range.0), point.range.map(|range| range.1));
            text.push_str(&format!(
                "{name},{},{},{},{},{},{},{:.6}\n",
                point.level,
                curve.score,
                number(point.mean),
                number(least),
                number(most),
                point.n_read,
                curve.null
            ));
        }
    }
    text
}
