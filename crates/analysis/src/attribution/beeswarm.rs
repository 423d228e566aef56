//! What a beeswarm figure shows: for each feature, every row's contribution beside the feature's value.

use ndarray::ArrayView2;

use super::{Attribution, check_columns};
use crate::Error;

/// Rows of a beeswarm figure, the most important feature first.
#[derive(Debug, Clone, PartialEq)]
pub struct Beeswarm {
    /// One line of dots a feature.
    pub rows: Vec<BeeswarmRow>,
}

/// The dots of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct BeeswarmRow {
    /// Which feature.
    pub feature: usize,
    /// Mean of |phi|.
    pub mean_absolute: f64,
    /// phi of each row: where the dot is from left to right.
    pub contribution: Vec<f64>,
    /// Rank of the feature's value among the rows, 0 lowest to 1 highest, ties sharing the mean: the dot's colour.
    pub value_rank: Vec<f64>,
    /// Where the dot is across the line, -1 to 1: dots at the same place are stacked about 0.
    pub offset: Vec<f64>,
}

/// Places along the line within which dots are stacked.
const N_PLACES: usize = 100;

/// The dots of the `n_features` features with the largest mean |phi|.
///
/// # Shapes
/// `features: [row, feature]`, those that `attribution` explains.
///
/// # Errors
/// [`Error::Shape`] if the features are not those of the attribution, [`Error::NotFinite`].
pub fn beeswarm(
    attribution: &Attribution,
    features: ArrayView2<'_, f64>,
    n_features: usize,
) -> Result<Beeswarm, Error> {
    check_columns("features", features, attribution.values.ncols())?;
    if features.nrows() != attribution.values.nrows() {
        let given = format!("[{}, {}]", features.nrows(), features.ncols());
        let allowed = format!("{:?}", attribution.values.shape());
        return Err(Error::Shape { what: "features", given, allowed });
    }
    let mean_absolute = attribution.mean_absolute();
    let mut order: Vec<usize> = (0..features.ncols()).collect();
    order.sort_by(|&a, &b| mean_absolute[b].total_cmp(&mean_absolute[a]).then(a.cmp(&b)));
    order.truncate(n_features);
    let widest = attribution.values.iter().fold(0.0_f64, |widest, value| widest.max(value.abs()));
    let row = |feature: usize| {
        let contribution = attribution.values.column(feature).to_vec();
        BeeswarmRow {
            feature,
            mean_absolute: mean_absolute[feature],
            value_rank: relative_ranks(&features.column(feature).to_vec()),
            offset: offsets(&contribution, widest),
            contribution,
        }
    };
    Ok(Beeswarm { rows: order.into_iter().map(row).collect() })
}

fn relative_ranks(values: &[f64]) -> Vec<f64> {
    let last = values.len().saturating_sub(1).max(1) as f64;
    crate::statistics::ranks(values).into_iter().map(|rank| (rank - 1.0) / last).collect()
}

/// Dots of one place alternate above and below the line; the fullest place fills it.
fn offsets(contribution: &[f64], widest: f64) -> Vec<f64> {
    let place = |value: f64| {
        let along = if widest > 0.0 { (value / widest + 1.0) / 2.0 } else { 0.5 };
        ((along * N_PLACES as f64) as usize).min(N_PLACES - 1)
    };
    let mut n_at = [0_usize; N_PLACES];
    let stacked: Vec<usize> = contribution
        .iter()
        .map(|&value| {
            let count = &mut n_at[place(value)];
            *count += 1;
            *count - 1
        })
        .collect();
    let half = n_at.iter().map(|count| count / 2).max().unwrap_or(0).max(1) as f64;
    let offset = |rank: usize| {
        let side = if rank.is_multiple_of(2) { 1.0 } else { -1.0 };
        side * rank.div_ceil(2) as f64 / half
    };
    stacked.into_iter().map(offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_most_important_feature_comes_first_and_equal_dots_are_stacked() {
        let attribution =
            Attribution { base: 0.0, values: array![[0.1, 2.0], [0.1, -2.0], [0.1, 2.0], [0.1, -2.0]] };
        let features = array![[5.0, 4.0], [5.0, 1.0], [5.0, 3.0], [5.0, 2.0]];
        let found = beeswarm(&attribution, features.view(), 2).unwrap();
        assert_eq!([found.rows[0].feature, found.rows[1].feature], [1, 0]);
        assert_eq!(found.rows[0].value_rank, [1.0, 0.0, 2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(found.rows[1].offset, [0.0, -0.5, 0.5, -1.0]);
        assert_eq!(found.rows[1].value_rank, [0.5; 4]);
        assert!(beeswarm(&attribution, features.slice(ndarray::s![..3, ..]), 2).is_err());
    }
}
