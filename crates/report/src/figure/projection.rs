//! A circuit in its tissue: somata and edges seen from the side.

use super::axis::{Axis, extent};
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::CircuitView;
use crate::svg::{Stroke, polyline};

/// Angle by which the tissue is turned about its depth axis, so that no neuron hides behind another by design.
const TURN_DEG: f64 = 24.0;
/// Angle from which it is looked at from above.
const LIFT_DEG: f64 = 14.0;

/// The somata by type in a turned view with one scale along all axes; edges as lines, mutual ones stronger.
pub(crate) fn projection(stem: &str, circuit: &CircuitView) -> Panel {
    let places: Vec<(f64, f64)> = circuit.position_um.iter().map(|&place| turned(place)).collect();
    let height = Span::Half.width() - 10.0;
    let (x, y) = equal_axes(&places, (Span::Half.width() - 70.0) / (height - 90.0));
    let mut layout = Layout::new((Span::Half.width(), height), x, y);
    layout.title = format!("{}, in space", circuit.name);
    layout.legend =
        circuit.groups.iter().enumerate().map(|(rank, one)| Entry::marker(rank, &one.name)).collect();
    let mut plot = Plot::new(layout);
    edges(&mut plot, circuit, &places);
    let mut first = 0;
    for (rank, group) in circuit.groups.iter().enumerate() {
        for place in places.iter().skip(first).take(group.size) {
            marker(rank, plot.at(place.0, place.1), 3.0).draw(&mut plot.svg, 0.9);
        }
        first += group.size;
    }
    let description = format!("{}: {} somata and the edges between them", circuit.name, places.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

fn edges(plot: &mut Plot, circuit: &CircuitView, places: &[(f64, f64)]) {
    let joined: std::collections::HashSet<(usize, usize)> =
        circuit.pre.iter().copied().zip(circuit.post.iter().copied()).collect();
    let mut lines = [String::new(), String::new()];
    for (&pre, &post) in circuit.pre.iter().zip(&circuit.post) {
        let mutual = joined.contains(&(post, pre));
        if mutual && pre > post {
            continue;
        }
        let ends = [pre, post].map(|end| plot.at(places[end].0, places[end].1));
        lines[usize::from(mutual)].push_str(&polyline(ends));
    }
    // Many edges must not become a black cloud.
    let opacity = (90.0 / circuit.pre.len().max(1) as f64).clamp(0.05, 0.5);
    let [one_way, mutual] = lines;
    plot.inside(|svg| svg.path(&one_way, &Stroke::new("var(--ink)", 0.6).faint(opacity)));
    plot.inside(|svg| svg.path(&mutual, &Stroke::new("var(--c1)", 0.9).faint((2.0 * opacity).min(0.7))));
}

/// Across and up on the page; depth grows downwards.
fn turned([across, depth, along]: [f64; 3]) -> (f64, f64) {
    let (sin, cos) = TURN_DEG.to_radians().sin_cos();
    let (lift, flat) = LIFT_DEG.to_radians().sin_cos();
    let (right, back) = (across * cos + along * sin, along * cos - across * sin);
    (right, -depth * flat + back * lift)
}

/// Axes of one scale whose frame has the ratio of width to height.
fn equal_axes(places: &[(f64, f64)], ratio: f64) -> (Axis, Axis) {
    let x = extent(places.iter().map(|place| place.0)).unwrap_or((0.0, 1.0));
    let y = extent(places.iter().map(|place| place.1)).unwrap_or((0.0, 1.0));
    let half = (0.54 * (x.1 - x.0)).max(0.54 * (y.1 - y.0) * ratio).max(1e-3);
    let (middle_x, middle_y) = (0.5 * (x.0 + x.1), 0.5 * (y.0 + y.1));
    (
        Axis::new(middle_x - half, middle_x + half, "across (µm, turned view)"),
        Axis::new(middle_y - half / ratio, middle_y + half / ratio, "up (µm)"),
    )
}
