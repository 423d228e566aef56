//! Exact attribution of trees whose unknown features come from background rows.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::{Attribution, check_background, check_columns};
use crate::Error;
use crate::boosting::{BoostedTrees, Tree};

/// Interventional TreeSHAP (Lundberg et al. 2020): mean over the background rows of the Shapley values of the game in
/// which known features are those of the row and unknown ones those of the background row.
///
/// A leaf that is reached with n features of the row and m of the background (features on which both agree do not
/// count) gives each of the n its value times (n-1)! m! / (n+m)! and takes from each of the m its value times
/// n! (m-1)! / (n+m)!. Time: rows x background x leaves.
///
/// # Shapes
/// `rows: [row, feature]`, `background: [row, feature]`; a hundred background rows are usual.
///
/// # Errors
/// [`Error::Shape`] for another number of features, [`Error::TooFew`] without background, [`Error::NotFinite`].
pub fn tree_interventional(
    trees: &BoostedTrees,
    rows: ArrayView2<'_, f64>,
    background: ArrayView2<'_, f64>,
) -> Result<Attribution, Error> {
    check_columns("rows", rows, trees.n_features)?;
    check_background(background, trees.n_features)?;
    let margins = trees.margin(background)?;
    let base = margins.iter().sum::<f64>() / margins.len() as f64;
    let depth = trees.trees.iter().map(Tree::depth).max().unwrap_or(0);
    let shares = Shares::up_to(depth);
    let mut values = Array2::zeros((rows.nrows(), trees.n_features));
    let others: Vec<Vec<f64>> = background.rows().into_iter().map(|row| row.to_vec()).collect();
    let each: Vec<_> = values.axis_iter_mut(Axis(0)).zip(rows.axis_iter(Axis(0))).collect();
    each.into_par_iter().for_each(|(mut values, row)| {
        let row = row.to_vec();
        let mut phi = vec![0.0; row.len()];
        for tree in &trees.trees {
            for other in &others {
                let path = Vec::with_capacity(depth);
                let mut walk = Walk { tree, row: &row, other, shares: &shares, path, phi: &mut phi };
                walk.visit(0, 0);
            }
        }
        let n = others.len() as f64;
        values.iter_mut().zip(&phi).for_each(|(value, phi)| *value = phi / n);
    });
    Ok(Attribution { base, values })
}

/// `share(n, m)` = n! m! / (n + m + 1)!.
struct Shares {
    width: usize,
    table: Vec<f64>,
}

impl Shares {
    fn up_to(depth: usize) -> Self {
        let width = depth + 1;
        let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
        let share = |n: usize, m: usize| factorial(n) * factorial(m) / factorial(n + m + 1);
        let table = (0..width * width).map(|place| share(place / width, place % width)).collect();
        Self { width, table }
    }

    fn share(&self, n: usize, m: usize) -> f64 {
        self.table[n * self.width + m]
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    row: &'a [f64],
    other: &'a [f64],
    shares: &'a Shares,
    /// Features on which row and background part, and whether the way taken is the row's.
    path: Vec<(usize, bool)>,
    phi: &'a mut [f64],
}

impl Walk<'_> {
    /// `n_own`: how many features of the path are the row's.
    fn visit(&mut self, node: usize, n_own: usize) {
        let Some(feature) = self.tree.split_feature(node) else {
            self.credit(self.tree.value[node], n_own);
            return;
        };
        let own = self.tree.next(node, self.row[feature]);
        let foreign = self.tree.next(node, self.other[feature]);
        if own == foreign {
            return self.visit(own, n_own);
        }
        match self.path.iter().find(|(met, _)| *met == feature) {
            Some((_, true)) => self.visit(own, n_own),
            Some((_, false)) => self.visit(foreign, n_own),
            None => {
                self.path.push((feature, true));
                self.visit(own, n_own + 1);
                self.path.pop();
                self.path.push((feature, false));
                self.visit(foreign, n_own);
                self.path.pop();
            }
        }
    }

    fn credit(&mut self, value: f64, n_own: usize) {
        let n_foreign = self.path.len() - n_own;
        for &(feature, own) in &self.path {
            if own {
                self.phi[feature] += value * self.shares.share(n_own - 1, n_foreign);
            } else {
                self.phi[feature] -= value * self.shares.share(n_own, n_foreign - 1);
            }
        }
    }
}
