//! Colours of a two-dimensional map of codes.

use ndarray::{ArrayView2, array};
use neuroloom_analysis::readout::{Penalty, Ridge};
use neuroloom_analysis::statistics::quantiles;
use serde::Serialize;

use crate::Error;

/// How a map of codes (t-SNE, say) is coloured by a metric. **For display only**: the line is fitted to the two
/// coordinates of the map; directions are found in the code ([`super::directions()`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapColouring {
    /// Quantile bin of each circuit, from 0; `None` where the metric is undefined.
    pub bin: Vec<Option<usize>>,
    /// Values between the bins, ascending.
    pub cuts: Vec<f64>,
    /// Two ends of the line through the middle of the points along which the metric rises fastest, start where it is
    /// low; `None` if it does not change over the map.
    pub line: Option<[[f64; 2]; 2]>,
    /// Share of the metric's variance that the plane over the map explains, in-sample.
    pub r2_map: f64,
}

/// Bins a metric by quantiles and fits y = a u + b to the coordinates u of a map.
///
/// # Shapes
/// `coordinates: [circuit, 2]`, `metric: [circuit]`.
///
/// # Errors
/// [`Error::Analysis`] for shapes that do not fit, fewer than three defined values, or fewer than two bins.
pub fn colour_map(
    coordinates: ArrayView2<'_, f64>,
    metric: &[f64],
    n_bins: usize,
) -> Result<MapColouring, Error> {
    if coordinates.dim() != (metric.len(), 2) || n_bins < 2 {
        let given = format!("coordinates {:?}, {n_bins} bins", coordinates.shape());
        let allowed = format!("[{}, 2], 2 bins or more", metric.len());
        return Err(neuroloom_analysis::Error::Shape { what: "map", given, allowed }.into());
    }
    let rows: Vec<usize> = (0..metric.len()).filter(|&row| metric[row].is_finite()).collect();
    let y: Vec<f64> = rows.iter().map(|&row| metric[row]).collect();
    if y.len() < 3 {
        let what = "circuits with this metric on a map";
        return Err(neuroloom_analysis::Error::TooFew { what, given: y.len(), needed: 3 }.into());
    }
    let levels: Vec<f64> = (1..n_bins).map(|bin| bin as f64 / n_bins as f64).collect();
    let mut cuts = quantiles(&y, &levels)?;
    // Equal values make equal cuts; a bin that nothing can be in is no bin.
    cuts.dedup();
    let bin = |&value: &f64| value.is_finite().then(|| cuts.partition_point(|&cut| cut < value));
    let bins = metric.iter().map(bin).collect();
    let points = coordinates.select(ndarray::Axis(0), &rows);
    let (line, r2_map) = gradient_line(points.view(), &y)?;
    Ok(MapColouring { bin: bins, cuts, line, r2_map })
}

type Line = [[f64; 2]; 2];

fn gradient_line(points: ArrayView2<'_, f64>, y: &[f64]) -> Result<(Option<Line>, f64), Error> {
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let spread: f64 = y.iter().map(|value| (value - mean).powi(2)).sum();
    if spread == 0.0 {
        return Ok((None, 0.0));
    }
    let wanted = ndarray::Array2::from_shape_fn((y.len(), 1), |(row, _)| y[row]);
    // A hint of a penalty, for maps whose points lie on a line.
    let penalty = 1e-9 * points.iter().map(|value| value * value).sum::<f64>().max(1e-300);
    let plane = Ridge::fit(points, wanted.view(), Penalty::Fixed(penalty))?;
    let fitted = plane.predict(points)?;
    let residual: f64 = fitted.column(0).iter().zip(y).map(|(fitted, y)| (y - fitted).powi(2)).sum();
    let slope = array![plane.coefficients[[0, 0]], plane.coefficients[[0, 1]]];
    let length = slope.dot(&slope).sqrt();
    if length == 0.0 {
        return Ok((None, 0.0));
    }
    let along = slope / length;
    let centre = points.sum_axis(ndarray::Axis(0)) / n;
    let places: Vec<f64> = points.rows().into_iter().map(|point| (&point - &centre).dot(&along)).collect();
    let end = |place: f64| [centre[0] + place * along[0], centre[1] + place * along[1]];
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok((Some([end(low), end(high)]), 1.0 - residual / spread))
}
