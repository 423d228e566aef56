//! Labels against labels, where the names of the labels mean nothing.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::check_same_length;
use crate::Error;

/// Fraction of points whose cluster is the one matched to their true class, under the one-to-one matching
/// of clusters and classes that makes this fraction largest (Hungarian method).
///
/// In 0..=1. With more clusters than classes (or fewer) the points of the unmatched ones count as wrong.
///
/// # Errors
/// Lengths differ or there is no point.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::clustering::matched_accuracy;
/// // renamed, and one of five points in the wrong cluster
/// assert_eq!(matched_accuracy(&[0, 0, 0, 1, 1], &[7, 7, 3, 3, 3])?, 0.8);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn matched_accuracy(truth: &[usize], found: &[usize]) -> Result<f64, Error> {
    let table = contingency(truth, found)?;
    let matched: u64 = best_matching(&table).iter().map(|&(row, column)| table[[row, column]]).sum();
    Ok(matched as f64 / truth.len() as f64)
}

/// Rand index adjusted for chance (Hubert and Arabie 1985): the excess of pairs on which both labellings
/// agree over what random labels of the same sizes would agree on.
///
/// 1 when identical up to names, 0 on average for random labels, negative below chance.
///
/// # Errors
/// Lengths differ or there is no point.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::clustering::adjusted_rand_index;
/// assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 2, 2])?, 1.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn adjusted_rand_index(truth: &[usize], found: &[usize]) -> Result<f64, Error> {
    let table = contingency(truth, found)?;
    let n_points = truth.len() as f64;
    let squares = |counts: &[f64]| counts.iter().map(|count| count * count).sum::<f64>();
    let (rows, columns) = margins(&table);
    let cells: Vec<f64> = table.iter().map(|&count| count as f64).collect();
    // Ordered pairs: together in both, only in the truth, only in the found, in neither.
    let both = squares(&cells) - n_points;
    let only_truth = squares(&rows) - squares(&cells);
    let only_found = squares(&columns) - squares(&cells);
    let neither = n_points * n_points - n_points - both - only_truth - only_found;
    if only_truth == 0.0 && only_found == 0.0 {
        return Ok(1.0);
    }
    let agreement = both * neither - only_truth * only_found;
    let scale = (both + only_truth) * (only_truth + neither) + (both + only_found) * (only_found + neither);
    Ok(2.0 * agreement / scale)
}

/// Mutual information of the two labellings over the mean of their entropies.
///
/// In 0..=1; 1 when identical up to names. Unlike [`adjusted_rand_index`] it is not adjusted for chance:
/// many small random clusters score well above 0.
///
/// # Errors
/// Lengths differ or there is no point.
pub fn normalized_mutual_information(truth: &[usize], found: &[usize]) -> Result<f64, Error> {
    let table = contingency(truth, found)?;
    let n_points = truth.len() as f64;
    let (rows, columns) = margins(&table);
    if rows.len() == 1 && columns.len() == 1 {
        return Ok(1.0);
    }
    let entropy = |counts: &[f64]| -> f64 {
        counts.iter().map(|count| -(count / n_points) * (count / n_points).ln()).sum()
    };
    let information: f64 = table
        .indexed_iter()
        .filter(|&(_, &count)| count > 0)
        .map(|((row, column), &count)| {
            let count = count as f64;
            count / n_points * (count * n_points / (rows[row] * columns[column])).ln()
        })
        .sum();
    // Independent labels may come out at minus a rounding error.
    Ok((information.max(0.0) / (0.5 * (entropy(&rows) + entropy(&columns)))).min(1.0))
}

/// How many points carry each pair of labels; `[class, cluster]`, both in ascending order of their names.
fn contingency(truth: &[usize], found: &[usize]) -> Result<Array2<u64>, Error> {
    check_same_length("found labels", found.len(), truth.len())?;
    if truth.is_empty() {
        return Err(Error::TooFew { what: "labelled points", given: 0, needed: 1 });
    }
    let (classes, clusters) = (positions(truth), positions(found));
    let mut table = Array2::zeros((classes.len(), clusters.len()));
    for (class, cluster) in truth.iter().zip(found) {
        table[[classes[class], clusters[cluster]]] += 1;
    }
    Ok(table)
}

fn positions(labels: &[usize]) -> BTreeMap<usize, usize> {
    let distinct: std::collections::BTreeSet<usize> = labels.iter().copied().collect();
    distinct.into_iter().enumerate().map(|(position, label)| (label, position)).collect()
}

fn margins(table: &Array2<u64>) -> (Vec<f64>, Vec<f64>) {
    let total = |counts: ndarray::ArrayView1<'_, u64>| counts.sum() as f64;
    (table.rows().into_iter().map(total).collect(), table.columns().into_iter().map(total).collect())
}

/// The pairs (row, column) of a one-to-one matching with the largest sum of counts.
pub(crate) fn best_matching(table: &Array2<u64>) -> Vec<(usize, usize)> {
    let (n_rows, n_columns) = table.dim();
    if n_rows > n_columns {
        let swapped = best_matching(&table.t().to_owned());
        return swapped.into_iter().map(|(column, row)| (row, column)).collect();
    }
    let mut matching = Matching::new(n_rows, n_columns);
    for row in 0..n_rows {
        matching.insert(row, table);
    }
    let row_of_column = matching.row_of_column.iter().enumerate();
    row_of_column.filter_map(|(column, row)| row.map(|row| (row, column))).collect()
}

/// The Hungarian method by shortest augmenting paths (Kuhn 1955, Munkres 1957): rows enter one by one;
/// the potentials keep every reduced cost `-count - row potential - column potential` at or above zero and
/// at zero on matched pairs. Counts are integers, so nothing is rounded.
struct Matching {
    row_potential: Vec<i64>,
    column_potential: Vec<i64>,
    row_of_column: Vec<Option<usize>>,
}

impl Matching {
    fn new(n_rows: usize, n_columns: usize) -> Self {
        Self {
            row_potential: vec![0; n_rows],
            column_potential: vec![0; n_columns],
            row_of_column: vec![None; n_columns],
        }
    }

    /// Grows a shortest-path tree from `new_row` until it meets a free column, then flips that path.
    fn insert(&mut self, new_row: usize, table: &Array2<u64>) {
        let n_columns = self.row_of_column.len();
        let mut distance = vec![i64::MAX; n_columns];
        let mut reached_from: Vec<Option<usize>> = vec![None; n_columns];
        let mut settled = vec![false; n_columns];
        let (mut row, mut via, mut so_far) = (new_row, None, 0);
        let free_column = loop {
            for column in (0..n_columns).filter(|&column| !settled[column]) {
                let candidate = so_far + self.reduced_cost(table, row, column);
                if candidate < distance[column] {
                    (distance[column], reached_from[column]) = (candidate, via);
                }
            }
            let open = (0..n_columns).filter(|&column| !settled[column]);
            let Some(column) = open.min_by_key(|&column| distance[column]) else { return };
            (settled[column], so_far) = (true, distance[column]);
            match self.row_of_column[column] {
                Some(next) => (row, via) = (next, Some(column)),
                None => break column,
            }
        };
        self.raise_potentials(new_row, so_far, &settled, &distance);
        self.flip_path(new_row, free_column, &reached_from);
    }

    fn reduced_cost(&self, table: &Array2<u64>, row: usize, column: usize) -> i64 {
        -(table[[row, column]] as i64) - self.row_potential[row] - self.column_potential[column]
    }

    fn raise_potentials(&mut self, new_row: usize, length: i64, settled: &[bool], distance: &[i64]) {
        self.row_potential[new_row] += length;
        for column in (0..settled.len()).filter(|&column| settled[column]) {
            let slack = length - distance[column];
            self.column_potential[column] -= slack;
            if let Some(row) = self.row_of_column[column] {
                self.row_potential[row] += slack;
            }
        }
    }

    fn flip_path(&mut self, new_row: usize, free_column: usize, reached_from: &[Option<usize>]) {
        let mut column = free_column;
        while let Some(previous) = reached_from[column] {
            self.row_of_column[column] = self.row_of_column[previous];
            column = previous;
        }
        self.row_of_column[column] = Some(new_row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All injective maps of rows to columns, tried one after another.
    fn best_by_search(table: &Array2<u64>, row: usize, used: &mut Vec<usize>) -> u64 {
        if row == table.nrows() {
            return 0;
        }
        let mut best = best_by_search(table, row + 1, used);
        for column in 0..table.ncols() {
            if !used.contains(&column) {
                used.push(column);
                best = best.max(table[[row, column]] + best_by_search(table, row + 1, used));
                used.pop();
            }
        }
        best
    }

    #[test]
    fn greedy_matching_would_lose_here() -> Result<(), Error> {
        // counts 5 4 / 4 0: the largest cell first gives 5 + 0, the best matching 4 + 4
        let truth = [vec![0; 9], vec![1; 4]].concat();
        let found = [vec![0; 5], vec![1; 4], vec![0; 4]].concat();
        assert_eq!(matched_accuracy(&truth, &found)?, 8.0 / 13.0);
        Ok(())
    }

    #[test]
    fn an_extra_cluster_costs_its_points() -> Result<(), Error> {
        assert_eq!(matched_accuracy(&[0, 0, 0, 1], &[0, 0, 2, 1])?, 0.75);
        assert_eq!(matched_accuracy(&[0, 0, 2, 1], &[0, 0, 0, 1])?, 0.75);
        Ok(())
    }

    #[test]
    fn one_class_and_one_cluster_agree() -> Result<(), Error> {
        assert_eq!(adjusted_rand_index(&[3, 3], &[1, 1])?, 1.0);
        assert_eq!(normalized_mutual_information(&[3, 3], &[1, 1])?, 1.0);
        assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[0, 1, 0, 1])?, -0.5);
        assert_eq!(normalized_mutual_information(&[0, 0, 1, 1], &[0, 1, 0, 1])?, 0.0);
        Ok(())
    }

    #[test]
    fn unequal_lengths_are_refused() {
        assert!(matches!(matched_accuracy(&[0], &[0, 1]), Err(Error::Shape { .. })));
        assert!(matches!(adjusted_rand_index(&[], &[]), Err(Error::TooFew { .. })));
    }

    proptest! {
        #[test]
        fn the_matching_is_the_best_of_all(
            (n_rows, n_columns) in (1..5_usize, 1..5_usize), counts in prop::collection::vec(0..9_u64, 16)
        ) {
            let table = Array2::from_shape_fn((n_rows, n_columns), |(row, column)| counts[4 * row + column]);
            let found: u64 = best_matching(&table).iter().map(|&pair| table[[pair.0, pair.1]]).sum();
            prop_assert_eq!(found, best_by_search(&table, 0, &mut Vec::new()));
        }

        #[test]
        fn names_of_labels_mean_nothing(
            pairs in prop::collection::vec((0..4_usize, 0..5_usize), 2..40), shift in 1..5_usize
        ) {
            let (truth, found): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
            let renamed: Vec<usize> = found.iter().map(|label| 100 + (label + shift) % 5).collect();
            prop_assert_eq!(matched_accuracy(&truth, &found)?, matched_accuracy(&truth, &renamed)?);
            prop_assert_eq!(adjusted_rand_index(&truth, &found)?, adjusted_rand_index(&truth, &renamed)?);
            let information = normalized_mutual_information(&truth, &found)?;
            prop_assert!((information - normalized_mutual_information(&truth, &renamed)?).abs() < 1e-12);
            prop_assert_eq!(matched_accuracy(&truth, &truth)?, 1.0);
        }
    }
}
