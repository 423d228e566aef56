//! Factors of surrogate tissue, planted and found again.

use ndarray::Array2;
use neuroloom_analysis::graph::{
    DirectedGraph, clustering, degree_summary, distance_profile, path_summary, reciprocity,
};
use neuroloom_analysis::manifold::Pca;
use neuroloom_core::{Seed, Silent, Synapses};
use neuroloom_sim::{TissueConfig, simulate_tissue};
use rand::RngExt;
use rayon::prelude::*;

use crate::circuit_vae::directions::*;

/// ln of: density, excess of mutual pairs, reach of axons; and the spread of out-degrees.
const FACTORS: [&str; 4] = ["density", "reciprocity", "decay", "out-spread"];

struct Tissue {
    factors: Vec<f64>,
    metrics: Vec<f64>,
    size: Vec<f64>,
}

fn tissue(index: u64) -> Tissue {
    let mut rng = Seed(21).nth(index).rng();
    let density: f64 = rng.random_range(-0.6..0.6);
    let excess: f64 = rng.random_range(0.0..1.6);
    let decay: f64 = rng.random_range(-0.5..0.5);
    let out_spread: f64 = rng.random_range(0.1..0.7);
    let mut config =
        TissueConfig { n_neurons: 400, reciprocity: excess.exp(), out_spread, ..TissueConfig::default() };
    config.probability.iter_mut().flatten().for_each(|p| *p = (*p * density.exp()).min(1.0));
    config.types.iter_mut().for_each(|one| one.decay_um *= decay.exp());
    let made = simulate_tissue(&config, Seed(22).nth(index), &Silent).unwrap();
    let graph = DirectedGraph::from_connectome(&made.complete, Synapses::Binary).unwrap();
    let (summary, pairs, paths) = (degree_summary(&graph), reciprocity(&graph), path_summary(&graph));
    let places = made.complete.neurons().position_um().unwrap();
    let profile = distance_profile(&graph, places, 20.0).unwrap();
    // Share of near pairs that are joined over that of far ones.
    let share = |range: std::ops::Range<usize>| {
        let pairs: f64 = profile.n_pairs[range.clone()].iter().map(|n| *n as f64).sum();
        profile.n_edges[range].iter().map(|n| *n as f64).sum::<f64>() / pairs
    };
    let mean_length = profile.edge_length_um.iter().sum::<f64>() / graph.n_edges() as f64;
    let metrics = vec![
        summary.density.ln(),
        (pairs.reciprocity / summary.density).ln(),
        (share(0..4) / share(4..10)).ln(),
        mean_length.ln(),
        summary.gini_out,
        summary.gini_in,
        clustering(&graph).average_local,
        paths.mean_length,
        summary.in_out_correlation,
    ];
    Tissue {
        factors: vec![density, excess, decay, out_spread],
        metrics,
        size: vec![400.0, graph.n_edges() as f64],
    }
}

fn table(rows: &[Tissue], of: impl Fn(&Tissue) -> &Vec<f64>) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), of(&rows[0]).len()), |(row, column)| of(&rows[row])[column])
}

/// Codes as an encoder with an isotropic prior makes them: what can be measured, whitened, beside numbers that carry
/// nothing, and all 32 turned at random.
fn coded(metrics: &Array2<f64>) -> Array2<f64> {
    let mut rng = Seed(23).rng();
    let mut noise =
        |rows: usize| Array2::from_shape_simple_fn((rows, 32), || rng.random::<f64>() * 3.4 - 1.7);
    let turn = Pca::fit(noise(64).view(), 32).unwrap().components;
    let sd = metrics.std_axis(Axis(0), 0.0);
    let whole = Pca::fit((metrics / &sd).view(), metrics.ncols()).unwrap();
    let mut codes = noise(metrics.nrows());
    for (component, scores) in whole.scores.columns().into_iter().enumerate() {
        let spread = whole.explained_variance[component].sqrt();
        let small = 0.05 * &codes.column(component);
        codes.column_mut(component).assign(&(&scores / spread + small));
    }
    codes.dot(&turn)
}

#[test]
fn planted_factors_of_tissue_are_directions() {
    let rows: Vec<Tissue> = (0..260).into_par_iter().map(tissue).collect();
    let codes = coded(&table(&rows, |one| &one.metrics));
    let (factors, size) = (table(&rows, |one| &one.factors), table(&rows, |one| &one.size));
    let part = |range: std::ops::Range<usize>| {
        let rows = ndarray::s![range, ..];
        (codes.slice(rows).to_owned(), factors.slice(rows).to_owned(), size.slice(rows).to_owned())
    };
    let names = FACTORS.map(str::to_owned);
    let config = DirectionConfig { n_permutations: 99, ..DirectionConfig::default() };
    // The truth's regression: of the planted factors on other circuits.
    let [found, truth] = [part(0..130), part(130..260)].map(|(codes, factors, size)| {
        let circuits = CodedCircuits { codes: codes.view(), metrics: factors.view(), size: size.view() };
        directions(&names, &circuits, None, &config, &Silent).unwrap()
    });
    let cosines: Vec<f64> = found
        .directions
        .iter()
        .zip(&truth.directions)
        .map(|(one, truth)| dot(&one.unit, &truth.unit))
        .collect();
    for (one, cosine) in found.directions.iter().zip(&cosines) {
        assert!(one.r2_cv >= 0.9 && one.p_value == 0.01, "{}: {}", one.metric, one.r2_cv);
        assert!(*cosine >= 0.9, "{}: {cosine}", one.metric);
        assert!(one.metric == "density" || one.r2_size < 0.75, "{}: {}", one.metric, one.r2_size);
    }
}
