//! Singular values over their rank, and promised against found coverage.

use super::axis::Axis;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::Coverage;
use crate::svg::{Lettering, Stroke};

/// Singular values on a logarithmic axis, with the level below which directions are lost.
pub(crate) fn singular_values(stem: &str, ranks: &[f64], values: &[f64], floor: Option<f64>) -> Panel {
    let x = Axis::tight(ranks.iter().copied(), "rank");
    let y = Axis::log(values.iter().copied().chain(floor), "singular value of ψ(X)/√T");
    let mut layout = Layout::new((Span::Half.width(), 300.0), x, y);
    layout.title = "Directions that the recording visits".to_owned();
    let mut plot = Plot::new(layout);
    plot.line(ranks, values, &Stroke::new("var(--c0)", 1.6));
    if let Some(floor) = floor {
        plot.level(floor, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
        let at = plot.at(plot.x.low, floor);
        plot.svg.text((at.0 + 8.0, at.1 - 5.0), &Lettering::new(10.5), "lost in the noise below");
    }
    let description = format!("Singular values of the recorded activity, {} shown", values.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// Found coverage against the promised one.
pub(crate) fn coverage(stem: &str, given: &[Coverage]) -> Panel {
    let axis = |label| Axis::new(0.0, 1.0, label);
    let mut layout =
        Layout::new((Span::Half.width(), 300.0), axis("promised by the interval"), axis("true edges inside"));
    layout.title = "Coverage of the standard errors".to_owned();
    let mut plot = Plot::new(layout);
    plot.line(&[0.0, 1.0], &[0.0, 1.0], &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
    let (nominal, observed): (Vec<f64>, Vec<f64>) =
        given.iter().map(|point| (point.nominal, point.observed)).unzip();
    plot.line(&nominal, &observed, &Stroke::new("var(--c0)", 1.4));
    for point in given.iter().filter(|point| point.nominal.is_finite() && point.observed.is_finite()) {
        let at = plot.at(point.nominal, point.observed);
        marker(0, at, 3.6).draw(&mut plot.svg, 1.0);
    }
    let description = "Coverage of confidence intervals against their promise".to_owned();
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}
