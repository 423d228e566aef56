//! The dimension from how fast balls grow.

use crate::Error;
use crate::manifold::neighbours::Geodesics;

/// Between which shares of all pairs the growth is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrelationScales {
    /// Share of pairs within the smaller radius.
    pub low: f64,
    /// Share of pairs within the larger radius.
    pub high: f64,
}

impl Default for CorrelationScales {
    fn default() -> Self {
        Self { low: 0.1, high: 0.5 }
    }
}

/// The correlation dimension (Grassberger and Procaccia 1983) of geodesic distances: the slope of the logarithm of
/// the share of pairs within a radius, `ln(high / low) / ln(r_high / r_low)`, r the quantiles of the distances.
///
/// On geodesics a curved manifold is flat, so that radii may be large, above the scale of noise. Boundaries lower
/// it: about 1 for ring and interval, 2 for torus, 1.8 for cylinder and sphere, 1.6 for square. Infinite if both radii
/// are equal, as in a graph in which all points are equally far apart. Pairs that no path joins are left out.
///
/// # Errors
/// Fewer than ten pairs joined by a path, shares that are not `0 < low < high <= 1`, or a smaller radius of 0.
pub fn correlation_dimension(geodesics: &Geodesics, scales: &CorrelationScales) -> Result<f64, Error> {
    let CorrelationScales { low, high } = *scales;
    if !(0.0 < low && low < high && high <= 1.0) {
        let given = format!("{low} and {high}");
        return Err(Error::Value { what: "the scales", given, allowed: "0 < low < high <= 1".into() });
    }
    let mut distances = geodesics.pairs();
    distances.retain(|distance| distance.is_finite());
    let n = distances.len();
    if n < 10 {
        return Err(Error::TooFew { what: "pairs joined by a path", given: n, needed: 10 });
    }
    let mut radius = |share: f64| {
        let place = ((share * n as f64).ceil() as usize).clamp(1, n) - 1;
        *distances.select_nth_unstable_by(place, f64::total_cmp).1
    };
    let (inner, outer) = (radius(low), radius(high));
    if inner <= 0.0 {
        return Err(Error::Constant { what: "the distance of the nearest pairs", value: 0.0 });
    }
    Ok((high / low).ln() / (outer / inner).ln())
}
