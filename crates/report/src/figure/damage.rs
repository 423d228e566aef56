//! A score against the strength of a damage, with the range over draws.

use super::axis::Axis;
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::DamageCurve;
use crate::palette::category;
use crate::svg::Stroke;

/// One curve; several are panels beside each other.
pub(crate) fn damage(stem: &str, given: &DamageCurve) -> Panel {
    let x = Axis::tight(given.level.iter().copied(), &given.level_name);
    let lowest = given.lower.iter().chain([&given.null, &0.0]).copied().filter(|value| value.is_finite());
    let y = Axis::new(lowest.fold(0.0, f64::min), 1.02, &given.score_name);
    let mut layout = Layout::new((Span::Half.width(), 270.0), x, y);
    layout.title.clone_from(&given.name);
    let line = Stroke::new(&category(0), 1.8);
    let null = Stroke::new("var(--ink-soft)", 1.1).dashed("4 3");
    layout.legend = vec![Entry::line(line.clone(), "mean and range over draws")];
    if given.null.is_finite() {
        layout.legend.push(Entry::line(null.clone(), "shuffled weights"));
    }
    let mut plot = Plot::new(layout);
    plot.level(given.null, &null);
    plot.band(&given.level, (&given.lower, &given.upper), &category(0));
    plot.line(&given.level, &given.mean, &line);
    for (&level, &mean) in given.level.iter().zip(&given.mean) {
        if mean.is_finite() {
            let at = plot.at(level, mean);
            marker(0, at, 2.8).draw(&mut plot.svg, 1.0);
        }
    }
    let description = format!("{} against {}", given.score_name, given.level_name);
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}
