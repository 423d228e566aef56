use ndarray::{Array2, array, s};
use neuroloom_core::Seed;
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::metrics::classification::auroc;
use crate::metrics::regression::r2_identity;

fn uniform(shape: (usize, usize), seed: u64) -> Array2<f64> {
    let mut rng = Seed(seed).rng();
    Array2::from_shape_simple_fn(shape, || rng.random::<f64>() * 2.0 - 1.0)
}

/// Friedman's kind of test function: an interaction, a bend and a line; two features do nothing.
fn target(row: ndarray::ArrayView1<'_, f64>) -> f64 {
    (3.0 * row[0] * row[1]).sin() * 2.0 + row[2].abs() * 2.0 + row[3]
}

#[test]
fn one_split_worked_out_by_hand() {
    // Targets 0, 0, 6, 6: mean 3. Gradients 3, 3, -3, -3; each side has G = -+6 over H + l2 = 2 + 1: leaf -+2 at rate 1.
    let config = BoostingConfig {
        n_trees: 1,
        learning_rate: 1.0,
        min_leaf_rows: 1,
        max_leaves: 2,
        ..Default::default()
    };
    let features = array![[0.0], [1.0], [2.0], [3.0]];
    let trees = BoostedTrees::regress(features.view(), &[0.0, 0.0, 6.0, 6.0], &config).unwrap();
    assert_eq!(trees.predict(features.view()).unwrap(), [1.0, 1.0, 5.0, 5.0]);
    let tree = &trees.trees[0];
    assert_eq!((tree.threshold[0], tree.cover[0], tree.cover[1]), (1.5, 4.0, 2.0));
    // Gain 36/3 + 36/3 - 0.
    assert_eq!(tree.gain[0], 24.0);
}

#[test]
fn a_bent_function_is_learnt_and_beats_the_line() {
    let (train, test) = (uniform((3000, 6), 1), uniform((1000, 6), 2));
    let values = |x: &Array2<f64>| x.rows().into_iter().map(target).collect::<Vec<_>>();
    let trees = BoostedTrees::regress(train.view(), &values(&train), &BoostingConfig::default()).unwrap();
    let r2 = r2_identity(&trees.predict(test.view()).unwrap(), &values(&test)).unwrap();
    let wanted = Array2::from_shape_vec((3000, 1), values(&train)).unwrap();
    let line =
        crate::readout::Ridge::fit(train.view(), wanted.view(), crate::readout::Penalty::blocked()).unwrap();
    let of_line =
        r2_identity(&line.predict(test.view()).unwrap().column(0).to_vec(), &values(&test)).unwrap();
    assert!(r2 > 0.95 && of_line < 0.5, "{r2} {of_line}");
    let share = trees.gain_share();
    assert!(share[4] + share[5] < 0.05, "{share:?}");
}

#[test]
fn probabilities_are_calibrated_and_held_out_rows_stop_the_growth() {
    let (x, test) = (uniform((20_000, 4), 3), uniform((5000, 4), 4));
    let probability = |row: ndarray::ArrayView1<'_, f64>| sigmoid(3.0 * row[0] * row[1] - 1.5 + row[2]);
    let draw = |x: &Array2<f64>, seed: u64| -> Vec<bool> {
        let mut rng = Seed(seed).rng();
        x.rows().into_iter().map(|row| rng.random::<f64>() < probability(row)).collect()
    };
    let (labels, test_labels) = (draw(&x, 5), draw(&test, 6));
    let held_out = HeldOut { features: x.slice(s![15_000.., ..]), labels: &labels[15_000..] };
    let config = BoostingConfig { n_trees: 1000, ..Default::default() };
    let train = x.slice(s![..15_000, ..]);
    let trees = BoostedTrees::classify_until(train, &labels[..15_000], &held_out, &config).unwrap();
    assert!((10..400).contains(&trees.trees.len()), "{}", trees.trees.len());
    let found = trees.predict(test.view()).unwrap();
    let best: Vec<f64> = test.rows().into_iter().map(probability).collect();
    let (ours, ideal) = (auroc(&found, &test_labels).unwrap(), auroc(&best, &test_labels).unwrap());
    assert!(ours > ideal - 0.02, "{ours} {ideal}");
    let error = found.iter().zip(&best).map(|(a, b)| (a - b).abs()).sum::<f64>() / 5000.0;
    assert!(error < 0.05, "{error}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let x = uniform((8000, 5), 7);
    let labels: Vec<bool> = x.rows().into_iter().map(|row| target(row) > 1.0).collect();
    let config = BoostingConfig { n_trees: 20, ..Default::default() };
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| BoostedTrees::classify(x.view(), &labels, &config).unwrap())
    };
    assert_eq!(with(1), with(3));
    // f32 rows of the same numbers give the same trees.
    let short = x.mapv(|value| value as f32);
    let back = short.mapv(f64::from);
    let of_short = BoostedTrees::classify(short.view(), &labels, &config).unwrap();
    assert_eq!(of_short, BoostedTrees::classify(back.view(), &labels, &config).unwrap());
}

#[test]
fn bad_rows_are_refused() {
    let x = array![[0.0], [f64::NAN]];
    let fit = |x: &Array2<f64>, labels: &[bool]| {
        BoostedTrees::classify(x.view(), labels, &BoostingConfig::default())
    };
    assert!(matches!(fit(&x, &[true, false]), Err(Error::NotFinite { row: 1, column: 0, .. })));
    let x = array![[0.0], [1.0]];
    assert!(matches!(fit(&x, &[true, true]), Err(Error::Constant { what: "labels", .. })));
    assert!(matches!(fit(&x, &[true]), Err(Error::Shape { .. })));
    let config = BoostingConfig { n_bins: 300, ..Default::default() };
    let found = BoostedTrees::regress(x.view(), &[0.0, 1.0], &config);
    assert!(matches!(found, Err(Error::Value { what: "n-bins", .. })));
    let trees = BoostedTrees::regress(x.view(), &[0.0, 1.0], &BoostingConfig::default()).unwrap();
    assert!(matches!(trees.predict(array![[0.0, 1.0]].view()), Err(Error::Shape { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn an_increasing_change_of_a_feature_changes_no_prediction(seed in any::<u64>()) {
        let x = uniform((300, 3), seed);
        let y: Vec<f64> = x.rows().into_iter().map(|row| row[0] + row[1] * row[2]).collect();
        let bent = x.mapv(|value| value.powi(3) + 10.0);
        let config = BoostingConfig::small();
        let one = BoostedTrees::regress(x.view(), &y, &config).unwrap().predict(x.view()).unwrap();
        let other = BoostedTrees::regress(bent.view(), &y, &config).unwrap().predict(bent.view()).unwrap();
        prop_assert_eq!(one, other);
    }
}
