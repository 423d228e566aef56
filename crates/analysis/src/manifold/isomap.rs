//! Isomap: coordinates whose distances are those along the neighbourhood graph.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::distances::{Metric, check_points, check_width};
use super::neighbours::{Geodesics, NearestNeighbours, NeighbourConfig, NeighbourGraph, Neighbourhood};
use super::scaling::Scaling;
use crate::Error;

/// What to do if the neighbourhood graph falls into pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DisconnectedPolicy {
    /// One embedding for each piece: no distance between pieces is known, so none is made up.
    #[default]
    Split,
    /// An error.
    Refuse,
}

/// How Isomap runs.
#[derive(Debug, Clone, PartialEq)]
pub struct IsomapConfig {
    /// Coordinates of the embedding.
    pub n_components: usize,
    /// Who is a neighbour.
    pub neighbourhood: Neighbourhood,
    /// What the rows are.
    pub metric: Metric,
    /// What to do with a graph of several pieces.
    pub disconnected: DisconnectedPolicy,
}

impl Default for IsomapConfig {
    fn default() -> Self {
        Self {
            n_components: 2,
            neighbourhood: Neighbourhood::Nearest(8),
            metric: Metric::Euclidean,
            disconnected: DisconnectedPolicy::Split,
        }
    }
}

/// Isomap (Tenenbaum, de Silva and Langford 2000): classical scaling of the lengths of the shortest paths in the
/// neighbourhood graph, one embedding for each connected piece.
///
/// The signs of the coordinates are free; here the entry of largest size of each is positive.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::{Isomap, IsomapConfig, Neighbourhood};
/// // a half circle in the plane: along it the points are evenly spaced
/// let arc = Array2::from_shape_fn((50, 2), |(point, axis)| {
///     let angle = point as f64 * std::f64::consts::PI / 49.0;
///     if axis == 0 { angle.cos() } else { angle.sin() }
/// });
/// let config =
///     IsomapConfig { n_components: 1, neighbourhood: Neighbourhood::Nearest(2), ..Default::default() };
/// let isomap = Isomap::fit(arc.view(), &config)?;
/// let line = isomap.embedding();
/// let step = line[[1, 0]] - line[[0, 0]];
/// assert!((1..49).all(|point| ((line[[point + 1, 0]] - line[[point, 0]]) / step - 1.0).abs() < 0.01));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Isomap {
    config: IsomapConfig,
    points: Array2<f64>,
    graph: NeighbourGraph,
    pieces: Vec<IsomapPiece>,
}

/// The embedding of one connected piece.
#[derive(Debug, Clone)]
pub struct IsomapPiece {
    /// Its points, by index.
    pub members: Vec<usize>,
    /// Lengths of the shortest paths among them, in the order of `members`.
    pub geodesics: Geodesics,
    scaling: Scaling,
}

impl IsomapPiece {
    /// Coordinates, `[member, coordinate]`; a coordinate whose eigenvalue is not positive is 0.
    pub fn embedding(&self) -> ArrayView2<'_, f64> {
        self.scaling.embedding.view()
    }

    /// Eigenvalues of the double-centred squared geodesics, descending.
    pub fn eigenvalues(&self) -> &Array1<f64> {
        &self.scaling.eigenvalues
    }
}

/// Where new points lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// The piece of each point: that of its nearest point of the fit.
    pub piece: Vec<usize>,
    /// Coordinates within the piece, `[point, coordinate]`.
    pub coordinates: Array2<f64>,
}

impl Isomap {
    /// Embeds the points.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or `[point, point]` with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Fewer than two points, a sample that is not finite, a neighbourhood that is not allowed, no components, or
    /// a graph of several pieces under [`DisconnectedPolicy::Refuse`].
    pub fn fit(points: ArrayView2<'_, f64>, config: &IsomapConfig) -> Result<Self, Error> {
        check_components(config.n_components, points.nrows())?;
        let near = NeighbourConfig { neighbourhood: config.neighbourhood, metric: config.metric };
        let graph = NeighbourGraph::fit(points, &near)?;
        let components = graph.components();
        if components.len() > 1 && config.disconnected == DisconnectedPolicy::Refuse {
            let given = format!("in {} pieces", components.len());
            let allowed = "one piece; take more neighbours, or split".into();
            return Err(Error::Value { what: "the neighbourhood graph", given, allowed });
        }
        let piece = |members: Vec<usize>| {
            let geodesics = graph.induced(&members).geodesics();
            let scaling = Scaling::fit(&geodesics, config.n_components)?;
            Ok(IsomapPiece { members, geodesics, scaling })
        };
        let pieces = components.into_iter().map(piece).collect::<Result<Vec<_>, Error>>()?;
        let points =
            if config.metric == Metric::Euclidean { points.to_owned() } else { Array2::zeros((0, 0)) };
        Ok(Self { config: config.clone(), points, graph, pieces })
    }

    /// The connected pieces; the piece of the first point comes first.
    pub fn pieces(&self) -> &[IsomapPiece] {
        &self.pieces
    }

    /// The piece of each point.
    pub fn labels(&self) -> Vec<usize> {
        let mut labels = vec![0; self.graph.n_points()];
        for (label, piece) in self.pieces.iter().enumerate() {
            piece.members.iter().for_each(|&member| labels[member] = label);
        }
        labels
    }

    /// Coordinates of all points, `[point, coordinate]`. Those of different pieces do not refer to each other:
    /// use them with [`Isomap::labels`].
    pub fn embedding(&self) -> Array2<f64> {
        let mut embedding = Array2::zeros((self.graph.n_points(), self.config.n_components));
        for piece in &self.pieces {
            for (row, &member) in piece.embedding().rows().into_iter().zip(&piece.members) {
                embedding.row_mut(member).assign(&row);
            }
        }
        embedding
    }

    /// The graph whose paths were measured.
    pub fn graph(&self) -> &NeighbourGraph {
        &self.graph
    }

    /// Places other points: their geodesics lead through their nearest points of the fit, within the piece of
    /// the nearest one. Points of the fit come out where they were.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or distances to the points of the fit `[point, point of the fit]` with
    /// [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Another number of features, or a sample that is not finite.
    pub fn transform(&self, points: ArrayView2<'_, f64>) -> Result<Placement, Error> {
        check_points(points, 0)?;
        let n = self.graph.n_points();
        check_width(points, if self.config.metric == Metric::Euclidean { self.points.ncols() } else { n })?;
        let nearest =
            NearestNeighbours::query(self.points.view(), points, self.n_bridges(n), self.config.metric)?;
        let labels = self.labels();
        let mut position = vec![0; n];
        for piece in &self.pieces {
            piece.members.iter().enumerate().for_each(|(at, &member)| position[member] = at);
        }
        let place = |query: usize| {
            let bridges =
                nearest.indices.row(query).to_vec().into_iter().zip(nearest.distances.row(query).to_vec());
            let bridges: Vec<(usize, f64)> =
                bridges.map(|(point, distance)| (point as usize, distance)).collect();
            let label = labels[bridges[0].0];
            let within = self.within(&bridges, &labels, label);
            let within: Vec<(usize, f64)> =
                within.map(|(point, distance)| (position[point], distance)).collect();
            (label, self.pieces[label].place(&within))
        };
        let placed: Vec<(usize, Array1<f64>)> = (0..points.nrows()).into_par_iter().map(place).collect();
        let mut coordinates = Array2::zeros((points.nrows(), self.config.n_components));
        for (mut row, (_, found)) in coordinates.axis_iter_mut(Axis(0)).zip(&placed) {
            row.assign(found);
        }
        Ok(Placement { piece: placed.into_iter().map(|(label, _)| label).collect(), coordinates })
    }

    fn n_bridges(&self, n: usize) -> usize {
        match self.config.neighbourhood {
            Neighbourhood::Nearest(k) => k.min(n),
            Neighbourhood::Radius(_) => n,
        }
    }

    /// The nearest point and the neighbours that lie in its piece.
    fn within<'a>(
        &'a self,
        bridges: &'a [(usize, f64)],
        labels: &'a [usize],
        label: usize,
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        let radius = match self.config.neighbourhood {
            Neighbourhood::Nearest(_) => f64::INFINITY,
            Neighbourhood::Radius(radius) => radius,
        };
        let near =
            bridges.iter().enumerate().filter(move |(rank, (_, distance))| *rank == 0 || *distance <= radius);
        near.map(|(_, &bridge)| bridge).filter(move |(point, _)| labels[*point] == label)
    }
}

impl IsomapPiece {
    /// Coordinates of a point from its distances to some members.
    fn place(&self, bridges: &[(usize, f64)]) -> Array1<f64> {
        let through = |member: usize| {
            let routes =
                bridges.iter().map(|&(bridge, distance)| distance + self.geodesics.distance(bridge, member));
            routes.fold(f64::INFINITY, f64::min).powi(2)
        };
        self.scaling.place(&(0..self.members.len()).map(through).collect::<Vec<f64>>())
    }
}

pub(super) fn check_components(n_components: usize, n_points: usize) -> Result<(), Error> {
    if (1..=n_points).contains(&n_components) {
        return Ok(());
    }
    let allowed = format!("1 to {n_points}, the number of points");
    Err(Error::Value { what: "n_components", given: n_components.to_string(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    fn swiss_roll(n: usize) -> Array2<f64> {
        Array2::from_shape_fn((n, 3), |(point, axis)| {
            let turn = 4.7 + 9.4 * (point as f64 * 0.618_033_988_75).fract();
            match axis {
                0 => turn * turn.cos(),
                1 => 21.0 * point as f64 / n as f64,
                _ => turn * turn.sin(),
            }
        })
    }

    #[test]
    fn points_of_the_fit_are_placed_where_they_were() -> Result<(), Error> {
        let points = swiss_roll(400);
        let radius = Neighbourhood::Radius(3.0);
        for neighbourhood in [Neighbourhood::Nearest(8), radius] {
            let config = IsomapConfig { neighbourhood, ..Default::default() };
            let isomap = Isomap::fit(points.view(), &config)?;
            assert_eq!(isomap.pieces().len(), 1);
            let placed = isomap.transform(points.view())?;
            let difference = &placed.coordinates - &isomap.embedding();
            assert!(difference.iter().all(|entry| entry.abs() < 1e-7), "{difference}");
        }
        Ok(())
    }

    #[test]
    fn a_point_between_two_lies_between_their_places() -> Result<(), Error> {
        let points = swiss_roll(1000);
        let isomap = Isomap::fit(points.view(), &IsomapConfig::default())?;
        let nearest = NearestNeighbours::fit(points.view(), 1, Metric::Euclidean)?;
        let other = nearest.indices[[500, 0]] as usize;
        let between = (&points.slice(s![500..501, ..]) + &points.slice(s![other..other + 1, ..])) * 0.5;
        let placed = isomap.transform(between.view())?;
        let embedding = isomap.embedding();
        let expected = (&embedding.row(500) + &embedding.row(other)) * 0.5;
        let apart = (&placed.coordinates.row(0) - &expected).mapv(|entry| entry * entry).sum().sqrt();
        assert!(apart < nearest.distances[[500, 0]], "{apart}");
        Ok(())
    }

    #[test]
    fn a_graph_of_two_pieces_is_split_not_joined() -> Result<(), Error> {
        let one = swiss_roll(300);
        let mut points = Array2::zeros((600, 3));
        points.slice_mut(s![..300, ..]).assign(&one);
        points.slice_mut(s![300.., ..]).assign(&(&one + 1000.0));
        let isomap = Isomap::fit(points.view(), &IsomapConfig::default())?;
        assert_eq!(isomap.pieces().len(), 2);
        let alone = Isomap::fit(one.view(), &IsomapConfig::default())?.embedding();
        for piece in isomap.pieces() {
            assert!((&piece.embedding() - &alone).iter().all(|entry| entry.abs() < 1e-6));
        }
        assert_eq!(isomap.labels()[299..301], [0, 1]);
        let placed = isomap.transform((&one.slice(s![..5, ..]) + 1000.0).view())?;
        assert_eq!(placed.piece, [1; 5]);
        let refusing = IsomapConfig { disconnected: DisconnectedPolicy::Refuse, ..Default::default() };
        assert!(matches!(Isomap::fit(points.view(), &refusing), Err(Error::Value { .. })));
        Ok(())
    }

    #[test]
    fn distances_alone_give_the_same_embedding() -> Result<(), Error> {
        let points = swiss_roll(200);
        let distances = crate::manifold::euclidean_distances(points.view())?;
        let of_points = Isomap::fit(points.view(), &IsomapConfig::default())?;
        let config = IsomapConfig { metric: Metric::Precomputed, ..Default::default() };
        let of_distances = Isomap::fit(distances.view(), &config)?;
        assert_eq!(of_points.embedding(), of_distances.embedding());
        let placed = of_distances.transform(distances.slice(s![..10, ..]))?;
        let expected = of_points.embedding();
        let difference = &placed.coordinates - &expected.slice(s![..10, ..]);
        assert!(difference.iter().all(|entry| entry.abs() < 1e-7));
        Ok(())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let points = swiss_roll(700);
        let with = |n_threads| -> Result<Array2<f64>, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| Isomap::fit(points.view(), &IsomapConfig::default()))?.embedding())
        };
        assert_eq!(with(1)?, with(2)?);
        Ok(())
    }
}
