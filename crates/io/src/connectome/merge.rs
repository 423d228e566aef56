//! Rows of a table or a matrix become edges: repeated ones add up, and all is counted.

use neuroloom_core::{EdgeList, Warning};
use rustc_hash::FxHashMap;

use crate::connectome::ImportSummary;

/// Edges by position, before repeated ones are added up; an absent column is `None`.
#[derive(Default)]
pub(crate) struct RawEdges {
    /// Sender and receiver, `None` if it is not in the node table.
    pub(crate) ends: Vec<(Option<u32>, Option<u32>)>,
    pub(crate) syn_count: Option<Vec<f32>>,
    pub(crate) sign: Option<Vec<i8>>,
    pub(crate) weight: Option<Vec<f32>>,
    pub(crate) kind: Option<Vec<String>>,
}

/// Edges, counts and warnings.
pub(crate) struct Merged {
    pub(crate) edges: EdgeList,
    pub(crate) summary: ImportSummary,
    pub(crate) warnings: Vec<Warning>,
}

impl RawEdges {
    /// Adds up repeated rows; `describe` names a row for the list of dropped ones.
    pub(crate) fn merge(self, describe: impl Fn(usize) -> String) -> Merged {
        let mut summary = ImportSummary { n_rows: self.ends.len(), ..ImportSummary::default() };
        let mut edges = EdgeList::default();
        // Rows in order, as every exporter writes them, hold no pair twice.
        let in_order = self.is_strictly_ascending();
        let capacity = if in_order { 0 } else { self.ends.len() };
        let mut places: FxHashMap<(u32, u32, &str), usize> =
            FxHashMap::with_capacity_and_hasher(capacity, Default::default());
        let mut n_conflicts = 0;
        for (row, ends) in self.ends.iter().enumerate() {
            let (Some(pre), Some(post)) = *ends else {
                summary.n_dangling += 1;
                if summary.dangling_examples.len() < 3 {
                    summary.dangling_examples.push(describe(row));
                }
                continue;
            };
            let kind = self.kind_of(row);
            let known = if in_order { None } else { places.get(&(pre, post, kind)) };
            match known {
                Some(&edge) => {
                    summary.n_merged += 1;
                    n_conflicts += usize::from(self.add(row, &mut edges, edge));
                }
                None => {
                    if !in_order {
                        places.insert((pre, post, kind), edges.pre.len());
                    }
                    summary.n_self_edges += usize::from(pre == post);
                    self.push(row, (pre, post), &mut edges);
                }
            }
        }
        summary.n_edges = edges.len();
        let warnings = warnings(&summary, n_conflicts, &edges);
        Merged { edges, summary, warnings }
    }

    fn kind_of(&self, row: usize) -> &str {
        self.kind.as_ref().map_or("", |kind| kind[row].as_str())
    }

    /// Whether each row lies behind the one before it, by sender, receiver and kind.
    fn is_strictly_ascending(&self) -> bool {
        let ends = self.ends.windows(2).enumerate();
        let mut pairs =
            ends.map(|(row, pair)| (pair[0], self.kind_of(row)) < (pair[1], self.kind_of(row + 1)));
        pairs.all(|ascends| ascends)
    }

    fn push(&self, row: usize, (pre, post): (u32, u32), edges: &mut EdgeList) {
        edges.pre.push(pre);
        edges.post.push(post);
        edges.syn_count.extend(self.syn_count.as_ref().map(|column| column[row]));
        edges.sign.extend(self.sign.as_ref().map(|column| column[row]));
        edges.weight.extend(self.weight.as_ref().map(|column| column[row]));
        edges.kind.extend(self.kind.as_ref().map(|column| column[row].clone()));
    }

    /// Whether the row contradicts the sign of the edge that it is added to.
    fn add(&self, row: usize, edges: &mut EdgeList, edge: usize) -> bool {
        if let Some(column) = &self.syn_count {
            edges.syn_count[edge] += column[row];
        }
        if let Some(column) = &self.weight {
            edges.weight[edge] += column[row];
        }
        let conflict = self.sign.as_ref().is_some_and(|column| column[row] != edges.sign[edge]);
        if conflict {
            edges.sign[edge] = 0;
        }
        conflict
    }
}

fn warnings(summary: &ImportSummary, n_conflicts: usize, edges: &EdgeList) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if summary.n_dangling > 0 {
        let message = format!(
            "{} of {} edges have an end that is not in the node table and were dropped: {}",
            summary.n_dangling,
            summary.n_rows,
            summary.dangling_examples.join("; ")
        );
        warnings.push(Warning::new("dangling-edges", message));
    }
    if summary.n_merged > 0 {
        let message = format!("{} rows repeat a pair of neurons and were added up", summary.n_merged);
        warnings.push(Warning::new("duplicate-edges", message));
    }
    if n_conflicts > 0 {
        let message =
            format!("{n_conflicts} repeated rows contradict the sign of their edge; it is now 0 (unknown)");
        warnings.push(Warning::new("sign-conflict", message));
    }
    let n_silent = edges.syn_count.iter().filter(|&&count| count == 0.0).count();
    if n_silent > 0 {
        let message = format!("{n_silent} edges have 0 synapses; they are kept as edges");
        warnings.push(Warning::new("zero-synapses", message));
    }
    warnings
}
