//! Density scatter: how many pairs fall into each cell, with the identity and the fitted line.

use super::axis::Axis;
use super::color_bar::ColorBar;
use super::plot::{Area, Layout, Plot};
use super::raster::{self, Raster};
use super::{Panel, Span};
use crate::Error;
use crate::data::Density;
use crate::number::{counted, fixed, readable};
use crate::palette::ColorMap;
use crate::svg::Stroke;

/// A density scatter with its title and the names of its axes.
pub(crate) fn scatter(stem: &str, names: (&str, &str, &str), density: &Density) -> Result<Panel, Error> {
    let (title, x_name, y_name) = names;
    let x = Axis::tight(density.x_edges.iter().copied(), x_name);
    let y = Axis::tight(density.y_edges.iter().copied(), y_name);
    let mut layout = Layout::new((Span::Half.width(), 340.0), x, y);
    layout.title = title.to_owned();
    layout.right = 62.0;
    let mut plot = Plot::bare(layout);
    let upright: Vec<Vec<f64>> = density.counts.iter().rev().cloned().collect();
    let range = count_range(density);
    raster::draw(
        &mut plot.svg,
        plot.area,
        &Raster { values: &upright, map: ColorMap::Sequential, range: range.clone() },
    )?;
    plot.x_axis();
    plot.y_axis();
    fitted_lines(&mut plot, density);
    plot.note(&statistics(density));
    let bar = Area { left: plot.area.left + plot.area.width + 12.0, width: 9.0, ..plot.area };
    ColorBar { map: ColorMap::Sequential, range }.upright(&mut plot.svg, bar)?;
    let description = format!("{title}: density of {}", counted(density.n_pairs, "pair"));
    Ok(Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg })
}

/// The identity, dashed, and the fitted line.
pub(crate) fn fitted_lines(plot: &mut Plot, density: &Density) {
    let ends = [plot.x.low, plot.x.high];
    plot.line(&ends, &ends, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.7));
    if let (Some(slope), Some(intercept)) = (density.slope, density.intercept) {
        let fitted = ends.map(|x| intercept + slope * x);
        plot.line(&ends, &fitted, &Stroke::new("var(--c1)", 1.1).faint(0.85));
    }
}

/// R², slope and number of pairs as lines of text.
pub(crate) fn statistics(density: &Density) -> Vec<String> {
    let r2 = density.r2_linear_fit.map(|r2| format!("R² of the fit {}", readable(r2)));
    let slope = density.slope.map(|slope| format!("slope {}", fixed(slope, 4)));
    let identity = density.r2_identity.map(|r2| format!("R² of identity {}", readable(r2)));
    let pairs = (density.n_pairs > 0).then(|| counted(density.n_pairs, "pair"));
    [r2, slope, identity, pairs].into_iter().flatten().collect()
}

/// Counts on a logarithmic range from one to the fullest cell.
fn count_range(density: &Density) -> Axis {
    let fullest =
        density.counts.iter().flatten().copied().filter(|count| count.is_finite()).fold(1.0, f64::max);
    Axis::log([1.0, fullest], "count")
}
