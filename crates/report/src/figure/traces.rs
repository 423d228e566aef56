//! Traces: neurons above each other on one time axis and one amplitude scale.

use super::axis::{Axis, TICK_SIZE, nice_step};
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::{Panel, Span, quantile};
use crate::number::{shortest, with_unit};
use crate::svg::{Anchor, Lettering, Stroke, text_width};

/// Traces under each other.
#[derive(Debug, Clone)]
pub(crate) struct Stack<'a> {
    pub(crate) title: String,
    pub(crate) time_s: &'a [f64],
    pub(crate) unit: &'a str,
    /// Lanes from top to bottom.
    pub(crate) lanes: Vec<Lane<'a>>,
    /// The look of the first, second ... line of every lane, with its name for the legend.
    pub(crate) looks: Vec<(Stroke, &'a str)>,
}

/// One neuron: its name and one line a look.
#[derive(Debug, Clone)]
pub(crate) struct Lane<'a> {
    pub(crate) name: &'a str,
    pub(crate) lines: Vec<&'a [f64]>,
}

const LANE: f64 = 30.0;
/// Longest name before it is cut.
const NAME_LETTERS: usize = 18;

/// Draws the stack.
pub(crate) fn stacked(stem: &str, stack: &Stack) -> Panel {
    let mut layout = layout(stack);
    let names =
        stack.lanes.iter().map(|lane| text_width(&shortened(lane.name), TICK_SIZE)).fold(0.0, f64::max);
    layout.names_width = names + 14.0;
    let mut plot = Plot::bare(layout);
    plot.x_axis();
    let range = common_range(stack);
    for (row, lane) in stack.lanes.iter().enumerate() {
        draw_lane(&mut plot, stack, (row, lane), range);
    }
    scale_bar(&mut plot, stack.unit, range);
    let description = format!("{}: {} neurons over time", stack.title, stack.lanes.len());
    Panel { stem: stem.to_owned(), description, span: Span::Full, svg: plot.svg }
}

fn layout(stack: &Stack) -> Layout {
    let legend: Vec<Entry> = match stack.looks.len() {
        1 => Vec::new(),
        _ => stack.looks.iter().map(|(stroke, name)| Entry::line(stroke.clone(), name)).collect(),
    };
    let head = if stack.title.is_empty() { 10.0 } else { 28.0 } + if legend.is_empty() { 0.0 } else { 16.0 };
    let height = head + 38.0 + LANE * (stack.lanes.len().max(2) as f64 + 0.6);
    let x = Axis::tight(stack.time_s.iter().copied(), "time (s)");
    // Lanes count downwards from 0; the y axis runs upwards.
    let y = Axis::new(-0.4, stack.lanes.len().max(1) as f64 + 0.2, "");
    Layout {
        title: stack.title.clone(),
        legend,
        right: 78.0,
        ..Layout::new((Span::Full.width(), height), x, y)
    }
}

/// The range of values that one lane spans: most lanes fit, the liveliest may reach into their neighbours.
fn common_range(stack: &Stack) -> f64 {
    let spans = stack.lanes.iter().filter_map(|lane| {
        let values = || lane.lines.iter().flat_map(|line| line.iter().copied());
        Some(quantile(values(), 0.995)? - quantile(values(), 0.005)?)
    });
    let spans: Vec<f64> = spans.collect();
    let (usual, widest) = (quantile(spans.iter().copied(), 0.75), quantile(spans.iter().copied(), 1.0));
    let range = (usual.unwrap_or(0.0) / 1.1).max(widest.unwrap_or(0.0) / 1.6);
    if range > 0.0 { range } else { 1.0 }
}

fn draw_lane(plot: &mut Plot, stack: &Stack, (row, lane): (usize, &Lane), range: f64) {
    let base = stack.lanes.len() as f64 - row as f64 - 0.5;
    let values = || lane.lines.iter().flat_map(|line| line.iter().copied());
    let middle = match (quantile(values(), 0.005), quantile(values(), 0.995)) {
        (Some(low), Some(high)) => 0.5 * (low + high),
        _ => 0.0,
    };
    for (line, (stroke, _)) in lane.lines.iter().zip(&stack.looks) {
        let heights: Vec<f64> = line.iter().map(|value| base + (value - middle) / range).collect();
        plot.line(stack.time_s, &heights, stroke);
    }
    let at = (plot.area.left - 8.0, plot.at(plot.x.low, base).1 + 3.7);
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::End).inked("var(--ink)");
    plot.svg.text(at, &lettering, &shortened(lane.name));
}

/// A bar of a nice length at the right, about one lane high.
fn scale_bar(plot: &mut Plot, unit: &str, range: f64) {
    let amount = nice_step(range, 2);
    let lane = plot.area.height / (plot.y.high - plot.y.low);
    let length = amount / range * lane;
    let x = plot.area.left + plot.area.width + 10.0;
    let bottom = plot.area.top + plot.area.height - 4.0;
    plot.svg.line((x, bottom), (x, bottom - length), &Stroke::new("var(--ink)", 1.6));
    let text = if unit.is_empty() || text_width(unit, TICK_SIZE) > 44.0 {
        shortest(amount)
    } else {
        format!("{} {unit}", shortest(amount))
    };
    let lettering = Lettering::new(TICK_SIZE).inked("var(--ink)");
    plot.svg.text((x + 6.0, bottom - 0.5 * length + 3.7), &lettering, &text);
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS {
        return name.to_owned();
    }
    name.chars().take(NAME_LETTERS - 1).chain(['…']).collect()
}

/// What the caption says about the amplitude scale.
pub(crate) fn scale_sentence(unit: &str) -> String {
    format!("All traces share one {}; the bar gives its size.", with_unit("amplitude scale", unit))
}
