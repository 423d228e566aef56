//! Agreement with scikit-learn, scipy and ripser on the numbers of `reference/manifold_golden.py`.

use std::error::Error;

use ndarray::{Array2, ArrayView2, s};
use neuroloom_analysis::manifold::topology::{Bar, persistent_homology};
use neuroloom_analysis::manifold::{
    EdgeWeight, Isomap, IsomapConfig, LaplacianEigenmaps, Metric, NeighbourConfig, NeighbourGraph,
    Neighbourhood, quality,
};
use serde_json::Value;

type TestResult = Result<(), Box<dyn Error>>;

fn golden(key: &str) -> Result<Value, Box<dyn Error>> {
    let all: Value = serde_json::from_str(include_str!("manifold.json"))?;
    Ok(all[key].clone())
}

fn matrix(value: &Value) -> Result<Array2<f64>, Box<dyn Error>> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone())?;
    Ok(Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat())?)
}

fn nearest(value: &Value) -> Result<Neighbourhood, Box<dyn Error>> {
    Ok(Neighbourhood::Nearest(serde_json::from_value(value["k"].clone())?))
}

/// Up to the sign of each column; relative to the largest entry.
#[track_caller]
fn assert_same_up_to_sign(
    found: ArrayView2<'_, f64>,
    expected: ArrayView2<'_, f64>,
    tolerance: f64,
) -> Vec<f64> {
    let scale = expected.iter().fold(0.0_f64, |scale, entry| scale.max(entry.abs()));
    let columns = found.columns().into_iter().zip(expected.columns());
    let sign = |(found, expected): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, f64>)| {
        let sign = found.dot(&expected).signum();
        let worst = found.iter().zip(expected).map(|(a, b)| (a * sign - b).abs()).fold(0.0, f64::max);
        assert!(worst <= tolerance * scale, "off by {worst} of {scale}");
        sign
    };
    columns.map(sign).collect()
}

#[test]
fn isomap_agrees_with_scikit_learn() -> TestResult {
    for name in ["swiss_roll", "s_curve"] {
        let golden = golden(name)?;
        let points = matrix(&golden["points"])?;
        let config = IsomapConfig { neighbourhood: nearest(&golden)?, ..Default::default() };
        let isomap = Isomap::fit(points.view(), &config)?;
        assert_eq!(isomap.pieces().len(), 1);
        let expected: Vec<f64> = serde_json::from_value(golden["geodesics_of_point_7"].clone())?;
        for (found, expected) in isomap.pieces()[0].geodesics.row(7).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9);
        }
        let expected = matrix(&golden["embedding"])?;
        let signs = assert_same_up_to_sign(isomap.embedding().view(), expected.view(), 1e-9);
        let mut placed = isomap.transform((&points.slice(s![..5, ..]) + 0.1).view())?.coordinates;
        placed.columns_mut().into_iter().zip(signs).for_each(|(mut column, sign)| column *= sign);
        let difference = placed - matrix(&golden["placed"])?;
        assert!(difference.iter().all(|entry| entry.abs() < 1e-8), "{difference}");
    }
    Ok(())
}

#[test]
fn laplacian_eigenmaps_agree_with_scikit_learn() -> TestResult {
    let points = matrix(&golden("scores")?["points"])?;
    let golden = golden("laplacian")?;
    let config = NeighbourConfig { neighbourhood: nearest(&golden)?, ..Default::default() };
    let graph = NeighbourGraph::fit(points.view(), &config)?;
    let maps = LaplacianEigenmaps::of_graph(&graph, 2, EdgeWeight::Equal)?;
    assert_same_up_to_sign(maps.embedding.view(), matrix(&golden["embedding"])?.view(), 1e-6);
    Ok(())
}

/// ripser computes in f32: bars shorter than its rounding may be missing on either side.
fn assert_same_bars(found: &[Bar], expected: &Value) -> TestResult {
    let expected: Vec<[f64; 2]> = serde_json::from_value(expected.clone())?;
    let sorted = |mut bars: Vec<[f64; 2]>| {
        bars.retain(|bar| bar[1].is_finite() && bar[1] - bar[0] > 1e-5);
        bars.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        bars
    };
    let found = sorted(found.iter().map(|bar| [bar.birth, bar.death]).collect());
    let expected = sorted(expected);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        let near = |end: usize| (found[end] - expected[end]).abs() < 1e-6;
        assert!(near(0) && near(1), "{found:?} {expected:?}");
    }
    Ok(())
}

#[test]
fn homology_agrees_with_ripser() -> TestResult {
    let golden = golden("homology")?;
    let torus = matrix(&golden["torus"])?;
    let config = NeighbourConfig { neighbourhood: nearest(&golden)?, ..Default::default() };
    let geodesics = NeighbourGraph::fit(torus.view(), &config)?.geodesics().to_matrix();
    let of_torus = persistent_homology(geodesics.view(), Metric::Precomputed, 2)?;
    let gauss = matrix(&golden["gauss"])?;
    let of_gauss = persistent_homology(gauss.view(), Metric::Euclidean, 2)?;
    for dimension in 0..3 {
        assert_same_bars(&of_torus[dimension], &golden["torus_bars"][dimension])?;
        assert_same_bars(&of_gauss[dimension], &golden["gauss_bars"][dimension])?;
    }
    Ok(())
}

#[test]
fn scores_agree_with_scikit_learn_and_scipy() -> TestResult {
    let golden = golden("scores")?;
    let (points, embedding) = (matrix(&golden["points"])?, matrix(&golden["embedding"])?);
    let truth = matrix(&golden["truth"])?;
    let (x, y) = (
        points.column(0).to_vec(),
        embedding.column(1).mapv(|entry| (entry * 10.0).round_ties_even() / 10.0),
    );
    let scores = [
        ("trustworthiness_7", quality::trustworthiness(points.view(), embedding.view(), 7)?),
        ("continuity_7", quality::continuity(points.view(), embedding.view(), 7)?),
        ("procrustes_r2", quality::procrustes_r2(embedding.view(), truth.view())?),
        ("spearman", quality::spearman(&x, &y.to_vec())?),
    ];
    for (name, found) in scores {
        let expected: f64 = serde_json::from_value(golden[name].clone())?;
        assert!((found - expected).abs() < 1e-9, "{name}: {found} against {expected}");
    }
    Ok(())
}
