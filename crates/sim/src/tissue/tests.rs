use std::collections::HashSet;

use neuroloom_core::{Seed, Silent};
use proptest::prelude::*;

use super::*;

fn tissue(config: &TissueConfig) -> SurrogateTissue {
    simulate_tissue(config, Seed(11), &Silent).unwrap()
}

fn small() -> TissueConfig {
    TissueConfig { n_neurons: 800, ..TissueConfig::default() }
}

fn pairs(connectome: &Connectome) -> HashSet<(u32, u32)> {
    let edges = connectome.edges();
    edges.pre.iter().copied().zip(edges.post.iter().copied()).collect()
}

fn n_reciprocal(connectome: &Connectome) -> f64 {
    let all = pairs(connectome);
    all.iter().filter(|(pre, post)| all.contains(&(*post, *pre))).count() as f64
}

#[test]
fn edges_and_reciprocal_pairs_are_as_many_as_the_rules_expect() {
    for reciprocity in [0.5, 1.0, 2.5] {
        let tissue = tissue(&TissueConfig { reciprocity, ..small() });
        let (edges, factors) = (tissue.complete.edges().len() as f64, &tissue.factors);
        // A sum of independent draws: its variance is below its mean (below twice for pairs that count twice).
        assert!((edges - factors.expected_edges).abs() < 5.0 * (2.0 * factors.expected_edges).sqrt());
        let reciprocal = n_reciprocal(&tissue.complete);
        let expected = factors.expected_reciprocal;
        assert!((reciprocal - expected).abs() < 5.0 * (2.0 * expected).sqrt(), "{reciprocal} {expected}");
        let excess = expected / factors.expected_reciprocal_independent;
        assert!((excess - reciprocity).abs() < 0.1 * reciprocity, "{excess} {reciprocity}");
    }
}

#[test]
fn nearer_neurons_are_connected_more_often() {
    let tissue = tissue(&small());
    let positions = tissue.complete.neurons().position_um().unwrap();
    let distance = |one: usize, other: usize| {
        positions[one].iter().zip(&positions[other]).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    };
    let all = pairs(&tissue.complete);
    let mut bins = [[0.0; 2]; 3];
    for one in 0..800 {
        for other in (0..800).filter(|&other| other != one) {
            let bin = &mut bins[((distance(one, other) / 100.0) as usize).min(2)];
            bin[0] += f64::from(u8::from(all.contains(&(one as u32, other as u32))));
            bin[1] += 1.0;
        }
    }
    let share = bins.map(|bin| bin[0] / bin[1]);
    assert!(share[0] > 1.5 * share[1] && share[1] > 1.5 * share[2], "{share:?}");
}

#[test]
fn gains_make_the_degrees_heavy_tailed() {
    let spread_of = |config: &TissueConfig| {
        let tissue = tissue(config);
        let mut degrees = vec![0.0_f64; 800];
        tissue.complete.edges().pre.iter().for_each(|&pre| degrees[pre as usize] += 1.0);
        let mean = degrees.iter().sum::<f64>() / 800.0;
        (degrees.iter().map(|degree| (degree - mean).powi(2)).sum::<f64>() / 800.0).sqrt() / mean
    };
    let even = TissueConfig { out_spread: 0.0, ..small() };
    assert!(spread_of(&TissueConfig { out_spread: 0.8, ..small() }) > spread_of(&even) + 0.2);
}

#[test]
fn types_keep_their_proportions_and_depths() {
    let config = small();
    let tissue = tissue(&config);
    let total: f64 = config.types.iter().map(|one| one.share).sum();
    for (index, one) in config.types.iter().enumerate() {
        let n = tissue.factors.type_index.iter().filter(|&&other| other == index).count() as f64;
        assert!((n - one.share / total * 800.0).abs() < 1.0, "{}", one.name);
    }
    let neurons = tissue.complete.neurons();
    for (neuron, position) in neurons.position_um().unwrap().iter().enumerate() {
        let one = &config.types[tissue.factors.type_index[neuron]];
        assert!((one.depth_um[0]..one.depth_um[1]).contains(&position[1]));
        assert_eq!(neurons.cell_type().unwrap()[neuron], one.name);
    }
}

#[test]
fn proofread_axons_are_complete_and_the_others_are_not() {
    let tissue = tissue(&small());
    let traced = tissue.observed.observed().pre_observed.clone().unwrap();
    let (all, seen) = (pairs(&tissue.complete), pairs(&tissue.observed));
    assert!(seen.is_subset(&all));
    let of = |pairs: &HashSet<(u32, u32)>, wanted: bool| {
        pairs.iter().filter(|(pre, _)| traced[*pre as usize] == wanted).count() as f64
    };
    assert_eq!(of(&seen, true), of(&all, true));
    assert!(of(&seen, false) < 0.35 * of(&all, false));
    let counted: f32 = tissue.complete.edges().syn_count.iter().sum();
    assert_eq!(counted as usize, tissue.synapses.pre.len());
    let counted: f32 = tissue.observed.edges().syn_count.iter().sum();
    assert_eq!(counted as usize, tissue.synapses.seen.iter().filter(|seen| **seen).count());
}

#[test]
fn keys_outside_their_range_are_named() {
    let refused = |config: TissueConfig| simulate_tissue(&config, Seed(1), &Silent).unwrap_err().to_string();
    assert!(refused(TissueConfig { n_neurons: 1, ..small() }).contains("n-neurons"));
    assert!(refused(TissueConfig { proofread: 1.5, ..small() }).contains("proofread"));
    assert!(
        refused(TissueConfig { probability: vec![vec![0.1]], ..small() }).contains("row and column a type")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn no_edge_is_double_or_to_itself_and_the_seed_decides(seed in any::<u64>()) {
        let config = TissueConfig { n_neurons: 120, ..TissueConfig::default() };
        let one = simulate_tissue(&config, Seed(seed), &Silent).unwrap();
        let all = pairs(&one.complete);
        prop_assert_eq!(all.len(), one.complete.edges().len());
        prop_assert!(all.iter().all(|(pre, post)| pre != post));
        prop_assert_eq!(&one, &simulate_tissue(&config, Seed(seed), &Silent).unwrap());
    }
}
