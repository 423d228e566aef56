//! JSON has no NaN: `null` is read as NaN, so that what was written can be read again.

use serde::{Deserialize, Deserializer};

pub(in crate::data) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(defined(Option::deserialize(deserializer)?))
}

pub(in crate::data) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    Ok(defined_list(Vec::deserialize(deserializer)?))
}

pub(in crate::data) fn grid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
    let rows: Vec<Vec<Option<f64>>> = Vec::deserialize(deserializer)?;
    Ok(rows.into_iter().map(defined_list).collect())
}

pub(in crate::data) fn pairs<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(f64, f64)>, D::Error> {
    let pairs: Vec<(Option<f64>, Option<f64>)> = Vec::deserialize(deserializer)?;
    Ok(pairs.into_iter().map(|(first, second)| (defined(first), defined(second))).collect())
}

fn defined(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

fn defined_list(values: Vec<Option<f64>>) -> Vec<f64> {
    values.into_iter().map(defined).collect()
}
