//! Which rows psi is evaluated on: one a neuron where its inputs allow, else one a receiver class and sender, else
//! one an edge.
//!
//! A block is a set of receivers that hear the same psi. psi(x_j) and psi(x_j, a_j) need one block of all
//! receivers; psi(x_j, a_i, a_j) one for each class of receivers that share an embedding, or one a receiver while
//! none do; psi(x_i, x_j, a_i, a_j) one a receiver.

use std::collections::BTreeMap;
use std::ops::Range;

use super::config::TransferInput;
use super::edges::Edges;

/// Receivers that hear the same psi of the same senders.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Receivers as ascending stretches.
    pub(super) receivers: Vec<Range<usize>>,
    /// Senders, or all of them.
    pub(super) senders: Option<Vec<u32>>,
}

impl Block {
    /// The blocks of a transfer function; `classes` are neurons that share an embedding, where they do.
    pub(super) fn all(input: TransferInput, edges: &Edges, classes: Option<&[u32]>) -> Vec<Self> {
        let n = edges.n;
        match (input, classes) {
            (TransferInput::Sender | TransferInput::SenderEmbedding, _) => {
                vec![Self { receivers: std::iter::once(0..n).collect(), senders: None }]
            }
            (TransferInput::PairEmbedding, Some(classes)) => by_class(edges, classes),
            _ => (0..n).map(|one| Self::single(edges, one)).collect(),
        }
    }

    /// Number of receivers.
    pub(super) fn n_receivers(&self) -> usize {
        self.receivers.iter().map(ExactSizeIterator::len).sum()
    }

    /// The receiver whose embedding (and activity) stands for all of them.
    pub(super) fn first(&self) -> usize {
        self.receivers.first().map_or(0, |range| range.start)
    }

    /// Number of senders.
    pub(super) fn n_senders(&self, n: usize) -> usize {
        self.senders.as_ref().map_or(n, Vec::len)
    }

    /// The sender of a row.
    pub(super) fn sender(&self, row: usize) -> usize {
        self.senders.as_ref().map_or(row, |senders| senders[row] as usize)
    }

    fn single(edges: &Edges, receiver: usize) -> Self {
        let senders = edges.incoming(receiver).into_iter().map(|(_, sender)| sender).collect();
        Self { receivers: std::iter::once(receiver..receiver + 1).collect(), senders: Some(senders) }
    }
}

/// Receivers of a class share a block; one alone asks only for the senders it has.
fn by_class(edges: &Edges, classes: &[u32]) -> Vec<Block> {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (neuron, &class) in classes.iter().enumerate() {
        groups.entry(class).or_default().push(neuron);
    }
    let block = |members: &Vec<usize>| match members[..] {
        [one] => Block::single(edges, one),
        _ => Block { receivers: stretches(members), senders: None },
    };
    groups.values().map(block).collect()
}

fn stretches(ascending: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for &one in ascending {
        match ranges.last_mut() {
            Some(last) if last.end == one => last.end = one + 1,
            _ => ranges.push(one..one + 1),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::train::config::{Signs, Wiring};

    #[test]
    fn tied_embeddings_need_one_block_a_class() {
        let edges = Edges::new(5, (Wiring::Dense, Signs::Free), None).unwrap();
        let classes = [7, 7, 2, 7, 2];
        let blocks = Block::all(TransferInput::PairEmbedding, &edges, Some(&classes));
        let receivers: Vec<_> = blocks.iter().map(|block| block.receivers.clone()).collect();
        assert_eq!(receivers, [vec![2..3, 4..5], vec![0..2, 3..4]]);
        let blocks = Block::all(TransferInput::PairEmbedding, &edges, None);
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[1].senders, Some(vec![0, 2, 3, 4]));
        assert_eq!(Block::all(TransferInput::SenderEmbedding, &edges, None).len(), 1);
    }
}
