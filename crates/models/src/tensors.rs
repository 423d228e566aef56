//! The plain form in which the models of all families are stored.

use std::collections::BTreeMap;

use ndarray::ArrayD;

/// Named arrays and text, the plain form in which a model is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensors {
    /// Arrays by name.
    pub arrays: BTreeMap<String, ArrayD<f64>>,
    /// Text by name.
    pub metadata: BTreeMap<String, String>,
}
