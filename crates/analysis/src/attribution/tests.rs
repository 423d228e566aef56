use ndarray::{Array2, ArrayView1, ArrayView2, s};
use neuroloom_core::Seed;
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::boosting::{BoostedTrees, BoostingConfig, Tree};

fn uniform(shape: (usize, usize), seed: u64) -> Array2<f64> {
    let mut rng = Seed(seed).rng();
    Array2::from_shape_simple_fn(shape, || rng.random::<f64>() * 2.0 - 1.0)
}

fn fitted(n_features: usize, seed: u64) -> (BoostedTrees, Array2<f64>) {
    let x = uniform((300, n_features), seed);
    let y: Vec<f64> = x.rows().into_iter().map(|row| row[0] * row[1] + row[2].abs()).collect();
    let config = BoostingConfig { n_trees: 20, ..BoostingConfig::small() };
    (BoostedTrees::regress(x.view(), &y, &config).unwrap(), x)
}

/// The definition: the mean over all orders, by sets.
fn brute_force(n_features: usize, value: impl Fn(&[bool]) -> f64) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let mut phi = vec![0.0; n_features];
    for bits in 0..1_usize << n_features {
        let mut known: Vec<bool> = (0..n_features).map(|feature| bits >> feature & 1 == 1).collect();
        let size = bits.count_ones() as usize;
        let without = value(&known);
        for feature in (0..n_features).filter(|&feature| bits >> feature & 1 == 0) {
            known[feature] = true;
            let weight = factorial(size) * factorial(n_features - size - 1) / factorial(n_features);
            phi[feature] += weight * (value(&known) - without);
            known[feature] = false;
        }
    }
    phi
}

fn along_tree(tree: &Tree, node: usize, row: ArrayView1<'_, f64>, known: &[bool]) -> f64 {
    let Some(feature) = tree.split_feature(node) else { return tree.value[node] };
    if known[feature] {
        return along_tree(tree, tree.next(node, row[feature]), row, known);
    }
    let part = |child: usize| tree.cover[child] / tree.cover[node] * along_tree(tree, child, row, known);
    tree.children(node).into_iter().map(part).sum()
}

fn assert_all_close(found: ArrayView1<'_, f64>, expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-10, "{found} against {expected}");
    }
}

#[test]
fn path_dependent_attribution_is_the_definition() {
    let (trees, x) = fitted(5, 1);
    let found = tree_path_dependent(&trees, x.slice(s![..20, ..])).unwrap();
    for row in 0..20 {
        let value =
            |known: &[bool]| trees.trees.iter().map(|tree| along_tree(tree, 0, x.row(row), known)).sum();
        assert_all_close(found.values.row(row), &brute_force(5, value));
    }
}

#[test]
fn interventional_and_kernel_attributions_are_the_definition() {
    let (trees, x) = fitted(5, 2);
    let (rows, background) = (x.slice(s![..10, ..]), x.slice(s![100..130, ..]));
    let found = tree_interventional(&trees, rows, background).unwrap();
    let predict = |rows: ArrayView2<'_, f64>| trees.margin(rows).unwrap();
    let by_kernel = kernel(&predict, rows, background, &KernelConfig::default()).unwrap();
    for row in 0..10 {
        let value = |known: &[bool]| {
            let mixed = Array2::from_shape_fn((30, 5), |(other, feature)| {
                if known[feature] { rows[[row, feature]] } else { background[[other, feature]] }
            });
            predict(mixed.view()).iter().sum::<f64>() / 30.0
        };
        let expected = brute_force(5, value);
        assert_all_close(found.values.row(row), &expected);
        assert_all_close(by_kernel.values.row(row), &expected);
    }
}

#[test]
fn all_methods_agree_on_a_line() {
    let (x, background) = (uniform((6, 20), 3), uniform((40, 20), 4));
    let weights: Vec<f64> = (0..20).map(|k| f64::from(k) - 7.0).collect();
    let exact = linear(&weights, 2.0, x.view(), background.view()).unwrap();
    let line = ArrayView1::from(&weights);
    let predict = |rows: ArrayView2<'_, f64>| (rows.dot(&line) + 2.0).to_vec();
    // 2^20 coalitions are too many: drawn ones; a line is still found exactly.
    let drawn = kernel(&predict, x.view(), background.view(), &KernelConfig::default()).unwrap();
    assert!((exact.base - drawn.base).abs() < 1e-12);
    for row in 0..6 {
        assert_all_close(drawn.values.row(row), exact.values.row(row).as_slice().unwrap());
    }
}

#[test]
fn sampled_coalitions_come_near_the_exact_ones() {
    let (trees, x) = fitted(12, 5);
    let (rows, background) = (x.slice(s![..10, ..]), x.slice(s![100..120, ..]));
    let exact = tree_interventional(&trees, rows, background).unwrap();
    let predict = |rows: ArrayView2<'_, f64>| trees.margin(rows).unwrap();
    let found =
        kernel(&predict, rows, background, &KernelConfig { n_coalitions: 1000, seed: Seed(1) }).unwrap();
    let error = (&found.values - &exact.values).mapv(f64::abs).mean().unwrap();
    let size = exact.values.mapv(f64::abs).mean().unwrap();
    assert!(error < 0.1 * size, "{error} {size}");
    let twice =
        kernel(&predict, rows, background, &KernelConfig { n_coalitions: 1000, seed: Seed(1) }).unwrap();
    assert_eq!(found, twice);
    let too_few = kernel(&predict, rows, background, &KernelConfig { n_coalitions: 5, seed: Seed(1) });
    assert!(matches!(too_few, Err(Error::TooFew { what: "coalitions", .. })));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (trees, x) = fitted(4, 6);
    let three = x.slice(s![.., ..3]);
    assert!(matches!(tree_path_dependent(&trees, three), Err(Error::Shape { what: "rows", .. })));
    assert!(matches!(
        tree_interventional(&trees, x.view(), three),
        Err(Error::Shape { what: "background", .. })
    ));
    let none = x.slice(s![..0, ..]);
    assert!(matches!(tree_interventional(&trees, x.view(), none), Err(Error::TooFew { .. })));
    let short = |_: ArrayView2<'_, f64>| vec![0.0];
    let found = kernel(&short, x.view(), x.view(), &KernelConfig::default());
    assert!(matches!(found, Err(Error::Shape { what: "predictions", .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn contributions_add_up_and_a_dummy_feature_gets_nothing(seed in any::<u64>()) {
        let x = uniform((400, 32), seed);
        let y: Vec<f64> = x.rows().into_iter().map(|row| row[0] * row[1] + row[2] + row[3] * row[3]).collect();
        // Feature 31 is constant: no tree can use it.
        let mut x = x;
        x.column_mut(31).fill(0.3);
        let trees = BoostedTrees::regress(x.view(), &y, &BoostingConfig::small()).unwrap();
        let test = uniform((10, 32), seed.wrapping_add(1));
        let margin = trees.margin(test.view()).unwrap();
        let background = x.slice(s![..20, ..]);
        let both = [tree_path_dependent(&trees, test.view()), tree_interventional(&trees, test.view(), background)];
        for found in both {
            let found = found.unwrap();
            for (sum, margin) in found.predictions().iter().zip(&margin) {
                prop_assert!((sum - margin).abs() < 1e-9, "{} {}", sum, margin);
            }
            prop_assert!(found.values.column(31).iter().all(|phi| *phi == 0.0));
        }
    }

    #[test]
    fn features_that_play_alike_get_alike(a in -1.0..1.0_f64, b in -1.0..1.0_f64) {
        // f is symmetric in its first two features, which have the same value and the same background.
        let predict = |rows: ArrayView2<'_, f64>| {
            rows.rows().into_iter().map(|row| (row[0] * row[1]).tanh() + row[0] + row[1] + row[2]).collect()
        };
        let rows = ndarray::array![[a, a, b]];
        let background = ndarray::array![[b, b, a], [0.2, 0.2, 0.1]];
        let found = kernel(&predict, rows.view(), background.view(), &KernelConfig::default()).unwrap();
        prop_assert!((found.values[[0, 0]] - found.values[[0, 1]]).abs() < 1e-12);
    }
}
