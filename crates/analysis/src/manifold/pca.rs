//! Principal components: the orthogonal directions along which points vary most.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::Error;
use crate::linear_algebra::{from_faer, to_faer};

/// Principal components of a set of points (Pearson 1901), by the singular value decomposition of the
/// centred points.
///
/// The sign of a component is free; here its entry of largest size is positive (the first of equals), so
/// that the same points give the same components everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Mean of the points, `[feature]`.
    pub mean: Array1<f64>,
    /// Orthonormal directions, `[component, feature]`, by falling variance.
    pub components: Array2<f64>,
    /// Variance along each component (`n - 1` in the denominator).
    pub explained_variance: Array1<f64>,
    /// The same as a fraction of the total variance.
    pub explained_variance_ratio: Array1<f64>,
    /// Coordinates of the points, `[point, component]`.
    pub scores: Array2<f64>,
}

impl Pca {
    /// Finds the first `n_components` components.
    ///
    /// # Shapes
    /// `points: [point, feature]`.
    ///
    /// # Errors
    /// Fewer than two points, a sample that is not finite, all points equal, or `n_components` outside
    /// 1..=min(points, features).
    ///
    /// # Examples
    /// ```
    /// use ndarray::array;
    /// use neuroloom_analysis::manifold::Pca;
    /// // points on the line (1, 2) t
    /// let pca = Pca::fit(array![[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]].view(), 1)?;
    /// assert!((pca.components[[0, 1]] / pca.components[[0, 0]] - 2.0).abs() < 1e-12);
    /// assert!((pca.explained_variance_ratio[0] - 1.0).abs() < 1e-12);
    /// # Ok::<(), neuroloom_analysis::Error>(())
    /// ```
    pub fn fit(points: ArrayView2<'_, f64>, n_components: usize) -> Result<Self, Error> {
        check(points, n_components)?;
        let n_points = points.nrows() as f64;
        let mean = points.sum_axis(Axis(0)) / n_points;
        let centred = &points - &mean;
        let hint = "the singular values did not converge; are the numbers of very different size?";
        let svd = to_faer(centred.view()).thin_svd();
        let svd = svd.map_err(|_| Error::Singular { what: "the centred points", hint })?;
        let singular = svd.S().column_vector();
        let variance: Array1<f64> =
            (0..singular.nrows()).map(|index| singular[index].powi(2) / (n_points - 1.0)).collect();
        let total = variance.sum();
        if total <= 0.0 {
            return Err(Error::Constant { what: "every feature of the points", value: mean[0] });
        }
        let mut components = from_faer(svd.V()).reversed_axes().slice(s![..n_components, ..]).to_owned();
        for mut component in components.rows_mut() {
            let sign = sign_of_largest(component.view());
            component *= sign;
        }
        let explained_variance = variance.slice(s![..n_components]).to_owned();
        Ok(Self {
            mean,
            scores: centred.dot(&components.t()),
            components,
            explained_variance_ratio: &explained_variance / total,
            explained_variance,
        })
    }

    /// Coordinates of other points, `[point, component]`.
    ///
    /// # Errors
    /// Another number of features.
    pub fn transform(&self, points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        check_width("points", points, self.components.ncols())?;
        Ok((&points - &self.mean).dot(&self.components.t()))
    }

    /// The points that have the given coordinates and nothing outside the components, `[point, feature]`.
    ///
    /// # Errors
    /// Another number of components.
    pub fn inverse_transform(&self, scores: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        check_width("scores", scores, self.components.nrows())?;
        Ok(scores.dot(&self.components) + &self.mean)
    }
}

fn check(points: ArrayView2<'_, f64>, n_components: usize) -> Result<(), Error> {
    let (n_points, n_features) = points.dim();
    if n_points < 2 {
        return Err(Error::TooFew { what: "points", given: n_points, needed: 2 });
    }
    let most = n_points.min(n_features);
    if !(1..=most).contains(&n_components) {
        let allowed = format!("1 to {most}, the smaller of points and features");
        return Err(Error::Value { what: "n_components", given: n_components.to_string(), allowed });
    }
    match points.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &given)) => Err(Error::NotFinite { what: "points", row, column, given }),
        None => Ok(()),
    }
}

fn check_width(what: &'static str, given: ArrayView2<'_, f64>, n_columns: usize) -> Result<(), Error> {
    if given.ncols() == n_columns {
        return Ok(());
    }
    let shape = format!("[{}, {}]", given.nrows(), given.ncols());
    Err(Error::Shape { what, given: shape, allowed: format!("[point, {n_columns}]") })
}

fn sign_of_largest(component: ndarray::ArrayView1<'_, f64>) -> f64 {
    let larger = |best: f64, next: &f64| if next.abs() > best.abs() { *next } else { best };
    if component.iter().fold(0.0, larger) < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn points() -> Array2<f64> {
        Array2::from_shape_fn((30, 5), |(row, column)| ((row * (column + 3) * 7919) % 101) as f64 / 10.0)
    }

    #[test]
    fn all_components_rebuild_the_points() -> Result<(), Error> {
        let pca = Pca::fit(points().view(), 5)?;
        let rebuilt = pca.inverse_transform(pca.scores.view())?;
        assert!((rebuilt - points()).iter().all(|difference| difference.abs() < 1e-11));
        assert!((pca.explained_variance_ratio.sum() - 1.0).abs() < 1e-12);
        let identity = pca.components.dot(&pca.components.t()) - Array2::<f64>::eye(5);
        assert!(identity.iter().all(|entry| entry.abs() < 1e-12));
        assert!((pca.transform(points().view())? - &pca.scores).iter().all(|entry| entry.abs() < 1e-12));
        Ok(())
    }

    #[test]
    fn variances_fall_and_are_those_of_the_scores() -> Result<(), Error> {
        let pca = Pca::fit(points().view(), 4)?;
        for (component, &variance) in pca.explained_variance.iter().enumerate() {
            assert!((pca.scores.column(component).var(1.0) - variance).abs() < 1e-10);
            assert!(component == 0 || variance <= pca.explained_variance[component - 1]);
        }
        Ok(())
    }

    #[test]
    fn the_largest_entry_is_positive() -> Result<(), Error> {
        let pca = Pca::fit(array![[3.0, 0.0], [-3.0, 0.1], [0.0, -0.1]].view(), 2)?;
        assert!(pca.components[[0, 0]] > 0.9 && pca.components[[1, 1]] > 0.9);
        Ok(())
    }

    #[test]
    fn bad_points_are_refused() {
        assert!(matches!(Pca::fit(points().view(), 6), Err(Error::Value { .. })));
        assert!(matches!(Pca::fit(array![[1.0, 2.0]].view(), 1), Err(Error::TooFew { .. })));
        assert!(matches!(Pca::fit(array![[1.0], [1.0]].view(), 1), Err(Error::Constant { .. })));
        let missing = array![[1.0], [f64::NAN]];
        assert!(matches!(Pca::fit(missing.view(), 1), Err(Error::NotFinite { row: 1, column: 0, .. })));
    }
}
