//! Heat maps: activity over time, and weight matrices with the borders of types.

use super::axis::{Axis, TICK_SIZE};
use super::color_bar::ColorBar;
use super::plot::{Area, Layout, Plot};
use super::raster::{self, Raster};
use super::{Panel, Span, quantile, size_quantile};
use crate::Error;
use crate::data::{Group, MatrixPanel, Recording, Tone};
use crate::number::with_unit;
use crate::palette::{ColorMap, category};
use crate::svg::{Anchor, Lettering, Stroke, text_width};

/// Activity of all neurons over time.
pub(crate) fn activity(stem: &str, recording: &Recording) -> Result<Panel, Error> {
    let height = (90.0 + 1.6 * recording.activity.len() as f64).clamp(200.0, 360.0);
    let span = recording.activity_span_s;
    let x = Axis::new(span.0, span.1, "time (s)");
    let y = Axis::new(0.0, recording.n_neurons.max(1) as f64, &named_order("neuron", &recording.order));
    let mut layout = Layout::new((Span::Full.width(), height), x, y);
    layout.right = 74.0;
    let names = group_names_width(&recording.groups, height - 60.0);
    layout.names_width = names.map_or(0.0, |width| width + 30.0);
    let mut plot = Plot::bare(layout);
    let (map, range) = activity_colors(recording);
    missing_ground(&mut plot, &recording.activity);
    raster::draw(
        &mut plot.svg,
        plot.area,
        &Raster { values: &recording.activity, map, range: range.clone() },
    )?;
    plot.x_axis();
    neuron_axis(&mut plot, &recording.groups, names.is_some());
    let bar = Area { left: plot.area.left + plot.area.width + 14.0, width: 10.0, ..plot.area };
    ColorBar { map, range }.upright(&mut plot.svg, bar)?;
    let description = format!("Heat map of the activity of {} neurons over time", recording.n_neurons);
    Ok(Panel { stem: stem.to_owned(), description, span: Span::Full, svg: plot.svg })
}

/// What matrices side by side have in common.
#[derive(Debug, Clone)]
pub(crate) struct MatrixFrame<'a> {
    /// Share of the page of each.
    pub(crate) span: Span,
    /// Number of neurons along each side.
    pub(crate) n_neurons: usize,
    /// Groups of neurons along each side.
    pub(crate) groups: &'a [Group],
    /// Colour limit of the signed ones.
    pub(crate) limit: f64,
    /// Unit of the values.
    pub(crate) unit: &'a str,
}

/// One matrix, senders to the right and receivers downwards.
pub(crate) fn matrix(stem: &str, frame: &MatrixFrame, given: &MatrixPanel) -> Result<Panel, Error> {
    let width = frame.span.width();
    let n = frame.n_neurons.max(1) as f64;
    let (x, y) = (Axis::new(0.0, n, "sender (pre)"), Axis::new(0.0, n, "receiver (post)"));
    let names = group_names_width(frame.groups, width - 60.0);
    let left = names.map_or(46.0, |names| names + 30.0);
    // The image is square: what the margins take from the width is taken from the height too.
    let mut layout = Layout::new((width, width - left - 10.0 + 28.0 + 38.0 + 46.0), x, y);
    layout.title = given.name.clone();
    layout.names_width = left;
    layout.below = 46.0;
    let mut plot = Plot::bare(layout);
    let (map, range) = matrix_colors(frame, given);
    missing_ground(&mut plot, &given.values);
    raster::draw(&mut plot.svg, plot.area, &Raster { values: &given.values, map, range: range.clone() })?;
    sender_axis(&mut plot, frame.groups);
    neuron_axis(&mut plot, frame.groups, names.is_some());
    let top = plot.area.top + plot.area.height + 42.0;
    let bar = Area { top, height: 8.0, ..plot.area };
    ColorBar { map, range }.lying(&mut plot.svg, bar)?;
    let description = format!("Matrix, {}: {} receivers by senders", given.name, frame.n_neurons);
    Ok(Panel { stem: stem.to_owned(), description, span: frame.span, svg: plot.svg })
}

/// The colour limit that signed matrices share: nearly all of their values lie within.
pub(crate) fn signed_limit(matrices: &[MatrixPanel]) -> f64 {
    let signed = matrices.iter().filter(|matrix| matrix.tone == Tone::Signed);
    size_quantile(signed.flat_map(|matrix| matrix.values.iter().flatten()), 0.99)
        .filter(|limit| *limit > 0.0)
        .unwrap_or(1.0)
}

/// Grey below the image, where a missing value leaves it transparent.
fn missing_ground(plot: &mut Plot, values: &[Vec<f64>]) {
    if values.iter().flatten().any(|value| !value.is_finite()) {
        let area = plot.area;
        let ground = plot.svg.element("rect").at("x", area.left).at("y", area.top).at("width", area.width);
        ground.at("height", area.height).with("fill", "var(--missing)").end();
    }
}

fn activity_colors(recording: &Recording) -> (ColorMap, Axis) {
    let label = with_unit("activity", &recording.unit);
    let values = || recording.activity.iter().flatten().copied();
    let (low, high) = (quantile(values(), 0.005).unwrap_or(0.0), quantile(values(), 0.995).unwrap_or(1.0));
    if low < 0.0 && high > 0.0 {
        let limit = high.max(-low);
        (ColorMap::Diverging, Axis::new(-limit, limit, &label))
    } else {
        (ColorMap::Sequential, Axis::new(low, high, &label))
    }
}

fn matrix_colors(frame: &MatrixFrame, given: &MatrixPanel) -> (ColorMap, Axis) {
    match given.tone {
        Tone::Signed => {
            (ColorMap::Diverging, Axis::new(-frame.limit, frame.limit, &with_unit("weight", frame.unit)))
        }
        Tone::Positive => {
            let values = || given.values.iter().flatten().copied();
            let high = quantile(values(), 0.99).unwrap_or(1.0);
            let low = quantile(values(), 0.0).unwrap_or(0.0).clamp(0.0, high.max(0.0));
            (ColorMap::Sequential, Axis::new(low, high, &with_unit(&given.name, frame.unit)))
        }
    }
}

fn named_order(noun: &str, order: &str) -> String {
    if order.is_empty() { noun.to_owned() } else { format!("{noun}, {order}") }
}

/// Width of the group names if all of them fit along a side, else nothing.
pub(crate) fn group_names_width(groups: &[Group], side: f64) -> Option<f64> {
    let total: usize = groups.iter().map(|group| group.size).sum();
    let smallest = groups.iter().map(|group| group.size).min()?;
    let room = side * smallest as f64 / total.max(1) as f64;
    let widest = groups.iter().map(|group| text_width(&group.name, TICK_SIZE)).fold(0.0, f64::max);
    (room >= 12.0 && widest <= 90.0).then_some(widest)
}

/// The axis at the left: names of groups where they fit, else neurons counted from the top.
pub(crate) fn neuron_axis(plot: &mut Plot, groups: &[Group], named: bool) {
    if !named {
        downward_ticks(plot);
        plot.y_label();
        borders(plot, groups);
        return;
    }
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::End);
    let area = plot.area;
    for (position, (from, to)) in group_ranges(groups).into_iter().enumerate() {
        let (top, bottom) = (area.top + from * area.height, area.top + to * area.height);
        let strip = plot.svg.element("rect").at("x", area.left - 7.0).at("y", top).at("width", 4.0);
        strip.at("height", (bottom - top - 0.8).max(0.4)).with("fill", &category(position)).end();
        plot.svg.text((area.left - 11.0, 0.5 * (top + bottom) + 3.7), &lettering, &groups[position].name);
    }
    plot.y_label();
    borders(plot, groups);
}

/// Neurons are counted from the top, as rows of a matrix are, while `Plot` counts upwards.
fn downward_ticks(plot: &mut Plot) {
    let area = plot.area;
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::End);
    for tick in plot.y.ticks(area.height, super::axis::Direction::Vertical) {
        let y = area.top + area.height * plot.y.fraction(tick.value);
        plot.svg.line((area.left, y), (area.left - 4.0, y), &super::plot::spine());
        plot.svg.text((area.left - 7.0, y + 3.7), &lettering, &tick.text);
    }
}

pub(crate) fn sender_axis(plot: &mut Plot, groups: &[Group]) {
    let area = plot.area;
    let bottom = area.top + area.height;
    let ranges = group_ranges(groups);
    let fit = !groups.is_empty()
        && ranges.iter().zip(groups).all(|(range, group)| {
            text_width(&group.name, TICK_SIZE) + 4.0 <= (range.1 - range.0) * area.width
        });
    if !fit {
        plot.x_axis();
        return;
    }
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::Middle);
    for (position, (from, to)) in ranges.into_iter().enumerate() {
        let (left, right) = (area.left + from * area.width, area.left + to * area.width);
        let strip = plot.svg.element("rect").at("x", left).at("y", bottom + 3.0).at("height", 4.0);
        strip.at("width", (right - left - 0.8).max(0.4)).with("fill", &category(position)).end();
        plot.svg.text((0.5 * (left + right), bottom + 18.0), &lettering, &groups[position].name);
    }
    plot.x_label(bottom + 32.0);
}

/// Hairlines between groups; across the image too where it is square.
pub(crate) fn borders(plot: &mut Plot, groups: &[Group]) {
    let area = plot.area;
    let hairline = Stroke::new("var(--ink)", 0.5).faint(0.35);
    let square = (area.width - area.height).abs() < 2.0;
    let ranges = group_ranges(groups);
    if ranges.len() > 40 {
        return;
    }
    for (from, _) in ranges.into_iter().skip(1) {
        let (x, y) = (area.left + from * area.width, area.top + from * area.height);
        plot.svg.line((area.left, y), (area.left + area.width, y), &hairline);
        if square {
            plot.svg.line((x, area.top), (x, area.top + area.height), &hairline);
        }
    }
}

/// Start and end of each group as fractions of the side.
fn group_ranges(groups: &[Group]) -> Vec<(f64, f64)> {
    let total = groups.iter().map(|group| group.size).sum::<usize>().max(1) as f64;
    groups
        .iter()
        .scan(0.0, |start, group| {
            let from = *start;
            *start += group.size as f64 / total;
            Some((from, *start))
        })
        .collect()
}
