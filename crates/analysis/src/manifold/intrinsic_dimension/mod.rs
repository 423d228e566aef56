//! How many numbers say where a point is on its manifold.
//!
//! | estimator | scale | strength |
//! |---|---|---|
//! | [`two_nearest_neighbours`] | the two nearest points | little bias from curvature and uneven density |
//! | [`maximum_likelihood_dimension`] | k nearest points | less variance |
//! | [`correlation_dimension`] | a tenth to a half of all pairs | sees the manifold through noise, on geodesics |
//!
//! Noise fills all dimensions at small scales: of a noisy ring the first two see the noise, the third the ring.

mod correlation;
mod maximum_likelihood;
mod two_nn;

pub use correlation::{CorrelationScales, correlation_dimension};
pub use maximum_likelihood::maximum_likelihood_dimension;
pub use two_nn::two_nearest_neighbours;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifold::{NeighbourConfig, NeighbourGraph};
    use ndarray::Array2;
    use neuroloom_core::Seed;
    use rand::RngExt;

    #[test]
    fn flat_sheets_in_ten_dimensions_have_their_dimension() -> Result<(), crate::Error> {
        for dimension in 1..4 {
            let mut rng = Seed(dimension as u64).rng();
            let sheet = Array2::from_shape_simple_fn((1500, dimension), || rng.random::<f64>());
            let turn = Array2::from_shape_simple_fn((dimension, 10), || rng.random::<f64>() - 0.5);
            let points = sheet.dot(&turn);
            let expected = dimension as f64;
            let found = two_nearest_neighbours(points.view())?;
            assert!((found / expected - 1.0).abs() < 0.15, "two neighbours: {found} for {expected}");
            let found = maximum_likelihood_dimension(points.view(), 12)?;
            assert!((found / expected - 1.0).abs() < 0.15, "likelihood: {found} for {expected}");
            let graph = NeighbourGraph::fit(points.view(), &NeighbourConfig::default())?;
            let found = correlation_dimension(&graph.geodesics(), &CorrelationScales::default())?;
            assert!((found / expected - 1.0).abs() < 0.25, "correlation: {found} for {expected}");
        }
        Ok(())
    }
}
