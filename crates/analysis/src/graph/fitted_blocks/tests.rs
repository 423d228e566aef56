//! A generator finds its own numbers again.

use neuroloom_core::{NeuronId, NeuronTable};

use super::*;
use crate::graph::{DirectedGraph, reciprocity};
use neuroloom_core::Synapses;

fn neurons(n: usize, seed: Seed) -> Connectome {
    let mut rng = seed.rng();
    let types = (0..n).map(|one| if one % 4 == 0 { "I" } else { "E" }.to_owned()).collect();
    let places = (0..n).map(|_| std::array::from_fn(|_| 60.0 * normal(&mut rng))).collect();
    let table = NeuronTable::new(NeuronId::numbered(n)).unwrap().with_cell_type(types).unwrap();
    Connectome::new(table.with_position_um(places).unwrap(), EdgeList::default()).unwrap()
}

fn planted() -> FittedBlocks {
    FittedBlocks {
        types: vec!["E".to_owned(), "I".to_owned()],
        rate: vec![0.5, 1.5, 2.0, 1.0],
        distance: (0..12).map(|bin| 0.25 * (-0.25 * f64::from(bin)).exp()).chain([0.05]).collect(),
        spread: Spread { out: 0.3, into: 0.15, covariance: 0.05, circuit: 0.04 },
        reciprocity: 2.0,
    }
}

fn drawn(model: &FittedBlocks, n_circuits: u64) -> Vec<Circuit> {
    (0..n_circuits)
        .map(|one| model.sample(&neurons(80, Seed(7).nth(one)), Seed(9).nth(one)).unwrap())
        .collect()
}

fn mean_of(circuits: &[Circuit], of: fn(&DirectedGraph) -> f64) -> f64 {
    let graph = |one: &Circuit| DirectedGraph::from_connectome(one.connectome(), Synapses::Binary).unwrap();
    circuits.iter().map(|one| of(&graph(one))).sum::<f64>() / circuits.len() as f64
}

#[test]
fn planted_rates_spreads_and_reciprocity_are_found() {
    let truth = planted();
    let circuits = drawn(&truth, 150);
    let found = FittedBlocks::fit(&circuits.iter().collect::<Vec<_>>()).unwrap();
    let ratio = |model: &FittedBlocks, place: usize| model.rate[place] / model.rate[0];
    for place in 1..4 {
        let (found, truth) = (ratio(&found, place), ratio(&truth, place));
        assert!((found / truth - 1.0).abs() < 0.08, "rate {place}: {found} {truth}");
    }
    let spreads = (found.spread, truth.spread);
    assert!((spreads.0.out - spreads.1.out).abs() < 0.06, "{spreads:?}");
    assert!((spreads.0.into - spreads.1.into).abs() < 0.05, "{spreads:?}");
    assert!((spreads.0.circuit - spreads.1.circuit).abs() < 0.03, "{spreads:?}");
    assert!((found.reciprocity / truth.reciprocity - 1.0).abs() < 0.12, "{}", found.reciprocity);
}

#[test]
fn what_it_draws_is_like_what_it_was_fitted_to() {
    let circuits = drawn(&planted(), 120);
    let found = FittedBlocks::fit(&circuits.iter().collect::<Vec<_>>()).unwrap();
    let again: Vec<Circuit> = circuits
        .iter()
        .enumerate()
        .map(|(one, like)| found.sample(like.connectome(), Seed(3).nth(one as u64)).unwrap())
        .collect();
    for (name, of) in [
        ("edges", (|graph| graph.n_edges() as f64) as fn(&DirectedGraph) -> f64),
        ("reciprocity", |graph| reciprocity(graph).reciprocity),
    ] {
        let (real, new) = (mean_of(&circuits, of), mean_of(&again, of));
        assert!((new / real - 1.0).abs() < 0.08, "{name}: {real} {new}");
    }
}

#[test]
fn edges_that_could_not_be_seen_are_not_drawn() {
    let mask = neuroloom_core::EdgeMask {
        pre_observed: Some((0..80).map(|one| one % 3 == 0).collect()),
        post_observed: None,
    };
    let like = neurons(80, Seed(1)).with_observed(mask);
    let circuit = planted().sample(&like, Seed(2)).unwrap();
    assert!(circuit.n_edges() > 0);
    assert!(circuit.connectome().edges().pre.iter().all(|pre| pre % 3 == 0));
    assert_eq!(circuit.connectome().observed(), like.observed());
}

#[test]
fn nothing_to_fit_is_said() {
    let empty = Circuit::new(neurons(5, Seed(1)), CircuitOrigin::default());
    assert!(matches!(FittedBlocks::fit(&[&empty]), Err(Error::TooFew { .. })));
}
