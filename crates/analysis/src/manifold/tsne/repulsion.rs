//! Repulsion of all points from each other, far ones by cells of a quadtree.

use rayon::prelude::*;

use super::{Place, ROWS};

/// Bits of each coordinate: cells below this size are leaves.
const BITS: u32 = 24;

/// A cell: its mass and what lies in it.
#[derive(Debug, Clone, Copy)]
struct Cell {
    centre: Place,
    mass: f64,
    /// Squared width; 0 for a leaf.
    width2: f64,
    /// The cell after all cells within this one.
    next: u32,
}

/// Cells in depth-first order, so that a walk needs no stack.
pub(super) struct Quadtree<'a> {
    places: &'a [Place],
    /// Points in the order of the curve through the cells.
    order: Vec<u32>,
    cells: Vec<Cell>,
}

impl<'a> Quadtree<'a> {
    pub(super) fn new(places: &'a [Place]) -> Self {
        let bound = |pick: fn(f64, f64) -> f64, from: f64| {
            places.iter().fold([from; 2], |bound, place| [pick(bound[0], place[0]), pick(bound[1], place[1])])
        };
        let (low, high) = (bound(f64::min, f64::INFINITY), bound(f64::max, f64::NEG_INFINITY));
        let width = (high[0] - low[0]).max(high[1] - low[1]).max(f64::MIN_POSITIVE) * (1.0 + 1e-9);
        let scale = f64::from(1_u32 << BITS) / width;
        let key =
            |place: &Place| spread((place[0] - low[0]) * scale) | spread((place[1] - low[1]) * scale) << 1;
        let mut keyed: Vec<(u64, u32)> = places.iter().map(key).zip(0..).collect();
        keyed.sort_unstable();
        let mut tree = Self { places, order: keyed.iter().map(|entry| entry.1).collect(), cells: Vec::new() };
        tree.cells.reserve(2 * places.len());
        tree.grow(&keyed, 2 * BITS, width * width);
        tree
    }

    /// Adds the cell of a run of points, then the cells within it; the lowest `bits` of their keys tell them apart.
    fn grow(&mut self, keyed: &[(u64, u32)], bits: u32, width2: f64) {
        let mut sum = [0.0; 2];
        for &(_, point) in keyed {
            let place = self.places[point as usize];
            sum = [sum[0] + place[0], sum[1] + place[1]];
        }
        let mass = keyed.len() as f64;
        let at = self.cells.len();
        let is_leaf = keyed.len() == 1 || bits == 0 || keyed[0].0 == keyed[keyed.len() - 1].0;
        let width2 = if is_leaf { 0.0 } else { width2 };
        self.cells.push(Cell { centre: sum.map(|entry| entry / mass), mass, width2, next: 0 });
        if !is_leaf {
            let quadrant = |entry: &(u64, u32)| entry.0 >> (bits - 2) & 3;
            for run in keyed.chunk_by(|a, b| quadrant(a) == quadrant(b)) {
                self.grow(run, bits - 2, width2 / 4.0);
            }
        }
        self.cells[at].next = self.cells.len() as u32;
    }

    /// `sum_j w_ij^2 (y_i - y_j)` for each point and `Z = sum_(i != j) w_ij`; cells are opened unless their width is
    /// below `theta` of their distance.
    pub(super) fn repulsion(&self, theta: f64) -> (Vec<Place>, f64) {
        let of_rows = |rows: &[u32]| -> Vec<(Place, f64)> {
            rows.iter().map(|&point| self.on(self.places[point as usize], theta * theta)).collect()
        };
        let found: Vec<Vec<(Place, f64)>> = self.order.par_chunks(ROWS).map(of_rows).collect();
        let mut forces = vec![[0.0; 2]; self.places.len()];
        let mut total = 0.0;
        for (&point, (force, weight)) in self.order.iter().zip(found.into_iter().flatten()) {
            forces[point as usize] = force;
            // The point itself was met in its leaf, with the weight 1 and no force.
            total += weight - 1.0;
        }
        (forces, total.max(f64::MIN_POSITIVE))
    }

    fn on(&self, place: Place, theta2: f64) -> (Place, f64) {
        let (mut force, mut total) = ([0.0; 2], 0.0);
        let mut at = 0;
        while let Some(cell) = self.cells.get(at) {
            let apart = [place[0] - cell.centre[0], place[1] - cell.centre[1]];
            let square = apart[0] * apart[0] + apart[1] * apart[1];
            if cell.width2 > theta2 * square || (cell.width2 > 0.0 && theta2 == 0.0) {
                at += 1;
                continue;
            }
            let weight = 1.0 / (1.0 + square);
            let push = cell.mass * weight * weight;
            total += cell.mass * weight;
            force = [force[0] + push * apart[0], force[1] + push * apart[1]];
            at = cell.next as usize;
        }
        (force, total)
    }
}

/// The lowest bits of a number, each followed by a 0.
fn spread(coordinate: f64) -> u64 {
    let mut bits = coordinate as u64 & ((1 << BITS) - 1);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spread_to_every_second_place() {
        assert_eq!(spread(5.0), 0b1_0001);
        assert_eq!(spread(f64::from((1 << BITS) - 1)).count_ones(), BITS);
    }

    #[test]
    fn points_that_coincide_share_a_leaf() {
        let places = vec![[1.0, 2.0]; 5];
        let (forces, total) = Quadtree::new(&places).repulsion(0.5);
        assert!(forces.iter().all(|force| force == &[0.0; 2]));
        assert_eq!(total, 20.0);
    }
}
