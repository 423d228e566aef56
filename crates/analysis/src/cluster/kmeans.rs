//! k-means: k centres with the smallest sum of squared distances to their points.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use neuroloom_core::Seed;
use rayon::prelude::*;

use super::seeding::{Seeding, smallest, squared_norms};
use super::{centred, squared_distance};
use crate::Error;

/// How k-means runs.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeansConfig {
    /// Number of clusters, at least 1 and at most the number of distinct points.
    pub n_clusters: usize,
    /// Starts; the result with the smallest inertia stays. The first start is a farthest-first traversal,
    /// the others are greedy k-means++.
    pub n_init: usize,
    /// Assignment steps at most in each start.
    pub max_iterations: usize,
    /// Seed of the random starts.
    pub seed: Seed,
}

impl Default for KMeansConfig {
    fn default() -> Self {
        Self { n_clusters: 8, n_init: 10, max_iterations: 300, seed: Seed(0) }
    }
}

/// Centres and the point-to-centre assignment that belongs to them.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// `[cluster, feature]`.
    pub centers: Array2<f64>,
    /// The cluster of each point; clusters are numbered in the order of their first point.
    pub labels: Vec<usize>,
    /// Sum of squared distances of the points to their centres.
    pub inertia: f64,
    /// Assignment steps of the start that won.
    pub n_iterations: usize,
}

impl KMeans {
    /// Clusters the points (Lloyd's iteration until no label changes).
    ///
    /// # Shapes
    /// `points: [point, feature]`.
    ///
    /// # Errors
    /// No points, a sample that is not finite, `n_init` 0, or `n_clusters` outside
    /// 1..=(distinct points).
    pub fn fit(points: ArrayView2<'_, f64>, config: &KMeansConfig) -> Result<Self, Error> {
        let data = centred(points)?;
        let starts = starts(data.view(), config)?;
        let k = config.n_clusters;
        let n_distinct = starts.iter().map(|start| start.chosen.len()).min().unwrap_or(0);
        if k == 0 || k > n_distinct {
            let allowed = format!("1 to {n_distinct}, the number of distinct points");
            return Err(Error::Value { what: "n_clusters", given: k.to_string(), allowed });
        }
        let mut best = best_of(data.view(), &starts, config);
        let mean = points.sum_axis(Axis(0)) / points.nrows() as f64;
        best.centers += &mean;
        Ok(best)
    }

    /// The nearest centre of each point.
    ///
    /// # Errors
    /// Another number of features than the centres have.
    pub fn predict(&self, points: ArrayView2<'_, f64>) -> Result<Vec<usize>, Error> {
        if points.ncols() != self.centers.ncols() {
            let given = format!("[{}, {}]", points.nrows(), points.ncols());
            let allowed = format!("[point, {}]", self.centers.ncols());
            return Err(Error::Shape { what: "points", given, allowed });
        }
        let nearest = |point: ndarray::ArrayView1<'_, f64>| {
            let to_center = |center| squared_distance(point, center);
            smallest(&self.centers.rows().into_iter().map(to_center).collect::<Vec<f64>>())
        };
        Ok(points.rows().into_iter().map(nearest).collect())
    }
}

/// One list of starting centres per start.
pub(super) fn starts(data: ArrayView2<'_, f64>, config: &KMeansConfig) -> Result<Vec<Seeding>, Error> {
    if config.n_init == 0 || config.max_iterations == 0 {
        let given = format!("{} and {}", config.n_init, config.max_iterations);
        return Err(Error::Value { what: "n_init and max_iterations", given, allowed: "at least 1".into() });
    }
    let seed = config.seed.split("k-means");
    let start = |index: usize| match index {
        0 => Seeding::farthest_first(data, config.n_clusters),
        _ => Seeding::greedy_plus_plus(data, config.n_clusters, seed.nth(index as u64)),
    };
    Ok((0..config.n_init).into_par_iter().map(start).collect())
}

/// Runs every start with its first `n_clusters` centres; the smallest inertia wins, then the earliest start.
pub(super) fn best_of(data: ArrayView2<'_, f64>, starts: &[Seeding], config: &KMeansConfig) -> KMeans {
    let norms = squared_norms(data);
    let run = |start: &Seeding| {
        let chosen = &start.chosen[..config.n_clusters.min(start.chosen.len())];
        Lloyd::new(data, norms.view(), data.select(Axis(0), chosen)).run(config.max_iterations)
    };
    let results: Vec<KMeans> = starts.par_iter().map(run).collect();
    let inertias: Vec<f64> = results.iter().map(|result| result.inertia).collect();
    let mut best = results.into_iter().nth(smallest(&inertias)).unwrap_or_else(|| KMeans {
        centers: Array2::zeros((0, data.ncols())),
        labels: Vec::new(),
        inertia: f64::INFINITY,
        n_iterations: 0,
    });
    number_by_first_point(&mut best);
    best
}

/// One start of Lloyd's iteration with its buffers.
struct Lloyd<'a> {
    data: ArrayView2<'a, f64>,
    norms: ndarray::ArrayView1<'a, f64>,
    centers: Array2<f64>,
    /// `[point, cluster]`: x . c, refilled by one matrix product per step.
    products: Array2<f64>,
    labels: Vec<usize>,
    /// Squared distance of each point to its centre.
    distances: Vec<f64>,
}

impl<'a> Lloyd<'a> {
    fn new(data: ArrayView2<'a, f64>, norms: ndarray::ArrayView1<'a, f64>, centers: Array2<f64>) -> Self {
        Self {
            data,
            norms,
            products: Array2::zeros((data.nrows(), centers.nrows())),
            centers,
            labels: vec![usize::MAX; data.nrows()],
            distances: vec![0.0; data.nrows()],
        }
    }

    fn run(mut self, max_iterations: usize) -> KMeans {
        let mut n_iterations = 0;
        while n_iterations < max_iterations {
            n_iterations += 1;
            if !self.assign() {
                break;
            }
            self.move_centers();
        }
        let rows = self.data.rows().into_iter().zip(&self.labels);
        let inertia = rows.map(|(point, &label)| squared_distance(point, self.centers.row(label))).sum();
        KMeans { centers: self.centers, labels: self.labels, inertia, n_iterations }
    }

    /// Gives every point its nearest centre (the first of equals); says whether a label changed.
    fn assign(&mut self) -> bool {
        let half_norms: Array1<f64> = squared_norms(self.centers.view()) * 0.5;
        general_mat_mul(1.0, &self.data, &self.centers.t(), 0.0, &mut self.products);
        let mut changed = false;
        for (point, products) in self.products.rows().into_iter().enumerate() {
            let (mut best, mut best_score) = (0, f64::INFINITY);
            for (cluster, (half_norm, product)) in half_norms.iter().zip(products).enumerate() {
                let score = half_norm - product;
                if score < best_score {
                    (best, best_score) = (cluster, score);
                }
            }
            changed |= self.labels[point] != best;
            self.labels[point] = best;
            self.distances[point] = (self.norms[point] + 2.0 * best_score).max(0.0);
        }
        changed
    }

    /// Every centre moves to the mean of its points; an empty cluster takes the point that is farthest from
    /// its own centre.
    fn move_centers(&mut self) {
        let mut counts = vec![0_usize; self.centers.nrows()];
        for &label in &self.labels {
            counts[label] += 1;
        }
        while let Some(empty) = counts.iter().position(|&count| count == 0) {
            let Some(point) = self.farthest_of_a_pair(&counts) else { break };
            counts[self.labels[point]] -= 1;
            counts[empty] = 1;
            (self.labels[point], self.distances[point]) = (empty, 0.0);
        }
        self.centers.fill(0.0);
        for (point, &label) in self.data.rows().into_iter().zip(&self.labels) {
            let mut center = self.centers.row_mut(label);
            center += &point;
        }
        for (mut center, &count) in self.centers.rows_mut().into_iter().zip(&counts) {
            center /= count.max(1) as f64;
        }
    }

    fn farthest_of_a_pair(&self, counts: &[usize]) -> Option<usize> {
        let movable = (0..self.labels.len()).filter(|&point| counts[self.labels[point]] > 1);
        movable.max_by(|&a, &b| self.distances[a].total_cmp(&self.distances[b]).then(b.cmp(&a)))
    }
}

/// The numbers of clusters come from chance; the order of their first points does not.
fn number_by_first_point(result: &mut KMeans) {
    let mut order: Vec<usize> = Vec::new();
    for &label in &result.labels {
        if !order.contains(&label) {
            order.push(label);
        }
    }
    let unused = (0..result.centers.nrows()).filter(|cluster| !order.contains(cluster));
    let order: Vec<usize> = order.iter().copied().chain(unused).collect();
    let mut number = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        number[old] = new;
    }
    result.centers = result.centers.select(Axis(0), &order);
    for label in &mut result.labels {
        *label = number[*label];
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::metrics::clustering::matched_accuracy;
    use ndarray::array;
    use rand::RngExt;

    /// Points around centres that are uniform in a cube, in shuffled order; `spread` is the half width of
    /// the noise around each centre.
    pub(in crate::cluster) fn blobs(shape: [usize; 3], spread: f64, seed: Seed) -> (Array2<f64>, Vec<usize>) {
        let [n_points, n_features, n_clusters] = shape;
        let mut rng = seed.rng();
        let centers = Array2::from_shape_simple_fn((n_clusters, n_features), || rng.random::<f64>());
        let labels: Vec<usize> = (0..n_points)
            .map(|point| if point < n_clusters { point } else { rng.random_range(0..n_clusters) })
            .collect();
        let noise = |label: usize, feature: usize, uniform: f64| {
            centers[[label, feature]] + spread * (2.0 * uniform - 1.0)
        };
        let points = Array2::from_shape_fn((n_points, n_features), |(point, feature)| {
            noise(labels[point], feature, rng.random::<f64>())
        });
        (points, labels)
    }

    #[test]
    fn two_pairs_worked_out_by_hand() -> Result<(), Error> {
        let points = array![[10.0], [0.0], [12.0], [2.0]];
        let result = KMeans::fit(points.view(), &KMeansConfig { n_clusters: 2, ..Default::default() })?;
        assert_eq!(result.labels, [0, 1, 0, 1]);
        assert_eq!(result.centers, array![[11.0], [1.0]]);
        assert_eq!(result.inertia, 4.0);
        assert_eq!(result.predict(array![[9.0], [-3.0]].view())?, [0, 1]);
        Ok(())
    }

    #[test]
    fn thirty_two_clusters_of_a_thousand_points_are_found_for_every_seed() -> Result<(), Error> {
        for seed in 0..20 {
            let (points, truth) = blobs([1000, 32, 32], 0.2, Seed(seed));
            let config =
                KMeansConfig { n_clusters: 32, n_init: 4, seed: Seed(seed + 100), ..Default::default() };
            let result = KMeans::fit(points.view(), &config)?;
            assert_eq!(matched_accuracy(&truth, &result.labels)?, 1.0, "seed {seed}");
        }
        Ok(())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let (points, _) = blobs([300, 5, 7], 0.6, Seed(1));
        let config = KMeansConfig { n_clusters: 9, ..Default::default() };
        let with = |n_threads| -> Result<KMeans, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| KMeans::fit(points.view(), &config))?)
        };
        assert_eq!(with(1)?, with(3)?);
        Ok(())
    }

    #[test]
    fn an_offset_changes_no_label() -> Result<(), Error> {
        let (points, truth) = blobs([200, 4, 5], 0.05, Seed(3));
        let config = KMeansConfig { n_clusters: 5, ..Default::default() };
        let result = KMeans::fit((&points + 1e7).view(), &config)?;
        assert_eq!(matched_accuracy(&truth, &result.labels)?, 1.0);
        assert!((result.centers.mean().unwrap_or(0.0) - 1e7).abs() < 1.0);
        Ok(())
    }

    #[test]
    fn more_clusters_than_distinct_points_are_refused() -> Result<(), Error> {
        let points = array![[1.0, 0.3], [1.0, 0.3], [2.0, 0.1], [2.0, 0.1]];
        let config = |n_clusters| KMeansConfig { n_clusters, ..Default::default() };
        assert_eq!(KMeans::fit(points.view(), &config(2))?.inertia, 0.0);
        let error = KMeans::fit(points.view(), &config(3)).map_err(|error| error.to_string());
        assert_eq!(error, Err("n_clusters is 3, allowed: 1 to 2, the number of distinct points".into()));
        assert!(KMeans::fit(points.view(), &config(0)).is_err());
        let missing = array![[1.0], [f64::NAN]];
        assert!(matches!(KMeans::fit(missing.view(), &config(1)), Err(Error::NotFinite { row: 1, .. })));
        assert!(KMeans::fit(Array2::zeros((0, 2)).view(), &config(1)).is_err());
        Ok(())
    }
}
