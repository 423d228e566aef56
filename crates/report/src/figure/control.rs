//! Asked against achieved.

use super::axis::{Axis, TICK_SIZE};
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::{ControlCurve, ControlTarget};
use crate::palette::category;
use crate::svg::{Lettering, Stroke};

/// The curves of all controllers for one statistic, with the range of the data and the reachable range.
pub(crate) fn control(stem: &str, target: &ControlTarget) -> Panel {
    let asked = || target.curves.iter().flat_map(|curve| curve.asked.iter().copied());
    let ends = |curve: &ControlCurve| -> Vec<f64> {
        let pairs = curve.achieved.iter().zip(&curve.spread);
        pairs
            .flat_map(|(&mean, &sd)| if sd.is_finite() { [mean - sd, mean + sd] } else { [mean, mean] })
            .collect()
    };
    let achieved: Vec<f64> = target.curves.iter().flat_map(ends).collect();
    let x = Axis::padded(asked(), &format!("{} asked", target.name));
    let y = Axis::padded(achieved.into_iter().chain(asked()), "achieved, mean ± sd");
    let mut layout = Layout::new((Span::Half.width(), 340.0), x, y);
    layout.title.clone_from(&target.name);
    layout.legend =
        target.curves.iter().enumerate().map(|(rank, one)| Entry::marker(rank, &one.controller)).collect();
    let mut plot = Plot::bare(layout);
    data_range(&mut plot, target.data_range);
    plot.x_axis();
    plot.y_axis();
    let identity = [plot.x.low.max(plot.y.low), plot.x.high.min(plot.y.high)];
    plot.line(&identity, &identity, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
    for reached in target.reachable.iter().flat_map(|range| [range.0, range.1]) {
        plot.level(reached, &Stroke::new("var(--ink-faint)", 1.0).dashed("2 3"));
    }
    for (rank, curve) in target.curves.iter().enumerate() {
        curve_marks(&mut plot, rank, curve, target.curves.len());
    }
    let description =
        format!("{}: asked against achieved for {} controllers", target.name, target.curves.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// The 5 to 95 % range of the data as a band behind everything.
fn data_range(plot: &mut Plot, range: (f64, f64)) {
    let area = plot.area;
    let inside = |value: f64| plot.x.fraction(value).clamp(0.0, 1.0);
    let (from, to) = (inside(range.0), inside(range.1));
    if from < to {
        let band = plot.svg.element("rect").at("x", area.left + from * area.width).at("y", area.top);
        let sized = band.at("width", (to - from) * area.width).at("height", area.height);
        sized.with("fill", "var(--panel)").end();
        let lettering = Lettering::new(TICK_SIZE);
        plot.svg.text((area.left + from * area.width + 5.0, area.top + 12.0), &lettering, "data, 5–95 %");
    }
}

/// Curves of several controllers stand a little apart, so that their bars do not hide each other.
fn curve_marks(plot: &mut Plot, rank: usize, curve: &ControlCurve, n_curves: usize) {
    let apart = 3.0 * (rank as f64 - 0.5 * (n_curves as f64 - 1.0));
    let rows = curve.asked.iter().zip(&curve.achieved).zip(&curve.spread);
    let mut line = Vec::new();
    for ((&asked, &achieved), &spread) in rows {
        if !(asked.is_finite() && achieved.is_finite()) {
            continue;
        }
        let at = plot.at(asked, achieved);
        let at = (at.0 + apart, at.1);
        if spread.is_finite() {
            let ends = [achieved - spread, achieved + spread].map(|end| plot.at(asked, end).1);
            let stroke = Stroke::new(&category(rank), 1.4).faint(0.55);
            plot.inside(|svg| svg.line((at.0, ends[0]), (at.0, ends[1]), &stroke));
        }
        line.push(at);
        marker(rank, at, 3.2).draw(&mut plot.svg, 1.0);
    }
    let commands = crate::svg::polyline(line);
    plot.inside(|svg| svg.path(&commands, &Stroke::new(&category(rank), 1.0).faint(0.6)));
}
