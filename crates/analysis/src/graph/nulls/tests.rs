//! Each model keeps what it says, in every sample, and changes the rest.

use proptest::prelude::*;

use super::*;
use crate::graph::{Direction, UndirectedGraph, degrees, distance_profile, reciprocity, type_mixing};

const N: u32 = 24;

fn graphs() -> impl Strategy<Value = DirectedGraph> {
    // Mutual pairs are made on purpose.
    prop::collection::vec((0..N, 0..N, any::<bool>()), 20..160).prop_map(|edges| {
        let both =
            edges.into_iter().flat_map(|(a, b, mutual)| [(a, b), if mutual { (b, a) } else { (a, b) }]);
        DirectedGraph::from_edges(N as usize, &both.collect::<Vec<_>>()).unwrap()
    })
}

fn cell_types() -> Vec<String> {
    (0..N).map(|neuron| ["E", "PV", "SST"][(neuron as usize * neuron as usize) % 3].to_owned()).collect()
}

fn positions() -> Vec<[f64; 3]> {
    (0..N)
        .map(|neuron| match neuron {
            5 => [f64::NAN; 3],
            _ => [f64::from(neuron * 7 % 24) * 9.0, f64::from(neuron * 5 % 7) * 11.0, 0.0],
        })
        .collect()
}

fn sample(model: NullModel, graph: &DirectedGraph, seed: u64) -> DirectedGraph {
    let (types, places) = (cell_types(), positions());
    let config = NullConfig { cell_type: Some(&types), position_um: Some(&places), ..NullConfig::default() };
    NullSampler::new(model, graph, &config).unwrap().sample(Seed(seed)).unwrap()
}

/// Sending, receiving and mutual pairs of each neuron.
fn dyad_degrees(graph: &DirectedGraph) -> Vec<[usize; 3]> {
    let joined = UndirectedGraph::new(graph);
    let count =
        |neuron, wanted: u8| joined.dyads(neuron).iter().filter(|&&dyad| dyad as u8 == wanted).count();
    (0..N).map(|neuron| [1, 2, 3].map(|wanted| count(neuron, wanted))).collect()
}

fn both_degrees(graph: &DirectedGraph) -> [Vec<u32>; 2] {
    [degrees(graph, Direction::Out), degrees(graph, Direction::In)]
}

fn mutual_pairs(graph: &DirectedGraph) -> (u64, u64) {
    let found = reciprocity(graph);
    (found.n_mutual, found.n_asymmetric)
}

fn blocks(graph: &DirectedGraph) -> Vec<Vec<u64>> {
    type_mixing(graph, &cell_types()).unwrap().n_edges
}

fn edges_by_distance(graph: &DirectedGraph) -> Vec<u64> {
    distance_profile(graph, &positions(), 20.0).unwrap().n_edges
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_model_keeps_the_number_of_edges_or_drops_a_few(graph in graphs(), seed in any::<u64>()) {
        for model in NullModel::ALL {
            let n_edges = sample(model, &graph, seed).n_edges();
            match model {
                NullModel::Configuration => prop_assert!(n_edges <= graph.n_edges()),
                _ => prop_assert_eq!(n_edges, graph.n_edges()),
            }
        }
    }

    #[test]
    fn the_configuration_model_exceeds_no_degree(graph in graphs(), seed in any::<u64>()) {
        let (before, after) = (both_degrees(&graph), both_degrees(&sample(NullModel::Configuration, &graph, seed)));
        for (before, after) in before.concat().into_iter().zip(after.concat()) {
            prop_assert!(after <= before);
        }
    }

    #[test]
    fn swaps_keep_degrees(graph in graphs(), seed in any::<u64>()) {
        for model in [NullModel::DegreePreserving, NullModel::DyadPreserving, NullModel::DegreeCorrectedTypeBlocks] {
            prop_assert_eq!(both_degrees(&sample(model, &graph, seed)), both_degrees(&graph));
        }
    }

    #[test]
    fn dyad_swaps_keep_the_three_degrees(graph in graphs(), seed in any::<u64>()) {
        prop_assert_eq!(dyad_degrees(&sample(NullModel::DyadPreserving, &graph, seed)), dyad_degrees(&graph));
    }

    #[test]
    fn the_reciprocity_model_keeps_mutual_and_one_way_pairs(graph in graphs(), seed in any::<u64>()) {
        prop_assert_eq!(mutual_pairs(&sample(NullModel::ReciprocityAdjusted, &graph, seed)), mutual_pairs(&graph));
    }

    #[test]
    fn block_models_keep_the_edges_of_each_pair_of_types(graph in graphs(), seed in any::<u64>()) {
        for model in [NullModel::TypeBlocks, NullModel::DegreeCorrectedTypeBlocks, NullModel::DistanceAndType] {
            prop_assert_eq!(blocks(&sample(model, &graph, seed)), blocks(&graph));
        }
    }

    #[test]
    fn distance_models_keep_the_edges_of_each_bin(graph in graphs(), seed in any::<u64>()) {
        for model in [NullModel::Distance, NullModel::DistanceAndType] {
            prop_assert_eq!(edges_by_distance(&sample(model, &graph, seed)), edges_by_distance(&graph));
        }
    }
}

fn ring_of_mutual_pairs() -> DirectedGraph {
    let edges: Vec<(u32, u32)> = (0..N)
        .flat_map(|a| [1, 2, 5].map(|step| (a, (a + step) % N)))
        .chain((0..N).map(|a| ((a + 1) % N, a)))
        .collect();
    DirectedGraph::from_edges(N as usize, &edges).unwrap()
}

#[test]
fn every_model_moves_most_edges_and_repeats_itself() {
    let graph = ring_of_mutual_pairs();
    for model in NullModel::ALL {
        let random = sample(model, &graph, 3);
        let kept = graph.edges().filter(|&(pre, post)| random.has_edge(pre, post)).count();
        assert!(2 * kept < graph.n_edges(), "{}: {kept} of {}", model.name(), graph.n_edges());
        assert_eq!(random, sample(model, &graph, 3), "{}", model.name());
        assert_ne!(random, sample(model, &graph, 4), "{}", model.name());
    }
}

#[test]
fn uniform_models_visit_all_graphs_equally_often() {
    // Three neurons, two edges: 15 graphs, each with probability 1/15 under Erdos-Renyi.
    let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2)]).unwrap();
    let sampler = NullSampler::new(NullModel::ErdosRenyi, &graph, &NullConfig::default()).unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..3000 {
        *counts.entry(sampler.sample(Seed(seed)).unwrap().edges().collect::<Vec<_>>()).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 15);
    // 200 each, standard deviation 13.7: five of them.
    assert!(counts.values().all(|&count: &i32| (count - 200).abs() < 69), "{counts:?}");
}

#[test]
fn swaps_visit_all_graphs_equally_often() {
    // 0, 1 and 2 send to one neuron each, 1, 2 and 3 receive from one: without self edges these are the graphs
    // {0>1 1>2 2>3}, {0>3 1>2 2>1}, {0>2 1>3 2>1}. The second is one swap from both others, they two from each other.
    let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (2, 3)]).unwrap();
    let sampler = NullSampler::new(NullModel::DegreePreserving, &graph, &NullConfig::default()).unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..3000 {
        *counts.entry(sampler.sample(Seed(seed)).unwrap().edges().collect::<Vec<_>>()).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 3, "{counts:?}");
    // 1000 each, standard deviation 26: five of them.
    assert!(counts.values().all(|&count: &i32| (count - 1000).abs() < 130), "{counts:?}");
}

#[test]
fn what_a_model_needs_is_asked_for() {
    let graph = DirectedGraph::from_edges(3, &[(0, 1)]).unwrap();
    let config = NullConfig::default();
    assert!(matches!(
        NullSampler::new(NullModel::TypeBlocks, &graph, &config),
        Err(Error::Missing { what: "cell types", .. })
    ));
    assert!(matches!(
        NullSampler::new(NullModel::Distance, &graph, &config),
        Err(Error::Missing { what: "positions", .. })
    ));
}
