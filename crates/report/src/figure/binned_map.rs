//! Points coloured by the quantile bin of a metric.

use super::axis::{Axis, TICK_SIZE};
use super::legend::Entry;
use super::plot::{Area, Layout, Plot};
use super::{Panel, Span};
use crate::data::Shades;
use crate::data::{LatentMap, MapColouring};
use crate::number::shortest;
use crate::palette::scale_ink;
use crate::svg::{Anchor, Lettering, Point, Stroke, polyline};

/// One map in the colours of one metric, with the display-only line.
pub(crate) fn binned_map(stem: &str, map: &LatentMap, colouring: &MapColouring) -> Panel {
    let x = Axis::padded(map.points.iter().map(|point| point.0), "map 1");
    let y = Axis::padded(map.points.iter().map(|point| point.1), "map 2");
    let mut layout = Layout::new((Span::Half.width(), 388.0), x, y);
    layout.title.clone_from(&colouring.name);
    layout.below = 34.0;
    if colouring.line.is_some() {
        layout.legend = vec![Entry::line(line_stroke(), "regression on the map, display only")];
    }
    let mut plot = Plot::new(layout);
    let n_bins = colouring.edges.len().saturating_sub(1).max(1);
    let radius = if map.points.len() > 400 { 2.4 } else { 3.3 };
    for (point, &bin) in map.points.iter().zip(&colouring.bin) {
        if point.0.is_finite() && point.1.is_finite() {
            let at = plot.at(point.0, point.1);
            let circle = plot.svg.element("circle").at("cx", at.0).at("cy", at.1).at("r", radius);
            circle
                .with("fill", &scale_ink(Shades::Sequential, place(bin, n_bins)))
                .at("fill-opacity", 0.9)
                .end();
        }
    }
    if let Some(line) = &colouring.line {
        display_line(&mut plot, map, line.direction);
    }
    key(&mut plot, &colouring.edges);
    let description = format!("Map of {} codes coloured by {}", map.points.len(), colouring.name);
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

fn line_stroke() -> Stroke {
    Stroke::new("var(--c1)", 2.0)
}

fn place(bin: usize, n_bins: usize) -> f64 {
    if n_bins < 2 { 0.5 } else { bin as f64 / (n_bins - 1) as f64 }
}

/// An arrow through the middle of the points.
fn display_line(plot: &mut Plot, map: &LatentMap, direction: (f64, f64)) {
    let finite = || map.points.iter().filter(|point| point.0.is_finite() && point.1.is_finite());
    let n = finite().count().max(1) as f64;
    let middle = finite().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    // The gradient is one of values; on the page the scales of x and y differ.
    let scale = (plot.area.width / (plot.x.high - plot.x.low), plot.area.height / (plot.y.high - plot.y.low));
    let (right, up) = (direction.0 * scale.0, direction.1 * scale.1);
    let length = right.hypot(up);
    if !(length.is_finite() && length > 0.0) {
        return;
    }
    let (right, up) = (right / length, -up / length);
    let reach = 0.42 * plot.area.width.min(plot.area.height);
    let center = plot.at(middle.0, middle.1);
    let at = |along: f64, aside: f64| -> Point {
        (center.0 + along * right - aside * up, center.1 + along * up + aside * right)
    };
    let head = polyline([at(reach - 9.0, 5.0), at(reach, 0.0), at(reach - 9.0, -5.0)]);
    let shaft = polyline([at(-reach, 0.0), at(reach, 0.0)]);
    // A ground below the line keeps it visible on the points.
    plot.svg.path(&format!("{shaft}{head}"), &Stroke::new("var(--page)", 4.4).faint(0.8));
    plot.svg.path(&format!("{shaft}{head}"), &line_stroke());
}

/// The bins with the values between them.
fn key(plot: &mut Plot, edges: &[f64]) {
    let Some(n_bins) = edges.len().checked_sub(1).filter(|&bins| bins > 0) else { return };
    let top = plot.area.top + plot.area.height + 42.0;
    let bar = Area { left: plot.area.left, top, width: plot.area.width, height: 9.0 };
    let width = bar.width / n_bins as f64;
    for bin in 0..n_bins {
        let rect = plot.svg.element("rect").at("x", bar.left + bin as f64 * width).at("y", bar.top);
        let sized = rect.at("width", (width - 1.0).max(0.5)).at("height", bar.height);
        sized.with("fill", &scale_ink(Shades::Sequential, place(bin, n_bins))).end();
    }
    for (rank, anchor) in [(0, Anchor::Start), (n_bins / 2, Anchor::Middle), (n_bins, Anchor::End)] {
        let lettering = Lettering::new(TICK_SIZE).anchored(anchor);
        plot.svg.text((bar.left + rank as f64 * width, bar.top + 22.0), &lettering, &shortest(edges[rank]));
    }
}
