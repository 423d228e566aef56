//! Groups of points: [`KMeans`] for a known number of clusters, [`Selection`] to choose that number.
//!
//! Own code, because the peers of the language order their random draws by thread or need another version
//! of the array crate; what is missing there is a result that is the same for any number of threads.
//!
//! # Examples
//! ```
//! use ndarray::array;
//! use neuroloom_analysis::cluster::{SelectConfig, Selection};
//!
//! let points = array![[0.0, 0.1], [0.1, 0.0], [5.0, 5.1], [5.1, 5.0], [9.0, 0.0], [9.1, 0.1]];
//! let selection = Selection::fit(points.view(), &SelectConfig { n_clusters: 2..=4, ..Default::default() })?;
//! assert_eq!(selection.n_clusters, 3);
//! assert_eq!(selection.labels, [0, 0, 1, 1, 2, 2]);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod kmeans;
mod seeding;
mod select;
mod silhouette;

pub use kmeans::{KMeans, KMeansConfig};
pub use select::{SelectConfig, Selection};
pub use silhouette::{Distances, mean_silhouette};

use ndarray::{Array2, ArrayView2, Axis};

use crate::Error;

/// The points about their mean. Distances do not change, and a common offset (a resting potential, say)
/// no longer eats the digits of `|x|^2 - 2 x c + |c|^2`.
fn centred(points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
    if points.nrows() == 0 || points.ncols() == 0 {
        let given = format!("[{}, {}]", points.nrows(), points.ncols());
        return Err(Error::Shape { what: "points", given, allowed: "[point, feature], none empty".into() });
    }
    if let Some(((row, column), &given)) = points.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::NotFinite { what: "points", row, column, given });
    }
    let mean = points.sum_axis(Axis(0)) / points.nrows() as f64;
    Ok(&points - &mean)
}

fn squared_distance(a: ndarray::ArrayView1<'_, f64>, b: ndarray::ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
