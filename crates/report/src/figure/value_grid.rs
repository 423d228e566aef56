//! Small tables of numbers as colours with the numbers in them.

use super::axis::{Axis, TICK_SIZE};
use super::plot::{Layout, Plot};
use super::raster::{self, Raster};
use super::{Panel, Span};
use crate::Error;
use crate::number::fixed;
use crate::palette::ColorMap;
use crate::svg::{Anchor, Lettering, text_width};

/// A grid with names.
#[derive(Debug, Clone)]
pub(crate) struct ValueGrid<'a> {
    pub(crate) title: &'a str,
    pub(crate) rows: &'a [String],
    pub(crate) columns: &'a [String],
    /// Values `[row][column]`.
    pub(crate) values: &'a [Vec<f64>],
    pub(crate) map: ColorMap,
    /// Values of the weakest and the strongest colour.
    pub(crate) range: (f64, f64),
    pub(crate) span: Span,
}

const ROW: f64 = 26.0;

/// Draws the grid.
///
/// # Errors
/// [`Error::Image`] where the PNG encoder refuses.
pub(crate) fn value_grid(stem: &str, given: &ValueGrid<'_>) -> Result<Panel, Error> {
    let widest = |names: &[String]| names.iter().map(|name| text_width(name, TICK_SIZE)).fold(0.0, f64::max);
    let left = (widest(given.rows) + 14.0).min(0.45 * given.span.width());
    let n_columns = given.columns.len().max(1) as f64;
    let cell = (given.span.width() - left - 10.0) / n_columns;
    let turned = given.columns.iter().any(|name| text_width(name, TICK_SIZE) > cell - 6.0);
    let foot = if turned { widest(given.columns) + 14.0 } else { 22.0 };
    let height = 30.0 + ROW * given.rows.len() as f64 + foot;
    let mut layout =
        Layout::new((given.span.width(), height), Axis::new(0.0, n_columns, ""), Axis::new(0.0, 1.0, ""));
    layout.title = given.title.to_owned();
    layout.names_width = left;
    layout.below = foot - 22.0;
    let mut plot = Plot::bare(layout);
    // Colours stop short of their strongest, so that ink on them can be read.
    let (low, high) = given.range;
    let range = Axis::new(low + 0.7 * low.min(0.0), high + 0.7 * high.abs(), "");
    raster::draw(&mut plot.svg, plot.area, &Raster { values: given.values, map: given.map, range })?;
    let row_height = plot.area.height / given.rows.len().max(1) as f64;
    let right = Lettering::new(TICK_SIZE).anchored(Anchor::End);
    for (row, name) in given.rows.iter().enumerate() {
        let y = plot.area.top + (row as f64 + 0.5) * row_height + 3.7;
        plot.svg.text((plot.area.left - 8.0, y), &right, name);
        numbers(&mut plot, &given.values[row], (cell, y));
    }
    let bottom = plot.area.top + plot.area.height;
    for (column, name) in given.columns.iter().enumerate() {
        let x = plot.area.left + (column as f64 + 0.5) * cell;
        if turned {
            plot.svg.text((x + 3.5, bottom + 8.0), &right.clone().turned(-90.0), name);
        } else {
            plot.svg.text((x, bottom + 16.0), &Lettering::new(TICK_SIZE).anchored(Anchor::Middle), name);
        }
    }
    let description = format!("{}: {} by {} numbers", given.title, given.rows.len(), given.columns.len());
    Ok(Panel { stem: stem.to_owned(), description, span: given.span, svg: plot.svg })
}

fn numbers(plot: &mut Plot, values: &[f64], (cell, y): (f64, f64)) {
    if cell < 26.0 {
        return;
    }
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::Middle).inked("var(--ink)");
    for (column, &value) in values.iter().enumerate() {
        let x = plot.area.left + (column as f64 + 0.5) * cell;
        plot.svg.text((x, y), &lettering, &fixed(value, 2));
    }
}
