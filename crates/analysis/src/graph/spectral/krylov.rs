//! Leading eigenvalues and singular values of a sparse matrix from its products with vectors.
//!
//! Bases are kept orthogonal by two passes of Gram and Schmidt and are never restarted: they grow until the wanted
//! values stand still twice in a row.

use faer::Mat;

use super::no_convergence;
use crate::Error;
use crate::graph::DirectedGraph;

/// Largest basis.
const MAX_STEPS: usize = 500;
/// Change, relative to the largest value, below which a value stands still.
const TOLERANCE: f64 = 1e-12;

/// The two largest moduli of eigenvalues (Arnoldi 1951) of a strongly connected graph; the second is NaN if it did
/// not converge.
pub(super) fn leading_moduli(graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
    let n = graph.n_neurons();
    let mut basis = vec![start(n)];
    let mut projected: Vec<Vec<f64>> = Vec::new();
    let mut watch = Watch::new(2);
    while basis.len() <= MAX_STEPS.min(n) {
        let mut next = times(n, |neuron| graph.predecessors(neuron), &basis[basis.len() - 1]);
        let mut column = orthogonalise(&mut next, &basis);
        let length = norm(&next);
        column.push(length);
        projected.push(column);
        let steps = projected.len();
        let exhausted = length <= TOLERANCE * projected[0][0].abs().max(1.0) || steps == n;
        if exhausted || watch.is_due(steps) {
            let square =
                Mat::from_fn(steps, steps, |row, column| projected[column].get(row).copied().unwrap_or(0.0));
            let values = square.eigenvalues().map_err(|_| no_convergence("the adjacency matrix"))?;
            let mut moduli: Vec<f64> = values.iter().map(|value| value.re.hypot(value.im)).collect();
            moduli.sort_unstable_by(|a, b| b.total_cmp(a));
            moduli.truncate(2);
            if exhausted || watch.stands_still(&moduli) {
                return Ok(moduli);
            }
        }
        scale(&mut next, 1.0 / length);
        basis.push(next);
    }
    Ok(watch.settled())
}

/// The leading singular values (Golub and Kahan 1965), descending; those that converged.
pub(super) fn singular_values(graph: &DirectedGraph, wanted: usize) -> Result<Vec<f64>, Error> {
    let n = graph.n_neurons();
    let wanted = wanted.min(n);
    if graph.n_edges() == 0 || wanted == 0 {
        return Ok(vec![0.0; wanted]);
    }
    let (mut right, mut left): (Vec<Vec<f64>>, Vec<Vec<f64>>) = (vec![start(n)], Vec::new());
    let (mut diagonal, mut above): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut watch = Watch::new(wanted);
    while right.len() <= MAX_STEPS.min(n) {
        let mut u = times(n, |neuron| graph.successors(neuron), &right[right.len() - 1]);
        orthogonalise(&mut u, &left);
        diagonal.push(norm(&u));
        scale(&mut u, 1.0 / diagonal[diagonal.len() - 1].max(f64::MIN_POSITIVE));
        let mut v = times(n, |neuron| graph.predecessors(neuron), &u);
        left.push(u);
        orthogonalise(&mut v, &right);
        above.push(norm(&v));
        let steps = diagonal.len();
        let largest = diagonal.iter().chain(&above).copied().fold(0.0, f64::max);
        let exhausted = above[steps - 1] <= TOLERANCE * largest || steps == n;
        if exhausted || watch.is_due(steps) {
            let small = Mat::from_fn(steps, steps, |row, column| match column.checked_sub(row) {
                Some(0) => diagonal[row],
                Some(1) => above[row],
                _ => 0.0,
            });
            let mut values = small.singular_values().map_err(|_| no_convergence("the adjacency matrix"))?;
            values.truncate(wanted);
            if exhausted || watch.stands_still(&values) {
                return Ok(values);
            }
        }
        scale(&mut v, 1.0 / above[steps - 1]);
        right.push(v);
    }
    Ok(watch.settled().into_iter().take_while(|value| value.is_finite()).collect())
}

/// Which values stand still.
struct Watch {
    wanted: usize,
    next: usize,
    last: Vec<f64>,
    /// Looks in a row at which each value did not move.
    still: Vec<u32>,
}

impl Watch {
    fn new(wanted: usize) -> Self {
        Self { wanted, next: 20 + 2 * wanted, last: Vec::new(), still: vec![0; wanted] }
    }

    /// Whether it is time for a look; the small problem costs the cube of the steps, so looks grow rarer.
    fn is_due(&mut self, steps: usize) -> bool {
        let due = steps >= self.next;
        if due {
            self.next = steps + (steps / 5).max(10);
        }
        due
    }

    fn stands_still(&mut self, values: &[f64]) -> bool {
        let largest = values.first().copied().unwrap_or(0.0);
        for (place, value) in values.iter().enumerate() {
            let moved = self.last.get(place).is_none_or(|last| (last - value).abs() > TOLERANCE * largest);
            self.still[place] = if moved { 0 } else { self.still[place] + 1 };
        }
        self.last = values.to_vec();
        values.len() == self.wanted && self.still.iter().all(|&looks| looks >= 2)
    }

    /// The values at the last look; NaN where one still moved.
    fn settled(&self) -> Vec<f64> {
        let value = |(value, looks): (&f64, &u32)| if *looks > 0 { *value } else { f64::NAN };
        self.last.iter().zip(&self.still).map(value).collect()
    }
}

/// A fixed vector with a part of every eigenvector.
fn start(n: usize) -> Vec<f64> {
    let entry = |place: usize| 1.0 + 0.5 * ((place as f64 + 1.0) * 0.618_033_988_75).fract();
    let mut vector: Vec<f64> = (0..n).map(entry).collect();
    let length = norm(&vector);
    scale(&mut vector, 1.0 / length);
    vector
}

fn times<'a>(n: usize, neighbours: impl Fn(u32) -> &'a [u32], vector: &[f64]) -> Vec<f64> {
    let sum = |neuron| neighbours(neuron).iter().map(|&other| vector[other as usize]).sum();
    (0..n as u32).map(sum).collect()
}

/// Removes the parts along an orthonormal basis, twice; the parts that were removed.
fn orthogonalise(vector: &mut [f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut parts = vec![0.0; basis.len()];
    for _ in 0..2 {
        for (direction, part) in basis.iter().zip(&mut parts) {
            let along: f64 = direction.iter().zip(&*vector).map(|(a, b)| a * b).sum();
            vector.iter_mut().zip(direction).for_each(|(entry, step)| *entry -= along * step);
            *part += along;
        }
    }
    parts
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|entry| entry * entry).sum::<f64>().sqrt()
}

fn scale(vector: &mut [f64], factor: f64) {
    vector.iter_mut().for_each(|entry| *entry *= factor);
}
