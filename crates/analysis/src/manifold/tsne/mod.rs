//! t-SNE: neighbours stay neighbours, in two coordinates.

mod affinity;
mod repulsion;

use ndarray::{Array2, ArrayView2};
use pulp::Arch;
use rayon::prelude::*;

use super::Pca;
use super::distances::{Metric, check_points};
use super::mds::{Mds, MdsConfig};
use crate::Error;
use affinity::Affinities;
use repulsion::Quadtree;

/// Coordinates of a point.
type Place = [f64; 2];
/// Points up to here repel each other exactly.
const EXACT: usize = 1000;
/// Rows of one task.
const ROWS: usize = 64;

/// How t-SNE runs.
#[derive(Debug, Clone, PartialEq)]
pub struct TsneConfig {
    /// Effective number of neighbours; three times as many are looked at.
    pub perplexity: f64,
    /// What the rows are.
    pub metric: Metric,
    /// Iterations in all.
    pub n_iterations: usize,
    /// Iterations at the start in which neighbours attract more strongly.
    pub n_exaggerated: usize,
    /// How much more strongly.
    pub exaggeration: f64,
    /// Step; `None` takes `max(200, points / exaggeration)`.
    pub learning_rate: Option<f64>,
    /// Width of a cell over its distance above which the cell is opened (Barnes and Hut 1986), for more than 1,000
    /// points.
    pub theta: f64,
}

impl Default for TsneConfig {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            metric: Metric::Euclidean,
            n_iterations: 1000,
            n_exaggerated: 250,
            exaggeration: 12.0,
            learning_rate: None,
            theta: 0.5,
        }
    }
}

/// t-SNE (van der Maaten and Hinton 2008; van der Maaten 2014), started from the first two principal components scaled
/// to a standard deviation of 1e-4 (Kobak and Berens 2019). No chance is in it: there is no seed, and the number of
/// threads changes nothing.
///
/// It shows who is near whom; distances between clusters, and their sizes, mean little.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::{Tsne, TsneConfig, quality::trustworthiness};
/// let points = Array2::from_shape_fn((60, 4), |(point, axis)| ((point + 1) * (axis + 2)) as f64 * 0.1);
/// let config = TsneConfig { perplexity: 10.0, ..Default::default() };
/// let tsne = Tsne::fit(points.view(), &config)?;
/// assert!(trustworthiness(points.view(), tsne.embedding.view(), 5)? > 0.95);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tsne {
    /// `[point, 2]`.
    pub embedding: Array2<f64>,
    /// Kullback-Leibler divergence of the two distributions of neighbours, in nats.
    pub divergence: f64,
}

impl Tsne {
    /// Embeds the points.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or `[point, point]` with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Fewer than four points, a sample that is not finite, points that all coincide, a perplexity outside 1..(points - 1) / 3, or
    /// another number of the configuration that is not positive.
    pub fn fit(points: ArrayView2<'_, f64>, config: &TsneConfig) -> Result<Self, Error> {
        check(points, config)?;
        let affinities = Affinities::of(points, config)?;
        let mut descent = Descent::new(start(points, config.metric)?, config);
        for iteration in 0..config.n_iterations {
            descent.step(&affinities, iteration);
        }
        let n = points.nrows();
        let divergence = descent.divergence(&affinities);
        let embedding = Array2::from_shape_fn((n, 2), |(point, axis)| descent.places[point][axis]);
        Ok(Self { embedding, divergence })
    }
}

/// The first two principal components, or the two coordinates of classical scaling.
fn start(points: ArrayView2<'_, f64>, metric: Metric) -> Result<Vec<Place>, Error> {
    let coordinates = match metric {
        Metric::Euclidean => Pca::fit(points, points.ncols().min(2))?.scores,
        Metric::Precomputed => Mds::fit(points, &MdsConfig { metric, ..Default::default() })?.embedding,
    };
    let spread = coordinates.column(0).std(0.0).max(f64::MIN_POSITIVE);
    let second = |point: usize| if coordinates.ncols() > 1 { coordinates[[point, 1]] } else { 0.0 };
    let place = |point: usize| [coordinates[[point, 0]], second(point)].map(|entry| entry / spread * 1e-4);
    Ok((0..points.nrows()).map(place).collect())
}

/// Gradient descent with momentum and a gain for each coordinate (Jacobs 1988).
struct Descent<'a> {
    config: &'a TsneConfig,
    places: Vec<Place>,
    updates: Vec<Place>,
    gains: Vec<Place>,
    theta: f64,
}

impl<'a> Descent<'a> {
    fn new(places: Vec<Place>, config: &'a TsneConfig) -> Self {
        let n = places.len();
        let theta = if n <= EXACT { 0.0 } else { config.theta };
        Self { config, places, updates: vec![[0.0; 2]; n], gains: vec![[1.0; 2]; n], theta }
    }

    fn step(&mut self, affinities: &Affinities, iteration: usize) {
        let exaggerated = iteration < self.config.n_exaggerated;
        let (exaggeration, momentum) = if exaggerated { (self.config.exaggeration, 0.5) } else { (1.0, 0.8) };
        let automatic = (self.places.len() as f64 / self.config.exaggeration).max(200.0);
        let rate = self.config.learning_rate.unwrap_or(automatic);
        let gradient = self.gradient(affinities, exaggeration);
        for (point, gradient) in gradient.into_iter().enumerate() {
            for (axis, slope) in gradient.into_iter().enumerate() {
                let update = &mut self.updates[point][axis];
                let gain = &mut self.gains[point][axis];
                *gain = if slope * *update < 0.0 { *gain + 0.2 } else { (*gain * 0.8).max(0.01) };
                *update = momentum * *update - rate * *gain * slope;
                self.places[point][axis] += *update;
            }
        }
        self.centre();
    }

    /// A quarter of the gradient: `sum_j (e p_ij - q_ij) w_ij (y_i - y_j)`, `w_ij = 1 / (1 + |y_i - y_j|^2)`,
    /// `q_ij = w_ij / Z`.
    fn gradient(&self, affinities: &Affinities, exaggeration: f64) -> Vec<Place> {
        let (repulsion, total) = Quadtree::new(&self.places).repulsion(self.theta);
        let arch = Arch::new();
        let of_rows = |first: usize| -> Vec<Place> {
            let row = |point: usize| {
                let pull = affinities.attraction(&self.places, point);
                std::array::from_fn(|axis| exaggeration * pull[axis] - repulsion[point][axis] / total)
            };
            arch.dispatch(|| (first..(first + ROWS).min(self.places.len())).map(row).collect())
        };
        (0..self.places.len()).into_par_iter().step_by(ROWS).map(of_rows).collect::<Vec<_>>().concat()
    }

    fn centre(&mut self) {
        let n = self.places.len() as f64;
        for axis in 0..2 {
            let mean = self.places.iter().map(|place| place[axis]).sum::<f64>() / n;
            self.places.iter_mut().for_each(|place| place[axis] -= mean);
        }
    }

    fn divergence(&self, affinities: &Affinities) -> f64 {
        let (_, total) = Quadtree::new(&self.places).repulsion(self.theta);
        affinities.divergence(&self.places, total)
    }
}

fn check(points: ArrayView2<'_, f64>, config: &TsneConfig) -> Result<(), Error> {
    check_points(points, 4)?;
    let most = (points.nrows() - 1) as f64 / 3.0;
    if !(1.0..=most).contains(&config.perplexity) {
        let allowed = format!("1 to {most:.1}, a third of the other points");
        return Err(Error::Value { what: "perplexity", given: config.perplexity.to_string(), allowed });
    }
    let rate = config.learning_rate.unwrap_or(1.0);
    for (what, given) in [("exaggeration", config.exaggeration), ("learning_rate", rate)] {
        if !(given > 0.0 && given.is_finite()) {
            return Err(Error::Value { what, given: given.to_string(), allowed: "a positive number".into() });
        }
    }
    if !(0.0..=1.0).contains(&config.theta) {
        return Err(Error::Value {
            what: "theta",
            given: config.theta.to_string(),
            allowed: "0 to 1".into(),
        });
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use rand::RngExt;

    /// Eight clusters in ten dimensions.
    pub(in crate::manifold) fn clusters(n: usize) -> (Array2<f64>, Vec<usize>) {
        let mut rng = neuroloom_core::Seed(5).rng();
        let centres = Array2::from_shape_simple_fn((8, 10), || rng.random::<f64>());
        let points = Array2::from_shape_fn((n, 10), |(point, axis)| {
            centres[[point % 8, axis]] + 0.1 * rng.random::<f64>()
        });
        (points, (0..n).map(|point| point % 8).collect())
    }

    #[test]
    fn clusters_stay_together_for_any_number_of_threads() -> Result<(), Box<dyn std::error::Error>> {
        let (points, labels) = clusters(1200);
        let config = TsneConfig { n_iterations: 350, ..Default::default() };
        let with = |n_threads| -> Result<Tsne, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| Tsne::fit(points.view(), &config))?)
        };
        let (one, two) = (with(1)?, with(2)?);
        assert_eq!(one.embedding, two.embedding);
        let nearest = crate::manifold::NearestNeighbours::fit(one.embedding.view(), 5, Metric::Euclidean)?;
        assert!(
            nearest
                .indices
                .indexed_iter()
                .all(|((point, _), &other)| labels[point] == labels[other as usize])
        );
        Ok(())
    }

    #[test]
    fn cells_give_the_gradient_of_all_pairs() -> Result<(), Error> {
        let (points, _) = clusters(600);
        let places = start(points.view(), Metric::Euclidean)?;
        let places: Vec<Place> = places.into_iter().map(|place| place.map(|entry| entry * 1e5)).collect();
        let tree = Quadtree::new(&places);
        let ((exact, total), (cells, total_cells)) = (tree.repulsion(0.0), tree.repulsion(0.5));
        assert!((total_cells / total - 1.0).abs() < 0.01);
        for (point, place) in places.iter().enumerate().step_by(37) {
            let mut expected = [0.0; 2];
            for other in &places {
                let apart = [place[0] - other[0], place[1] - other[1]];
                let weight = 1.0 / (1.0 + apart[0] * apart[0] + apart[1] * apart[1]);
                (0..2).for_each(|axis| expected[axis] += weight * weight * apart[axis]);
            }
            let size = expected[0].hypot(expected[1]);
            for axis in 0..2 {
                assert!((exact[point][axis] - expected[axis]).abs() < 1e-9 * size);
                assert!((cells[point][axis] - expected[axis]).abs() < 0.05 * size);
            }
        }
        Ok(())
    }

    #[test]
    fn bad_numbers_are_refused() {
        let (points, _) = clusters(50);
        for config in [
            TsneConfig { perplexity: 17.0, ..Default::default() },
            TsneConfig { perplexity: 5.0, theta: 2.0, ..Default::default() },
            TsneConfig { perplexity: 5.0, learning_rate: Some(0.0), ..Default::default() },
        ] {
            assert!(matches!(Tsne::fit(points.view(), &config), Err(Error::Value { .. })));
        }
    }
}
