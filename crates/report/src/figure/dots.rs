//! Dots with intervals, methods under each other: how a score compares with its baselines.

use super::axis::{Axis, TICK_SIZE};
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::palette::category;
use crate::svg::{Anchor, Lettering, Stroke, text_width};

/// A dot plot.
#[derive(Debug, Clone)]
pub(crate) struct DotPlot {
    pub(crate) title: String,
    /// What the dots measure.
    pub(crate) axis_name: String,
    /// A range the axis must hold, such as 0 to 1; the dots may widen it down to `floor`.
    pub(crate) range: (f64, f64),
    /// The lowest value worth showing; what lies below sits on the edge.
    pub(crate) floor: f64,
    /// Groups from top to bottom.
    pub(crate) groups: Vec<DotGroup>,
    pub(crate) span: Span,
}

/// Dots under a heading.
#[derive(Debug, Clone)]
pub(crate) struct DotGroup {
    pub(crate) heading: String,
    pub(crate) dots: Vec<Dot>,
    /// A level to beat, drawn as a line through the group.
    pub(crate) level: Option<f64>,
}

/// One method.
#[derive(Debug, Clone)]
pub(crate) struct Dot {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) interval: Option<(f64, f64)>,
}

const ROW: f64 = 19.0;

/// Draws the dots; the first of each group is the model and has the strong colour.
pub(crate) fn dots(stem: &str, given: &DotPlot) -> Panel {
    let rows: usize =
        given.groups.iter().map(|group| group.dots.len() + usize::from(!group.heading.is_empty())).sum();
    let gaps = given.groups.len().saturating_sub(1) as f64 * 8.0;
    let head = if given.title.is_empty() { 10.0 } else { 28.0 };
    let height = head + rows as f64 * ROW + gaps + 0.4 * ROW + 38.0;
    let axis = value_axis(given);
    let mut layout = Layout::new((given.span.width(), height), axis, Axis::new(0.0, 1.0, ""));
    layout.title.clone_from(&given.title);
    layout.names_width = names_width(given);
    layout.right = 14.0;
    let mut plot = Plot::bare(layout);
    plot.x_axis();
    let mut y = plot.area.top + 0.6 * ROW;
    for group in &given.groups {
        y = draw_group(&mut plot, group, y) + 8.0;
    }
    let description = format!("{}: {} methods compared", given.axis_name, rows);
    Panel { stem: stem.to_owned(), description, span: given.span, svg: plot.svg }
}

fn value_axis(given: &DotPlot) -> Axis {
    let ends = given.groups.iter().flat_map(|group| &group.dots).flat_map(|dot| {
        let interval = dot.interval.unwrap_or((dot.value, dot.value));
        [dot.value, interval.0, interval.1]
    });
    let axis = Axis::padded(
        ends.map(|end| end.max(given.floor)).chain([given.range.0, given.range.1]),
        &given.axis_name,
    );
    Axis { low: axis.low.max(given.floor), ..axis }
}

fn names_width(given: &DotPlot) -> f64 {
    let names = given.groups.iter().flat_map(|group| &group.dots).map(|dot| text_width(&dot.name, TICK_SIZE));
    (names.fold(0.0, f64::max) + 14.0).clamp(40.0, 0.45 * given.span.width())
}

fn draw_group(plot: &mut Plot, group: &DotGroup, top: f64) -> f64 {
    let mut y = top;
    if !group.heading.is_empty() {
        let lettering = Lettering::new(11.0).inked("var(--ink)").bold();
        plot.svg.text((0.0, y + 3.7), &lettering, &group.heading);
        y += ROW;
    }
    let bottom = y + ROW * group.dots.len() as f64;
    if let Some(level) = group.level.filter(|level| (0.0..=1.0).contains(&plot.x.fraction(*level))) {
        let x = plot.at(level, 0.0).0;
        let stroke = Stroke::new("var(--ink)", 1.0).dashed("3 3").faint(0.6);
        plot.svg.line((x, y - 0.5 * ROW), (x, bottom - 0.5 * ROW), &stroke);
    }
    for (rank, dot) in group.dots.iter().enumerate() {
        draw_dot(plot, (rank, dot), y);
        y += ROW;
    }
    bottom
}

fn draw_dot(plot: &mut Plot, (rank, dot): (usize, &Dot), y: f64) {
    let area = plot.area;
    plot.svg.line((area.left, y), (area.left + area.width, y), &Stroke::new("var(--rule)", 0.7));
    let names = Lettering::new(TICK_SIZE).anchored(Anchor::End).inked("var(--ink)");
    plot.svg.text((area.left - 8.0, y + 3.7), &if rank == 0 { names.bold() } else { names }, &dot.name);
    let edge = |value: f64| area.left + area.width * plot.x.fraction(value).clamp(0.0, 1.0);
    let group = if rank == 0 { 0 } else { 7 };
    let ends = dot.interval.filter(|interval| interval.0.is_finite() && interval.1.is_finite());
    let ends = ends.map(|interval| (edge(interval.0), edge(interval.1)));
    let at = (edge(dot.value), y);
    if let Some((from, to)) = ends {
        plot.svg.line((from, y), (to, y), &Stroke::new(&category(group), 2.2).faint(0.45));
    }
    if dot.value.is_finite() {
        let mark = if rank == 0 { marker(0, at, 4.4) } else { marker(rank, at, 3.8) };
        mark.draw(&mut plot.svg, 1.0);
    }
}
