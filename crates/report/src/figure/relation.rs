//! Curves with markers on linear or logarithmic axes.

use super::axis::Axis;
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::Relation;
use crate::palette::category;
use crate::svg::Stroke;

/// A panel of curves.
#[derive(Debug, Clone)]
pub(crate) struct RelationPlot<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) curves: &'a [Relation],
    pub(crate) span: Span,
}

/// Draws the curves.
pub(crate) fn relations(stem: &str, given: RelationPlot<'_>) -> Panel {
    let mut layout = Layout::new((given.span.width(), 300.0), given.x, given.y);
    layout.title = given.title.to_owned();
    if given.curves.len() > 1 {
        let entries = given.curves.iter().enumerate();
        layout.legend = entries
            .map(|(rank, curve)| Entry::line(Stroke::new(&category(rank), 1.6), &curve.name))
            .collect();
    }
    let mut plot = Plot::new(layout);
    for (rank, curve) in given.curves.iter().enumerate() {
        plot.line(&curve.x, &curve.y, &Stroke::new(&category(rank), 1.6));
        if curve.x.len() > 60 {
            continue;
        }
        for (&x, &y) in curve.x.iter().zip(&curve.y) {
            let inside = |fraction: f64| (0.0..=1.0).contains(&fraction);
            if inside(plot.x.fraction(x)) && inside(plot.y.fraction(y)) {
                let at = plot.at(x, y);
                marker(rank, at, 2.4).draw(&mut plot.svg, 1.0);
            }
        }
    }
    let description = format!("{}: {} curves", given.title, given.curves.len());
    Panel { stem: stem.to_owned(), description, span: given.span, svg: plot.svg }
}
