//! Ranks.

/// Ranks from 1, equal values sharing the mean of theirs (scipy's `rankdata`). NaN sorts last.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::ranks;
/// assert_eq!(ranks(&[0.5, 2.0, 0.5, 1.0]), [1.5, 4.0, 1.5, 3.0]);
/// ```
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let same = |&&place: &&usize| values[place] == values[order[start]];
        let n = order[start..].iter().take_while(same).count().max(1);
        for &place in &order[start..start + n] {
            ranks[place] = start as f64 + (n + 1) as f64 / 2.0;
        }
        start += n;
    }
    ranks
}
