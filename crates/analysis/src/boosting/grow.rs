//! One tree, leaf by leaf, the most valuable split first.

use super::bins::Binned;
use super::histogram::{Histogram, Slope, Split, Sums, best_split, difference, histogram};
use super::{BoostingConfig, Tree};

/// A leaf that may still be split.
struct Open {
    node: usize,
    depth: usize,
    /// Its rows: a range of the list of rows.
    range: std::ops::Range<usize>,
    histogram: Histogram,
    split: Split,
}

/// A tree and, for each row, the leaf where it ended.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) leaf: Vec<u32>,
}

pub(super) fn grow(binned: &Binned, slopes: &[Slope], config: &BoostingConfig) -> Grown {
    let mut growth = Growth::new(binned, slopes, config);
    growth.plant();
    while growth.n_leaves < config.max_leaves {
        // Of equal gains the oldest node, so that the order is one.
        let best = (0..growth.open.len()).max_by(|&a, &b| {
            let (one, other) = (&growth.open[a], &growth.open[b]);
            one.split.gain.total_cmp(&other.split.gain).then(other.node.cmp(&one.node))
        });
        let Some(best) = best else { break };
        let open = growth.open.swap_remove(best);
        growth.split(open);
    }
    Grown { tree: growth.tree, leaf: growth.leaf }
}

struct Growth<'a> {
    binned: &'a Binned,
    slopes: &'a [Slope],
    config: &'a BoostingConfig,
    tree: Tree,
    /// Rows, those of a node side by side and ascending.
    rows: Vec<u32>,
    scratch: Vec<u32>,
    leaf: Vec<u32>,
    open: Vec<Open>,
    n_leaves: usize,
}

impl<'a> Growth<'a> {
    fn new(binned: &'a Binned, slopes: &'a [Slope], config: &'a BoostingConfig) -> Self {
        Self {
            binned,
            slopes,
            config,
            tree: Tree::default(),
            rows: (0..binned.n_rows as u32).collect(),
            scratch: Vec::with_capacity(binned.n_rows),
            leaf: vec![0; binned.n_rows],
            open: Vec::new(),
            n_leaves: 1,
        }
    }

    fn plant(&mut self) {
        let found = histogram(self.binned, &self.rows, self.slopes);
        let mut total = Sums { n_rows: self.rows.len() as u32, ..Sums::default() };
        for slope in self.slopes {
            total.gradient += slope.gradient;
            total.hessian += slope.hessian;
        }
        let node = self.tree.push_leaf(self.value(total), f64::from(total.n_rows));
        self.consider(node, (0, 0..self.rows.len()), found, total);
    }

    fn value(&self, sums: Sums) -> f64 {
        let curvature = sums.hessian + self.config.l2;
        if curvature > 0.0 { -self.config.learning_rate * sums.gradient / curvature } else { 0.0 }
    }

    /// Keeps a leaf open if it can be split.
    fn consider(
        &mut self,
        node: usize,
        (depth, range): (usize, std::ops::Range<usize>),
        histogram: Histogram,
        total: Sums,
    ) {
        if depth < self.config.max_depth
            && let Some(split) = best_split(&histogram, total, self.config)
        {
            self.open.push(Open { node, depth, range, histogram, split });
        }
    }

    fn split(&mut self, open: Open) {
        let Open { node, depth, range, histogram: whole, split } = open;
        let middle = self.part(range.clone(), &split);
        let (low, high) = (range.start..middle, middle..range.end);
        let children = [split.left, split.right]
            .map(|sums| self.tree.push_leaf(self.value(sums), f64::from(sums.n_rows)));
        let threshold = self.binned.cuts[split.feature][split.bin];
        self.tree.split(node, (split.feature, threshold, split.gain), children);
        self.n_leaves += 1;
        for &row in &self.rows[low.clone()] {
            self.leaf[row as usize] = children[0] as u32;
        }
        for &row in &self.rows[high.clone()] {
            self.leaf[row as usize] = children[1] as u32;
        }
        // Only the smaller child is added up.
        let first_is_smaller = low.len() <= high.len();
        let smaller = if first_is_smaller { low.clone() } else { high.clone() };
        let small = histogram(self.binned, &self.rows[smaller], self.slopes);
        let large = difference(&whole, &small);
        let (left, right) = if first_is_smaller { (small, large) } else { (large, small) };
        self.consider(children[0], (depth + 1, low), left, split.left);
        self.consider(children[1], (depth + 1, high), right, split.right);
    }

    /// Puts the rows that go left first, both sides in their order; where the right side begins.
    fn part(&mut self, range: std::ops::Range<usize>, split: &Split) -> usize {
        let column = &self.binned.columns[split.feature];
        self.scratch.clear();
        let mut place = range.start;
        for index in range.clone() {
            let row = self.rows[index];
            if usize::from(column[row as usize]) <= split.bin {
                self.rows[place] = row;
                place += 1;
            } else {
                self.scratch.push(row);
            }
        }
        self.rows[place..range.end].copy_from_slice(&self.scratch);
        place
    }
}
