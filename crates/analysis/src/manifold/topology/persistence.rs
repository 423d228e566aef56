//! Persistent cohomology of a Vietoris-Rips filtration over Z/2.
//!
//! Coboundary columns are reduced from the last simplex to the first; a simplex that ended a class one dimension
//! below is not reduced (clearing, Chen and Kerber 2011), and a column whose first cofacet appears with it is
//! paired at sight (emergent pairs). The coboundary is never stored (de Silva, Morozov and Vejdemo-Johansson 2011;
//! Bauer 2021, "Ripser").

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::ops::ControlFlow;

use super::simplices::{Filtration, Simplex};

/// When a class appears and when it is filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Scale at which the class appears.
    pub birth: f64,
    /// Scale at which it is filled; infinite if never.
    pub death: f64,
}

impl Bar {
    /// `death - birth`.
    pub fn lifetime(&self) -> f64 {
        self.death - self.birth
    }
}

/// The bars of each dimension, `[H0, H1, ..]`, longest first.
pub(super) fn bars(filtration: &Filtration, max_dimension: usize) -> Vec<Vec<Bar>> {
    let (pieces, mut columns) = connected_pieces(filtration);
    let mut all = vec![pieces];
    for dimension in 1..=max_dimension {
        let reduced = reduce(filtration, dimension + 1, columns);
        all.push(reduced.bars);
        columns = Vec::new();
        if dimension < max_dimension {
            columns.extend(
                filtration.triangles().filter(|triangle| !reduced.ends.contains_key(&triangle.index)),
            );
        }
    }
    for bars in &mut all {
        bars.sort_by(|a, b| b.lifetime().total_cmp(&a.lifetime()).then(a.birth.total_cmp(&b.birth)));
    }
    all
}

/// H0 by joining (Kruskal), and the edges that joined nothing.
fn connected_pieces(filtration: &Filtration) -> (Vec<Bar>, Vec<Simplex>) {
    let mut edges: Vec<(usize, usize, Simplex)> = filtration.edges().collect();
    edges.sort_unstable_by(|a, b| a.2.appearance(&b.2));
    let mut parent: Vec<usize> = (0..filtration.n).collect();
    let (mut bars, mut loops) = (Vec::new(), Vec::new());
    for (a, b, edge) in edges {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        if a == b {
            loops.push(edge);
            continue;
        }
        parent[a] = b;
        if edge.diameter > 0.0 {
            bars.push(Bar { birth: 0.0, death: edge.diameter });
        }
    }
    let n_pieces = (0..filtration.n).filter(|&point| parent[point] == point).count();
    bars.extend(vec![Bar { birth: 0.0, death: f64::INFINITY }; n_pieces]);
    (bars, loops)
}

fn root(parent: &mut [usize], mut point: usize) -> usize {
    while parent[point] != point {
        parent[point] = parent[parent[point]];
        point = parent[point];
    }
    point
}

struct Reduced {
    bars: Vec<Bar>,
    /// The column that each ending simplex belongs to.
    ends: HashMap<u64, usize>,
}

/// A simplex in a heap whose top appears first.
struct Entry(Simplex);

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.0.index == other.0.index
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.appearance(&self.0)
    }
}

/// Reduces the coboundaries of the columns, simplices of `n_vertices`.
fn reduce(filtration: &Filtration, n_vertices: usize, mut columns: Vec<Simplex>) -> Reduced {
    columns.sort_unstable_by(|a, b| b.appearance(a));
    let mut reduced = Reduced { bars: Vec::new(), ends: HashMap::new() };
    // What was added up to reduce a column, beside its own simplex.
    let mut additions: Vec<Vec<Simplex>> = Vec::with_capacity(columns.len());
    let mut heap = BinaryHeap::new();
    for (at, &column) in columns.iter().enumerate() {
        heap.clear();
        additions.push(Vec::new());
        if let Some(end) = start(filtration, n_vertices, column, (&reduced.ends, &mut heap)) {
            reduced.ends.insert(end.index, at);
            continue;
        }
        loop {
            let Some(end) = pivot(&mut heap) else {
                reduced.bars.push(Bar { birth: column.diameter, death: f64::INFINITY });
                break;
            };
            let Some(&other) = reduced.ends.get(&end.index) else {
                reduced.ends.insert(end.index, at);
                if end.diameter > column.diameter {
                    reduced.bars.push(Bar { birth: column.diameter, death: end.diameter });
                }
                break;
            };
            let mut added = additions[other].clone();
            added.push(columns[other]);
            heap.push(Entry(end));
            for &simplex in &added {
                filtration.cofacets(simplex, n_vertices, |cofacet| {
                    heap.push(Entry(cofacet));
                    ControlFlow::Continue(())
                });
            }
            additions[at].append(&mut added);
        }
        cancel(&mut additions[at]);
    }
    reduced
}

/// Fills the heap with the cofacets of a column, unless the first that appears with it is free: then that one ends it.
fn start(
    filtration: &Filtration,
    n_vertices: usize,
    column: Simplex,
    (ends, heap): (&HashMap<u64, usize>, &mut BinaryHeap<Entry>),
) -> Option<Simplex> {
    let mut first_looked_at = false;
    let mut emergent = None;
    filtration.cofacets(column, n_vertices, |cofacet| {
        if !first_looked_at && cofacet.diameter == column.diameter {
            first_looked_at = true;
            if !ends.contains_key(&cofacet.index) {
                emergent = Some(cofacet);
                return ControlFlow::Break(());
            }
        }
        heap.push(Entry(cofacet));
        ControlFlow::Continue(())
    });
    emergent
}

/// Takes out the entry that appears first and does not cancel.
fn pivot(heap: &mut BinaryHeap<Entry>) -> Option<Simplex> {
    while let Some(Entry(first)) = heap.pop() {
        if heap.peek().is_none_or(|next| next.0.index != first.index) {
            return Some(first);
        }
        heap.pop();
    }
    None
}

/// Removes what was added an even number of times.
fn cancel(simplices: &mut Vec<Simplex>) {
    simplices.sort_unstable_by_key(|simplex| simplex.index);
    let odd = simplices.chunk_by(|a, b| a.index == b.index).filter(|run| run.len() % 2 == 1);
    *simplices = odd.map(|run| run[0]).collect();
}
