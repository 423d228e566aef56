//! Points shaded by a number, which may be an angle.

use super::axis::Axis;
use super::color_bar::ColorBar;
use super::plot::{Area, Layout, Plot};
use super::raster::{self, Raster};
use super::scatter::marker;
use super::{Panel, Span, size_quantile};
use crate::Error;
use crate::data::Shades;
use crate::palette::{ColorMap, N_SCALE, scale_ink};
use crate::svg::{Anchor, Lettering, Stroke};

/// Points with a number each.
#[derive(Debug, Clone)]
pub(crate) struct ShadedPoints<'a> {
    pub(crate) points: Vec<(f64, f64)>,
    /// 0 to 1; NaN = unknown, drawn grey.
    pub(crate) shade: &'a [f64],
    pub(crate) shade_name: &'a str,
    pub(crate) shades: Shades,
    pub(crate) title: String,
    pub(crate) axis_names: (&'a str, &'a str),
    pub(crate) span: Span,
}

/// Draws the points on axes of one scale: distances in the plane mean something.
pub(crate) fn shaded(stem: &str, given: &ShadedPoints) -> Panel {
    let width = given.span.width();
    let x = Axis::padded(given.points.iter().map(|point| point.0), given.axis_names.0);
    let y = Axis::padded(given.points.iter().map(|point| point.1), given.axis_names.1);
    let (x, y) = same_scale(x, y);
    let mut layout = Layout::new((width, width + 46.0), x, y);
    layout.title.clone_from(&given.title);
    layout.below = if given.shade_name.is_empty() { 0.0 } else { 40.0 };
    let mut plot = Plot::new(layout);
    let radius = match given.points.len() {
        0..=150 => 4.0,
        151..=600 => 3.0,
        _ => 1.9,
    };
    for (&(x, y), &shade) in given.points.iter().zip(given.shade) {
        if x.is_finite() && y.is_finite() {
            let at = plot.at(x, y);
            let ink = if shade.is_finite() {
                scale_ink(given.shades, shade)
            } else {
                "var(--ink-faint)".to_owned()
            };
            marker(0, at, radius).inked(&ink).draw(&mut plot.svg, if shade.is_finite() { 0.9 } else { 0.45 });
        }
    }
    if !given.shade_name.is_empty() {
        key(&mut plot, given);
    }
    let description =
        format!("{}: {} neurons, coloured by {}", given.title, given.points.len(), given.shade_name);
    Panel { stem: stem.to_owned(), description, span: given.span, svg: plot.svg }
}

/// What the shades mean: a strip below the axis.
fn key(plot: &mut Plot, given: &ShadedPoints) {
    let (area, top) = (plot.area, plot.area.top + plot.area.height + 46.0);
    let step = area.width / N_SCALE as f64;
    for place in 0..N_SCALE {
        let ink = scale_ink(given.shades, (place as f64 + 0.5) / N_SCALE as f64);
        let patch = plot.svg.element("rect").at("x", area.left + step * place as f64).at("y", top);
        patch.at("width", step + 0.3).at("height", 8.0).with("fill", &ink).end();
    }
    let ends = match given.shades {
        Shades::Cyclic => ("0°", "360°"),
        Shades::Sequential => ("least", "most"),
    };
    plot.svg.text((area.left, top + 20.0), &Lettering::new(10.5), ends.0);
    plot.svg.text((area.left + area.width, top + 20.0), &Lettering::new(10.5).anchored(Anchor::End), ends.1);
    let middle = Lettering::new(11.0).anchored(Anchor::Middle).inked("var(--ink)");
    plot.svg.text((area.left + 0.5 * area.width, top + 21.0), &middle, given.shade_name);
}

fn same_scale(x: Axis, y: Axis) -> (Axis, Axis) {
    let half = 0.5 * (x.high - x.low).max(y.high - y.low);
    let widened = |axis: Axis| {
        let middle = 0.5 * (axis.low + axis.high);
        Axis { low: middle - half, high: middle + half, ..axis }
    };
    (widened(x), widened(y))
}

/// Bars of persistent homology, each dimension under a heading, the longest first.
pub(crate) fn barcode(stem: &str, bars: &[Vec<(f64, f64)>], most: usize) -> Panel {
    let finite = |bar: &(f64, f64)| bar.0.is_finite();
    let last = bars.iter().flatten().map(|bar| bar.1).filter(|death| death.is_finite()).fold(0.0, f64::max);
    let shown: Vec<(usize, &(f64, f64))> = bars
        .iter()
        .enumerate()
        .flat_map(|(dimension, bars)| {
            bars.iter().filter(|bar| finite(bar)).take(most).map(move |bar| (dimension, bar))
        })
        .collect();
    let x = Axis::new(0.0, last * 1.04, "distance along the graph");
    let height = 78.0 + 7.0 * shown.len() as f64 + 14.0 * bars.len() as f64;
    let mut layout = Layout::new((Span::Half.width(), height.max(150.0)), x, Axis::new(0.0, 1.0, ""));
    layout.title = "Bars of persistent homology".to_owned();
    layout.names_width = 34.0;
    let mut plot = Plot::bare(layout);
    plot.x_axis();
    let mut y = plot.area.top + 6.0;
    let mut before = usize::MAX;
    for (dimension, &(birth, death)) in shown {
        if dimension != before {
            y += if before == usize::MAX { 0.0 } else { 12.0 };
            let name = format!("H{dimension}");
            plot.svg.text((4.0, y + 5.0), &Lettering::new(11.0).inked("var(--ink)"), &name);
            before = dimension;
        }
        let end = if death.is_finite() { death } else { plot.x.high };
        let (from, to) = (plot.at(birth, 0.0).0, plot.at(end, 0.0).0);
        plot.svg.line(
            (from, y),
            (to.max(from + 1.0), y),
            &Stroke::new(&crate::palette::category(dimension), 3.2),
        );
        y += 7.0;
    }
    let counts: Vec<usize> = bars.iter().map(Vec::len).collect();
    let description = format!("Barcode of persistent homology; bars by dimension: {counts:?}");
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// A symmetric matrix whose rows and columns are neurons in one order.
pub(crate) fn ordered(stem: &str, values: &[Vec<f64>]) -> Result<Panel, Error> {
    let (width, n) = (Span::Half.width(), values.len().max(1) as f64);
    let (x, y) = (Axis::new(0.0, n, "neuron, in order"), Axis::new(0.0, n, "neuron, in order"));
    let mut layout = Layout::new((width, width - 56.0 + 90.0), x, y);
    layout.names_width = 46.0;
    layout.below = 46.0;
    let mut plot = Plot::bare(layout);
    let limit = size_quantile(values.iter().flatten(), 0.99).filter(|limit| *limit > 0.0).unwrap_or(1.0);
    let (map, range) = (ColorMap::Diverging, Axis::new(-limit, limit, "inner product"));
    raster::draw(&mut plot.svg, plot.area, &Raster { values, map, range: range.clone() })?;
    plot.x_axis();
    plot.y_label();
    let top = plot.area.top + plot.area.height + 42.0;
    let bar = Area { top, height: 8.0, ..plot.area };
    ColorBar { map, range }.lying(&mut plot.svg, bar)?;
    let description = format!("Inner products of {} neurons in the order that was read", values.len());
    Ok(Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg })
}
