//! One tree in flat lists.

use serde::{Deserialize, Serialize};

/// A marker in [`Tree::left`] and [`Tree::right`]: the node is a leaf.
const LEAF: u32 = u32::MAX;

/// A binary tree; node 0 is the root, children come after their parents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tree {
    /// Feature of each split; 0 for a leaf.
    pub feature: Vec<u32>,
    /// A value of at most this goes left; 0 for a leaf.
    pub threshold: Vec<f64>,
    /// Node for smaller values; `u32::MAX` for a leaf.
    pub left: Vec<u32>,
    /// Node for larger values; `u32::MAX` for a leaf.
    pub right: Vec<u32>,
    /// What a leaf adds to F; 0 for a split.
    pub value: Vec<f64>,
    /// Training rows that came by.
    pub cover: Vec<f64>,
    /// What a split is worth; 0 for a leaf.
    pub gain: Vec<f64>,
}

impl Tree {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The feature that a node splits on; `None` for a leaf.
    pub fn split_feature(&self, node: usize) -> Option<usize> {
        (self.left[node] != LEAF).then(|| self.feature[node] as usize)
    }

    /// Children of a split.
    pub(crate) fn children(&self, node: usize) -> [usize; 2] {
        [self.left[node] as usize, self.right[node] as usize]
    }

    /// The child to which a value of the node's feature leads.
    pub(crate) fn next(&self, node: usize, value: f64) -> usize {
        let [left, right] = self.children(node);
        if value <= self.threshold[node] { left } else { right }
    }

    /// The value of the leaf that the features lead to.
    pub(crate) fn predict(&self, feature: impl Fn(usize) -> f64) -> f64 {
        let mut node = 0;
        while let Some(split) = self.split_feature(node) {
            node = self.next(node, feature(split));
        }
        self.value[node]
    }

    /// Longest way from the root to a leaf, in splits.
    pub(crate) fn depth(&self) -> usize {
        let mut depth = vec![0; self.len()];
        for node in 0..self.len() {
            if self.split_feature(node).is_some() {
                self.children(node).into_iter().for_each(|child| depth[child] = depth[node] + 1);
            }
        }
        depth.into_iter().max().unwrap_or(0)
    }

    /// A new leaf; its position.
    pub(super) fn push_leaf(&mut self, value: f64, cover: f64) -> usize {
        self.feature.push(0);
        self.threshold.push(0.0);
        self.left.push(LEAF);
        self.right.push(LEAF);
        self.value.push(value);
        self.cover.push(cover);
        self.gain.push(0.0);
        self.len() - 1
    }

    /// Turns a leaf into a split between two that were pushed.
    pub(super) fn split(&mut self, node: usize, rule: (usize, f64, f64), children: [usize; 2]) {
        let (feature, threshold, gain) = rule;
        self.feature[node] = feature as u32;
        self.threshold[node] = threshold;
        self.gain[node] = gain;
        self.value[node] = 0.0;
        self.left[node] = children[0] as u32;
        self.right[node] = children[1] as u32;
    }
}
