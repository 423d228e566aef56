use neuroloom_core::{CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::graph::DirectedGraph;
use crate::graph::nulls::NullModel;
use neuroloom_core::Circuit;

/// Neurons on a line, two types; near ones are joined with probability `near`, and back again with `back`.
fn circuit(n: usize, (near, back): (f64, f64), seed: u64) -> Circuit {
    let mut rng = Seed(seed).rng();
    let mut edges = EdgeList::default();
    let mut push = |pre: usize, post: usize| {
        edges.pre.push(pre as u32);
        edges.post.push(post as u32);
    };
    for one in 0..n {
        for other in one + 1..n {
            let there = rng.random_bool(near * (-(other as f64 - one as f64) / 6.0).exp());
            if there {
                push(one, other);
            }
            if there && rng.random_bool(back) {
                push(other, one);
            }
        }
    }
    let position = |neuron: usize| [10.0 * neuron as f64, 0.0, 0.0];
    let kind = |neuron: usize| if neuron.is_multiple_of(4) { "i" } else { "e" }.to_owned();
    let neurons = NeuronTable::new(NeuronId::numbered(n))
        .and_then(|table| table.with_position_um((0..n).map(position).collect()))
        .and_then(|table| table.with_cell_type((0..n).map(kind).collect()))
        .unwrap();
    Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default())
}

fn circuits(n: usize, rules: (f64, f64), seed: u64) -> Vec<Circuit> {
    (0..n).map(|place| circuit(60 + place % 5, rules, seed * 1000 + place as u64)).collect()
}

fn described(circuits: &[Circuit]) -> SetDescription {
    SetDescription::new(circuits).unwrap()
}

fn attribute(difference: &SetDifference, name: &str) -> f64 {
    difference.attributes.iter().find(|one| one.name == name).unwrap().value
}

#[test]
fn two_samples_of_one_kind_are_alike_and_a_random_graph_is_not() {
    let all = circuits(160, (0.7, 0.4), 1);
    let (one, other) = (described(&all[..80]), described(&all[80..]));
    let random = described(&null_circuits(&all[..80], NullModel::ErdosRenyi, Seed(5)).unwrap());
    let alike = difference(&one, &other, Seed(1)).unwrap();
    let apart = difference(&one, &random, Seed(1)).unwrap();
    assert!(alike.pgd < 0.3 && apart.pgd > 0.95, "{} {}", alike.pgd, apart.pgd);
    assert!(alike.pgd_directed < 0.3 && apart.pgd_directed > 0.95);
    assert!(alike.classifier_auroc < 0.7 && apart.classifier_auroc > 0.98);
    for (near, far) in alike.descriptors.iter().zip(&apart.descriptors) {
        // The kernel of the degrees is wide: what is told apart at all lies above the floor.
        assert!(near.rbf_mmd < 0.1, "{near:?}");
        if ["clustering", "orbit", "triads"].contains(&near.name) {
            // The kernel of the clustering is so narrow that hardly any two circuits are alike to it.
            let (near_mmd, far_mmd) =
                if near.name == "clustering" { (near.rbf_mmd, far.rbf_mmd) } else { (near.mmd, far.mmd) };
            assert!(far_mmd > 3.0 * near_mmd, "{near:?} {far:?}");
        }
    }
    assert!(attribute(&apart, "edge-length") > 5.0 * attribute(&alike, "edge-length"));
    assert!(attribute(&apart, "distance-profile") > 3.0 * attribute(&alike, "distance-profile"));
}

#[test]
fn halves_of_the_sets_say_how_far_the_discrepancy_may_be_chance() {
    let all = circuits(64, (0.7, 0.4), 7);
    let (one, other) = (described(&all[..32]), described(&all[32..]));
    let random = described(&null_circuits(&all[..32], NullModel::ErdosRenyi, Seed(5)).unwrap());
    let alike = pgd_interval((&one, &other), 4, Seed(1)).unwrap().unwrap();
    let apart = pgd_interval((&one, &random), 4, Seed(1)).unwrap().unwrap();
    assert_eq!((alike.n_subsamples, alike.n_circuits), (4, (16, 16)));
    assert!(alike.pgd.0 < 0.5 && apart.pgd.0 > 0.8, "{alike:?} {apart:?}");
    assert!(alike.pgd.1 > 0.0 || alike.pgd.0 == 0.0);
    // Halves of 15 circuits have 7: too few for the classifiers.
    let small = described(&all[..15]);
    assert!(pgd_interval((&small, &one), 4, Seed(1)).unwrap().is_none());
}

#[test]
fn only_directed_descriptors_see_a_change_of_direction() {
    // The same pairs; what changes is how many of them are mutual.
    let all = circuits(120, (0.6, 0.5), 3);
    let turn = |circuit: &Circuit| {
        let edges = circuit.connectome().edges();
        let pairs: std::collections::BTreeSet<(u32, u32)> =
            edges.pre.iter().zip(&edges.post).map(|(&pre, &post)| (pre.min(post), pre.max(post))).collect();
        let (pre, post) = pairs.into_iter().unzip();
        let edges = EdgeList { pre, post, ..EdgeList::default() };
        let connectome = Connectome::new(circuit.connectome().neurons().clone(), edges).unwrap();
        Circuit::new(connectome, CircuitOrigin::default())
    };
    let turned: Vec<Circuit> = all[60..].iter().map(turn).collect();
    let found = difference(&described(&all[..60]), &described(&turned), Seed(1)).unwrap();
    assert!(found.pgd < 0.45, "{}", found.pgd);
    assert!(found.pgd_directed > 0.95, "{}", found.pgd_directed);
}

#[test]
fn a_set_equals_itself() {
    let set = described(&circuits(20, (0.6, 0.2), 4));
    let found = difference(&set, &set, Seed(1)).unwrap();
    assert!(
        found
            .descriptors
            .iter()
            .all(|one| one.rbf_mmd.abs() < 1e-12 && (one.mmd.is_nan() || one.mmd.abs() < 1e-12))
    );
    assert!(found.metrics.iter().all(|one| one.ks == 0.0 && one.wasserstein == 0.0));
    assert!(found.attributes.iter().all(|one| one.value == 0.0));
}

#[test]
fn too_small_sets_are_refused_and_empty_circuits_counted() {
    let all = circuits(7, (0.6, 0.2), 4);
    let small = described(&all);
    assert!(matches!(difference(&small, &small, Seed(1)), Err(Error::TooFew { given: 7, .. })));
    let none = Connectome::new(NeuronTable::new(Vec::new()).unwrap(), EdgeList::default()).unwrap();
    let with_empty = [all, vec![Circuit::new(none, CircuitOrigin::default())]].concat();
    let found = described(&with_empty);
    assert_eq!((found.len(), found.n_empty()), (7, 1));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (one, other) = (circuits(12, (0.6, 0.2), 4), circuits(12, (0.5, 0.3), 5));
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let compare = || difference(&described(&one), &described(&other), Seed(2)).unwrap();
        format!("{:?}", pool.install(compare))
    };
    assert_eq!(with(1), with(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn orbits_are_those_of_an_exhaustive_search(n in 4..11_usize, density in 0.1..0.9_f64, seed in any::<u64>()) {
        let mut rng = Seed(seed).rng();
        let mut joined = vec![vec![false; n]; n];
        let mut edges = Vec::new();
        let pairs = (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other)));
        for (one, other) in pairs.filter(|_| rng.random_bool(density)) {
            (joined[one][other], joined[other][one]) = (true, true);
            edges.push((one as u32, other as u32));
        }
        let graph = DirectedGraph::from_edges(n, &edges).unwrap();
        prop_assert_eq!(orbit_counts(&graph), searched(&joined));
    }
}

/// Every set of two to four neurons; the place of each in the subgraph follows from the degrees inside.
fn searched(joined: &[Vec<bool>]) -> Vec<[f64; 15]> {
    let n = joined.len();
    let mut counts = vec![[0.0; 15]; n];
    for bits in 1_u32..1 << n {
        let members: Vec<usize> = (0..n).filter(|&one| bits >> one & 1 == 1).collect();
        if !(2..=4).contains(&members.len()) || !is_connected(&members, joined) {
            continue;
        }
        let degree = |one: usize| members.iter().filter(|&&other| joined[one][other]).count();
        let mut degrees: Vec<usize> = members.iter().map(|&one| degree(one)).collect();
        degrees.sort_unstable();
        for &one in &members {
            let orbit = match (degrees.as_slice(), degree(one)) {
                ([1, 1], _) => 0,
                ([1, 1, 2], own) => own,
                ([2, 2, 2], _) => 3,
                ([1, 1, 2, 2], own) => 3 + own,
                ([1, 1, 1, 3], own) => {
                    if own == 1 {
                        6
                    } else {
                        7
                    }
                }
                ([2, 2, 2, 2], _) => 8,
                ([1, 2, 2, 3], own) => 8 + own,
                ([2, 2, 3, 3], own) => 10 + own,
                _ => 14,
            };
            counts[one][orbit] += 1.0;
        }
    }
    counts
}

fn is_connected(members: &[usize], joined: &[Vec<bool>]) -> bool {
    let mut reached = vec![members[0]];
    let mut next = 0;
    while next < reached.len() {
        let from = reached[next];
        next += 1;
        let new: Vec<usize> =
            members.iter().copied().filter(|&one| joined[from][one] && !reached.contains(&one)).collect();
        reached.extend(new);
    }
    reached.len() == members.len()
}
