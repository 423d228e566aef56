//! Simplices as numbers: a set of vertices is its rank in the combinatorial number system.

use std::cmp::Ordering;

/// A simplex of a Vietoris-Rips complex.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simplex {
    /// Largest distance of two of its vertices: when it appears.
    pub(super) diameter: f64,
    pub(super) index: u64,
}

impl Simplex {
    /// The order of appearance; of simplices of one diameter the one with the larger index comes first.
    pub(super) fn appearance(&self, other: &Self) -> Ordering {
        self.diameter.total_cmp(&other.diameter).then(other.index.cmp(&self.index))
    }
}

/// A filtration of all simplices up to a largest diameter.
pub(super) struct Filtration {
    pub(super) n: usize,
    distances: Vec<f64>,
    /// Nothing happens beyond the enclosing radius: from there on one point is joined with all.
    pub(super) limit: f64,
    /// `binomial[k][v]` = v choose k.
    binomial: Vec<Vec<u64>>,
}

impl Filtration {
    pub(super) fn new(n: usize, distance: impl Fn(usize, usize) -> f64, max_vertices: usize) -> Self {
        let mut distances = vec![0.0; n * n];
        for (pair, entry) in distances.iter_mut().enumerate() {
            *entry = distance(pair / n, pair % n);
        }
        let farthest = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
        let limit = distances.chunks(n).map(farthest).fold(f64::INFINITY, f64::min);
        let mut binomial = vec![vec![1; n + 1]];
        for k in 1..=max_vertices {
            let below = &binomial[k - 1];
            let mut row = vec![0; n + 1];
            for v in 1..=n {
                row[v] = row[v - 1] + below[v - 1];
            }
            binomial.push(row);
        }
        Self { n, distances, limit, binomial }
    }

    pub(super) fn distance(&self, a: usize, b: usize) -> f64 {
        self.distances[a * self.n + b]
    }

    /// Vertices from the largest down.
    fn vertices(&self, mut index: u64, n_vertices: usize) -> [usize; 4] {
        let mut vertices = [0; 4];
        let mut above = self.n;
        for k in (1..=n_vertices).rev() {
            let table = &self.binomial[k];
            let vertex = table[..above].partition_point(|&count| count <= index) - 1;
            index -= table[vertex];
            vertices[n_vertices - k] = vertex;
            above = vertex + 1;
        }
        vertices
    }

    /// Simplices with one vertex more, by falling index, until `visit` says to stop.
    pub(super) fn cofacets(
        &self,
        simplex: Simplex,
        n_vertices: usize,
        mut visit: impl FnMut(Simplex) -> std::ops::ControlFlow<()>,
    ) {
        let vertices = self.vertices(simplex.index, n_vertices);
        let vertices = &vertices[..n_vertices];
        // Vertices above the new one move up one place in the number.
        let (mut below, mut above) = (simplex.index, 0);
        let mut n_below = n_vertices;
        for vertex in (0..self.n).rev() {
            if n_below > 0 && vertices[n_vertices - n_below] == vertex {
                below -= self.binomial[n_below][vertex];
                above += self.binomial[n_below + 1][vertex];
                n_below -= 1;
                continue;
            }
            let row = &self.distances[vertex * self.n..(vertex + 1) * self.n];
            let diameter = vertices.iter().map(|&other| row[other]).fold(simplex.diameter, f64::max);
            if diameter <= self.limit {
                let index = above + self.binomial[n_below + 1][vertex] + below;
                if visit(Simplex { diameter, index }).is_break() {
                    return;
                }
            }
        }
    }

    /// All edges, by rank.
    pub(super) fn edges(&self) -> impl Iterator<Item = (usize, usize, Simplex)> + '_ {
        (0..self.n).flat_map(move |a| (0..a).map(move |b| (a, b))).filter_map(move |(a, b)| {
            let diameter = self.distance(a, b);
            let index = self.binomial[2][a] + b as u64;
            (diameter <= self.limit).then_some((a, b, Simplex { diameter, index }))
        })
    }

    /// All triangles, by rank.
    pub(super) fn triangles(&self) -> impl Iterator<Item = Simplex> + '_ {
        (0..self.n).flat_map(move |a| {
            (0..a).filter(move |&b| self.distance(a, b) <= self.limit).flat_map(move |b| {
                (0..b).filter_map(move |c| {
                    let diameter = self.distance(a, b).max(self.distance(a, c)).max(self.distance(b, c));
                    let index = self.binomial[3][a] + self.binomial[2][b] + c as u64;
                    (diameter <= self.limit).then_some(Simplex { diameter, index })
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    #[test]
    fn every_simplex_has_its_number_and_every_cofacet_is_visited_once() {
        let filtration = Filtration::new(7, |a, b| if a == b { 0.0 } else { 1.0 }, 4);
        let triangles: Vec<u64> = filtration.triangles().map(|simplex| simplex.index).collect();
        assert_eq!(triangles, (0..35).collect::<Vec<u64>>());
        assert_eq!(filtration.vertices(triangles[34], 3)[..3], [6, 5, 4]);
        let mut seen = vec![0; 35];
        for (a, b, edge) in filtration.edges() {
            let mut last = u64::MAX;
            filtration.cofacets(edge, 2, |cofacet| {
                assert!(cofacet.index < last);
                last = cofacet.index;
                let vertices = filtration.vertices(cofacet.index, 3);
                assert!(vertices[..3].contains(&a) && vertices[..3].contains(&b));
                seen[cofacet.index as usize] += 1;
                ControlFlow::Continue(())
            });
        }
        assert_eq!(seen, [3; 35]);
    }
}
