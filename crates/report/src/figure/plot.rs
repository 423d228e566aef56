//! The frame of a plot: title, legend, axes and the mapping from values to positions.

use super::axis::{Axis, Direction, TICK_SIZE, Tick};
use super::legend::{self, Entry};
use crate::svg::{Anchor, Lettering, Point, Stroke, Svg, polyline, text_width};

/// Size of axis labels.
pub(crate) const LABEL_SIZE: f64 = 11.5;
/// Size of titles.
pub(crate) const TITLE_SIZE: f64 = 12.5;

/// What a plot is made of before the data.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Width and height of the whole drawing.
    pub(crate) size: (f64, f64),
    /// Title above the axes; may be empty.
    pub(crate) title: String,
    /// Legend below the title.
    pub(crate) legend: Vec<Entry>,
    /// Axis to the right.
    pub(crate) x: Axis,
    /// Axis upwards.
    pub(crate) y: Axis,
    /// Space kept free at the left for names instead of ticks; 0 = ticks of the y axis.
    pub(crate) names_width: f64,
    /// Space kept free at the right, such as for a colour bar.
    pub(crate) right: f64,
    /// Space kept free at the bottom, below the axis label.
    pub(crate) below: f64,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A plot under way.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    pub(crate) svg: Svg,
    pub(crate) area: Area,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Layout {
    /// A layout with two axes and nothing else.
    pub(crate) fn new(size: (f64, f64), x: Axis, y: Axis) -> Self {
        Self {
            size,
            title: String::new(),
            legend: Vec::new(),
            x,
            y,
            names_width: 0.0,
            right: 10.0,
            below: 0.0,
        }
    }
}

impl Plot {
    /// Draws title and legend and finds the area of the data; the axes are drawn by the methods below.
    pub(crate) fn bare(layout: Layout) -> Self {
        let mut svg = Svg::new(layout.size.0, layout.size.1);
        if !layout.title.is_empty() {
            let lettering = Lettering::new(TITLE_SIZE).inked("var(--ink)").bold();
            svg.text((0.0, 13.0), &lettering, &layout.title);
        }
        let title_height = if layout.title.is_empty() { 6.0 } else { 24.0 };
        let legend_height = legend::draw(&mut svg, &layout.legend, (0.0, title_height + 4.0));
        let top = title_height + legend_height + 4.0;
        let bottom = layout.below + if layout.x.label.is_empty() { 22.0 } else { 38.0 };
        let height = (layout.size.1 - top - bottom).max(20.0);
        let left = if layout.names_width > 0.0 { layout.names_width } else { tick_margin(&layout.y, height) };
        let width = (layout.size.0 - left - layout.right).max(20.0);
        Self { svg, area: Area { left, top, width, height }, x: layout.x, y: layout.y }
    }

    /// A plot with both axes.
    pub(crate) fn new(layout: Layout) -> Self {
        let mut plot = Self::bare(layout);
        plot.x_axis();
        plot.y_axis();
        plot
    }

    /// Position of a pair of values.
    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        let area = &self.area;
        (
            area.left + self.x.fraction(x) * area.width,
            area.top + area.height - self.y.fraction(y) * area.height,
        )
    }

    /// Path through pairs of values.
    pub(crate) fn through<'a>(&self, x: &'a [f64], y: &'a [f64]) -> String {
        polyline(x.iter().zip(y).map(|(&x, &y)| self.at(x, y)))
    }

    /// A line through pairs of values, cut off at the area.
    pub(crate) fn line(&mut self, x: &[f64], y: &[f64], stroke: &Stroke) {
        let commands = self.through(x, y);
        self.inside(|svg| svg.path(&commands, stroke));
    }

    /// A band between two curves; where either edge is missing there is none.
    pub(crate) fn band(&mut self, x: &[f64], edges: (&[f64], &[f64]), color: &str) {
        let both: Vec<(f64, f64, f64)> = x
            .iter()
            .zip(edges.0.iter().zip(edges.1))
            .map(|(&x, (&low, &high))| (x, low, high))
            .filter(|(x, low, high)| x.is_finite() && low.is_finite() && high.is_finite())
            .collect();
        let forth = both.iter().map(|&(x, low, _)| self.at(x, low));
        let back = both.iter().rev().map(|&(x, _, high)| self.at(x, high));
        let commands = polyline(forth.chain(back));
        self.inside(|svg| svg.fill(&commands, color, 0.18));
    }

    /// Draws what `marks` draws, cut off at the area.
    pub(crate) fn inside(&mut self, marks: impl FnOnce(&mut Svg)) {
        let area = self.area;
        self.svg.clipped((area.left, area.top), (area.width, area.height), marks);
    }

    /// A line across the area at a height.
    pub(crate) fn level(&mut self, y: f64, stroke: &Stroke) {
        if (0.0..=1.0).contains(&self.y.fraction(y)) {
            let (left, right) = (self.area.left, self.area.left + self.area.width);
            let height = self.at(self.x.low, y).1;
            self.svg.line((left, height), (right, height), stroke);
        }
    }

    /// The axis below.
    pub(crate) fn x_axis(&mut self) {
        let area = self.area;
        let bottom = area.top + area.height;
        self.svg.line((area.left, bottom), (area.left + area.width, bottom), &spine());
        let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::Middle);
        for tick in self.x.ticks(area.width, Direction::Horizontal) {
            let x = area.left + self.x.fraction(tick.value) * area.width;
            self.svg.line((x, bottom), (x, bottom + tick_length(&tick)), &spine());
            self.svg.text((x, bottom + 16.0), &lettering, &tick.text);
        }
        self.x_label(bottom + 32.0);
    }

    /// The label of the axis below, at a height.
    pub(crate) fn x_label(&mut self, height: f64) {
        let lettering = Lettering::new(LABEL_SIZE).anchored(Anchor::Middle).inked("var(--ink)");
        let middle = self.area.left + 0.5 * self.area.width;
        let label = self.x.label.clone();
        self.svg.text((middle, height), &lettering, &label);
    }

    /// The axis at the left.
    pub(crate) fn y_axis(&mut self) {
        let area = self.area;
        self.svg.line((area.left, area.top), (area.left, area.top + area.height), &spine());
        let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::End);
        for tick in self.y.ticks(area.height, Direction::Vertical) {
            let y = area.top + area.height * (1.0 - self.y.fraction(tick.value));
            self.svg.line((area.left, y), (area.left - tick_length(&tick), y), &spine());
            self.svg.text((area.left - 7.0, y + 3.7), &lettering, &tick.text);
        }
        self.y_label();
    }

    /// The label of the axis at the left.
    pub(crate) fn y_label(&mut self) {
        let middle = self.area.top + 0.5 * self.area.height;
        let lettering = Lettering::new(LABEL_SIZE).anchored(Anchor::Middle).inked("var(--ink)").turned(-90.0);
        let label = self.y.label.clone();
        self.svg.text((10.0, middle), &lettering, &label);
    }

    /// A note inside the area, at the top left, one line an entry.
    pub(crate) fn note(&mut self, lines: &[String]) {
        let lettering = Lettering::new(TICK_SIZE + 0.5).inked("var(--ink)");
        for (row, line) in lines.iter().enumerate() {
            let at = (self.area.left + 9.0, self.area.top + 13.0 + 15.0 * row as f64);
            self.svg.text(at, &lettering, line);
        }
    }
}

/// The line of an axis.
pub(crate) fn spine() -> Stroke {
    Stroke::new("var(--ink-faint)", 0.9)
}

fn tick_length(tick: &Tick) -> f64 {
    if tick.text.is_empty() { 2.5 } else { 4.5 }
}

fn tick_margin(axis: &Axis, length: f64) -> f64 {
    let ticks = axis.ticks(length, Direction::Vertical);
    let widest = ticks.iter().map(|tick| text_width(&tick.text, TICK_SIZE)).fold(0.0, f64::max);
    widest + 12.0 + if axis.label.is_empty() { 0.0 } else { 16.0 }
}
