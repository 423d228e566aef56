//! Real circuits beside generated ones.

use super::{number, stem};
use crate::data::{Cell, CircuitView, GeneratedCircuits};
use crate::figure::adjacency::adjacency;
use crate::figure::projection::projection;
use crate::figure::{Figure, Panel};
use crate::number::{fixed, readable};
use crate::section::{Block, Section, TableView, heads, right_align};
use crate::{Error, check};

/// Matrices and views in space, and the means of the statistics.
pub(super) fn section(given: &GeneratedCircuits) -> Result<Section, Error> {
    check_shapes(given)?;
    let mut blocks = Vec::new();
    if !given.circuits.is_empty() {
        blocks.push(Block::Figure(figure(given)));
    }
    if !given.means.is_empty() {
        blocks.push(Block::Table(means(given)));
    }
    Ok(Section { id: "generated", title: "Real and generated circuits", lead: given.lead.clone(), blocks })
}

fn check_shapes(given: &GeneratedCircuits) -> Result<(), Error> {
    for (place, circuit) in given.circuits.iter().enumerate() {
        let name = |field: &str| format!("circuit_code.generated.circuits[{place}].{field}");
        check::length(&name("post"), circuit.post.len(), (circuit.pre.len(), "pre"))?;
        let n = circuit.n_neurons();
        check::length_or_none(&name("position_um"), circuit.position_um.len(), (n, "neurons of all groups"))?;
        for &end in circuit.pre.iter().chain(&circuit.post) {
            check::position(&name("pre or post"), end, (n, "neurons"))?;
        }
    }
    for (row, mean) in given.means.iter().enumerate() {
        let name = format!("circuit_code.generated.means[{row}].means");
        check::length(&name, mean.means.len(), (given.sets.len(), "circuit_code.generated.sets"))?;
    }
    Ok(())
}

fn figure(given: &GeneratedCircuits) -> Figure {
    let panels = |(rank, circuit): (usize, &CircuitView)| -> Vec<Panel> {
        let name = stem(&format!("circuit_{rank}"), &circuit.name);
        let matrix = adjacency(&format!("{name}_matrix"), circuit);
        let space = (!circuit.position_um.is_empty()).then(|| projection(&format!("{name}_space"), circuit));
        std::iter::once(matrix).chain(space).collect()
    };
    Figure {
        stem: "generated_circuits",
        title: "Circuits beside each other".to_owned(),
        caption: "Left: one square an edge, senders to the right, receivers downwards, neurons sorted by type and depth; \
                  mutual edges in the second colour. Right: the same circuit in space, turned by 24° about the depth \
                  axis and seen from slightly above; mutual edges in the second colour. A good generator copies the \
                  texture of the blocks and the share of mutual edges, not the single edges."
            .to_owned(),
        panels: given.circuits.iter().enumerate().flat_map(panels).collect(),
    }
}

fn means(given: &GeneratedCircuits) -> TableView {
    let mut columns = heads(&["statistic"]);
    columns.extend(given.sets.iter().cloned());
    let rows = given.means.iter().map(|row| {
        let data = row.means.first().copied().unwrap_or(f64::NAN);
        let cell = |(rank, &mean): (usize, &f64)| match rank {
            0 => number(mean),
            _ if !mean.is_finite() => Cell::Absent,
            _ => Cell::Text(format!("{} ({})", readable(mean), percent(mean, data))),
        };
        std::iter::once(Cell::Text(row.name.clone())).chain(row.means.iter().enumerate().map(cell)).collect()
    });
    let caption = "Means over circuits; in brackets the difference from the data in per cent. What a null model is built \
                   to keep lies near 0 by design.";
    let mut table = TableView::new(caption, &columns, rows.collect());
    right_align(&mut table, 1);
    table
}

fn percent(mean: f64, data: f64) -> String {
    let share = 100.0 * (mean - data) / data.abs();
    if !share.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{} %", fixed(share, 1));
    if share >= 0.05 { format!("+{text}") } else { text }
}
