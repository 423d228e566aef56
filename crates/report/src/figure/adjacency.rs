//! A circuit as a matrix of its edges, neurons sorted by type.

use std::fmt::Write;

use super::axis::Axis;
use super::heatmap::{borders, group_names_width, neuron_axis, sender_axis};
use super::plot::{Layout, Plot};
use super::{Panel, Span};
use crate::data::CircuitView;
use crate::palette::category;
use crate::svg::coordinate;

/// One-way edges in one ink, mutual ones in another; senders to the right, receivers downwards.
pub(crate) fn adjacency(stem: &str, circuit: &CircuitView) -> Panel {
    let width = Span::Half.width();
    let n = circuit.n_neurons().max(1);
    let (x, y) = (Axis::new(0.0, n as f64, "sender (pre)"), Axis::new(0.0, n as f64, "receiver (post)"));
    let names = group_names_width(&circuit.groups, width - 60.0);
    let left = names.map_or(46.0, |names| names + 30.0);
    let mut layout = Layout::new((width, width - left - 10.0 + 28.0 + 38.0), x, y);
    layout.title.clone_from(&circuit.name);
    layout.names_width = left;
    let mut plot = Plot::bare(layout);
    let ground = plot.svg.element("rect").at("x", plot.area.left).at("y", plot.area.top);
    let sized = ground.at("width", plot.area.width).at("height", plot.area.height);
    sized.with("fill", "var(--panel)").end();
    sender_axis(&mut plot, &circuit.groups);
    neuron_axis(&mut plot, &circuit.groups, names.is_some());
    let mut seen = vec![false; n * n];
    circuit.pre.iter().zip(&circuit.post).for_each(|(&pre, &post)| seen[post * n + pre] = true);
    let mut squares = [String::new(), String::new()];
    let side = plot.area.width / n as f64;
    for (&pre, &post) in circuit.pre.iter().zip(&circuit.post) {
        let corner = (plot.area.left + pre as f64 * side, plot.area.top + post as f64 * side);
        let mutual = usize::from(seen[pre * n + post]);
        let (x, y, side) = (coordinate(corner.0), coordinate(corner.1), coordinate(side.max(1.2)));
        // Writing to a string cannot fail.
        let _ = write!(squares[mutual], "M{x} {y}h{side}v{side}h-{side}z");
    }
    plot.svg.fill(&squares[0], &category(0), 1.0);
    plot.svg.fill(&squares[1], &category(1), 1.0);
    borders(&mut plot, &circuit.groups);
    let description =
        format!("{}: adjacency of {n} neurons, {} edges, sorted by type", circuit.name, circuit.pre.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}
