//! Scatter plots: pairs against the identity, and points in groups with a marker shape each.

use super::axis::Axis;
use super::density::{fitted_lines, statistics};
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::{Panel, Span};
use crate::data::Density;
use crate::palette::{N_CATEGORIES, category};
use crate::svg::{Point, Stroke, Svg, coordinate, polyline};

/// Points of several groups.
#[derive(Debug, Clone)]
pub(crate) struct GroupedPoints<'a> {
    pub(crate) title: &'a str,
    /// What a point is, in the plural.
    pub(crate) noun: &'a str,
    pub(crate) points: &'a [(f64, f64)],
    pub(crate) labels: &'a [usize],
    pub(crate) names: &'a [String],
    pub(crate) axis_names: (&'a str, &'a str),
}

/// Points in groups; colour and marker shape both tell the group.
pub(crate) fn grouped(stem: &str, given: &GroupedPoints) -> Panel {
    let x = Axis::padded(given.points.iter().map(|point| point.0), given.axis_names.0);
    let y = Axis::padded(given.points.iter().map(|point| point.1), given.axis_names.1);
    let mut layout = Layout::new((Span::Half.width(), 350.0), x, y);
    layout.title = given.title.to_owned();
    layout.legend = given.names.iter().enumerate().map(|(group, name)| Entry::marker(group, name)).collect();
    let mut plot = Plot::new(layout);
    let radius = if given.points.len() > 300 { 2.6 } else { 3.6 };
    for group in 0..given.names.len() {
        let mut marks = String::new();
        let mut shape = marker(group, (0.0, 0.0), radius);
        for (&(x, y), _) in given.points.iter().zip(given.labels).filter(|(_, label)| **label == group) {
            if x.is_finite() && y.is_finite() {
                marks.push_str(&marker(group, plot.at(x, y), radius).commands);
            }
        }
        shape.commands = marks;
        shape.draw(&mut plot.svg, 0.75);
    }
    let description =
        format!("Scatter plot of {} {} in {} groups", given.points.len(), given.noun, given.names.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// Pairs of values against the identity line.
pub(crate) fn pairs(stem: &str, title: &str, axes: (Axis, Axis), given: (&[(f64, f64)], &Density)) -> Panel {
    let mut layout = Layout::new((Span::Half.width(), 340.0), axes.0, axes.1);
    layout.title = title.to_owned();
    let mut plot = Plot::new(layout);
    let radius = if given.0.len() > 300 { 1.9 } else { 3.0 };
    let mut shape = marker(0, (0.0, 0.0), radius);
    shape.commands = given
        .0
        .iter()
        .filter(|pair| pair.0.is_finite() && pair.1.is_finite())
        .map(|&(x, y)| marker(0, plot.at(x, y), radius).commands)
        .collect();
    plot.inside(|svg| shape.draw(svg, 0.5));
    fitted_lines(&mut plot, given.1);
    plot.note(&statistics(given.1));
    let description = format!("{title}: {} pairs against the identity line", given.0.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// The mark of a group at a place.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    commands: String,
    color: String,
    open: Option<f64>,
}

/// Shape and ink of a group: eight inks and eight shapes that fall out of step after eight groups.
pub(crate) fn marker(group: usize, at: Point, radius: f64) -> Marker {
    let shape = (group + group / N_CATEGORIES) % 8;
    let corner = |angle_deg: f64, stretch: f64| {
        let (sin, cos) = angle_deg.to_radians().sin_cos();
        (at.0 + stretch * radius * cos, at.1 + stretch * radius * sin)
    };
    let polygon =
        |angles: &[f64], stretch: f64| polyline(angles.iter().map(|&angle| corner(angle, stretch))) + "Z";
    let strokes = |angles: [f64; 4]| {
        let [a, b, c, d] = angles.map(|angle| corner(angle, 1.2));
        polyline([a, b]) + &polyline([c, d])
    };
    let (commands, open) = match shape {
        0 => (circle(at, radius), None),
        1 => (polygon(&[45.0, 135.0, 225.0, 315.0], 1.25), None),
        2 => (polygon(&[-90.0, 30.0, 150.0], 1.35), None),
        3 => (polygon(&[0.0, 90.0, 180.0, 270.0], 1.35), None),
        4 => (polygon(&[90.0, 210.0, 330.0], 1.35), None),
        5 => (strokes([0.0, 180.0, 90.0, 270.0]), Some(1.5)),
        6 => (strokes([45.0, 225.0, 135.0, 315.0]), Some(1.5)),
        _ => (circle(at, 0.9 * radius), Some(1.4)),
    };
    Marker { commands, color: category(group), open }
}

impl Marker {
    /// The same mark in another ink.
    pub(crate) fn inked(mut self, color: &str) -> Self {
        color.clone_into(&mut self.color);
        self
    }

    /// Draws it.
    pub(crate) fn draw(&self, svg: &mut Svg, opacity: f64) {
        match self.open {
            None => svg.fill(&self.commands, &self.color, opacity),
            Some(width) => svg.path(&self.commands, &Stroke::new(&self.color, width).faint(opacity)),
        }
    }
}

fn circle(at: Point, radius: f64) -> String {
    let (left, diameter, r) = (coordinate(at.0 - radius), coordinate(2.0 * radius), coordinate(radius));
    format!("M{left} {}a{r} {r} 0 1 0 {diameter} 0a{r} {r} 0 1 0 -{diameter} 0Z", coordinate(at.1))
}
