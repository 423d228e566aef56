//! Exact attribution of trees whose unknown features are averaged along the tree.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::{Attribution, check_columns};
use crate::Error;
use crate::boosting::{BoostedTrees, Tree};

/// Path-dependent TreeSHAP (Lundberg et al. 2020, algorithm 2): where a tree splits on an unknown feature, both
/// branches count by the training rows that took them. O(leaves depth²) for each tree and row; needs no background.
///
/// # Shapes
/// `rows: [row, feature]`.
///
/// # Errors
/// [`Error::Shape`] for another number of features, [`Error::NotFinite`].
pub fn tree_path_dependent(trees: &BoostedTrees, rows: ArrayView2<'_, f64>) -> Result<Attribution, Error> {
    check_columns("rows", rows, trees.n_features)?;
    let base = trees.base + trees.trees.iter().map(|tree| expectation(tree, 0)).sum::<f64>();
    let mut values = Array2::zeros((rows.nrows(), trees.n_features));
    let each: Vec<_> = values.axis_iter_mut(Axis(0)).zip(rows.axis_iter(Axis(0))).collect();
    each.into_par_iter().for_each(|(mut values, row)| {
        let row = row.to_vec();
        let mut phi = Array1::zeros(row.len());
        for tree in &trees.trees {
            let mut walk = Walk { tree, row: &row, phi: &mut phi };
            walk.visit(0, Vec::with_capacity(tree.depth() + 2), Step { feature: None, zero: 1.0, one: 1.0 });
        }
        values.assign(&phi);
    });
    Ok(Attribution { base, values })
}

/// Mean value of the leaves below a node by their training rows.
fn expectation(tree: &Tree, node: usize) -> f64 {
    if tree.split_feature(node).is_none() {
        return tree.value[node];
    }
    let part = |child: usize| tree.cover[child] / tree.cover[node] * expectation(tree, child);
    tree.children(node).into_iter().map(part).sum()
}

/// One split on the way to a node.
#[derive(Clone, Copy)]
struct Step {
    /// `None` for the root.
    feature: Option<usize>,
    /// Share of the ways on which the feature is unknown that come by.
    zero: f64,
    /// The same where it is known: 1 or 0.
    one: f64,
}

/// A split with the weight of the sets of features of its size.
#[derive(Clone, Copy)]
struct Weighted {
    step: Step,
    weight: f64,
}

struct Walk<'a> {
    tree: &'a Tree,
    row: &'a [f64],
    phi: &'a mut Array1<f64>,
}

impl Walk<'_> {
    fn visit(&mut self, node: usize, mut path: Vec<Weighted>, step: Step) {
        extend(&mut path, step);
        let Some(feature) = self.tree.split_feature(node) else {
            for place in 1..path.len() {
                let Step { feature, zero, one } = path[place].step;
                if let Some(feature) = feature {
                    self.phi[feature] += unwound_sum(&path, place) * (one - zero) * self.tree.value[node];
                }
            }
            return;
        };
        let hot = self.tree.next(node, self.row[feature]);
        // A feature that was met before is taken out, so that it counts once.
        let (mut zero, mut one) = (1.0, 1.0);
        if let Some(place) = path.iter().position(|met| met.step.feature == Some(feature)) {
            (zero, one) = (path[place].step.zero, path[place].step.one);
            unwind(&mut path, place);
        }
        for child in self.tree.children(node) {
            let share = self.tree.cover[child] / self.tree.cover[node];
            let one = if child == hot { one } else { 0.0 };
            self.visit(child, path.clone(), Step { feature: Some(feature), zero: zero * share, one });
        }
    }
}

fn extend(path: &mut Vec<Weighted>, step: Step) {
    let depth = path.len();
    path.push(Weighted { step, weight: if depth == 0 { 1.0 } else { 0.0 } });
    let length = (depth + 1) as f64;
    for place in (0..depth).rev() {
        path[place + 1].weight += step.one * path[place].weight * (place + 1) as f64 / length;
        path[place].weight *= step.zero * (depth - place) as f64 / length;
    }
}

/// The path as if the step at `place` had never been taken.
fn unwind(path: &mut Vec<Weighted>, place: usize) {
    let depth = path.len() - 1;
    let Step { zero, one, .. } = path[place].step;
    let length = (depth + 1) as f64;
    let mut next = path[depth].weight;
    for index in (0..depth).rev() {
        if one != 0.0 {
            let kept = path[index].weight;
            path[index].weight = next * length / ((index + 1) as f64 * one);
            next = kept - path[index].weight * zero * (depth - index) as f64 / length;
        } else {
            path[index].weight *= length / (zero * (depth - index) as f64);
        }
    }
    for index in place..depth {
        path[index].step = path[index + 1].step;
    }
    path.pop();
}

/// Sum of the weights that [`unwind`] would leave.
fn unwound_sum(path: &[Weighted], place: usize) -> f64 {
    let depth = path.len() - 1;
    let Step { zero, one, .. } = path[place].step;
    let length = (depth + 1) as f64;
    let mut next = path[depth].weight;
    let mut total = 0.0;
    for index in (0..depth).rev() {
        if one != 0.0 {
            let weight = next * length / ((index + 1) as f64 * one);
            total += weight;
            next = path[index].weight - weight * zero * (depth - index) as f64 / length;
        } else {
            total += path[index].weight * length / (zero * (depth - index) as f64);
        }
    }
    total
}
