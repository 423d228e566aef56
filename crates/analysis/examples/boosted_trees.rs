//! Prints boosted trees with rows and background as JSON, for `reference/shap_golden.py`.

#![allow(clippy::print_stdout, reason = "the output is the product")]

use ndarray::{Array2, s};
use neuroloom_analysis::Error;
use neuroloom_analysis::boosting::{BoostedTrees, BoostingConfig};
use neuroloom_core::Seed;
use rand::RngExt;

fn main() -> Result<(), Error> {
    let mut rng = Seed(7).rng();
    // Two decimals: short in a file and the same number in every language.
    let x = Array2::from_shape_simple_fn((400, 6), || (rng.random::<f64>() * 200.0 - 100.0).round() / 100.0);
    let y: Vec<f64> = x.rows().into_iter().map(|row| 2.0 * row[0] * row[1] + row[2].abs() - row[3]).collect();
    let labels: Vec<bool> = y.iter().map(|value| *value > 0.4).collect();
    let config = BoostingConfig { n_trees: 8, max_leaves: 10, max_depth: 6, ..BoostingConfig::small() };
    let models =
        [BoostedTrees::regress(x.view(), &y, &config)?, BoostedTrees::classify(x.view(), &labels, &config)?];
    let rows = |range| -> Vec<Vec<f64>> {
        x.slice(s![range, ..]).rows().into_iter().map(|row| row.to_vec()).collect()
    };
    let out = serde_json::json!({ "models": models, "rows": rows(0..10), "background": rows(50..70) });
    println!("{out}");
    Ok(())
}
