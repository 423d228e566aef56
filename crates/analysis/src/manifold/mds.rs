//! Classical scaling: coordinates from distances.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::distances::{DistanceSource, Metric, check_points, check_width};
use super::isomap::check_components;
use super::neighbours::Geodesics;
use super::scaling::Scaling;
use crate::Error;

/// How classical scaling runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MdsConfig {
    /// Coordinates of the embedding.
    pub n_components: usize,
    /// What the rows are.
    pub metric: Metric,
}

impl Default for MdsConfig {
    fn default() -> Self {
        Self { n_components: 2, metric: Metric::Euclidean }
    }
}

/// Classical multidimensional scaling (Torgerson 1952): the leading eigenvectors of `-1/2 J D^2 J`, `J = I - 11'/n`, each
/// times the root of its eigenvalue. On Euclidean distances it is principal components; on others, coordinates whose
/// eigenvalue is not positive are 0.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::{Mds, MdsConfig, Metric};
/// let distances = array![[0.0, 3.0, 5.0], [3.0, 0.0, 4.0], [5.0, 4.0, 0.0]];
/// let mds = Mds::fit(distances.view(), &MdsConfig { metric: Metric::Precomputed, ..Default::default() })?;
/// let apart = |a, b| (&mds.embedding.row(a) - &mds.embedding.row(b)).mapv(|entry| entry * entry).sum().sqrt();
/// assert!((apart(0, 2) - 5.0_f64).abs() < 1e-9 && (apart(1, 2) - 4.0_f64).abs() < 1e-9);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mds {
    /// Coordinates, `[point, coordinate]`; the entry of largest size of each coordinate is positive.
    pub embedding: Array2<f64>,
    /// Eigenvalues, descending.
    pub eigenvalues: Array1<f64>,
    points: Array2<f64>,
    scaling: Scaling,
    metric: Metric,
}

impl Mds {
    /// Embeds the points.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or `[point, point]` with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Fewer than two points, a sample that is not finite, distances that are none, or no components.
    pub fn fit(points: ArrayView2<'_, f64>, config: &MdsConfig) -> Result<Self, Error> {
        check_points(points, 2)?;
        check_components(config.n_components, points.nrows())?;
        let source = DistanceSource::new(points, config.metric)?;
        let distances = Geodesics::from_function(points.nrows(), |a, b| source.distance(a, b));
        let scaling = Scaling::fit(&distances, config.n_components)?;
        let points =
            if config.metric == Metric::Euclidean { points.to_owned() } else { Array2::zeros((0, 0)) };
        Ok(Self {
            embedding: scaling.embedding.clone(),
            eigenvalues: scaling.eigenvalues.clone(),
            points,
            scaling,
            metric: config.metric,
        })
    }

    /// Coordinates of points whose distances are there already, such as geodesics: `[point, coordinate]`.
    ///
    /// # Errors
    /// No components, or more than points.
    pub fn of_distances(distances: &Geodesics, n_components: usize) -> Result<Array2<f64>, Error> {
        check_components(n_components, distances.n_points())?;
        Ok(Scaling::fit(distances, n_components)?.embedding)
    }

    /// Places other points by their distances to those of the fit, `[point, coordinate]`.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or distances to the points of the fit with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Another number of features, or a sample that is not finite.
    pub fn transform(&self, points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        check_points(points, 0)?;
        let n = self.embedding.nrows();
        check_width(points, if self.metric == Metric::Euclidean { self.points.ncols() } else { n })?;
        let place = |query: usize| {
            let row = points.row(query);
            let squares: Vec<f64> = match self.metric {
                Metric::Precomputed => row.iter().map(|distance| distance * distance).collect(),
                Metric::Euclidean => {
                    let square = |point: ndarray::ArrayView1<'_, f64>| {
                        (&point - &row).mapv(|entry| entry * entry).sum()
                    };
                    self.points.rows().into_iter().map(square).collect()
                }
            };
            self.scaling.place(&squares)
        };
        let placed: Vec<Array1<f64>> = (0..points.nrows()).into_par_iter().map(place).collect();
        let mut coordinates = Array2::zeros((points.nrows(), self.embedding.ncols()));
        coordinates.axis_iter_mut(Axis(0)).zip(&placed).for_each(|(mut row, found)| row.assign(found));
        Ok(coordinates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifold::{Pca, euclidean_distances};

    #[test]
    fn on_euclidean_distances_it_is_principal_components() -> Result<(), Error> {
        let points = Array2::from_shape_fn((150, 5), |(a, b)| ((a * (b + 3) * 7919) % 101) as f64);
        let config = MdsConfig { n_components: 3, ..Default::default() };
        let mds = Mds::fit(points.view(), &config)?;
        let pca = Pca::fit(points.view(), 3)?;
        for component in 0..3 {
            let (found, expected) = (mds.embedding.column(component), pca.scores.column(component));
            let sign = found.dot(&expected).signum();
            assert!((&found - &(&expected * sign)).iter().all(|entry| entry.abs() < 1e-6));
        }
        assert!((mds.transform(points.view())? - &mds.embedding).iter().all(|entry| entry.abs() < 1e-6));
        let distances = euclidean_distances(points.view())?;
        let given = Mds::fit(distances.view(), &MdsConfig { metric: Metric::Precomputed, ..config })?;
        assert_eq!(given.embedding, mds.embedding);
        Ok(())
    }
}
